"""Reminding those that have not reported: when, whom, and what the bureau's staff are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.notice import Notice, RemindAt
from domain.standings import Standing


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """To one reporter. `receipt`: of what was sent back or lacks a part, None where nothing came. `days_left`: 0 on the day
    of the deadline."""

    reporter: str
    standing: Standing
    receipt: str | None
    days_left: int


@dataclass(frozen=True, kw_only=True)
class Reminded:
    """One reporter in the staff's copy: `addresses` is how many letters went out; where it is 0, `phone` is to be called."""

    reporter: str
    standing: Standing
    addresses: int
    phone: str


@dataclass(frozen=True, kw_only=True)
class ReminderCopy:
    """The staff's copy of one round of reminders."""

    days_left: int
    reporters: tuple[Reminded, ...]


def moment_of(when: RemindAt, notice: Notice) -> datetime:
    """The time at which a round of reminders is due, in the notice's zone."""
    day = notice.deadline.astimezone(notice.zone).date() - timedelta(days=when.days_before)
    return datetime.combine(day, when.at, tzinfo=notice.zone)


def due(notice: Notice, now: datetime) -> RemindAt | None:
    """The round that is to go out now: the last one whose time has come. A round belongs to its day, and none goes out
    after the deadline: who was down over it does not send "three days left" a day later."""
    local = now.astimezone(notice.zone)
    today = [
        when
        for when in notice.reminders
        if moment_of(when, notice) <= local and moment_of(when, notice).date() == local.date()
    ]
    if not today or now > notice.deadline:
        return None
    return max(today, key=lambda when: when.at)


def days_left(notice: Notice, now: datetime) -> int:
    """Whole days to the day of the deadline; 0 on it, negative after."""
    return (notice.deadline.astimezone(notice.zone).date() - now.astimezone(notice.zone).date()).days
