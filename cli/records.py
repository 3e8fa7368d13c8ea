"""`baosong submissions` and `baosong show`: what stands in the records."""

from __future__ import annotations

from datetime import datetime

import click

from cli.common import config_option, in_zone, json_option, open_app, parse_moment, print_json, staff_zone
from cli.errors import NeedsAttention
from domain.problems import Severity
from domain.submission import State, Submission

_STATES = [str(state) for state in State]
_COLOURS = {"accepted": "green", "rejected": "red", "incomplete": "yellow", "review": "blue", "superseded": "white"}


@click.command(epilog="Example: baosong submissions --state review --json")
@click.option("--state", type=click.Choice(_STATES))
@click.option("--reporter", metavar="CODE", help="Code of the reporter, e.g. PYX.")
@click.option("--notice", "notice_id", metavar="ID")
@click.option(
    "--since",
    metavar="TIME",
    callback=parse_moment,
    help="Received at or after (ISO 8601; in the zone of the staff unless it says another).",
)
@json_option
@config_option
def submissions(
    state: str | None, reporter: str | None, notice_id: str | None, since: datetime | None, as_json: bool
) -> None:
    """List submissions, newest first."""
    from cli.present import submission_json
    from storage import submissions as records

    with open_app() as app:
        with app.database.read() as tx:
            at = in_zone(since, staff_zone(app.settings))
            found = records.list_(
                tx, state=State(state) if state else None, reporter=reporter, notice=notice_id, since=at
            )
        if as_json:
            documents = [submission_json(case, app.notice(case.notice)) for case in found]
            print_json({"submissions": documents})
            return
        for case in found:
            zone = app.notice(case.notice).zone
            errors = sum(1 for problem in case.problems if problem.severity is Severity.ERROR)
            click.echo(
                f"{case.receipt:<26} "
                + click.style(f"{case.state:<11}", fg=_COLOURS[case.state])
                + f"{case.received_at.astimezone(zone):%Y-%m-%d %H:%M}  v{case.version}  rows {case.row_count:<4}"
                + f" errors {errors}{'  late' if case.late else ''}"
            )
    if not found:
        click.echo("no submissions", err=True)


@click.command(epilog="Example: baosong show PY51-PYX-20200227-03")
@click.argument("receipt")
@json_option
@config_option
def show(receipt: str, as_json: bool) -> None:
    """Show one submission: facts, rows, problems, cover evidence, history."""
    from cli.present import history_json, rows_json, submission_json
    from storage import submissions as records

    with open_app() as app:
        with app.database.read() as tx:
            case = records.load(tx, receipt)
            history = records.history(tx, receipt) if case else ()
        if case is None:
            raise NeedsAttention(f"no submission has the receipt {receipt}; `baosong submissions` lists them")
        notice = app.notice(case.notice)
        document = submission_json(case, notice)
        document |= {"rows": rows_json(case), "history": history_json(history, notice)}
    if as_json:
        print_json(document)
    else:
        _print(case, document)


def _print(case: Submission, document: dict[str, object]) -> None:
    from rich.console import Console
    from rich.table import Table

    out = Console(highlight=False)
    out.print(f"[bold]{case.receipt}[/]  {case.state}  v{case.version}  {document['received_at']}")
    reporter = document["reporter"]
    name = reporter["name"] if isinstance(reporter, dict) else "unknown reporter"
    out.print(f"{name}  rows {case.row_count}{'  late' if case.late else ''}", markup=False)
    for file in case.files:
        out.print(f"  {file.kind:<6} {file.name}  {file.size} bytes", markup=False)
        out.print(f"         {file.sha256}", markup=False)
    cover = document["cover"]
    if isinstance(cover, dict):
        out.print(f"  cover  {cover['cells_matched']} of {cover['cells_compared']} values match", markup=False)
        for seal in cover["seals"]:
            size = f"{seal['diameter_mm']} mm" if seal["diameter_mm"] else "no scale"
            out.print(f"  seal   {seal['text']}  {size}  confidence {seal['confidence']}", markup=False)
    if case.problems:
        table = Table("problem", "cell", box=None, pad_edge=False)
        table.add_column("message", overflow="fold")
        for problem in case.problems:
            table.add_row(
                f"{problem.severity}\n{problem.code}", problem.cell or "", f"{problem.message}{problem.advice}"
            )
        out.print(table)
    for entry in document["history"] if isinstance(document["history"], list) else []:
        out.print(f"  {entry['at']}  {entry['state']} by {entry['by']} {entry['reason']}", markup=False)
