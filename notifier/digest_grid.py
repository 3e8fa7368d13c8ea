"""The grid of the morning letter: reporters × state under one notice, and the bar above it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote
from zoneinfo import ZoneInfo

from domain.digest import Section, StandingLine
from domain.standings import STANDINGS_NAMED, Standing
from domain.submission import State
from notifier.digest_view import LENGTH, Grid, GridLine, Span, deadline_words, when_came
from notifier.plain import one_line

_BAR_CELLS = 18
PENDING = {
    State.REVIEW: "新报的一版待核",
    State.INCOMPLETE: "新报的一版缺件",
    State.REJECTED: "新报的一版已退回",
}


def grid(section: Section, zone: ZoneInfo, brief: bool = False) -> Grid:
    """`brief`: without those from whom nothing came, who are named elsewhere, and, where all is in, without anybody."""
    total = len(section.lines)
    counted = "　".join(f"{STANDINGS_NAMED[each]}{section.count(each)}" for each in Standing)
    over = "（已过）" if section.deadline_over else ""
    notes = []
    if section.unlisted:
        notes.append(f"名单以外报来{len(section.unlisted)}份：" + "；".join(map(_unlisted, section.unlisted)) + "。")
    if section.schools_unlisted:
        notes.append("市直未建名单，无法统计缺报。")
    done = section.count(Standing.ACCEPTED)
    filled = round(_BAR_CELLS * done / total) if total else 0
    return Grid(
        title=f"{section.number}　{section.title}",
        deadline=f"{deadline_words(section)}{over}",
        counted=f"{counted}　共{total}个单位",
        bar=tuple(_bar(section, total)),
        bar_text=f"{'█' * filled}{'░' * (_BAR_CELLS - filled)} {done}/{total}",
        lines=tuple(_grid_line(line, section) for line in (_told(section) if brief else section.lines)),
        notes=tuple(notes),
        table=f"notices/{quote(section.id)}/merged",
    )


def _told(section: Section) -> Sequence[StandingLine]:
    if all(line.standing is Standing.ACCEPTED and not (line.late or line.pending) for line in section.lines):
        return ()
    return [line for line in section.lines if line.standing is not Standing.MISSING]


def _bar(section: Section, total: int) -> Iterator[Span]:
    """Widths in whole percents that are 100 together, so that no mail program breaks the row."""
    left = 100
    shown = [each for each in Standing if section.count(each)]
    for each in shown:
        width = left if each is shown[-1] else max(1, round(100 * section.count(each) / total))
        left -= width
        yield Span(tone=each, percent=width)


def _grid_line(line: StandingLine, section: Section) -> GridLine:
    facts = [when_came(line, section)] if line.at else []
    if line.standing is Standing.ACCEPTED and section.with_rows:
        facts.append(f"{line.row_count}行" if line.row_count else "零报告")
    if line.version and line.version > 1:
        facts.append(f"第{line.version}版")
    if line.late:
        facts.append("迟报")
    if line.pending:
        facts.append(PENDING[line.pending])
    return GridLine(name=line.name, word=STANDINGS_NAMED[line.standing], tone=line.standing, facts="，".join(facts))


def _unlisted(line: StandingLine) -> str:
    return f"{one_line(line.name, LENGTH) or '不知是哪个单位'}（{STANDINGS_NAMED[line.standing]}）"
