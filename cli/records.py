"""`baosong submissions` and `baosong show`: what stands in the records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.common import acting, config_option, in_zone, json_option, open_app, parse_moment, print_json
from cli.errors import NONE_YET, NeedsAttention
from cli.mails import show_mail
from cli.report import report_option, write_report
from cli.retention import erased_case, erased_line, tombstone_json
from domain import rounds
from domain.notice import Notice
from domain.problems import Severity
from domain.submission import State, Submission

if TYPE_CHECKING:
    from ingest.app import App
    from ingest.evidence import Kept

_STATES = [str(state) for state in State]
_COLOURS = {"accepted": "green", "rejected": "red", "incomplete": "yellow", "review": "blue", "superseded": "white"}
_NAME_LENGTH = 7


@click.command(epilog="Example: baosong submissions --state review --json")
@click.option("--state", type=click.Choice(_STATES))
@click.option("--reporter", metavar="CODE|NAME", help="Code or name of the reporter, e.g. JX or 甲县.")
@click.option(
    "--notice", "notice_id", metavar="ID", help="Id of an active notice; of a series all its rounds, or of one round."
)
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
    from ingest.case_json import submission_json
    from storage import submissions as records

    with open_app() as app:
        notices = notices_of(app, notice_id)
        code = code_of(notices, reporter) if reporter else None
        with app.database.read() as tx:
            found = records.list_(
                tx,
                state=State(state) if state else None,
                reporter=code,
                notice=[notice.id for notice in notices] if notice_id else None,
                since=in_zone(since, notices[0].zone if notice_id else app.settings.staff.zone),
            )
        if as_json:
            documents = [submission_json(case, app.notice(case.notice)) for case in found]
            print_json({"submissions": documents})
            return
        _print_list([(case, app.notice(case.notice)) for case in found])
        if not state and not since:
            _print_erased(app, code, [notice.id for notice in notices] if notice_id else None)


def notices_of(app: App, wanted: str | None) -> tuple[Notice, ...]:
    """The notices that are looked through: the one wanted, all rounds of the series wanted, or all active ones."""
    if wanted is None:
        return app.notices
    called = wanted.casefold()
    found = tuple(notice for notice in app.notices if called in (notice.id.casefold(), notice.series.casefold()))
    if not found:
        active = ", ".join(rounds.series_of(app.notices))
        raise click.BadParameter(f"no active notice has the id {wanted!r}; active: {active}", param_hint="--notice")
    return found


def notices_now(app: App, wanted: str | None) -> tuple[Notice, ...]:
    """The same where only what goes on counts: of a series the rounds that are going on, a round by its own id in any case."""
    found = notices_of(app, wanted)
    going_on = {notice.id for notice in app.current_notices}
    return tuple(notice for notice in found if notice.id in going_on) or found


def named_notice(app: App, wanted: str | None) -> Notice:
    """The notice or round of that id, of a series the round that opened last; of the first one for None."""
    found = notices_of(app, wanted)
    if not found:
        raise NeedsAttention(NONE_YET)
    return rounds.latest(rounds.of_series(found, found[0].series), app.clock())


def code_of(notices: Sequence[Notice], wanted: str, *, hint: str = "--reporter") -> str:
    """The code of the reporter that has this code, in any case, or this name."""
    reporters = [reporter for notice in notices for reporter in notice.reporters]
    for reporter in reporters:
        if wanted.strip().casefold() in map(str.casefold, (reporter.code, reporter.name, *reporter.names)):
            return reporter.code
    codes = ", ".join(dict.fromkeys(f"{reporter.code} {reporter.name}" for reporter in reporters))
    raise click.BadParameter(f"no reporter has the code or name {wanted!r}; there are: {codes}", param_hint=hint)


def _print_list(found: Sequence[tuple[Submission, Notice]]) -> None:
    """One line each, within 80 columns."""
    if not found:
        click.echo("no submissions", err=True)
        return
    width = max(len(case.receipt) for case, _ in found)
    click.echo(f"{'receipt':<{width}}  {'state':<10}  {'received':<11}  ver rows err late reporter")
    for case, notice in found:
        reporter = notice.reporter(case.reporter)
        errors = sum(1 for problem in case.problems if problem.severity is Severity.ERROR)
        rows = "nil" if case.nil_return else str(case.row_count)
        click.echo(
            f"{case.receipt:<{width}}  "
            + click.style(f"{case.state:<10}", fg=_COLOURS[case.state])
            + f"  {case.received_at.astimezone(notice.zone):%m-%d %H:%M}  {f'v{case.version}':<3} {rows:>4} {errors:>3} "
            + f"{'late' if case.late else '':<4} {_short(reporter.name) if reporter else '?'}"
        )


def _print_erased(app: App, reporter: str | None, among: Sequence[str] | None) -> None:
    """What stood here before and was erased by rule."""
    from storage.retention import tombstones

    with app.database.read() as tx:
        stones = [
            stone
            for stone in tombstones(tx)
            if stone.rule and stone.rule.notice and not stone.subject.startswith("mail:")
        ]
    for stone in stones:
        if stone.rule and reporter in (None, stone.rule.reporter) and (among is None or stone.rule.notice in among):
            click.echo(erased_line(stone))


def _short(name: str) -> str:
    """A name of at most 7 characters, which are 14 columns: as long as those of the counties and zones."""
    return name if len(name) <= _NAME_LENGTH else f"{name[: _NAME_LENGTH - 1]}…"


@click.command(epilog="Example: baosong show PY51-PYX-20200227-03")
@click.argument("receipt")
@report_option
@json_option
@config_option
def show(receipt: str, report: Path | None, as_json: bool) -> None:
    """Show one submission: facts, rows, problems, cover evidence, history.

    `mail:N` in place of the receipt shows a mail, such as one that is held: what went wrong, and where its file lies.
    """
    if receipt.startswith("mail:"):
        if report:
            raise click.BadParameter("a report is made of a submission: give its receipt", param_hint="--report")
        show_mail(receipt, as_json=as_json)
        return
    from ingest.case_json import evidence_json, history_json, rows_json, submission_json, tables_json
    from ingest.evidence import kept
    from storage import submissions as records

    with open_app() as app:
        with app.database.read() as tx:
            found = kept(tx, records.spelled(tx, receipt))
        if found is None and (stone := erased_case(app, receipt)):
            print_json(tombstone_json(stone)) if as_json else click.echo(erased_line(stone))
            return
        if found is None:
            raise NeedsAttention(f"no submission has the receipt {receipt}; `baosong submissions` lists them")
        case = found.case
        notice = app.notice(case.notice)
        document = submission_json(case, notice)
        document |= {"rows": rows_json(case), "history": history_json(found.history, notice)}
        if further := tables_json(case):
            document["tables"] = further
        marked = _quarantined(app, case)
        document |= {"evidence": evidence_json(case, app.blobs.locate, found.proof.record, quarantined=marked)}
        wrong = _report(app, found, report) if report else ()
        if report:
            _enter_access(app, case.receipt)
    if as_json:
        print_json(document)
    else:
        from cli.show_text import print_submission

        print_submission(case, found.history, notice, quarantined=marked)
    if wrong:
        raise NeedsAttention(*(f"{each}; `baosong audit verify` names all" for each in wrong))


def _enter_access(app: App, receipt: str) -> None:
    """A page that can be passed on is entered in the ledger. Evidence must be had from a database that takes no more, too."""
    from ingest import access
    from storage.errors import StorageError

    try:
        with app.database.begin() as tx:
            access.note(tx, "report", receipt, acting(), at=app.clock())
    except StorageError as error:
        click.echo(f"the ledger does not have that this report was made: {error}", err=True)


def _quarantined(app: App, case: Submission) -> dict[str, str]:
    """What the virus scanner found in its mails and files, by SHA-256."""
    from storage import quarantine

    with app.database.read() as tx:
        marked = quarantine.among(tx, [*case.mails, *(file.sha256 for file in case.files)])
    return {one.sha256: one.signature for one in marked}


def _report(app: App, found: Kept, path: Path) -> tuple[str, ...]:
    """Writes the page. → what is not as it was kept or entered."""
    from ingest.evidence import kept_evidence
    from notifier.report import Vouched, render_report

    case, evidence = found.case, kept_evidence(app, found)
    notice = app.notice(case.notice)
    write_report(path, render_report(case, notice, evidence, made_at=app.clock(), stored=True))
    lost = [f"blob:{name}: missing or altered" for name in case.pictures if name not in evidence.pictures]
    differs = [f"submission:{case.receipt}: {name} is not what the ledger has" for name in found.proof.differs]
    if found.proof.vouched is Vouched.NOTHING:
        differs = [f"submission:{case.receipt}: no ledger entry vouches for its last decision"]
    return (*lost, *differs)
