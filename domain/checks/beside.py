"""Files of a mail beside those that are taken: other workbooks of the reporter, scans that fit none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.catalogue import problem
from domain.notice import Form
from domain.pairing import Spare, Why
from domain.problems import Place, Problem, Severity
from domain.rivals import Relation, kinship
from domain.sheet import Sheet
from domain.submission import SheetPart


def check_spare(spare: Sequence[Spare], *, alone: bool = False) -> Iterator[Problem]:
    """Which file was not taken, which was and why: a warning, since what was taken stands by itself. `alone`: nothing was;
    a workbook where none is asked for is then what the sender must hear of first."""
    for each in spare:
        if alone and each.why is Why.NO_WORKBOOK:
            yield problem(
                "attachment.unsupported", Place(file=each.file.name), severity=Severity.ERROR, variant="no_workbook"
            )
            continue
        variant = f"spare_{each.why}" if each.why is not Why.BESIDE else "spare_not_shown"
        yield problem(
            "attachment.unsupported",
            Place(file=each.file.name),
            severity=Severity.WARNING,
            variant=variant,
            taken=each.taken,
            count=each.rows,
        )


def check_rivals(sheet: SheetPart, rivals: Sequence[SheetPart], form: Form) -> Iterator[Problem]:
    """Several different workbooks, and no cover that tells which is meant."""
    if not rivals:
        return
    names = "、".join(f"“{part.file.name}”" for part in (sheet, *rivals))
    mine = sheet.reading
    halves = isinstance(mine, Sheet) and all(
        isinstance(part.reading, Sheet) and kinship(mine, part.reading, form).relation is Relation.PART
        for part in rivals
    )
    yield problem("sheet.ambiguous", Place(file=sheet.file.name), variant="halves" if halves else "", files=names)
