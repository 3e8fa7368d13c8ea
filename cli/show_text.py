"""A submission as `baosong show` prints it, for 80 columns: everything that was decided, and on what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from domain.authentication import Authentication, OwnCheck
from domain.authorship import Authorship, SenderFinding, authorship
from domain.cover import Cover, Seal
from domain.notice import Notice
from domain.problems import Problem
from domain.sheet import Row, Sheet
from domain.submission import HistoryEntry, Submission
from domain.versions import Difference

_WIDE = 16


def print_submission(
    case: Submission, history: tuple[HistoryEntry, ...], notice: Notice, *, quarantined: Mapping[str, str]
) -> None:
    """To stdout. Values are unmasked: local access is the operator's. `quarantined`: SHA-256 → what was found in it."""
    out = Console(highlight=False)
    for line in (*_facts(case, notice), *_files(case), *_quarantine(case, quarantined), *_cover(case)):
        out.print(line)
    for title, lines in (
        ("who wrote it", list(_authorship(authorship(case)))),
        (_difference_title(case.difference), list(_difference(case.difference))),
        ("problems", [_problem(problem) for problem in case.problems]),
        ("rows", list(_rows(case, notice))),
        ("history", [_decision(entry, notice) for entry in history]),
    ):
        if lines:
            out.print(Text(f"\n{title}", "bold"))
            for each in lines:
                out.print(each)


def _facts(case: Submission, notice: Notice) -> Iterator[Text]:
    yield Text.assemble((case.receipt, "bold"), f"  {case.state}  v{case.version}")
    reporter = notice.reporter(case.reporter)
    name = f"{reporter.name} ({reporter.code})" if reporter else "unknown reporter"
    content = "nil return" if case.nil_return else f"{case.row_count} rows" if notice.sheet_required else "a scan alone"
    yield Text(f"{name}  notice {case.notice}  {content}{'  late' if case.late else ''}")
    yield Text(f"received {_time(case.received_at, notice)} ({notice.zone.key})  from {case.sender or 'nobody'}")
    if case.grace_ends and case.state == "incomplete":
        yield Text(f"the missing part is waited for until {_time(case.grace_ends, notice)}")
    if case.superseded_by:
        yield Text(f"superseded by {case.superseded_by}")


def _files(case: Submission) -> Iterator[Text]:
    for file in case.files:
        yield Text(f"  {file.kind:<6} {file.name}  {file.size} bytes\n         {file.sha256}")


def _quarantine(case: Submission, quarantined: Mapping[str, str]) -> Iterator[Text]:
    names = {file.sha256: file.name for file in case.files} | dict.fromkeys(case.mails, "the mail")
    for sha256, signature in quarantined.items():
        yield Text(f"  virus  {signature} in {names[sha256]}, which is in quarantine\n         {sha256}", "red")


def _cover(case: Submission) -> Iterator[Text]:
    reading = case.cover.reading if case.cover else None
    if not isinstance(reading, Cover):
        return
    if case.findings:
        yield Text(f"  cover  {case.findings.matched} of {case.findings.compared} values match")
    for seal in reading.seals:
        yield Text(f"  seal   {seal_text(seal)}")


def seal_text(seal: Seal) -> str:
    """What was read of a seal, or that nothing was."""
    size = f"{seal.diameter_mm:.1f} mm" if seal.diameter_mm else "no scale"
    return f"{seal.text + seal.bottom or '(not read)'}  {size}  confidence {seal.confidence:.2f}  page {seal.page}"


def _problem(problem: Problem) -> RenderableType:
    place = " ".join(part for part in (problem.file, problem.sheet, problem.cell, problem.field) if part)
    total = f"\n({problem.total} of these in all)" if problem.total else ""
    return _hanging(
        str(problem.severity), f"{problem.code}  {place}".rstrip() + f"\n{problem.message}{problem.advice}{total}"
    )


_KNOWN = {
    True: "known for the reporter",
    False: "not known for the reporter",
    None: "whether it was known is not recorded",
}
_OWN = {
    OwnCheck.OFF: "",
    OwnCheck.NONE: "no DKIM signature of From's domain",
    OwnCheck.PASS: "DKIM signature of {domain} holds (own check)",
    OwnCheck.FAIL: "DKIM signature of {domain} does not hold (own check)",
    OwnCheck.NOT_CHECKED: "DKIM signature of {domain} could not be checked",
}


def _authorship(found: Authorship) -> Iterator[RenderableType]:
    """The four findings, each by itself."""
    yield _hanging("sender", "\n".join(_sender(found.sender)), width=_WIDE)
    yield _hanging("authentication", "\n".join(_authentication(found.authentication)), width=_WIDE)
    seals = ", ".join(text or "(not read)" for text in found.seals)
    yield _hanging("seal", str(found.seal).replace("_", " ") + (f": {seals}" if seals else ""), width=_WIDE)
    counts = f": {found.matched} of {found.compared} values match" if found.compared else ""
    yield _hanging("content", str(found.content).replace("_", " ") + counts, width=_WIDE)


def _sender(found: SenderFinding) -> Iterator[str]:
    yield f"{found.address or 'nobody'}  {_KNOWN[found.known]}"
    if found.name:
        yield f"calls itself {found.name}"
    if found.poses_as:
        yield f"WARNING: the name holds another address: {found.poses_as}"
    if found.reads_as:
        yield f"reads as {found.reads_as}"
    if found.strange:
        yield "WARNING: letters that may be taken for others: " + ", ".join(found.strange)


def _authentication(found: Authentication) -> Iterator[str]:
    verdict = "failed" if found.failed else "proven" if found.proven else "not proven"
    results = ", ".join(
        f"{each.method} {each.result}{f' ({each.domain})' * bool(each.domain)}" for each in found.verdicts
    )
    yield f"{verdict}; {results} by {found.receiver}" if results else f"{verdict}; no results of a trusted receiver"
    if not found.sole_author:
        yield "WARNING: From names several authors"
    if _OWN[found.own]:
        yield _OWN[found.own].format(domain=found.own_domain)


def _difference_title(found: Difference | None) -> str:
    if found is None:
        return ""
    counts = f"{len(found.added)} added, {len(found.removed)} removed, {len(found.changed)} changed"
    return f"difference from {found.receipt} (v{found.version}): {'none' if found.is_none else counts}"


def _difference(found: Difference | None) -> Iterator[RenderableType]:
    """Every row, unlike in a letter."""
    if found is None:
        return
    if found.nil_before != found.nil_after or found.is_none:
        yield _hanging("", "same rows" if found.is_none else f"nil return {'now' if found.nil_after else 'before'}")
    for row in found.removed:
        yield _hanging(f"-{row.number}", " | ".join(row.names))
    for change in found.changed:
        cells = [
            f"{cell.after_cell} {cell.field}: {cell.before or '-'} -> {cell.after or '-'}" for cell in change.cells
        ]
        was = f"  (row {change.before} before)" if change.before != change.row.number else ""
        yield _hanging(f"~{change.row.number}", "\n".join([" | ".join(change.row.names) + was, *cells]))
    for row in found.added:
        yield _hanging(f"+{row.number}", " | ".join(row.names))


def _rows(case: Submission, notice: Notice) -> Iterator[RenderableType]:
    reading = case.sheet.reading if case.sheet else None
    if not isinstance(reading, Sheet) or not reading.rows:
        return
    columns = notice.form.columns
    yield _hanging("row", " | ".join(column.name for column in columns))
    for row in reading.rows:
        hidden = "hidden: " if row.hidden else ""
        number = f"{row.sheet} {row.number}".strip()
        yield _hanging(number, hidden + " | ".join(_cell(row, column.key) for column in columns))


def _cell(row: Row, key: str) -> str:
    return " ".join(row.text(key).split()) or "-"


def _decision(entry: HistoryEntry, notice: Notice) -> RenderableType:
    lines = [f"{entry.state} by {entry.by}" + (f"  (ledger {entry.ledger_number})" if entry.ledger_number else "")]
    lines += [line for line in (entry.reason, " ".join(entry.codes)) if line]
    return _hanging(_time(entry.at, notice), "\n".join(lines), width=19)


def _hanging(head: str, text: str, *, width: int = 9) -> Table:
    """`head`, and beside it the text, folded under itself."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=width, no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(head if width == 19 else f"  {head}"), Text(text))
    return grid


def _time(at: datetime, notice: Notice) -> str:
    return f"{at.astimezone(notice.zone):%Y-%m-%d %H:%M:%S}"
