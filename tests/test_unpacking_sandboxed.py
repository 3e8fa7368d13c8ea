"""Archives in the real children: their limits leave room for the library, and what is too much there is told."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.doctor import unpacking
from domain.mail import FaultCause, MailFacts
from ingest.children import FACTS, OwnIdentity, library_job, open_job
from ingest.sandbox import Sandbox
from parsers.limits import Limits
from tests.archive_making import CONTAINERS, seven_zip
from tests.mail_making import PDF, XLSX, attachment, mixed

FILES = (("濮阳县.xlsx", XLSX), ("扫描.pdf", PDF))
LIMITS = Limits()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(LIMITS) as made:
        yield made


def opened_in(sandbox: Sandbox, folder: Path, attachments: list[tuple[str, bytes]]) -> MailFacts:
    raw = folder / "mail.eml"
    raw.write_bytes(mixed(*(attachment(name, data) for name, data in attachments)))
    own = OwnIdentity(addresses=frozenset(), message_id_suffix="")
    return FACTS.validate_json(sandbox.decode(open_job, str(raw), str(folder), own, LIMITS, folder=folder))


@pytest.mark.parametrize("way", ["rar 4", "rar 5, volumes", "7z", "tar.xz"])
def test_archives_are_read_in_a_child(way: str, sandbox: Sandbox, tmp_path: Path) -> None:
    facts = opened_in(sandbox, tmp_path, CONTAINERS[way](FILES))
    assert [part.name.rsplit("/", 1)[-1] for part in facts.parts] == [name for name, _ in FILES]
    assert facts.faults == ()


def test_a_dictionary_larger_than_the_memory_is_a_fault_of_the_archive(sandbox: Sandbox, tmp_path: Path) -> None:
    """lzma 1 asks for the size of its dictionary at once: 4 GiB here. Of the other file all is read."""
    packed = bytearray(seven_zip([("表.xlsx", XLSX)]))
    place = packed.rfind(b"\x03\x01\x01\x05\x5d")  # codec LZMA with its five bytes of properties
    packed[place + 5 : place + 9] = b"\xff\xff\xff\xff"
    packed[28:32] = zlib.crc32(packed[32 + int.from_bytes(packed[12:20], "little") :]).to_bytes(4, "little")
    packed[8:12] = zlib.crc32(packed[12:32]).to_bytes(4, "little")
    stream = lzma.compress(b"x", preset=9)
    facts = opened_in(sandbox, tmp_path, [("材料.7z", bytes(packed)), ("a.txt.xz", stream), *FILES])
    assert place > 0
    assert {part.name for part in facts.parts} >= {name for name, _ in FILES}
    assert [(fault.name, fault.cause) for fault in facts.faults if fault.name.startswith("材料.7z")] == [
        ("材料.7z/表.xlsx", FaultCause.DAMAGED)
    ]


def test_doctor_asks_a_child_for_the_library(sandbox: Sandbox) -> None:
    found = unpacking(sandbox.decode(library_job).decode())
    assert (found.ok, found.mend) == (True, "")
    assert "rar and 7z too, by libarchive 3." in found.found


def test_doctor_says_what_a_missing_library_takes_away_and_how_to_mend_it() -> None:
    found = unpacking("")
    assert found.ok
    assert "rar and 7z are not: libarchive is missing" in found.found
    assert "attachment.unsupported" in found.found
    assert "apt-get install libarchive13" in found.mend
