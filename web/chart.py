"""How many units had reported when, against the deadline: a stepped line as numbers that a template draws (SVG user units)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

WIDTH, HEIGHT = 380, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 28, 10, 26, 28
_MOST_DAYS_NAMED = 6
_HALF_NAME = 18
"""Half of what a day's name takes."""


@dataclass(frozen=True, kw_only=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """`line` and `area` are SVG path data up to now; `late` the part of the line that came after the deadline."""

    line: str
    area: str
    late: str
    deadline: float
    now: float | None
    days: tuple[Tick, ...]
    counts: tuple[Tick, ...]
    said: str
    """The same in words, for who does not see it."""
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, kw_only=True)
class _Scale:
    first: datetime
    last: datetime
    total: int

    def x(self, at: datetime) -> float:
        share = (at - self.first) / (self.last - self.first)
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * min(1.0, max(0.0, share)), 1)

    def y(self, count: int) -> float:
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * count / self.total, 1)


def chart(
    accepted: Sequence[datetime], total: int, opens: datetime, deadline: datetime, now: datetime, zone: ZoneInfo
) -> Chart | None:
    """`accepted`: when each unit's first accepted return came. None where no unit owes one, or nothing has begun."""
    times = sorted(at for at in accepted if at <= now)
    first = min([opens, *times[:1]])
    last = max(deadline, *times[-1:], first + timedelta(days=1)) + timedelta(hours=6)
    if not total or now <= first:
        return None
    scale = _Scale(first=first, last=last, total=max(total, len(times)))
    until = min(now, last)
    steps = [(at, count) for count, at in enumerate(times, 1)]
    points = list(_points(scale, [(first, 0), *steps], until))
    in_time = sum(at <= deadline for at in times)
    late = list(_points(scale, [(deadline, in_time), *steps[in_time:]], until)) if until > deadline else []
    base = scale.y(0)
    return Chart(
        line=_path(points),
        area=f"{_path(points)}V{base}H{points[0][0]}Z",
        late=_path(late),
        deadline=scale.x(deadline),
        now=scale.x(now) if now < last else None,
        days=tuple(_days(scale, zone)),
        counts=tuple(Tick(at=scale.y(count), label=str(count)) for count in _round_counts(scale.total)),
        said=f"到现在{len(times)}个单位有已受理的报送，共{total}个；按时{in_time}个，迟报{len(times) - in_time}个。",
    )


def _points(scale: _Scale, steps: Sequence[tuple[datetime, int]], until: datetime) -> Iterator[tuple[float, float]]:
    """Corners of the stairs, from the first step to `until`."""
    level = scale.y(steps[0][1])
    yield scale.x(steps[0][0]), level
    for at, count in steps[1:]:
        yield scale.x(at), level
        level = scale.y(count)
        yield scale.x(at), level
    yield scale.x(until), level


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points) if points else ""


def _days(scale: _Scale, zone: ZoneInfo) -> Iterator[Tick]:
    """Midnights, so many that their names do not touch."""
    start = scale.first.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    count = (scale.last - start).days + 1
    step = -(-count // _MOST_DAYS_NAMED)
    for number in range(0, count + 1, step):
        at = start + timedelta(days=number)
        if _LEFT <= scale.x(at) <= WIDTH - _RIGHT - _HALF_NAME and at >= scale.first:
            yield Tick(at=scale.x(at), label=f"{at.month}月{at.day}日")


def _round_counts(total: int) -> Iterator[int]:
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**9) if total / step <= 5)
    below = range(0, total, step)
    yield from (count for count in below if total - count >= step * 0.75)
    yield total
