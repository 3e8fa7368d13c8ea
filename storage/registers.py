"""Imported versions of the ministry's list of filed apps. None is ever changed or deleted; which one counts is told by its
date. The ledger has under `register:<version>` what was imported, with a digest of all entries and the file itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select

from domain.register import Entry, Register
from storage import ledger
from storage.canonical import Json, canonical
from storage.database import Transaction
from storage.schema import register_entries, registers
from storage.types import storable

IMPORTED = "register.imported"
"""Kind of the ledger entry of an import."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """An imported list without its entries. `dated` is the day of the list itself; `sha256` names its file in the archive."""

    version: int
    dated: date
    sha256: str
    count: int
    digest: str
    imported_at: datetime
    imported_by: str


def add(tx: Transaction, entries: Iterable[Entry], *, dated: date, sha256: str, by: str, at: datetime) -> Version:
    """One more version, with an entry `register.imported`. Its file must lie in the archive already."""
    rows = [{"filing_number": e.number, "app": e.app, "operator": e.operator} for e in entries]
    rows = [{name: storable(text) for name, text in row.items()} for row in rows]
    digest = digest_of((row["filing_number"], row["app"], row["operator"]) for row in rows)
    facts: dict[str, Any] = {"dated": dated.isoformat(), "sha256": sha256, "count": len(rows), "digest": digest}
    key = tx.execute(registers.insert().values(**facts, imported_at=at, imported_by=by)).inserted_primary_key
    assert key is not None  # noqa: S101  an INSERT of one row always has one
    version = int(key[0])
    if rows:
        numbered = [{"register": version, "position": at, **row} for at, row in enumerate(rows, 1)]
        tx.execute(insert(register_entries), numbered)
    body: dict[str, Json] = {**facts, "by": by, "blobs": [sha256]}
    ledger.append(tx, IMPORTED, f"register:{version}", body, at=at)
    return Version(
        version=version, dated=dated, sha256=sha256, count=len(rows), digest=digest, imported_at=at, imported_by=by
    )


def versions(tx: Transaction) -> tuple[Version, ...]:
    """All of them, that of the newest list first; of one date that which was imported last."""
    rows = tx.execute(select(registers).order_by(registers.c.dated.desc(), registers.c.version.desc()))
    return tuple(_version(row) for row in rows)


def in_force(tx: Transaction, on: date) -> Version | None:
    """The newest list that was out on that day; None where none was, or none was imported."""
    c = registers.c
    query = select(registers).where(c.dated <= on.isoformat()).order_by(c.dated.desc(), c.version.desc()).limit(1)
    row = tx.execute(query).first()
    return _version(row) if row else None


def load(tx: Transaction, version: Version) -> Register:
    """A version with its entries."""
    c = register_entries.c
    query = select(c.filing_number, c.app, c.operator).where(c.register == version.version).order_by(c.position)
    entries = tuple(Entry(number=row.filing_number, app=row.app, operator=row.operator) for row in tx.execute(query))
    return Register(version=version.version, date=version.dated, entries=entries)


def digest_of(rows: Iterable[tuple[object, object, object]]) -> str:
    """SHA-256 (hex) of the canonical JSON of all (number, app, operator), in their order."""
    return hashlib.sha256(canonical([[str(each) for each in row] for row in rows]).encode()).hexdigest()


def _version(row: Any) -> Version:
    return Version(**{**row._mapping, "dated": date.fromisoformat(row.dated)})
