"""Databases of every version that went out: brought to the newest schema they pass the audit, are read whole, and serve."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from config.settings import load_settings
from ingest.app import build
from ingest.evidence import kept, verify
from storage import inbox, outbox, submissions, tasks
from storage.database import Database
from tests.office import office
from tests.parts import scan, workbook
from tests.shell import Shell

pytestmark = pytest.mark.sqlite

SCHEMAS = Path(__file__).parent / "resources" / "schemas"
VERSIONS = sorted(path.stem for path in SCHEMAS.glob("v*.sql"))
MIGRATIONS = Path(__file__).parents[1] / "storage" / "migrations" / "versions"


@pytest.fixture(params=VERSIONS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with database and archive as that version left them, and a configuration."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    with closing(sqlite3.connect(data / "baosong.db")) as base:
        base.executescript((SCHEMAS / f"{request.param}.sql").read_text(encoding="utf-8"))
    with zipfile.ZipFile(SCHEMAS / f"{request.param}.zip") as packed:
        packed.extractall(data / "archive")
    (tmp_path / "baosong.toml").write_text('[notices]\nactive = ["puyang-2020-51"]\n', encoding="utf-8")
    return tmp_path


def shape(file: Path) -> dict[str, object]:
    """Tables with their columns and indexes, as SQLite has them, whatever the order."""
    with closing(sqlite3.connect(file)) as base:
        tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: (
                sorted(row[1:] for row in base.execute(f"SELECT * FROM pragma_table_info('{table}')")),  # noqa: S608
                sorted(
                    (unique, partial, tuple(base.execute(f"SELECT name FROM pragma_index_info('{name}')")))  # noqa: S608
                    for _, name, unique, _, partial in base.execute(f"SELECT * FROM pragma_index_list('{table}')")  # noqa: S608
                ),
            )
            for table in tables
        }


def test_the_schemas_that_went_out_are_here() -> None:
    assert {"v0001", "v0002"} <= set(VERSIONS)
    assert set(VERSIONS) <= {path.stem.split("_")[0] for path in MIGRATIONS.glob("v*.py")}


def test_the_upgraded_schema_is_that_of_a_new_database(old: Path, tmp_path: Path) -> None:
    for file in (old / "data" / "baosong.db", tmp_path / "new.db"):
        base = Database(f"sqlite:///{file}")
        base.upgrade()
        assert base.current()
        base.close()
    assert shape(old / "data" / "baosong.db") == shape(tmp_path / "new.db")


def test_the_audit_finds_nothing_and_all_of_it_can_be_read(old: Path) -> None:
    with build(load_settings(old / "baosong.toml")) as app:
        app.database.upgrade()
        result = verify(app)
        assert (result.faults, result.checked > 50) == ((), True)
        with app.database.read() as tx:
            cases = submissions.list_(tx)
            assert len(cases) == 6
            for case in cases:
                whole = kept(tx, case.receipt)
                assert whole is not None
                assert (whole.case.state, whole.history[-1].state) == (case.state, case.state)
                assert outbox.of_receipt(tx, case.receipt)
            assert len({str(case.state) for case in cases}) >= 3
            mails = [inbox.load(tx, number) for number in range(1, 12)]
            assert all(app.blobs.get(mail.sha256) for mail in mails)
            assert [mail.status for mail in mails].count(inbox.MailStatus.HELD) == 1
            assert {task.kind for task in tasks.open_(tx)} >= {"held", "complaint", "question"}


def test_the_commands_show_it(old: Path, baosong: Shell) -> None:
    config = ("--config", old / "baosong.toml")
    assert baosong("audit", "verify", *config).status == 0
    listed = baosong("submissions", "--json", *config).document["submissions"]
    for one in listed:
        assert baosong("show", one["receipt"], "--json", *config).document["history"]


def test_the_work_goes_on(old: Path) -> None:
    """A newer submission takes the place of one that an earlier version accepted, under the next receipt."""
    with office(old) as here:
        here.app.database.upgrade()
        before = set(here.cases())
        for _ in range(11):
            here.box.deliver(b"known by its UID")
        newest = workbook({"app": "学习强国"}, label="newest")
        with here.app.database.read() as tx:
            here.now = max(case.received_at for case in submissions.list_(tx)) + timedelta(hours=1)
        here.mail("newest", newest, scan(newest, label="newest-scan"))
        here.run()
        after = here.cases()
        [fresh] = set(after) - before
        assert after[fresh] == "accepted"
        assert "superseded" in after.values()
        assert verify(here.app).faults == ()


def test_a_copy_that_the_older_schema_left_is_restored_at_the_newest_and_the_audit_finds_nothing(
    old: Path, tmp_path_factory: pytest.TempPathFactory, baosong: Shell
) -> None:
    """The machine is lost before the upgrade: what was copied as it was comes back, and serves."""
    place = tmp_path_factory.mktemp("elsewhere")
    (place / "baosong.toml").write_text((old / "baosong.toml").read_text(encoding="utf-8"), encoding="utf-8")
    config = ("--config", place / "baosong.toml")
    copied = baosong("backup", "--json", place / "copies", "--config", old / "baosong.toml")
    assert (copied.status, copied.document["faults"]) == (0, [])
    before = statements(old)
    assert statements(Path(copied.document["path"])) == before
    assert baosong("restore", copied.document["path"], *config).status == 0
    restored = statements(place)
    assert baosong("db", "upgrade", *config).status == 0
    assert (statements(place), restored != before) == (restored, True), "the restore brought it up to date"
    audit = baosong("audit", "verify", "--json", *config)
    assert (audit.status, audit.document["faults"], audit.document["checked"] > 50) == (0, [], True)
    assert len(baosong("submissions", "--json", *config).document["submissions"]) == 6
    with office(place) as here:
        here.run()
        assert verify(here.app).faults == ()


def statements(folder: Path) -> list[str]:
    """The whole database as SQL, with its version."""
    with closing(sqlite3.connect(folder / "data" / "baosong.db")) as base:
        return list(base.iterdump())
