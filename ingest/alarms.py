"""The dead man's alarm: staff get one mail when polling, deciding or sending has stalled, and one when it works again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

import structlog

from domain.alarm import Alarm, Trouble
from domain.letter import Letter, LetterKind
from ingest import outages
from ingest.app import App
from ingest.letters import message_id
from ingest.outages import POLL, PROCESS, SEND, Failing
from storage import outbox, state, tasks, vitals
from storage.advisory import alone
from storage.canonical import Json
from storage.database import Transaction

log = structlog.get_logger(__name__)

_STAGES = {POLL: Trouble.POLLING, PROCESS: Trouble.PROCESSING, SEND: Trouble.SENDING}
_TASKS = {
    Trouble.POLLING: "邮箱收信中断，请查看邮箱和网络。",
    Trouble.PROCESSING: "来信已收到，但程序没有办理，请维护人员查看。",
    Trouble.SENDING: "回信发不出去，请查看邮箱的发信设置和网络。",
}
"""A refused log-in is a task of the poll that met it."""


@dataclass(frozen=True, kw_only=True)
class _Told:
    """An outage that staff were told of."""

    trouble: Trouble
    since: datetime


def watch(app: App, *, started: datetime | None = None) -> None:
    """Puts an alarm into the outbox for each outage that has none yet, and the all-clear for each that is over.

    `started`: when this worker began; None for a single pass. A letter of alarm goes out like any other: when it is
    sending that has stalled, as soon as that works again, and it says so.
    """
    now = app.clock()
    with app.database.begin() as tx:
        alone(tx, "alarms")
        outages.forget(tx, app, started=started)
        if started:
            outages.suspect(tx, app, started=started)
        for stage, place in outages.places(app):
            failing, told = outages.of(tx, stage, place), _told(tx, stage, place)
            if failing is None and told:
                _all_clear(app, tx, stage, place, told, now)
            elif failing and failing.is_outage(now, watched_since=started):
                _alarm(app, tx, failing, told, now)


def _alarm(app: App, tx: Transaction, failing: Failing, told: _Told | None, now: datetime) -> None:
    """Once an outage; and once more when its cause becomes known (first no poll, then a refused log-in)."""
    trouble = Trouble.LOGIN if failing.stage == POLL and failing.refused else _STAGES[failing.stage]
    if told and told.trouble in (trouble, Trouble.LOGIN):
        return
    alarm = Alarm(trouble=trouble, place=failing.place, since=failing.since, waiting=_waiting(tx, trouble))
    log.error("alarm", trouble=trouble, place=failing.place, since=failing.since.isoformat())
    _tell(app, tx, alarm, now)
    if text := _TASKS.get(trouble):
        tasks.add(tx, _task(trouble), failing.place, text, at=now)
    noted: dict[str, Json] = {"trouble": str(trouble), "since": failing.since.isoformat()}
    state.put(tx, _key(failing.stage, failing.place), noted, at=now)


def _all_clear(app: App, tx: Transaction, stage: str, place: str, told: _Told, now: datetime) -> None:
    log.info("alarm_over", trouble=told.trouble, place=place, since=told.since.isoformat())
    alarm = Alarm(trouble=told.trouble, place=place, since=told.since, until=now, waiting=_waiting(tx, told.trouble))
    _tell(app, tx, alarm, now)
    tasks.close_kind(tx, _task(_STAGES[stage]), place, at=now)
    state.remove(tx, _key(stage, place))


def _tell(app: App, tx: Transaction, alarm: Alarm, now: datetime) -> None:
    """One letter to each address of `staff.digest_to`, over the first `[smtp]`."""
    if not app.settings.staff.digest_to:
        log.error("alarm_without_address")
    if not app.notices:  # nobody's words to write it in
        log.error("alarm_without_notice", trouble=alarm.trouble, place=alarm.place)
        return
    for named in app.settings.staff.digest_to:
        letter = Letter(
            kind=LetterKind.STAFF,
            notice=app.any_notice,
            to=parseaddr(named)[1],
            message_id=message_id(app),
            subject="",
            alarm=alarm,
        )
        outbox.put(tx, letter, at=now)


def _waiting(tx: Transaction, trouble: Trouble) -> int:
    if trouble is Trouble.SENDING:
        return vitals.backlog(tx).letters
    return vitals.backlog(tx).new if trouble is Trouble.PROCESSING else 0


def _told(tx: Transaction, stage: str, place: str) -> _Told | None:
    value = state.get(tx, _key(stage, place))
    if not isinstance(value, dict):
        return None
    return _Told(trouble=Trouble(str(value["trouble"])), since=datetime.fromisoformat(str(value["since"])))


def _task(trouble: Trouble) -> str:
    return f"{trouble}_stalled"


def _key(stage: str, place: str) -> str:
    return f"alarm:{stage}:{place}"
