"""Writing the search index: what is put in belongs to a subject, and goes with it.

The number of a document tells its place in every answer, so that no query has to sort: its high bits are the second in which
the subject was received; within that second subjects stand by (time, UID, name), and the documents of one from the last to the
first. Where a subject comes late into a second, those behind it are put in anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from domain.documents import OF_MAILS, Document, Kind
from domain.segment import fold, grams, identifiers
from storage import search_grams
from storage.advisory import alone
from storage.database import Transaction
from storage.schema_search import search_documents, search_identifiers, search_subjects
from storage.types import storable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_ORDER = {kind: place for place, kind in enumerate(Kind)}
"""Of the documents of one subject, however many steps it took to write them."""
_LONGEST = 1_000
"""Bytes of an identifier: an index of PostgreSQL takes 2,704 (its B-tree, of pages of 8 kB). A Message-ID has at most 998
characters, and what is longer is found by its words."""
_ROOM = 28
"""Bits for the documents of one second; 35 are left for the seconds, which is past the year 3000."""

_GROUP = 500
"""Documents in memory while many are gone through."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What documents belong to: a receipt, or `mail:<sha256>`, and what they may be filtered by. `state` is that of the
    submission, or the disposition of the mail. What was `reviewed` once stays so."""

    name: str
    notice: str | None
    reporter: str | None
    state: str
    received_at: datetime
    uid: int
    late: bool = False
    breach: bool = False
    reviewed: bool = False

    @property
    def order(self) -> tuple[datetime, int, str]:
        return (self.received_at, self.uid, self.name)

    @property
    def marks(self) -> list[str]:
        names = ("notice", "reporter", "state", "late", "breach", "reviewed")
        return search_grams.marks({name: getattr(self, name) for name in names})


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A document as it is stored. `earlier`: it stood in an earlier decision."""

    document: Document
    earlier: bool = False


def first_number(at: datetime) -> int:
    """The least number that a document received at that second, or later, can have."""
    return ((at - _EPOCH) // _SECOND) << _ROOM


def put(tx: Transaction, subject: Subject, documents: Sequence[Document], *, replaces: Collection[Kind] = ()) -> None:
    """Puts documents in, beside what the subject has. Of the kinds that they replace, what is not among them is kept as
    earlier: it was reported once, and an auditor may ask for it."""
    _alone_in_second(tx, subject.received_at)
    known = _known(tx, subject.name)
    entries = _merged(_take_out(tx, subject.name), documents, replaces)
    subject = replace(subject, reviewed=subject.reviewed or (known is not None and known[1].reviewed))
    _note(tx, subject)
    behind = [each for each in _of_second(tx, subject.received_at) if each.order > subject.order]
    moved = [(each, _take_out(tx, each.name)) for each in behind]
    for each, its in [(subject, entries), *moved]:
        _put_in(tx, each, its)


def add(tx: Transaction, name: str, documents: Sequence[Document]) -> None:
    """Puts documents in beside those of a subject that is known; nothing where it is not."""
    if documents and (known := _known(tx, name)):
        put(tx, known[1], documents)


def remove(tx: Transaction, name: str) -> None:
    """Takes out a subject with all its documents."""
    if known := _known(tx, name):
        _alone_in_second(tx, known[1].received_at)
    _take_out(tx, name)
    tx.execute(delete(search_subjects).where(search_subjects.c.subject == name))


def clear(tx: Transaction) -> None:
    """Takes everything out."""
    search_grams.clear(tx)
    for table in (search_identifiers, search_documents, search_subjects):
        tx.execute(delete(table))


def put_grams(tx: Transaction) -> None:
    """Puts in the grams of all documents that stand without, as after they were copied from another database."""
    c, owner = search_documents.c, search_subjects
    query = select(c.id.label("number"), c.folded, *owner.c).join(owner, c.subject == owner.c.id).order_by(c.id)
    found = tx.execute(query.execution_options(yield_per=_GROUP)).partitions()
    search_grams.fill(
        tx, ([(row.number, (*grams(row.folded), *_subject(row).marks)) for row in rows] for rows in found)
    )


def _merged(kept: Iterable[Entry], documents: Sequence[Document], replaces: Collection[Kind]) -> list[Entry]:
    fresh = {(one.kind, one.place, one.text): Entry(document=one) for one in map(_storable, documents)}
    for entry in kept:
        one = entry.document
        gone = entry.earlier or (one.kind in replaces and one.kind not in OF_MAILS)
        fresh.setdefault((one.kind, one.place, one.text), replace(entry, earlier=gone))
    return sorted(fresh.values(), key=lambda entry: (entry.earlier, _ORDER[entry.document.kind]))


def _storable(one: Document) -> Document:
    """As it comes back: else it would not be known again."""
    return replace(one, place=storable(one.place), text=storable(one.text))


def rows_of(subject: Subject, entries: Sequence[Entry], first: int) -> list[tuple[int, Entry, str, tuple[str, ...]]]:
    """Of each document its number, itself, its folded text, and its grams with the marks of its subject."""
    last, marks = first + len(entries) - 1, tuple(subject.marks)
    folded = (fold(entry.document.text) for entry in entries)
    return [
        (last - place, entry, text, (*grams(text), *marks))
        for place, (entry, text) in enumerate(zip(entries, folded, strict=True))
    ]


def _put_in(tx: Transaction, subject: Subject, entries: Sequence[Entry]) -> None:
    if not entries:
        return
    c, start = search_documents.c, first_number(subject.received_at)
    highest = tx.execute(select(func.max(c.id)).where(c.id >= start, c.id < start + (1 << _ROOM))).scalar()
    rows = rows_of(subject, entries, start if highest is None else highest + 1)
    owner = tx.execute(select(search_subjects.c.id).where(search_subjects.c.subject == subject.name)).scalar_one()
    tx.execute(search_documents.insert(), [document_row(owner, *row[:3]) for row in rows])
    search_grams.add(tx, [(number, words) for number, _, _, words in rows])
    if named := [row for number, entry, text, _ in rows for row in identifier_rows(number, entry, text)]:
        tx.execute(search_identifiers.insert(), named)


def document_row(owner: int, number: int, entry: Entry, folded: str) -> dict[str, Any]:
    one = entry.document
    return {
        "id": number, "subject": owner, "kind": str(one.kind), "place": one.place, "text": one.text, "folded": folded,
        "earlier": entry.earlier,
    }  # fmt: skip


def identifier_rows(number: int, entry: Entry, folded: str) -> list[dict[str, Any]]:
    """What names a document as a whole. An earlier one is found by its words alone."""
    names = {storable(name) for name in (*entry.document.identifiers, *identifiers(folded))}
    return [{"identifier": name, "document": number} for name in sorted(names) if len(name.encode()) <= _LONGEST]


def _take_out(tx: Transaction, name: str) -> list[Entry]:
    """Takes out the documents of a subject. → what they were, first to last."""
    subject = _known(tx, name)
    if subject is None:
        return []
    owner, facts = subject
    c, named = search_documents.c, search_identifiers.c
    stored = tx.execute(select(search_documents).where(c.subject == owner).order_by(c.id.desc())).all()
    mine = select(c.id).where(c.subject == owner)
    names: dict[int, set[str]] = {}
    for row in tx.execute(select(named.document, named.identifier).where(named.document.in_(mine))):
        names.setdefault(row.document, set()).add(row.identifier)
    search_grams.remove(tx, [(row.id, (*grams(row.folded), *facts.marks)) for row in stored])
    tx.execute(delete(search_identifiers).where(named.document.in_(mine)))
    tx.execute(delete(search_documents).where(c.subject == owner))
    return [_entry(row, names.get(row.id, set())) for row in stored]


def _entry(row: Any, names: Iterable[str]) -> Entry:
    document = Document(kind=Kind(row.kind), place=row.place, text=row.text, identifiers=frozenset(names))
    return Entry(document=document, earlier=row.earlier)


def _known(tx: Transaction, name: str) -> tuple[int, Subject] | None:
    row = tx.execute(select(search_subjects).where(search_subjects.c.subject == name)).first()
    return (row.id, _subject(row)) if row else None


def _alone_in_second(tx: Transaction, at: datetime) -> None:
    """Numbers of documents are given, and moved, within a second."""
    alone(tx, "search", str((at - _EPOCH) // _SECOND))


def _of_second(tx: Transaction, at: datetime) -> list[Subject]:
    """All that were received in the same second, in their order."""
    start = _EPOCH + (at - _EPOCH) // _SECOND * _SECOND
    c = search_subjects.c
    within = (c.received_at >= start) & (c.received_at < start + _SECOND)
    return sorted(map(_subject, tx.execute(select(search_subjects).where(within))), key=lambda each: each.order)


def _note(tx: Transaction, subject: Subject) -> None:
    values = {"subject": subject.name} | {
        name: getattr(subject, name)
        for name in ("notice", "reporter", "state", "received_at", "uid", "late", "breach", "reviewed")
    }
    c = search_subjects.c
    if tx.execute(update(search_subjects).where(c.subject == subject.name).values(**values)).rowcount == 0:
        tx.execute(search_subjects.insert().values(**values))


def _subject(row: Any) -> Subject:
    return Subject(
        name=row.subject, notice=row.notice, reporter=row.reporter, state=row.state, received_at=row.received_at,
        uid=row.uid, late=row.late, breach=row.breach, reviewed=row.reviewed,
    )  # fmt: skip
