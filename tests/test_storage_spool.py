"""The spool: mails taken in by the hundred are as safe, and as much there, as files of their own."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.blobs import BlobStore
from storage.errors import BlobCorrupt, BlobMissing

MAILS = [f"mail {number}\r\n".encode() * (1 + 40 * number) for number in range(40)]
HASHES = [hashlib.sha256(mail).hexdigest() for mail in MAILS]
ROOT = Path(__file__).parents[1]


def _tars(folder: Path, ending: str = ".tar") -> list[Path]:
    return sorted((folder / "spool").glob(f"*{ending}"))


def _own_files(folder: Path) -> set[str]:
    return {path.name for path in (folder / "blobs").glob("*/*")}


@settings(max_examples=8, deadline=None)
@given(items=st.lists(st.binary(max_size=2000), min_size=16, max_size=40))
def test_what_is_taken_in_comes_back_before_and_after(
    tmp_path_factory: pytest.TempPathFactory, items: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("archive")
    store = BlobStore(folder)
    begun = datetime.now(UTC) - timedelta(seconds=1)  # a file system may keep whole seconds
    hashes = store.take_in(items)
    for _ in ("in the spool", "in files of their own"):
        assert hashes == [hashlib.sha256(data).hexdigest() for data in items]
        for each in (store, BlobStore(folder)):
            assert [each.get(sha256) for sha256 in hashes] == items
            assert all(each.has(sha256) for sha256 in hashes)
            assert sorted(each.names()) == sorted(set(hashes))
            assert max(each.written_at(sha256) for sha256 in hashes) >= begun
        store.unspool()
    assert _own_files(folder) == set(hashes)
    assert _tars(folder) == []


def test_few_go_straight_to_files_of_their_own(tmp_path: Path) -> None:
    BlobStore(tmp_path).take_in(MAILS[:3])
    assert _own_files(tmp_path) == set(HASHES[:3])
    assert _tars(tmp_path) == []


def test_any_tar_reads_it_and_only_its_owner(tmp_path: Path) -> None:
    BlobStore(tmp_path).take_in(MAILS)
    (tar,) = _tars(tmp_path)
    with tarfile.open(tar) as archive:
        assert archive.getnames() == HASHES
    assert tar.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700


def test_what_stands_already_is_not_taken_in_again(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    store.put_many(MAILS[:20])
    assert store.take_in(MAILS) == HASHES
    (tar,) = _tars(tmp_path)
    with tarfile.open(tar) as archive:
        assert archive.getnames() == HASHES[20:]


def test_a_file_is_made_for_who_asks_for_one(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    store.take_in(MAILS)
    assert store.file(HASHES[3]).read_bytes() == MAILS[3]


def test_an_archive_from_before_the_spool(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    store.put(b"mail")
    (tmp_path / "spool").rmdir()
    assert store.take_in(MAILS) == HASHES
    assert store.get(HASHES[0]) == MAILS[0]


def test_emptied_by_two_at_once_while_others_read(tmp_path: Path) -> None:
    for start in range(0, 40, 20):
        BlobStore(tmp_path).take_in(MAILS[start : start + 20])
    stores = [BlobStore(tmp_path) for _ in range(6)]

    def read(store: BlobStore) -> bool:
        return all(store.get(sha256) == mail for _ in range(5) for sha256, mail in zip(HASHES, MAILS, strict=True))

    with ThreadPoolExecutor(6) as pool:
        emptied = [pool.submit(store.unspool) for store in stores[:2]]
        assert all(pool.map(read, stores[2:]))
    assert [future.result() for future in emptied] == [None, None]
    assert _own_files(tmp_path) == set(HASHES)


def test_stopped_between_two_tars(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    store.take_in(MAILS[:20])
    store.take_in(MAILS[20:])
    answers = iter([False, True])
    store.unspool(lambda: next(answers))
    assert len(_tars(tmp_path)) == 1
    assert len(_own_files(tmp_path)) == 20
    assert [store.get(sha256) for sha256 in HASHES] == MAILS


def _first_data(raw: bytes) -> bytes:
    return raw[:512] + b"X" + raw[513:]


def _header_of_third(raw: bytes) -> bytes:
    at = raw.index(HASHES[2].encode())
    return raw[:at] + b"z" + raw[at + 1 :]


def _blank_header_of_third(raw: bytes) -> bytes:
    at = raw.index(HASHES[2].encode())
    return raw[:at] + bytes(512) + raw[at + 512 :]


@pytest.mark.parametrize(
    ("damage", "kept"),
    [
        pytest.param(_first_data, set(HASHES) - {HASHES[0]}, id="a-byte-of-a-mail"),
        pytest.param(_header_of_third, set(HASHES[:2]), id="a-header"),
        pytest.param(_blank_header_of_third, set(HASHES[:2]), id="a-header-of-zeros"),
        pytest.param(lambda raw: raw[:2000], set(HASHES[:2]), id="cut-short"),
        pytest.param(lambda raw: raw[:-1024], set(HASHES), id="without-its-end"),
        pytest.param(lambda raw: b"", set(), id="emptied"),
        pytest.param(lambda raw: b"no tar at all" * 100, set(), id="something-else"),
    ],
)
def test_a_damaged_one_gives_what_is_whole_and_stays(
    tmp_path: Path, damage: Callable[[bytes], bytes], kept: set[str]
) -> None:
    store = BlobStore(tmp_path)
    store.take_in(MAILS)
    (tar,) = _tars(tmp_path)
    tar.write_bytes(damage(tar.read_bytes()))
    for each in (BlobStore(tmp_path), BlobStore(tmp_path)):
        each.unspool()
        assert _own_files(tmp_path) == kept
        assert len(_tars(tmp_path, ".damaged")) == 1
        for sha256, mail in zip(HASHES, MAILS, strict=True):
            if sha256 in kept:
                assert each.get(sha256) == mail
            else:
                with pytest.raises((BlobCorrupt, BlobMissing)):
                    each.get(sha256)


@pytest.mark.parametrize("after", [1, 15, 39])
def test_killed_while_it_is_emptied(tmp_path: Path, after: int) -> None:
    BlobStore(tmp_path).take_in(MAILS)
    code = (
        f"from pathlib import Path; from storage.blobs import BlobStore; BlobStore(Path({str(tmp_path)!r})).unspool()"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    while len(_own_files(tmp_path)) < after and process.poll() is None:
        time.sleep(0.0005)
    process.kill()
    assert process.wait() in (-signal.SIGKILL, 0)  # 0: quicker than the look at it
    store = BlobStore(tmp_path)
    assert [store.get(sha256) for sha256 in HASHES] == MAILS
    store.unspool()
    assert _own_files(tmp_path) == set(HASHES)
    assert _tars(tmp_path) == []
