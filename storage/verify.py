"""The audit: recompute every hash of the ledger and the archive, and name what does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from storage.archive import Archive
from storage.claims import claims
from storage.database import Transaction, any_text, each_row
from storage.fault import Fault
from storage.ledger import GENESIS, Head, head_hash, leaf_as_found
from storage.merkle import root_hash
from storage.progress import Progress, Stage, counted, unheard
from storage.retention import Tombstone, covered, tombstones
from storage.schema import ledger_entries, ledger_heads, outbox
from storage.schema_submissions import submission_history
from storage.types import as_found
from storage.verify_accounts import account_faults
from storage.verify_archive import FRESH as FRESH
from storage.verify_archive import ArchiveFaults, Wanted, verify_archive, wanted
from storage.verify_decisions import DecisionAudit
from storage.verify_erased import ErasureAudit
from storage.verify_letters import letter_faults, task_faults
from storage.verify_lists import blacklist_faults, register_faults
from storage.verify_mails import MailAudit
from storage.verify_marks import quarantine_faults, sender_faults
from storage.verify_notices import notice_faults
from storage.verify_records import dangling, foreign_parts, receipts


@dataclass(frozen=True, kw_only=True)
class Verification:
    """`checked` counts entries, heads, decisions, submissions and archive files."""

    checked: int
    faults: tuple[Fault, ...]
    older: int = 0
    """Decisions whose entries are from before the ledger vouched for the whole of what is stored."""
    unchecked: int = 0
    """Signed heads whose signature was not checked, as its key was not at hand."""
    erased: tuple[Tombstone, ...] = ()
    """What was erased by rule, which is no fault."""
    wanted: Wanted | None = None
    """What the archive must hold, where that is still to be looked at (`storage.verify_archive`)."""

    @property
    def ok(self) -> bool:
        return not self.faults


def verify(
    tx: Transaction,
    blobs: Archive | None = None,
    *,
    outside: Iterable[Head] = (),
    now: datetime | None = None,
    progress: Progress = unheard,
) -> Verification:
    """Check the whole ledger, then (with `blobs`) every file of the archive; without, `wanted` says what must be in it.

    `outside` are heads kept elsewhere (`archive/HEAD`, letters): only they show a tail cut off or a chain made anew.
    Unsealed entries cannot be vouched for yet and are only counted. `now` (default: now) tells which files are fresh.
    A value that is of no use where it stands is a fault like others: whatever was put anywhere, all faults are named.
    What `progress` raises ends it.
    """
    with any_text(tx):
        stones = tombstones(tx)
        needed = claims(tx, stones)
        gone = covered(stones)
        audit, decisions = _Audit(tx, progress), DecisionAudit(tx, erased=gone, progress=progress)
        faults = [*audit.chain(), *audit.tail(), *audit.outside(outside), *audit.records(), *decisions.faults()]
        parts = _parts(tx, gone, ErasureAudit(tx, stones, needed))
        for part in counted(parts, Stage.RECORDS, len(parts), progress):
            faults += part()
    checked = audit.checked + decisions.checked
    found = Verification(
        checked=checked, faults=tuple(faults), older=decisions.older, erased=stones, wanted=wanted(needed, stones)
    )
    return (
        found if blobs is None else with_archive(found, verify_archive(blobs, found.wanted, now=now, progress=progress))
    )


def with_archive(found: Verification, archive: ArchiveFaults) -> Verification:
    """Both halves of an audit as one."""
    return replace(found, checked=found.checked + archive.checked, faults=(*found.faults, *archive.faults), wanted=None)


def _parts(tx: Transaction, gone: Mapping[str, int], erasures: ErasureAudit) -> list[Callable[[], Iterable[Fault]]]:
    """What is looked at beside chain, decisions and archive. `gone`: what was erased by rule."""
    return [
        MailAudit(tx).faults,
        lambda: letter_faults(tx, gone),
        lambda: task_faults(tx, gone),
        lambda: receipts(tx, gone),
        lambda: dangling(tx),
        lambda: sender_faults(tx, gone),
        lambda: quarantine_faults(tx),
        lambda: foreign_parts(tx),
        lambda: account_faults(tx),
        lambda: register_faults(tx),
        lambda: blacklist_faults(tx),
        lambda: notice_faults(tx),
        erasures.faults,
    ]


_SINGLY = 1000
"""So many missing entries are named one by one: the 26 sample mails make 76. More come as one fault, since one altered number
may claim any number of them."""


class _Audit:
    """One pass; entries are read a few at a time, so memory does not grow with the ledger."""

    def __init__(self, tx: Transaction, progress: Progress = unheard) -> None:
        self._tx = tx
        self._progress = progress
        self._sealed = tx.execute(select(func.count(ledger_entries.c.number))).scalar_one()
        self.checked = 0
        self._seen = 0
        """Entries of those that are sealed."""
        self._last = 0
        self._heads: dict[int, str] = {}

    def chain(self) -> Iterator[Fault]:
        previous = GENESIS
        for row in self._tx.execute(select(*as_found(*ledger_heads.c)).order_by(ledger_heads.c.number)).all():
            self.checked += 1
            name = f"head:{row.number}"
            if not isinstance(row.number, int) or not isinstance(row.count, int):
                yield Fault(object=name, fault="altered")
                continue
            if row.previous != previous:
                yield Fault(object=name, fault="does not follow the head before it: one is missing, added or altered")
            if _head_hash(row) != row.hash:
                yield Fault(object=name, fault="altered")
            if row.number - row.count != self._last:
                yield Fault(object=name, fault=f"covers {row.count} entries, not those from {self._last + 1} on")
            yield from self._batch(row.number, row.root)
            previous, self._last = row.hash, row.number
            self._heads[row.number] = row.hash

    def _batch(self, last: int, root: str) -> Iterator[Fault]:
        number = ledger_entries.c.number
        query = select(*as_found(*ledger_entries.c)).where(number > self._last, number <= last).order_by(number)
        leaves: list[bytes] = []
        named = False
        expected = self._last + 1
        for row in each_row(self._tx, query):
            self.checked += 1
            self._seen += 1
            self._progress(Stage.LEDGER, self._seen, max(self._seen, self._sealed))
            leaf = leaf_as_found(row)
            if leaf is None or leaf.hex() != row.leaf:
                named = True
                yield Fault(object=f"entry:{row.number}", fault="altered")
            else:
                leaves.append(leaf)
            if isinstance(row.number, int):
                for gap in _missing(expected, row.number):
                    named = True
                    yield gap
                expected = row.number + 1
        for gap in _missing(expected, last + 1):
            named = True
            yield gap
        if not named and root_hash(leaves).hex() != root:
            fault = f"the entries {self._last + 1} to {last} are not those that were sealed"
            yield Fault(object=f"head:{last}", fault=fault)

    def tail(self) -> Iterator[Fault]:
        """Entries that claim a number no head covers."""
        number = ledger_entries.c.number
        covered = (number > self._last) | (number < 1)
        for extra in self._tx.execute(select(number).where(covered).order_by(number)).scalars():
            yield Fault(object=f"entry:{extra}", fault="extra: numbered, but no head covers it")

    def outside(self, heads: Iterable[Head]) -> Iterator[Fault]:
        for head in heads:
            found, known = self._heads.get(head.number), f"known {f'from {head.source}' if head.source else 'outside'}"
            if found is None and head.number > self._last:
                ends = f"the ledger ends at {self._last}: its end was cut off, or it is an older copy"
                yield Fault(object=f"head:{head.number}", fault=f"missing: {known}, but {ends}")
            elif found is None:
                yield Fault(
                    object=f"head:{head.number}", fault=f"missing: {known}, but not in the ledger: it is another chain"
                )
            elif not found.startswith(head.hash):
                yield Fault(object=f"head:{head.number}", fault=f"differs from the one {known}: it is another chain")

    def records(self) -> Iterator[Fault]:
        """Rows whose ledger entry is gone."""
        for table, key in ((submission_history, "receipt"), (outbox, "message_id")):
            join = table.outerjoin(ledger_entries, ledger_entries.c.id == table.c.ledger_entry)
            gone = table.c.ledger_entry.is_not(None) & ledger_entries.c.id.is_(None)
            for row in each_row(self._tx, select(table.c[key]).select_from(join).where(gone)):
                yield Fault(object=f"{table.name}:{row[0]}", fault="its ledger entry is missing")


def _head_hash(row: Any) -> str | None:
    """The hash of a stored head, None where something stands in it that never was in one."""
    facts = {"number": row.number, "previous": row.previous, "root": row.root, "count": row.count, "at": row.at}
    try:
        return head_hash(**facts)
    except Exception:  # noqa: BLE001  a stored value that was tampered with may fail in any way, and the audit goes on
        return None


def _missing(first: int, end: int) -> Iterator[Fault]:
    """Entries that should stand from `first` on and before `end`: a made-up number must not fill the report."""
    if end - first > _SINGLY:
        yield Fault(object=f"entry:{first}", fault=f"missing, and all others up to entry {end - 1}")
        return
    for number in range(first, end):
        yield Fault(object=f"entry:{number}", fault="missing")
