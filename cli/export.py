"""`baosong export`: the merged workbook of a notice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.common import acting, config_option, json_option, open_app, print_json
from cli.files import replace_file, writable
from cli.records import named_notice, notices_of
from domain import rounds
from domain.masking import Viewer

if TYPE_CHECKING:
    from domain.notice import Notice
    from ingest.app import App


@click.command(epilog="Example: baosong export 汇总表.xlsx --for leadership")
@click.argument(
    "file",
    metavar="FILE.xlsx",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=writable(".xlsx", kind="the table is a workbook"),
)
@click.option(
    "--notice",
    "notice_id",
    metavar="ID",
    help="Id of an active notice, series (its last round) or round; needed where several are active.",
)
@click.option(
    "--for",
    "viewer",
    type=click.Choice([str(viewer) for viewer in Viewer]),
    default=str(Viewer.OPERATOR),
    help="Who shall read it: auditors and leadership see phone numbers without their middle (default: operator).",
)
@json_option
@config_option
def export(file: Path, notice_id: str | None, viewer: str, as_json: bool) -> None:
    """Write the merged table of all accepted rows: with sheets of status, problems, breaches, counts and sources.

    Each row tells its receipt, file, sheet and line, and where it stands on the stamped scan. The file holds names and
    phone numbers and is readable for you alone; that it was made goes into the ledger.
    """
    from ingest import export as merged

    with open_app(writes=True) as app:
        made = merged.export(app, _notice(app, notice_id), Viewer(viewer))
        with app.database.begin() as tx:
            merged.enter(app, tx, made, by=acting())
    replaced = replace_file(file, made.data)
    told = {"file": str(file), "notice": made.notice, "for": viewer, "rows": made.rows, "sha256": made.sha256}
    if as_json:
        print_json(told | {"reporters": made.reporters, "accepted": made.accepted})
        return
    click.echo(
        f"{file}: {made.rows} rows of {made.accepted} of {made.reporters} reporters"
        + (" (the file that was there is replaced)" if replaced else "")
    )
    click.echo(f"sha256 {made.sha256}; noted in the ledger")


def _notice(app: App, wanted: str | None) -> Notice:
    series = rounds.series_of(notices_of(app, wanted))
    if len(series) > 1:
        raise click.BadParameter(f"several notices are active: {', '.join(series)}; name one", param_hint="--notice")
    return named_notice(app, wanted)
