"""Gathers the files of one mail: told by content, out of archives and attached mails, each under its whole way."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable
from dataclasses import replace

from PIL import Image

from domain.mail import WHOLE_MAIL, Part, PartFault, PartKind
from parsers.archives import MAX_DEPTH, Budget, Entry, unpack
from parsers.kinds import Kind, kind_of
from parsers.limits import Limits
from parsers.mail_wrappers import opened
from parsers.mime_entity import Entity
from parsers.mime_tree import UNNAMED, AttachedMail, File, tree_of
from parsers.transfer import Enclosed

MAX_PARTS = 1_000
"""Files of one mail that are opened: a real one has a dozen, and every one costs a reading later."""
_CID = re.compile(r"cid:([^\s\"'<>)]{1,300})", re.IGNORECASE)
_SMALL_SIDE = 200
_SMALL_BYTES = 20 * 1024
_SMALL_LONG_SIDE = 800


class FileGatherer:
    """Collects parts, faults and contents of one mail; mutable, and alive only while that mail is opened.

    Every file is a part. One that is not read (an archive that cannot be opened, a kind we do not read) is a fault of the
    same name and SHA-256 besides; one too large is a fault only.
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
        shown = {match[1] for match in _CID.finditer(html)}
        for item in attached:
            if isinstance(item, AttachedMail):
                self._add_mail(item.message, way + item.name, depth + 1)
            else:
                self._add(way + item.name, item.data, inline=item.inline or item.content_id in shown, depth=depth)

    def finish(self) -> None:
        """Says how many files were left because there were too many."""
        if self._left:
            self.faults.append(PartFault(name=WHOLE_MAIL, code="attachment.bomb", detail=f"{self._left} more files"))

    def _add(self, name: str, data: bytes, *, inline: bool, depth: int) -> None:
        if len(self.parts) + len(self.faults) >= MAX_PARTS:
            self._left += 1
            return
        kind = kind_of(data, name)
        sha256 = hashlib.sha256(data).hexdigest()
        if len(data) > self._limits.file_bytes:
            fault = PartFault(name=name, code="attachment.too_large", sha256=sha256, limit=self._limits.file_bytes)
            self._fault(replace(fault, candidate_for=_meant(kind)))
            return
        if self._open_wrapper(name, data, kind, depth):
            return
        if kind.kind is PartKind.ARCHIVE and self._open_archive(name, data, kind.media, sha256, depth):
            return
        if kind.kind is PartKind.COVER and inline and is_small_picture(data, kind.media):
            kind = replace(kind, kind=PartKind.OTHER, candidate_for=None)
        elif kind.kind is PartKind.OTHER and (kind.candidate_for or not inline) and not _is_trimming(name):
            unread = PartFault(
                name=name,
                code="attachment.unsupported",
                sha256=sha256,
                detail=kind.media,
                candidate_for=kind.candidate_for,
            )
            self._fault(unread)
        self._keep(name, data, kind, inline=inline)

    def _keep(self, name: str, data: bytes, kind: Kind, *, inline: bool) -> None:
        sha256 = hashlib.sha256(data).hexdigest()
        self.contents[sha256] = data
        self.parts.append(
            Part(
                name=name,
                kind=kind.kind,
                media=kind.media,
                sha256=sha256,
                size=len(data),
                position=len(self.parts),
                inline=inline,
                candidate_for=kind.candidate_for,
            )
        )

    def _open_archive(self, name: str, data: bytes, media: str, sha256: str, depth: int) -> bool:
        """Adds what is in the archive; False when the archive itself could not be opened."""
        if depth >= MAX_DEPTH:
            self._fault(PartFault(name=name, code="attachment.bomb", sha256=sha256, detail="nested too deeply"))
            return False
        opened = True
        for item in unpack(data, name, media, self._budget):
            if isinstance(item, Entry):
                self._add(f"{name}/{item.name}", item.data, inline=False, depth=depth + 1)
            elif item.name == name:
                meant = PartKind.SHEET if item.code == "attachment.unsupported" else None
                self._fault(replace(item, sha256=sha256, candidate_for=meant))
                opened = False
            else:
                self._fault(replace(item, candidate_for=_meant(kind_of(b"", item.name))))
        return opened

    def _open_wrapper(self, name: str, data: bytes, kind: Kind, depth: int) -> bool:
        """Adds what a file holds that holds a mail; False when it is none."""
        held = opened(name, data, kind, self._budget) if depth < MAX_DEPTH else None
        if held is None:
            return False
        if held.mail:
            self._add_mail(held.mail, name, depth + 1)
        if held.instead:
            self._add(held.instead.name, held.instead.data, inline=False, depth=depth + 1)
        whole = True
        for item in held.files:
            if isinstance(item, Enclosed):
                self._add(f"{name}/{item.name}", item.data, inline=item.inline, depth=depth + 1)
            elif item.name == name:
                self._fault(replace(item, sha256=hashlib.sha256(data).hexdigest()))
                whole = False
            else:
                self._fault(replace(item, candidate_for=_meant(kind_of(b"", item.name))))
        if not whole:
            self._keep(name, data, kind, inline=False)
        return True

    def _add_mail(self, message: Entity, name: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            self._fault(PartFault(name=name, code="attachment.bomb", detail="nested too deeply"))
            return
        tree = tree_of(message)
        self.add_all(tree.attached, html="".join(tree.html), way=f"{name}/", depth=depth)
        for fault in tree.faults:
            self._fault(replace(fault, name=name if fault.name == WHOLE_MAIL else f"{name}/{fault.name}"))

    def _fault(self, fault: PartFault) -> None:
        if len(self.faults) < MAX_PARTS:
            self.faults.append(fault)
        else:
            self._left += 1


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
