"""The database: file modes, transactions, migrations that give the schema the code was written for."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateTable

from storage import state, tasks
from storage.database import Database
from storage.errors import Conflict, Unavailable
from storage.schema import mails
from storage.schema import state as state_table
from storage.schema_base import metadata
from storage.search_grams import SQLITE_TABLES
from storage.types import UtcTime, storable
from tests.storage_values import NOON, database


def test_migrations_give_the_schema(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.read() as tx:
        ours = {"compare_type": True, "include_name": lambda name, kind, _: name not in SQLITE_TABLES}
        context = MigrationContext.configure(tx, opts=ours)
        assert compare_metadata(context, metadata) == []
        partial = {
            (table.name, index.name): plain(str(index.dialect_options["sqlite"]["where"]))
            for table in metadata.sorted_tables
            for index in table.indexes
            if index.dialect_options["sqlite"]["where"] is not None
        }
        found = {
            (table, index["name"]): plain(str(index["dialect_options"][f"{tx.dialect.name}_where"]))
            for table in inspect(tx).get_table_names()
            for index in inspect(tx).get_indexes(table)
            if f"{tx.dialect.name}_where" in index.get("dialect_options", {})
        }
    assert found == partial


def plain(condition: str) -> str:
    """As PostgreSQL does not write it back: without brackets and casts."""
    return re.sub(r"::(character varying|[a-z]+)|[()]", "", condition)


def test_upgrade_twice_is_harmless(tmp_path: Path) -> None:
    base = Database(f"sqlite:///{tmp_path}/b.db")
    assert base.revision() is None
    assert not base.current()
    base.upgrade()
    revision = base.revision()
    base.upgrade()
    assert base.revision() == revision is not None
    assert base.current()


def test_an_error_does_not_tell_the_values_of_its_statement(tmp_path: Path) -> None:
    base = database(tmp_path)
    with pytest.raises(IntegrityError) as caught, base.begin() as tx:
        tx.execute(
            text("INSERT INTO tasks (kind, subject) VALUES (:kind, :subject)"), {"kind": "k", "subject": "13912345678"}
        )
    assert "13912345678" not in str(caught.value)


def test_every_table_can_be_made_on_postgresql() -> None:
    for table in metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]


@pytest.mark.sqlite
def test_only_the_owner_may_read(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        state.put(tx, "a", 1)
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()}
    assert set(modes.values()) == {0o600}
    assert "baosong.db-wal" in modes


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="name a file"):
        Database(url)


def test_an_exception_rolls_back(tmp_path: Path) -> None:
    base = database(tmp_path)
    with pytest.raises(RuntimeError), base.begin() as tx:
        state.put(tx, "a", 1)
        raise RuntimeError
    with base.read() as tx:
        assert state.get(tx, "a") is None


def test_a_reader_keeps_nothing(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.read() as tx:
        state.put(tx, "a", 1)
    with base.read() as tx:
        assert state.get(tx, "a") is None


@pytest.mark.sqlite
def test_a_broken_file_is_unavailable(tmp_path: Path) -> None:
    base = Database(f"sqlite:///{tmp_path}/folder")
    (tmp_path / "folder").mkdir()
    with pytest.raises(Unavailable), base.begin():
        pass


def test_a_broken_unique_constraint_is_a_conflict(tmp_path: Path) -> None:
    base = database(tmp_path)
    with pytest.raises(Conflict), base.begin() as tx:
        for _ in range(2):
            tx.execute(state_table.insert().values(key="a", value=1, updated_at=NOON))


def test_writers_queue(tmp_path: Path) -> None:
    """Read, then write, in many threads at once: without the lock taken first some would fail or be lost."""
    base = database(tmp_path)

    def count() -> None:
        for _ in range(10):
            with base.begin() as tx:
                state.count(tx, "n")

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with base.read() as tx:
        assert state.get(tx, "n") == 40


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])))
def test_times_come_back_as_the_same_instant(at: datetime) -> None:
    column = UtcTime()
    stored = column.process_bind_param(at, sqlite.dialect())
    back = column.process_result_value(stored, sqlite.dialect())
    assert back == at
    assert back is not None
    assert back.tzinfo is UTC


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        UtcTime().process_bind_param(datetime(2020, 2, 27), sqlite.dialect())  # noqa: DTZ001


@given(st.text(alphabet=st.characters()))
def test_any_text_becomes_storable(text: str) -> None:
    assert "\x00" not in storable(text)
    storable(text).encode()


def test_broken_texts_of_strangers_stop_nothing(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        tasks.add(tx, "k", "s", "a\udcff\x00b")
        assert [task.text for task in tasks.open_(tx)] == ["a��b"]


def test_tasks_of_one_cause_do_not_pile_up(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        first = tasks.add(tx, "held", "1", "x", at=NOON)
        assert tasks.add(tx, "held", "1", "y") == first
        other = tasks.add(tx, "complaint", "2", "x", confidential=True, at=NOON)
        assert [task.id for task in tasks.open_(tx)] == [first, other]
        assert [task.id for task in tasks.open_(tx, confidential=False)] == [first]
        assert tasks.close_kind(tx, "held", "1")
        assert not tasks.close_kind(tx, "held", "1")
        assert tasks.add(tx, "held", "1", "again") not in (first, other)
        tasks.close(tx, other, "staff", "done")
        tasks.close(tx, other, "another")
        with pytest.raises(LookupError):
            tasks.close(tx, 99, "staff")


def test_state_keeps_values(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        state.put(tx, "a", {"x": [1, None, "中"]})
        state.put_time(tx, "t", NOON)
        assert state.get(tx, "a") == {"x": [1, None, "中"]}
        assert state.get_time(tx, "t") == NOON
        assert (state.once(tx, "g"), state.once(tx, "g")) == (True, False)
        state.remove(tx, "g")
        assert state.once(tx, "g")


def test_mail_bytes_are_unique_by_schema() -> None:
    assert mails.c.sha256.unique
