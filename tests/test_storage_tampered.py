"""An audit is stopped by no value: SQLite holds anything in any column, and whoever alters one may want just that."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column

from storage import schema
from storage.schema_submissions import (
    readings,
    submission_files,
    submission_history,
    submission_mails,
    submission_message_ids,
    submission_problems,
    submission_rows,
    submission_senders,
    submissions,
)
from storage.verify import verify
from tests.test_storage_decisions import kept, named

pytestmark = pytest.mark.sqlite

AUDITED = [
    schema.ledger_entries,
    schema.ledger_heads,
    readings,
    submissions,
    submission_history,
    submission_rows,
    submission_problems,
    submission_files,
    submission_mails,
    submission_message_ids,
    submission_senders,
]


@pytest.mark.parametrize("column", [column for table in AUDITED for column in table.c], ids=str)
def test_what_no_program_of_ours_would_put_anywhere_is_named_and_hides_no_other_fault(
    tmp_path: Path, column: Column[Any]
) -> None:
    base = kept(tmp_path)
    base.close()
    file = sqlite3.connect(tmp_path / "data" / "baosong.db")  # without the driver's foreign keys
    file.execute("INSERT INTO readings VALUES ('00', x'00')")
    file.commit()
    first = f"WHERE rowid = (SELECT min(rowid) FROM {column.table.name})"  # noqa: S608
    for value in ("'x'", "x'ff'", "CAST(x'ff' AS TEXT)", "1.5", str(2**62), f"'{'[' * 9999}'"):
        try:
            file.execute(f'UPDATE {column.table.name} SET "{column.name}" = {value} {first}')  # noqa: S608
        except sqlite3.IntegrityError:
            continue  # the one kind of column where SQLite takes integers only
        file.commit()
        with base.read() as tx:
            objects = {str(each) for each in named(verify(tx))}
        assert len(objects) > 1, value
        assert "reading:00" in objects or column.table is readings, value
    file.close()
