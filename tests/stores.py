"""Databases of tests, at the newest schema: migrating takes longer than most tests. SQLite in a file, or, where
`BAOSONG_TEST_DATABASE=postgresql`, databases on a server that lives as long as the run.

Every database of a test is named by the path it has, or would have, as a file: whoever opens that again finds the same one.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from storage.database import Database
from tests.servers.postgresql import FEW, TEMPLATE, Databases, cluster

D = TypeVar("D", bound=Database)

POSTGRESQL = os.environ.get("BAOSONG_TEST_DATABASE", "sqlite") == "postgresql"
"""Whether this run is on PostgreSQL."""
_SERVER = "BAOSONG_TEST_SERVER"
"""Environment: where the server of this run listens; xdist's workers share it."""
_FOREIGN = "LOCALE_PROVIDER icu ICU_LOCALE 'zh' LOCALE 'C' ENCODING 'UTF8'"
"""A server's order of text is often that of a language; ours must not depend on it."""


@contextmanager
def serving() -> Iterator[None]:
    """Within, the server of the run is up, with a migrated database to be copied."""
    with cluster(more=FEW) as url:
        os.environ[_SERVER] = url
        server = Databases(url)
        server.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 {_FOREIGN}")
        base = Database(server.url(TEMPLATE))
        base.upgrade()
        base.close()
        yield


@cache
def server() -> Databases:
    return Databases(os.environ[_SERVER])


def url_of(folder: Path) -> str:
    """Of the database of a folder, as a configuration there names it by default."""
    return url_of_file(folder / "data" / "baosong.db")


def url_of_file(file: Path) -> str:
    return server().of(file) if POSTGRESQL else f"sqlite:///{file}"


def storage(folder: Path) -> dict[str, Any]:
    """The settings of a database there: none where the default says it."""
    return {"storage": {"database": url_of(folder)}} if POSTGRESQL else {}


def environment(folder: Path) -> dict[str, str]:
    """The same as variables of the environment, for a configuration there that says nothing of it."""
    return {"BAOSONG_STORAGE__DATABASE": url_of(folder)} if POSTGRESQL else {}


def toml(folder: Path) -> str:
    """The same as a piece of a configuration file."""
    return f'[storage]\ndatabase = "{url_of(folder)}"\n' if POSTGRESQL else ""


@dataclass(frozen=True, kw_only=True)
class _Made:
    """An empty database, and the engine that it was made by."""

    file: Path
    base: Database


@cache
def _made() -> _Made:
    folder = Path(tempfile.mkdtemp(prefix="baosong-test-"))
    atexit.register(shutil.rmtree, folder)
    file = folder / "empty.db"
    base = Database(server().url(TEMPLATE) if POSTGRESQL else f"sqlite:///{file}")
    base.upgrade()
    base.close()
    return _Made(file=file, base=base)


def compiled_once(base: D) -> D:
    """The database, with the statements that the others of this run have compiled: a process of the product has one
    database, the tests a thousand, and compiling anew was a third of what many of them took. One on another engine, as a bench
    asks for it, keeps its own."""
    if base._engine.dialect.name != _made().base._engine.dialect.name:
        return base
    base._engine.dialect, base._engine._compiled_cache = (
        _made().base._engine.dialect,
        _made().base._engine._compiled_cache,
    )
    return base


def fresh(base: D) -> D:
    """An empty one, in a file that the product itself makes where there is none."""
    compiled_once(base)
    if POSTGRESQL:
        return base  # a copy of the migrated one already
    with base.read():
        [file] = (path for path in base.files() if path.suffix == ".db")
    base.close()
    with closing(sqlite3.connect(_made().file)) as empty, closing(sqlite3.connect(file)) as made:
        empty.backup(made)
    return base


def lay(source: Path, target: Path) -> None:
    """What the SQLite database of one folder holds, into that of another, which was opened and not used yet."""
    here, there = (folder / "data" / "baosong.db" for folder in (source, target))
    with closing(sqlite3.connect(here)) as made, closing(sqlite3.connect(there)) as empty:
        made.backup(empty)


def opened(file: Path) -> Database:
    """That of the file: the one that is there, or a new one."""
    base = Database(url_of_file(file))
    return compiled_once(base) if base.exists() else fresh(base)


def place_of(folder: Path) -> str:
    """What operators are told of where it is."""
    return Database(url_of(folder)).place


def copied(source: Path, target: Path) -> None:
    """A whole store, into another folder. Nobody may have it open."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    if POSTGRESQL:
        server().of(target / "data" / "baosong.db", like=source / "data" / "baosong.db")


def lose(folder: Path) -> None:
    """All that is in the database of a folder, and its file."""
    if POSTGRESQL:
        with by_hand(folder) as base:
            base.execute("DROP SCHEMA public CASCADE")
            base.execute("CREATE SCHEMA public")
    for file in (folder / "data").glob("baosong.db*"):
        file.unlink()


def blob(data: bytes) -> str:
    """Bytes as SQL writes them."""
    return f"'\\x{data.hex()}'::bytea" if POSTGRESQL else f"x'{data.hex()}'"


class Hand:
    """Alters records as somebody would who goes round the program."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def execute(self, statement: str, values: tuple[Any, ...] | Mapping[str, Any] = ()) -> Any:
        """`?` stands for a value."""
        if POSTGRESQL:
            statement = statement.replace("?", "%s")
        return (
            self._connection.execute(statement, values or None)
            if POSTGRESQL
            else self._connection.execute(statement, values)
        )


@contextmanager
def by_hand(folder: Path) -> Iterator[Hand]:
    """Within, SQL on the database of a folder; each statement counts at once."""
    if POSTGRESQL:
        name = str(make_url(url_of(folder)).database)
        with closing(server().connect(name)) as connection:
            connection.execute("SET session_replication_role = replica")  # without foreign keys, as SQLite is by itself
            yield Hand(connection)
        return
    with closing(sqlite3.connect(folder / "data" / "baosong.db", isolation_level=None)) as connection:
        yield Hand(connection)


def dump(folder: Path) -> list[str]:
    """The whole database as text, to be compared with itself."""
    if not POSTGRESQL:
        with closing(sqlite3.connect(folder / "data" / "baosong.db")) as base:
            return list(base.iterdump())
    base = Database(url_of(folder))
    with base.read() as tx:
        rows = [
            f"{table} {row!r}"
            for table in inspect(tx).get_table_names()
            for row in sorted(map(tuple, tx.execute(text(f'SELECT * FROM "{table}"'))), key=_by_key)  # noqa: S608
        ]
    base.close()
    return rows


def _by_key(row: tuple[Any, ...]) -> tuple[int, str]:
    """Numbers as numbers: as they were given."""
    return (row[0] if isinstance(row[0], int) else 0, repr(row))
