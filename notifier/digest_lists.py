"""The lists below the grid: what was decided, and what breaks the rules, under one notice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from zoneinfo import ZoneInfo

from domain.digest import BreachLine, DecisionLine, Digest, Section
from domain.standings import STANDINGS_NAMED, Standing
from domain.submission import State
from domain.versions import CellChange, Difference
from notifier.digest_view import LENGTH, Block, Item, place_of, since_words
from notifier.moments import moment
from notifier.plain import one_line
from notifier.versions import summary

_ROWS_NAMED = 3


def blocks(section: Section, digest: Digest, zone: ZoneInfo, several: bool) -> Iterator[Block]:
    named = f"{section.called or section.number}：" if several else ""
    if section.decisions:
        further = section.decisions_further
        yield Block(
            title=f"{named}{since_words(digest, zone)}办理{len(section.decisions) + further}件",
            items=tuple(_decision(one, section) for one in section.decisions),
            notes=(f"另有{further}件没有列出。",) if further else (),
        )
    for title, lines, further in (
        (f"{named}违反规定的情况（材料照收，请督促整改）", section.breaches, section.breaches_further),
        (f"{named}关注（不违规，通知要求提醒）", section.attention, 0),
    ):
        if lines:
            notes = (f"另有{further}处没有列出。",) if further else ()
            yield Block(title=title, items=tuple(_breaches(lines)), notes=notes)


def _decision(one: DecisionLine, section: Section) -> Item:
    zone = ZoneInfo(section.timezone)
    word = {State.SUPERSEDED: "已替代"}.get(one.state) or STANDINGS_NAMED[Standing(one.state)]
    what = []
    if one.state is State.ACCEPTED and section.with_rows:
        what.append(f"{one.row_count}行" if one.row_count else "零报告")
    if one.version > 1:
        what.append(f"第{one.version}版")
    if one.late:
        what.append("迟报")
    what.append(f"{moment(one.at, zone)}{f'由{one.by}决定' if one.by else ''}")
    if one.titles:
        what.append("、".join(one.titles))
    return Item(
        text=f"{one.who or '不知是哪个单位'}：{word}（{'，'.join(what)}）",
        place=place_of(one.receipt),
        tone=one.state,
        below=tuple(_changes(one.difference)) if one.difference else (),
    )


def _changes(told: Difference) -> Iterator[str]:
    """What differs from the version before: how much, and the first rows of it by their names. No value of a person's
    stands in a digest, so of a changed cell there the column alone is told."""
    yield f"与第{told.version}版相比：{summary(told)}"
    lines = [f"新增 第{row.number}行 {_named(row.names)}" for row in told.added]
    lines += [f"删除 {_named(row.names)}" for row in told.removed]
    lines += [
        f"修改 第{change.row.number}行 {_named(change.row.names)}：{_cells(change.cells)}" for change in told.changed
    ]
    yield from lines[:_ROWS_NAMED]
    if len(lines) > _ROWS_NAMED:
        yield f"……共{len(lines)}行"


def _named(names: tuple[str, ...]) -> str:
    return one_line("，".join(name for name in names if name), LENGTH)


def _cells(cells: Iterable[CellChange]) -> str:
    """A change whose values were taken out names its column."""
    return "；".join(
        f"{cell.field} {one_line(cell.before, 20)}→{one_line(cell.after, 20)}"
        if cell.before or cell.after
        else cell.field
        for cell in cells
    )


def _breaches(lines: tuple[BreachLine, ...]) -> Iterator[Item]:
    """By reporter, then by school and rule: `张三小学：使用未备案APP（甲APP、乙APP）`."""
    for who, of_reporter in groupby(lines, key=lambda line: line.who):
        below = []
        for (school, rule), of_school in groupby(of_reporter, key=lambda line: (line.school, line.rule)):
            apps = list(dict.fromkeys(one_line(line.app, 30) for line in of_school if line.app))
            named = f"（{'、'.join(apps)}）" if apps else ""
            below.append(f"{one_line(school, 30) or '（未填学校）'}：{rule}{named}")
        yield Item(text=who or "不知是哪个单位", below=tuple(below))
