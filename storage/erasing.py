"""Erasing by rule: records go, and a tombstone stays in the ledger, in one transaction; files go when it has committed.

A file goes when nothing that stands refers to it any more. A crash in between leaves files that the tombstones name: the
audit says so, and the next erasure takes them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, or_, select, union, update

from storage import search_grams, search_waiting, search_writing
from storage.archive import Archive
from storage.claims import claims
from storage.database import Transaction
from storage.retention import Rule, bury, tombstones
from storage.schema import correspondents, known_addresses, mails, outbox, state, tasks
from storage.schema_submissions import (
    readings,
    submission_files,
    submission_history,
    submission_mails,
    submission_message_ids,
    submission_problems,
    submission_rows,
    submission_senders,
    submissions,
)

_OF_A_CASE = (
    submission_rows, submission_problems, submission_files, submission_mails, submission_message_ids, submission_senders,
    submission_history, submissions,
)  # fmt: skip
"""In the order in which foreign keys let them go."""


class Eraser:
    """Erases cases and mails one after another, each in a transaction of its own. Nobody else may write meanwhile: which
    files are needed is found once, at the beginning."""

    def __init__(self, tx: Transaction) -> None:
        self._claims = claims(tx, tombstones(tx))
        self._needed = Counter(sha256 for files in self._claims.values() for sha256 in files)

    def case(self, tx: Transaction, receipt: str, rule: Rule, at: datetime) -> None:
        """All decisions on a submission, and its letters. Its mails are erased by themselves, when no other case has them."""
        _securely(tx)
        search_writing.remove(tx, receipt)
        search_waiting.take(tx, receipt)
        covers = [*_letters(tx, outbox.c.receipt == receipt), *_tasks(tx, {receipt})]
        read = [
            select(column).where(column.is_not(None), submission_history.c.receipt == receipt)
            for column in (submission_history.c.cover_reading, submission_history.c.findings)
        ]
        digests = set(tx.execute(union(*read)).scalars())
        covers += _confirmed(tx, receipt)
        for table in _OF_A_CASE:
            tx.execute(delete(table).where(table.c.receipt == receipt))
        _readings(tx, digests)
        bury(tx, receipt, rule, covers=covers, files=self._free(receipt), at=at)

    def mail(self, tx: Transaction, sha256: str, rule: Rule, at: datetime) -> None:
        """The bytes of a mail, what was answered to it outside any case, and what went wrong with it. That it came, where
        and when stays: a mailbox shows old mails anew, and they must be known."""
        _securely(tx)
        search_writing.remove(tx, f"mail:{sha256}")
        number = tx.execute(select(mails.c.id).where(mails.c.sha256 == sha256)).scalar_one()
        covers = _letters(tx, (outbox.c.mail_id == number) & outbox.c.receipt.is_(None))
        covers += _tasks(tx, {f"mail:{number}"})
        tx.execute(update(mails).where(mails.c.id == number).values(error=None))
        bury(tx, f"mail:{sha256}", rule, covers=covers, files=self._free(f"mail:{sha256}"), at=at)

    def _free(self, subject: str) -> list[str]:
        """The files that only this subject needed."""
        files = self._claims.pop(subject, set())
        self._needed.subtract(files)
        return [sha256 for sha256 in files if not self._needed[sha256]]


def remove_files(tx: Transaction, blobs: Archive) -> int:
    """Removes every file that a tombstone names and nothing needs; how many there were. Call it when all has committed."""
    stones = tombstones(tx)
    needed = set[str]().union(*claims(tx, stones).values())
    gone = {sha256 for stone in stones for sha256 in stone.files} - needed
    return blobs.remove(gone)


def purge_index(tx: Transaction) -> None:
    """The search index forgets the words of what was taken out of it."""
    _securely(tx)
    search_grams.purge(tx)


def forget_addresses(tx: Transaction, *, notes_before: datetime, heard_before: datetime) -> None:
    """Notes that name an address count for a day (`one guide a day`), and have no use later; nor has an address that nothing
    was heard of for as long as mails are kept."""
    tx.execute(delete(state).where(state.c.key.contains("@"), state.c.updated_at < notes_before))
    c = correspondents.c
    older = [or_(at.is_(None), at < heard_before) for at in (c.heard_at, c.bounced_at)]
    tx.execute(delete(correspondents).where(*older))


def _letters(tx: Transaction, which: object) -> list[str]:
    """Deletes letters. → the subjects under which the ledger tells of them."""
    c = outbox.c
    rows = tx.execute(select(c.id, c.message_id).where(which)).all()  # type: ignore[arg-type]
    tx.execute(delete(outbox).where(c.id.in_([row.id for row in rows])))
    names = [name for row in rows for name in (f"outbox:{row.id}", f"letter:{row.message_id}")]
    return names + _tasks(tx, {row.message_id for row in rows} | {f"outbox:{row.id}" for row in rows})


def _tasks(tx: Transaction, about: set[str]) -> list[str]:
    """Deletes tasks that are about nothing but these. → the subjects under which the ledger may tell of them."""
    c = tasks.c
    near = or_(*(c.subject.contains(each, autoescape=True) for each in sorted(about))) if about else c.id < 0
    rows = tx.execute(select(c.id, c.subject).where(near)).all()
    ids = [row.id for row in rows if set(row.subject.split()) <= about]
    tx.execute(delete(tasks).where(c.id.in_(ids)))
    return [f"task:{id_}" for id_ in ids]


def _confirmed(tx: Transaction, receipt: str) -> list[str]:
    """Deletes the addresses that staff confirmed by a submission. → the subjects under which the ledger tells of them."""
    c = known_addresses.c
    tokens = tx.execute(select(c.token).where(c.receipt == receipt)).scalars().all()
    tx.execute(delete(known_addresses).where(c.token.in_(tokens)))
    return [f"sender:{token}" for token in tokens]


def _readings(tx: Transaction, digests: Iterable[str]) -> None:
    """Deletes readings that no decision rests on any more."""
    wanted = list(digests)
    columns = [table.c[name] for table in (submissions, submission_history) for name in ("cover_reading", "findings")]
    used = set(tx.execute(union(*(select(column).where(column.in_(wanted)) for column in columns))).scalars())
    tx.execute(delete(readings).where(readings.c.digest.in_([each for each in wanted if each not in used])))


def _securely(tx: Transaction) -> None:
    """SQLite leaves what was deleted in its file unless told otherwise (https://sqlite.org/pragma.html#pragma_secure_delete)."""
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("PRAGMA secure_delete=ON")
