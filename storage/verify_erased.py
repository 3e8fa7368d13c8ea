"""The audit of erasures by rule: was each allowed, and is what it names really gone, and nothing else?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import select

from storage.claims import Claims
from storage.database import Transaction, each_row
from storage.fault import Fault
from storage.ledger import DECIDED, RECEIVED, told
from storage.retention import Tombstone, holds
from storage.schema import ledger_entries, mails, outbox, tasks
from storage.schema_submissions import submission_history, submissions
from storage.types import as_found


class ErasureAudit:
    """One pass over all tombstones, with what is needed still (`claims`)."""

    def __init__(self, tx: Transaction, stones: tuple[Tombstone, ...], needed: Claims) -> None:
        self._tx = tx
        self._stones = stones
        self._needed = needed

    def faults(self) -> Iterator[Fault]:
        if not self._stones:
            return
        told_by = self._told_by()
        standing = self._standing()
        for stone in self._stones:
            for fault in (*self._unlawful(stone), *_contradicted(stone, standing, told_by)):
                yield Fault(object=f"erased:{stone.subject}", fault=fault)

    def _unlawful(self, stone: Tombstone) -> Iterator[str]:
        """What forbade the erasure when it was done."""
        rule = stone.rule
        if rule is None:
            yield "its entry does not say by which rule"
            return
        if not rule.owner:
            yield "nobody answers for it"
        if not isinstance(stone.at, datetime) or stone.at < rule.due:
            yield "erased before its time"
        kept_since = self._received(stone)
        if kept_since is None:
            yield "the ledger does not know what was erased"
        elif rule.since < kept_since:
            yield "its time is counted from before it was received"
        then = holds(self._tx, before=stone.entry)
        held = {stone.subject, *stone.covers} | ({f"notice:{rule.notice}"} if rule.notice else set())
        if held & set(then):
            yield "erased while it was on hold"

    def _received(self, stone: Tombstone) -> datetime | None:
        """When the first mail of it came, by the ledger; None where that knows nothing of it."""
        entry = ledger_entries.c
        bodies = select(*as_found(entry.body)).where(
            entry.subject == stone.subject, entry.kind.in_((RECEIVED, DECIDED))
        )
        facts = [told(body) for body in self._tx.execute(bodies).scalars()]
        names = [f"mail:{each}" for body in facts for each in body.get("mails") or () if isinstance(each, str)]
        of_mails = select(*as_found(entry.body)).where(entry.subject.in_(names[:1000]), entry.kind == RECEIVED)
        facts += [told(body) for body in self._tx.execute(of_mails).scalars()]
        times = [_moment(body.get("received_at")) for body in facts if "received_at" in body]
        known = [each for each in times if each]
        return min(known) if known else None

    def _told_by(self) -> Mapping[str, int]:
        """The first entry that has a file of what stands: an erasure before it may name the same file."""
        wanted = set[str]().union(*(stone.files for stone in self._stones)) & set[str]().union(*self._needed.values())
        entry, first = ledger_entries.c, dict[str, int]()
        if wanted:
            for row in each_row(self._tx, select(*as_found(entry.id, entry.subject, entry.body)).order_by(entry.id)):
                for name in wanted & self._needed.get(row.subject, set()):
                    first.setdefault(name, row.id)
        return {name: first.get(name, 0) for name in wanted}

    def _standing(self) -> set[str]:
        """Subjects of the ledger of which there are records."""
        found = {
            str(each)
            for table in (submissions, submission_history)
            for each in self._tx.execute(select(table.c.receipt)).scalars()
        }
        letters = self._tx.execute(select(outbox.c.id, outbox.c.message_id))
        found |= {name for row in letters for name in (f"outbox:{row.id}", f"letter:{row.message_id}")}
        found |= {f"task:{each}" for each in self._tx.execute(select(tasks.c.id)).scalars()}
        told_of = select(mails.c.sha256).where(mails.c.error.is_not(None))
        return found | {f"mail:{each}" for each in self._tx.execute(told_of).scalars()}


def _contradicted(stone: Tombstone, standing: set[str], told_by: Mapping[str, int]) -> Iterator[str]:
    for subject in sorted(stone.covers & standing):
        yield f"{subject} stands, though it is said to be erased"
    for name in sorted(stone.files):
        if name in told_by and told_by[name] < stone.entry:
            yield f"names the file {name}, which what stands refers to"


def _moment(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else None
