"""The grams of the search index, where the databases differ: SQLite has FTS5 without positions or a copy of the text, PostgreSQL an
array of numbers under GIN. Beside a document's grams stand *marks*, one for each value it may be filtered by.

Neither table is among `storage.schema_base.metadata`: SQLAlchemy knows no virtual tables. See docs/decisions/search.md.
"""

from __future__ import annotations

import hashlib
import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    cast,
    column,
    func,
    select,
    table,
    text,
)

from domain.segment import Literal
from storage.database import Transaction

TABLE = "search_grams"
SQLITE_TABLES = frozenset({TABLE, f"{TABLE}_data", f"{TABLE}_idx", f"{TABLE}_docsize", f"{TABLE}_config"})
"""FTS5 keeps its index in tables of these names (https://sqlite.org/fts5.html)."""

_MARK = "\ue000"
"""In no gram: a character for private use is neither letter nor digit."""
_ENOUGH = 2
"""Grams of a word that SQLite is asked for. With one, what is common in every part has too many texts to be looked at."""
_BACK, _PROBED = 15, 64
"""So far back a list is followed, and so many grams of a word are, to tell which are rare."""
_SQLITE = (
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5(grams, content='', detail=none, tokenize='ascii')",
)  # fmt: skip
_POSTGRESQL = (
    f"CREATE TABLE {TABLE} (id bigint PRIMARY KEY, grams integer[] NOT NULL)",
    f"CREATE INDEX ix_{TABLE}_grams ON {TABLE} USING gin (grams) WITH (fastupdate = off)",
)

sqlite_grams = table(TABLE, column("rowid", BigInteger), column(TABLE, Text))
postgresql_grams = table(TABLE, column("id", BigInteger), column("grams", ARRAY(Integer)))


def create(tx: Transaction) -> None:
    """Make the table, for the migration and the bench."""
    for statement in _SQLITE if tx.dialect.name == "sqlite" else _POSTGRESQL:
        tx.exec_driver_sql(statement)


def marks(values: Mapping[str, object]) -> list[str]:
    """One mark for each value to filter by, whatever stands in it."""
    return [_MARK + hashlib.sha256(f"{name}\0{value}".encode()).hexdigest()[:12] for name, value in values.items()]


def add(tx: Transaction, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Documents by their number, with grams and marks."""
    if tx.dialect.name == "sqlite":
        rows_ = [{"id": id_, "grams": " ".join(words)} for id_, words in rows]
        if rows_:
            tx.execute(text(f"INSERT INTO {TABLE} (rowid, grams) VALUES (:id, :grams)"), rows_)  # noqa: S608
        return
    arrays = [{"id": id_, "grams": numbers(words)} for id_, words in rows]
    if arrays:
        tx.execute(postgresql_grams.insert(), arrays)


def fill(tx: Transaction, groups: Iterable[Iterable[tuple[int, Sequence[str]]]]) -> None:
    """As `add`, of all documents into an empty table. PostgreSQL makes its index afterwards: row by row it took three times as long."""
    if _sqlite(tx):
        for rows in groups:
            add(tx, rows)
        return
    tx.exec_driver_sql(f"DROP INDEX ix_{TABLE}_grams")
    into = table(TABLE, column("id"), column("grams")).insert()
    for rows in groups:
        tx.execute(into, [{"id": id_, "grams": f"{{{','.join(map(str, numbers(words)))}}}"} for id_, words in rows])
    tx.exec_driver_sql(_POSTGRESQL[1])


def remove(tx: Transaction, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Takes documents out. FTS5 keeps no copy, and must be told the very words it was given."""
    if tx.dialect.name == "sqlite":
        rows_ = [{"id": id_, "grams": " ".join(words)} for id_, words in rows]
        statement = f"INSERT INTO {TABLE} ({TABLE}, rowid, grams) VALUES ('delete', :id, :grams)"  # noqa: S608
        if rows_:
            tx.execute(text(statement), rows_)
        return
    ids = [id_ for id_, _ in rows]
    tx.execute(postgresql_grams.delete().where(postgresql_grams.c.id.in_(ids)))


def clear(tx: Transaction) -> None:
    """Takes all out."""
    statement = f"INSERT INTO {TABLE} ({TABLE}) VALUES ('delete-all')" if _sqlite(tx) else f"TRUNCATE {TABLE}"  # noqa: S608
    tx.exec_driver_sql(statement)


def purge(tx: Transaction) -> None:
    """What was taken out leaves the index: FTS5 only marks it, until segments are merged."""
    if _sqlite(tx):
        tx.exec_driver_sql(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('optimize')")  # noqa: S608


def _sqlite(tx: Transaction) -> bool:
    return tx.dialect.name == "sqlite"


def prepare(tx: Transaction) -> None:
    """PostgreSQL plans each query by its words, for the rest of the transaction: a plan for any word, which it takes after some
    queries, goes through the whole index for common ones (https://www.postgresql.org/docs/15/sql-prepare.html)."""
    if not _sqlite(tx):
        tx.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")


def wanted(tx: Transaction, words: Iterable[Literal], filters: Sequence[str]) -> list[str]:
    """What is asked of the index, each once: the grams of the words, of SQLite only the rarest, and all filters. What is left out
    stands in the word, which is looked for in the text anyway."""
    chosen = (_rarest(tx, word.grams) if _sqlite(tx) else word.grams for word in words)
    return [*dict.fromkeys([*(gram for grams in chosen for gram in grams), *filters])]


def _rarest(tx: Transaction, grams: Sequence[str]) -> Sequence[str]:
    """Those of which the `_BACK`th newest document is the oldest. FTS5 walks through every list it is given, and jumps by pages
    of two thousand documents: of 科技有限公司 each list is a third of all documents long."""
    if len(grams) <= _ENOUGH + 1:  # to find out would cost more than one list does
        return grams
    probed = grams[:_PROBED]
    at = f"(SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH ? ORDER BY rowid DESC LIMIT 1 OFFSET {_BACK})"  # noqa: S608
    quoted = tuple(f'"{gram}"' for gram in probed)
    found = tx.exec_driver_sql(f"SELECT {', '.join([at] * len(probed))}", quoted).one()
    ages = {gram: -math.inf if number is None else number for gram, number in zip(probed, found, strict=True)}
    return sorted(probed, key=ages.__getitem__)[:_ENOUGH]


def matching(
    tx: Transaction, wanted: Sequence[str], one_of: Sequence[str] = ()
) -> tuple[Any, ColumnElement[int], ColumnElement[bool]]:
    """Table, number of the document and condition, for a query of all documents that have what is wanted, and one of `one_of` where
    that names any."""
    if _sqlite(tx):
        words = " AND ".join(f'"{word}"' for word in wanted)
        either = " AND (" + " OR ".join(f'"{mark}"' for mark in one_of) + ")" if one_of else ""
        return sqlite_grams, sqlite_grams.c.rowid, sqlite_grams.c[TABLE].op("MATCH")(words + either)
    return postgresql_grams, postgresql_grams.c.id, _has(postgresql_grams.c.grams, wanted, one_of)


def newest(
    wanted: Sequence[str], within: ColumnElement[bool], count: int, one_of: Sequence[str] = ()
) -> tuple[Any, ColumnElement[bool]]:
    """PostgreSQL: the newest so many documents as a subquery, and the condition for those that have what is wanted."""
    query = select(postgresql_grams).where(within).order_by(postgresql_grams.c.id.desc()).limit(count)
    found = query.subquery("newest")
    return found, _has(found.c.grams, wanted, one_of)


def _has(grams: ColumnElement[Any], wanted: Sequence[str], one_of: Sequence[str]) -> ColumnElement[bool]:
    has = grams.op("@>", return_type=Boolean())(_array("wanted", wanted))
    return and_(has, grams.op("&&", return_type=Boolean())(_array("one_of", one_of))) if one_of else has


def _array(name: str, words: Sequence[str]) -> ColumnElement[Any]:
    return cast(bindparam(name, numbers(words), unique=True), ARRAY(Integer))


def holds(tx: Transaction, folded: ColumnElement[str], words: Iterable[Literal]) -> list[ColumnElement[bool]]:
    """That each word stands in the folded text, where its grams alone do not say so; numbers never do."""
    if _sqlite(tx):
        return [func.instr(folded, word.text) > 0 for word in words if not word.exact]
    return [func.strpos(folded, word.text) > 0 for word in words]


def numbers(words: Iterable[str]) -> list[int]:
    """PostgreSQL's arrays hold a text in twelve bytes, a number in four. Grams may share one, since the text is looked at too;
    marks have numbers of their own (below zero), some hundred in two thousand million."""
    return [~_number(word) if word.startswith(_MARK) else _number(word) for word in words]


@lru_cache(maxsize=65_536)
def _number(word: str) -> int:
    return zlib.crc32(word.encode()) & 0x7FFF_FFFF
