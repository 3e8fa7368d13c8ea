"""The archive as the house sees it: the same in a folder and in a bucket."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.archive import Archive
from storage.blobs import BlobStore
from storage.errors import BlobCorrupt, BlobMissing, Refused, Unavailable
from storage.objects import ObjectArchive
from storage.s3 import Bucket
from tests.servers.objects import BUCKET, READER, READERS_SECRET, Store, credentials

MAILS = [f"mail {number}\r\n".encode() * 50 for number in range(24)]
HASHES = [hashlib.sha256(mail).hexdigest() for mail in MAILS]

Opener = Callable[[], Archive]


@pytest.fixture(params=["folder", "bucket"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens the same archive anew, as another process would."""
    made: list[Archive] = []
    if request.param == "bucket":
        store: Store = request.getfixturevalue("store")
        prefix = store.new_prefix()

    def another() -> Archive:
        if request.param == "folder":
            made.append(BlobStore(tmp_path / "archive"))
        else:
            made.append(ObjectArchive(Bucket(store.settings(BUCKET)), prefix, tmp_path / "tasks"))
        return made[-1]

    yield another
    for each in made:
        each.close()


def alter(archive: Archive, sha256: str, data: bytes) -> None:
    """As somebody would who has the disk, or the keys of the bucket."""
    if isinstance(archive, ObjectArchive):
        archive._bucket.put(archive._key(sha256), data)
    else:
        Path(archive.locate(sha256)).write_bytes(data)


def test_what_is_put_comes_back_also_to_others(opened: Opener) -> None:
    archive, begun = opened(), datetime.now(UTC) - timedelta(seconds=2)
    assert archive.put_many([*MAILS, *MAILS[:2], b""]) == [*HASHES, *HASHES[:2], hashlib.sha256(b"").hexdigest()]
    other = opened()
    assert [other.get(sha256) for sha256 in HASHES] == MAILS
    assert all(other.has(sha256) for sha256 in HASHES)
    assert list(other.names()) == sorted({*HASHES, hashlib.sha256(b"").hexdigest()})
    assert all(each.written_at and each.written_at >= begun for each in other.listed())
    assert other.written_at(HASHES[0]) >= begun
    assert HASHES[0] in other.locate(HASHES[0])


def test_mails_are_taken_in_but_for_those_that_are_not_wanted(opened: Opener) -> None:
    archive = opened()
    assert archive.take_in(MAILS, unless=lambda hashes: {hashes[0]}) == HASHES
    assert not archive.has(HASHES[0])
    assert [archive.get(sha256) for sha256 in HASHES[1:]] == MAILS[1:]
    archive.unspool()
    assert sorted(archive.names()) == sorted(HASHES[1:])


def test_many_at_once(opened: Opener) -> None:
    archives = [opened(), opened()]
    with ThreadPoolExecutor(8) as pool:
        hashes = list(pool.map(lambda number: archives[number % 2].put(MAILS[number % 5]), range(20)))
    assert [archives[0].get(sha256) for sha256 in hashes] == [MAILS[number % 5] for number in range(20)]


def test_a_repeat_is_a_no_op(opened: Opener) -> None:
    archive = opened()
    archive.put(MAILS[0])
    before = archive.written_at(HASHES[0])
    archive.put(MAILS[0])
    assert opened().put(MAILS[0]) == HASHES[0]
    assert archive.written_at(HASHES[0]) == before


def test_missing_and_altered_are_told_apart_and_what_is_short_is_written_anew(opened: Opener) -> None:
    archive = opened()
    archive.put_many(MAILS[:2])
    alter(archive, HASHES[0], MAILS[0][::-1])
    with pytest.raises(BlobCorrupt):
        archive.get(HASHES[0])
    with pytest.raises(BlobMissing):
        archive.get(HASHES[5])
    assert not archive.has(HASHES[5])
    found = dict(archive.examine([*HASHES[:2], HASHES[5], "no hash"]))
    assert [type(error) for error in found.values()] == [BlobCorrupt, type(None), type(found[HASHES[5]]), ValueError]
    assert isinstance(found[HASHES[5]], BlobMissing)
    alter(archive, HASHES[1], MAILS[1][:-1])
    archive.put(MAILS[1])
    assert archive.get(HASHES[1]) == MAILS[1]


def test_what_is_removed_is_gone(opened: Opener) -> None:
    archive = opened()
    archive.take_in(MAILS)
    assert archive.remove([HASHES[0], HASHES[1], hashlib.sha256(b"never").hexdigest()]) == 2
    assert sorted(archive.names()) == sorted(HASHES[2:])


def test_an_archive_that_is_away_is_not_made_anew(opened: Opener) -> None:
    """Another bucket or prefix, or a disk that is not mounted."""
    archive = opened()
    archive.must_stand = True
    for attempt in (archive.check, archive.begin, lambda: archive.put(b"new"), lambda: archive.get(HASHES[0])):
        with pytest.raises(Unavailable):
            attempt()
    assert list(archive.names()) == []


@pytest.mark.parametrize("name", ["", "ab", "../" * 21 + "x", "A" * 64])
def test_only_hashes_are_names(opened: Opener, name: str) -> None:
    archive = opened()
    for attempt in (archive.get, archive.has, archive.locate):
        with pytest.raises(ValueError, match="SHA-256"):
            attempt(name)


def test_papers(opened: Opener) -> None:
    archive, others = opened(), opened().papers
    archive.begin()
    papers = archive.papers
    assert papers.read("HEAD") is None
    for text in (b"1", b"2"):
        papers.replace("HEAD", text)
        assert others.read("HEAD") == text
    papers.replace("HEAD", b"0", unless=lambda standing: standing == b"2")
    assert papers.read("HEAD") == b"2"
    assert papers.create("people.key", b"a") == b"a"
    assert others.create("people.key", b"b") == b"a"
    papers.create("heads/2026-11-28.json", b"{}")
    papers.replace("heads/2026-11-28.sig", b"..")
    assert [name for name, _ in papers.listed("heads")] == ["2026-11-28.json", "2026-11-28.sig"]
    assert papers.locate("HEAD").endswith("/HEAD")


def test_files_of_tasks_have_a_place(opened: Opener) -> None:
    archive = opened()
    assert archive.workspace is None
    archive.begin()
    assert archive.workspace
    with archive.workspace.task() as folder:
        (folder / "a").write_bytes(b"a")
    assert archive.disk[1].is_dir()


def test_a_good_archive_has_nothing_to_mend(opened: Opener) -> None:
    archive = opened()
    assert archive.trial() == []
    assert archive.trial() == []
    assert len(list(archive.names())) == 1


def test_names_that_are_none_are_listed_for_the_audit(opened: Opener) -> None:
    archive = opened()
    archive.put(MAILS[0])
    wrong = f"{'00' if HASHES[0][:2] != '00' else '01'}/{HASHES[0]}"
    if isinstance(archive, ObjectArchive):
        for key in (wrong, "zz", "a/b/c"):
            archive._bucket.put(f"{archive._prefix}blobs/{key}", b"")
    else:
        folder = Path(archive.locate(HASHES[0])).parents[1]
        (folder / wrong).write_bytes(b"")
        (folder / "zz").write_bytes(b"")
    assert {HASHES[0], wrong, "zz"} <= set(archive.names())
    assert {each.name for each in archive.listed() if each.written_at} == {HASHES[0]}


def test_more_than_a_page_of_names(store: Store, tmp_path: Path) -> None:
    bucket = Bucket(store.settings(BUCKET, page=2))
    with closing(ObjectArchive(bucket, store.new_prefix(), tmp_path / "tasks")) as archive:
        archive.put_many(MAILS[:5])
        assert list(archive.names()) == sorted(HASHES[:5])


def test_who_has_no_right_to_write_is_told_so(store: Store, tmp_path: Path) -> None:
    prefix = store.new_prefix()
    with closing(ObjectArchive(Bucket(store.settings(BUCKET)), prefix, tmp_path / "tasks")) as archive:
        archive.put(MAILS[0])
    keys = credentials(tmp_path / "keys", READER, READERS_SECRET)
    with closing(
        ObjectArchive(Bucket(store.settings(BUCKET, credentials=keys)), prefix, tmp_path / "tasks")
    ) as archive:
        assert archive.get(HASHES[0]) == MAILS[0]
        with pytest.raises(Refused, match="lack a right"):
            archive.trial()


@pytest.mark.parametrize(
    ("key", "secret", "told"),
    [("nobody", "x", "does not know the access key"), ("testkey", "wrong", "secret key is not that")],
)
def test_wrong_keys_are_told(store: Store, tmp_path: Path, key: str, secret: str, told: str) -> None:
    keys = credentials(tmp_path / "keys", key, secret)
    with (
        closing(ObjectArchive(Bucket(store.settings(BUCKET, credentials=keys)), "", tmp_path / "tasks")) as archive,
        pytest.raises(Refused, match=told),
    ):
        archive.put(MAILS[0])


def test_keys_that_are_not_there_are_told(store: Store, tmp_path: Path) -> None:
    settings = store.settings(BUCKET, credentials=tmp_path / "none")
    with (
        closing(ObjectArchive(Bucket(settings), "", tmp_path / "tasks")) as archive,
        pytest.raises(Refused, match="none: No such file"),
    ):
        archive.put(MAILS[0])


def test_a_bucket_that_is_not_there_is_told(store: Store, tmp_path: Path) -> None:
    with closing(ObjectArchive(Bucket(store.settings("no-such-bucket")), "", tmp_path / "tasks")) as archive:
        for attempt in (lambda: archive.put(b"x"), lambda: archive.get(HASHES[0]), archive.trial):
            with pytest.raises(Refused, match="there is no bucket no-such-bucket"):
                attempt()


def test_what_is_erased_is_gone_with_its_older_versions(store: Store, tmp_path: Path) -> None:
    bucket = Bucket(store.settings(store.new_bucket()))
    with closing(ObjectArchive(bucket, "", tmp_path / "tasks")) as archive:
        name = bucket.settings.bucket
        bucket._client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        archive.put_many(MAILS[:2])
        alter(archive, HASHES[0], b"another version")
        assert [one.grave for one in archive.trial()] == [False]
        assert archive.remove([HASHES[0]]) == 1
        left = bucket._client.list_object_versions(Bucket=name, Prefix="blobs/")
        assert HASHES[0] not in str(left)
        assert archive.get(HASHES[1]) == MAILS[1]
