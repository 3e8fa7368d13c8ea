"""A store goes from one kind of database and archive to another by `baosong backup` and `restore`, and is the same there."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from config.settings import load_settings
from domain.accounts import Role
from ingest import evidence, jobs, users
from ingest.app import build
from ingest.backup import back_up
from ingest.passes import PassReport
from ingest.restore import restore
from storage.archive import Archive, Listed
from storage.bag import info_of
from storage.blobs import BlobStore
from storage.errors import Unavailable
from tests.office import office, raw_mail
from tests.parts import scan, workbook
from tests.servers.objects import BUCKET, Store
from tests.shell import Shell
from tests.stores import by_hand, place_of, server, url_of
from tests.waiting import wait

on_server = pytest.mark.postgresql
_HERE = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
_HELD = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND {_HERE}"  # noqa: S608
"""Locks of processes that work on a database: a server may take a moment to see that one is gone."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A folder with a configuration, and where it says that records and files are."""

    folder: Path
    shell: Shell

    @property
    def config(self) -> Path:
        return self.folder / "baosong.toml"

    def give(self, *command: object, status: int = 0) -> str:
        """Gives a command. → all that it said."""
        ran = self.shell(*command, "--config", self.config)
        assert ran.status == status, ran.err
        return ran.out + ran.err

    def back_up(self, into: Path) -> Path:
        ran = self.shell("backup", "--json", into, "--config", self.config)
        assert (ran.status, ran.document["faults"]) == (0, []), ran.err
        return Path(ran.document["path"])

    def dump(self) -> list[str]:
        """Of SQLite, whatever the order of rows."""
        with closing(sqlite3.connect(self.folder / "data" / "baosong.db")) as base:
            return sorted(line for line in base.iterdump() if "search_grams" not in line)


Places = Callable[..., Place]


@pytest.fixture
def places(tmp_path: Path, baosong: Shell) -> Places:
    """Makes a place by its name: with SQLite or a server, a folder or a bucket."""

    def made(name: str, *, by_server: bool, store: Store | None = None) -> Place:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        lines = ["[storage]", f'database = "{url_of(folder) if by_server else "sqlite:///data/baosong.db"}"']
        if store:
            lines += [f'archive = "s3://{BUCKET}/{store.new_prefix()}"', "[s3]", f'endpoint = "{store.endpoint}"']
            lines += [f'credentials = "{store.credentials}"']
        (folder / "baosong.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return Place(folder=folder, shell=baosong)

    return made


def work(folder: Path) -> None:
    """Returns that were accepted and rejected, one that waits, one that was held; staff, and what they did."""
    sheet = workbook()
    bad = workbook({"phone": "1"}, label="bad")
    with office(folder) as here:
        here.mail("m1", sheet, scan(sheet))
        here.mail("m2", bad, scan(bad, label="bad scan"), at=here.now + timedelta(minutes=1))
        here.mail("m3", workbook({"app": "一"}, label="alone"), at=here.now + timedelta(minutes=2))
        here.mail("m4", sheet)
        here.reader.raising["m4"] = [ValueError("read")]
        here.run(after=timedelta(minutes=3))
        users.add(here.app, "zhang", "张同志", Role.STAFF, "violet kettle lantern", by="staff:root")
        jobs.seal(here.app)
        assert len(set(here.cases().values())) >= 2
        assert "held" in here.tasks()


@pytest.fixture
def kept(tmp_path: Path, places: Places) -> Place:
    """A store on the server."""
    place = places("kept", by_server=True)
    work(place.folder)
    return place


def head_of(bag: Path) -> str:
    return info_of(bag)["Ledger-Head"]


@on_server
def test_a_store_is_the_same_on_a_server_and_in_a_file(kept: Place, places: Places, tmp_path: Path) -> None:
    """Server → file → server → file; on the second server the work goes on."""
    file, other, back = (
        places("file", by_server=False),
        places("other", by_server=True),
        places("back", by_server=False),
    )
    bags = [kept.back_up(tmp_path / "bags")]
    for place in (file, other, back):
        assert "all as recorded" in place.give("restore", bags[-1])
        place.give("audit", "verify", "--head", head_of(bags[0]))
        bags.append(place.back_up(tmp_path / "bags" / place.folder.name))
    assert len({head_of(bag) for bag in bags}) == 1
    assert back.dump() == file.dump()
    assert places("kept", by_server=True).give("search", "濮阳县") == back.give("search", "濮阳县")
    with office(other.folder) as here:
        for _ in range(4):
            here.box.deliver(b"known by its UID")
        newest = workbook({"app": "学习强国"}, label="newest")
        here.mail("newest", newest, scan(newest, label="newest scan"), at=here.now + timedelta(hours=1))
        here.run(after=timedelta(hours=1))
        assert "superseded" in here.cases().values()
        assert evidence.verify(here.app).faults == ()
        users.add(here.app, "li", "李同志", Role.STAFF, "violet kettle lantern", by="staff:root")


def test_a_copy_made_while_mails_come_in_is_of_one_piece(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    with office(tmp_path / "kept") as here:
        enough = threading.Event()

        def take_in() -> None:
            number = 0
            while not enough.is_set():
                number += 1
                sheet = workbook({"app": f"app {number}"}, label=str(number))
                here.mail(f"m{number}", sheet, scan(sheet, label=f"scan {number}"))
                here.run(after=timedelta(minutes=1))

        thread = threading.Thread(target=take_in)
        thread.start()
        try:
            made = [back_up(here.app, tmp_path / "copies") for _ in range(3)]
        finally:
            enough.set()
            thread.join()
        assert [one.audit.faults for one in made] == [(), (), ()]
        assert made[-1].audit.checked > made[0].audit.checked


def test_a_file_of_a_mail_that_came_since_is_not_in_the_copy(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    with office(tmp_path / "kept") as here:
        here.box.deliver(raw_mail("m1"))
        jobs.poll(here.app, PassReport())
        on_its_way, planted = here.app.blobs.put(b"on its way"), here.app.blobs.put(b"planted")
        long_ago = here.app.blobs.written_at(planted).timestamp() - 9 * 24 * 3600
        os.utime(here.app.blobs.file(planted), (long_ago, long_ago))  # type: ignore[attr-defined]
        made = back_up(here.app, tmp_path / "copies")
    names = {path.name for path in (made.path / "data" / "archive" / "blobs").rglob("*")}
    assert (on_its_way in names, planted in names) == (False, True)


class OnFullDisk(BlobStore):
    def listed(self) -> Iterator[Listed]:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_named_and_no_half_copy_stays_on_it(tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    with office(tmp_path / "kept") as here:
        here.box.deliver(raw_mail("m1"))
        jobs.poll(here.app, PassReport())
        here.app.blobs = OnFullDisk(here.app.settings.archive)
        with pytest.raises(OSError, match=f"No space left on device: '{copies}'"):
            back_up(here.app, copies)
    assert [path.name for path in copies.iterdir()] == [".lock"]


@on_server
def test_a_database_that_holds_anything_is_not_written_over(kept: Place, places: Places, tmp_path: Path) -> None:
    bag = kept.back_up(tmp_path / "bags")
    shutil.move(kept.folder / "data" / "archive", tmp_path / "archive")
    told = kept.give("restore", bag, status=1)
    assert f"of the database {place_of(kept.folder)}: is there already" in told
    assert not (kept.folder / "data" / "archive").exists()
    shutil.move(tmp_path / "archive", kept.folder / "data" / "archive")
    kept.give("audit", "verify")


@on_server
def test_an_empty_database_is_nothing_to_back_up(places: Places, tmp_path: Path) -> None:
    server().execute("CREATE DATABASE nothing TEMPLATE template0 ENCODING 'UTF8'")
    server().made.append("nothing")
    place = places("nothing", by_server=True)
    place.config.write_text(f'[storage]\ndatabase = "{server().url("nothing")}"\n', encoding="utf-8")
    assert "nothing to back up" in place.give("backup", tmp_path / "bags", status=1)


@on_server
def test_what_a_server_cannot_hold_is_refused_and_nothing_stays(kept: Place, places: Places, tmp_path: Path) -> None:
    """A hand put it into the file; in another file it may stand, and the audit names it."""
    file, other, third = (
        places("file", by_server=False),
        places("other", by_server=True),
        places("third", by_server=False),
    )
    file.give("restore", kept.back_up(tmp_path / "bags"))
    with closing(sqlite3.connect(file.folder / "data" / "baosong.db", isolation_level=None)) as base:
        base.execute("UPDATE tasks SET closed_at = 'hush'")
    file.give("backup", tmp_path / "altered", status=1)
    told = other.give("restore", tmp_path / "altered", status=1)
    assert "table tasks, column closed_at: holds what PostgreSQL does not take" in told
    assert "hush" not in told
    assert [path for path in (other.folder / "data").rglob("*") if path.is_file()] == []
    third.give("restore", tmp_path / "altered", status=1)
    assert "task:" in third.give("audit", "verify", status=1)


@on_server
def test_what_was_amiss_when_the_copy_was_taken_is_told_and_goes_along(
    kept: Place, places: Places, tmp_path: Path
) -> None:
    with by_hand(kept.folder) as base:
        base.execute("UPDATE mails SET size = size + 1 WHERE status = 'held'")
    kept.give("backup", tmp_path / "bags", status=1)
    other = places("other", by_server=True)
    assert "known when the copy was taken" in other.give("restore", tmp_path / "bags", status=1)
    assert other.give("audit", "verify", status=1) == kept.give("audit", "verify", status=1)


@on_server
@pytest.mark.parametrize("in_bucket", [False, True])
def test_a_restore_that_is_killed_is_no_store_and_can_be_given_again(
    kept: Place, places: Places, tmp_path: Path, store: Store, in_bucket: bool
) -> None:
    """Killed when all files lie there, and half of the rows: it waits at a lock on a table."""
    bag = kept.back_up(tmp_path / "bags")
    place = places("other", by_server=True, store=store if in_bucket else None)
    script = [sys.executable, "-c", "from cli.main import main; main()"]
    command = [*script, "restore", str(bag), "--config", str(place.config)]
    with closing(server().connect(str(make_url(url_of(place.folder)).database))) as hand:
        hand.execute("BEGIN")
        hand.execute("LOCK TABLE submission_files IN SHARE MODE")
        restoring = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'submission_files'::regclass"
        wait(lambda: hand.execute(waits).fetchone() == (1,) or restoring.poll() is not None)
        restoring.kill()
        assert restoring.communicate()[1] == ""
        assert restoring.returncode == -signal.SIGKILL
        hand.execute("COMMIT")
        wait(lambda: hand.execute(_HELD).fetchone() == (0,))
        assert hand.execute("SELECT count(*) FROM mails").fetchone() == (0,)
    if in_bucket:
        assert "was broken off" in place.give("db", "reindex", status=1)
    place.give("restore", bag)
    place.give("audit", "verify", "--head", head_of(bag))
    assert [path.name for path in place.folder.rglob("*restoring*")] == []
    again = place.give("restore", bag, status=1)
    assert "is there already" in again


class CutOff(BlobStore):
    """An archive with which the line to the database's server breaks when all but the commit is done."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(path)
        self._name = name

    def settle(self, laid: Archive) -> None:
        super().settle(laid)
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        with closing(server().connect(self._name)) as hand:
            hand.execute(ended, (self._name,))


@on_server
def test_where_the_answer_to_the_commit_is_lost_the_words_say_how_to_find_out(
    kept: Place, places: Places, tmp_path: Path
) -> None:
    bag = kept.back_up(tmp_path / "bags")
    place = places("other", by_server=True)
    archive = place.folder / "data" / "archive"
    with build(load_settings(place.config)) as app:
        app.blobs = CutOff(archive, str(make_url(url_of(place.folder)).database))
        with pytest.raises(Unavailable, match="`baosong audit verify` tells"):
            restore(app, bag)
    assert "head:" in place.give("audit", "verify", status=1)
    assert "does not have" in place.give("db", "reindex", status=1)
    assert f"{archive}/" in place.give("restore", bag, status=1)
    archive.rename(archive.with_name("before"))
    place.give("restore", bag)
    place.give("audit", "verify", "--head", head_of(bag))
