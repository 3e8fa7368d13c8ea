"""The inbox: every mail ever received, where it was seen, what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, update

from domain.mail import Origin
from storage import ledger
from storage.canonical import Json
from storage.database import Transaction, insert_ignoring, upsert
from storage.errors import AlreadyFinished, NotFound
from storage.schema import dispositions, mail_locations, mails, polls
from storage.types import storable

LONGEST_WAIT = timedelta(hours=1)
"""`postpone` puts no mail off for longer."""


class MailStatus(StrEnum):
    NEW = "new"  # to be processed
    HELD = "held"  # something unforeseen: waits for a person, `release` starts it again
    DONE = "done"  # has its disposition


EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""For `not_before`: at once."""


@dataclass(frozen=True, kw_only=True)
class MailRow:
    """A mail. `origin` is where it was first seen; `attempts` counts temporary failures; `error` is the last one.

    `size` is that on the server: of a mail larger than `message_bytes` the archive holds the header only.
    """

    id: int
    sha256: str
    size: int
    origin: Origin
    status: MailStatus
    attempts: int
    error: str | None
    disposition: str | None = None
    reason: str = ""
    kind: str = ""
    lane: str = ""
    surplus: int = 0
    """How many mails an hour its writer may send, where this one was beyond that: it waits behind all others (`storage.turns`)."""
    turn: int = 0
    """Of one that is `pending`: which turn of its lane it is in, from 0 on."""


@dataclass(frozen=True, kw_only=True)
class Filing:
    """A mail on the server whose flag or move is undone: decided as a submission, or `held`."""

    location_id: int
    mail_id: int
    origin: Origin
    held: bool


SUBMISSION = "submission"
"""The disposition whose mails are moved on the server; all others stay where people find them."""


def known_uids(tx: Transaction, account: str, folder: str, uidvalidity: int, first_uid: int = 1) -> set[int]:
    """UIDs of the folder that were received, from `first_uid` on (one walk along the unique index)."""
    c = mail_locations.c
    place = (c.account == account) & (c.folder == folder) & (c.uidvalidity == uidvalidity) & (c.uid >= first_uid)
    return set(tx.execute(select(c.uid).where(place)).scalars())


def highest_uid(tx: Transaction, account: str, folder: str, uidvalidity: int) -> int:
    """The highest UID received from the folder; 0 if none."""
    c = mail_locations.c
    place = (c.account == account) & (c.folder == folder) & (c.uidvalidity == uidvalidity)
    return int(tx.execute(select(func.max(c.uid)).where(place)).scalar() or 0)


def poll_finished(tx: Transaction, account: str, at: datetime) -> None:
    """Note that all folders of the account were polled. `at` is when the poll began: what the server had received by
    then is recorded now, what came during the poll may not be."""
    tx.execute(upsert(tx, polls, {"account": account, "finished_at": at}, {"finished_at": at}))


def last_complete_poll(tx: Transaction, accounts: Collection[str]) -> datetime | None:
    """The time by which every account had been polled: the earliest of their last polls; None if one never was."""
    query = select(polls.c.finished_at).where(polls.c.account.in_(accounts))
    times = list(tx.execute(query).scalars())
    return min(times) if times and len(times) == len(set(accounts)) else None


def due(tx: Transaction, mail_id: int, *, now: datetime) -> MailRow | None:
    """The mail, where it is still to be processed, and now."""
    row = tx.execute(_rows().where(mails.c.id == mail_id, mails.c.status == MailStatus.NEW, is_ready(now))).first()
    return _row(row) if row else None


def is_ready(now: datetime) -> ColumnElement[bool]:
    """Not put off by `postpone`, or to a time further ahead than any that is set: then the clock was wrong."""
    return or_(mails.c.not_before <= now, mails.c.not_before > now + LONGEST_WAIT)


def ordinary() -> ColumnElement[bool]:
    """Mails to be worked off in their turn. The values stand in the statement itself: only then the indexes over them are used."""
    return (mails.c.status == _as_written(MailStatus.NEW.value)) & (mails.c.surplus == _as_written(0))


def behind() -> ColumnElement[bool]:
    """Those put behind all others."""
    return (mails.c.status == _as_written(MailStatus.NEW.value)) & (mails.c.surplus > _as_written(0))


def _as_written(value: str | int) -> ColumnElement[Any]:
    return literal(value, literal_execute=True)


def oldest_waiting(tx: Transaction) -> datetime | None:
    """Receipt of the oldest mail that was not processed yet; None if none waits. What one writer sent beyond all measure does not
    count: nobody else shall wait for that."""
    query = select(mails.c.received_at).where(ordinary()).order_by(mails.c.received_at).limit(1)
    oldest: datetime | None = tx.execute(query).scalar()
    return oldest


def any_waiting(tx: Transaction) -> bool:
    """Whether any mail was not processed yet, in its turn or behind others."""
    return any(tx.execute(select(mails.c.id).where(which).limit(1)).first() for which in (ordinary(), behind()))


def rows_of(tx: Transaction, ids: Sequence[int]) -> list[MailRow]:
    """Mails by their ids, in that order; those that are not there are left out."""
    found = {row.id: _row(row) for row in tx.execute(_rows().where(mails.c.id.in_(ids)))}
    return [found[each] for each in ids if each in found]


def held(tx: Transaction) -> list[MailRow]:
    """Mails that wait for a person, oldest first."""
    query = _rows().where(mails.c.status == MailStatus.HELD).order_by(mails.c.received_at, mails.c.id)
    return [_row(row) for row in tx.execute(query)]


def load(tx: Transaction, mail_id: int) -> MailRow:
    """One mail by its id; `NotFound`."""
    row = tx.execute(_rows().where(mails.c.id == mail_id)).first()
    if row is None:
        raise NotFound(f"mail {mail_id}")
    return _row(row)


def count_received(tx: Transaction, since: datetime | None, until: datetime) -> int:
    """How many mails were taken in after `since` (None: ever) and not after `until`."""
    m = mails.c
    query = select(func.count()).where(m.recorded_at <= until)
    return int(tx.execute(query if since is None else query.where(m.recorded_at > since)).scalar_one())


def by_sha256(tx: Transaction, sha256: str) -> MailRow | None:
    """The mail with those bytes."""
    row = tx.execute(_rows().where(mails.c.sha256 == sha256)).first()
    return _row(row) if row else None


def finish(
    tx: Transaction,
    mail_id: int,
    disposition: str,
    reason: str,
    kind: str = "",
    *,
    told: Mapping[str, Json] | None = None,
    at: datetime | None = None,
) -> int:
    """Give the mail its one disposition. `AlreadyFinished` if it has one: roll the whole decision back.

    → the id of its ledger entry `mail.settled`, which says so, and what is `told` beside.
    """
    values = {"mail_id": mail_id, "disposition": disposition, "reason": reason, "kind": kind}
    at = at or datetime.now(UTC)
    if tx.execute(insert_ignoring(tx, dispositions).values(**values, at=at)).rowcount != 1:
        raise AlreadyFinished(f"mail {mail_id}")
    _change(tx, mail_id, status=MailStatus.DONE)
    if disposition != SUBMISSION:
        unfiled = (mail_locations.c.mail_id == mail_id) & mail_locations.c.filed_at.is_(None)
        tx.execute(update(mail_locations).where(unfiled).values(filed_at=at, filed_how="left"))
    body: dict[str, Json] = {"disposition": disposition, "reason": storable(reason), "kind": kind}
    return ledger.append(tx, ledger.SETTLED, f"mail:{load(tx, mail_id).sha256}", body | dict(told or {}), at=at)


def hold(tx: Transaction, mail_id: int, traceback: str) -> None:
    """Set a mail aside that met something unforeseen; a finished one stays finished."""
    _change(tx, mail_id, only=(MailStatus.NEW, MailStatus.HELD), status=MailStatus.HELD, error=traceback)


def release(tx: Transaction, mail_id: int) -> None:
    """Start a held mail again (replay), with all its attempts before it, in its turn. `AlreadyFinished` if it was decided."""
    fresh = {"status": MailStatus.NEW, "attempts": 0, "not_before": EARLIEST, "surplus": 0}
    _change(tx, mail_id, only=(MailStatus.NEW, MailStatus.HELD), **fresh)


def postpone(tx: Transaction, mail_id: int, until: datetime, error: str) -> int:
    """After a temporary failure: not again before `until`; how many attempts failed so far."""
    _change(tx, mail_id, only=(MailStatus.NEW,), attempts=mails.c.attempts + 1, not_before=until, error=error)
    return load(tx, mail_id).attempts


def to_file(tx: Transaction, limit: int = 1000) -> list[Filing]:
    """Submissions and held mails whose flag or move on the server is undone, oldest first."""
    place = mail_locations.c
    join = mail_locations.join(mails).outerjoin(dispositions, dispositions.c.mail_id == mails.c.id)
    wanted = (dispositions.c.disposition == SUBMISSION) | (mails.c.status == MailStatus.HELD)
    columns = (place.mail_id, place.account, place.folder, place.uidvalidity, place.uid, place.received_at)
    query = select(place.id, mails.c.status, *columns).select_from(join).where(place.filed_at.is_(None), wanted)
    return [
        Filing(location_id=row.id, mail_id=row.mail_id, origin=_origin(row), held=row.status == MailStatus.HELD)
        for row in tx.execute(query.order_by(place.mail_id, place.id).limit(limit))
    ]


def filed(tx: Transaction, location_id: int, how: str = "moved", *, at: datetime | None = None) -> None:
    """Note that the server side of a location is done: `how` is `moved`, `flagged`, `left` or `gone`."""
    change = update(mail_locations).where(mail_locations.c.id == location_id)
    tx.execute(change.values(filed_at=at or datetime.now(UTC), filed_how=how))


def _change(tx: Transaction, mail_id: int, *, only: tuple[MailStatus, ...] = tuple(MailStatus), **values: Any) -> None:
    done = tx.execute(update(mails).where(mails.c.id == mail_id, mails.c.status.in_(only)).values(**values))
    if done.rowcount != 1:
        load(tx, mail_id)  # NotFound
        raise AlreadyFinished(f"mail {mail_id}")


def _rows() -> Select[Any]:
    join = mails.outerjoin(dispositions, dispositions.c.mail_id == mails.c.id)
    return select(mails, dispositions.c.disposition, dispositions.c.reason, dispositions.c.kind).select_from(join)


def _row(row: Any) -> MailRow:
    return MailRow(
        id=row.id,
        sha256=row.sha256,
        size=row.size,
        origin=_origin(row),
        status=MailStatus(row.status),
        attempts=row.attempts,
        error=row.error,
        disposition=row.disposition,
        reason=row.reason or "",
        kind=row.kind or "",
        lane=row.lane,
        surplus=row.surplus,
    )


def _origin(row: Any) -> Origin:
    return Origin(
        account=row.account,
        folder=row.folder,
        uidvalidity=row.uidvalidity,
        uid=row.uid,
        received_at=row.received_at,
    )
