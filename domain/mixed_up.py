"""A scan of one unit beside the workbook of another: one mistake, however many cells differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from domain.checks.header import TITLE_FIELD
from domain.identify import title_unit, unit_in
from domain.notice import ColumnType, Notice, Reporter
from domain.submission import About, CellVerdict, CoverFindings, Submission

OF_ANOTHER = frozenset({"cover.content_mismatch", "cover.seal_mismatch"})
"""What such a scan is found to be: all of it comes of the one mistake."""


def unit_on_scan(case: Submission, notice: Notice) -> Reporter | None:
    """The other reporter that the scan surely is of: title or 填报单位 on the page name it, or, where a seal hides them,
    most rows do. None where it is of the workbook's own, of nobody known, or not surely of one: a page of which the title
    alone is another's says 填报单位 as the workbook does."""
    if case.findings is None or case.reporter is None:
        return None
    units = {field.name for field in notice.form.header if field.type is ColumnType.UNIT}
    header = [
        cell for cell in case.findings.cells if cell.about is About.HEADER and cell.field in (TITLE_FIELD, *units)
    ]
    if any(cell.verdict == "match" for cell in header):
        return None
    named = {each.code: each for each in _named(header, notice)} or _of_most_rows(case.findings, notice)
    found = next(iter(named.values()), None)
    return found if found and len(named) == 1 and found.code != case.reporter else None


def _named(header: Iterable[CellVerdict], notice: Notice) -> Iterator[Reporter]:
    for cell in header:
        text = title_unit(cell.read, notice) if cell.field == TITLE_FIELD else cell.read
        found = unit_in(text, notice) if cell.verdict == "differs" else None
        if found:
            yield found


def _of_most_rows(findings: CoverFindings, notice: Notice) -> dict[str, Reporter]:
    units = {column.name for column in notice.form.of_type(ColumnType.UNIT)}
    cells = [cell for cell in findings.cells if cell.about is About.CELL and cell.field in units]
    named = [unit for cell in cells if cell.verdict == "differs" and (unit := unit_in(cell.read, notice))]
    counts = Counter(unit.code for unit in named)
    return {unit.code: unit for unit in named if counts[unit.code] * 2 > len(cells) > 1}
