"""Archives that other programs made, each with what must come out of it (tests/resources/archives/README.md)."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.mail import FaultCause, PartFault
from parsers.archive_entries import Budget, Entry, entry_name, restored
from parsers.archive_kinds import CAB, OCTETS, archive_media
from parsers.archive_system import SystemLibrary
from parsers.archives import Packed, unpack
from parsers.limits import Limits
from parsers.rar_headers import rar_facts
from tests.archive_making import cut, rar4, rar5, seven_zip, tar, zipped
from tests.mail_making import XLSX

FOLDER = Path(__file__).parent / "resources" / "archives"
PROSE = 119_885  # bytes of 材料/表.txt


def read(*names: str) -> list[tuple[str, int] | tuple[str, str, FaultCause | None]]:
    """(name, size) of every file, (name, code, cause) of every fault."""
    return told([(FOLDER / name).read_bytes() for name in names], split=len(names) > 1)


def told(
    volumes: list[bytes], *, name: str = "a", split: bool = False, media: str | None = None, **limits: int
) -> list[tuple[str, int] | tuple[str, str, FaultCause | None]]:
    packed = Packed(name=name, media=media or archive_media(volumes[0]), volumes=tuple(volumes), split=split)
    found = unpack(packed, Budget(Limits(**limits)))
    return [(i.name, len(i.data)) if isinstance(i, Entry) else (i.name, i.code, i.cause) for i in found]


def fault(cause: FaultCause, name: str = "a") -> tuple[str, str, FaultCause]:
    code = "attachment.unsupported" if cause is FaultCause.FORMAT else "attachment.unreadable"
    return name, code, cause


TEXTS = [("材料/扫描.txt", 14), ("材料/表.txt", PROSE)]
LOCKED = fault(FaultCause.LOCKED)
HALF = [LOCKED, ("a.txt", 18), ("c.txt", 18)]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["deflate64.zip"], TEXTS),
        (["bzip2.zip"], TEXTS),
        (["lzma.zip"], TEXTS),
        (["ppmd.zip"], TEXTS),
        (["aes.zip"], [LOCKED]),
        (["zipcrypto.zip"], [LOCKED]),
        (["plain.7z"], TEXTS),
        (["locked.7z"], [LOCKED]),
        (["locked-names.7z"], [LOCKED]),
        (["half-locked.7z"], [("bar_unencrypted.txt", 4), LOCKED]),
        (["rar4-locked.rar"], HALF),
        (["rar4-locked-names.rar"], [LOCKED]),
        (["rar5-locked.rar"], HALF),
        (["rar5-locked-names.rar"], [LOCKED]),
        (["rar5-solid.rar"], [(f"test{number}.bin", 4096) for number in (1, 2, 3, 4)]),
        (["rar4-solid.rar"], [("stest1.txt", 2048), fault(FaultCause.FORMAT)]),
        (["rar5-references.rar"], [(f"stest{number}.txt", 2048) for number in range(1, 10)]),
        (["rar4-unicode2.rar"], [("𝐀𝐁𝐁𝐂.txt", 2), ("уииоотивл.txt", 2)]),
        (
            ["rar4-unicode.rar"],
            [
                ("表だよ/新しいフォルダ/新規テキスト ドキュメント.txt", 0),
                ("表だよ/漢字長いファイル名long-filename-in-漢字.txt", 5),
                ("abcdefghijklmnopqrsテスト.txt", 16),
            ],
        ),
        (
            [f"rar4-volumes.part{number}.rar" for number in range(1, 7)],
            [("LibarchiveAddingTest2.html", 20111), ("LibarchiveAddingTest.html", 20111)],
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) and isinstance(value[0], str) else "",
)
def test_archives_of_other_programs(names: list[str], expected: list[object]) -> None:
    assert read(*names) == expected


def test_solid_rar_5_in_volumes() -> None:
    names = [f"rar5-volumes.part0{number}.rar" for number in (1, 2, 3, 4)]
    found = read(*names)
    assert [name for name, *_ in found] == [
        "cebula.txt",
        "test.bin",
        *(f"test{n}.bin" for n in range(1, 7)),
        "elf-Linux-ARMv7-ls",
    ]
    assert read(*names[:3]) == [fault(FaultCause.VOLUMES), *found[:-1]]


def test_what_an_unread_codec_gives_is_told_once_or_read() -> None:
    """libarchive reads Zstandard in 7z since 3.7."""
    assert read("zstd.7z") in (
        [fault(FaultCause.FORMAT)],
        [("dir1/file1", 13), ("file2", 26), ("file3", 39), ("file4", 52)],
    )


GBK_OF_5C = "昞月表.xlsx"  # 昞 is 95 5C in GBK, and 5C is the backslash


@pytest.mark.parametrize("charset", ["gbk", "utf-8"])
def test_names_of_rar_4_in_bytes(charset: str) -> None:
    assert told(rar4([("濮阳/" + GBK_OF_5C, b"x")], charset=charset)) == [("濮阳/" + GBK_OF_5C, 1)]


def test_names_in_bytes_of_tar_and_zip() -> None:
    assert told([tar([(GBK_OF_5C, b"x")], encoding="gbk")]) == [(GBK_OF_5C, 1)]
    assert told([zipped([(GBK_OF_5C, b"x")], flag=False)]) == [(GBK_OF_5C, 1)]


def test_a_zip_that_calls_gbk_names_utf8_is_read_all_the_same() -> None:
    data = bytearray(zipped([("濮阳.xlsx", b"x"), ("b", b"y")], flag=False))
    place = data.find(b"PK\x01\x02")
    data[place + 9] |= 0x08
    assert told([bytes(data)]) == [("濮阳.xlsx", 1), ("b", 1)]


@pytest.mark.parametrize(
    ("raw", "utf8", "name"),
    [
        ("é.xlsx".encode(), True, "é.xlsx"),
        (b"\xff\xfe.xlsx", True, "\\xff\\xfe.xlsx"),
        (b"..\\..\\etc\\passwd", False, "../../etc/passwd"),
        (b"a\nb\0", False, "a b␀"),
    ],
)
def test_no_name_loses_its_bytes(raw: bytes, utf8: bool, name: str) -> None:
    assert entry_name(raw, utf8=utf8) == name


def test_a_slash_is_half_a_character_only_where_gbk_has_none() -> None:
    assert restored("濮阳/表".encode("gbk")) == "濮阳/表".encode("gbk")
    assert restored(b"\x95/\x95\x5c/a") == b"\x95\x5c\x95\x5c/a"
    assert restored("濮阳/表".encode()) == "濮阳/表".encode()


@pytest.mark.parametrize("made", [lambda files: rar4(files)[0], lambda files: rar5(files)[0], tar, zipped])
def test_a_way_out_of_the_folder_is_a_label(made: object) -> None:
    assert told([made([("../../etc/passwd", b"x")])]) == [("../../etc/passwd", 1)]  # type: ignore[operator]


def test_a_name_is_read_without_a_locale() -> None:
    """A service may run in the C locale, where libarchive gives no name for one outside ASCII."""
    code = (
        "import sys; from parsers.archive_system import SystemLibrary; from parsers.archive_kinds import RAR;"
        "raw = [m.raw for m in SystemLibrary().members(open(sys.argv[1], 'rb').read(), RAR) if m];"
        "print(ascii(raw[0].decode()))"
    )
    environment = {
        "LC_ALL": "C",
        "PYTHONCOERCECLOCALE": "0",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(FOLDER.parents[2]),
    }
    ran = subprocess.run(
        [sys.executable, "-c", code, FOLDER / "rar4-unicode2.rar"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == ascii("𝐀𝐁𝐁𝐂.txt")


def test_the_library_tells_its_version() -> None:
    assert (SystemLibrary().version or "").startswith("libarchive 3.")


BOMB = bytes(3_000_000)


@pytest.mark.parametrize("media", ["zip", "tar.gz", "gz", "rar 4", "rar 5"])
def test_bombs_end_at_the_budget(media: str) -> None:
    files = [("1", BOMB[:800_000]), ("2", BOMB[:800_000]), ("3", b"")]
    data = {
        "zip": lambda: zipped(files),
        "tar.gz": lambda: gzip.compress(tar(files)),
        "gz": lambda: gzip.compress(BOMB),
        "rar 4": lambda: rar4(files)[0],
        "rar 5": lambda: rar5(files)[0],
    }[media]()
    found = told([data], unpacked_bytes=1_000_000, file_bytes=900_000)
    assert [name for name, *rest in found if len(rest) == 2] == ["a"]
    assert found[-1][1] in ("attachment.bomb", "attachment.too_large")


@pytest.mark.parametrize("made", [tar, lambda files: gzip.compress(tar(files)), lambda files: rar5(files)[0]])
def test_a_large_file_is_named_and_the_rest_read(made: object) -> None:
    data = made([("1", BOMB[:90_000]), ("2", b"x")])  # type: ignore[operator]
    assert told([data], file_bytes=1000) == [("a/1", "attachment.too_large", None), ("2", 1)]


def test_what_is_skipped_counts_as_unpacked() -> None:
    """7z packs all files as one stream: to come past a large one it must be unpacked."""
    data = seven_zip([("1", BOMB), ("2", b"x")])
    assert [code for _, code, _ in told([data], unpacked_bytes=1_000_000, file_bytes=1000)] == [
        "attachment.too_large", "attachment.bomb",
    ]  # fmt: skip


def test_deflate64_is_read_only_as_far_as_there_is_time() -> None:
    data = bytearray((FOLDER / "deflate64.zip").read_bytes())
    place = data.find(b"PK\x01\x02", data.rfind(b"PK\x03\x04"))
    while data[place + 10] != 9:
        place = data.find(b"PK\x01\x02", place + 4)
    data[place + 20 : place + 24] = (11_000_000).to_bytes(4, "little")
    assert fault(FaultCause.FORMAT) in told([bytes(data)])


def test_thousands_of_entries_end() -> None:
    assert told([tar([(str(number), b"") for number in range(5_001)])])[-1][:2] == ("a", "attachment.bomb")


def pax(header: bytes, *, kind: bytes = tarfile.XHDTYPE) -> bytes:
    """A tar of one empty file with an extension header before it."""
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, len(header)
    padding = bytes(-len(header) % 512)
    return info.tobuf() + header + padding + tarfile.TarInfo("a").tobuf() + bytes(1024)


@pytest.mark.parametrize(
    "data",
    [
        pax(b"1" * 300_000),  # CVE-2024-6232
        pax(b"1" * 30_000),
        pax(b"30 comment=1234567890123456789\n30000 comment=" + b"1" * 29_985 + b"\n"),
        pax(b"5 aaa" * 10_000),
        pax(b"13 comment=a\n99 comment=b\n"),
        pax(b"13 comment=a\n", kind=tarfile.XGLTYPE)[:-1024] + pax(b"1" * 300_000, kind=tarfile.XGLTYPE),
        pax(b"x" * 70_000, kind=tarfile.GNUTYPE_LONGNAME),
        pax(b"x" * 70_000, kind=tarfile.GNUTYPE_LONGLINK),
    ],
)
def test_headers_of_a_tar_that_no_program_writes_are_not_parsed(data: bytes) -> None:
    assert told([data])[-1] == fault(FaultCause.DAMAGED)


def test_extension_headers_of_every_program_are_read() -> None:
    name = "濮阳县" * 60 + ".xlsx"
    assert told([pax(b"%d path=%s\n" % (len(name.encode()) + 10, name.encode()))]) == [(name, 0)]
    assert told([pax(name.encode() + b"\0", kind=tarfile.GNUTYPE_LONGNAME)]) == [(name, 0)]


def test_extension_headers_count_together() -> None:
    one = pax(b"60000 comment=" + b"x" * 59_985 + b"\n")[:-1024]
    assert told([one * 66 + bytes(1024)])[-1] == ("a", 0)
    assert told([one * 67 + bytes(1024)])[-1][:2] == ("a", "attachment.bomb")


def test_a_sparse_file_counts_with_its_holes() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("s")
        info.pax_headers = {
            "GNU.sparse.major": "0",
            "GNU.sparse.size": "60000000",
            "GNU.sparse.map": "0,1",
            "GNU.sparse.numblocks": "1",
        }
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    assert told([out.getvalue()]) == [("a/s", "attachment.too_large", None)]


def test_links() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        plain, hard, soft, lost = (tarfile.TarInfo(name) for name in ("p", "h", "s", "l"))
        plain.size = 1
        archive.addfile(plain, io.BytesIO(b"x"))
        for info, kind, target in (
            (hard, tarfile.LNKTYPE, "p"),
            (soft, tarfile.SYMTYPE, "/etc/passwd"),
            (lost, tarfile.LNKTYPE, "q"),
        ):
            info.type, info.linkname = kind, target
            archive.addfile(info)
    assert told([out.getvalue()]) == [("p", 1), ("h", 1), fault(FaultCause.DAMAGED, "a/l")]


@pytest.mark.parametrize(
    "data",
    [zipped([]), rar4([])[0], rar5([])[0], seven_zip([]), zipped([("__MACOSX/a", b"x")])],
)
def test_an_archive_without_files_says_so(data: bytes) -> None:
    assert told([data], name="a.tgz") == [fault(FaultCause.EMPTY, "a.tgz")]


def test_a_tar_with_a_damaged_header_in_its_midst() -> None:
    data = bytearray(tar([("1", b"x"), ("2", b"y")]))
    data[1024 + 148] ^= 1
    assert told([bytes(data)]) == [("1", 1), fault(FaultCause.DAMAGED)]


def test_an_old_tar_without_a_mark_is_known() -> None:
    data = bytearray(tar([("1", b"x")]))
    data[257:265] = bytes(8)
    data[148:156] = b"%06o\0 " % (sum(data[:148]) + 256 + sum(data[156:512]))
    assert told([bytes(data)]) == [("1", 1)]


@pytest.mark.parametrize("made", [rar4, rar5])
def test_altered_stored_files_of_a_rar_are_found_by_their_check_sum(made: object) -> None:
    data = bytearray(made([("1", b"hello"), ("2", b"world")])[0])  # type: ignore[operator]
    data[data.find(b"world")] ^= 1
    assert told([bytes(data)]) == [("1", 5), fault(FaultCause.DAMAGED, "a/2")]


@pytest.mark.parametrize("made", [rar4, rar5])
def test_files_that_end_with_their_volume(made: object) -> None:
    """No file goes on into the next volume, which libarchive then does not look for in a rar 4."""
    assert told(made([("1", b"hello"), ("2", b"world")], volume=5), split=True) == [("1", 5), ("2", 5)]  # type: ignore[operator]


def test_the_numbers_of_volumes_are_read_from_them() -> None:
    assert [rar_facts(volume).number for volume in rar5([("1", b"hello")], volume=2)] == [0, 1, 2]
    facts = [rar_facts(volume) for volume in rar4([("1", b"hello")], volume=2)]
    assert [(one.begins, one.ends) for one in facts] == [(True, False), (False, False), (False, True)]


@pytest.mark.parametrize(
    ("name", "media", "cause"),
    [
        ("a.rar", OCTETS, FaultCause.DAMAGED),
        ("a.7z.001", OCTETS, FaultCause.DAMAGED),
        ("a.arj", OCTETS, FaultCause.FORMAT),
        ("a.cab", CAB, FaultCause.FORMAT),
    ],
)
def test_what_is_not_read_is_told_by_its_bytes_then_its_name(name: str, media: str, cause: FaultCause) -> None:
    assert told([b"something else"], name=name, media=media) == [fault(cause, name)]


def test_a_file_without_a_name_is_no_folder() -> None:
    assert told([zipped([("报送/", b"x"), ("空/", b""), ("", b"y")])]) == [("报送/", 1), ("", 1)]


def test_a_zip_with_a_leading_text_is_read() -> None:
    assert told([b"From the web: " + zipped([("1", b"x")])], name="a.zip", media=OCTETS) == [("1", 1)]


def test_a_zip_without_its_directory_is_not_taken_for_the_workbook_in_it() -> None:
    whole = zipped([("表.xlsx", XLSX), ("b", b"y")], method=zipfile.ZIP_STORED)
    assert told([whole[: whole.rfind(b"PK\x01\x02")]]) == [fault(FaultCause.DAMAGED)]


def test_a_gzip_names_its_file() -> None:
    out = io.BytesIO()
    with gzip.GzipFile("濮阳.xlsx", "wb", fileobj=out) as stream:
        stream.write(b"x")
    plain = gzip.compress(b"x")
    assert told([out.getvalue()], name="a.gz")[0][0] != ""
    assert told([plain], name="m/濮阳.xlsx.gz") == [("濮阳.xlsx", 1)]
    assert told([plain + b"\r\n"], name="a.gz") == [("a", 1)]
    assert told([plain + plain], name="a.tgz") == [("a.tar", 2)]
    assert told([plain[:10] + b"" + plain[10:-1]], name="a.gz") == [fault(FaultCause.DAMAGED, "a.gz")]


class NoLibrary:
    """A machine without libarchive."""

    version = None

    def members(self, data: bytes, media: str) -> Iterator[None]:
        raise AssertionError("asked without a library")


@pytest.mark.parametrize("data", [rar4([("1", b"x")])[0], rar5([("1", b"x")])[0], (FOLDER / "plain.7z").read_bytes()])
def test_without_the_library_its_archives_are_named_as_unsupported(data: bytes) -> None:
    packed = Packed(name="a", media=archive_media(data), volumes=(data,))
    [only] = unpack(packed, Budget(Limits()), NoLibrary())
    assert isinstance(only, PartFault)
    assert (only.code, only.cause) == ("attachment.unsupported", FaultCause.FORMAT)


def test_zips_need_no_library() -> None:
    packed = Packed(
        name="a", media="application/zip", volumes=tuple(cut(zipped([("1", b"x")], method=zipfile.ZIP_STORED), 50))
    )
    assert list(unpack(packed, Budget(Limits()), NoLibrary())) == [Entry(name="1", data=b"x")]
