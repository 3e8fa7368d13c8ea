"""The audit of letters and tasks: what was to be said, which bytes went out, how it ended; who was asked, who saw to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from typing import Any

from sqlalchemy import String, cast, literal, select

from domain.letter import Letter
from storage.codec import LETTERS, digest_of
from storage.database import Transaction, each_row
from storage.fault import Fault
from storage.ledger import told
from storage.outbox import BOUNCED, ENDED, QUEUED, RENDERED, OutboxStatus
from storage.schema import ledger_entries, outbox, tasks
from storage.tasks import CHANGED, CLOSED, OPENED, text_sha256
from storage.types import as_found, storable
from storage.verify_records import NOT_VOUCHED, Told, differing, last, older_than, with_entries, without_rows

_LETTERS = (QUEUED, RENDERED, BOUNCED, *ENDED.values())
_TASKS = (OPENED, CHANGED, CLOSED)
_SENT = ENDED[OutboxStatus.SENT]


def letter_faults(tx: Transaction, erased: Collection[str] = ()) -> Iterator[Fault]:
    """Letters that are not what the ledger says of them, and those that are gone or were added. `erased`: subjects of the
    ledger of which no record stands any more, by rule."""
    older, sent = older_than(tx).get("outbox", 0), _sent_before(tx)
    subjects = {*sent.values(), *erased}
    for row, entries in with_entries(tx, outbox, literal("letter:") + outbox.c.message_id, _LETTERS):
        subjects.add(f"letter:{row.message_id}")
        before = _old_bytes(tx, sent, row.id)
        for fault in _letter(row, entries, before, old=row.id <= older):
            yield Fault(object=f"outbox:{row.message_id}", fault=fault)
    yield from without_rows(tx, _LETTERS, subjects)


def _letter(row: Any, entries: list[Told], before: str | None, *, old: bool) -> Iterator[str]:
    queued, rendered = last(entries, QUEUED), last(entries, RENDERED)
    kinds = [each.kind for each in entries]
    if len(set(kinds)) < len(kinds):
        yield "queued, rendered, ended or back more than once, by the ledger"
    letter = _read(row.letter)
    if letter is None:
        yield "altered: what it shall say cannot be read"
    elif differing(row, _columns(letter)):
        yield "its columns do not say what its letter says"
    if queued is None:
        if not old:
            yield NOT_VOUCHED
    elif digest_of(row.letter) != queued.body.get("letter"):
        yield "not what it should say by the ledger"
    elif differing(
        row, {"mail_id": queued.body.get("mail"), "exempt": queued.body.get("exempt"), "created_at": queued.at}
    ):
        yield "not as it was put into the outbox"
    bytes_ = _first(rendered.body.get("blobs")) if rendered else before
    if row.sha256 != bytes_ and (bytes_ or not old):
        yield "its bytes are not those that the ledger vouches for"
    yield from _end(row, entries, sent_before=before is not None, old=old)


def _end(row: Any, entries: list[Told], *, sent_before: bool, old: bool) -> Iterator[str]:
    """Status and times. Of the older ones the ledger knows only those that were sent."""
    end, bounced = last(entries, *ENDED.values()), last(entries, BOUNCED)
    if end is None and sent_before:
        if row.status != OutboxStatus.SENT or row.sent_at is None:
            yield "not sent, though the ledger tells that it was"
    elif end is not None or not old:
        status = OutboxStatus.WAITING if end is None else end.kind.removeprefix("letter.")
        sent_at = end.at if end and end.kind == _SENT else None
        if differing(row, {"status": status, "sent_at": sent_at}):
            yield "it did not end as the ledger says"
    elif row.status == OutboxStatus.SENT:
        yield "sent, though the ledger does not tell so"
    if (bounced or not old) and row.bounced_at != (bounced.at if bounced else None):
        yield "whether it came back is not as the ledger says"


def _columns(letter: Letter) -> Mapping[str, object]:
    """What the columns say of a letter beside it."""
    return {
        "message_id": storable(letter.message_id),
        "receipt": letter.receipt,
        "notice": letter.notice,
        "kind": str(letter.kind),
        "address": storable(letter.to),
        "ledger_entry": letter.ledger_number,
    }


def _sent_before(tx: Transaction) -> Mapping[int, str]:
    """Letters of before whose sending was entered under their receipt: number → subject."""
    entry = ledger_entries.c
    query = select(*as_found(entry.subject, entry.body)).where(entry.kind == _SENT, entry.subject.not_like("letter:%"))
    found = {told(row.body).get("letter"): str(row.subject) for row in each_row(tx, query)}
    return {number: subject for number, subject in found.items() if isinstance(number, int)}


def _old_bytes(tx: Transaction, sent: Mapping[int, str], number: int) -> str | None:
    if number not in sent:
        return None
    entry = ledger_entries.c
    query = select(*as_found(entry.body)).where(entry.kind == _SENT, entry.subject == sent[number])
    bodies = [told(body) for body in tx.execute(query).scalars()]
    return next((_first(body.get("blobs")) for body in bodies if body.get("letter") == number), None)


def _first(blobs: object) -> str | None:
    return str(blobs[0]) if isinstance(blobs, list) and blobs else None


def _read(packed: bytes) -> Letter | None:
    try:
        return LETTERS.unpack(packed)
    except Exception:  # noqa: BLE001  a stored value that was tampered with may fail in any way, and the audit goes on
        return None


def task_faults(tx: Transaction, erased: Collection[str] = ()) -> Iterator[Fault]:
    """Tasks that are not what the ledger says of them, and those that are gone or were added. `erased` as above."""
    older, subjects = older_than(tx).get("tasks", 0), set(erased)
    for row, entries in with_entries(tx, tasks, literal("task:") + cast(tasks.c.id, String), _TASKS):
        subjects.add(f"task:{row.id}")
        for fault in _task(row, entries, old=row.id <= older):
            yield Fault(object=f"task:{row.id}", fault=fault)
    yield from without_rows(tx, _TASKS, subjects)


def _task(row: Any, entries: list[Told], *, old: bool) -> Iterator[str]:
    opened, text, closed = last(entries, OPENED), last(entries, OPENED, CHANGED), last(entries, CLOSED)
    if sum(each.kind == OPENED for each in entries) > 1 or sum(each.kind == CLOSED for each in entries) > 1:
        yield "opened or closed more than once, by the ledger"
    texts = [each.body.get("text") for each in entries if each.kind != CLOSED]
    if any(one == other for one, other in pairwise(texts)):
        yield "changed to the text that it had, by the ledger"
    if opened is None and not old:
        yield NOT_VOUCHED
    if opened is not None:
        body = opened.body
        expected = {"kind": body.get("kind"), "subject": body.get("about"), "confidential": body.get("confidential")}
        if differing(row, expected | {"created_at": opened.at}):
            yield "not what was asked, by the ledger"
    if text is not None and text_sha256(str(row.text)) != text.body.get("text"):
        yield "its text is not the one that the ledger vouches for"
    if closed is not None or not old:
        end = (
            {"closed_at": closed.at, "closed_by": closed.body.get("by")}
            if closed
            else {"closed_at": None, "closed_by": None}
        )
        if differing(row, end):
            yield "not closed as the ledger says"
