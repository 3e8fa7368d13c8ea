"""Database, archive and HEAD are of one piece, or nothing more is written: what was lost must show."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest import evidence, jobs, processing
from ingest.passes import PassReport
from ingest.sending import send
from storage import ledger
from storage.errors import Mismatch
from tests.office import office
from tests.parts import scan, workbook
from tests.shell import Shell
from tests.stores import by_hand, place_of
from tests.stores import lose as lose_database

SHEET = workbook()
CONFIGURATION = """
[mailbox]
url = "imap://bureau%40example.org@127.0.0.1:9/INBOX"
[smtp]
url = "smtp://bureau%40example.org@127.0.0.1:9"
sender = "bureau@example.org"
"""


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder with its configuration, where one submission was decided and answered."""
    with office(tmp_path) as here:
        here.mail("m1", SHEET, scan(SHEET))
        here.run()
    (tmp_path / "baosong.toml").write_text(CONFIGURATION, encoding="utf-8")
    return tmp_path


def empty_database(folder: Path) -> None:
    lose_database(folder)
    (folder / "data" / "baosong.db").touch()


def restore_older(folder: Path) -> None:
    """What a copy from before the last sealing looks like."""
    with by_hand(folder) as base:
        base.execute("DELETE FROM ledger_heads WHERE number = (SELECT max(number) FROM ledger_heads)")


def head(folder: Path) -> str:
    return (folder / "data" / "archive" / "HEAD").read_text(encoding="ascii")


@pytest.mark.parametrize("lose", [lose_database, empty_database])
@pytest.mark.parametrize(
    "command",
    [
        ["doctor"],
        ["run", "--once"],
        ["run"],
        ["submissions"],
        ["db", "upgrade"],
        ["replay", __file__],
        ["decide", "R", "accept", "--reason", "x"],
    ],
)
def test_no_command_makes_a_new_database_beside_an_archive(
    kept: Path, baosong: Shell, lose: Callable[[Path], None], command: list[str]
) -> None:
    lose(kept)
    before = head(kept)
    ran = baosong(*command, "--config", kept / "baosong.toml")
    assert ran.status == 1
    assert place_of(kept) in ran.err
    assert "restore the copy" in ran.err
    assert "Traceback" not in ran.err
    assert head(kept) == before
    assert lose is empty_database or not (kept / "data" / "baosong.db").exists()
    audited = baosong("audit", "verify", "--json", "--config", kept / "baosong.toml")
    assert (audited.status, audited.document["faults"][0]["object"]) == (1, "database")


@pytest.mark.parametrize("command", [["doctor"], ["run", "--once"], ["replay", __file__]])
def test_a_database_older_than_its_archive_is_refused(kept: Path, baosong: Shell, command: list[str]) -> None:
    restore_older(kept)
    before = head(kept)
    ran = baosong(*command, "--config", kept / "baosong.toml")
    assert ran.status == 1
    assert f"head {before.partition(':')[0]}," in ran.err
    assert head(kept) == before
    assert baosong("submissions", "--config", kept / "baosong.toml").status == 0  # reading harms nothing


def test_nothing_is_sealed_or_sent_on_a_database_that_does_not_have_the_head(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, scan(SHEET))
        here.run()
        (tmp_path / "data" / "archive" / "HEAD").write_text(f"999:{'3f' * 32}\n", encoding="ascii")
        here.mail("m2", SHEET, scan(SHEET))
        jobs.poll(here.app, PassReport())
        processing.process(here.app, PassReport())
        for act in (lambda: jobs.seal(here.app), lambda: send(here.app, PassReport())):
            with pytest.raises(Mismatch, match="999"):
                act()
        assert len(here.letters.taken) == 1
        assert head(tmp_path).startswith("999:")


@pytest.mark.parametrize("content", ["", "nothing of the kind", "12:xyz", "表"])
def test_a_damaged_head_is_a_fault_and_never_overwritten(kept: Path, baosong: Shell, content: str) -> None:
    (kept / "data" / "archive" / "HEAD").write_text(content, encoding="utf-8")
    ran = baosong("audit", "verify", "--json", "--config", kept / "baosong.toml")
    assert ran.status == 1
    assert [fault["object"] for fault in ran.document["faults"]] == ["HEAD"]
    assert ran.document["checked"] > 3  # the rest is checked all the same
    assert "damaged" in baosong("run", "--once", "--config", kept / "baosong.toml").err


def test_a_removed_head_stops_all_until_it_is_written_anew_with_a_reason(tmp_path: Path) -> None:
    """Else whoever removes it would have its trace wiped out by the next pass."""
    with office(tmp_path) as here:
        for name in ("m1", "m2"):
            here.mail(name, SHEET, scan(SHEET, label=name))
            here.run()
        (tmp_path / "data" / "archive" / "HEAD").unlink()
        assert [fault.object for fault in evidence.verify(here.app).faults] == ["HEAD"]
        with pytest.raises(Mismatch, match="missing"):
            jobs.seal(here.app)
        evidence.rehead(here.app, reason="换了磁盘", by="staff:test")
        jobs.seal(here.app)
        assert evidence.verify(here.app).faults == ()
        with here.app.database.read() as tx:
            [entry] = ledger.entries_of(tx, "HEAD")
        assert "换了磁盘" in entry.body


def test_a_crash_between_the_first_sealing_and_its_head_is_no_loss(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.app.blobs.put(b"a mail")
        with here.app.database.begin() as tx:
            ledger.append(tx, "mail.received", "mail:0", {})
            first = ledger.seal(tx)
        jobs.seal(here.app)
        assert first
        assert head(tmp_path) == f"{first.number}:{first.hash}\n"


def test_a_first_start_is_no_loss(tmp_path: Path, baosong: Shell) -> None:
    """Not even when `doctor` has written its probe to the archive already."""
    toml = tmp_path / "baosong.toml"
    toml.write_text(CONFIGURATION, encoding="utf-8")
    assert "database" not in {
        line.split()[1] for line in baosong("doctor", "--config", toml).out.splitlines() if "BAD" in line
    }
    lose_database(tmp_path)
    assert baosong("submissions", "--config", toml).status == 0


@pytest.mark.sqlite
def test_audit_of_nothing_makes_nothing_and_says_so(tmp_path: Path, baosong: Shell) -> None:
    toml = tmp_path / "baosong.toml"
    toml.write_text(CONFIGURATION, encoding="utf-8")
    ran = baosong("audit", "verify", "--config", toml)
    assert ran.status == 1
    assert f"database: missing or empty: {tmp_path / 'data' / 'baosong.db'}" in ran.err
    assert not (tmp_path / "data").exists()


@pytest.mark.sqlite
def test_a_whole_copy_put_back_is_well(kept: Path, baosong: Shell) -> None:
    shutil.copytree(kept / "data", kept / "copy")
    lose_database(kept)
    shutil.rmtree(kept / "data")
    shutil.copytree(kept / "copy", kept / "data")
    ran = baosong("audit", "verify", "--config", kept / "baosong.toml")
    assert (ran.status, "all as recorded" in ran.out) == (0, True)
