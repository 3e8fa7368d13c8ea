"""`baosong check`: reads and checks local files; no mail, no database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.common import (
    config_option,
    in_zone,
    json_option,
    notice_option,
    parse_moment,
    print_json,
    printable,
    settings_if_any,
)
from cli.errors import NeedsAttention
from cli.report import report_option, write_report
from domain.problems import Severity
from domain.submission import State, Submission

if TYPE_CHECKING:
    from domain.notice import Notice
    from domain.policy_lists import PolicyLists
    from ingest.checking import Checked

_STYLE = {Severity.ERROR: "red", Severity.REVIEW: "blue", Severity.WARNING: "yellow"}


@click.command(epilog="Example: baosong check 甲县.xlsx 扫描.pdf --received-at 2020-02-27T15:40+08:00")
@click.argument("sheet", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("cover", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@notice_option
@click.option(
    "--received-at",
    metavar="TIME",
    callback=parse_moment,
    help="Time of receipt (ISO 8601, in the notice's zone unless it says another; default now).",
)
@report_option
@json_option
@config_option
def check(
    sheet: Path,
    cover: Path | None,
    notice_id: str | None,
    received_at: datetime | None,
    report: Path | None,
    as_json: bool,
) -> None:
    """Read and check SHEET and COVER as if they had been mailed. Exit status 0 only if they would be accepted."""
    from ingest.app import build, system_clock
    from ingest.case_json import evidence_json, submission_json
    from ingest.checking import check_files

    files = [sheet, cover] if cover else [sheet]
    if report and report.exists() and any(report.samefile(file) for file in files):
        raise click.BadParameter(f"{report} is one of the files to be checked", param_hint="--report")
    with build(settings_if_any(notice_id), apart=True) as app:
        at = in_zone(received_at, app.settings.staff.zone) or system_clock()
        if not app.notices:
            raise NeedsAttention("notices.active is empty; say which with --notice (an id, or a file)")
        app.scratch.sweep()
        checked = check_files(app, files, at)
    case = checked.decision.submission
    document = submission_json(case, checked.notice, with_receipt=False)
    document |= {"from": None, "evidence": evidence_json(case)}
    if report:
        write_report(report, _page(checked, system_clock()))
    if as_json:
        print_json(document)
    else:
        _print(document, with_rows=checked.notice.sheet_required)
        if checked.notice.filing:
            _print_lists(checked.lists)
    if case.state is not State.ACCEPTED:
        raise NeedsAttention(f"would be {case.state}, not accepted", *_not_taken(case, checked.notice, sheet, cover))


def _not_taken(case: Submission, notice: Notice, sheet: Path, cover: Path | None) -> Iterator[str]:
    """Files that are not what they were named as: kinds are told by content, so exchanged ones are."""
    if not notice.sheet_required:
        if case.cover is None:
            yield f"{printable(sheet.name)} is no scan, as far as could be told"
        return
    if case.sheet is None:
        yield f"{printable(sheet.name)} is no workbook, as far as could be told"
    if cover and case.cover is None:
        yield f"{printable(cover.name)} is no scan, as far as could be told"


def _page(checked: Checked, now: datetime) -> str:
    from notifier.report import Evidence, Proof, render_report
    from storage.vouching import cells_sha256

    case = checked.decision.submission
    evidence = Evidence(pictures=checked.pictures, proof=Proof(cells_sha256=cells_sha256(case.findings)))
    return render_report(case, checked.notice, evidence, made_at=now, stored=False)


def _print_lists(lists: PolicyLists | None) -> None:
    """What the filings were checked against: without a register nothing is said to be filed."""
    register = lists.register if lists else None
    if register is None:
        click.echo("filing not checked (未核验): no register that was out then is at hand", err=True)
    else:
        click.echo(f"filing checked against register {register.version} of {register.date}", err=True)


def _print(document: dict[str, object], *, with_rows: bool) -> None:
    reporter = document["reporter"]
    name = reporter["name"] if isinstance(reporter, dict) else "unknown reporter"
    cover = document["cover"]
    pages = cover["pages"] if isinstance(cover, dict) else 0
    rows = "nil return" if document["nil_return"] else f"{document['row_count']} rows"
    content = rows if with_rows else f"{pages} pages"
    click.secho(f"{document['state']}: {name}, {content}", bold=True)
    if isinstance(cover, dict):
        compared = f"{cover['cells_matched']} of {cover['cells_compared']} values match"
        click.echo(f"cover: {compared if cover['cells_compared'] else 'not compared'}")
        for seal in cover["seals"]:
            click.echo(f"seal: {seal['text'] or '(not read)'}  confidence {seal['confidence']:.2f}")
    problems = document["problems"]
    for problem in problems if isinstance(problems, list) else []:
        place = " ".join(part for part in map(problem.get, ("file", "sheet", "cell", "field")) if part)
        click.secho(f"{problem['severity']:<8}{problem['code']}  {place}", fg=_STYLE[problem["severity"]])
        click.echo(f"        {problem['message']}{problem['advice']}")
        if "total" in problem:
            click.echo(f"        ({problem['total']} of these in all)")
