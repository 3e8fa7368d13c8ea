"""The audit of mails, letters, tasks and receipts: does each row say what the ledger has of it, and is none gone or added?

What is no evidence is left alone: how often and when something is tried, what was done on the mail server, notes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, select

from storage.database import Transaction, each_row
from storage.fault import Fault
from storage.ledger import EXTENDED, told
from storage.schema import ledger_entries, receipt_counters
from storage.schema_base import metadata
from storage.schema_submissions import submissions
from storage.search_grams import SQLITE_TABLES
from storage.types import as_found

NOT_VOUCHED = "no ledger entry vouches for it"
_SINCE = ("mail.settled", "letter.queued", "task.opened")
"""Kinds that no version wrote before the entry that tells how far the older records go."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A ledger entry, as an audit finds it: any value may be nonsense, and `body` empty for that."""

    id: int
    kind: str
    at: datetime
    body: Mapping[str, Any]


def older_than(tx: Transaction) -> Mapping[str, int]:
    """Table → its highest id from before the ledger vouched for its rows. An entry that claims so after the ledger had
    begun to is not believed."""
    entry = ledger_entries.c
    kinds = (EXTENDED, *_SINCE)
    first = select(*as_found(entry.kind, entry.body)).where(entry.kind.in_(kinds)).order_by(entry.id).limit(1)
    row = tx.execute(first).first()
    older = told(row.body).get("older") if row and row.kind == EXTENDED else None
    if not isinstance(older, dict):
        return {}
    return {table: number for table, number in older.items() if isinstance(number, int)}


def with_entries(
    tx: Transaction, table: Table, subject: ColumnElement[str], kinds: Collection[str], key: str = "id"
) -> Iterator[tuple[Any, list[Told]]]:
    """Every row of a table, with the entries of these kinds under its subject, oldest first. `key` names a column that
    tells its rows apart."""
    entry = ledger_entries.c
    entered = (column.label(f"entry_{column.name}") for column in (entry.id, entry.kind, entry.at, entry.body))
    join = table.outerjoin(ledger_entries, (entry.subject == subject) & entry.kind.in_(kinds))
    query = select(*as_found(*table.c, *entered)).select_from(join).order_by(table.c[key], entry.id)
    for _, rows in groupby(each_row(tx, query), key=lambda row: getattr(row, key)):
        group = list(rows)
        yield (
            group[0],
            [
                Told(id=row.entry_id, kind=row.entry_kind, at=row.entry_at, body=told(row.entry_body))
                for row in group
                if row.entry_id is not None
            ],
        )


def without_rows(tx: Transaction, kinds: Collection[str], known: Collection[str]) -> Iterator[Fault]:
    """Entries of these kinds whose subject is none of the rows'."""
    entry = ledger_entries.c
    query = select(*as_found(entry.subject)).where(entry.kind.in_(kinds)).distinct().order_by(entry.subject)
    for subject in each_row(tx, query).scalars():
        if subject not in known:
            yield Fault(object=str(subject), fault="missing, though the ledger tells of it")


def last(entries: Collection[Told], *kinds: str) -> Told | None:
    """The newest entry of these kinds."""
    return next((each for each in reversed([*entries]) if each.kind in kinds), None)


def differing(row: Any, expected: Mapping[str, object]) -> list[str]:
    """Names of the columns that do not hold what they should."""
    return [name for name, value in expected.items() if getattr(row, name) != value]


def utc_text(at: object) -> str | None:
    """A time as ledger bodies have it."""
    return at.astimezone(UTC).isoformat() if isinstance(at, datetime) else None


def dangling(tx: Transaction) -> Iterator[Fault]:
    """Rows that refer to a row that is not there: a database lets nobody do so who does not switch that off. A ledger
    entry that is gone is missed elsewhere."""
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            parent, column = key.column.table.alias("parent"), key.parent
            if key.column.table is ledger_entries:
                continue
            join = table.outerjoin(parent, parent.c[key.column.name] == column)
            gone = select(*as_found(column)).select_from(join)
            gone = gone.where(column.is_not(None), parent.c[key.column.name].is_(None)).distinct()
            for value in each_row(tx, gone).scalars():
                fault = f"refers to {value} of {key.column.table.name}, which is not there"
                yield Fault(object=f"{table.name}.{column.name}", fault=fault)


def foreign_parts(tx: Transaction) -> list[Fault]:
    """What stands in an SQLite database beside our tables, and would change what is written or hide what is there: a
    trigger or view of somebody's, an index that does not hold what its table holds."""
    if tx.dialect.name != "sqlite":
        return []
    ours = {*metadata.tables, *SQLITE_TABLES, "alembic_version"}
    query = "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND type != 'index' ORDER BY name"
    found = tx.exec_driver_sql(query).all()
    faults = [
        Fault(object="database", fault=f"extra: the {row.type} {row.name} is not ours")
        for row in found
        if row.type != "table" or row.name not in ours
    ]
    broken = [str(row[0]) for row in tx.exec_driver_sql("PRAGMA integrity_check(10)") if row[0] != "ok"]
    return faults + [Fault(object="database", fault=f"damaged: {line}") for line in broken]


def receipts(tx: Transaction, erased: Collection[str] = ()) -> Iterator[Fault]:
    """A counter stands at the highest receipt that was given out by it: a receipt is given once, those that were erased by
    rule too."""
    highest: dict[tuple[str, str], int] = {}
    given = (each for each in erased if ":" not in each)
    for receipt in (*given, *each_row(tx, _column(submissions.c.receipt)).scalars()):
        prefix, _, serial = str(receipt).rpartition("-")
        if prefix and serial.isdecimal():
            key = (prefix.rpartition("-")[0], prefix.rpartition("-")[2])
            highest[key] = max(highest.get(key, 0), int(serial))
    c = receipt_counters.c
    counted = {}
    for row in each_row(tx, select(*as_found(c.short, c.code, c.day, c.serial))):
        counted[f"{row.short}-{row.code}", str(row.day)] = row.serial
    for prefix, day in sorted({*highest, *counted}):
        if counted.get((prefix, day)) != highest.get((prefix, day)):
            yield Fault(object=f"receipt_counters:{prefix}-{day}", fault="not at the last receipt that was given")


def _column(column: ColumnElement[Any]) -> Select[Any]:
    return select(*as_found(column))
