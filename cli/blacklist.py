"""`baosong blacklist`: operators whose apps no school may use, until a person lifts it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.common import acting, config_option, json_option, open_app, parse_day, print_json
from cli.errors import NeedsAttention

if TYPE_CHECKING:
    from domain.blacklist import Blacklisted
    from ingest.app import App


@click.group(
    epilog='Example: baosong blacklist add 某某科技有限公司 --since 2020-03-01 --reason "推送有害信息，查证属实"'
)
def blacklist() -> None:
    """The bureau's blacklist of operators (黑名单): two years at least, and until it is lifted."""


@blacklist.command(
    epilog='Example: baosong blacklist add 某某科技有限公司 --since 2020-03-01 --reason "推送有害信息，查证属实"'
)
@click.argument("operator")
@click.option("--since", metavar="D", callback=parse_day, help="Day of the listing (default: today).")
@click.option("--reason", required=True, help="Published with the list: name no person.")
@click.option(
    "--alias", "aliases", multiple=True, metavar="NAME", help="Another name of the operator; may be repeated."
)
@click.option("--app", "apps", multiple=True, metavar="NAME", help="An app that it is listed for; may be repeated.")
@config_option
def add(operator: str, since: date | None, reason: str, aliases: tuple[str, ...], apps: tuple[str, ...]) -> None:
    """Put OPERATOR on the list: all its apps. Standing returns are looked at at once; staff get a task for each hit."""
    from domain.blacklist import Blacklisted
    from ingest import blacklisting

    _filled(operator, "OPERATOR")
    _filled(reason, "--reason")
    with open_app(writes=True) as app:
        entry = Blacklisted(
            id=0, operator=operator.strip(), aliases=_names(aliases), apps=_names(apps),
            since=since or blacklisting.today(app), reason=reason.strip(),
        )  # fmt: skip
        added, hit = blacklisting.add(app, entry, by=acting())
        due = added.may_apply_from(blacklisting.rule_of(app).years)
    click.echo(f"{added.operator} is on the list since {added.since} (entry {added.id}); it may apply from {due} on")
    if hit:
        click.echo(f"standing submissions with a hit nobody was told of: {hit}; each has a task", err=True)


def _filled(text: str, hint: str) -> None:
    if not text.strip():
        raise click.BadParameter("is empty", param_hint=hint)


def _names(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in given if name.strip()))


@blacklist.command(epilog='Example: baosong blacklist lift 某某科技有限公司 --reason "整改合格，复核通过"')
@click.argument("operator")
@click.option("--reason", required=True, help="Kept in the ledger for ever: name no person.")
@click.option("--mistake", is_flag=True, help="It was listed wrongly: takes it off before its time.")
@config_option
def lift(operator: str, reason: str, mistake: bool) -> None:
    """Take OPERATOR off the list, by any of its names: after its years, and when it has mended."""
    from ingest import blacklisting

    _filled(reason, "--reason")
    with open_app(writes=True) as app:
        entry = blacklisting.lift(app, operator, reason=reason.strip(), by=acting(), mistake=mistake)
    click.echo(f"{entry.operator} is {'taken off as a mistake' if mistake else 'lifted'}; listed since {entry.since}")


@blacklist.command(name="list", epilog="Example: baosong blacklist list --publish 黑名单.html")
@click.option("--all", "everything", is_flag=True, help="Also those that were lifted.")
@click.option(
    "--publish", "out", metavar="FILE.html|.xlsx", type=click.Path(dir_okay=False, path_type=Path),
    help="Write the page for the bureau's site (article 7).",
)  # fmt: skip
@json_option
@config_option
def list_(everything: bool, out: Path | None, as_json: bool) -> None:
    """List operators with how they stand: 在册, 可申请解除 (its years are over), 已解除, 已撤销 (with --all)."""
    from ingest.blacklisting import rule_of, today
    from storage import blacklist as records

    if out is not None and out.suffix.lower() not in (".html", ".xlsx"):
        raise click.BadParameter("give a name that ends in .html or .xlsx", param_hint="--publish")
    with open_app() as app:
        day, years = today(app), rule_of(app).years
        with app.database.read() as tx:
            entries = [each for each in records.all_(tx) if everything or each.lift is None]
        if out is not None:
            _publish(app, out)
    if as_json:
        print_json({"blacklist": [_json(each, day, years) for each in entries]})
        return
    for each in entries:
        click.echo(f"{each.since}  {each.standing(day, years)}  {each.operator}")
        for label, text in (("also", "、".join(each.aliases)), ("apps", "、".join(each.apps)), ("for", each.reason)):
            if text:
                click.echo(f"            {label}: {text}")
        if each.lift:
            click.echo(f"            ended {each.lift.on}: {each.lift.reason}")
    if not entries:
        click.echo("nobody is on the list", err=True)


def _json(entry: Blacklisted, day: date, years: int) -> dict[str, object]:
    return {
        "id": entry.id,
        "operator": entry.operator,
        "aliases": list(entry.aliases),
        "apps": list(entry.apps),
        "since": entry.since.isoformat(),
        "reason": entry.reason,
        "state": str(entry.standing(day, years)),
        "may_apply_from": entry.may_apply_from(years).isoformat(),
        "lifted_on": entry.lift.on.isoformat() if entry.lift else None,
        "lift_reason": entry.lift.reason if entry.lift else None,
    }


def _publish(app: App, out: Path) -> None:
    from ingest.blacklisting import published_file

    count, data = published_file(app, out.suffix.lower().removeprefix("."))
    try:
        out.write_bytes(data)
    except OSError as error:
        raise NeedsAttention(f"{out} cannot be written: {error.strerror}") from error
    click.echo(f"wrote {out}: {count} operators; read it before it is published", err=True)
