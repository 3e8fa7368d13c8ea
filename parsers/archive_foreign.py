"""Entries and faults of the archives that libarchive reads: rar, 7z, cab."""

from __future__ import annotations

import re
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
from parsers.archive_system import Library, LibraryError, LockedError, Member
from parsers.kinds import RAR, SEVEN_ZIP
from parsers.rar_headers import RAR4, RarFacts, rar_facts

_NOT_READ = re.compile(
    r"(?:un|not (?:currently )?)supported(?! block)|support unavailable|[Uu]nknown codec|No support|Unsupported comp"
)
"""What libarchive (3.6 to 3.8) says of a way of packing that it does not read: solid rar 4, filters, codecs of 7z."""


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
    if any(one.locked for one in facts):
        yield unreadable(name, FaultCause.LOCKED)
    if not _complete(facts):
        yield unreadable(name, FaultCause.VOLUMES)
    archive = _Archive(
        name=name,
        budget=budget,
        excused=any(one.locked for one in facts) or not _complete(facts),
        unicode=media == SEVEN_ZIP or (media == RAR and all(one.unicode for one in facts)),
        copies={old: new for one in facts for old, new in one.copies.items()},
    )
    try:
        for member in library.members(_joined(volumes, facts), media):
            budget.count_entry()
            if member is not None:
                yield from archive.entry(member)
    except LibraryError as error:
        yield from archive.fault(name, error)


def _complete(facts: Sequence[RarFacts]) -> bool:
    """Whether the volumes of a rar are all there, one after the other: no file of theirs goes on elsewhere."""
    if not facts:
        return True
    numbers = [one.number for one in facts]
    in_order = all(number in (None, place) for place, number in enumerate(numbers))
    return facts[0].begins and facts[-1].ends and in_order


def _joined(volumes: Sequence[bytes], facts: Sequence[RarFacts]) -> bytes:
    """One after the other, as libarchive reads several files itself. At the end block of a rar 4 it would stop, where no
    file happens to go on into the next volume; a rar 5 volume of less than 512 bytes it would not find (3.6: it looks for
    the next signature in pieces of that size)."""
    if len(volumes) == 1:
        return volumes[0]
    ends = [one.end if volume.startswith(RAR4) else None for volume, one in zip(volumes, facts, strict=False)]
    ends = [*ends[:-1], None] if facts else [None] * len(volumes)
    return b"".join(volume[:end] for volume, end in zip(volumes, ends, strict=True)) + bytes(_PADDING if facts else 0)


@dataclass(kw_only=True)
class _Archive:
    """One archive while it is read. `excused`: a fault of the whole tells already why files of it cannot be read;
    `unicode`: its names are told as such; `copies`: references to other files of it."""

    name: str
    budget: Budget
    excused: bool
    unicode: bool
    copies: dict[bytes, bytes]
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
        elif _NOT_READ.search(str(error)):
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
        return data
