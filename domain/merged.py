"""The merged table of a notice in values: every row that counts, and where it stands in mail, file, sheet and scan.

Pure: made of submissions as they stand. How it looks is `notifier.merged`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.cover import Box, Cover, around
from domain.notice import ColumnType, Form, Notice
from domain.problems import Problem
from domain.sheet import Row, Sheet
from domain.standings import ReporterStanding, Return
from domain.submission import About, CellVerdict, FileRef, State, Submission
from domain.workbook_tables import TableRows, tables_in

SCHOOL_KEY = "school"
"""Beside those of `checks.lists` the column that breaches and counts go by; a form that lacks one is counted by the others."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a row stands: `row` in the sheet of the workbook, `name` as addresses have it (`TableRows.names`); `scan` and `page`
    of the stamped scan, "" and 0 where it is not on one; `place` on that page, made straight, in fractions."""

    file: str
    sheet: str
    row: int
    name: str
    scan: str = ""
    page: int = 0
    place: Box | None = None


@dataclass(frozen=True, kw_only=True)
class MergedRow:
    """`texts` has one entry a column of the form, in its order."""

    texts: tuple[str, ...]
    source: Source


@dataclass(frozen=True, kw_only=True)
class Breach:
    """One policy problem of one row: its short name and what is told of it. `attention`: a reminder and no breach."""

    school: str
    app: str
    operator: str
    rule: str
    told: str
    attention: bool
    sheet: str
    cell: str


@dataclass(frozen=True, kw_only=True)
class MergedReturn:
    """One submission that stands. `counted`: its rows are in the table; of others the problems are listed alone. `who` is the
    name in the notice, of units on no list their own."""

    who: str
    counted: bool
    receipt: str
    state: State
    version: int
    received_at: datetime
    rows: tuple[MergedRow, ...]
    further: Mapping[str, tuple[MergedRow, ...]]
    """Rows of the form's further tables, by the table's key."""
    problems: tuple[Problem, ...]
    breaches: tuple[Breach, ...]
    files: tuple[FileRef, ...]
    seals: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What is told of the table as a whole. `strangers`: returns of units on no list. `head_number`, `head_hash`: the ledger's
    head when it was made. `masked`: phone numbers are not whole."""

    notice: Notice
    made_at: datetime
    standings: tuple[ReporterStanding, ...]
    strangers: tuple[Return, ...]
    names: Mapping[str, str]
    """What units on no list call themselves, by receipt."""
    head_number: int | None
    head_hash: str | None
    masked: bool
    nameless: bool = False
    """Names of persons are left out: for what is kept longer than the returns."""
    console: str = ""
    """Where people reach the console, "" for nowhere: rows then lead to their page there."""

    @property
    def counted(self) -> tuple[Return, ...]:
        """The returns whose rows are in the table, in its order."""
        listed = [one.counted for one in self.standings if one.counted]
        return (*listed, *(one for one in self.strangers if one.state is State.ACCEPTED))

    @property
    def current(self) -> tuple[Return, ...]:
        """All that stand for their reporters: what counts, or is newest, and beside that a newer one that waits."""
        found = []
        for one in self.standings:
            found += [each for each in (one.counted or one.newest, one.pending) if each]
        return (*found, *self.strangers)

    @property
    def row_count(self) -> int:
        return sum(one.row_count for one in self.counted)


def unit_of(case: Submission) -> str:
    """What a unit calls itself in its workbook, "" where that says nothing."""
    reading = case.sheet.reading if case.sheet else None
    unit = reading.header.get("unit") if isinstance(reading, Sheet) else None
    return unit.text if unit else ""


def merged_return(case: Submission, notice: Notice, breaches: Sequence[Breach], *, counted: bool) -> MergedReturn:
    reporter = notice.reporter(case.reporter)
    reading = case.sheet.reading if case.sheet else None
    sheet = reading if isinstance(reading, Sheet) else None
    rows = (
        {table.key: tuple(_rows(case, sheet, table)) for table in tables_in(sheet, notice.form)}
        if sheet and counted
        else {}
    )
    return MergedReturn(
        who=reporter.name if reporter else unit_of(case),
        counted=counted,
        receipt=case.receipt,
        state=case.state,
        version=case.version,
        received_at=case.received_at,
        rows=rows.get("", ()),
        further={table.key: rows.get(table.key, ()) for table in notice.form.tables},
        problems=case.problems,
        breaches=tuple(breaches) if counted else (),
        files=case.files,
        seals=_seals(case, notice),
    )


def _seals(case: Submission, notice: Notice) -> tuple[str, ...]:
    """What was read of the seals on the pages of the table; where there is none, of all."""
    cover = case.cover.reading if case.cover else None
    if not notice.sheet_required and isinstance(cover, Cover):
        return tuple(seal.text + seal.bottom for seal in cover.seals)
    return tuple(seal.text + seal.bottom for seal in case.findings.seals) if case.findings else ()


def row_address(receipt: str, name: str) -> str:
    """Of a row on the console. What stands behind # is lost when somebody has to log in first, so it is said twice."""
    return f"/cases/{receipt}?row={name}#row-{name}"


def _rows(case: Submission, sheet: Sheet, table: TableRows) -> Iterator[MergedRow]:
    keys = [column.key for column in table.form.columns]
    for row, source in zip(table.rows, sources(case, sheet, table), strict=True):
        yield MergedRow(texts=tuple(row.text(key) for key in keys), source=source)


def sources(case: Submission, sheet: Sheet, table: TableRows) -> Iterator[Source]:
    """Where each row of a table of the submission's workbook stands, in their order."""
    cover = case.cover.reading if case.cover else None
    found: dict[tuple[str, str], CellVerdict] = {}
    if case.findings and isinstance(cover, Cover):
        found = {(one.sheet, one.address): one for one in case.findings.cells if one.about is About.CELL and one.box}
    for row, name in zip(table.rows, table.names(), strict=True):
        seen = [verdict for address in _own_addresses(row, table.form) if (verdict := found.get((row.sheet, address)))]
        source = Source(file=sheet.file, sheet=row.sheet or sheet.sheet, row=row.number, name=name)
        yield _on_scan(source, seen, cover) if seen and isinstance(cover, Cover) else source


def _own_addresses(row: Row, form: Form) -> Iterator[str]:
    """Cells of this row alone: the unit's is often one merged cell over many rows."""
    for column in form.columns:
        if column.type is not ColumnType.UNIT and column.key in row.cells:
            yield row.cells[column.key].address


def _on_scan(source: Source, seen: Sequence[CellVerdict], cover: Cover) -> Source:
    number = seen[0].page
    page = next((page for page in cover.pages if page.number == number), None)
    origin = page.origin if page else None
    return replace(
        source,
        scan=origin.file if origin else cover.file,
        page=origin.number if origin else number,
        place=around(one.box for one in seen if one.page == number),
    )
