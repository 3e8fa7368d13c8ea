"""One cell of the page against its value in the workbook: match, differs, or doubtful.

Thresholds are in nats of the alignment's deficit (`domain.alignment`), taken from samples of true and altered cells:
see docs/benchmarks.md. "Cannot tell" is never "no".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from math import isfinite

from domain import look_alikes
from domain.alignment import deficit, letters
from domain.beside_print import differ_in_signs, seal_residue, speckless, with_specks
from domain.cover import PageCell, TextReading
from domain.notice import ColumnType
from domain.printed_table import PrintedTable
from domain.submission import About, CellVerdict
from domain.text import normalise
from domain.written import plain, ways

MATCH_TEXT = 3.5
"""Up to this deficit the print is taken to say the expected text: the reading is a slip of the recogniser. Where single
characters differ, `domain.look_alikes` has the bound of just those. What lies between it and DIFFERS is a look-alike or an
alteration, and a person looks."""
MATCH_DIGITS = 1.0
"""As MATCH_TEXT where a digit or letter differs: one altered digit must never pass."""
DIFFERS = 6.0
"""From this deficit on the print says something else, if it could be read surely."""
SURE = 0.85
"""Least mean confidence of a reading that may contradict the workbook."""
SURE_LETTER = 0.9
"""Least probability of a single letter that may contradict the workbook."""
LOOK_ALIKE = (
    *(
        "己已巳",
        "未末",
        "土士",
        "日曰",
        "人入八",
        "千干于",
        "天夭",
        "大太犬",
        "王玉主",
        "午牛",
        "刀力",
        "戊戌戍",
        "侯候",
    ),
    *(
        "0OoQD〇○()",
        "1Il|丨",
        "5S",
        "6be",
        "8B",
        "9gq",
        "2Z",
        "—-一",
        "口囗",
        "拔拨",
        "竞竟",
        "晴睛",
        "暖暧",
        "锡钖",
        "辨辩",
        "博搏",
        "崇祟",
    ),
)
"""Characters that differ by a stroke: where only these differ, a person looks."""

_TORN = 3
"""Cells of a page that hold the workbook's text and more, from which its rows are not taken for told apart: a person who
alters one cell makes one such."""
_SIMPLIFIED = str.maketrans("黃蕭吳呂戶溫淸靑爲眞鄭趙許孫陳", "黄萧吴吕户温清青为真郑赵许孙陈")
"""Letters of another script or an older print form, which the recogniser takes for those of a form in simplified letters."""
_SPILLED = re.compile(r"#{2,}|\d(?:\.\d+)?[Ee]\+?\d{1,3}")
"""What a spreadsheet prints when a number does not fit its column."""
_RULING = "一丨|l-_"
"""What the rest of a ruling line beside the print is read as, however surely."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the workbook says in a cell."""

    address: str
    field: str
    text: str
    type: ColumnType = ColumnType.TEXT
    sheet: str = ""


def judge_cell(expected: Expected, cell: PageCell, page: int) -> CellVerdict:
    """The verdict on one cell of the table."""
    verdict, score = verdict_of(expected, cell.reading, under_seal=cell.under_seal)
    return CellVerdict(
        address=expected.address,
        field=expected.field,
        expected=expected.text,
        read=cell.reading.text,
        score=score,
        verdict=verdict,
        page=page,
        row=cell.row,
        column=cell.column,
        box=cell.upright,
        sheet=expected.sheet,
    )


def is_guess(table: PrintedTable, verdicts: Sequence[CellVerdict]) -> bool:
    """Whether the frame may have been misread: a cell was lost, parted in two, or taken with the next, or a row stands on the page
    alone that can hardly be read, as where a line was imagined through print. Then what lies in the cells beside it is a guess
    as well, and contradicts nothing."""
    lost = any(_is_lost(each) or _is_half_a_row(each) for each in verdicts)
    return table.unnamed or lost or sum(map(_holds_more, verdicts)) >= _TORN


def _is_lost(verdict: CellVerdict) -> bool:
    return verdict.about is About.LOST_CELL and bool(verdict.expected)


def _is_half_a_row(verdict: CellVerdict) -> bool:
    return verdict.about is About.EXTRA_ROW and verdict.verdict == "doubtful"


def _holds_more(verdict: CellVerdict) -> bool:
    """The page has the workbook's text and more in one cell: a ruling between two rows may have been missed."""
    wanted, read = normalise(verdict.expected), normalise(verdict.read)
    return verdict.verdict != "match" and len(wanted) > 1 and wanted in read and len(read) > len(wanted) + 1


def not_found(expected: Expected, page: int, row: int) -> CellVerdict:
    """The verdict on a value whose cell the reader lost in a row that it found: nobody compared it yet."""
    return CellVerdict(
        address=expected.address,
        field=expected.field,
        expected=expected.text,
        read="",
        score=-99.0,
        verdict="doubtful",
        page=page,
        row=row,
        column=-1,
        about=About.LOST_CELL,
        sheet=expected.sheet,
    )


def verdict_of(expected: Expected, reading: TextReading, *, under_seal: bool) -> tuple[str, float]:
    """(verdict, score): score is minus the deficit."""
    wanted, read = comparable(expected, expected.text), comparable(expected, reading.text)
    if wanted == read or speckless(wanted) == speckless(read) != "" or differ_in_signs(expected.type, wanted, read):
        return "match", 0.0
    if _SPILLED.fullmatch(read):
        return "doubtful", -99.0
    if under_seal and wanted and seal_residue(expected.type, wanted, read, reading.confidence):
        return "match", 0.0
    if not wanted:
        return ("differs" if reading.confidence >= SURE and not under_seal else "doubtful"), -99.0
    if not read:
        # No ink at all in a cell that should be full is certain; ink that gave no text is not.
        return ("doubtful" if reading.lines or under_seal else "differs"), -99.0
    spelt = _spelt(expected.text, wanted, read) | ways(expected.type, expected.text)
    cost = min(deficit(reading.lines, reading.floor, text) for text in spelt)
    cost, bare = cost if isfinite(cost) else 99.0, speckless(read)
    if cost <= match_bound(wanted, bare, under_seal=under_seal) or with_specks(wanted, read, reading):
        return "match", -cost
    sure = reading.confidence >= SURE and not under_seal and not _never_seen(wanted, bare)
    sure = sure and _surely_differs(wanted, reading)
    return ("differs" if cost >= DIFFERS and sure else "doubtful"), -cost


def _spelt(expected: str, wanted: str, read: str) -> set[str]:
    """The ways the print may say it: as it stands, normalised, and between the specks that were read."""
    bare = speckless(read)
    start = read.find(bare) if bare else 0
    return {expected, wanted, read[:start] + wanted + read[start + len(bare) :]}


def match_bound(wanted: str, read: str, *, under_seal: bool = False) -> float:
    """The deficit (nats) up to which print that was read so is taken to say the expected text; both normalised."""
    if _differ_in_ascii(wanted, read):
        return MATCH_DIGITS
    if _slips_only(wanted, read):
        return DIFFERS
    pairs = _substitutions(wanted, read) if len(wanted) == len(read) else []
    alike = min((look_alikes.bound(one, other) for one, other in pairs), default=MATCH_TEXT)
    # What a seal left of a character is not what the bounds were measured on.
    return min(alike, MATCH_TEXT) if under_seal else alike


def comparable(expected: Expected, text: str) -> str:
    """Normalised, in simplified letters; phones without the signs that only group digits, numbers and days in one way of
    writing."""
    compared = plain(expected.type, text).translate(_SIMPLIFIED)
    return compared.replace("-", "") if expected.type is ColumnType.PHONE else compared


def _differ_in_ascii(wanted: str, read: str) -> bool:
    """Whether a digit or Latin letter of the workbook reads otherwise, or one stands on the page that is not there.

    A slip of the recogniser is not meant: an ideograph read as a letter (教APP备 as RAPP备), or a digit read as a letter
    of its form (Q for 0). No digit was changed by either.
    """
    for kind, a, b, c, d in SequenceMatcher(None, wanted, read, autojunk=False).get_opcodes():
        mine, theirs = wanted[a:b], read[c:d]
        if kind == "equal" or (len(mine) == len(theirs) and all(map(_is_slip, mine, theirs))):
            continue
        if _holds_ascii(mine) or (_holds_ascii(theirs) and (not mine or any(map(str.isdigit, theirs)))):
            return True
    return False


def _is_slip(digit: str, letter: str) -> bool:
    return digit.isdigit() and not letter.isdigit() and _alike(digit, letter)


def _slips_only(wanted: str, read: str) -> bool:
    """Whether the texts differ in digits read as signs of their form only, ) for 0: nobody alters a digit so."""
    return len(wanted) == len(read) and all(
        one == other or _is_slip(one, other) for one, other in zip(wanted, read, strict=True)
    )


def _holds_ascii(text: str) -> bool:
    return any(one.isascii() and one.isalnum() for one in text)


def _surely_differs(wanted: str, reading: TextReading) -> bool:
    """Whether each letter that contradicts the workbook was read surely; where nothing was read, its neighbours."""
    read = [(normalise(letter), sure) for letter, sure in letters(reading.lines)]
    told = [(each, sure) for letter, sure in read for each in letter]
    text = "".join(letter for letter, _ in told)
    if text.strip(_RULING) == wanted.strip(_RULING):
        return False
    if _runs_shortened(wanted, text):
        return False
    differing = SequenceMatcher(None, wanted, text, autojunk=False).get_opcodes()
    doubted = [told[c:d] if c < d else told[max(c - 1, 0) : c + 1] for kind, _, _, c, d in differing if kind != "equal"]
    return all(sure >= SURE_LETTER for part in doubted for _, sure in part)


def _runs_shortened(wanted: str, read: str) -> bool:
    """Whether only equal neighbours were lost: where two stand close the recogniser (CTC) reads PP as P, however surely."""
    runs = [[(character, len(list(run))) for character, run in groupby(text)] for text in (wanted, read)]
    return len(runs[0]) == len(runs[1]) and all(
        one == other and count >= left for (one, count), (other, left) in zip(*runs, strict=True)
    )


def _never_seen(wanted: str, read: str) -> bool:
    """Where only look-alikes or characters too rare for the recogniser differ, its word does not count as sure."""
    differing = _substitutions(wanted, read)
    return bool(differing) and all(
        _alike(one, other) or _hard(one) or bool(other and _hard(other)) for one, other in differing
    )


def _substitutions(wanted: str, read: str) -> list[tuple[str, str]]:
    """Differing pairs of two texts of one length; nothing when lengths differ."""
    if len(wanted) != len(read):
        return [(one, "") for one in wanted if one not in read] if any(is_rare(one) for one in wanted) else []
    return [(one, other) for one, other in zip(wanted, read, strict=True) if one != other]


def _alike(one: str, other: str, groups: Sequence[str] = LOOK_ALIKE) -> bool:
    return any(one in group and other in group for group in groups)


def _hard(character: str) -> bool:
    """No everyday letter (堃, 瑾, 旸…), or no letter at all."""
    return not character.isalnum() or not (character.isascii() or look_alikes.is_common(character))


def is_rare(character: str) -> bool:
    """Outside GB/T 2312: recognisers have hardly seen it."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False
