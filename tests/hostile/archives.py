"""Archives that are bombs, lead out of their folder, or lie about what is in them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping

from tests.archive_making import rar5, seven_zip

ZEROS = 24_000_000
"""Bytes of a bomb, times the scale: more than one mail may unpack to."""
_CHUNK = bytes(1_000_000)

QUINE = bytes.fromhex(
    "504b03041400000008000803643cf9f4896448010000b801000007000000722f722e7a6970002500daff504b03041400000008000803643c"
    "f9f4896448010000b801000007000000722f722e7a6970002f00d0ff002500daff504b03041400000008000803643cf9f4896448010000b8"
    "01000007000000722f722e7a6970002f00d0ffc2548e5739000500faffc2548e5739000500faff000500faff001400ebffc2548e57390005"
    "00faff000500faff001400ebff428821c400001400ebff428821c400001400ebff428821c400001400ebff428821c400001400ebff428821"
    "c400000000ffff000000ffff003400cbff428821c400000000ffff000000ffff003400cbff42e8215e0f000000ffff0af066641261c015dc"
    "e8a048bf48af2ab320c09b950dc46704425306060640000600f9ff6d010000000042e8215e0f000000ffff0af066641261c015dce8a048bf"
    "48af2ab320c09b950dc46704425306060640000600f9ff6d0100000000504b010214001400000008000803643cf9f4896448010000b80100"
    "00070000000000000000000000000000000000722f722e7a6970504b05060000000001000100350000006d0100000000"
)
"""A zip that holds itself (Russ Cox, "Zip Files All The Way Down", 2010; 440 bytes, as in the tests of Go's archive/zip)."""


def zip_of(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def flat_zip(scale: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("濮阳县.xlsx", "w") as entry:
        for _ in range(ZEROS * scale // len(_CHUNK)):
            entry.write(_CHUNK)
    return out.getvalue()


def nested_zip(scale: int, *, depth: int = 4, copies: int = 12) -> bytes:
    """Zips of zips, each holding the next several times: 42.zip in small."""
    data = zip_of({"0.bin": bytes(1_000_000 * scale)})
    for _ in range(depth):
        data = zip_of({f"{number}.zip": data for number in range(copies)})
    return data


def deep_zip(depth: int = 300) -> bytes:
    data = b"at the bottom"
    for _ in range(depth):
        data = zip_of({"a.zip": data})
    return data


def overlapping_zip(scale: int, *, entries: int = 2_000) -> bytes:
    """Every entry of the directory points to the same packed bytes (David Fifield, "A better zip bomb", 2019)."""
    size = 100_000 * scale
    packed = _deflated(bytes(size))
    name = b"a.bin"
    fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, zlib.crc32(bytes(size)), len(packed), size, len(name), 0)
    local = b"PK\x03\x04" + fields + name + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = struct.pack("<4HIIH", 0, 0, entries, entries, len(entry) * entries, len(local), 0)
    return local + entry * entries + b"PK\x05\x06" + end


def lying_zip(scale: int) -> bytes:
    """Says that its file has ten bytes."""
    data = flat_zip(scale)
    return data.replace(struct.pack("<I", ZEROS * scale), struct.pack("<I", 10))


def many_entries(scale: int) -> bytes:
    return zip_of({f"{place}.txt": b"" for place in range(6_000 * scale)})


def leading_out() -> bytes:
    """Names that lead out of the folder, in each way that some program has followed."""
    names = ("../../../../etc/passwd", "/etc/cron.d/baosong", "C:\\Windows\\win.ini", "..\\..\\x.xlsx", "a/../../x.xlsx",
             "\\\\server\\share\\x.xlsx", "file:///etc/passwd", "CON.xlsx", "a" * 5_000 + ".xlsx", "x\x1b[2J\r\n.xlsx",
             "./.", "....//....//x.xlsx", "\u202exslx.exe")  # fmt: skip
    return zip_of(dict.fromkeys(names, b"x"))


def zip_with_links() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, target in (("濮阳县.xlsx", "/etc/passwd"), ("a", "/"), ("a/b.xlsx", "x")):
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, target)
    return out.getvalue()


def tar_with_links() -> bytes:
    """Links of both kinds out of the archive, devices and a pipe."""
    out = io.BytesIO()
    kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)
    with tarfile.open(fileobj=out, mode="w") as archive:
        for number, kind in enumerate(kinds):
            info = tarfile.TarInfo(f"{number}.xlsx")
            info.type, info.linkname = kind, "../../../../etc/passwd"
            archive.addfile(info)
        loop = tarfile.TarInfo("loop.xlsx")
        loop.type, loop.linkname = tarfile.LNKTYPE, "loop.xlsx"
        archive.addfile(loop)
    return out.getvalue()


def endless_tar() -> bytes:
    """A member that says it has eight exabytes."""
    info = tarfile.TarInfo("a.xlsx")
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\x80" + bytes(3) + (2**63 - 1).to_bytes(8, "big")
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + bytes(10_240)


def bz2_bomb(scale: int) -> bytes:
    return bz2.compress(bytes(ZEROS * scale))


def xz_bomb(scale: int) -> bytes:
    return lzma.compress(bytes(ZEROS * scale), preset=0)


def gz_in_gz_bomb(scale: int) -> bytes:
    return gzip.compress(gzip.compress(bytes(ZEROS * scale)))


def seven_zip_bomb(scale: int) -> bytes:
    return seven_zip([(f"{number}.bin", bytes(4_500_000 * scale)) for number in range(6)])


def lying_rar() -> bytes:
    """Its file says that it has four gigabytes and more."""
    data = bytearray(rar5([("a.xlsx", bytes(1_000))])[0])
    return bytes(data.replace(b"\xe8\x07\x20", b"\xff\x7f\x20"))


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()
