"""Opens archives in memory, within bounds: every file in them comes out under its name, or its fault does.

zip, tar, gzip, bzip2 and xz are read by Python itself (`archive_zip`, `archive_tar`), rar and 7z, and what Python does not
unpack of a zip, by the system's libarchive (`archive_foreign`, `archive_system`), which may be missing: such archives are
then named as unsupported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.mail import FaultCause, PartFault
from parsers.archive_entries import Budget, Entry, TooMuchError, bomb, unreadable, unsupported
from parsers.archive_foreign import unpack_foreign
from parsers.archive_kinds import BZIP2, GZIP, OCTETS, TAR, TNEF, XZ, ZIP, names_archive_read_here
from parsers.archive_system import FORMATS, Library, SystemLibrary
from parsers.archive_tar import untar, unwrap
from parsers.archive_zip import unzip

MAX_DEPTH = 5
SYSTEM_LIBRARY = SystemLibrary()


@dataclass(frozen=True, kw_only=True)
class Packed:
    """An archive as it came. `volumes`: its bytes, in several files where it was `split`, in their order."""

    name: str
    media: str
    volumes: tuple[bytes, ...]
    split: bool = False


def unpack(packed: Packed, budget: Budget, library: Library = SYSTEM_LIBRARY) -> Iterator[Entry | PartFault]:
    """Every file of the archive, in its order, and a fault for what cannot be had. Never raises; never yields nothing.

    Faults of the archive as a whole bear its `name`, each once, those of a file in it `name/…`: `attachment.unreadable` (see
    `FaultCause`), `attachment.bomb`, `attachment.too_large`, `attachment.unsupported`. Names of entries are decoded, never
    made safe: they are never paths here.
    """
    told: set[tuple[str, FaultCause | None]] = set()
    given = False
    try:
        for item in _unpack(packed, budget, library):
            given = True
            if isinstance(item, PartFault) and item.name == packed.name:
                lost = packed.split and item.cause is FaultCause.DAMAGED
                fault = replace(item, cause=FaultCause.VOLUMES) if lost else item
                if (fault.code, fault.cause) not in told:
                    yield fault
                told.add((fault.code, fault.cause))
            else:
                yield item
    except TooMuchError as error:
        yield bomb(packed.name, str(error))
        return
    if not given:
        yield unreadable(packed.name, FaultCause.EMPTY)


def _unpack(packed: Packed, budget: Budget, library: Library) -> Iterator[Entry | PartFault]:
    if packed.media == ZIP or (packed.media == OCTETS and packed.name.lower().endswith(".zip")):
        return unzip(packed.volumes, packed.name, budget, library)
    if packed.media in FORMATS:
        return unpack_foreign(packed.volumes, packed.name, packed.media, budget, library)
    if packed.media == TAR:
        return untar(b"".join(packed.volumes), packed.name, budget)
    if packed.media in (GZIP, BZIP2, XZ):
        return unwrap(b"".join(packed.volumes), packed.name, packed.media, budget)
    return iter((_not_read(packed),))


def _not_read(packed: Packed) -> PartFault:
    """By its name an archive that we would read, with other bytes in it; or of a kind that nobody reads here."""
    if packed.media == TNEF:  # the wrapping of a mail program, not the sender's: other words must tell it
        return PartFault(name=packed.name, code="attachment.unsupported", detail=packed.media)
    if packed.media == OCTETS and names_archive_read_here(packed.name):
        return unreadable(packed.name, FaultCause.DAMAGED, "not what its name says")
    return unsupported(packed.name, packed.media)
