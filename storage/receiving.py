"""Receiving: mails as they come get their rows and ledger entries, many at once; a repeat changes nothing."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from domain.mail import Origin
from storage import ledger
from storage.advisory import alone
from storage.canonical import Json
from storage.database import Transaction, insert_ignoring
from storage.inbox import EARLIEST, MailStatus
from storage.schema import mail_locations, mails
from storage.types import storable

RECEIVING = "receiving"
"""What `alone` calls it."""
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A mail whose bytes stand in the archive already; `size` in bytes is that on the server, `lane` whose turn it takes
    when many wait (at most 16 characters), `most` how many mails an hour take a turn in that lane (0: all)."""

    sha256: str
    size: int
    origin: Origin
    lane: str = ""
    most: int = 0


@dataclass(frozen=True, kw_only=True)
class Received:
    """What `receive` found. `new_location` False: this UID was seen before; `new_mail` False: these bytes were. `behind`: it is beyond
    what its lane may bring, and waits behind all others."""

    mail_id: int
    new_location: bool
    new_mail: bool
    behind: bool = False


def receive(tx: Transaction, *, raw_sha256: str, size: int, origin: Origin, at: datetime | None = None) -> Received:
    """`receive_all` of one mail."""
    return receive_all(tx, [Arrival(sha256=raw_sha256, size=size, origin=origin)], at=at)[0]


def receive_all(tx: Transaction, arrivals: Sequence[Arrival], *, at: datetime | None = None) -> list[Received]:
    """Record mails, a few statements for all of them; a repeat is a no-op by unique constraints.

    A new mail gets a ledger entry `mail.received`, a further place of a known one `mail.seen`. A server that gives a known
    UID to other bytes loses nothing: they are recorded as a mail without a location of its own. Of two who receive at once the
    second waits for the first.
    """
    alone(tx, RECEIVING)
    known = _known(tx, {arrival.sha256 for arrival in arrivals})
    fresh: dict[str, Arrival] = {}
    for arrival in arrivals:
        if arrival.sha256 not in known:
            fresh.setdefault(arrival.sha256, arrival)
    at = at or datetime.now(UTC)
    beyond = _beyond(tx, list(fresh.values()))
    ids = known | _record(tx, list(fresh.values()), beyond, at)
    new_places = _locate(tx, arrivals, ids)
    received = [
        Received(
            mail_id=ids[arrival.sha256],
            new_location=_key(arrival.origin) in new_places,
            new_mail=fresh.get(arrival.sha256) is arrival,
            behind=fresh.get(arrival.sha256) is arrival and arrival.sha256 in beyond,
        )
        for arrival in arrivals
    ]
    for arrival, got in zip(arrivals, received, strict=True):
        if got.new_location and not got.new_mail:
            counts = _earliest_counts(tx, got.mail_id, arrival.origin)
            body = _seen_at(arrival.origin) | {"counts": counts}
            ledger.append(tx, ledger.SEEN, f"mail:{arrival.sha256}", body, at=at)
    return received


def was_behind(tx: Transaction, lane: str, since: datetime, until: datetime, *, before: int) -> bool:
    """Whether a mail of the lane, received in that time and recorded before the one of that id, waited behind all others."""
    c = mails.c
    query = select(c.id).where(
        c.lane == lane, c.received_at >= since, c.received_at < until, c.surplus > 0, c.id < before
    )
    return tx.execute(query.limit(1)).first() is not None


def _known(tx: Transaction, hashes: Collection[str]) -> dict[str, int]:
    """Ids of the mails with those bytes that were received before."""
    rows = tx.execute(select(mails.c.sha256, mails.c.id).where(mails.c.sha256.in_(hashes)))
    return {row.sha256: row.id for row in rows}


def _beyond(tx: Transaction, arrivals: Sequence[Arrival]) -> set[str]:
    """Those before which, within an hour, so many of their lane came that take their turn as these may. By the server's time of
    receipt: what lay there for days while nobody fetched it is nobody's flood."""
    limited = sorted((one for one in arrivals if one.most), key=lambda one: (one.origin.received_at, one.origin.uid))
    if not limited:
        return set()
    first, last = limited[0].origin.received_at - _HOUR, limited[-1].origin.received_at
    c = mails.c
    within = c.received_at.between(first, last) & (c.surplus == 0)
    query = select(c.lane, c.received_at).where(c.lane.in_({one.lane for one in limited}), within)
    times: defaultdict[str, list[datetime]] = defaultdict(list)
    for row in tx.execute(query.order_by(c.received_at)):
        times[row.lane].append(row.received_at)
    found: set[str] = set()
    for one in limited:
        at, before = one.origin.received_at, times[one.lane]
        if bisect_right(before, at) - bisect_right(before, at - _HOUR) >= one.most:
            found.add(one.sha256)
        else:
            insort(before, at)
    return found


def _record(tx: Transaction, arrivals: Sequence[Arrival], beyond: Collection[str], at: datetime) -> dict[str, int]:
    """Rows and ledger entries of new mails; their ids by SHA-256."""
    if not arrivals:
        return {}
    events = {f"mail:{arrival.sha256}": _event(arrival) for arrival in arrivals}
    entries = ledger.append_all(tx, ledger.RECEIVED, events, at=at)
    fixed = {"recorded_at": at, "status": MailStatus.NEW, "attempts": 0, "not_before": EARLIEST}
    rows = [
        _place(arrival.origin)
        | {"sha256": arrival.sha256, "size": arrival.size, "received_at": arrival.origin.received_at}
        | fixed
        | {"lane": arrival.lane, "surplus": arrival.most if arrival.sha256 in beyond else 0}
        | {"ledger_entry": entries[f"mail:{arrival.sha256}"]}
        for arrival in arrivals
    ]
    tx.execute(mails.insert(), rows)
    return _known(tx, [arrival.sha256 for arrival in arrivals])


def _event(arrival: Arrival) -> dict[str, Json]:
    return {"blobs": [arrival.sha256], "size": arrival.size, **_seen_at(arrival.origin)}


def _seen_at(origin: Origin) -> dict[str, Json]:
    """Where and when, for the ledger, as the rows hold it."""
    account, folder, uidvalidity, uid = _key(origin)
    place: dict[str, Json] = {"account": account, "folder": folder, "uidvalidity": uidvalidity, "uid": uid}
    return {"place": place, "received_at": origin.received_at.astimezone(UTC).isoformat()}


def _locate(tx: Transaction, arrivals: Sequence[Arrival], ids: Mapping[str, int]) -> set[_Key]:
    """Note where the mails were seen; the places at which none was seen before."""
    if not arrivals:
        return set()
    places = {_key(arrival.origin) for arrival in arrivals}
    columns = [mail_locations.c[name] for name in ("account", "folder", "uidvalidity", "uid")]
    near = [column.in_(set(values)) for column, values in zip(columns, zip(*places, strict=True), strict=True)]
    seen = {tuple(row) for row in tx.execute(select(*columns).where(*near))}
    rows = [
        _place(arrival.origin) | {"mail_id": ids[arrival.sha256], "received_at": arrival.origin.received_at}
        for arrival in arrivals
    ]
    tx.execute(insert_ignoring(tx, mail_locations), rows)
    return places - seen


_Key = tuple[str, str, int, int]


def _key(origin: Origin) -> _Key:
    """A place as its row holds it."""
    return storable(origin.account), storable(origin.folder), origin.uidvalidity, origin.uid


def _earliest_counts(tx: Transaction, mail_id: int, origin: Origin) -> bool:
    """Versions go by receipt: of several copies the earliest counts, as long as nothing was decided. Whether it is this."""
    newer = (mails.c.id == mail_id) & (mails.c.status == MailStatus.NEW) & (mails.c.received_at > origin.received_at)
    change = update(mails).where(newer).values(**_place(origin), received_at=origin.received_at)
    return tx.execute(change).rowcount == 1


def _place(origin: Origin) -> dict[str, Any]:
    return {
        "account": origin.account,
        "folder": origin.folder,
        "uidvalidity": origin.uidvalidity,
        "uid": origin.uid,
    }
