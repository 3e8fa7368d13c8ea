"""What is read beside the text that a cell should show, and is no part of it: specks, signs, the remains of a seal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from math import exp

from domain.cover import Lattice, Step, TextReading
from domain.notice import ColumnType
from domain.text import normalise

_RESIDUE = 0.5
"""Up to this confidence a character beside the expected text, under a seal, is taken for the rest of a rim letter. With 0.6 a character
that the workbook had lost (拍照搜 for 拍照搜题, read with 0.52) passed for one."""
_NEAR = 3.0  # nats by which another character may be less likely, and yet be what is printed
_SIGNS = re.compile(r"(?<!\d)[,.;:~'\"\u00b7]|[,.;:~'\"\u00b7](?!\d)")
_SEAL_NUMBER = re.compile(r"\d{2,13}")
_MOBILE = re.compile(r"1[3-9]\d{9}")
SPECKS = ".,'\"|-_~:;\u00b7"


def speckless(text: str) -> str:
    """Without the signs at the ends that a speck or the rest of a ruling line is read as."""
    return text.strip(SPECKS)


def differ_in_signs(kind: ColumnType, wanted: str, read: str) -> bool:
    """Only in points, commas and quotes between words (打卡、作业 and 打卡·作业), which say nothing in a text, and are what a speck is
    read as. Those between digits are content."""
    if kind is not ColumnType.TEXT:
        return False
    return _SIGNS.sub("", wanted) == _SIGNS.sub("", read) != ""


def with_specks(wanted: str, read: str, reading: TextReading) -> bool:
    """The whole text, and beside it Latin letters or signs that nobody would call read: specks, or the rest of a ruling line."""
    if wanted not in read or not wanted:
        return False
    rest = read.replace(wanted, "", 1)
    if not rest.isascii() or any(map(str.isdigit, rest)):
        return False
    specks = "".join(letter for line in reading.lines for letter in _hardly_read(line))
    return not Counter(rest) - Counter(normalise(specks))


def _hardly_read(line: Lattice) -> Iterator[str]:
    """Each letter of a line that was hardly read, and in whose place no digit and no ideograph comes near it: an added 1 is read as /."""
    for letter, run in groupby(line, key=lambda step: step[0][0] if step else ""):
        steps = list(run)
        if letter and all(exp(step[0][1]) <= _RESIDUE and not _may_be_said(step) for step in steps):
            yield letter


def _may_be_said(step: Step) -> bool:
    best = step[0][1]
    return any(
        best - log < _NEAR and other != step[0][0] and other.isalnum() and not _is_latin(other) for other, log in step
    )


def _is_latin(letter: str) -> bool:
    return letter.isascii() and letter.isalpha()


def seal_residue(kind: ColumnType, wanted: str, read: str, confidence: float) -> bool:
    """Under a seal: the whole text is there, and what stands beside it is the seal's own rim or number."""
    if not any(map(str.isdigit, wanted)) and _SEAL_NUMBER.sub("", read) == wanted:
        return True  # the number may run between two lines of the cell
    if wanted not in read:
        return False
    rest = read.replace(wanted, "", 1)
    if kind is ColumnType.PHONE and (not any(map(str.isdigit, rest)) or _MOBILE.fullmatch(wanted)):
        return True  # a mobile number with more digits is none: they are the seal's
    if kind not in (ColumnType.TEXT, ColumnType.UNIT):
        return rest.isascii() and not any(map(str.isdigit, rest))  # no digit was altered by it
    # Digits of the number at a seal's rim are read surely; else the letters beside the text must be hardly read. The mean is
    # over all characters: were those of the text certain, the others had this much.
    others = (confidence * len(read) - len(wanted)) / len(rest)
    return others <= _RESIDUE or (len(rest) > 1 and rest.isdecimal() and not wanted[-1].isdigit())
