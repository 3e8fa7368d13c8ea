"""Rows of every table from PostgreSQL to SQLite and back: each value as it was, counters too, and nothing that does not fit."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, String, Table, func, insert, select, text
from sqlalchemy.engine import make_url

from domain.segment import fold, grams
from storage import schema, schema_accounts, schema_search, schema_submissions, search, search_grams, tasks
from storage.copies import occupied, put_in_place, snapshot
from storage.database import Database, Transaction
from storage.errors import Unavailable, Unusable
from storage.schema_base import metadata
from storage.types import UtcTime
from tests.storage_values import NOON, database
from tests.stores import server, url_of
from tests.waiting import wait

pytestmark = pytest.mark.postgresql

ALL = (schema, schema_accounts, schema_search, schema_submissions)
"""Imported, the tables are known."""
TEXTS = ("'龘堃'\t\"\\ \N{PILE OF POO}\r\n%s ?\x01", "", "\ufffd --")
JSONS: tuple[Any, ...] = ({"电话": ["1", None, 0.5, "\ud800"], "b": {"c": "\u0000"}}, [], 5)
BLOBS = (b"\x00\xff'\\x00", b"", bytes(range(256)))
NUMBERS = (0, 2**31 - 1, -1)
WAITS = "FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass"
GIVEN = 70
"""The last number that was given: rows behind those that stand are gone."""


def value(column: Column[Any], row: int) -> Any:
    """What stands in a column of one of the three rows that each table gets."""
    if column.foreign_keys:
        [foreign] = column.foreign_keys
        return value(foreign.column, row)
    if column.nullable and row == 1:
        return None
    if isinstance(column.type, UtcTime):
        return NOON.replace(microsecond=999_999 - row)
    if isinstance(column.type, Boolean):
        return row == 0
    if isinstance(column.type, Integer):
        return row + 1 if column.primary_key or column.unique else NUMBERS[row]
    if isinstance(column.type, JSON):
        return JSONS[row]
    if isinstance(column.type, LargeBinary):
        return BLOBS[row]
    short = isinstance(column.type, String) and column.type.length
    return f"{row}{TEXTS[row]}"[: short or None]


def fill(tx: Transaction) -> None:
    for table in metadata.sorted_tables:
        rows = [{column.name: value(column, row) for column in table.c} for row in range(3)]
        for row in rows:  # one by one: each has other columns that are nothing
            tx.execute(insert(table).values(**row))
    tx.execute(schema_search.search_documents.update().values(text="濮阳县教育局", folded=fold("濮阳县教育局")))
    for table in metadata.sorted_tables:
        if counter := sequence(tx, table):
            tx.execute(text("SELECT setval(:counter, :given)"), {"counter": counter, "given": GIVEN})


def sequence(tx: Transaction, table: Table) -> str | None:
    [first, *_] = table.primary_key or table.c
    asked = {"table": table.name, "column": first.name}
    return tx.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), asked).scalar()


def contents(base: Database) -> dict[str, list[str]]:
    with base.read() as tx:
        return {table.name: sorted(map(repr, tx.execute(select(table)).all())) for table in metadata.sorted_tables}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("full")


@pytest.fixture(scope="module")
def full(place: Path) -> Iterator[Database]:
    made = database(place)
    with made.begin() as tx:
        fill(tx)
    yield made
    made.close()


@pytest.fixture(scope="module")
def copied(full: Database, place: Path) -> Path:
    """It as a file of SQLite."""
    snapshot(full, place / "copy.db")
    return place / "copy.db"


@pytest.fixture
def file(copied: Path, tmp_path: Path) -> Path:
    return shutil.copyfile(copied, tmp_path / "copy.db")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    made = database(tmp_path)
    yield made
    made.close()


def put(file: Path, base: Database, check: Callable[[Transaction], None] = lambda _: None) -> None:
    with put_in_place(file, base, check):
        pass


def test_every_value_of_every_table_is_the_same_there_and_back(
    full: Database, copied: Path, file: Path, empty: Database
) -> None:
    before = contents(full)
    assert {len(rows) for rows in before.values()} == {3}
    assert copied.stat().st_mode & 0o077 == 0
    with closing(Database(f"sqlite:///{file}")) as copy:
        assert contents(copy) == before
    put(file, empty)
    assert contents(empty) == before


def test_what_was_copied_is_found_by_the_search(file: Path, empty: Database) -> None:
    """Each database has grams of its own kind, made of the documents that were copied."""
    put(file, empty)
    with closing(Database(f"sqlite:///{file}")) as copy:
        for base in (copy, empty):
            with base.read() as tx:
                table, _, found = search_grams.matching(tx, grams(fold("教育局")))
                assert tx.execute(select(func.count()).select_from(table).where(found)).scalar() == 3


def test_no_number_is_given_twice(file: Path, empty: Database) -> None:
    put(file, empty)
    with closing(Database(f"sqlite:///{file}")) as copy:
        for base in (copy, empty):
            with base.begin() as tx:
                tasks.add(tx, "fresh", "x", "x")
                number = tx.execute(select(func.max(schema.tasks.c.id))).scalar()
            assert number == GIVEN + 1
    with empty.read() as tx:
        counters = [counter for table in metadata.sorted_tables if (counter := sequence(tx, table))]
        assert len(counters) >= 7
        for counter in counters:
            assert tx.execute(text(f"SELECT last_value FROM {counter}")).scalar() in (3, GIVEN, GIVEN + 1)  # noqa: S608


def test_what_is_written_while_it_is_copied_is_not_in_it(empty: Database, tmp_path: Path) -> None:
    """The copying waits at a lock on a table; meanwhile another gets a row."""
    with closing(server().connect(str(make_url(url_of(tmp_path)).database))) as hand:
        hand.execute("BEGIN")
        hand.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        copying = threading.Thread(target=snapshot, args=(empty, tmp_path / "copy.db"))
        copying.start()
        wait(lambda: hand.execute(f"SELECT count(*) {WAITS}".encode()).fetchone() == (1,))
        with empty.begin() as tx:
            tasks.add(tx, "late", "x", "x")
        hand.execute("COMMIT")
        copying.join()
    with closing(Database(f"sqlite:///{tmp_path / 'copy.db'}")) as copy:
        assert contents(copy)["tasks"] == []
    assert len(contents(empty)["tasks"]) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE tasks SET created_at = 'hush'", "table tasks, column created_at"),
        ("UPDATE tasks SET created_at = 1e40", "table tasks, column created_at"),
        ("UPDATE submissions SET version = 3000000000", "table submissions, column version"),
        ("UPDATE submissions SET late = 2", "table submissions, column late"),
        ("UPDATE readings SET data = 'hush'", "table readings, column data"),
        ("UPDATE tasks SET text = x'68757368'", "table tasks, column text"),
        ("UPDATE tasks SET text = CAST(x'68757368ff' AS TEXT)", "table tasks, column text"),
        ("UPDATE tasks SET note = 'hush' || char(0)", "table tasks, column note"),
        ("UPDATE tasks SET kind = printf('hush%100d', 1) WHERE id = 1", "table tasks, column kind"),
        ("UPDATE state SET value = 'hush'", "table state, column value"),
        ("UPDATE state SET value = '[NaN]'", "table state"),
        ("DELETE FROM ledger_entries WHERE id = 1", "fk_"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_place_and_never_shown(
    file: Path, empty: Database, change: str, told: str
) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as base:
        base.execute(change)
    with pytest.raises(Unusable, match=told) as caught:
        put(file, empty)
    assert "hush" not in f"{caught.value}"
    assert occupied(empty) is None


def test_what_the_check_refuses_leaves_nothing(file: Path, empty: Database) -> None:
    def refuse(tx: Transaction) -> None:
        assert tx.execute(select(func.count()).select_from(schema.tasks)).scalar() == 3
        raise Unusable("no")

    with pytest.raises(Unusable, match="no"):
        put(file, empty, refuse)
    assert occupied(empty) is None


def test_a_database_without_tables_gets_them_and_one_of_others_is_not_taken(full: Database, file: Path) -> None:
    server().execute("CREATE DATABASE without_tables TEMPLATE template0 ENCODING 'UTF8'")
    server().made.append("without_tables")
    with closing(Database(server().url("without_tables"))) as base:
        assert occupied(base) is None
        with closing(server().connect("without_tables")) as hand:
            hand.execute("CREATE TABLE theirs (x int)")
            assert occupied(base) == f"table theirs of the database {base.place}"
            hand.execute("DROP TABLE theirs")
        put(file, base)
        assert contents(base) == contents(full)
        assert occupied(base) is not None


def test_a_server_that_goes_while_it_is_copied_is_named_and_not_the_copy(empty: Database, tmp_path: Path) -> None:
    told: list[Exception] = []

    def copying() -> None:
        try:
            snapshot(empty, tmp_path / "copy.db")
        except Unavailable as error:
            told.append(error)

    with closing(server().connect(str(make_url(url_of(tmp_path)).database))) as hand:
        hand.execute("BEGIN")
        hand.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        thread = threading.Thread(target=copying)
        thread.start()
        wait(lambda: hand.execute(f"SELECT pg_terminate_backend(pid) {WAITS}".encode()).fetchone() == (True,))
        thread.join()
    [error] = told
    assert str(error).startswith(f"database {empty.place}: ")


def test_an_older_schema_is_copied_as_it_is_without_its_search(tmp_path: Path) -> None:
    """As whoever upgrades does before; the copy can be brought up to date, and says that the search is to be made anew."""
    server().execute("CREATE DATABASE older TEMPLATE template0 ENCODING 'UTF8'")
    server().made.append("older")
    with closing(Database(server().url("older"))) as base:
        base.upgrade("0009")
        with base.begin() as tx:
            tasks.add(tx, "kept", "x", "x")
            tx.execute(text("INSERT INTO search_subjects VALUES (1, 'x', NULL, NULL, 'x', 1, 1, true, true, true)"))
        snapshot(base, tmp_path / "copy.db")
    with closing(Database(f"sqlite:///{tmp_path / 'copy.db'}")) as copy:
        assert copy.revision() == "0009"
        copy.upgrade()
        with copy.read() as tx:
            assert [task.kind for task in tasks.open_(tx)] == ["kept"]
            assert search.is_due(tx)
        assert contents(copy)["search_subjects"] == []


def test_a_schema_that_is_newer_than_this_version_is_not_copied(empty: Database, tmp_path: Path) -> None:
    with empty.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unusable, match="newer version"):
        snapshot(empty, tmp_path / "copy.db")
