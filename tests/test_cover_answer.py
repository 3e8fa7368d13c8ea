"""The recogniser's answer: what a child sends is taken only as our own reader would have sent it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cover import ReadCover
from ingest.cover_answer import NotAsAgreed, pack, unpack
from tests import builders

JPEG, PNG = b"\xff\xd8\xff page", b"\x89PNG\r\n\x1a\n rim"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read_cover(*pictures: bytes) -> ReadCover:
    """A cover of one page with a seal; it names the pictures of page, seal and rim, as many as there are."""
    names = [sha(picture) for picture in pictures] + [None] * 3
    seal = builders.seal(picture=names[1], rim_picture=names[2])
    cover = builders.cover(builders.page(seal, picture=names[0]))
    return ReadCover(cover=cover, pictures={sha(picture): picture for picture in pictures})


@pytest.mark.parametrize("pictures", [(), (JPEG,), (JPEG, JPEG + b"2", PNG), (JPEG, JPEG, JPEG)])
def test_what_was_packed_comes_out(pictures: tuple[bytes, ...]) -> None:
    assert unpack(pack(read_cover(*pictures))) == read_cover(*pictures)


def framed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def cover_json(read: ReadCover) -> bytes:
    length = int.from_bytes(pack(read)[:4], "big")
    return pack(read)[4 : 4 + length]


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"
LARGE = JPEG + bytes(1024**2)
FORGED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "no cover": lambda: framed(b"{}", JPEG),
    "no JSON": lambda: framed(b"\x80\x04pickle"),
    "a picture less": lambda: framed(cover_json(read_cover(JPEG, PNG)), JPEG),
    "a picture more": lambda: framed(cover_json(read_cover(JPEG)), JPEG, PNG),
    "another picture": lambda: framed(cover_json(read_cover(JPEG)), JPEG + b"altered"),
    "no picture": lambda: framed(cover_json(read_cover(SVG)), SVG),
    "empty picture": lambda: framed(cover_json(read_cover(b"")), b""),
    "too large": lambda: framed(cover_json(read_cover(LARGE)), LARGE),
    "too many": lambda: framed(cover_json(read_cover(JPEG)), *[JPEG + bytes(1024**2 - 99)] * 65),
    "cut short": lambda: pack(read_cover(JPEG))[:-1],
    "a length alone": lambda: pack(read_cover(JPEG)) + b"\x00\x00",
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
def test_anything_else_is_refused(forged: Callable[[], bytes]) -> None:
    with pytest.raises(NotAsAgreed):
        unpack(forged())


@given(st.binary(max_size=300), st.integers(0, 200))
def test_no_bytes_do_more_than_be_refused(noise: bytes, at: int) -> None:
    whole = pack(read_cover(JPEG, PNG))
    for answer in (noise, whole[:at] + noise + whole[at + len(noise) :]):
        try:
            read = unpack(answer)
        except NotAsAgreed:
            continue
        assert all(sha(data) == name for name, data in read.pictures.items())
        assert set(read.cover.pictures) == set(read.pictures)
