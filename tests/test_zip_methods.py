"""Entries of zips that the standard library does not unpack, and libarchive does."""

from __future__ import annotations

import lzma
from collections.abc import Iterator

import pytest

from domain.mail import FaultCause, PartFault
from parsers.archive_entries import Budget
from parsers.archive_system import LibraryError
from parsers.archives import Packed, unpack
from parsers.limits import Limits
from tests.archive_making import packed_zip, zstandard
from tests.test_archive_formats import NoLibrary, fault, told

REPORT = "濮阳县报送材料".encode() * 10
OF_LIBRARY = {
    "zstd": packed_zip("报送/表.txt", REPORT, 93, zstandard(REPORT)),
    "xz": packed_zip("报送/表.txt", REPORT, 95, lzma.compress(REPORT)),
}


@pytest.mark.parametrize("data", OF_LIBRARY.values(), ids=OF_LIBRARY)
def test_zips_that_python_does_not_unpack(data: bytes) -> None:
    damaged, whole = bytearray(data), [("报送/表.txt", len(REPORT))]
    damaged[data.find(b"PK\x01\x02") + 16] ^= 1  # its check sum
    assert told([data]) == whole
    assert told([bytes(damaged)]) == [fault(FaultCause.DAMAGED, "a/报送/表.txt")]
    assert told([data[: data.find(b"PK\x01\x02") - 9] + data[data.find(b"PK\x01\x02") :]]) != whole
    assert told([data], file_bytes=99) == [("a/报送/表.txt", "attachment.too_large", None)]


class OlderLibrary:
    """One that does not know the method."""

    version = "libarchive 3.3.3"

    def members(self, data: bytes, media: str) -> Iterator[None]:
        raise LibraryError("Unsupported ZIP compression method (93: zstd)")
        yield


@pytest.mark.parametrize("library", ["none", "older"])
def test_a_zip_that_no_library_unpacks_is_told_as_unsupported(library: str) -> None:
    packed = Packed(name="a", media="application/zip", volumes=(OF_LIBRARY["zstd"],))
    [only] = unpack(packed, Budget(Limits()), NoLibrary() if library == "none" else OlderLibrary())
    assert isinstance(only, PartFault)
    assert (only.name, only.code, only.cause) == ("a", "attachment.unsupported", FaultCause.FORMAT)
