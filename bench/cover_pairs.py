"""Pairs that must not be accepted: a page as read against a workbook that says one thing otherwise.

Most alterations are made to the workbook after the page was read, since only the domain must run again; where the page was
printed from an altered workbook, the one that was mailed is judged too.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.cover_records import AlteredScore
from bench.cover_scores import cell_score
from bench.cover_tasks import Task, notice
from domain.compare import compare
from domain.cover import Cover, CoverFailure
from domain.notice import Notice
from domain.sheet import HeaderValue, Sheet
from domain.submission import CoverFindings
from domain.text import normalise
from samples.maker import alterations
from samples.maker.alterations import DIGIT_KINDS, LETTER_KINDS, Alteration
from samples.maker.content import COUNTIES

ALTERED_A_PAGE = 8


def altered(
    task: Task, true: Sheet, cover: Cover | CoverFailure, findings: CoverFindings | None
) -> tuple[AlteredScore, ...]:
    """Altered cells and header values of the workbook against the page, and what the page was printed with otherwise.

    `findings` is the comparison of the true pair; nothing where no table was read.
    """
    if isinstance(cover, CoverFailure) or findings is None:
        return ()
    pairs = _Pairs(cover=cover, told=_told(findings), notice=notice())
    made = [pairs.judged(each, _with(true, each, pairs.notice)) for each in _alterations(task)]
    rng = random.Random(f"header {task.plan.seed}")
    made += [pairs.header_judged(each) for each in altered_headers(rng, true, task.plan.sheet.county)]
    printed = task.plan.sheet.alteration
    if printed:
        made.append(pairs.judged(printed, task.mailed, on_paper=True))
    return tuple(made)


@dataclass(frozen=True, kw_only=True)
class AlteredHeader:
    """A header value changed: its field's printed name, both values, and the workbook that holds the new one."""

    field: str
    before: HeaderValue
    after: HeaderValue
    sheet: Sheet


def altered_headers(rng: random.Random, sheet: Sheet, county: str) -> Iterator[AlteredHeader]:
    """The title and 填报单位 of another county, and 填报时间 with another day."""
    other = rng.choice([each for each in COUNTIES if each.code != county]).name
    title, unit, day = sheet.title, sheet.header["unit"], sheet.header["date"]
    if title:
        new = replace(title, text=f"{other}学习类APP统计备案表")
        yield AlteredHeader(field="标题", before=title, after=new, sheet=replace(sheet, title=new))
    new = replace(unit, text=other)
    changed = replace(sheet, header={**sheet.header, "unit": new})
    yield AlteredHeader(field="填报单位", before=unit, after=new, sheet=changed)
    if day.date:
        step = rng.choice((-3, -2, -1, 1, 2, 3, 10, -10))
        date = day.date + datetime.timedelta(days=step)
        new = replace(day, text=f"{date.year}年{date.month}月{date.day}日", date=date)
        changed = replace(sheet, header={**sheet.header, "date": new})
        yield AlteredHeader(field="填报时间", before=day, after=new, sheet=changed)


def _alterations(task: Task) -> list[Alteration]:
    """Digits and characters in turn, every other one in a column of repeated values, no cell twice."""
    rng = random.Random(f"altered {task.plan.seed}")
    rows = task.plan.sheet.paper.rows[: task.sheet.rows_printed]
    made: list[Alteration] = []
    for number in range(ALTERED_A_PAGE):
        kinds = DIGIT_KINDS if number % 2 else LETTER_KINDS
        again = True if number % 4 < 2 else None
        taken = frozenset((each.row, each.column) for each in made)
        found = alterations.draw(rng, rows, kinds=kinds, repeated=again, taken=taken)
        made += [found] if found else []
    return made


def _with(sheet: Sheet, alteration: Alteration, notice: Notice) -> Sheet:
    """The workbook as if it had held the altered text."""
    row, key = sheet.rows[alteration.row], notice.form.columns[alteration.column].key
    if normalise(row.text(key)) != normalise(alteration.before):
        raise ValueError(f"row {alteration.row} of the workbook does not hold {alteration.before}")
    cell = replace(row.cells[key], text=alteration.after, phone=None)
    changed = replace(row, cells={**row.cells, key: cell})
    return replace(sheet, rows=(*sheet.rows[: alteration.row], changed, *sheet.rows[alteration.row + 1 :]))


@dataclass(frozen=True, kw_only=True)
class _Pairs:
    """Judges altered pairs of one page. `told`: address and field of what the true pair is told of already."""

    cover: Cover
    told: frozenset[str]
    notice: Notice

    def judged(self, alteration: Alteration, sheet: Sheet, *, on_paper: bool = False) -> AlteredScore:
        column = self.notice.form.columns[alteration.column]
        address = sheet.rows[alteration.row].cells[column.key].address
        score = self._score(sheet, f"{address} {column.name}")
        return replace(
            score, on_paper=on_paper, kind=alteration.kind, field=column.name, repeated=alteration.repeated,
            before=alteration.before, after=alteration.after,
        )  # fmt: skip

    def header_judged(self, header: AlteredHeader) -> AlteredScore:
        score = self._score(header.sheet, f"{header.before.address} {header.field}")
        texts = (header.before.text, header.after.text)
        return replace(score, kind="header", field=header.field, before=texts[0], after=texts[1])

    def _score(self, sheet: Sheet, place: str) -> AlteredScore:
        """The altered `sheet` against the page; `place` is address and field of the altered value."""
        findings = compare(sheet, self.cover, self.notice.form)
        cells = findings.cells if findings else ()
        now = _told(findings) if findings else frozenset()
        cell = next((each for each in cells if f"{each.address} {each.field}" == place), None)
        extra = now - self.told - {place}
        return AlteredScore(
            on_paper=False, kind="", field="", repeated=False, before="", after="",
            accepted=bool(cells) and not now,
            passed=place not in now,
            named=place in now and not extra,
            extra=tuple(sorted(extra)),
            cell=cell_score(cell, self.cover) if cell else None,
        )  # fmt: skip


def _told(findings: CoverFindings) -> frozenset[str]:
    """Address and field of what is told: what differs and what a person must look at."""
    told = [cell for cell in findings.cells if cell.verdict != "match"]
    return frozenset(f"{cell.address or f'page row {cell.row}'} {cell.field}" for cell in told)
