"""Days as forms have them: the first and the last, both included, in the bureau's time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_WRONG = "日期请写成2020-02-28这样。"
_YEARS = range(1970, 3000)


def between(since: str, until: str, zone: ZoneInfo) -> tuple[datetime | None, datetime | None] | None:
    """The first moment, and the first that is not in it any more; each None where nothing is said. None for what is no day."""
    try:
        first, last = _day(since), _day(until)
    except ValueError:
        return None
    after = last + timedelta(days=1) if last else None
    return _midnight(first, zone), _midnight(after, zone)


def _day(text: str) -> date | None:
    """Raises ValueError, also for years that no zone can reckon with."""
    if not text:
        return None
    day = date.fromisoformat(text)
    if day.year not in _YEARS:
        raise ValueError(text)
    return day


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time.min, zone) if day else None
