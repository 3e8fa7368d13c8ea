"""Archives for tests: by the libraries that write them, and where none does (rar, split zip) stored by a writer here.

rar 4 as unrar's headers.hpp, rar 5 as RARLAB's "RAR 5.0 archive format" lay it out.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from libarchive.write import custom_writer

Files = Sequence[tuple[str, bytes]]


def tar(files: Files, *, encoding: str = "utf-8", form: int = tarfile.GNU_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", encoding=encoding, format=form) as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(files: Files, *, method: int = zipfile.ZIP_DEFLATED, zip64: bool = False, flag: bool = True) -> bytes:
    """`flag` false: names as GBK bytes without the UTF-8 flag, as Windows writes them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files:
            info = _GbkInfo(name) if not flag else zipfile.ZipInfo(name)
            info.compress_type = method
            with archive.open(info, "w", force_zip64=zip64) as entry:
                entry.write(data)
    return out.getvalue()


def packed_zip(name: str, data: bytes, method: int, packed: bytes) -> bytes:
    """A zip of one file, packed by a method that zipfile does not write."""
    made = bytearray(zipped([(name, packed)], method=zipfile.ZIP_STORED))
    for start, at in ((0, 8), (made.find(b"PK\x01\x02"), 10)):
        struct.pack_into("<H", made, start + at, method)
        struct.pack_into("<3I", made, start + at + 6, zlib.crc32(data), len(packed), len(data))
    return bytes(made)


def zstandard(data: bytes) -> bytes:
    """A frame of one block that is not compressed, of at most 255 bytes (RFC 8878, 3.1.1)."""
    return b"\x28\xb5\x2f\xfd\x20" + bytes((len(data),)) + (1 | len(data) << 3).to_bytes(3, "little") + data


class _GbkInfo(zipfile.ZipInfo):
    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - a hook of zipfile
        return self.filename.encode("gbk"), self.flag_bits


def split_zip(files: Files, size: int) -> list[bytes]:
    """A zip in files of `size` bytes as APPNOTE 8 has them: offsets count within a file, and the last has the directory."""
    whole = b"PK\x07\x08" + zipped(files, method=zipfile.ZIP_STORED)
    end = whole.rfind(b"PK\x05\x06")
    entries, directory_size, start = struct.unpack_from("<H2I", whole, end + 10)
    made = bytearray(whole)
    place = start + 4
    disk = place // size
    for _ in range(entries):
        lengths = struct.unpack_from("<3H", made, place + 28)
        offset = struct.unpack_from("<I", made, place + 42)[0] + 4
        struct.pack_into("<H", made, place + 34, offset // size)
        struct.pack_into("<I", made, place + 42, offset % size)
        place += 46 + sum(lengths)
    struct.pack_into(
        "<4H2I", made, end + 4, len(whole) // size, disk, entries, entries, directory_size, start + 4 - disk * size
    )
    return cut(bytes(made), size)


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[place : place + size] for place in range(0, len(data), size)]


def seven_zip(files: Files) -> bytes:
    out = io.BytesIO()
    with custom_writer(out.write, "7zip") as archive:
        for name, data in files:
            archive.add_file_from_memory(name, len(data), data)
    return out.getvalue()


def rar4(files: Files, *, charset: str = "gbk", volume: int | None = None) -> list[bytes]:
    """Stored; names as bytes in `charset`. In volumes of `volume` bytes of data each, one without."""
    return [_rar4_volume(*one, charset=charset) for one in _volumes(files, volume)]


def _rar4_volume(pieces: Sequence[_Piece], number: int, last: bool, split: bool, *, charset: str) -> bytes:
    out = b"Rar!\x1a\x07\x00" + _block4(0x73, (1 | 0x10 | (0 if number else 0x100)) if split else 0, bytes(6))
    for piece in pieces:
        name = piece.name.encode(charset)
        fields = struct.pack(
            "<IIBIIBBHI", len(piece.data), piece.size, 2, piece.check, 0x5A210000, 20, 0x30, len(name), 0x20
        )
        out += _block4(0x74, 0x8000 | piece.before | piece.after << 1, fields + name) + piece.data
    return out + _block4(0x7B, 0x4000 | (0 if last else 1), b"")


def _block4(kind: int, flags: int, fields: bytes) -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head


def rar5(files: Files, *, volume: int | None = None) -> list[bytes]:
    """Stored. In volumes of `volume` bytes of data each, one without."""
    return [_rar5_volume(*one) for one in _volumes(files, volume)]


def _rar5_volume(pieces: Sequence[_Piece], number: int, last: bool, split: bool) -> bytes:
    main = _number((1 | (2 if number else 0)) if split else 0) + (_number(number) if number else b"")
    out = b"Rar!\x1a\x07\x01\x00" + _block5(1, 0, main)
    for piece in pieces:
        name = piece.name.encode()
        fields = _number(4) + _number(piece.size) + _number(0x20) + struct.pack("<I", piece.check)
        fields += _number(0) + _number(0) + _number(len(name)) + name
        out += _block5(2, piece.before << 3 | piece.after << 4, fields, piece.data)
    return out + _block5(5, 0, _number(0 if last else 1))


def _block5(kind: int, flags: int, fields: bytes, data: bytes | None = None) -> bytes:
    size = b"" if data is None else _number(len(data))
    head = _number(kind) + _number(flags | (0 if data is None else 2)) + size + fields
    head = _number(len(head)) + head
    return struct.pack("<I", zlib.crc32(head)) + head + (data or b"")


def _number(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


class _Piece:
    """What of a file lies in one volume; `before`, `after`: it goes on there."""

    def __init__(self, name: str, whole: bytes, start: int, stop: int) -> None:
        self.name, self.size, self.data = name, len(whole), whole[start:stop]
        self.before, self.after = start > 0, stop < len(whole)
        self.check = zlib.crc32(self.data if self.after else whole)


def _volumes(files: Files, volume: int | None) -> Iterator[tuple[list[_Piece], int, bool, bool]]:
    """(pieces, number, whether it is the last, whether there are several)"""
    made: list[list[_Piece]] = [[]]
    room = volume or sum(len(data) for _, data in files) + 1
    left = room
    for name, data in files:
        start = 0
        while True:
            stop = min(len(data), start + left)
            made[-1].append(_Piece(name, data, start, stop))
            left -= stop - start
            if left == 0:
                made.append([])
                left = room
            if stop == len(data):
                break
            start = stop
    made = [pieces for pieces in made if pieces] or [[]]
    for number, pieces in enumerate(made):
        yield pieces, number, number == len(made) - 1, volume is not None


def numbered(pieces: Sequence[bytes], form: str, first: int = 1) -> list[tuple[str, bytes]]:
    return [(form.format(number), piece) for number, piece in enumerate(pieces, first)]


def _split_zip_set(files: Files) -> list[tuple[str, bytes]]:
    *firsts, last = split_zip(files, 700)
    return [*numbered(firsts, "材料.z{:02}"), ("材料.zip", last)]


def _old_volumes(files: Files) -> list[tuple[str, bytes]]:
    first, *others = rar4(files, volume=600)
    return [("材料.rar", first), *numbered(others, "材料.r{:02}", 0)]


CONTAINERS: Mapping[str, Callable[[Files], list[tuple[str, bytes]]]] = {
    "zip": lambda files: [("材料.zip", zipped(files))],
    "zip of Windows": lambda files: [("材料.zip", zipped(files, flag=False))],
    "zip64": lambda files: [("材料.zip", zipped(files, zip64=True))],
    "zip, bzip2": lambda files: [("材料.zip", zipped(files, method=zipfile.ZIP_BZIP2))],
    "zip, lzma": lambda files: [("材料.zip", zipped(files, method=zipfile.ZIP_LZMA))],
    "zip in zip": lambda files: [("材料.zip", zipped([("内.zip", zipped(files))]))],
    "split zip": _split_zip_set,
    "cut zip": lambda files: numbered(cut(zipped(files), 500), "材料.zip.{:03}"),
    "rar 4": lambda files: [("材料.rar", rar4(files)[0])],
    "rar 5": lambda files: [("材料.rar", rar5(files)[0])],
    "rar 4, volumes": lambda files: numbered(rar4(files, volume=600), "材料.part{}.rar"),
    "rar 4, volumes of old": _old_volumes,
    "rar 5, volumes": lambda files: numbered(rar5(files, volume=600), "材料.part{:02}.rar"),
    "7z": lambda files: [("材料.7z", seven_zip(files))],
    "cut 7z": lambda files: numbered(cut(seven_zip(files), 400), "材料.7z.{:03}"),
    "tar": lambda files: [("材料.tar", tar(files))],
    "tar of Windows": lambda files: [("材料.tar", tar(files, encoding="gbk"))],
    "tar, pax": lambda files: [("材料.tar", tar(files, form=tarfile.PAX_FORMAT))],
    "tar.gz": lambda files: [("材料.tar.gz", gzip.compress(tar(files)))],
    "tgz": lambda files: [("材料.tgz", gzip.compress(tar(files)))],
    "tar.bz2": lambda files: [("材料.tar.bz2", bz2.compress(tar(files)))],
    "tar.xz": lambda files: [("材料.tar.xz", lzma.compress(tar(files)))],
    "cut tar.gz": lambda files: numbered(cut(gzip.compress(tar(files)), 300), "材料.tar.gz.{:03}"),
    "gz, one each": lambda files: [(f"{name}.gz", gzip.compress(data)) for name, data in files],
    "rar in zip": lambda files: [("材料.zip", zipped([("内.rar", rar5(files)[0])]))],
    "volumes in zip": lambda files: [("材料.zip", zipped(numbered(rar5(files, volume=600), "内.part{}.rar")))],
}
"""How a clerk may pack the files of a mail: name → the attachments that come of them."""
