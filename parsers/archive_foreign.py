"""Entries and faults of the archives that libarchive reads: rar and 7z."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from domain.mail import FaultCause, PartFault
from parsers.archive_entries import (
    Budget,
    Entry,
    TooLargeError,
    entry_name,
    is_junk,
    restored,
    too_large,
    unreadable,
    unsupported,
)
from parsers.archive_kinds import RAR, SEVEN_ZIP
from parsers.archive_system import Library, LibraryError, LockedError, Member
from parsers.blake2sp import blake2sp
from parsers.rar_headers import RAR4, RarFacts, rar_facts

_PADDING = 1024  # after the volumes of a rar, see `_joined`


def unpack_foreign(
    volumes: Sequence[bytes], name: str, media: str, budget: Budget, library: Library
) -> Iterator[Entry | PartFault]:
    """Every file of the archive, and a fault for what cannot be had. Raises TooMuchError past the budget."""
    facts = [rar_facts(volume) for volume in volumes] if media == RAR else []
    if library.version is None:
        yield unsupported(name, f"no libarchive for {media}")
        return
    if any(one.sealed for one in facts):
        yield unreadable(name, FaultCause.LOCKED)
        return
    fault = _fault_of(facts)
    if fault:
        yield unreadable(name, fault)
    archive = _Archive(
        name=name,
        budget=budget,
        excused=fault is not None,
        unicode=media == SEVEN_ZIP or (media == RAR and all(one.unicode for one in facts)),
        copies={old: new for one in facts for old, new in one.copies.items()},
        checks=_checks(facts),
    )
    try:
        for member in library.members(_joined(volumes, facts), media):
            budget.count_entry()
            if member is not None:
                yield from archive.entry(member)
    except LibraryError as error:
        yield from archive.fault(name, error)


def _fault_of(facts: Sequence[RarFacts]) -> FaultCause | None:
    """What the headers of a rar, one volume after the other, tell of it before it is read."""
    if not facts:
        return None
    if any(one.locked for one in facts):
        return FaultCause.LOCKED
    in_order = all(one.number in (None, place) for place, one in enumerate(facts))
    if not (in_order and facts[0].begins and facts[-1].ends):
        return FaultCause.VOLUMES
    # Cut off between two files it would be read without a word (libarchive's issue 1306 and others).
    return FaultCause.DAMAGED if facts[-1].end is None else None


def _checks(facts: Sequence[RarFacts]) -> frozenset[int | bytes] | None:
    """The check sums of all files, None where not all have one."""
    known = [one.checks for one in facts if one.checks is not None and one.end is not None]
    return frozenset().union(*known) if facts and len(known) == len(facts) else None


def _joined(volumes: Sequence[bytes], facts: Sequence[RarFacts]) -> bytes:
    """One after the other, as libarchive reads several files itself. At the end block of a rar 4 it would stop, where no
    file happens to go on into the next volume; a rar 5 volume of less than 512 bytes it would not find (3.6: it looks for
    the next signature in pieces of that size)."""
    if len(volumes) == 1:
        return volumes[0]
    if not facts:
        return b"".join(volumes)
    pairs = zip(volumes[:-1], facts[:-1], strict=True)
    firsts = [volume[: one.end] if volume.startswith(RAR4) else volume for volume, one in pairs]
    return b"".join((*firsts, volumes[-1], bytes(_PADDING)))


@dataclass(kw_only=True)
class _Archive:
    """One archive while it is read. `excused`: a fault of the whole tells already why files of it cannot be read;
    `unicode`: its names are told as such; `copies`: references to other files of it; `checks`: those of all its files,
    for libarchive (3.6 to 3.8) does not look at those of stored ones."""

    name: str
    budget: Budget
    excused: bool
    unicode: bool
    copies: dict[bytes, bytes]
    checks: frozenset[int | bytes] | None
    seen: dict[bytes, bytes] = field(default_factory=dict)

    def entry(self, member: Member) -> Iterator[Entry | PartFault]:
        own = entry_name(member.raw if self.unicode else restored(member.raw), utf8=self.unicode)
        if is_junk(own):
            return
        if member.locked and not self.excused:
            self.excused = True
            yield unreadable(self.name, FaultCause.LOCKED)
        try:
            data = self._read(member)
        except TooLargeError:
            yield too_large(f"{self.name}/{own}", self.budget)
            # To skip the rest of it, it is unpacked all the same.
            self.budget.count(self.budget.left + 1 if member.size is None else member.size - self.budget.file_bytes)
        except LibraryError as error:
            yield from self.fault(f"{self.name}/{own}", error)
        else:
            self.seen[member.raw] = data
            yield Entry(name=own, data=data)

    def fault(self, name: str, error: LibraryError) -> Iterator[PartFault]:
        if isinstance(error, LockedError):
            self.excused = True
            yield unreadable(self.name, FaultCause.LOCKED)
        elif self.excused:
            return
        elif error.not_read:
            self.excused = True
            yield unsupported(self.name, str(error))
        else:
            yield unreadable(name, FaultCause.DAMAGED, str(error))

    def _read(self, member: Member) -> bytes:
        target = member.link or self.copies.get(member.raw)
        if target is not None:
            if target not in self.seen:
                raise LibraryError("the file it refers to is missing")
            return self.budget.collect([self.seen[target]])
        data = self.budget.collect(member.pieces)
        if member.size is not None and len(data) != member.size:
            raise LibraryError("shorter than told")  # libarchive calls a rar whose next volume is missing complete
        if data and self.checks is not None and not _fits(data, self.checks):
            raise LibraryError("check sum")
        return data


def _fits(data: bytes, checks: frozenset[int | bytes]) -> bool:
    if zlib.crc32(data) in checks:
        return True
    return any(isinstance(check, bytes) for check in checks) and blake2sp(data) in checks
