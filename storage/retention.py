"""Holds and tombstones: what must not be erased, and what was erased by rule. Both stand in the ledger alone, so that
neither can be taken away or added unseen.

A tombstone is the entry of one erasure: what it was of, by which rule, who answers for it, who did it, and the SHA-256 of the
archive files that went. It says nothing about persons.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from storage import ledger
from storage.canonical import Json
from storage.database import Transaction, each_row
from storage.ledger import told
from storage.schema import ledger_entries
from storage.types import as_found

HELD = "retention.held"
RELEASED = "retention.released"
ERASED = "retention.erased"


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Nothing of `subject` (a receipt, `mail:<sha256>` or `notice:<id>`) is erased until it is released."""

    subject: str
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Why something may be erased: it was kept `years` since `since`. `owner` answers for it, `by` did it."""

    years: int
    since: datetime
    owner: str
    by: str
    notice: str | None = None
    reporter: str | None = None

    @property
    def due(self) -> datetime:
        return after_years(self.since, self.years)


@dataclass(frozen=True, kw_only=True)
class Tombstone:
    """One erasure. `covers` are the ledger subjects of which no record stands any more, `files` the hashes that went.
    `rule` is None where the entry was altered beyond reading, which the chain names."""

    entry: int
    number: int | None
    at: datetime
    subject: str
    covers: frozenset[str]
    files: frozenset[str]
    rule: Rule | None


def after_years(since: datetime, years: int) -> datetime:
    """The same day so many years later; 29 February becomes 1 March."""
    try:
        return since.replace(year=since.year + years)
    except ValueError:
        return since.replace(year=since.year + years, month=3, day=1)


def hold(tx: Transaction, subject: str, *, by: str, reason: str, at: datetime) -> None:
    """Keep `subject` beyond its time."""
    ledger.append(tx, HELD, subject, {"by": by, "reason": reason}, at=at)


def release(tx: Transaction, subject: str, *, by: str, reason: str, at: datetime) -> None:
    """End a hold: from now on its time counts again."""
    ledger.append(tx, RELEASED, subject, {"by": by, "reason": reason}, at=at)


def holds(tx: Transaction, before: int | None = None) -> dict[str, Hold]:
    """What is under a hold, by subject; `before`: as it was when the entry of that id was made."""
    found: dict[str, Hold] = {}
    for row in _entries(tx, (HELD, RELEASED), before):
        if row.kind == HELD:
            body = told(row.body)
            hold_ = Hold(subject=row.subject, by=str(body.get("by")), reason=str(body.get("reason")), at=row.at)
            found.setdefault(row.subject, hold_)
        else:
            found.pop(row.subject, None)
    return found


def bury(
    tx: Transaction, subject: str, rule: Rule, *, covers: Iterable[str], files: Iterable[str], at: datetime
) -> None:
    """Enter an erasure, in the transaction that erases the records."""
    body: dict[str, Json] = {
        "rule": {"years": rule.years, "since": rule.since.astimezone(UTC).isoformat(), "notice": rule.notice},
        "owner": rule.owner,
        "by": rule.by,
        "reporter": rule.reporter,
        "covers": sorted({subject, *covers}),
        "erased": sorted(set(files)),
    }
    ledger.append(tx, ERASED, subject, body, at=at)


def tombstones(tx: Transaction) -> tuple[Tombstone, ...]:
    """All of them, oldest first."""
    return tuple(_tombstone(row) for row in _entries(tx, (ERASED,)))


def tombstone(tx: Transaction, subject: str) -> Tombstone | None:
    """That of one receipt or mail, whatever else the ledger holds."""
    entry = ledger_entries.c
    query = select(*as_found(*entry)).where(entry.subject == subject, entry.kind == ERASED).order_by(entry.id.desc())
    row = tx.execute(query.limit(1)).first()
    return _tombstone(row) if row else None


def spelled(tx: Transaction, receipt: str) -> str:
    """The receipt of something erased as it was given out, however it was typed; as it came if there is none such."""
    wanted = receipt.strip().lower()
    return next((each.subject for each in tombstones(tx) if each.subject.lower() == wanted), receipt)


def erased_mails(tx: Transaction, hashes: Collection[str]) -> set[str]:
    """Which of these mails were erased: what comes of them again is not kept again."""
    entry = ledger_entries.c
    subjects = [f"mail:{sha256}" for sha256 in hashes]
    query = select(entry.subject).where(entry.subject.in_(subjects), entry.kind == ERASED)
    return {str(subject).removeprefix("mail:") for subject in tx.execute(query).scalars()}


def covered(stones: Iterable[Tombstone]) -> dict[str, int]:
    """Subject → entry of the last erasure of it: what the ledger told of it before is not to be found any more."""
    return {subject: stone.entry for stone in stones for subject in stone.covers}


def _entries(tx: Transaction, kinds: Collection[str], before: int | None = None) -> Any:
    entry = ledger_entries.c
    query = select(*as_found(*entry)).where(entry.kind.in_(kinds)).order_by(entry.id)
    return each_row(tx, query if before is None else query.where(entry.id < before))


def _tombstone(row: Any) -> Tombstone:
    body = told(row.body)
    return Tombstone(
        entry=row.id,
        number=row.number,
        at=row.at,
        subject=str(row.subject),
        covers=_texts(body.get("covers")),
        files=_texts(body.get("erased")),
        rule=_rule(body),
    )


def _rule(body: Mapping[str, Any]) -> Rule | None:
    rule: Any = body.get("rule")
    try:
        return Rule(
            years=int(rule["years"]),
            since=datetime.fromisoformat(rule["since"]),
            owner=str(body["owner"]),
            by=str(body["by"]),
            notice=rule["notice"],
            reporter=body["reporter"],
        )
    except (TypeError, ValueError, KeyError):
        return None


def _texts(value: object) -> frozenset[str]:
    return frozenset(each for each in value if isinstance(each, str)) if isinstance(value, list) else frozenset()
