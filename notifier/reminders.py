"""Reminders in words: to a reporter that has not reported, and the staff's copy of all that went out."""

from __future__ import annotations

from domain.letter import Letter
from domain.notice import Notice
from domain.reminder import Reminded, Reminder, ReminderCopy
from domain.standings import Standing
from notifier.moments import moment
from notifier.what_comes import send

_STANDS = {
    Standing.MISSING: "还没有收到您单位报送的材料",
    Standing.REJECTED: "您单位先前报送的材料（回执 {receipt}）已退回，还没有收到改好的",
    Standing.INCOMPLETE: "您单位报送的材料（回执 {receipt}）不齐，还差一件",
}
_DO = {
    Standing.REJECTED: "请按先前回复中写明的问题修改，{send}；直接回复本邮件也可以。",
    Standing.INCOMPLETE: "请把缺的一件发来；直接回复本邮件也可以。",
}
_STAFF_WORDS = {
    Standing.MISSING: "没有收到材料",
    Standing.REJECTED: "已退回，未重报",
    Standing.INCOMPLETE: "材料不齐",
}


def reminder_subject(letter: Letter) -> str:
    """`【催报】在校生统计表：今天截止，请尽快报送`; the table's name is the letter's subject."""
    if letter.reminders:
        return f"【催报】{letter.subject}：{_when(letter.reminders.days_left)}，{_sent(letter.reminders)}"
    assert letter.reminder  # noqa: S101  the caller asked
    return f"【催报】{letter.subject}：{_when(letter.reminder.days_left)}，请尽快报送"


def reminder_outcome(letter: Letter, notice: Notice) -> str:
    deadline = moment(notice.deadline, notice.zone)
    if letter.reminders:
        return f"《{letter.subject}》{_when(letter.reminders.days_left)}（{deadline}）。{_sent(letter.reminders)}，名单如下。"
    assert letter.reminder  # noqa: S101  the caller asked
    told = letter.reminder
    stands = _STANDS[told.standing].format(receipt=told.receipt)
    return (
        f"{told.reporter}：{notice.number}要求报送的《{letter.subject}》"
        f"{_when(told.days_left)}（{deadline}），{stands}。"
    )


def reminder_lines(letter: Letter, notice: Notice) -> list[str]:
    if letter.reminders:
        return [_staff_line(one) for one in letter.reminders.reporters]
    assert letter.reminder  # noqa: S101  the caller asked
    return [
        *_to_do(letter.reminder, notice),
        "如果刚刚已经报送，请以收到的受理回复为准；一小时内没有收到回复的，请与我们联系。",
    ]


def _to_do(reminder: Reminder, notice: Notice) -> list[str]:
    """What came is mended as its letter said; where nothing came the notice's own guide says how to report."""
    if reminder.standing in _DO:
        return [_DO[reminder.standing].format(send=send(notice, anew=True))]
    return [line.strip() for line in notice.wording.guide.splitlines() if line.strip()]


def _staff_line(one: Reminded) -> str:
    phone = f"，电话{one.phone}" if one.phone else "，没有登记电话"
    told = f"已发到{one.addresses}个邮箱" if one.addresses else f"没有可用的邮箱，请打电话{phone}"
    return f"{one.reporter}：{_STAFF_WORDS[one.standing]}；{told}。"


def _sent(copy: ReminderCopy) -> str:
    written = sum(1 for one in copy.reporters if one.addresses)
    to_call = len(copy.reporters) - written
    return f"已发邮件催报{written}个单位" + (f"，另有{to_call}个请打电话" if to_call else "")


def _when(days_left: int) -> str:
    if days_left > 0:
        return f"还有{days_left}天截止"
    return "今天截止" if days_left == 0 else "已过截止时间"
