"""`baosong register`: the ministry's list of filed apps, in the versions that were imported."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.common import acting, config_option, json_option, open_app, parse_day, print_json
from cli.errors import NeedsAttention

if TYPE_CHECKING:
    from ingest.importing import Imported
    from storage.registers import Version

_TOLD = 10
"""Most rows that are named."""


@click.group(epilog="Example: baosong register import 备案名单.xlsx --date 2020-02-20")
def register() -> None:
    """The ministry's list of filed apps (备案名单). Without one no filing is checked (未核验)."""


@register.command(name="import", epilog="Example: baosong register import 备案名单.xlsx --date 2020-02-20")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--date", "dated", metavar="D", callback=parse_day, help="Day of the list itself (default: today).")
@json_option
@config_option
def import_(file: Path, dated: date | None, as_json: bool) -> None:
    """Import FILE (xlsx, xls, ods or csv in UTF-8 or GB18030) as one more version of the list. Its columns are found by
    their names (备案号, APP名称, 主办者 and the like), in any order, on any row. The file itself is kept in the archive.

    A return is checked against the newest list that was out on the day it was received.
    """
    from ingest.blacklisting import today
    from ingest.importing import import_register

    with open_app(writes=True) as app:
        day = dated or today(app)
        if day > today(app):
            raise click.BadParameter("lies in the future", param_hint="--date")
        done = import_register(app, file, dated=day, by=acting())
    if as_json:
        print_json(_imported_json(done))
    else:
        _tell(done)


def _imported_json(done: Imported) -> dict[str, object]:
    return {
        **version_json(done.version),
        "new": done.same_as is None,
        "repeated": done.read.repeated,
        "left_out": [{"sheet": one.sheet, "row": one.row, "why": one.why} for one in done.read.unread],
    }


def version_json(version: Version) -> dict[str, object]:
    """One version as JSON has it."""
    return {
        "version": version.version,
        "date": version.dated.isoformat(),
        "entries": version.count,
        "sha256": version.sha256,
        "imported_at": version.imported_at.isoformat(),
        "imported_by": version.imported_by,
    }


def _tell(done: Imported) -> None:
    version = done.version
    if done.same_as:
        click.echo(f"this file is version {version.version} of {version.dated} already; nothing was done")
        return
    click.echo(f"version {version.version} of {version.dated}: {version.count} filed apps")
    if done.read.repeated:
        click.echo(f"rows that say again what an earlier one says: {done.read.repeated}, left out", err=True)
    for one in done.read.unread[:_TOLD]:
        click.echo(f"left out: sheet {one.sheet}, row {one.row}: {one.why}", err=True)
    if len(done.read.unread) > _TOLD:
        click.echo(f"left out: {len(done.read.unread) - _TOLD} more rows", err=True)
    if done.newer:
        click.echo(f"version {done.newer.version} of {done.newer.dated} is newer and stays in force", err=True)


@register.command(epilog="Example: baosong register search 智学网")
@click.argument("text")
@json_option
@config_option
def search(text: str, as_json: bool) -> None:
    """Look for TEXT, a number or part of a name, in the list that is in force today; also for names that are alike."""
    from ingest.blacklisting import today

    with open_app() as app, app.database.read() as tx:
        lists = app.lists.on(tx, today(app))
    if lists.register is None:
        raise NeedsAttention("no register was imported: `baosong register import FILE`")
    found = lists.register.search(text)
    if as_json:
        about = {"version": lists.register.version, "date": lists.register.date.isoformat()}
        hits = [
            {"number": one.entry.number, "app": one.entry.app, "operator": one.entry.operator, "why": one.why}
            for one in found
        ]
        print_json({**about, "hits": hits})
        return
    for one in found:
        click.echo(f"{one.entry.number}  {one.entry.app}\n    {one.entry.operator}  ({one.why})")
    click.echo(f"{len(found)} found in version {lists.register.version} of {lists.register.date}", err=True)


@register.command(name="list", epilog="Example: baosong register list")
@json_option
@config_option
def list_(as_json: bool) -> None:
    """List the versions that were imported; the one that is in force today is marked."""
    from ingest.blacklisting import today
    from storage import registers

    with open_app() as app:
        zone = app.settings.staff.zone
        with app.database.read() as tx:
            versions, now = registers.versions(tx), registers.in_force(tx, today(app))
    if as_json:
        print_json({"versions": [version_json(one) | {"in_force": one == now} for one in versions]})
        return
    for one in versions:
        mark = "in force" if one == now else ""
        click.echo(
            f"{one.version:>4}  {one.dated}  {one.count:>6} apps  {mark:<8}  "
            f"imported {one.imported_at.astimezone(zone):%Y-%m-%d} by {one.imported_by}".rstrip()
        )
    if not versions:
        click.echo("no register was imported; no filing is checked (未核验)", err=True)
