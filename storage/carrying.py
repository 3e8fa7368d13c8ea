"""Rows of a whole store from PostgreSQL to SQLite and back, as they stand: no value is made into anything and back again.

PostgreSQL knows the type of each column, SQLite keeps whatever it was given; so the tables are asked for on the server, and a value
that its column there would not take is refused before the server sees it. Memory holds one group of rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    LargeBinary,
    String,
    Text,
    cast,
    column,
    inspect,
    literal_column,
    select,
    table,
)
from sqlalchemy import text as sql
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.types import TypeEngine

from storage import search_grams
from storage.database import Transaction, text_read_by
from storage.driver_errors import translated
from storage.errors import Unusable
from storage.types import storable

GROUP = 200
"""Rows in memory. The largest reading of the sample mails takes 23 kB: 5 MB."""
VERSION = "alembic_version"
DERIVED = frozenset({VERSION, search_grams.TABLE})
"""Not carried: what the schema's migrations write, and what each database keeps in its own way."""
SEARCH = frozenset({"search_subjects", "search_documents", "search_identifiers"})


@dataclass(frozen=True, kw_only=True)
class Carried:
    """A table: its columns with their types on the server, the columns that tell its rows apart, its counter if it has one."""

    name: str
    types: dict[str, TypeEngine[Any]]
    required: frozenset[str]
    key: tuple[str, ...]
    counted: str | None

    def rows(self, tx: Transaction) -> Iterator[Sequence[Sequence[Any]]]:
        """All of them in the order of their key, by groups; JSON as its text, for it is kept as it was written."""
        of_server = tx.dialect.name == "postgresql"
        asked = [
            cast(column(name), Text).label(name) if of_server and isinstance(kind, JSON) else column(name)
            for name, kind in self.types.items()
        ]
        query = select(*asked).select_from(table(self.name)).order_by(*(column(name) for name in self.key))
        with _of_its_own(tx):
            yield from tx.execute(query.execution_options(yield_per=GROUP)).partitions()

    def words(self, row: Sequence[Any]) -> bytes:
        """A row as bytes that tell it from any other, the same on both: SQLite has 1 for true, and numbers for JSON that is one."""
        plain = [_alike(kind, value) for kind, value in zip(self.types.values(), row, strict=True)]
        return repr(plain).encode("utf-8", "backslashreplace")


def tables(server: Transaction) -> list[Carried]:
    """Of a database on PostgreSQL, each behind those that it refers to."""
    looked_at = inspect(server)
    names = [name for name, _ in looked_at.get_sorted_table_and_fkc_names() if name and name not in DERIVED]
    found = []
    for name in names:
        columns = looked_at.get_columns(name)
        key = looked_at.get_pk_constraint(name)["constrained_columns"]
        key = key or looked_at.get_unique_constraints(name)[0]["column_names"]
        counted = [each["name"] for each in columns if str(each["default"]).startswith("nextval(")]
        found.append(
            Carried(
                name=name,
                types={each["name"]: each["type"] for each in columns},
                required=frozenset(each["name"] for each in columns if not each["nullable"]),
                key=tuple(key),
                counted=counted[0] if counted else None,
            )
        )
    return found


def from_server(server: Transaction, file: Transaction, carried: Sequence[Carried]) -> None:
    """Into SQLite, whose tables of the same schema are empty."""
    for each in carried:
        _carry(each, server, file)
        if each.counted:
            _count_on_in_file(each, server, file)


def into_server(file: Transaction, server: Transaction) -> None:
    """Into PostgreSQL, whose tables of the same schema are empty. Raises Unusable, with table and column, for a row that it does
    not take: SQLite holds what nobody but a hand can have put there."""
    carried = tables(server)
    with text_read_by(file, _text):
        for each in carried:
            _carry(each, file, server, partial(_fitted, each))
            if each.counted:
                _count_on_in_server(each, file, server)
    server.execute(
        sql(f"ANALYZE {', '.join(each.name for each in carried)}")
    )  # or the audit would be planned for empty ones


def holds_rows(tx: Transaction) -> str | None:
    """The name of a table in which anything stands; the tables of a schema of ours alone are nothing."""
    names = sorted(inspect(tx).get_table_names())
    if names and VERSION not in names:
        return names[0]
    one: ColumnElement[int] = literal_column("1")
    return next(
        (each for each in names if each != VERSION and tx.execute(select(one).select_from(table(each))).first()), None
    )


def _of_its_own(tx: Transaction) -> AbstractContextManager[None]:
    """Within, errors name the database of this transaction; else they would name the one whose transaction was begun last."""
    url = tx.engine.url
    return translated(str(url.database) if tx.dialect.name == "sqlite" else url.render_as_string())


def _carry(
    carried: Carried, source: Transaction, target: Transaction, made: Callable[[Sequence[Any]], list[Any]] = list
) -> None:
    """What was read on the one side must be read on the other. Raises Unusable where it is not."""
    into = table(carried.name, *map(column, carried.types)).insert()
    read = hashlib.sha256()
    for group in carried.rows(source):
        rows = [made(row) for row in group]
        for each in rows:
            read.update(carried.words(each))
        try:
            target.execute(into, [dict(zip(carried.types, row, strict=True)) for row in rows])
        except (IntegrityError, DataError) as error:
            rule = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or type(error.orig).__name__
            raise Unusable(f"table {carried.name}: a row does not fit ({rule}): see `baosong audit verify`") from error
    stands = hashlib.sha256()
    for group in carried.rows(target):
        for row in group:
            stands.update(carried.words(row))
    if stands.digest() != read.digest():
        raise Unusable(f"table {carried.name}: was copied, and what stands there is not the same")


@dataclass(frozen=True)
class _NoText:
    """Bytes that stand where text should."""

    stored: bytes


def _text(data: bytes) -> str | _NoText:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return _NoText(data)


def _fitted(carried: Carried, row: Sequence[Any]) -> list[Any]:
    """The row for the server. Raises Unusable without its values."""
    made = []
    for (name, kind), value in zip(carried.types.items(), row, strict=True):
        try:
            made.append(_value(kind, value) if value is not None or name in carried.required else None)
        except (ValueError, RecursionError) as error:
            fault = f"table {carried.name}, column {name}: holds what PostgreSQL does not take ({error})"
            raise Unusable(f"{fault}: see `baosong audit verify`") from None
    return made


def _value(kind: TypeEngine[Any], value: Any) -> Any:
    """A value that SQLite gave, as a column of that type takes it. ValueError says why it does not, and never what it is."""
    if isinstance(kind, Boolean) and type(value) is int and value in (0, 1):
        return bool(value)
    if (
        isinstance(kind, Integer)
        and type(value) is int
        and (isinstance(kind, BigInteger) or -(1 << 31) <= value < 1 << 31)
    ):
        return value
    if isinstance(kind, LargeBinary) and type(value) is bytes:
        return value
    if isinstance(kind, JSON) and type(value) in (str, int, float):
        return _json(value)
    if isinstance(kind, String) and type(value) is str:
        if storable(value) != value:
            raise ValueError("a character that no text may hold")
        if kind.length and len(value) > kind.length:
            raise ValueError(f"longer than {kind.length} characters")
        return value
    raise ValueError("nothing" if value is None else f"a value of another type, {type(value).__name__}")


def _json(value: str | float) -> str:
    """SQLite keeps JSON that is a number as one: its columns of a type that it does not know are of NUMERIC affinity."""
    try:
        if not isinstance(value, str):
            return json.dumps(value, allow_nan=False)
        json.loads(value)
    except ValueError:
        raise ValueError("no JSON") from None
    return value


def _alike(kind: TypeEngine[Any], value: Any) -> Any:
    if isinstance(kind, JSON) and value is not None:
        try:
            meant = json.loads(value) if isinstance(value, str) else value
        except (ValueError, RecursionError):  # the server took it: deeper than we can follow, or a number without end
            return value
        return int(meant) if isinstance(meant, float) and meant.is_integer() else meant
    return int(value) if isinstance(value, bool) else value


def _count_on_in_file(carried: Carried, server: Transaction, file: Transaction) -> None:
    """A number that was given is never given again, also where its row is gone. What SQLite counts without its own table has none."""
    with _of_its_own(server):
        sequence = _sequence(carried, server)
        last = server.execute(sql(f"SELECT last_value FROM {sequence} WHERE is_called")).scalar()  # noqa: S608
    counter = {"name": carried.name, "last": last}
    declared = sql("SELECT 1 FROM sqlite_master WHERE name = :name AND sql LIKE '%AUTOINCREMENT%'")
    if last is None or not file.execute(declared, counter).first():
        return
    file.execute(sql("DELETE FROM sqlite_sequence WHERE name = :name"), counter)
    file.execute(sql("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), counter)


def _count_on_in_server(carried: Carried, file: Transaction, server: Transaction) -> None:
    query = f'SELECT max("{carried.counted}") FROM {carried.name}'  # noqa: S608
    given = sql("SELECT seq FROM sqlite_sequence WHERE name = :name")
    last = max(file.execute(sql(query)).scalar() or 0, file.execute(given, {"name": carried.name}).scalar() or 0)
    if last:
        server.execute(sql("SELECT setval(:sequence, :last)"), {"sequence": _sequence(carried, server), "last": last})


def _sequence(carried: Carried, server: Transaction) -> str:
    names = {"table": carried.name, "column": carried.counted}
    return str(server.execute(sql("SELECT pg_get_serial_sequence(:table, :column)"), names).scalar_one())
