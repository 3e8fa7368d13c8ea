"""The whole work with the archive in an object store that fails now and then: no mail is lost, none is answered twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.doctor_files import look_at_files
from config.storage_tables import StorageTable
from ingest import evidence, jobs, processing, retention, sending
from ingest.backup import back_up
from ingest.health import disks, look
from ingest.passes import PassReport
from ingest.restore import restore
from storage import turns
from storage.errors import Mismatch, Unavailable
from tests.builders import RECEIVED
from tests.office import Office, office, only_case
from tests.parts import scan, workbook
from tests.servers.objects import BUCKET, Store
from tests.servers.s3_middle import Fault, Middle, cut_short, middle, refused, served

pytestmark = pytest.mark.sqlite  # it is about the archive, whatever the database

SHEET = workbook()


@pytest.fixture(scope="module")
def between(store: Store) -> Iterator[Middle]:
    with middle(store.ports[0]) as made:
        yield made


@dataclass
class Place:
    """An office whose archive is in the store; opened again, it is another process."""

    folder: Path
    store: Store
    between: Middle
    prefix: str
    tables: dict[str, Any] = field(default_factory=dict)

    def open(self, prefix: str | None = None, **more: Any) -> AbstractContextManager[Office]:
        reached = {"endpoint": self.between.endpoint, "credentials": str(self.store.credentials), "attempts": 1}
        archive = f"s3://{BUCKET}/{prefix or self.prefix}"
        return office(self.folder, storage={"archive": archive}, s3=reached | {"seconds": 20}, **more)


@pytest.fixture
def place(tmp_path: Path, store: Store, between: Middle) -> Iterator[Place]:
    between.fails()
    yield Place(tmp_path, store, between, store.new_prefix())
    between.fails()


def of_files(fault: Fault) -> Fault:
    """For the files of the archive; its papers are served."""
    return lambda handler, body: (fault if "/blobs/" in handler.path else served)(handler, body)


def all_is_well(here: Office) -> None:
    found = evidence.verify(here.app)
    assert (found.faults, found.checked > 5) == ((), True)


def test_a_return_is_taken_decided_and_answered(place: Place) -> None:
    with place.open() as here:
        here.mail("m1", SHEET, scan(SHEET))
        here.run()
        assert list(here.cases().values()) == ["accepted"]
        assert len(here.letters.taken) == 1
        all_is_well(here)
        assert look_at_files(here.app, place.folder / "none").ok
        assert [disk.what for disk in disks(here.app)]
    with place.open() as here:
        here.mail("m1", SHEET, scan(SHEET))
        assert here.run().received == 0
        all_is_well(here)
    assert not list((place.folder / "data").rglob("blobs"))
    assert [path for path in (place.folder / "data" / "tasks").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("fault", [refused(503, "SlowDown"), refused(403, "AccessDenied"), cut_short])
def test_while_nothing_can_be_stored_mails_stay_where_they_are(place: Place, fault: Fault) -> None:
    with place.open() as here:
        here.run()
        here.mail("m1", SHEET, scan(SHEET))
        place.between.fails(*[fault] * 50, methods=("PUT",))
        report = here.run()
        assert (report.received, len(report.failures) > 0) == (0, True)
        place.between.fails()
        assert here.run().received == 1
        assert list(here.cases().values()) == ["accepted"]
        all_is_well(here)


@pytest.mark.parametrize("fault", [refused(503, "SlowDown"), refused(404, "NoSuchKey")], ids=["away", "late"])
def test_a_mail_whose_bytes_cannot_be_had_waits(place: Place, fault: Fault) -> None:
    with place.open() as here:
        here.mail("m1", SHEET, scan(SHEET))
        here.run()
        here.mail("m2", workbook({"contact": "李大明"}, label="new"))
        blobs = here.app.blobs
        taken = blobs.take_in

        def then_fail(*given: Any, **further: Any) -> list[str]:
            names = taken(*given, **further)
            place.between.fails(*[of_files(fault)] * 9, methods=("GET",))
            return names

        blobs.take_in = then_fail  # type: ignore[method-assign]
        assert here.run().received == 1
        place.between.fails()
        assert here.status("m2") == "new"
        here.run(after=timedelta(minutes=6))
        assert here.status("m2") == "done"
        all_is_well(here)


def test_while_the_archive_is_away_no_attempt_is_counted_and_no_letter_lost(place: Place) -> None:
    with place.open() as here:
        here.mail("m1", SHEET, scan(SHEET))
        jobs.poll(here.app, PassReport())
        place.between.fails(*[refused(503, "SlowDown")] * 50, methods=("GET", "PUT"))
        for _ in range(3):
            report = PassReport()
            processing.process(here.app, report)
            sending.send(here.app, report)
            assert [words.split(":")[0] for words in report.failures] == ["mails wait", "letters wait"]
        place.between.fails()
        with here.app.database.read() as tx:
            assert [row.attempts for row in turns.pending(tx, 9, now=here.now)] == [0]
        here.run()
        assert len(here.letters.taken) == 1


def test_a_pass_whose_archive_goes_away_says_what_waits(place: Place) -> None:
    """It ended with the words of sealing alone, and nobody heard what it had done."""
    with place.open() as here:
        here.run()
        here.mail("m1", SHEET, scan(SHEET))
        place.between.fails(*[served] * 2, *[refused(503, "SlowDown")] * 99, methods=("GET", "PUT"))
        report = here.run()
        told = [words.split(":")[0] for words in report.failures]
        assert (report.received, told) == (0, ["mailbox main", "letters wait", "the ledger waits to be sealed"])
        place.between.fails()
        assert here.run().failures == []
        assert list(here.cases().values()) == ["accepted"]


def test_an_archive_that_is_away_is_told_where_it_is_asked(place: Place) -> None:
    with place.open() as here:
        here.mail("m1", SHEET, scan(SHEET))
        here.run()
        place.between.fails(*[refused(503, "SlowDown")] * 9)
        assert "archive" in [reason.code for reason in look(here.app).outages]
        place.between.fails(*[refused(503, "SlowDown")] * 9)
        with pytest.raises(Unavailable):
            evidence.verify(here.app)


def test_another_bucket_is_not_begun_anew_beside_records(place: Place) -> None:
    with place.open() as here:
        here.mail("m1", SHEET, scan(SHEET))
        here.run()
    with place.open(prefix=place.store.new_prefix()) as here:
        with pytest.raises(Unavailable, match="right bucket"):
            evidence.check_fit(here.app)
        assert list(here.app.blobs.names()) == []


def test_a_lost_database_is_told_by_the_bucket(place: Place) -> None:
    with place.open() as here:
        here.mail("m1", SHEET, scan(SHEET))
        here.run()
    for path in (place.folder / "data").glob("baosong.db*"):
        path.unlink()
    with place.open() as here:
        for path in (place.folder / "data").glob("baosong.db*"):
            path.unlink()
        with pytest.raises(Mismatch, match="s3://"):
            evidence.refuse_new_database(here.app)


def test_what_is_kept_long_enough_is_erased(place: Place) -> None:
    with place.open(retention={"owner": "市教育局"}) as here:
        here.mail("m1", SHEET, scan(SHEET))
        here.run()
        before = len(list(here.app.blobs.names()))
        here.now = RECEIVED.replace(year=RECEIVED.year + 11)
        done = retention.erase(here.app, before=None, by="staff:x")
        assert done.cases == 1
        assert len(list(here.app.blobs.names())) < before
        assert evidence.verify(here.app).faults == ()


def test_a_back_up_of_a_bucket_is_laid_into_another(place: Place, tmp_path: Path) -> None:
    with place.open() as here:
        here.mail("m1", SHEET, scan(SHEET))
        here.run()
        made = back_up(here.app, tmp_path / "copies")
        assert (made.audit.faults, made.notes) == ((), ())
        key = here.app.people_key
        with pytest.raises(Mismatch, match="nothing is written over"):
            restore(here.app, tmp_path / "copies")
    elsewhere = Place(tmp_path / "elsewhere", place.store, place.between, place.store.new_prefix())
    with elsewhere.open() as here:
        for path in here.app.database.files():
            path.unlink()
        done = restore(here.app, tmp_path / "copies")
        assert done.audit.faults == ()
    with elsewhere.open() as here:
        all_is_well(here)
        assert only_case(here).state == "accepted"
        assert here.app.people_key == key


def backed_up(place: Place, folder: Path) -> Place:
    """Copies a store with one return into `copies` of the folder. → an empty place for it."""
    with place.open() as here:
        here.mail("m1", SHEET, scan(SHEET))
        here.run()
        back_up(here.app, folder / "copies")
    return Place(folder / "elsewhere", place.store, place.between, place.store.new_prefix())


def test_a_back_up_that_does_not_hold_leaves_nothing_in_the_bucket(place: Place, tmp_path: Path) -> None:
    elsewhere = backed_up(place, tmp_path)
    with elsewhere.open() as here:
        for path in here.app.database.files():
            path.unlink()
        place.between.fails(*[refused(403, "AccessDenied")] * 9, methods=("PUT",))
        with pytest.raises(Unavailable):
            restore(here.app, tmp_path / "copies")
        place.between.fails()
        assert here.app.blobs.occupied() is None


def test_what_a_restore_left_that_was_broken_off_is_no_archive_and_goes(place: Place, tmp_path: Path) -> None:
    elsewhere = backed_up(place, tmp_path)
    with elsewhere.open() as here:
        left = here.app.blobs.beside().put(b"of another copy")
        assert here.app.blobs.occupied() is None
        with pytest.raises(Mismatch, match="was broken off"):
            evidence.check_fit(here.app)
        for path in here.app.database.files():
            path.unlink()
        with pytest.raises(Mismatch, match="was broken off"):
            evidence.refuse_new_database(here.app)
        restore(here.app, tmp_path / "copies")
        assert left not in set(here.app.blobs.names())
    with elsewhere.open() as here:
        all_is_well(here)


def test_another_archive_under_a_longer_prefix_is_not_cleared_away(place: Place, tmp_path: Path) -> None:
    longer = Place(tmp_path / "longer", place.store, place.between, f"{place.prefix}archive/")
    with place.open() as here, longer.open() as other:
        here.app.blobs.beside().put(b"half a copy")
        others = other.app.blobs.put(b"somebody's")
        assert here.app.blobs.occupied() == f"s3://{BUCKET}/{longer.prefix}archive"
        here.app.blobs.clear()
        assert other.app.blobs.get(others) == b"somebody's"


def test_addresses_of_buckets() -> None:
    assert StorageTable(archive="s3://baosong/puyang/2020").bucket == ("baosong", "puyang/2020/")
    assert StorageTable(archive="s3://baosong").bucket == ("baosong", "")
    assert StorageTable(archive="data/archive").bucket is None
    for wrong in ("s3://", "s3://key:secret@baosong/x", "http://baosong/x", "s3://A/x", "s3://baosong/a b"):
        with pytest.raises(ValueError, match="s3://bucket/prefix"):
            StorageTable(archive=wrong)
