"""Subjects of letters: `Re: 【受理】<original>（回执 R）`, the same however often a mail goes back and forth."""

from __future__ import annotations

import re

from domain.letter import Letter
from domain.submission import State
from notifier.plain import one_line

MARKS = {
    State.ACCEPTED: "受理",
    State.REJECTED: "退回",
    State.INCOMPLETE: "待补",
    State.REVIEW: "待核",
    State.SUPERSEDED: "已替代",
}
LENGTH = 120
"""Longest original kept: with mark and receipt a subject stays far below the 998 octets of RFC 5322."""
NAMELESS = "报送材料"
"""Stands for the original where that is empty."""

_WORDS = "re|fw|fwd|回复|回覆|回信|答复|答覆|转发|轉發|轉寄"
_PREFIX = re.compile(
    rf"^(?:(?:{_WORDS})\s?(?:[\[(（]\d{{1,3}}[\])）])?\s?[:：]|【(?:{'|'.join(MARKS.values())})】)\s?", re.IGNORECASE
)
_RECEIPT = re.compile(r"\s?[（(]回执\s?[A-Z0-9]{1,16}-[A-Z0-9]{1,16}-\d{8}-\d{2,6}[）)]")


def subject(letter: Letter) -> str:
    """`Re: 【受理】<original>（回执 R）`, earlier prefixes, marks and receipts taken off (spec section 8)."""
    mark = f"【{MARKS[letter.state]}】" if letter.state else ""
    receipt = f"（回执 {letter.receipt}）" if letter.receipt else ""
    return f"Re: {mark}{bare_subject(letter.subject)}{receipt}"


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
