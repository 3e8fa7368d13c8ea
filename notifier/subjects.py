"""Subjects of letters: `Re: 【受理】<original>（回执 R）`, the same however often a mail goes back and forth."""

from __future__ import annotations

import re

from domain.letter import Letter, LetterKind
from domain.submission import State
from domain.text import normalise
from notifier.alarms import alarm_mark, alarm_subject
from notifier.digest import digest_subject
from notifier.plain import one_line
from notifier.precheck_request import asks
from notifier.reminders import reminder_subject

MARKS = {
    State.ACCEPTED: "受理",
    State.REJECTED: "退回",
    State.INCOMPLETE: "待补",
    State.REVIEW: "待核",
    State.SUPERSEDED: "已替代",
}
PRECHECKED = {
    State.ACCEPTED: "通过",
    State.REJECTED: "未通过",
    State.INCOMPLETE: "缺件",
    State.REVIEW: "存疑",
    State.SUPERSEDED: "通过",
}
"""What stands behind 【预检】 in our own letters, and no clerk writes there: so theirs is told from ours."""
LENGTH = 120
"""Longest original kept: with mark and receipt a subject stays far below the 998 octets of RFC 5322."""
NAMELESS = "报送材料"
"""Stands for the original where that is empty."""

_WORDS = "re|fw|fwd|回复|回覆|回信|答复|答覆|转发|轉發|轉寄"
_OUTCOME = "|".join(dict.fromkeys(PRECHECKED.values()))
_PREFIX = re.compile(
    rf"^(?:(?:{_WORDS})\s?(?:[\[(（]\d{{1,3}}[\])）])?\s?[:：]|【(?:{'|'.join(MARKS.values())})】"
    rf"|【预检】(?:{_OUTCOME})[:：])\s?",
    re.IGNORECASE,
)
_OUR_PRECHECK = re.compile(rf"\[预检\](?:{_OUTCOME}):")
"""Our mark as normalised, wherever it stands: gateways put words of their own before a subject."""
_ASKING = r"(?:请求?|申请|麻烦|烦请|先|求)*\s*预\s*检(?:一下)?"
_APART = r"[\s:：,，、;；/|_—-]"
_ASKED = re.compile(
    rf"[\[【（(〔「]\s*{_ASKING}\s*[\]】）)〕」]\s*[:：]?|^\s*{_ASKING}(?:{_APART}|$)|{_APART}{_ASKING}\s*$"
)
"""The request where it stands by itself: in brackets, or at either end and parted from the rest."""
_WORD = re.compile(r"预\s*检")
_SPELT_OUT = "预先检查"
"""For the word within a sentence, which would be cut to pieces without it (请预检甲县备案表)."""
_RECEIPT = re.compile(r"\s?[（(]回执\s?[A-Z0-9]{1,16}-[A-Z0-9]{1,16}-\d{8}-\d{2,6}[）)]")


def subject(letter: Letter) -> str:
    """`Re: 【受理】<original>（回执 R）`, earlier prefixes, marks and receipts taken off (spec section 8)."""
    if letter.alarm:
        return alarm_subject(letter.alarm)
    if letter.digest:
        return digest_subject(letter.digest)
    if letter.reminder or letter.reminders:
        return reminder_subject(letter)
    receipt = f"（回执 {letter.receipt}）" if letter.receipt else ""
    bare = bare_subject(letter.subject)
    original = _without_request(bare) or NAMELESS if letter.kind is LetterKind.PRECHECK else bare
    return f"Re: {mark(letter)}{original}{receipt}"


def mark(letter: Letter) -> str:
    """【受理】 and the like, with which subject and first line begin; `【预检】通过：` where nothing was filed."""
    if letter.alarm:
        return alarm_mark(letter.alarm)
    if letter.digest:
        return "【日报】"
    if letter.reminder or letter.reminders:
        return "【催报】"
    if letter.state is None:
        return ""
    if letter.kind is LetterKind.PRECHECK:
        return f"【预检】{PRECHECKED[letter.state]}："
    return f"【{MARKS[letter.state]}】"


def asks_precheck(original: str) -> bool:
    """Whether the sender wants the mail checked and not filed: the subject asks for 预检, in words that are not ours."""
    return asks(_OUR_PRECHECK.sub("", normalise(original)))


def _without_request(original: str) -> str:
    """The subject without the word that asked for a pre-check: it would make one of the formal return that answers."""
    words = _stripped(one_line(original))
    while asks_precheck(words) and (shorter := _ASKED.sub("", words, count=1)) != words:
        words = shorter.strip(" :：,，、;；/|_—-")
    words = _WORD.sub(_SPELT_OUT, words) if asks_precheck(words) else words
    return "" if asks_precheck(words) else words


def bare_subject(original: str) -> str:
    """The subject as first written, on one line, of bounded length; the bare subject of a reply to it is the same.

    Receipts are taken off wherever they stand: people write on behind them.
    """
    bare = _stripped(one_line(original))
    # A cut may bring a receipt to the end, so that it goes on until nothing changes; every round is shorter.
    while (shorter := _stripped(one_line(bare, LENGTH))) != bare:
        bare = shorter
    return bare or NAMELESS


def _stripped(bare: str) -> str:
    while (shorter := _RECEIPT.sub("", _PREFIX.sub("", bare)).strip()) != bare:
        bare = shorter
    return bare
