"""The morning letter to staff in words: what stands, whom to call, what to decide, what changed (spec section 8).

Text and HTML are made of the same blocks; a phone without pictures shows both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from domain.digest import Digest, Need, Section, StandingLine
from domain.standings import STANDINGS_NAMED, Standing
from notifier.digest_grid import grid
from notifier.digest_lists import blocks
from notifier.digest_view import Block, Item, View, deadline_words, place_of, since_words, when_came
from notifier.moments import moment

_WHOLE = 2
"""So many collections are told at length; of more each is told briefly, so that the letter stays one that is read."""
_MOST_NAMES = 20


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
    going_on = [section for section in digest.sections if not section.past]
    brief = len(going_on) > _WHOLE
    return View(
        poll=_poll(digest, zone),
        urgent=tuple(_urgent(digest, zone, several, brief)),
        grids=tuple(grid(section, zone, brief) for section in going_on),
        blocks=tuple(block for section in digest.sections for block in blocks(section, digest, zone, several)),
        closing=_closing(digest),
    )


def _counts(digest: Digest) -> list[str]:
    total = sum(len(section.lines) for section in digest.sections)
    number = {each: sum(section.count(each) for section in digest.sections) for each in Standing}
    said = [f"已受理{number[Standing.ACCEPTED]}/{total}"]
    said += [
        f"{STANDINGS_NAMED[each]}{number[each]}" for each in Standing if each is not Standing.ACCEPTED and number[each]
    ]
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
        f"，{since_words(digest, zone)}收到来信{digest.received}封"
        if digest.since
        else f"，共收到来信{digest.received}封"
    )
    return Item(text=f"收信：正常，最近一次是{when}{since}。", tone="good")


def _urgent(digest: Digest, zone: ZoneInfo, several: bool, brief: bool) -> Iterator[Block]:
    """`several`: each block says of which collection it is; `brief`: who still has time is named, without telephones."""
    if digest.calls:
        yield Block(title=f"请打电话（{len(digest.calls)}个）", items=_needs(digest.calls, zone), tone="bad")
    for section in digest.sections:
        missing = [line for line in section.lines if line.missing]
        if missing and section.deadline_over:
            title = f"{_of(section, several)}逾期未报（{len(missing)}个），请打电话催报"
            yield Block(title=title, items=tuple(_missing(line, section) for line in missing), tone="bad")
    if digest.needs:
        yield Block(title=f"请办理（{len(digest.needs)}件）", items=_needs(digest.needs, zone), tone="todo")
    for section in digest.sections:
        missing = [line for line in section.lines if line.missing]
        if missing and not section.deadline_over:
            title = f"{_of(section, several)}还没有报齐（{len(missing)}个），{deadline_words(section)}"
            whole = tuple(_missing(line, section) for line in missing)
            yield Block(title=title, items=(_names(missing, section),) if brief else whole)
        late = [line for line in section.lines if line.late]
        if late:
            names = tuple(Item(text=f"{line.name}：{when_came(line, section)}报送") for line in late)
            yield Block(title=f"{_of(section, several)}迟报（{len(late)}个）", items=names)


def _of(section: Section, several: bool) -> str:
    return f"{section.title}：" if several else ""


def _names(missing: Sequence[StandingLine], section: Section) -> Item:
    if len(missing) == len(section.lines):
        return Item(text="各单位都还没有报来。")
    more = f"等{len(missing)}个" if len(missing) > _MOST_NAMES else ""
    return Item(text="、".join(line.name for line in missing[:_MOST_NAMES]) + f"{more}。")


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
            place=place_of(one.subject),
        )
        for one in needs
    )


def _missing(line: StandingLine, section: Section) -> Item:
    what = {
        Standing.MISSING: "没有收到材料",
        Standing.REJECTED: f"材料已退回（{when_came(line, section)}收到），改好的还没有来",
        Standing.INCOMPLETE: f"材料不齐（{when_came(line, section)}收到），还差一件",
    }[line.standing]
    phone = f"电话{line.phone}" if line.phone else "没有登记电话"
    unwritten = "" if line.addresses else "没有已知邮箱，不会自动催报"
    told = f"已发邮件催报{line.reminded}次" if line.reminded else unwritten
    return Item(
        text=f"{line.name}：{'；'.join(part for part in (what, phone, told) if part)}。",
        place=place_of(line.receipt or ""),
    )


def _closing(digest: Digest) -> str:
    if digest.table_attached:
        return "附：已受理材料的汇总表（电话隐去中间几位，姓名略去）。"
    if digest.table_too_large:
        return "汇总表太大，没有附上；请维护人员用 baosong export 导出。"
    return ""
