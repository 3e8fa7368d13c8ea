"""A store from before the ledger vouched for places, dispositions, letters and tasks: it verifies as it is, and no forger can
make a newer record pass for an older one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bench.tampering_store import fill
from storage import inbox, ledger, outbox, tasks
from storage.database import Database
from storage.receiving import receive
from storage.verify import verify
from tests.older_schema import back_to_0003
from tests.storage_values import letter, origin, sha

pytestmark = pytest.mark.sqlite

_NEWER = "kind = 'mail.seen' OR kind LIKE 'letter.%' OR kind LIKE 'task.%'"


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as the version before would have left it."""
    folder = tmp_path_factory.mktemp("before")
    fill(folder)
    with sqlite3.connect(folder / "data" / "baosong.db") as base:
        base.execute(f"DELETE FROM ledger_entries WHERE {_NEWER}")  # noqa: S608
        base.execute("UPDATE ledger_entries SET kind = 'mail.words' WHERE kind = 'mail.settled'")
        base.execute("UPDATE ledger_entries SET body = json_remove(body, '$.place') WHERE kind = 'mail.received'")
        sent = base.execute("SELECT id, receipt, sha256, sent_at FROM outbox WHERE status = 'sent'").fetchall()
        for number, receipt, sha256, at in sent:
            body = json.dumps({"blobs": [sha256], "letter": number}, sort_keys=True, separators=(",", ":"))
            entry = (at, receipt or f"outbox:{number}", body)
            base.execute("INSERT INTO ledger_entries (at, kind, subject, body) VALUES (?, 'letter.sent', ?, ?)", entry)
        base.execute("UPDATE ledger_entries SET number = NULL, leaf = NULL")
        base.execute("DELETE FROM ledger_heads")
        back_to_0003(base)
    return folder


@pytest.fixture
def upgraded(before: Path, tmp_path: Path) -> Iterator[Database]:
    """Its database, brought to this version and sealed."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "baosong.db").write_bytes((before / "data" / "baosong.db").read_bytes())
    base = Database(f"sqlite:///{tmp_path / 'data' / 'baosong.db'}")
    base.upgrade()
    with base.begin() as tx:
        ledger.seal(tx)
    yield base
    base.close()


def faults(base: Database, *statements: str) -> set[str]:
    with base.begin() as tx:
        for statement in statements:
            tx.execute(text(statement))
        return {fault.object.partition(":")[0] for fault in verify(tx).faults}


def test_it_verifies_as_it_is_and_so_does_what_comes_after(upgraded: Database) -> None:
    assert faults(upgraded) == set()
    with upgraded.begin() as tx:
        mail = receive(tx, raw_sha256=sha("new"), size=1, origin=origin(99)).mail_id
        inbox.finish(tx, mail, "question", "words", "human")
        number = outbox.put(tx, letter(7, receipt=None), mail_id=mail)
        outbox.rendered(tx, number, sha("bytes"))
        outbox.sent(tx, number, datetime.now(UTC))
        for task in tasks.open_(tx):
            tasks.close(tx, task.id, "staff:zhang")
        ledger.seal(tx)
    assert faults(upgraded) == set()


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE mails SET size = size + 1 WHERE id = 1", "mail"),
        ("UPDATE mails SET recorded_at = recorded_at + 1 WHERE id = 1", "mail"),
        ("UPDATE mails SET received_at = received_at + 1000000 WHERE id = 1", "mail"),
        ("UPDATE outbox SET sha256 = 'x' WHERE status = 'sent'", "outbox"),
        ("UPDATE outbox SET status = 'withdrawn' WHERE status = 'sent'", "outbox"),
        ("UPDATE outbox SET address = 'x@example.cn'", "outbox"),
    ],
)
def test_what_its_entries_say_still_holds(upgraded: Database, statement: str, named: str) -> None:
    assert named in faults(upgraded, statement)


def test_a_newer_record_does_not_pass_for_an_older_one(upgraded: Database) -> None:
    with upgraded.begin() as tx:
        newest = tx.execute(text("SELECT max(id) FROM outbox")).scalar_one()
        outbox.put(tx, letter(8, receipt=None))
        tx.execute(text("DELETE FROM ledger_entries WHERE kind = 'letter.queued'"))
        ledger.seal(tx)
        assert [fault.fault for fault in verify(tx).faults] == ["no ledger entry vouches for it"]
        assert newest


def test_an_upgrade_that_is_claimed_later_is_not_believed(tmp_path: Path) -> None:
    base = Database(f"sqlite:///{tmp_path / 'baosong.db'}")
    base.upgrade()
    with base.begin() as tx:
        assert tx.execute(text("SELECT count(*) FROM ledger_entries")).scalar_one() == 0  # nothing here is older
        outbox.put(tx, letter(1, receipt=None))
        ledger.append(tx, ledger.EXTENDED, "ledger", {"older": {"outbox": 99}})
        columns = "mail_id, receipt, notice, kind, address, exempt, letter, ledger_entry, status, created_at, not_before, attempts"
        forged = f"INSERT INTO outbox (message_id, {columns}) SELECT '<forged@example.cn>', {columns} FROM outbox"  # noqa: S608
        tx.execute(text(forged))
        ledger.seal(tx)
        assert "outbox:<forged@example.cn>" in {fault.object for fault in verify(tx).faults}
    base.close()
