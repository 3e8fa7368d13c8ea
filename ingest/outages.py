"""What has not worked since when: noted by whoever tried, kept in the database, for alarm, health page and `doctor`.

A note stands from the first failure until the next success, so that it outlives the process and serves `run --once` too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.app import App
from storage import state, vitals
from storage.canonical import Json
from storage.database import Transaction

STALLED = timedelta(minutes=15)
"""So long must a failure last to be an outage: providers break off for minutes every few days, and mend it themselves."""
_QUIET = timedelta(minutes=5)
"""So long may what is due lie untouched before it is suspected that nobody touches it."""
REFUSALS = 2
"""Log-ins refused in a row that are an outage at once: QQ refuses one correct code now and then, hardly two."""

POLL, PROCESS, SEND = "poll", "process", "send"


@dataclass(frozen=True, kw_only=True)
class Failing:
    """`stage` has not worked for `place` (mailbox or smtp as configured; "" where it is none in particular)."""

    stage: str
    place: str
    since: datetime
    refused: int = 0
    """Log-ins that were refused since then."""
    refused_at: datetime | None = None
    """When the last of them was."""

    def is_outage(self, now: datetime, *, watched_since: datetime | None = None) -> bool:
        """`watched_since`: when this worker began. What lasted while none ran is no proof that it still does."""
        return self.refused >= REFUSALS or now - max(self.since, watched_since or self.since) >= STALLED


def failed(tx: Transaction, stage: str, place: str, at: datetime, *, refused: bool = False) -> None:
    """It did not work; the first time counts."""
    state.lock(tx, _key(stage, place))
    before = of(tx, stage, place)
    since, refusals = (before.since, before.refused) if before else (at, 0)
    if before is None or refused:
        last = at if refused else before.refused_at if before else None
        noted: dict[str, Json] = {"since": since.isoformat(), "refused": refusals + refused}
        state.put(tx, _key(stage, place), noted | ({"refused_at": last.isoformat()} if last else {}), at=at)


def worked(tx: Transaction, stage: str, place: str) -> None:
    state.remove(tx, _key(stage, place))


def reached(tx: Transaction, account: str, at: datetime) -> None:
    """The mailbox gave something: all it has (`worked` too), or a group of mails on the way there."""
    state.put_time(tx, f"reached:{account}", at)


def last_reached(tx: Transaction, account: str) -> datetime | None:
    return state.get_time(tx, f"reached:{account}")


def of(tx: Transaction, stage: str, place: str) -> Failing | None:
    value = state.get(tx, _key(stage, place))
    if not isinstance(value, dict):
        return None
    since, refused = value.get("since"), value.get("refused")
    assert isinstance(since, str) and isinstance(refused, int)  # noqa: S101 written by `failed`
    last = value.get("refused_at")
    return Failing(
        stage=stage,
        place=place,
        since=datetime.fromisoformat(since),
        refused=refused,
        refused_at=datetime.fromisoformat(last) if isinstance(last, str) else None,
    )


def places(app: App) -> tuple[tuple[str, str], ...]:
    """Every (stage, place) of this configuration. What is noted of others, since taken out of it, concerns nobody."""
    polled = [(POLL, name) for name in app.settings.mailboxes]
    sent = [(SEND, name) for name in app.settings.smtp]
    return (*polled, (PROCESS, ""), *sent, (SEND, ""))


def all_(tx: Transaction, app: App) -> tuple[Failing, ...]:
    found = (of(tx, stage, place) for stage, place in places(app))
    return tuple(one for one in found if one)


def suspect(tx: Transaction, app: App, *, started: datetime) -> None:
    """Notes what nobody failed at because nobody came to try: a loop that hangs, or dies without a word. `started`: when
    the worker began that asks; a single pass need not, since it hangs in its owner's sight."""
    now = app.clock()
    seen = vitals.waiting(tx, now)
    for stage, due, moved in (
        (PROCESS, seen.oldest_due_mail, vitals.last_settled),
        (SEND, seen.oldest_due_letter, vitals.last_sent),
    ):
        if _quiet(due, started, now) and _quiet(moved(tx) or started, started, now):
            failed(tx, stage, "", now)
        else:
            worked(tx, stage, "")
    for account in app.settings.mailboxes:
        heard = max(last_reached(tx, account) or started, started)
        if now - heard > max(_QUIET, usual_pause(app, account)):
            failed(tx, POLL, account, heard)


def usual_pause(app: App, account: str) -> timedelta:
    """So long nothing need be heard of a mailbox: three polls may pass."""
    return timedelta(seconds=3 * app.settings.mailboxes[account].poll_seconds)


def forget(tx: Transaction, app: App, *, started: datetime | None) -> None:
    """Takes back what nobody could take back later: where no letter waits, nothing is left that could show whether
    sending works again; and a single pass does its work before anybody can suspect it."""
    if started is None:
        worked(tx, PROCESS, "")
        worked(tx, SEND, "")
    if vitals.waiting(tx, app.clock()).oldest_letter is None:
        for name in app.settings.smtp:
            worked(tx, SEND, name)


def _quiet(since: datetime | None, started: datetime, now: datetime) -> bool:
    """Something has been so for longer than is usual, and while there was a worker."""
    return since is not None and now - max(since, started) > _QUIET


def _key(stage: str, place: str) -> str:
    return f"failing:{stage}:{place}"
