"""Zip archives: names, nesting, locks, bombs."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.mail import PartFault, PartKind
from parsers.archive_entries import Budget, Entry
from parsers.archive_kinds import ZIP
from parsers.archives import Packed, unpack
from parsers.limits import Limits
from tests.mail_making import PDF, XLSX, attachment, faults, make_zip, mixed, names, opened


def _unpack(data: bytes, media: str = ZIP, **limits: int) -> list[Entry | PartFault]:
    return list(unpack(Packed(name="a.zip", media=media, volumes=(data,)), Budget(Limits(**limits))))


def _renamed(data: bytes, old: bytes, new: bytes) -> bytes:
    """A zip whose entry name is other bytes of the same length, without the UTF-8 flag."""
    assert len(old) == len(new)
    return data.replace(old, new)


def _locked(data: bytes) -> bytes:
    """The same zip with the encryption flag set in both its headers."""
    flag = struct.pack("<H", 1)
    local, central = data.find(b"PK\x03\x04"), data.find(b"PK\x01\x02")
    data = data[: local + 6] + flag + data[local + 8 :]
    return data[: central + 8] + flag + data[central + 10 :]


def test_gbk_names() -> None:
    name = "濮阳县表.xlsx".encode("gbk")
    found = _unpack(_renamed(make_zip([("x" * len(name), XLSX)]), b"x" * len(name), name))
    assert found == [Entry(name="濮阳县表.xlsx", data=XLSX)]


@pytest.mark.parametrize("name", ["濮阳县/表.xlsx", "../../表.xlsx", "a.xls"])
def test_names_are_kept(name: str) -> None:
    assert _unpack(make_zip([(name, b"x")])) == [Entry(name=name, data=b"x")]


def test_what_stands_behind_a_zip_is_passed_over() -> None:
    whole = make_zip([("濮阳县.xlsx", XLSX), ("扫描.pdf", PDF)])
    files = [Entry(name="濮阳县.xlsx", data=XLSX), Entry(name="扫描.pdf", data=PDF)]
    assert _unpack(whole + bytes(70_000)) == files
    assert _unpack(b"MZ" + whole + bytes(70_000)) == files  # offsets are counted from where the zip begins


def test_junk_of_file_managers_is_passed_over() -> None:
    data = make_zip(
        [("__MACOSX/._a.xls", b"x"), ("a/.DS_Store", b"x"), ("a/Thumbs.db", b"x"), ("a/", b""), ("a/b", b"y")]
    )
    assert _unpack(data) == [Entry(name="a/b", data=b"y")]


@pytest.mark.parametrize(
    ("data", "media", "code"),
    [
        (_locked(make_zip([("a.xlsx", XLSX)])), ZIP, "attachment.unreadable"),
        (make_zip([("a.xlsx", XLSX)])[:60], ZIP, "attachment.unreadable"),
        (b"", ZIP, "attachment.unreadable"),
        (b"Rar!\x1a\x07\0", "application/vnd.rar", "attachment.unreadable"),
        (b"LZH", "application/octet-stream", "attachment.unreadable"),
        (b"PK\x03\x04" + b"PK\x01\x02" * 6000, ZIP, "attachment.bomb"),
    ],
    ids=["locked", "cut", "empty", "only a rar's mark", "of no kind", "too many entries"],
)
def test_archives_that_cannot_be_opened(data: bytes, media: str, code: str) -> None:
    found = _unpack(data, media)
    assert [(item.name, item.code) for item in found if isinstance(item, PartFault)] == [("a.zip", code)]


def test_a_bomb_stops_at_the_limit_of_the_mail() -> None:
    data = make_zip([("1", bytes(600_000)), ("2", bytes(600_000)), ("3", b"")])
    found = _unpack(data, unpacked_bytes=1_000_000)
    assert [type(item) for item in found] == [Entry, PartFault]
    assert isinstance(found[1], PartFault)
    assert (found[1].name, found[1].code) == ("a.zip", "attachment.bomb")


def test_a_large_entry_is_named_and_the_rest_read() -> None:
    found = _unpack(make_zip([("1", bytes(600_000)), ("2", b"x")]), file_bytes=1000)
    assert found == [PartFault(name="a.zip/1", code="attachment.too_large", limit=1000), Entry(name="2", data=b"x")]


def test_damaged_entry() -> None:
    data = bytearray(make_zip([("a", b"hello" * 9), ("b", b"x")]))
    data[34] ^= 0xFF
    found = _unpack(bytes(data))
    assert [item.name for item in found] == ["a.zip/a", "b"]


@pytest.mark.parametrize("own", ["a\\b.xlsx", "b/a.xlsx", "表.xlsx"])
def test_an_entry_is_read_whose_header_has_another_name_than_the_directory(own: str) -> None:
    raw = own.encode()
    data = bytearray(make_zip([("a" * (len(raw) - 7) + "/b.xlsx", XLSX)]))
    data[30 : 30 + len(raw)] = raw
    assert _unpack(bytes(data)) == [Entry(name="a" * (len(raw) - 7) + "/b.xlsx", data=XLSX)]
    data[60] ^= 1
    assert [type(item) for item in _unpack(bytes(data))] == [PartFault]  # the check sum still guards it


def test_files_in_archives_are_parts_with_their_way() -> None:
    inner = make_zip([("表.xlsx", XLSX)])
    mail = opened(mixed(attachment("材料.zip", make_zip([("内/x.zip", inner), ("盖章.pdf", PDF)]))))
    assert names(mail) == ["材料.zip/内/x.zip/表.xlsx", "材料.zip/盖章.pdf"]
    assert faults(mail) == []


def test_a_locked_archive_is_a_part_and_a_fault() -> None:
    mail = opened(mixed(attachment("a.zip", _locked(make_zip([("表.xlsx", XLSX)])))))
    assert [found.kind for found in mail.facts.parts] == [PartKind.ARCHIVE]
    assert faults(mail) == [("a.zip", "attachment.unreadable")]
    assert mail.facts.faults[0].sha256 == mail.facts.parts[0].sha256


def test_endless_nesting_ends() -> None:
    data = b"x"
    for _ in range(9):
        data = make_zip([("z.zip", data)])
    assert [code for _, code in faults(opened(mixed(attachment("a.zip", data))))] == ["attachment.bomb"]


@settings(max_examples=60)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_never_raises(place: int, bytes_: bytes) -> None:
    data = make_zip([("a.xlsx", b"hello" * 20), ("b.pdf", PDF)])
    damaged = data[:place] + bytes_ + data[place + len(bytes_) :]
    assert all(isinstance(item, Entry | PartFault) for item in _unpack(damaged))
