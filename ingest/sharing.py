"""What a mail brought, by the notice that each file falls under: one mail may bring returns of several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.attaching import attached
from domain.choosing import Evidence, choose, in_force, titled, told_by
from domain.cover import Cover, CoverFailure
from domain.mail import MailFacts, Part, PartKind
from domain.notice import Notice
from domain.pairing import Incoming
from domain.printed_head import title_texts
from domain.printed_table import printed_table
from domain.rounds import falls_under
from domain.sheet import Sheet, SheetFailure
from ingest.part_reading import FormKey, form_key


@dataclass(frozen=True, kw_only=True)
class Share:
    """What a mail brought for one notice."""

    notice: Notice
    incoming: Incoming


@dataclass(frozen=True, kw_only=True)
class Book:
    """A workbook as read by each form."""

    part: Part
    readings: Mapping[FormKey, Sheet | SheetFailure]

    def by(self, notice: Notice) -> Sheet | SheetFailure:
        """As that notice's form has it."""
        found = self.readings.get(form_key(notice))
        return found or SheetFailure(file=self.part.name, sha256=self.part.sha256, code="sheet.wrong_form")

    def fitting(self, notices: Iterable[Notice]) -> frozenset[str]:
        """Ids of the notices of whose form it has every column; of several forms, those with most columns."""
        found = {each.id: len(each.form.columns) for each in notices if isinstance(self.by(each), Sheet)}
        most = max(found.values(), default=0)
        return frozenset(key for key, columns in found.items() if columns == most)


@dataclass(frozen=True, kw_only=True)
class Chooser:
    """Chooses among the notices for one mail, from what is known so far. `thread`: id of the notice of what it answers."""

    notices: Sequence[Notice]
    facts: MailFacts
    received_at: datetime
    thread: str | None

    def main(self, books: Sequence[Book], covers: Iterable[Cover | CoverFailure] = ()) -> Notice:
        """The notice of the mail as a whole."""
        return choose(self.notices, self._evidence(books, covers))

    def open(self, books: Sequence[Book]) -> tuple[Notice, ...]:
        """All notices where there are several and nothing tells which is meant; of one series its rounds are one."""
        evidence = self._evidence(books, ())
        if len(self.notices) < 2 or told_by(self.notices, evidence):
            return ()
        by_form: dict[FormKey, list[Notice]] = {}
        for each in self.notices:
            by_form.setdefault(form_key(each), []).append(each)
        return tuple(in_force(some, self.received_at) for some in by_form.values())

    def in_its_round(self, share: Share) -> Share:
        """The share under the round that it names, of a collection that comes again."""
        notice = falls_under(self.notices, share.notice, share.incoming, self.thread)
        return share if notice.id == share.notice.id else replace(share, notice=notice)

    def of_book(self, book: Book, main: Notice) -> Notice:
        """The mail's, unless the workbook is surely on another's form."""
        return self._unless(book.fitting(self.notices), main, [book], ())

    def of_cover(self, cover: Cover | CoverFailure, main: Notice) -> Notice:
        """The mail's, unless the scan surely bears another's title."""
        return self._unless(frozenset(_titled(cover, self.notices)), main, (), [cover])

    def _unless(
        self, surely: frozenset[str], main: Notice, books: Sequence[Book], covers: Iterable[Cover | CoverFailure]
    ) -> Notice:
        if not surely or main.id in surely:
            return main
        among = [each for each in self.notices if each.id in surely]
        return choose(among, self._evidence(books, covers))

    def _evidence(self, books: Sequence[Book], covers: Iterable[Cover | CoverFailure]) -> Evidence:
        scans = [cover for cover in covers if isinstance(cover, Cover)]
        fitting = frozenset(key for book in books for key in book.fitting(self.notices))
        on_paper = (text for scan in scans for text in _titles(scan, self.notices))
        return Evidence(
            received_at=self.received_at,
            fitting=fitting,
            near=_nearest(books, self.notices),
            tables=frozenset(each.id for each in self.notices if any(_shows_table(scan, each) for scan in scans)),
            titles=(*_book_titles(books, self.notices), *on_paper),
            thread=self.thread,
            subject=self.facts.subject,
            text=self.facts.text,
        )


def _titled(cover: Cover | CoverFailure, notices: Sequence[Notice]) -> Iterator[str]:
    for text in _titles(cover, notices) if isinstance(cover, Cover) else ():
        yield from titled(text, notices)


def _titles(cover: Cover, notices: Sequence[Notice]) -> Iterator[str]:
    """What is printed on the scan as any form's title."""
    texts = (text for page in cover.pages for text in title_texts(page))
    return (text for text in texts if titled(text, notices))


def _shows_table(scan: Cover, notice: Notice) -> bool:
    return any(printed_table(page, notice.form) for page in scan.pages)


def _book_titles(books: Iterable[Book], notices: Iterable[Notice]) -> Iterator[str]:
    for book in books:
        heads = (book.by(notice).title for notice in notices)
        yield from dict.fromkeys(head.text for head in heads if head)


def _nearest(books: Sequence[Book], notices: Iterable[Notice]) -> frozenset[str]:
    """Ids of the notices of whose form a workbook lacks fewest columns, if it has at least half of them."""
    shares: dict[str, float] = {}
    for notice in notices:
        count = len(notice.form.columns)
        for book in books:
            reading = book.by(notice)
            missing = len(reading.missing_columns) if isinstance(reading, SheetFailure) else 0
            if isinstance(reading, SheetFailure) and 0 < missing * 2 <= count:
                shares[notice.id] = min(shares.get(notice.id, 1.0), missing / count)
    least = min(shares.values(), default=0.0)
    return frozenset(key for key, share in shares.items() if share == least)


def shares(whole: Incoming, by_file: Mapping[str, Notice], main: Notice) -> tuple[Share, ...]:
    """The mail taken apart, the share of `main` first. `by_file`: the notice of a workbook or scan, by its SHA-256; other files
    go where they are asked for, else with the first."""
    notices = {each.id: each for each in (main, *by_file.values())}
    if len(notices) == 1:
        return (Share(notice=main, incoming=whole),)
    others = _asked_for(whole, tuple(notices.values()))

    def of(sha256: str | None) -> str:
        told = by_file.get(sha256 or "")
        return told.id if told else others.get(sha256 or "", main.id)

    return tuple(
        Share(
            notice=notice,
            incoming=replace(
                whole,
                sheets=tuple(part for part in whole.sheets if of(part.file.sha256) == key),
                covers=tuple(part for part in whole.covers if of(part.file.sha256) == key),
                others=tuple(file for file in whole.others if of(file.sha256) == key),
                faults=tuple(fault for fault in whole.faults if of(fault.sha256) == key),
            ),
        )
        for key, notice in notices.items()
    )


def _asked_for(whole: Incoming, notices: Sequence[Notice]) -> dict[str, str]:
    """SHA-256 of files that are neither workbook nor scan → id of the first notice that asks for such a file."""
    found: dict[str, str] = {}
    kinds = {part.sha256: part.kind for part in whole.facts.parts}
    for notice in notices:
        for each in attached(whole, notice):
            if kinds.get(each.file.sha256) is PartKind.OTHER:
                found.setdefault(each.file.sha256, notice.id)
    return found
