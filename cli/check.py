"""`baosong check`: reads and checks local files; no mail, no database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from cli.common import config_file, config_named, config_option, in_zone, json_option, parse_moment, print_json
from cli.errors import NeedsAttention
from config.settings import Settings, load_settings
from domain.problems import Severity
from domain.submission import State

_STYLE = {Severity.ERROR: "red", Severity.REVIEW: "blue", Severity.WARNING: "yellow"}


@click.command(epilog="Example: baosong check 濮阳县.xlsx 扫描.pdf --received-at 2020-02-27T15:40+08:00")
@click.argument("sheet", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("cover", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--notice", "notice_id", metavar="ID|FILE", help="Notice to check against (default: the active one).")
@click.option(
    "--received-at",
    metavar="TIME",
    callback=parse_moment,
    help="Time of receipt (ISO 8601, in the notice's zone unless it says another; default now).",
)
@json_option
@config_option
def check(sheet: Path, cover: Path | None, notice_id: str | None, received_at: datetime | None, as_json: bool) -> None:
    """Read and check SHEET and COVER as if they had been mailed. Exit status 0 only if they would be accepted."""
    from cli.present import submission_json
    from ingest.app import build, system_clock
    from ingest.checking import check_files

    with build(_settings(notice_id)) as app:
        files = [sheet, cover] if cover else [sheet]
        at = in_zone(received_at, app.notices[0].zone) or system_clock()
        checked = check_files(app, files, at)
    case = checked.decision.submission
    document = submission_json(case, checked.notice, with_receipt=False) | {"from": None}
    if as_json:
        print_json(document)
    else:
        _print(document)
    if case.state is not State.ACCEPTED:
        raise NeedsAttention(f"would be {case.state}, not accepted")


def _settings(notice_id: str | None) -> Settings:
    """The configuration if there is one; checking files needs none."""
    from config.logging import configure_logging

    configure_logging(json_lines=False)
    file = config_file()
    settings = load_settings(file if config_named() or file.exists() else None)
    if notice_id:
        settings = settings.model_copy(update={"notices": settings.notices.model_copy(update={"active": [notice_id]})})
    return settings


def _print(document: dict[str, object]) -> None:
    reporter = document["reporter"]
    name = reporter["name"] if isinstance(reporter, dict) else "unknown reporter"
    content = "nil return" if document["nil_return"] else f"{document['row_count']} rows"
    click.secho(f"{document['state']}: {name}, {content}", bold=True)
    cover = document["cover"]
    if isinstance(cover, dict):
        click.echo(f"cover: {cover['cells_matched']} of {cover['cells_compared']} values match")
        for seal in cover["seals"]:
            click.echo(f"seal: {seal['text'] or '(not read)'}  confidence {seal['confidence']}")
    problems = document["problems"]
    for problem in problems if isinstance(problems, list) else []:
        place = " ".join(part for part in (problem["file"], problem["cell"], problem["field"]) if part)
        click.secho(f"{problem['severity']:<8}{problem['code']}  {place}", fg=_STYLE[problem["severity"]])
        click.echo(f"        {problem['message']}{problem['advice']}")
        if "total" in problem:
            click.echo(f"        ({problem['total']} of these in all)")
