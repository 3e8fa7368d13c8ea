"""What the headers of a rar file say that its reader does not: passwords, volumes, references to other files of it.

Only headers are walked, nothing is unpacked. rar 4: the layout that unrar's headers.hpp gives; rar 5: RARLAB, "RAR 5.0
archive format". Both are bounded by the length of the file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

RAR4 = b"Rar!\x1a\x07\x00"
RAR5 = b"Rar!\x1a\x07\x01\x00"

_MAX_BLOCKS = 6_000
_BLOCK4 = struct.Struct("<2xB2H")
_MAIN4, _FILE4, _SUB4, _END4 = 0x73, 0x74, 0x7A, 0x7B
_MAIN5, _FILE5, _CRYPT5, _END5 = 1, 2, 4, 5
_CRYPT_RECORD, _HASH_RECORD, _REDIRECTION_RECORD = 1, 2, 5
_BLAKE2SP = 0
_HARD_LINK, _FILE_COPY = 4, 5


@dataclass(frozen=True, kw_only=True)
class RarFacts:
    """Of one rar file, which may be one volume of several.

    `locked`: some file needs a password; `sealed`: the names too, so that nothing more can be told.
    `volume`: it is one of several; `number` counts from 0, None where it does not say. `begins`, `ends`: no file goes on
    from the volume before, or into the next. `unicode`: no name is in bytes of an unknown charset. `copies`: files kept as
    references to another of the archive, name → name, UTF-8. `checks`: of all its files the CRC-32 (a number) or BLAKE2sp
    (bytes), or None where one has neither.
    `end`: where the block that ends the archive begins, None when the file ends before it.
    """

    sealed: bool = False
    locked: bool = False
    volume: bool = False
    number: int | None = None
    begins: bool = True
    ends: bool = True
    unicode: bool = True
    copies: dict[bytes, bytes] = field(default_factory=dict)
    checks: frozenset[int | bytes] | None = frozenset()
    end: int | None = None


def rar_facts(data: bytes) -> RarFacts:
    """Never raises: of a damaged file what stands before the damage."""
    facts = RarFacts()
    try:
        for facts in _walk5(data) if data.startswith(RAR5) else _walk4(data):  # noqa: B007 - the last one counts
            pass
    except (IndexError, OverflowError, struct.error):
        pass
    return facts


def _walk4(data: bytes) -> Iterator[RarFacts]:
    """The facts after each block."""
    facts = RarFacts()
    place = len(RAR4)
    for _ in range(_MAX_BLOCKS):
        kind, flags, size = _BLOCK4.unpack_from(data, place)
        following = struct.unpack_from("<I", data, place + 7)[0] if flags & 0x8000 else 0
        if kind in (_FILE4, _SUB4) and flags & 0x100:
            following += struct.unpack_from("<I", data, place + 32)[0] << 32
        if kind == _MAIN4:
            volume, first = bool(flags & 1), bool(flags & 0x100)
            facts = replace(facts, volume=volume, number=0 if volume and first else None)
            if flags & 0x80:
                facts = replace(facts, sealed=True, locked=True)
        elif kind == _FILE4:
            facts = replace(
                facts,
                locked=facts.locked or bool(flags & 4),
                begins=facts.begins and not flags & 1,
                ends=not flags & 2,
                unicode=facts.unicode and (bool(flags & 0x200) or _name4(data, place, flags).isascii()),
                checks=_with_check(facts, struct.unpack_from("<I", data, place + 16)[0]),
            )
        elif kind == _END4:
            number = struct.unpack_from("<H", data, place + (11 if flags & 2 else 7))[0] if flags & 8 else facts.number
            facts = replace(facts, end=place, number=number, ends=facts.ends and not flags & 1)
        yield facts
        if facts.sealed or kind == _END4 or size < 7:
            return
        place += size + following


def _name4(data: bytes, place: int, flags: int) -> bytes:
    start = place + (40 if flags & 0x100 else 32)
    return data[start : start + struct.unpack_from("<H", data, place + 26)[0]]


def _walk5(data: bytes) -> Iterator[RarFacts]:
    """The facts after each block."""
    facts = RarFacts()
    place = len(RAR5)
    for _ in range(_MAX_BLOCKS):
        block = _block5(data, place)
        if block.kind == _CRYPT5:
            yield replace(facts, sealed=True, locked=True)
            return
        if block.kind == _MAIN5:
            flags, at = _number(data, block.fields)
            number = _number(data, at)[0] if flags & 2 else 0
            facts = replace(facts, volume=bool(flags & 1), number=number if flags & 1 else None)
        elif block.kind == _FILE5:
            facts = _with_file5(facts, data, block)
        elif block.kind == _END5:
            yield replace(facts, ends=facts.ends and not _number(data, block.fields)[0] & 1, end=place)
            return
        yield facts
        place = block.next


@dataclass(frozen=True, kw_only=True)
class _Block5:
    """`fields`: where those of its own kind begin; `extra`: the bounds of its extra area; `next`: the block after its data."""

    kind: int
    flags: int
    fields: int
    extra: range
    next: int


def _block5(data: bytes, place: int) -> _Block5:
    size, start = _number(data, place + 4)
    kind, at = _number(data, start)
    flags, at = _number(data, at)
    extra, at = _number(data, at) if flags & 1 else (0, at)
    packed, at = _number(data, at) if flags & 2 else (0, at)
    end = start + size
    return _Block5(kind=kind, flags=flags, fields=at, extra=range(max(at, end - extra), end), next=end + packed)


def _with_file5(facts: RarFacts, data: bytes, block: _Block5) -> RarFacts:
    flags, at = _number(data, block.fields)
    _, at = _number(data, at)  # unpacked size
    _, at = _number(data, at)  # attributes
    at += 4 if flags & 2 else 0  # time
    check = struct.unpack_from("<I", data, at)[0] if flags & 4 else _hash5(data, block.extra)
    at += 4 if flags & 4 else 0
    _, at = _number(data, at)  # compression
    _, at = _number(data, at)  # system
    name = _counted(data, at)
    facts = replace(
        facts,
        begins=facts.begins and not block.flags & 8,
        ends=not block.flags & 16,
        checks=_with_check(facts, check),
    )
    return _with_extra5(facts, data, block.extra, name)


def _hash5(data: bytes, extra: range) -> bytes | None:
    """The BLAKE2sp of a file, None where its header has none."""
    for record, at in _records(data, extra):
        kind, start = _number(data, at)
        if record == _HASH_RECORD and kind == _BLAKE2SP:
            return data[start : start + 32]
    return None


def _with_check(facts: RarFacts, check: int | bytes | None) -> frozenset[int | bytes] | None:
    return None if check is None or facts.checks is None else facts.checks | {check}


def _with_extra5(facts: RarFacts, data: bytes, extra: range, name: bytes) -> RarFacts:
    for record, at in _records(data, extra):
        if record == _CRYPT_RECORD:
            facts = replace(facts, locked=True)
        elif record == _REDIRECTION_RECORD:
            kind, at = _number(data, at)
            target = _counted(data, _number(data, at)[1])
            if kind in (_HARD_LINK, _FILE_COPY):
                facts = replace(facts, copies={**facts.copies, name: target})
    return facts


def _records(data: bytes, extra: range) -> Iterator[tuple[int, int]]:
    """(kind, where its fields begin) of the records in an extra area."""
    at = extra.start
    while at < extra.stop:
        size, start = _number(data, at)
        yield _number(data, start)
        at = start + max(size, 1)


def _counted(data: bytes, place: int) -> bytes:
    """The bytes after their number."""
    size, at = _number(data, place)
    return data[at : at + size]


def _number(data: bytes, place: int) -> tuple[int, int]:
    """A number of variable length (seven bits a byte, the lowest first), and the place after it."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
    return value, place
