"""Good mails, workbooks and scans with bytes changed, moved and lost: readers give a value or a named problem, always.

The same readers are fuzzed for hours by `bench.fuzz`; here is what a suite has time for.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cover import CoverFailure
from domain.sheet import Sheet, SheetFailure
from parsers.limits import Limits
from parsers.pages import DecodedCover, decode_cover
from tests.forms import OTHER, ROW, TITLE, plain_cells, save
from tests.hostile import archives, covers
from tests.mail_making import attachment, mixed, opened, picture
from tests.workbooks import RESOURCES, html, read

LIMITS = Limits(file_bytes=5_000_000, unpacked_bytes=20_000_000, pages=2)


@cache
def good_mail() -> bytes:
    inner = mixed(attachment("表.xlsx", b"x"), subject="转发", boundary="inner")
    parts = (
        attachment("濮阳县.xlsx", save(plain_cells([ROW]))),
        attachment("材料.zip", archives.zip_of({"a/扫描.png": picture(60, 60)})),
        b"Content-Type: message/rfc822\r\n\r\n" + inner,
        b"Content-Type: text/html; charset=gbk; name*0*=utf-8''%E8; name*1=\".html\"\r\n\r\n<a href=x>\xcd\xf8</a>",
    )
    return mixed(*parts, headers="Date: Thu, 27 Feb 2020 15:40:00 +0800\r\nReferences: <1@a> <2@a>\r\n")


WORKBOOKS: dict[str, Callable[[], bytes]] = {
    "xls": (RESOURCES / "form.xls").read_bytes,
    "ods": (RESOURCES / "form.ods").read_bytes,
    "html": html,
    "csv": lambda: f"{TITLE}\n{','.join(ROW)}\n{','.join(OTHER)}\n".encode("gbk"),
}
SCANS: dict[str, Callable[[], bytes]] = {
    "pdf": lambda: covers.page(covers.stream(b"0 0 m 500 500 l S")),
    "font": lambda: covers.fonts("truetype"),
    "jbig2": lambda: covers.jbig2("symbols"),
    "jpx": covers.jpx,
    **{
        kind.lower(): lambda kind=kind: picture(200, 280, kind)
        for kind in ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP")
    },
}
PACKAGE = save(plain_cells([ROW, OTHER]))

_EDIT = st.tuples(
    st.sampled_from(["set", "cut", "copy", "insert", "long"]), st.floats(0, 1), st.floats(0, 1), st.binary(max_size=8)
)
EDITS = st.lists(_EDIT, min_size=1, max_size=5)


def mutated(data: bytes, edits: list[tuple[str, float, float, bytes]]) -> bytes:
    """Each edit is at a share of the length, over another share of what follows."""
    for kind, at, over, other in edits:
        start = int(at * len(data))
        stop = start + int(over * over * (len(data) - start))
        if kind == "set":
            data = data[:start] + other + data[start + len(other) :]
        elif kind == "cut":
            data = data[:start] + data[stop:]
        elif kind == "copy":
            data = data[:stop] + data[start:stop] + data[stop:]
        elif kind == "insert":
            data = data[:start] + other + data[start:]
        else:
            data = data[:start] + b"\xff" * 4 + data[start + 4 :]
    return data[:1_000_000]


@settings(max_examples=100, deadline=None)
@given(edits=EDITS)
def test_a_mutated_mail_opens(edits: list[tuple[str, float, float, bytes]]) -> None:
    mail = opened(mutated(good_mail(), edits), limits=LIMITS)
    assert {part.sha256 for part in mail.facts.parts} == set(mail.contents)
    repr(mail.facts).encode("utf-8")
    assert all(
        "\n" not in text and "\r" not in text
        for text in (mail.facts.subject, mail.facts.sender, mail.facts.sender_name)
    )


@pytest.mark.parametrize("kind", [kind for kind in WORKBOOKS if kind != "xls"])
@settings(max_examples=40, deadline=None)
@given(edits=EDITS)
def test_a_mutated_workbook_is_read_or_told(kind: str, edits: list[tuple[str, float, float, bytes]]) -> None:
    reading = read(mutated(WORKBOOKS[kind](), edits), f"表.{kind}")
    assert isinstance(reading, Sheet) or reading.code in {"sheet.unreadable", "sheet.wrong_form", "sheet.encrypted"}


@settings(max_examples=80, deadline=None)
@given(part=st.integers(0, 30), edits=EDITS)
def test_a_package_with_a_mutated_part_is_read_or_told(part: int, edits: list[tuple[str, float, float, bytes]]) -> None:
    """The package is put together anew, so that its checksums are right."""
    with zipfile.ZipFile(io.BytesIO(PACKAGE)) as package:
        members = {name: package.read(name) for name in package.namelist()}
    chosen = sorted(members)[part % len(members)]
    members[chosen] = mutated(members[chosen], edits)
    reading = read(archives.zip_of(members))
    assert isinstance(reading, Sheet) or reading.code in {"sheet.unreadable", "sheet.wrong_form"}


@pytest.mark.parametrize("kind", SCANS)
@settings(max_examples=20, deadline=None)
@given(edits=EDITS)
def test_a_mutated_scan_is_decoded_or_told(kind: str, edits: list[tuple[str, float, float, bytes]]) -> None:
    data = mutated(SCANS[kind](), edits)
    decoded = decode_cover(data, media="", name="x", sha256="0" * 64, limits=LIMITS)
    assert isinstance(decoded, DecodedCover) or decoded.code in {"cover.unreadable", "cover.encrypted"}
    assert isinstance(decoded, DecodedCover | CoverFailure)
    assert isinstance(read(data), SheetFailure)
