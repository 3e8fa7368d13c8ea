"""The recogniser's answer as bytes: a cover in JSON, then the pictures it names. What a child sends is never trusted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from pydantic import TypeAdapter, ValidationError

from domain.cover import Cover, ReadCover
from parsers.limits import MB

COVER = TypeAdapter(Cover)

_LENGTH = 4
"""Bytes before the JSON and before each picture that tell its length, the highest first."""
_PICTURE_BYTES = 1 * MB
"""Most bytes of one picture; `parsers.evidence` makes none of more than 0.7 MB."""
_ALL_BYTES = 64 * MB
"""Most bytes of all pictures of a cover: 30 pages, each of the largest size and with seals, stay below half of it."""
_KINDS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
"""How a JPEG and a PNG begin. Anything else, such as an SVG, could hold more than a picture."""


class NotAsAgreed(ValueError):
    """The answer is none that our own reader gives: a fault of ours, or a child that is no longer itself."""


def pack(read: ReadCover) -> bytes:
    """The answer of a child."""
    parts = (COVER.dump_json(read.cover), *read.pictures.values())
    return b"".join(len(part).to_bytes(_LENGTH, "big") + part for part in parts)


def unpack(answer: bytes) -> ReadCover:
    """The cover, with just the pictures that it names, each of known kind and bounded size; their hashes are our own.

    Raises NotAsAgreed.
    """
    parts = _parts(answer)
    try:
        cover = COVER.validate_json(next(parts, b""))
    except ValidationError as error:
        raise NotAsAgreed("no cover") from error
    pictures: dict[str, bytes] = {}
    left = _ALL_BYTES
    for picture in parts:
        left -= len(picture)
        if len(picture) > _PICTURE_BYTES or left < 0:
            raise NotAsAgreed("pictures are too large")
        if not picture.startswith(_KINDS):
            raise NotAsAgreed("what should be a picture is none")
        pictures[hashlib.sha256(picture).hexdigest()] = picture
    if pictures.keys() != set(cover.pictures):
        raise NotAsAgreed("pictures are not those that the cover names")
    return ReadCover(cover=cover, pictures=pictures)


def _parts(answer: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(answer):
        start = place + _LENGTH
        place = start + int.from_bytes(answer[place:start], "big")
        if start > len(answer) or place > len(answer):
            raise NotAsAgreed("cut short")
        yield answer[start:place]
