"""Reads the workbooks and scans of one mail, where it is not known yet which notice's form they are on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from domain.cover import Cover, CoverFailure, ReadCover
from domain.mail import Part, PartKind
from ingest.part_reading import PartReader, column_names
from ingest.sharing import Book, Chooser

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Scan:
    """A scan as read."""

    part: Part
    read: ReadCover | CoverFailure

    @property
    def reading(self) -> Cover | CoverFailure:
        return self.read.cover if isinstance(self.read, ReadCover) else self.read


def books_of(parts: Sequence[Part], reader: PartReader, chooser: Chooser) -> list[Book]:
    """Every workbook, by the form of every notice."""
    alike: dict[tuple[str, str], Book] = {}  # a mail may hold one file a thousand times
    found = []
    for part in (part for part in parts if part.kind is PartKind.SHEET):
        if (part.sha256, part.name) not in alike:
            alike[part.sha256, part.name] = Book(part=part, readings=reader.sheet(part, chooser.notices))
        found.append(replace(alike[part.sha256, part.name], part=part))
    return found


def scans_of(parts: Sequence[Part], reader: PartReader, chooser: Chooser, books: Sequence[Book]) -> list[Scan]:
    """Every scan, read by the names of the columns that it is thought to show. What it bears as a title does not hang on
    these: where that is another notice's, a page without ruling, of which the names alone tell where its columns are, is
    read once more."""
    thought = chooser.main(books)
    found = []
    for part in (part for part in parts if part.kind is PartKind.COVER):
        read = reader.cover(part, column_names(thought))
        shown = chooser.of_cover(read.cover, thought) if isinstance(read, ReadCover) else thought
        names = column_names(shown)
        if isinstance(read, ReadCover) and names and names != column_names(thought) and _hangs_on_names(read):
            log.info("scan_read_again", sha256=part.sha256, notice=shown.id)
            read = reader.cover(part, names)
        found.append(Scan(part=part, read=read))
    return found


def pictures_of(scans: Sequence[Scan]) -> Mapping[str, bytes]:
    """What was made of them, by SHA-256."""
    return dict(_pictures(scans))


def _pictures(scans: Sequence[Scan]) -> Iterator[tuple[str, bytes]]:
    for scan in scans:
        if isinstance(scan.read, ReadCover):
            yield from scan.read.pictures.items()


def _hangs_on_names(read: ReadCover) -> bool:
    return any(not page.ruled and page.lines for page in read.cover.pages)
