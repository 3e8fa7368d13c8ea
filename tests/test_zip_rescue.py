"""Packages that lost their table of contents: what is whole comes out, and looking for it ends."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib

import pytest

from parsers.zip_rescue import Search, rescued
from tests.archive_making import zipped

_HEADER = struct.Struct("<4sHHHHHIIIHH")
MOST = 1_000_000


def part(packed: bytes, *, method: int = 8, size: int = 0) -> bytes:
    """A local header of a part named `a`, and what stands behind it."""
    return _HEADER.pack(b"PK\x03\x04", 20, 0, method, 0, 0, 0, size, 0, 1, 0) + b"a" + packed


def raw_deflate(data: bytes, *, level: int = 9) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def contents(package: bytes | None) -> dict[str, bytes]:
    assert package is not None
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_whole_parts_come_out_however_they_are_packed(method: int) -> None:
    noise = random.Random(7).randbytes(200_000)
    files = [("xl/a.xml", b"<a/>"), ("xl/noise.bin", noise), ("xl/long.xml", b"<c/>" * 100_000), ("xl/none.xml", b"")]
    data = zipped(files, method=method)
    assert contents(rescued(data[: data.rindex(b"PK\x01\x02")], max_parts=9, max_unpacked=MOST)) == dict(files)


def test_more_than_allowed_is_none_at_all() -> None:
    data = zipped([("a", b"x" * 100_000), ("b", b"small")])
    assert rescued(data, max_parts=9, max_unpacked=99_999) is None
    assert contents(rescued(data, max_parts=9, max_unpacked=100_005)) == {"a": b"x" * 100_000, "b": b"small"}


@pytest.mark.parametrize(
    "piece",
    [
        part(b""),
        part(b"\x01\xff\xff\x00\x00"),  # a stored block that swallows the headers behind it
        part(b"\x00\x00\x00\xff\xff"),  # an empty block, so that the stream goes on
        part(raw_deflate(bytes(300_000))),  # much out of little, of another check sum
        part(raw_deflate(bytes(300_000))[:-40] + b"\xff" * 40),  # the same, damaged at its end
        part(b"", method=0, size=200_000),  # stored, reaching over what follows
    ],
)
def test_looking_for_parts_ends(piece: bytes) -> None:
    search = Search()
    data = piece * 40_000
    assert rescued(data[:4_000_000], max_parts=9, max_unpacked=MOST, search=search) is None
    assert search.failed <= 5_001
    assert search.wasted < 2 * MOST
