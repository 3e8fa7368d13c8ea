"""Gathers the files of one mail: told by content, out of archives and attached mails, each under its whole way."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import replace

from PIL import Image

from domain.mail import Part, PartFault, PartKind
from parsers.archives import MAX_DEPTH, Budget, Entry, unpack
from parsers.kinds import MAIL, kind_of
from parsers.limits import Limits
from parsers.mime_tree import AttachedMail, File, MailMessage, parse, tree_of

MAX_PARTS = 1_000
"""Files of one mail that are opened: a real one has a dozen, and every one costs a reading later."""
_SMALL_SIDE = 200
_SMALL_BYTES = 20 * 1024
_SMALL_LONG_SIDE = 800


class FileGatherer:
    """Collects parts, faults and contents of one mail; mutable, and alive only while that mail is opened.

    An unopened archive is a part of kind ARCHIVE and a fault of the same name and SHA-256; a file too large is a fault
    only. Every other file is exactly one part.
    """

    def __init__(self, limits: Limits) -> None:
        self.parts: list[Part] = []
        self.faults: list[PartFault] = []
        self.contents: dict[str, bytes] = {}
        self._limits = limits
        self._budget = Budget(limits)
        self._left = 0

    def add_all(self, attached: Iterable[File | AttachedMail], *, html: str, way: str = "", depth: int = 0) -> None:
        """Adds the files of one message. `html` is its body, which tells what pictures belong to the text."""
        for item in attached:
            if isinstance(item, AttachedMail):
                self._add_mail(item.message, way + item.name, depth + 1)
            else:
                inline = item.inline or bool(item.content_id and f"cid:{item.content_id}" in html)
                self._add(way + item.name, item.data, inline=inline, depth=depth)

    def finish(self) -> None:
        """Says how many files were left because there were too many."""
        if self._left:
            self.faults.append(PartFault(name="", code="attachment.bomb", detail=f"{self._left} more files"))

    def _add(self, name: str, data: bytes, *, inline: bool, depth: int) -> None:
        if len(self.parts) + len(self.faults) >= MAX_PARTS:
            self._left += 1
            return
        kind = kind_of(data, name)
        sha256 = hashlib.sha256(data).hexdigest()
        if len(data) > self._limits.file_bytes:
            meant = kind.kind if kind.kind in (PartKind.SHEET, PartKind.COVER) else kind.candidate_for
            self.faults.append(PartFault(name=name, code="attachment.too_large", sha256=sha256, candidate_for=meant))
        elif kind.media == MAIL and depth < MAX_DEPTH:
            self._add_mail(parse(data), name, depth + 1)
        elif kind.kind is PartKind.ARCHIVE and not self._open_archive(name, data, kind.media, sha256, depth):
            self._keep(_part(name, data, sha256, kind.kind, kind.media, None, inline=inline))
        elif kind.kind is not PartKind.ARCHIVE:
            small = kind.kind is PartKind.COVER and inline and is_small_picture(data, kind.media)
            told = PartKind.OTHER if small else kind.kind
            self._keep(_part(name, data, sha256, told, kind.media, kind.candidate_for, inline=inline))
            self.contents[sha256] = data
        if kind.kind is PartKind.ARCHIVE:
            self.contents[sha256] = data

    def _open_archive(self, name: str, data: bytes, media: str, sha256: str, depth: int) -> bool:
        """Adds what is in the archive; False when the archive itself could not be opened."""
        if depth >= MAX_DEPTH:
            self.faults.append(PartFault(name=name, code="attachment.bomb", sha256=sha256, detail="nested too deeply"))
            return False
        opened = True
        for item in unpack(data, name, media, self._budget):
            if isinstance(item, Entry):
                self._add(f"{name}/{item.name}", item.data, inline=False, depth=depth + 1)
            elif item.name == name:
                meant = PartKind.SHEET if item.code == "attachment.unsupported" else None
                self.faults.append(replace(item, sha256=sha256, candidate_for=meant))
                opened = False
            else:
                role = kind_of(b"", item.name)
                meant = role.kind if role.kind in (PartKind.SHEET, PartKind.COVER) else role.candidate_for
                self.faults.append(replace(item, candidate_for=meant))
        return opened

    def _add_mail(self, message: MailMessage, name: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            self.faults.append(PartFault(name=name, code="attachment.bomb", detail="nested too deeply"))
            return
        tree = tree_of(message)
        self.add_all(tree.attached, html="".join(tree.html), way=f"{name}/", depth=depth)

    def _keep(self, part: Part) -> None:
        self.parts.append(replace(part, position=len(self.parts)))


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


def _part(
    name: str, data: bytes, sha256: str, kind: PartKind, media: str, meant: PartKind | None, *, inline: bool
) -> Part:
    return Part(
        name=name, kind=kind, media=media, sha256=sha256, size=len(data), position=0, inline=inline, candidate_for=meant
    )
