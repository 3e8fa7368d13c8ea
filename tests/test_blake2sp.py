"""BLAKE2sp by known digests, and the rar 5 archives that have it in place of CRC-32."""

from __future__ import annotations

import pytest

from domain.mail import FaultCause
from parsers.blake2sp import blake2sp
from tests.test_archive_formats import FOLDER, fault, told

KNOWN = {
    b"": "dd0e891776933f43c7d032b08a917e25741f8aa9a12c12e1cac8801500f2ca4f",
    b"\0": "a6b9eecc25227ad788c99d3f236debc8da408849e9a5178978727a81457f7239",
    b"\0\1\2": "ed14413b40da689f1f7fed2b08dff45b8092db5ec2c3610e02724d202f423c46",
    b"abc": "70f75b58f1fecab821db43c88ad84edde5a52600616cd22517b7bb14d440a7d5",
    bytes(range(50)): "270affa6426f1a515c9b76dfc27d181fc2fd57d082a3ba2c1eef071533a6dfb7",
    bytes(range(50)) * 20: "24a78d92592d0761a3681f32935225ca55ffb8eb16b55ab9481c89c59a985ff3",
}
"""The first three are of the authors' blake2-kat.json; the long one has all eight leaves."""
ARCHIVE = (FOLDER / "rar5-blake.rar").read_bytes()


@pytest.mark.parametrize(("data", "digest"), KNOWN.items(), ids=[f"{len(data)} bytes" for data in KNOWN])
def test_known_digests(data: bytes, digest: str) -> None:
    assert blake2sp(data).hex() == digest


def test_a_rar_5_with_it_is_read() -> None:
    assert told([ARCHIVE]) == [("stest1.txt", 2048), ("stest2.txt", 2048)]


def test_an_altered_stored_file_is_found_by_it() -> None:
    altered = bytearray(ARCHIVE)
    altered[ARCHIVE.rfind(b"stest2.txt") + 1000] ^= 1
    assert told([bytes(altered)]) == [("stest1.txt", 2048), fault(FaultCause.DAMAGED, "a/stest2.txt")]
