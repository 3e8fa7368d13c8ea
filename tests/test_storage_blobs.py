"""The archive: what was put comes back byte for byte, or not at all."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.blobs import BlobStore
from storage.errors import BlobCorrupt, BlobMissing, Unavailable


def _file(folder: Path, sha256: str) -> Path:
    return folder / "blobs" / sha256[:2] / sha256


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> BlobStore:
    return BlobStore(tmp_path_factory.mktemp("archive"))


@settings(max_examples=25, deadline=None)
@given(items=st.lists(st.binary(max_size=200), max_size=5))
def test_what_is_put_comes_back(shared: BlobStore, items: list[bytes]) -> None:
    hashes = shared.put_many(items)
    assert hashes == [hashlib.sha256(data).hexdigest() for data in items]
    assert [shared.get(sha256) for sha256 in hashes] == items
    assert set(hashes) <= set(shared.names())


@pytest.mark.parametrize("empty", [False, True], ids=["gone", "empty"])
def test_an_archive_that_is_away_is_not_made_anew(tmp_path: Path, empty: bool) -> None:
    """Its disk is not mounted: what is written now would be out of sight when it is."""
    store = BlobStore(tmp_path / "archive")
    kept = [store.put(b"mail"), store.put(b"another")][0]
    (tmp_path / "archive").rename(tmp_path / "away")
    if empty:
        (tmp_path / "archive").mkdir()
    with pytest.raises(Unavailable, match="mounted"):
        store.put(b"new")
    with pytest.raises(Unavailable, match="mounted"):
        store.get(kept)
    if empty:
        (tmp_path / "archive").rmdir()
    (tmp_path / "away").rename(tmp_path / "archive")
    assert store.get(kept) == b"mail"


def test_a_repeat_is_a_no_op(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    sha256 = store.put(b"mail")
    before = _file(tmp_path, sha256).stat()
    assert store.put(b"mail") == sha256
    after = _file(tmp_path, sha256).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert [path for path in (tmp_path / "tmp").rglob("*") if path.is_file()] == []
    assert after.st_mode & 0o777 == 0o600


def test_many_at_once(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    items = [bytes([number]) for number in range(20)] * 2
    with ThreadPoolExecutor(8) as pool:
        hashes = list(pool.map(store.put, items))
    assert [store.get(sha256) for sha256 in hashes] == items
    assert [path for path in (tmp_path / "tmp").rglob("*") if path.is_file()] == []


def test_missing_and_corrupt_are_told_apart(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    sha256 = store.put(b"mail")
    _file(tmp_path, sha256).write_bytes(b"liam")
    with pytest.raises(BlobCorrupt):
        store.get(sha256)
    _file(tmp_path, sha256).unlink()
    assert not store.has(sha256)
    with pytest.raises(BlobMissing):
        store.get(sha256)


def test_a_file_cut_short_is_written_anew(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    sha256 = store.put(b"mail")
    _file(tmp_path, sha256).write_bytes(b"ma")
    store.put(b"mail")
    assert store.get(sha256) == b"mail"


def test_what_a_crash_left_aside_hinders_nothing(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    store.put(b"first")
    (tmp_path / "tmp" / "half").write_bytes(b"ma")
    assert store.get(store.put(b"mail")) == b"mail"


@pytest.mark.parametrize("name", ["", "ab", "../" * 21 + "x", "A" * 64, "g" * 64])
def test_only_hashes_are_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        BlobStore(tmp_path).get(name)


def test_a_lost_archive_is_not_made_anew_in_silence(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    sha256 = store.put(b"mail")
    for folder in (tmp_path / "blobs").iterdir():
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
    with pytest.raises(FileNotFoundError):
        store.put(b"other")
    assert not store.has(sha256)
