"""`baosong retention`: what has been kept long enough, holds for audits, and erasure by a person's word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import click

from cli.common import acting, config_option, in_zone, json_option, open_app, parse_moment, print_json
from cli.errors import NeedsAttention

if TYPE_CHECKING:
    from ingest.app import App
    from storage.retention import Tombstone


@click.group(epilog="Example: baosong retention due")
def retention() -> None:
    """What is kept how long, holds for audits, erasure by rule."""


@retention.command(
    name="list", short_help="Periods, holds, and what was erased.", epilog="Example: baosong retention list"
)
@json_option
@config_option
def list_(as_json: bool) -> None:
    """Show how long each notice's records are kept, what is on hold, and what was erased by rule."""
    from ingest.retention import years_of
    from storage import retention as records

    with open_app() as app:
        with app.database.read() as tx:
            held, stones = records.holds(tx), records.tombstones(tx)
        periods = {notice.series: years_of(app, notice.id) for notice in app.notices}
        owner = app.settings.retention.owner
    cases = [stone for stone in stones if not stone.subject.startswith("mail:")]
    if as_json:
        holds = [
            {"object": each.subject, "since": each.at.isoformat(), "by": each.by, "reason": each.reason}
            for each in held.values()
        ]
        print_json({"owner": owner, "years": periods, "holds": holds, "erased": [tombstone_json(s) for s in stones]})
        return
    click.echo(f"owner: {owner or '(nobody; nothing can be erased: set [retention] owner)'}")
    for notice, years in periods.items():
        click.echo(f"{notice}: kept for {years} year{'s' if years > 1 else ''}")
    for each in held.values():
        click.echo(f"on hold: {each.subject}  since {each.at:%Y-%m-%d} by {each.by}\n         {each.reason}")
    for stone in cases:
        click.echo(f"erased: {erased_line(stone)}")
    click.echo(f"erased by rule so far: {len(cases)} submissions, {len(stones) - len(cases)} mails")


@retention.command(short_help="What has been kept long enough.", epilog="Example: baosong retention due --json")
@json_option
@config_option
def due(as_json: bool) -> None:
    """List what may be erased now, and what waits though its time is over. Nothing is changed."""
    from ingest.retention import due as find

    with open_app() as app:
        found, zone = find(app), app.settings.staff.zone
    if as_json:
        print_json({"due": [{"object": e.name, "due": e.due.isoformat(), "waits": e.waits} for e in found]})
        return
    for each in found:
        click.echo(
            f"{each.due.astimezone(zone):%Y-%m-%d}  {each.name}"
            + (f"\n            waits: {each.waits}" if each.waits else "")
        )
    ready = sum(not each.waits for each in found)
    click.echo(f"may be erased: {ready}; waits: {len(found) - ready}", err=True)


@retention.command(
    short_help="Keep beyond the time.",
    epilog='Example: baosong retention hold PY51-FX-20200227-01 --reason "audit 2031"',
)
@click.argument("subject", metavar="RECEIPT|NOTICE|mail:N")
@click.option("--reason", required=True, help="Kept in the ledger for ever: name no person.")
@config_option
def hold(subject: str, reason: str) -> None:
    """Keep a submission, all of a notice, or a mail, until it is released."""
    from ingest import retention as work

    _change(subject, reason, work.hold, "on hold", "is on hold already")


@retention.command(
    short_help="End a hold.", epilog='Example: baosong retention release PY51-FX-20200227-01 --reason "audit closed"'
)
@click.argument("subject", metavar="RECEIPT|NOTICE|mail:N")
@click.option("--reason", required=True, help="Kept in the ledger for ever: name no person.")
@config_option
def release(subject: str, reason: str) -> None:
    """End a hold: the time that was set counts again."""
    from ingest import retention as work

    _change(subject, reason, work.release, "released", "is not on hold")


def _change(subject: str, reason: str, change: Callable[..., bool], done: str, not_done: str) -> None:
    from ingest.retention import subject_of

    if not reason.strip():
        raise click.BadParameter("say why: the auditor will read it", param_hint="--reason")
    with open_app(writes=True) as app:
        try:
            named = subject_of(app, subject)
        except LookupError as error:
            raise NeedsAttention(str(error)) from error
        if not change(app, named, by=acting(), reason=reason.strip()):
            raise NeedsAttention(f"{subject} {not_done}")
    click.echo(f"{subject}: {done}")


@retention.command(short_help="Erase what is due.", epilog="Example: baosong retention erase --yes")
@click.option("--before", metavar="TIME", callback=parse_moment, help="Only what was due before then (default: now).")
@click.option("--yes", is_flag=True, help="Do it. Without this it is only said what would be erased.")
@config_option
def erase(before: datetime | None, yes: bool) -> None:
    """Erase what has been kept long enough: records, mails and files. A tombstone of each stays in the ledger.

    Stop the worker first. It cannot be undone; back-ups from before still hold what was erased.
    """
    from ingest import retention as work

    with open_app(writes=True) as app:
        until = in_zone(before, app.settings.staff.zone)
        ready = [each for each in work.due(app, until) if not each.waits]
        if ready and not yes:
            raise NeedsAttention(
                f"{len(ready)} would be erased, from {ready[0].name} to {ready[-1].name} (`baosong retention due` lists "
                "them); nothing was done: say --yes"
            )
        done = work.erase(app, before=until, by=acting())
    click.echo(f"erased by rule: {done.cases} submissions, {done.mails} mails, {done.files} files")


def tombstone_json(stone: Tombstone) -> dict[str, object]:
    """What stays of something erased."""
    rule = stone.rule
    return {
        "object": stone.subject,
        "fate": "erased_by_rule",
        "at": stone.at.isoformat(),
        "years": rule.years if rule else None,
        "kept_since": rule.since.isoformat() if rule else None,
        "owner": rule.owner if rule else None,
        "by": rule.by if rule else None,
        "notice": rule.notice if rule else None,
        "reporter": rule.reporter if rule else None,
        "ledger": stone.number,
        "files": sorted(stone.files),
    }


def erased_line(stone: Tombstone) -> str:
    """`PY51-…  已按规定销毁 2031-03-01（保管10年，负责：…）`"""
    rule = f"（保管{stone.rule.years}年，负责：{stone.rule.owner}）" if stone.rule else ""
    return f"{stone.subject}  已按规定销毁 {stone.at:%Y-%m-%d}{rule}"


def erased_case(app: App, receipt: str) -> Tombstone | None:
    """The tombstone of a submission, however its receipt was typed."""
    from storage import retention as records

    with app.database.read() as tx:
        return records.tombstone(tx, records.spelled(tx, receipt))
