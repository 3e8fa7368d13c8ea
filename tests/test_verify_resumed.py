"""An audit that was broken off goes on where it was: what was found whole is not read again, and nothing is passed over."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.blobs import BlobStore
from storage.checkpoint import OLDEST_DAYS, Checkpoint
from storage.errors import Mismatch, Unavailable
from storage.ledger import Head
from storage.verify_archive import ArchiveFaults, Wanted, verify_archive
from tests.shell import Shell

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=3)


@dataclass
class Breaking(BlobStore):
    """An archive that is away after so many files. `read`: those that were asked for."""

    path: Path
    after: int = 10**6
    read: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.path)

    def examine(self, names: Iterable[str]) -> Iterator[tuple[str, Exception | None]]:
        for number, (name, error) in enumerate(super().examine(names)):
            if number >= self.after:
                raise Unavailable("away")
            self.read.append(name)
            yield name, error


@pytest.fixture
def names(tmp_path: Path) -> list[str]:
    """Twenty files, as old as those of an archive are."""
    archive = BlobStore(tmp_path / "archive")
    made = sorted(archive.put_many(f"{number}".encode() for number in range(20)))
    for name in made:
        os.utime(archive.locate(name), (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    return made


def audit(tmp_path: Path, names: Iterable[str], archive: BlobStore) -> ArchiveFaults:
    checkpoint = Checkpoint(tmp_path / "state", place="here", head=None, now=NOW)
    wanted = Wanted(expected=frozenset(names), erased=frozenset())
    try:
        found = verify_archive(archive, wanted, checkpoint=checkpoint)
    except BaseException:
        checkpoint.keep()
        raise
    checkpoint.done()
    return found


def broken_off(tmp_path: Path, names: Iterable[str], after: int = 8) -> None:
    with pytest.raises(Unavailable):
        audit(tmp_path, names, Breaking(tmp_path / "archive", after=after))


def test_it_goes_on_where_it_was(tmp_path: Path, names: list[str]) -> None:
    broken_off(tmp_path, names)
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o600
    archive = Breaking(tmp_path / "archive")
    assert audit(tmp_path, names, archive) == ArchiveFaults(checked=20, faults=())
    assert archive.read == names[8:]
    assert not (tmp_path / "state").exists()


def test_what_was_amiss_is_looked_at_again(tmp_path: Path, names: list[str]) -> None:
    good = Path(BlobStore(tmp_path / "archive").locate(names[2]))
    kept = good.read_bytes()
    for name in (names[2], names[5]):
        path = Path(BlobStore(tmp_path / "archive").locate(name))
        path.write_bytes(b"x")
        os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    broken_off(tmp_path, names)
    good.write_bytes(kept)
    archive = Breaking(tmp_path / "archive")
    found = audit(tmp_path, names, archive)
    assert [fault.object for fault in found.faults] == [f"blob:{names[5]}"]
    assert archive.read == [names[2], names[5], *names[8:]]


def test_what_was_written_since_is_read_and_what_is_gone_is_missed(tmp_path: Path, names: list[str]) -> None:
    broken_off(tmp_path, names)
    archive = Breaking(tmp_path / "archive")
    Path(archive.locate(names[1])).write_bytes(b"altered since")
    Path(archive.locate(names[3])).unlink()
    (tmp_path / "archive" / "blobs" / "no name").write_bytes(b"")
    found = audit(tmp_path, names, archive)
    assert {(fault.object, fault.fault) for fault in found.faults} == {
        (f"blob:{names[1]}", "altered"),
        (f"blob:{names[3]}", "missing"),
        ("blob:no name", "extra: not a file of the archive"),
    }


def test_what_is_extra_in_the_part_before_is_still_named(tmp_path: Path, names: list[str]) -> None:
    broken_off(tmp_path, names)
    found = audit(tmp_path, names[1:], BlobStore(tmp_path / "archive"))
    assert [(fault.object, fault.fault) for fault in found.faults] == [
        (f"blob:{names[0]}", "extra: no record refers to it")
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"archive": "here", "begun_at": "yesterday"}'])
def test_another_file_is_never_written_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "state").write_text(text, encoding="utf-8")
    with pytest.raises(Mismatch, match="no state of an audit"):
        Checkpoint(tmp_path / "state", place="here", head=None)
    assert (tmp_path / "state").read_text(encoding="utf-8") == text


def test_of_another_archive_or_too_long_ago_it_is_refused(tmp_path: Path) -> None:
    head = Head(number=3, hash="3" * 64)
    Checkpoint(tmp_path / "state", place="here", head=head, now=NOW).keep()
    again = Checkpoint(tmp_path / "state", place="here", head=None, now=NOW + timedelta(days=1))
    assert (again.head, again.begun_at) == (head, NOW)
    with pytest.raises(Mismatch, match="another archive"):
        Checkpoint(tmp_path / "state", place="there", head=None, now=NOW)
    with pytest.raises(Mismatch, match="begin anew"):
        Checkpoint(tmp_path / "state", place="here", head=None, now=NOW + timedelta(days=OLDEST_DAYS))


def test_the_command_keeps_its_state_where_it_is_told_and_tidies_up(toml: Path, baosong: Shell) -> None:
    state = toml.with_name("audit.json")
    assert baosong("submissions", "--config", toml).status == 0  # makes the database
    ran = baosong("audit", "verify", "--resume", state, "--json", "--config", toml)
    assert ran.document["ok"]
    assert not state.exists()
    state.write_text(json.dumps({"none": "of ours"}), encoding="utf-8")
    ran = baosong("audit", "verify", "--resume", state, "--config", toml)
    assert (ran.status, "no state of an audit" in ran.err) == (1, True)
