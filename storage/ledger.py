"""The ledger: every event once, chained by sealed batches, so that nothing can be altered or removed unseen.

`append` notes an event in the transaction that makes it; it does not wait for others. `seal`, run by one sealer,
numbers all unsealed entries, hashes them into a Merkle root (RFC 6962) and chains it to the head before. Bodies hold
codes, states, receipts and SHA-256 of files; never names, phones or addresses, not even their plain hashes, which
anybody could guess back (keyed digests: `storage.people`). A body's list `blobs` names the archive files it vouches for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update

from storage.advisory import alone
from storage.canonical import Json, canonical
from storage.database import Transaction
from storage.errors import Mismatch
from storage.merkle import leaf_hash, root_hash
from storage.papers import HEAD, Papers
from storage.schema import ledger_entries, ledger_heads
from storage.types import as_found

GENESIS = "0" * 64
"""What the first head names as its previous one."""

RECEIVED = "mail.received"
"""Kind of the entry that every mail has."""
SEEN = "mail.seen"
"""Kind of the entry of every further place at which a mail was seen."""
SETTLED = "mail.settled"
"""Kind of the entry that every mail with a disposition has."""
DECIDED = "submission.decided"
"""Kind of the entry that every decision on a submission has, one each."""
EXTENDED = "ledger.extended"
"""Kind of the entry of the upgrade since which places, dispositions, letters and tasks are vouched for: what is older."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """A sealed state of the ledger: `number` is that of the last entry covered, `hash` lower case hex.

    Of one that is known from outside, `hash` may be the beginning, and `source` says whence.
    """

    number: int
    hash: str
    source: str = field(default="", compare=False)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry. `number` is None until it is sealed; `body` is canonical JSON."""

    id: int
    number: int | None
    at: datetime
    kind: str
    subject: str
    body: str


def append(tx: Transaction, kind: str, subject: str, body: Mapping[str, Json], *, at: datetime | None = None) -> int:
    """Note an event, unsealed; the entry id. `subject` is a receipt, `mail:<sha256>` or the like; `at` default now."""
    row = {"at": at or datetime.now(UTC), "kind": kind, "subject": subject, "body": canonical(body)}
    key = tx.execute(ledger_entries.insert().values(row)).inserted_primary_key
    assert key is not None  # noqa: S101  an INSERT of one row always has one
    return int(key[0])


def append_all(
    tx: Transaction, kind: str, events: Mapping[str, Mapping[str, Json]], *, at: datetime | None = None
) -> dict[str, int]:
    """Note many events of a kind in one go, bodies by subject, in that order; entry ids by subject."""
    if not events:
        return {}
    at = at or datetime.now(UTC)
    rows = [{"at": at, "kind": kind, "subject": subject, "body": canonical(body)} for subject, body in events.items()]
    tx.execute(ledger_entries.insert(), rows)
    c = ledger_entries.c
    newest = select(c.subject, func.max(c.id)).where(c.kind == kind, c.subject.in_(events)).group_by(c.subject)
    return {subject: int(key) for subject, key in tx.execute(newest)}


def seal_alone(tx: Transaction) -> None:
    """Nobody else seals until this transaction ends; who appends does not wait for it."""
    alone(tx, "seal")


def seal(tx: Transaction, *, at: datetime | None = None) -> Head | None:
    """Seal all unsealed entries as one batch; the new head, None if there was nothing to seal."""
    seal_alone(tx)
    unsealed = [_entry(row) for row in tx.execute(_entries().where(ledger_entries.c.number.is_(None)).order_by("id"))]
    if not unsealed:
        return None
    last = head(tx) or Head(number=0, hash=GENESIS)
    sealed = [(entry.id, number, leaf_of(entry, number)) for number, entry in enumerate(unsealed, last.number + 1)]
    change = update(ledger_entries).where(ledger_entries.c.id == bindparam("entry"))
    change = change.values(number=bindparam("new_number"), leaf=bindparam("new_leaf"))
    tx.execute(change, [{"entry": key, "new_number": number, "new_leaf": leaf.hex()} for key, number, leaf in sealed])
    number, previous, count = last.number + len(sealed), last.hash, len(sealed)
    root, at = root_hash([leaf for _, _, leaf in sealed]).hex(), at or datetime.now(UTC)
    hash_ = head_hash(number=number, previous=previous, root=root, count=count, at=at)
    facts = {"number": number, "previous": previous, "root": root, "count": count, "at": at, "hash": hash_}
    tx.execute(ledger_heads.insert().values(**facts))
    return Head(number=number, hash=hash_)


def head(tx: Transaction) -> Head | None:
    """The newest head, None before the first sealing."""
    row = tx.execute(_heads().order_by(ledger_heads.c.number.desc()).limit(1)).first()
    return Head(number=row.number, hash=row.hash) if row else None


def begun(tx: Transaction) -> bool:
    """Whether anything was ever noted."""
    return tx.execute(select(ledger_entries.c.id).limit(1)).first() is not None


def covers(tx: Transaction, entry: int) -> Head | None:
    """The first head that covers the entry with that id; None while it is unsealed."""
    number = select(ledger_entries.c.number).where(ledger_entries.c.id == entry).scalar_subquery()
    row = tx.execute(_heads().where(ledger_heads.c.number >= number).order_by(ledger_heads.c.number).limit(1)).first()
    return Head(number=row.number, hash=row.hash) if row else None


def entries_of(tx: Transaction, subject: str) -> tuple[Entry, ...]:
    """All entries of one subject, oldest first."""
    return tuple(
        _entry(row) for row in tx.execute(_entries().where(ledger_entries.c.subject == subject).order_by("id"))
    )


def told(body: str) -> dict[str, Any]:
    """What an entry's body says; nothing if it was altered beyond reading, which the chain names."""
    try:
        facts = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def vouching(tx: Transaction, receipt: str, entry: int | None) -> dict[str, Any]:
    """What the entry with that id says of a decision on the receipt. Nothing where it is gone, tells of something else,
    cannot be read, or is not as it was sealed: then it vouches for nothing."""
    c = ledger_entries.c
    row = tx.execute(select(*as_found(*c)).where(c.id == entry)).first()
    if row is None or row.kind != DECIDED or row.subject != receipt:
        return {}
    leaf = leaf_as_found(row)
    unaltered = row.leaf is None if row.number is None else leaf is not None and leaf.hex() == row.leaf
    return told(row.body) if unaltered else {}


def leaf_as_found(row: Any) -> bytes | None:
    """Leaf hash of a stored entry, None where something stands in it that never was in one."""
    try:
        return leaf_of(_entry(row), row.number)
    except Exception:  # noqa: BLE001  whoever alters a value may put anything there
        return None


def write_head(papers: Papers, new: Head, *, whatever: bool = False) -> None:
    """Write `N:HASH`, durably and at once whole. Call it after the sealing transaction has committed: a paper that lags behind
    is still true, one that runs ahead would accuse an honest ledger. A newer one, by another machine, stays, but where it is written
    `whatever` stands there."""

    def newer(standing: bytes) -> bool:
        try:
            return not whatever and parse_head(standing.decode("ascii")).number > new.number
        except ValueError:
            return False

    papers.replace(HEAD, f"{new.number}:{new.hash}\n".encode("ascii"), unless=newer)


@dataclass(frozen=True, kw_only=True)
class HeadPaper:
    """HEAD as it was read: `text` is None where there is none."""

    place: str
    text: bytes | None


def find_head(papers: Papers) -> HeadPaper:
    """Before the transaction that looks at it: an object store may take its time, and a writer would keep all others waiting."""
    return HeadPaper(place=papers.locate(HEAD), text=papers.read(HEAD))


def check_head(tx: Transaction, found: HeadPaper) -> Head | None:
    """The head that was written, None before the first sealing. Raises Mismatch when it is missing later, or when this database
    does not have it.

    It lags behind the database or is level with it, never ahead (`write_head`). So a head that the database does
    not have shows that entries were lost or replaced, and to write over it would destroy the proof.
    """
    place = found.place
    try:
        kept = head_in(found)
    except ValueError as error:
        raise Mismatch(
            f"{place} is damaged: restore it from the copy, after `baosong audit verify`; if there is none, "
            "`baosong audit rehead --reason TEXT` writes it anew"
        ) from error
    c = ledger_heads.c
    if kept is None:
        # A crash may part the first sealing from its file; after the second one only a hand can have removed it.
        if (tx.execute(select(func.count()).select_from(ledger_heads)).scalar() or 0) > 1:
            raise Mismatch(
                f"{place} is missing, though the ledger has been sealed: restore it from the copy; if there is none, "
                "`baosong audit rehead --reason TEXT` writes it anew and notes that in the ledger"
            )
        return None
    if tx.execute(select(c.hash).where(c.number == kept.number)).scalar() == kept.hash:
        return kept
    raise Mismatch(
        f"{place} names the ledger's head {kept.number}, which this database does not have: it is older than its archive, "
        "or another's; restore the copy that belongs to the archive (see Back-up and restore in the runbook)"
    )


def head_in(found: HeadPaper) -> Head | None:
    """What `write_head` wrote; None before the first sealing. Raises ValueError for a paper that holds no head."""
    return None if found.text is None else parse_head(found.text.decode("ascii"))


def parse_head(text: str) -> Head:
    """`N:HASH` as `write_head` writes it; ValueError otherwise."""
    number, _, hash_ = text.strip().partition(":")
    if not (number.isascii() and number.isdecimal() and len(hash_) == 64 and set(hash_) <= set("0123456789abcdef")):
        raise ValueError("a head is written NUMBER:SHA256")
    return Head(number=int(number), hash=hash_)


def head_hash(*, number: int, previous: str, root: str, count: int, at: datetime) -> str:
    """SHA-256 (hex) of the canonical JSON of a head's five facts; `at` in microseconds since 1970 UTC."""
    facts: dict[str, Json] = {
        "at": microseconds(at), "count": count, "number": number, "previous": previous, "root": root
    }  # fmt: skip
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def leaf_of(entry: Entry, number: int) -> bytes:
    """Leaf hash of an entry under its number: of canonical JSON of all it says, so that none can be swapped."""
    facts: dict[str, Json] = {
        "at": microseconds(entry.at),
        "body": entry.body,
        "kind": entry.kind,
        "number": number,
        "subject": entry.subject,
    }
    return leaf_hash(canonical(facts).encode())


def microseconds(at: datetime) -> int:
    """As leaves and heads have times: since 1970 UTC."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _entries() -> Any:
    c = ledger_entries.c
    return select(c.id, c.number, c.at, c.kind, c.subject, c.body)


def _entry(row: Any) -> Entry:
    return Entry(id=row.id, number=row.number, at=row.at, kind=row.kind, subject=row.subject, body=row.body)


def _heads() -> Any:
    return select(ledger_heads.c.number, ledger_heads.c.hash)
