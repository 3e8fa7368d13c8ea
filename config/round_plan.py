"""Which rounds a notice file has: reckoned from `every`, or listed one by one."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from config.notice_schema import ColumnModel
from config.notice_yaml import KeyPath
from config.round_schema import Every, OffsetModel, RoundItemModel, RoundReportersModel, RoundsModel
from domain.text import normalise

MOST_ROUNDS = 60


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A round before it is a notice. `code` follows the short code in receipts; `path` is where it stands in the file."""

    key: str
    name: str
    code: str
    path: KeyPath
    opens: date | datetime | None
    deadline: date | datetime | None
    aliases: tuple[str, ...] = ()
    reporters: RoundReportersModel | None = None


@dataclass(frozen=True)
class Period:
    """A month, quarter, term or year; `number` counts them, so that they can be gone through."""

    every: Every
    number: int

    @property
    def _of_year(self) -> tuple[int, int]:
        """(year, place in it from 0)."""
        return divmod(self.number, {"month": 12, "quarter": 4, "term": 2, "year": 1}[self.every])

    @property
    def last_month(self) -> int:
        """Counted from the year 0: a term ends in January or July."""
        year, place = self._of_year
        ends = {"month": place, "quarter": place * 3 + 2, "term": place * 6 + 6, "year": 11}[self.every]
        return year * 12 + ends

    @property
    def key(self) -> str:
        year, place = self._of_year
        match self.every:
            case "month":
                return f"{year}-{place + 1:02}"
            case "quarter":
                return f"{year}-q{place + 1}"
            case "term":
                return f"{year}-{('spring', 'autumn')[place]}"
        return str(year)

    @property
    def name(self) -> str:
        year, place = self._of_year
        match self.every:
            case "month":
                return f"{year}年{place + 1}月"
            case "quarter":
                return f"{year}年第{'一二三四'[place]}季度"
            case "term":
                return f"{year}年{'春秋'[place]}季学期"
        return f"{year}年"

    @property
    def code(self) -> str:
        year, place = self._of_year
        marks = {"month": f"{place + 1:02}", "quarter": f"Q{place + 1}", "term": "A" if place else "S", "year": ""}
        return f"{year % 100:02}{marks[self.every]}"


def period_of(text: str, every: Every) -> Period | None:
    """None where it is not written so."""
    found = re.fullmatch(r"(20\d\d)(?:-(.+))?", text.strip().lower())
    if found is None:
        return None
    year, rest = int(found[1]), found[2]
    match every:
        case "month":
            fits = rest and re.fullmatch(r"0?[1-9]|1[0-2]", rest)
            return Period(every, year * 12 + int(rest) - 1) if fits else None
        case "quarter":
            return Period(every, year * 4 + int(rest[1]) - 1) if rest and re.fullmatch(r"q[1-4]", rest) else None
        case "term":
            return Period(every, year * 2 + (rest == "autumn")) if rest in ("autumn", "spring") else None
    return Period(every, year) if rest is None else None


def planned(rounds: RoundsModel) -> tuple[Planned, ...]:
    """The rounds, oldest first; as many of them as can be told of a file that is not right."""
    items = [(("rounds", "items", at), item) for at, item in enumerate(rounds.items)]
    if rounds.every is None:
        return tuple(_listed(item, path) for path, item in items if not item.skip)
    changed = {item.key: (path, item) for path, item in items}
    return tuple(
        plan
        for period in periods(rounds)
        if (plan := _regular(period, rounds, *changed.get(period.key, (None, None)))) is not None
    )


def periods(rounds: RoundsModel) -> Sequence[Period]:
    """All from the first to the last, some more than are allowed at the most."""
    if rounds.every is None or rounds.first is None or rounds.last is None:
        return ()
    first, last = period_of(rounds.first, rounds.every), period_of(rounds.last, rounds.every)
    if first is None or last is None:
        return ()
    numbers = range(first.number, min(last.number, first.number + 2 * MOST_ROUNDS) + 1)
    return [Period(rounds.every, number) for number in numbers]


def _listed(item: RoundItemModel, path: KeyPath) -> Planned:
    code = re.sub(r"[^A-Z0-9]", "", item.key.upper())
    return Planned(
        key=item.key, name=item.name or item.key, code=code, path=path, opens=item.opens, deadline=item.deadline,
        aliases=tuple(item.aliases), reporters=item.reporters,
    )  # fmt: skip


def _regular(period: Period, rounds: RoundsModel, path: KeyPath | None, item: RoundItemModel | None) -> Planned | None:
    """A round of every so many months, with what an item of its key changes. None where it is left out."""
    made = Planned(
        key=period.key, name=period.name, code=period.code, path=path or ("rounds",),
        opens=_day(period, rounds.opens), deadline=_day(period, rounds.due),
    )  # fmt: skip
    if item is None:
        return made
    if item.skip:
        return None
    return replace(
        made, name=item.name or made.name, opens=item.opens or made.opens, deadline=item.deadline or made.deadline,
        aliases=(made.name, *item.aliases) if item.name else tuple(item.aliases), reporters=item.reporters,
    )  # fmt: skip


def _day(period: Period, offset: OffsetModel | None) -> date | datetime | None:
    if offset is None:
        return None
    year, month = divmod(period.last_month + offset.months_after, 12)
    day = date(year, month + 1, min(offset.day, calendar.monthrange(year, month + 1)[1]))
    return datetime.combine(day, offset.at) if offset.at else day


def column_called(name: str, columns: Sequence[ColumnModel]) -> ColumnModel | None:
    """The column of that key, or of that name as printed."""
    compared = normalise(name).casefold()
    by_key = (column for column in columns if column.key == name)
    return next(by_key, None) or next(
        (column for column in columns if normalise(column.name).casefold() == compared), None
    )
