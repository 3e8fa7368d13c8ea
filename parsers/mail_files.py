"""Gathers the files of one mail: told by content, out of archives and attached mails, each under its whole way."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from PIL import Image

from domain.mail import WHOLE_MAIL, FaultCause, Part, PartFault, PartKind
from parsers.archive_entries import Budget, Entry, is_beside, unreadable
from parsers.archive_kinds import OCTETS, RAR, archive_media
from parsers.archive_system import Library
from parsers.archives import MAX_DEPTH, SYSTEM_LIBRARY, Packed, unpack
from parsers.kind_names import Kind
from parsers.kinds import kind_of
from parsers.limits import Limits
from parsers.mail_wrappers import opened
from parsers.mime_entity import Entity
from parsers.mime_tree import UNNAMED, AttachedMail, File, tree_of
from parsers.transfer import Enclosed
from parsers.volumes import VolumeSet, volume_sets

MAX_PARTS = 1_000
"""Files of one mail that are opened: a real one has a dozen, and every one costs a reading later."""
_CID = re.compile(r"cid:([^\s\"'<>)]{1,300})", re.IGNORECASE)
_SMALL_SIDE = 200
_SMALL_BYTES = 20 * 1024
_SMALL_LONG_SIDE = 800


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A file under its whole way, before its kind is told."""

    name: str
    data: bytes
    inline: bool


class FileGatherer:
    """Collects parts, faults and contents of one mail; mutable, and alive only while that mail is opened.

    Every file is a part. One that is not read (an archive that cannot be opened, a kind we do not read) is a fault of the
    same name and SHA-256 besides; one too large is a fault only.
    """

    def __init__(self, limits: Limits, budget: Budget, library: Library = SYSTEM_LIBRARY) -> None:
        self.parts: list[Part] = []
        self.faults: list[PartFault] = []
        self.contents: dict[str, bytes] = {}
        self._limits = limits
        self._library = library
        self._budget = budget
        self._left = 0

    def add_all(self, attached: Iterable[File | AttachedMail], *, html: str, way: str = "", depth: int = 0) -> None:
        """Adds the files of one message. `html` is its body, which tells what pictures belong to the text."""
        shown = {match[1] for match in _CID.finditer(html)}
        found: list[_Found | AttachedMail] = [
            item
            if isinstance(item, AttachedMail)
            else _Found(name=way + item.name, data=item.data, inline=item.inline or item.content_id in shown)
            for item in attached
        ]
        self._add_together(found, way, depth)

    def _add_together(self, found: Sequence[_Found | AttachedMail], way: str, depth: int) -> None:
        """Adds what came side by side, volumes of one archive put together where the first of them stands."""
        sets = volume_sets([item.name if isinstance(item, _Found) else "" for item in found])
        of_place = {place: one for one in sets for place in one.places}
        volume_bytes = {item.data for at in of_place if isinstance(item := found[at], _Found)}
        done: set[VolumeSet] = set()
        for place, item in enumerate(found):
            volumes = of_place.get(place)
            if isinstance(item, AttachedMail):
                self._add_mail(item.message, way + item.name, depth + 1)
            elif volumes is None and item.data in volume_bytes:
                continue  # a volume that was attached twice: there is nothing more in it
            elif volumes is None or _is_whole(item, volumes):
                self._add(item, depth)
            elif volumes not in done:
                done.add(volumes)
                files = [each for at in volumes.places if isinstance(each := found[at], _Found)]
                self._add_volumes(found[volumes.named].name, files, gap=volumes.gap, depth=depth)

    def finish(self) -> None:
        """Says how many files were left because there were too many."""
        if self._left:
            self.faults.append(PartFault(name=WHOLE_MAIL, code="attachment.bomb", detail=f"{self._left} more files"))

    def _add(self, file: _Found, depth: int) -> None:
        if is_beside(file.name) and kind_of(file.data, "").media in (OCTETS, "text/plain"):
            return  # a lock file or the Finder's notes: the file meant has the name without the mark
        if self._is_full():
            return
        kind = kind_of(file.data, file.name)
        if len(file.data) > self._limits.file_bytes:
            fault = PartFault(name=file.name, code="attachment.too_large", limit=self._limits.file_bytes)
            self._fault(replace(fault, sha256=_sha256(file.data), candidate_for=_meant(kind)))
            return
        if self._open_wrapper(file, kind, depth):
            return
        if kind.kind is PartKind.ARCHIVE:
            packed = Packed(name=file.name, media=kind.media, volumes=(file.data,))
            if self._open_archive(packed, depth):
                return
        if kind.kind is PartKind.COVER and file.inline and is_small_picture(file.data, kind.media):
            kind = replace(kind, kind=PartKind.OTHER, candidate_for=None)
        elif kind.kind is PartKind.OTHER and (kind.candidate_for or not file.inline) and not _is_trimming(file.name):
            unread = PartFault(name=file.name, code="attachment.unsupported", detail=kind.media)
            self._fault(replace(unread, sha256=_sha256(file.data), candidate_for=kind.candidate_for))
        self._keep(file, kind)

    def _keep(self, file: _Found, kind: Kind) -> None:
        """The file as a part of the mail."""
        sha256 = _sha256(file.data)
        self.contents[sha256] = file.data
        self.parts.append(
            Part(
                name=file.name,
                kind=kind.kind,
                media=kind.media,
                sha256=sha256,
                size=len(file.data),
                position=len(self.parts),
                inline=file.inline,
                candidate_for=kind.candidate_for,
            )
        )

    def _add_volumes(self, name: str, files: Sequence[_Found], *, gap: bool, depth: int) -> None:
        """Adds what is in an archive that came in several files; where it cannot be opened, each of them as it is."""
        media = archive_media(files[0].data)
        packed = Packed(name=name, media=media, volumes=tuple(file.data for file in files), split=True)
        if gap:
            self._fault(replace(unreadable(name, FaultCause.VOLUMES, "gap"), sha256=_sha256(files[0].data)))
        elif self._open_archive(packed, depth):
            return
        for file in files:
            if not self._is_full():
                self._keep(file, Kind(kind=PartKind.ARCHIVE, media=media))

    def _is_full(self) -> bool:
        """Whether no more files are taken; one that is not is counted."""
        full = len(self.parts) + len(self.faults) >= MAX_PARTS
        self._left += full
        return full

    def _open_archive(self, packed: Packed, depth: int) -> bool:
        """Adds what is in the archive; False when the archive itself could not be opened, or not wholly."""
        name, sha256 = packed.name, _sha256(packed.volumes[0])
        if depth >= MAX_DEPTH:
            self._fault(PartFault(name=name, code="attachment.bomb", sha256=sha256, detail="nested too deeply"))
            return False
        opened = True
        entries: list[_Found] = []
        for item in unpack(packed, self._budget, self._library):
            if isinstance(item, Entry):
                entries.append(_Found(name=f"{name}/{item.name}", data=item.data, inline=False))
            elif item.name == name:
                meant = PartKind.SHEET if item.code == "attachment.unsupported" else None
                self._fault(replace(item, sha256=sha256, candidate_for=meant))
                opened = False
            else:
                self._fault(replace(item, candidate_for=_meant(kind_of(b"", item.name))))
        self._add_together(entries, "", depth + 1)
        return opened

    def _open_wrapper(self, file: _Found, kind: Kind, depth: int) -> bool:
        """Adds what a file holds that holds a mail, or itself when that is nothing; False when it is none."""
        held = opened(file.name, file.data, kind, self._budget) if depth < MAX_DEPTH else None
        if held is None:
            return False
        before = len(self.parts) + len(self.faults) + self._left
        if held.mail:
            self._add_mail(held.mail, file.name, depth + 1)
        found = [_Found(name=held.instead.name, data=held.instead.data, inline=False)] if held.instead else []
        for item in held.files:
            if isinstance(item, Enclosed):
                found.append(_Found(name=f"{file.name}/{item.name}", data=item.data, inline=item.inline))
            elif item.name == file.name:
                self._fault(replace(item, sha256=_sha256(file.data)))
                self._keep(file, kind)
            else:
                self._fault(replace(item, candidate_for=_meant(kind_of(b"", item.name))))
        self._add_together(found, "", depth + 1)
        if len(self.parts) + len(self.faults) + self._left == before:
            self._keep_empty(file, kind)
        return True

    def _keep_empty(self, file: _Found, kind: Kind) -> None:
        """A mail or the like that holds no files, as a file of its own. By its name it may be meant for more."""
        meant = _meant(kind_of(b"", file.name))
        if meant:
            unread = PartFault(name=file.name, code="attachment.unsupported", detail=kind.media)
            self._fault(replace(unread, sha256=_sha256(file.data), candidate_for=meant))
        self._keep(file, replace(kind, candidate_for=meant))

    def _add_mail(self, message: Entity, name: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            self._fault(PartFault(name=name, code="attachment.bomb", detail="nested too deeply"))
            return
        tree = tree_of(message, self._budget)
        self.add_all(tree.attached, html="".join(tree.html), way=f"{name}/", depth=depth)
        for fault in tree.faults:
            own = fault.name == WHOLE_MAIL  # its way out is told of the mail that came
            self._fault(replace(fault, name=name if own else f"{name}/{fault.name}", cause=None))

    def _fault(self, fault: PartFault) -> None:
        if len(self.faults) < MAX_PARTS:
            self.faults.append(fault)
        else:
            self._left += 1


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _is_whole(file: _Found, volumes: VolumeSet) -> bool:
    """Whether what looks like a late volume alone is an archive by itself: 报表.zip.2020. Of a rar every volume does."""
    return volumes.gap and len(volumes.places) == 1 and archive_media(file.data) not in (OCTETS, RAR)


def _meant(kind: Kind) -> PartKind | None:
    """The role a file was sent for, as far as can be told."""
    return kind.kind if kind.kind in (PartKind.SHEET, PartKind.COVER) else kind.candidate_for


def _is_trimming(name: str) -> bool:
    """What mail programs add by themselves: nobody need be told that it is not read."""
    return name.lower().endswith((".p7s", ".asc", ".ics", ".vcf", ".htm", ".html")) or name.startswith(UNNAMED)


def is_small_picture(data: bytes, media: str) -> bool:
    """A logo in a signature or a tracking pixel rather than a page: under 200 px, or under 20 KB and 800 px."""
    if not media.startswith("image/"):
        return False
    try:
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
    except Exception:  # noqa: BLE001 - Pillow's plug-ins raise undocumented errors on crafted pictures
        return False
    return min(width, height) < _SMALL_SIDE or (len(data) < _SMALL_BYTES and max(width, height) < _SMALL_LONG_SIDE)
