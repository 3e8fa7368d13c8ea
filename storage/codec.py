"""Domain values to compressed JSON documents and back. Optional fields added to them later read as their defaults."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from domain.cover import Cover, Seal
from domain.letter import AttachmentRole, Letter
from domain.many_rows import no_circles
from domain.row_tables import as_json, rows_of
from domain.sheet import Row, Sheet
from domain.submission import CoverFindings, SheetPart, Submission
from storage.types import storable

T = TypeVar("T")


class Codec(Generic[T]):
    """Writes and reads one type. The JSON is checked on its way in: a document that could not be read is not stored."""

    def __init__(self, type_: type[T]) -> None:
        self._adapter: TypeAdapter[T] = TypeAdapter(type_)

    def json(self, value: T) -> bytes:
        """UTF-8 JSON. ValueError for NaN and infinities, which JSON lacks."""
        plain = self._adapter.dump_python(value)
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_iso)
        return storable(text).encode()

    def pack(self, value: T) -> bytes:
        """zlib-compressed `json`."""
        return zlib.compress(self.json(value), 5)

    def unpack(self, data: bytes) -> T:
        return self._adapter.validate_json(zlib.decompress(data))


def _iso(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")


class _Letters(Codec[Letter]):
    """Letters that wait across an upgrade may be from when an attachment's name told what it is."""

    def unpack(self, data: bytes) -> Letter:
        plain = json.loads(zlib.decompress(data))
        for file in plain.get("attachments", ()):
            file.setdefault("role", _role_by_name(file["name"]))
        return self._adapter.validate_json(json.dumps(plain))


def _role_by_name(name: str) -> AttachmentRole:
    if name.endswith("空白表.xlsx"):
        return AttachmentRole.BLANK
    return AttachmentRole.REBUILT if name.endswith("-标注.xlsx") else AttachmentRole.MARKED


_ROW_TABLES = b',"row_tables":'
"""Behind the document, as its last key: no text of it can hold these quotation marks but escaped."""


_MANY = 1000
"""Rows of workbooks up to which pydantic reads them where they belong: that is a third quicker than what Python makes of tables."""


class _Submissions(Codec[Submission]):
    """Many rows stand behind the rest, as `domain.row_tables` tells them: a hundred thousand were a gigabyte on their way."""

    def json(self, value: Submission) -> bytes:
        if sum(len(book.rows) for book in _workbooks(value)) <= _MANY:
            return super().json(value)
        document = super().json(_with_rows(value, [() for _ in _workbooks(value)]))
        tables = ",".join(as_json(book.rows) for book in _workbooks(value))
        return document[:-1] + _ROW_TABLES + b"[" + storable(tables).encode() + b"]}"

    def unpack(self, data: bytes) -> Submission:
        text = zlib.decompress(data)
        end = text.rfind(_ROW_TABLES)
        if end < 0:
            return self._adapter.validate_json(text)
        head = self._adapter.validate_json(text[:end] + b"}")
        text = text[end + len(_ROW_TABLES) : -1]  # of many rows each copy counts
        with no_circles():
            return _with_rows(head, [rows_of(one) for one in json.loads(text)])


def _workbooks(value: Submission) -> list[Sheet]:
    parts = (value.sheet, *value.rivals)
    return [part.reading for part in parts if part and isinstance(part.reading, Sheet)]


def _with_rows(value: Submission, rows: Sequence[tuple[Row, ...]]) -> Submission:
    """The submission with these rows in its workbooks, in the order of `_workbooks`."""
    left = iter(rows)

    def filled(part: SheetPart) -> SheetPart:
        if not isinstance(part.reading, Sheet):
            return part
        return replace(part, reading=replace(part.reading, rows=next(left)))

    sheet = filled(value.sheet) if value.sheet else None
    return replace(value, sheet=sheet, rivals=tuple(map(filled, value.rivals)))


LETTERS = _Letters(Letter)
_SUBMISSIONS = _Submissions(Submission)
_COVERS = Codec(Cover)
_FINDINGS = Codec(CoverFindings)


@dataclass(frozen=True, kw_only=True)
class Packed:
    """A value as it is stored: `data` is its zlib-compressed JSON, `digest` the SHA-256 of that JSON."""

    digest: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Record:
    """A submission as it is stored, in three parts. `document` holds all but the recogniser's work (cells, print, rims of a
    cover) and the comparison, which are kept apart."""

    document: Packed
    cover: Packed | None
    findings: Packed | None
    salt: str
    """That of the submission (`Submission.salt`)."""


def pack(submission: Submission) -> Record:
    cover = submission.cover.reading if submission.cover else None
    return Record(
        document=_packed(_SUBMISSIONS, light(submission)),
        cover=_packed(_COVERS, cover) if isinstance(cover, Cover) else None,
        findings=_packed(_FINDINGS, submission.findings) if submission.findings else None,
        salt=submission.salt,
    )


def unpack(document: bytes, cover: bytes | None, findings: bytes | None) -> Submission:
    """The submission; without the readings' data it is light: covers without cells, print and rims."""
    submission = _SUBMISSIONS.unpack(document)
    if cover and submission.cover:
        submission = replace(submission, cover=replace(submission.cover, reading=_COVERS.unpack(cover)))
    return replace(submission, findings=_FINDINGS.unpack(findings)) if findings else submission


def digest_of(data: bytes | None) -> str | None:
    """The digest of what is stored, whatever wrote it and whatever version reads it; None where there is nothing, or nothing
    that could be read: SQLite keeps text and numbers, too, where bytes belong."""
    text = json_of(data)
    return None if text is None else hashlib.sha256(text).hexdigest()


def json_of(data: bytes | None) -> bytes | None:
    """The very JSON that is stored; None as of `digest_of`."""
    if not data:
        return None
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(data)
    except (zlib.error, TypeError):
        return None
    # Python's own `decompress` hands on a stream with something behind it.
    return text if stream.eof and not stream.unused_data else None


def _packed(codec: Codec[T], value: T) -> Packed:
    text = codec.json(value)
    return Packed(digest=hashlib.sha256(text).hexdigest(), data=zlib.compress(text, 5))


def is_light(submission: Submission) -> bool:
    """Whether its cover was read, yet carries nothing but pages and seals."""
    reading = submission.cover.reading if submission.cover else None
    return isinstance(reading, Cover) and not any(page.cells or page.lines for page in reading.pages)


def light(submission: Submission) -> Submission:
    """The submission without the recogniser's work."""
    part, findings = submission.cover, submission.findings
    if part and isinstance(part.reading, Cover):
        pages = tuple(replace(page, cells=(), lines=(), seals=_bare(page.seals)) for page in part.reading.pages)
        submission = replace(submission, cover=replace(part, reading=replace(part.reading, pages=pages)))
    return replace(submission, findings=replace(findings, seals=_bare(findings.seals))) if findings else submission


def _bare(seals: tuple[Seal, ...]) -> tuple[Seal, ...]:
    return tuple(replace(seal, rim=None, under_star=None) for seal in seals)
