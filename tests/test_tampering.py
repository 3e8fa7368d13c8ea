"""Whatever is altered in a store that the pipeline filled is found, but for what is listed as no evidence, with the reason."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import literal_column

from bench.tampering import NO_EVIDENCE, Score, tamper
from bench.tampering_files import file_alterations
from bench.tampering_store import fill
from storage.schema_accounts import users
from storage.schema_base import metadata
from storage.verify import verify
from tests.office import office

pytestmark = pytest.mark.sqlite

TABLES = {table.name: table for table in metadata.sorted_tables}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("store")
    fill(folder)
    yield folder
    shutil.rmtree(folder)


def test_the_store_has_rows_in_every_table(store: Path) -> None:
    with office(store) as here, here.app.database.read() as tx:
        assert [name for name, table in TABLES.items() if tx.execute(table.select().limit(1)).first() is None] == []


@pytest.mark.parametrize("name", sorted(TABLES))
def test_an_alteration_of_any_column_or_row_is_found(store: Path, name: str) -> None:
    score = tamper(store, [TABLES[name]], count=1, seed=1)
    assert score.missed == []
    assert score.tried.total() >= len(TABLES[name].c) // 2


def test_bytes_where_an_account_has_no_password_are_found(store: Path) -> None:
    """Who logs in by a provider has none; SQLite takes bytes for a text."""
    with office(store) as here, here.app.database.read() as tx:
        assert verify(tx).ok
        tx.execute(users.update().where(users.c.name == "li").values(password=literal_column("x'ff'")))
        assert [fault.object for fault in verify(tx).faults] == ["user:li"]


def test_an_alteration_of_any_file_is_found(store: Path) -> None:
    score = Score()
    file_alterations(store, count=2, seed=1, add=score.add)
    assert score.missed == []
    assert score.tried.total() == 2 * len(score.tried) == score.found.total()


def test_what_carries_no_evidence_is_a_column_or_a_table_that_there_is() -> None:
    columns = {f"{table.name}.{column.name}" for table in TABLES.values() for column in table.c}
    assert NO_EVIDENCE.keys() <= columns | TABLES.keys()
    assert all(NO_EVIDENCE.values())


def test_what_is_not_found_is_named_unless_it_is_no_evidence() -> None:
    score = Score()
    score.add("tasks.kind", "row 1: 'a' → 'b'", False)
    score.add("polls (rows)", "emptied", False)
    assert score.missed == ["tasks.kind: row 1: 'a' → 'b'"]
