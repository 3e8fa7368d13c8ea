"""Ready reasons for decisions: what is found by looking at such a case, as the letter will say it to the county."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A reason that a key fills in; `accept`: for which of both decisions it is."""

    key: str
    accept: bool
    text: str


_SEAL_SEEN = "已人工辨认，公章是本单位的。"
_CALLED = "已电话核实，是本单位报送的。"
_NOT_THEIRS = "没有核实到是本单位报送的。请用已登记的邮箱重新报送。"
_ACCEPT: Mapping[str, str] = {
    "cover.seal_unreadable": _SEAL_SEEN,
    "cover.colourless": "已电话核实，纸面盖有单位公章。",
    "cover.seal_suspect": "已人工核实，公章是盖在纸面上的。",
    "cover.low_quality": "已人工核对，扫描件与电子表一致。",
    "cover.electronic_seal": "已验证，电子印章有效。",
    "mail.takeover": _CALLED,
    "mail.foreign_part": _CALLED,
    "mail.unknown_sender": _CALLED,
    "mail.sender_unverified": _CALLED,
    "header.unit_unlisted": "已确认是市直学校。",
}
_REJECT: Mapping[str, str] = {
    "cover.seal_unreadable": "公章看不清。请重新盖章，用彩色扫描后再报。",
    "cover.colourless": "扫描件是黑白的，看不出公章。请用彩色重新扫描后再报。",
    "cover.seal_suspect": "公章不是盖在纸面上的。请在打印件上盖章，重新扫描后再报。",
    "cover.low_quality": "扫描件看不清。请放平、拍全，用彩色、300 DPI重新扫描后再报。",
    "cover.electronic_seal": "电子印章无法验证。请改发纸面盖章后的扫描件。",
    "mail.takeover": _NOT_THEIRS,
    "mail.foreign_part": _NOT_THEIRS,
    "mail.unknown_sender": _NOT_THEIRS,
    "mail.sender_unverified": _NOT_THEIRS,
    "header.unit_unlisted": "不在应报送的单位之列。",
}
_ANY_ACCEPT = ("已人工核对，材料无误。", "已电话核实，材料无误。")
_ANY_REJECT = ("扫描件与电子表不一致。请核对后重新打印、盖章、扫描，再报一次。", "材料有误。请按电话中说的改好后再报。")
_MOST = 3
"""Of each kind: more would have to be read, and nobody finds the right one among them."""


_OF_SCANS: Mapping[str, str] = {
    "已人工核对，扫描件与电子表一致。": "已人工核对，是要报送的材料。",
    _ANY_REJECT[0]: "不是要报送的材料，或缺页。请核对后重新打印、盖章、扫描全部页，再报一次。",
}
"""What is said in place of these where there is no workbook."""


def ready(codes: Iterable[str], *, sheet_required: bool = True) -> tuple[Ready, ...]:
    """For a case with these problems: those that are theirs first, then those that always fit. Keys count through."""
    codes = tuple(dict.fromkeys(codes))
    accept = _first((*(_ACCEPT[code] for code in codes if code in _ACCEPT), *_ANY_ACCEPT))
    reject = _first((*(_REJECT[code] for code in codes if code in _REJECT), *_ANY_REJECT))
    if not sheet_required:
        accept, reject = ([_OF_SCANS.get(text, text) for text in texts] for texts in (accept, reject))
    both = [(True, text) for text in accept] + [(False, text) for text in reject]
    return tuple(Ready(key=str(number), accept=good, text=text) for number, (good, text) in enumerate(both, 1))


def _first(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(texts))[:_MOST]
