"""The morning letter to staff in words: what stands, whom to call, what to decide, what changed (spec section 8).

Text and HTML are made of the same blocks; a phone without pictures shows both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from zoneinfo import ZoneInfo

from domain.digest import BreachLine, DecisionLine, Digest, Need, Section, StandingLine
from domain.standings import Standing
from domain.submission import State
from domain.versions import CellChange, Difference
from notifier.moments import moment
from notifier.plain import one_line
from notifier.versions import summary

WORDS = {
    Standing.ACCEPTED: "已受理",
    Standing.REVIEW: "待核",
    Standing.INCOMPLETE: "待补",
    Standing.REJECTED: "已退回",
    Standing.MISSING: "未报",
}
PENDING = {
    State.REVIEW: "新报的一版待核",
    State.INCOMPLETE: "新报的一版缺件",
    State.REJECTED: "新报的一版已退回",
}
_LENGTH = 60
_BAR_CELLS = 18
_ROWS_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of a list: `place` is the console's path of what it is about, "" for none; `below` are lines under it."""

    text: str
    place: str = ""
    tone: str = ""
    below: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Block:
    title: str
    items: tuple[Item, ...] = ()
    notes: tuple[str, ...] = ()
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Span:
    """A part of the progress bar: `percent` of its width."""

    tone: str
    percent: int


@dataclass(frozen=True, kw_only=True)
class GridLine:
    name: str
    word: str
    tone: str
    facts: str


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Reporters × state of one notice."""

    title: str
    deadline: str
    counted: str
    bar: tuple[Span, ...]
    bar_text: str
    lines: tuple[GridLine, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class View:
    """What the templates show, top to bottom."""

    poll: Item
    urgent: tuple[Block, ...]
    grids: tuple[Grid, ...]
    blocks: tuple[Block, ...]
    closing: str


def digest_subject(digest: Digest) -> str:
    """`【日报】2月28日：已受理6/9，待核2，未报1，要打电话1`"""
    return f"【日报】{digest.day.month}月{digest.day.day}日：{'，'.join(_counts(digest))}"


def digest_outcome(digest: Digest) -> str:
    """The first line."""
    zone = ZoneInfo(digest.timezone)
    until = moment(digest.made_at, zone)
    if digest.stalled:
        return f"截至{until}：收信不正常，下面的数字可能不全。请先看“收信”一行。"
    if digest.quiet:
        return f"截至{until}：{'，'.join(_counts(digest))}。今天没有需要您办理的事。"
    todo = []
    if digest.calls:
        todo.append(f"打电话{len(digest.calls)}个")
    if digest.needs:
        todo.append(f"办理{len(digest.needs)}件")
    if overdue := sum(
        1 for section in digest.sections if section.deadline_over for one in section.lines if one.missing
    ):
        todo.append(f"催报{overdue}个单位")
    return f"截至{until}：{'，'.join(_counts(digest))}。需要您：{'、'.join(todo)}。"


def view(digest: Digest) -> View:
    zone = ZoneInfo(digest.timezone)
    several = len(digest.sections) > 1
    return View(
        poll=_poll(digest, zone),
        urgent=tuple(_urgent(digest, zone)),
        grids=tuple(_grid(section, zone) for section in digest.sections),
        blocks=tuple(block for section in digest.sections for block in _blocks(section, digest, zone, several)),
        closing=_closing(digest),
    )


def _counts(digest: Digest) -> list[str]:
    total = sum(len(section.lines) for section in digest.sections)
    number = {each: sum(section.count(each) for section in digest.sections) for each in Standing}
    said = [f"已受理{number[Standing.ACCEPTED]}/{total}"]
    said += [f"{WORDS[each]}{number[each]}" for each in Standing if each is not Standing.ACCEPTED and number[each]]
    return said


def _poll(digest: Digest, zone: ZoneInfo) -> Item:
    if digest.polled is None:
        return Item(text="收信：还没有成功收过信。请维护人员运行 baosong doctor 查看。", tone="bad")
    when = moment(digest.polled, zone)
    if digest.stalled:
        return Item(
            text=f"收信：最近一次成功收信是{when}，之后一直没有收成。来信还在邮箱里，不会丢失。请维护人员查看。",
            tone="bad",
        )
    since = (
        f"，{_since(digest, zone)}收到来信{digest.received}封" if digest.since else f"，共收到来信{digest.received}封"
    )
    return Item(text=f"收信：正常，最近一次是{when}{since}。", tone="good")


def _since(digest: Digest, zone: ZoneInfo) -> str:
    return f"{moment(digest.since, zone)}以来" if digest.since else "到目前"


def _urgent(digest: Digest, zone: ZoneInfo) -> Iterator[Block]:
    if digest.calls:
        yield Block(title=f"请打电话（{len(digest.calls)}个）", items=_needs(digest.calls, zone), tone="bad")
    for section in digest.sections:
        missing = [line for line in section.lines if line.missing]
        if missing and section.deadline_over:
            title = f"逾期未报（{len(missing)}个），请打电话催报"
            yield Block(title=title, items=tuple(_missing(line, section) for line in missing), tone="bad")
    if digest.needs:
        yield Block(title=f"请办理（{len(digest.needs)}件）", items=_needs(digest.needs, zone), tone="todo")
    for section in digest.sections:
        missing = [line for line in section.lines if line.missing]
        if missing and not section.deadline_over:
            title = f"还没有报齐（{len(missing)}个），{_deadline(section)}"
            yield Block(title=title, items=tuple(_missing(line, section) for line in missing))
        late = [line for line in section.lines if line.late]
        if late:
            names = tuple(Item(text=f"{line.name}：{_at(line, section)}报送") for line in late)
            yield Block(title=f"迟报（{len(late)}个）", items=names)


def _needs(needs: Iterable[Need], zone: ZoneInfo) -> tuple[Item, ...]:
    return tuple(
        Item(
            text="".join(
                (
                    f"{one.who}：" if one.who else "",
                    one.what,
                    f"电话{one.phone}。" if one.phone else "",
                    f"（{moment(one.since, zone)}起）",
                )
            ),
            place=_place(one.subject),
        )
        for one in needs
    )


def _place(subject: str) -> str:
    """The page of the console that something is about; only receipts and mails have one."""
    if subject.startswith("mail:"):
        return f"mails/{subject.removeprefix('mail:')}"
    return f"cases/{subject}" if subject and not set(subject) & set("/: @") else ""


def _missing(line: StandingLine, section: Section) -> Item:
    what = {
        Standing.MISSING: "没有收到材料",
        Standing.REJECTED: f"材料已退回（{_at(line, section)}收到），改好的还没有来",
        Standing.INCOMPLETE: f"材料不齐（{_at(line, section)}收到），还差一件",
    }[line.standing]
    phone = f"电话{line.phone}" if line.phone else "没有登记电话"
    unwritten = "" if line.addresses else "没有已知邮箱，不会自动催报"
    told = f"已发邮件催报{line.reminded}次" if line.reminded else unwritten
    return Item(
        text=f"{line.name}：{'；'.join(part for part in (what, phone, told) if part)}。",
        place=_place(line.receipt or ""),
    )


def _at(line: StandingLine, section: Section) -> str:
    return moment(line.at, ZoneInfo(section.timezone)) if line.at else ""


def _deadline(section: Section) -> str:
    return f"截止时间{moment(section.deadline, ZoneInfo(section.timezone))}"


def _grid(section: Section, zone: ZoneInfo) -> Grid:
    total = len(section.lines)
    counted = "　".join(f"{WORDS[each]}{section.count(each)}" for each in Standing)
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
        deadline=f"{_deadline(section)}{over}",
        counted=f"{counted}　共{total}个单位",
        bar=tuple(_bar(section, total)),
        bar_text=f"{'█' * filled}{'░' * (_BAR_CELLS - filled)} {done}/{total}",
        lines=tuple(_grid_line(line, section) for line in section.lines),
        notes=tuple(notes),
    )


def _bar(section: Section, total: int) -> Iterator[Span]:
    """Widths in whole percents that are 100 together, so that no mail program breaks the row."""
    left = 100
    shown = [each for each in Standing if section.count(each)]
    for each in shown:
        width = left if each is shown[-1] else max(1, round(100 * section.count(each) / total))
        left -= width
        yield Span(tone=each, percent=width)


def _grid_line(line: StandingLine, section: Section) -> GridLine:
    facts = [_at(line, section)] if line.at else []
    if line.standing is Standing.ACCEPTED:
        facts.append(f"{line.row_count}行" if line.row_count else "零报告")
    if line.version and line.version > 1:
        facts.append(f"第{line.version}版")
    if line.late:
        facts.append("迟报")
    if line.pending:
        facts.append(PENDING[line.pending])
    return GridLine(name=line.name, word=WORDS[line.standing], tone=line.standing, facts="，".join(facts))


def _unlisted(line: StandingLine) -> str:
    return f"{one_line(line.name, _LENGTH) or '不知是哪个单位'}（{WORDS[line.standing]}）"


def _blocks(section: Section, digest: Digest, zone: ZoneInfo, several: bool) -> Iterator[Block]:
    named = f"{section.number}：" if several else ""
    if section.decisions:
        further = section.decisions_further
        yield Block(
            title=f"{named}{_since(digest, zone)}办理{len(section.decisions) + further}件",
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
    word = {State.SUPERSEDED: "已替代"}.get(one.state) or WORDS[Standing(one.state)]
    what = []
    if one.state is State.ACCEPTED:
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
        place=_place(one.receipt),
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
    return one_line("，".join(name for name in names if name), _LENGTH)


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


def _closing(digest: Digest) -> str:
    if digest.table_attached:
        return "附：已受理材料的汇总表（电话隐去中间几位，姓名略去）。"
    if digest.table_too_large:
        return "汇总表太大，没有附上；请维护人员用 baosong export 导出。"
    return ""
