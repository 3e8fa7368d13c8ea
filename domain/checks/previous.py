"""What a return says against the round before: rows that are gone, numbers that jumped. It may all be true: nothing is more than told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from domain.catalogue import problem
from domain.checks.row_cells import place_of
from domain.notice import Notice
from domain.numbers import read_number, shown
from domain.previous import PreviousRound, key_of
from domain.problems import Place, Problem
from domain.round import Comparison, Jump
from domain.sheet import Row, Sheet

_NAMED = 10
"""So many of the rows that are gone are named."""
_LONGEST_NAME = 40


def check_previous(sheet: Sheet, notice: Notice, previous: PreviousRound) -> Iterator[Problem]:
    """Every `round.*` problem of a workbook. None where the notice has no rounds."""
    if notice.round is None:
        return
    if previous.running:
        place = Place(file=sheet.file, sheet=sheet.sheet, cell=sheet.title.address if sheet.title else None)
        yield problem("round.not_current", place, named=notice.round.name, running=previous.running)
    if previous.rows:
        comparison = notice.round.comparison
        if comparison.missing:
            yield from _missing(sheet, previous, comparison)
        for row in sheet.rows:
            before = previous.row_before(row)
            if before is not None:
                yield from _jumps(sheet, notice, row, before, comparison.jumps, told=previous.told)


def _missing(sheet: Sheet, previous: PreviousRound, comparison: Comparison) -> Iterator[Problem]:
    here = {key_of(row, previous.key) for row in sheet.rows}
    gone = [row for key, row in previous.rows.items() if key not in here]
    if not gone:
        return
    names = "、".join(_called(row, comparison) for row in gone[:_NAMED])
    more = f"等{len(gone)}个" if len(gone) > _NAMED else ""
    place = Place(file=sheet.file, sheet=sheet.sheet)
    variant = "" if previous.told else "counted"
    yield problem(
        "round.missing_row", place, variant=variant, before=previous.name, names=names + more, count=len(gone)
    )


def _called(row: Row, comparison: Comparison) -> str:
    names = [row.text(comparison.name)] if comparison.name else [row.text(key) for key in comparison.key]
    return "／".join(name[:_LONGEST_NAME] for name in names if name)


def _jumps(
    sheet: Sheet, notice: Notice, row: Row, before: Row, jumps: Sequence[Jump], *, told: bool
) -> Iterator[Problem]:
    for jump in jumps:
        old, new = read_number(before.text(jump.column)), read_number(row.text(jump.column))
        if old is None or new is None or not _is_jump(old, new, jump):
            continue
        place = place_of(sheet, row, notice.form.column(jump.column))
        variant = "" if told else "untold"
        yield problem(
            "round.jump", place, variant=variant, old=shown(old), new=shown(new), change=_change(old, new),
            percent=shown(jump.percent),
        )  # fmt: skip


def _is_jump(old: Decimal, new: Decimal, jump: Jump) -> bool:
    """Any change from nothing is more than any percentage of it."""
    difference = abs(new - old)
    return difference > 0 and difference >= jump.at_least and difference * 100 > jump.percent * abs(old)


def _change(old: Decimal, new: Decimal) -> str:
    said = "增加" if new > old else "减少"
    if not old:
        return f"{said}{shown(abs(new))}"
    percent = abs(new - old) * 100 / abs(old)
    return f"{said}{percent:.0f}%" if percent >= 1 else f"{said}{percent:.1f}%"
