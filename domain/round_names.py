"""Which round of a collection a text names: by its name, a receipt's number, or its month, quarter, term or year as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from domain.notice import Notice
from domain.round import Round
from domain.text import normalise

_LONGEST = 300
"""Characters of a text that are looked at."""


class _Kind(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    TERM = "term"  # 1: the autumn of `year`, 2: the spring of `year`
    YEAR = "year"


@dataclass(frozen=True)
class _Named:
    """A time that words name. `year` None: they do not say which."""

    kind: _Kind
    year: int | None
    part: int


def round_named_in(text: str, rounds: Sequence[Notice], near: datetime) -> Notice | None:
    """The round that a text names: by its name, a receipt's number, or its month, quarter, term or year in any usual writing.

    A month without its year is that of the round nearest to `near`. None for no round, and for several.
    """
    compared = normalise(text[:_LONGEST])
    by_name = _by_names(compared, rounds)
    if by_name:
        return by_name
    found = set()
    for said in _times(_in_digits(compared)):
        meant = [at for at, notice in enumerate(rounds) if any(_same(said, own) for own in _own_times(notice.round))]
        if meant:
            found.add(min(meant, key=lambda at: (_distance(rounds[at], near), -at)))
    return rounds[found.pop()] if len(found) == 1 else None


def _by_names(compared: str, rounds: Sequence[Notice]) -> Notice | None:
    """By what a round is called, the longest of its names first, or by a number that begins with its short code."""
    named: dict[str, set[int]] = {}
    for at, notice in enumerate(rounds):
        if re.search(rf"(?<![0-9A-Za-z]){re.escape(notice.short)}-[0-9A-Z]", compared):
            return notice
        for name in _names(notice.round):
            if _stands(name, compared):
                named.setdefault(name, set()).add(at)
    longest = [name for name in named if not any(name != other and name in other for other in named)]
    found = {at for name in longest for at in named[name]}
    return rounds[found.pop()] if len(found) == 1 else None


def _stands(name: str, text: str) -> bool:
    """The name is in the text, not in the middle of a number."""
    return (
        re.search(rf"(?<!\d){re.escape(name)}(?!\d)" if name[-1:].isdigit() else rf"(?<!\d){re.escape(name)}", text)
        is not None
    )


@lru_cache(maxsize=256)
def _names(one: Round | None) -> tuple[str, ...]:
    """Names that a time in words cannot tell: of rounds that the notice lists itself."""
    if one is None:
        return ()
    names = map(normalise, (one.name, *one.aliases))
    return tuple(name for name in names if name and not list(_times(_in_digits(name))))


@lru_cache(maxsize=256)
def _own_times(one: Round | None) -> frozenset[_Named]:
    if one is None:
        return frozenset()
    names = (one.name, *one.aliases)
    return frozenset(time for name in names for time in _times(_in_digits(normalise(name))))


def _same(said: _Named, own: _Named) -> bool:
    return said.kind is own.kind and said.part == own.part and said.year in (None, own.year)


def _distance(notice: Notice, moment: datetime) -> timedelta:
    """From the days of a round; nothing within them."""
    return max(notice.opens - moment, moment - notice.deadline, timedelta(0))


_DIGITS = {character: str(number) for number, character in enumerate("零一二三四五六七八九")} | {
    "〇": "0",
    "○": "0",
    "元": "1",
}
_NUMERAL = re.compile(r"元(?=[月年])|[零〇○一二三四五六七八九十]+")
_YEAR = r"(?<!\d)(?P<{0}>(?:20)?\d\d)年度?"
_SCHOOL_YEAR = r"(?<!\d)(?P<y3>20\d\d)(?:年?[-~至/](?:20)?\d\d)?学年度?"
_TIMES = re.compile(
    "|".join(
        (
            _SCHOOL_YEAR + r"[(]?(?:第(?P<t1>[12])学期|(?P<t2>[上下])学期|(?P<s1>[秋春])季?)",
            _YEAR.format("y1") + r"[(]?(?P<s2>[秋春])季?",
            r"第(?P<t3>[12])学期",
            r"(?P<s3>[秋春])季?学期",
            r"(?<!\d)(?P<y4>20\d\d)(?:年度?|-)?第?(?:(?P<q1>[1-4])季度?|Q(?P<q2>[1-4])(?!\d))",
            r"(?<![\dA-Za-z])(?:第?(?P<q3>[1-4])季度|Q(?P<q4>[1-4])(?!\d))",
            _YEAR.format("y5") + r"0?(?P<m1>\d\d?)月(?:份)?(?!\d)",
            r"(?<![\d\-/.])(?P<y6>20\d\d)[-/.]0?(?P<m2>\d\d?)(?![\d]|[-/.]\d)",
            r"(?<!\d)(?P<y7>20\d\d)(?P<m3>0[1-9]|1[0-2])(?!\d)",
            r"(?<!\d)\d{2,4}年度?\d\d?月\d\d?",  # a day
            r"(?<!\d)0?(?P<m4>\d\d?)月(?:份)?(?!\d)",
            _SCHOOL_YEAR.replace("y3", "y8"),
            r"(?<!\d)(?P<y9>20\d\d)年度?(?!\d)",
        )
    )
)
_AUTUMN = {"1": 1, "上": 1, "秋": 1, "2": 2, "下": 2, "春": 2}


def _in_digits(text: str) -> str:
    """二〇二六年十一月 as 2026年11月."""
    return _NUMERAL.sub(lambda found: _number(found[0]), text)


def _number(numeral: str) -> str:
    tens, ten, ones = numeral.partition("十")
    if not ten or len(tens) > 1 or len(ones) > 1:
        return "".join(_DIGITS.get(character, "10") for character in numeral)
    return str(int(_DIGITS[tens] if tens else "1") * 10 + int(_DIGITS[ones] if ones else "0"))


def _times(text: str) -> Iterator[_Named]:
    """Every time that names a month, quarter, term or year, in the order of the text. A day is none."""
    for found in _TIMES.finditer(text):
        part = {name: value for name, value in found.groupdict().items() if value}
        years = [value for name, value in part.items() if name.startswith("y")]
        year = int(years[0]) % 100 + 2000 if years else None
        kinds = {name[0]: value for name, value in part.items() if not name.startswith("y")}
        if "m" in kinds:
            if 1 <= int(kinds["m"]) <= 12:
                yield _Named(_Kind.MONTH, year, int(kinds["m"]))
        elif "q" in kinds:
            yield _Named(_Kind.QUARTER, year, int(kinds["q"]))
        elif "t" in kinds or "s" in kinds:
            term = _AUTUMN[kinds.get("t") or kinds["s"]]
            spring_after = term == 2 and "y3" in part  # a school year ends in the year after
            yield _Named(_Kind.TERM, year + spring_after if year else None, term)
        elif year:
            yield _Named(_Kind.YEAR, year, 0)
