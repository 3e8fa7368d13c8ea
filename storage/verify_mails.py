"""The audit of mails: bytes, places and times of receipt, and what became of each, against the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import literal, select

from storage.database import Transaction, each_row
from storage.fault import Fault
from storage.inbox import MailStatus
from storage.ledger import RECEIVED, SEEN, SETTLED
from storage.schema import dispositions, ledger_entries, mail_locations, mails
from storage.types import as_found
from storage.verify_records import NOT_VOUCHED, Told, differing, older_than, utc_text, with_entries, without_rows

_PLACE = ("account", "folder", "uidvalidity", "uid")
_Seen = tuple[Any, ...]
"""Account, folder, UIDVALIDITY, UID."""


class MailAudit:
    """One pass; what it keeps of a mail in memory are its places."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._older = older_than(tx).get("mails", 0)
        self._subjects: set[str] = set()
        self._entries: set[int] = set()
        self._places: defaultdict[_Seen, set[tuple[int, str | None]]] = defaultdict(set)
        """Place → (mail, time of receipt) that the ledger tells of it."""

    def faults(self) -> Iterator[Fault]:
        rows = each_row(self._tx, select(*as_found(*dispositions.c)))
        finished = {row.mail_id: row for row in rows}
        subject = literal("mail:") + mails.c.sha256
        for row, entries in with_entries(self._tx, mails, subject, (RECEIVED, SEEN, SETTLED)):
            self._entries.add(row.ledger_entry)
            self._subjects.add(f"mail:{row.sha256}")
            for fault in self._mail(row, entries, finished.pop(row.id, None)):
                yield Fault(object=f"mail:{row.id}", fault=fault)
        for mail_id in finished:
            yield Fault(object=f"mail:{mail_id}", fault="has a disposition, but is not in the records")
        yield from self._locations()
        yield from self._removed()

    def _mail(self, row: Any, entries: list[Told], finished: Any) -> Iterator[str]:
        received = next((each for each in entries if each.kind == RECEIVED and each.id == row.ledger_entry), None)
        if received is None:
            yield "not the mail that its ledger entry names"
            return
        yield from self._receipt(row, received, [each for each in entries if each.kind == SEEN])
        yield from self._disposition(row, [each for each in entries if each.kind == SETTLED], finished)

    def _receipt(self, row: Any, received: Told, seen: list[Told]) -> Iterator[str]:
        counts, places = received, [_place_of(each.body) for each in (received, *seen)]
        if len(set(places)) < len(places):
            yield "seen at one place more than once, by the ledger"
        for each in (received, *seen):
            if each is received or each.body.get("counts") is True:
                counts = each
            if place := _place_of(each.body):
                self._places[place].add((row.id, each.body.get("received_at")))
        place, at = _place_of(counts.body), counts.body.get("received_at")
        if row.size != received.body.get("size") or row.recorded_at != received.at:
            yield "not as it was received: size or time"
        if place is None and row.id <= self._older:
            # From before places were entered: of several copies the earliest counted, and nothing tells of the others.
            if str(utc_text(row.received_at)) > str(at):
                yield "not as it was received: time"
        elif place != _place_of(_seen_at(row)) or utc_text(row.received_at) != at:
            yield "not as it was received: place or time"

    def _disposition(self, row: Any, settled: list[Told], finished: Any) -> Iterator[str]:
        done = row.status == MailStatus.DONE
        if row.status not in tuple(MailStatus) or done is (finished is None):
            yield "its status does not fit its disposition"
        if len(settled) > 1:
            yield "settled more than once, by the ledger"
        if settled and finished is None:
            yield "its disposition is missing, though the ledger tells of it"
        elif settled:
            told = settled[0].body
            expected = {name: told.get(name) for name in ("disposition", "reason", "kind")} | {"at": settled[0].at}
            if differing(finished, expected):
                yield "its disposition is not what the ledger says"
        elif finished is not None and row.id > self._older:
            yield f"its disposition: {NOT_VOUCHED}"

    def _locations(self) -> Iterator[Fault]:
        found: set[_Seen] = set()
        for row in each_row(self._tx, select(*as_found(*mail_locations.c)).order_by(mail_locations.c.id)):
            place = _place_of(_seen_at(row))
            vouched = self._places.get(place, set()) if place else set()
            found |= {place} if place else set()
            if (row.mail_id, utc_text(row.received_at)) not in vouched and not self._is_old(row, bool(vouched)):
                yield Fault(object=f"mail_locations:{row.id}", fault="not where the ledger says that the mail was seen")
        for place in sorted(set(self._places) - found, key=repr):
            mail = min(number for number, _ in self._places[place])
            yield Fault(
                object=f"mail:{mail}", fault=f"the place where it was seen is missing: {place[1]!r} UID {place[3]}"
            )

    def _is_old(self, row: Any, told: bool) -> bool:
        return isinstance(row.mail_id, int) and row.mail_id <= self._older and not told

    def _removed(self) -> Iterator[Fault]:
        entry = ledger_entries.c
        received = select(*as_found(entry.id, entry.subject)).where(entry.kind == RECEIVED).order_by(entry.id)
        for row in each_row(self._tx, received):
            if row.id not in self._entries:
                yield Fault(object=str(row.subject), fault="missing, though the ledger tells that it was received")
        yield from without_rows(self._tx, (SEEN, SETTLED), self._subjects)


def _seen_at(row: Any) -> Mapping[str, Any]:
    """The place of a row, as a ledger body has it."""
    return {"place": {name: getattr(row, name) for name in _PLACE}}


def _place_of(body: Mapping[str, Any]) -> _Seen | None:
    place = body.get("place")
    found = tuple(place.get(name) for name in _PLACE) if isinstance(place, dict) else None
    try:
        hash(found)
    except TypeError:  # altered: a list where a word belongs
        return None
    return found
