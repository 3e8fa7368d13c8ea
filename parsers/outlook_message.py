"""Takes the files out of an Outlook message (.msg, MS-OXMSG): one file as people save or drag it out of Outlook."""

from __future__ import annotations

import io
from collections.abc import Iterator

import olefile

from domain.mail import PartFault
from parsers.archive_entries import Budget
from parsers.archives import MAX_DEPTH
from parsers.charsets import clean, decode_text
from parsers.transfer import Enclosed

MEDIA = "application/vnd.ms-outlook"
_ATTACHED = "__attach_version1.0_"
_DATA = "__substg1.0_37010102"
_INNER = "__substg1.0_3701000D"
_PROPERTIES = "__properties_version1.0"
_NAMES = ("3707", "3704", "3001")
_MAX_FILES = 1_000
_MAX_TEXT = 4_000

_Path = tuple[str, ...]


def files_of(data: bytes, name: str, budget: Budget) -> Iterator[Enclosed | PartFault]:
    """Every file of the message and of those attached to it, and a fault for what cannot be had. Never raises.

    A fault of the name `name` says that the message itself could not be opened.
    """
    try:
        container = olefile.OleFileIO(io.BytesIO(data))
    except Exception as error:  # noqa: BLE001 - olefile raises undocumented errors on crafted files
        yield PartFault(name=name, code="attachment.unreadable", detail=type(error).__name__)
        return
    with container:
        yield from _Message(container, name, budget).files((), "", 0)


class _Message:
    """An open container; alive only within `files_of`."""

    def __init__(self, container: olefile.OleFileIO, name: str, budget: Budget) -> None:
        self._container = container
        self._name = name
        self._budget = budget
        paths = [tuple(path) for path in container.listdir(streams=True, storages=True)]
        self._paths = {tuple(piece.lower() for piece in path): path for path in paths}
        self._count = 0

    def files(self, at: _Path, way: str, depth: int) -> Iterator[Enclosed | PartFault]:
        for attached in self._below(at, _ATTACHED):
            self._count += 1
            if self._count > _MAX_FILES:
                yield PartFault(name=self._name, code="attachment.bomb", detail="too many files")
                return
            yield from self._file(attached, way, depth)

    def _file(self, at: _Path, way: str, depth: int) -> Iterator[Enclosed | PartFault]:
        name = way + (self._file_name(at) or f"附件{self._count}")
        if self._path((*at, _INNER)):
            inner = (*at, _INNER)
            if self._path((*inner, _PROPERTIES)) and depth < MAX_DEPTH:
                yield from self.files(inner, f"{name}/", depth + 1)
            else:
                detail = "nested too deeply" if depth >= MAX_DEPTH else "object"
                code = "attachment.bomb" if depth >= MAX_DEPTH else "attachment.unreadable"
                yield PartFault(name=f"{self._name}/{name}", code=code, detail=detail)
            return
        content = self._read((*at, _DATA), self._budget.file_bytes)
        if isinstance(content, PartFault):
            yield PartFault(name=f"{self._name}/{name}", code=content.code, detail=content.detail, limit=content.limit)
            return
        content_id = self._text(at, "3712").strip("<> ")
        yield Enclosed(name=name, data=content, content_id=content_id, inline=bool(content_id))

    def _below(self, at: _Path, start: str) -> list[_Path]:
        """Storages right below `at` whose names start so, in their order."""
        depth = len(at)
        lower = tuple(piece.lower() for piece in at)
        return sorted(
            tuple(path)
            for key, path in self._paths.items()
            if len(key) == depth + 1 and key[:depth] == lower and key[depth].startswith(start)
        )

    def _path(self, path: _Path) -> _Path | None:
        return self._paths.get(tuple(piece.lower() for piece in path))

    def _file_name(self, at: _Path) -> str:
        return next((name for tag in _NAMES if (name := self._text(at, tag))), "")

    def _text(self, at: _Path, tag: str) -> str:
        wide = self._read((*at, f"__substg1.0_{tag}001F"), _MAX_TEXT)
        if isinstance(wide, bytes) and wide:
            return clean(wide.decode("utf-16-le", "replace").rstrip("\0")).strip()
        narrow = self._read((*at, f"__substg1.0_{tag}001E"), _MAX_TEXT)
        return clean(decode_text(narrow.rstrip(b"\0"))).strip() if isinstance(narrow, bytes) else ""

    def _read(self, path: _Path, most: int) -> bytes | PartFault:
        """A stream's bytes. Counted against the budget: crafted files show the same sectors many times."""
        real = self._path(path)
        if real is None:
            return PartFault(name="", code="attachment.unreadable", detail="no content")
        try:
            size = self._container.get_size(list(real))
            if size > most:
                return PartFault(name="", code="attachment.too_large", limit=most)
            self._budget.left -= size
            if self._budget.left < 0:
                return PartFault(name="", code="attachment.bomb", detail="unpacks to too much")
            with self._container.openstream(list(real)) as stream:
                return bytes(stream.read())
        except Exception as error:  # noqa: BLE001 - as above
            return PartFault(name="", code="attachment.unreadable", detail=type(error).__name__)
