"""Who sends more in an hour than any office would: the rest is kept as ever, but waits behind all others, and staff look.

Such a mail is worked off when nobody else waits, and of one lane no more an hour than its limit.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

import structlog

from domain.submission import Submission
from ingest.app import App
from ingest.lanes import lane_key, lanes_of_address
from storage import receiving, state, tasks, turns
from storage.canonical import Json
from storage.database import Transaction
from storage.inbox import MailRow
from storage.receiving import Arrival, Received

log = structlog.get_logger(__name__)

LAST_TURN = 1_000_000
"""Of what is behind all others, in a queue that knows turns."""
_HOUR = timedelta(hours=1)
_LANES = 100
"""Looked at once, beginning with another each minute."""
_NEXT = "behind:next"
"""Key of the state: lane → when the next of its mails may be worked off. Kept there, since `run --once` is a new process each time."""


def tell_staff(app: App, tx: Transaction, arrivals: Sequence[Arrival], received: Sequence[Received]) -> None:
    """A task for each lane and day of which the first mail is behind now. Its text names the mail, and nobody's address."""
    first: dict[tuple[str, date], tuple[int, Arrival]] = {}
    zone = app.settings.staff.zone
    for arrival, got in zip(arrivals, received, strict=True):
        day = arrival.origin.received_at.astimezone(zone).date()
        if got.behind and got.mail_id < first.get((arrival.lane, day), (got.mail_id + 1, arrival))[0]:
            first[arrival.lane, day] = got.mail_id, arrival
    for (lane, day), (mail, arrival) in first.items():
        begin = datetime.combine(day, time(), zone)
        if receiving.was_behind(tx, lane, begin, begin + timedelta(days=1), before=mail):
            continue
        log.warning("sender_over_limit", mail=mail, limit=arrival.most)
        tasks.add(tx, "sender_over_limit", f"mail:{mail}", _text(day, mail, arrival.most), at=app.clock())


def _text(day: date, mail: int, most: int) -> str:
    return (
        f"{day.month}月{day.day}日有一个邮箱一小时内来信超过{most}封，从第{mail}号来信起排到其他来信之后，每小时最多办理{most}封。"
        "来信都已保存，不会丢失，其他单位的来信不受影响。请打开这封信看一下：如果是误发或自动转发循环，请打电话请对方停止；"
        "如果是代多个单位集中报送，请维护人员调高每小时封数；如果是有人冒用，请告知被冒用的单位。"
    )


def next_mails(app: App, room: int, already: Collection[int] = ()) -> list[MailRow]:
    """Those behind all others whose time has come, at most `room`, of each lane one; what is `already` in hand goes before the next
    of its lane. Where the settings have no limit any more they all take their turn again."""
    now = app.clock()
    start = lane_key(f"{now:%d%H%M}", vouched=False)
    with app.database.read() as tx:
        heads = turns.behind(tx, _LANES, start=start, now=now) if room > 0 else []
    if not heads:
        return []
    with app.database.begin() as tx:
        if app.settings.limits.mails_per_sender_per_hour == 0:
            turns.let_all_in(tx)
            return []
        state.lock(tx, _NEXT)
        next_, taken = _still_counting(state.get(tx, _NEXT), now), list[MailRow]()
        for row in heads:
            if len(taken) < room and row.id not in already and row.lane not in next_:
                taken.append(row)
                next_[row.lane] = now + _HOUR / max(row.surplus, app.settings.limits.mails_per_sender_per_hour)
        if taken:
            told: dict[str, Json] = {lane: until.isoformat() for lane, until in next_.items()}
            state.put(tx, _NEXT, told, at=now)
    return taken


def _still_counting(kept: Json, now: datetime) -> dict[str, datetime]:
    """Of what was kept the times to come; one further ahead than any that is set was set by a clock that was wrong."""
    times = {lane: datetime.fromisoformat(str(at)) for lane, at in kept.items()} if isinstance(kept, dict) else {}
    return {lane: at for lane, at in times.items() if now < at <= now + _HOUR}


def waits_for(case: Submission, since: dict[str, datetime]) -> bool:
    """Whether a mail of the sender's that came in the grace time may be among those behind (`since`: `turns.behind_since`)."""
    end = case.grace_ends
    return end is not None and any(since[lane] <= end for lane in lanes_of_address(case.sender) if lane in since)
