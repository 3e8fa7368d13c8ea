"""Rounds of a collection: which are going on, which one a text names, which one a moment falls in. Pure: no clock.

Each round is a notice of its own (`Notice.round`); rounds of one series stand in the order of time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from domain.cover import Cover
from domain.notice import ColumnType, Notice
from domain.pages import is_title
from domain.pairing import Incoming
from domain.printed_head import title_texts
from domain.round_names import round_named_in
from domain.sheet import Sheet, SheetFailure
from domain.submission import CoverPart, SheetPart

_Part = SheetPart | CoverPart

LISTED_AFTER = timedelta(days=7)
"""So long after its deadline a round stays among those that go on, the next one opened or not."""


def of_series(notices: Iterable[Notice], series: str) -> tuple[Notice, ...]:
    """The rounds of a series, oldest first; the one notice where it has no rounds."""
    found = (notice for notice in notices if notice.series == series)
    return tuple(sorted(found, key=lambda notice: notice.round.index if notice.round else 0))


def series_of(notices: Iterable[Notice]) -> tuple[str, ...]:
    """Each series once, in the order of the notices."""
    return tuple(dict.fromkeys(notice.series for notice in notices))


def current(notices: Sequence[Notice], now: datetime) -> tuple[Notice, ...]:
    """What pages, digest and reminders show: each notice without rounds; of a series the rounds that have opened and are not over.

    A round is over when its deadline was seven days ago and the next one has opened. Before the first has opened that one is shown. What
    was closed is not shown.
    """
    shown = {notice.id for series in series_of(notices) for notice in _going_on(of_series(notices, series), now)}
    return tuple(notice for notice in notices if notice.id in shown and not notice.closed)


def _going_on(rounds: Sequence[Notice], now: datetime) -> Sequence[Notice]:
    if rounds[0].round is None:
        return rounds
    opened = [notice for notice in rounds if notice.opens <= now]
    if not opened:
        return rounds[:1]
    return [notice for notice in opened if notice is opened[-1] or now < notice.deadline + LISTED_AFTER]


def latest(rounds: Sequence[Notice], now: datetime) -> Notice:
    """The round that is meant where a series is named: the one that opened last, else the first."""
    return next((notice for notice in reversed(rounds) if notice.opens <= now), rounds[0])


def before(notices: Iterable[Notice], notice: Notice) -> Notice | None:
    """The round before; None for the first, and where there are no rounds."""
    if notice.round is None:
        return None
    wanted = notice.round.index - 1
    return next((each for each in of_series(notices, notice.series) if each.round and each.round.index == wanted), None)


def round_of(
    rounds: Sequence[Notice], texts: Iterable[str], received_at: datetime, thread: str | None = None
) -> Notice:
    """The round that a return falls under: the one that the first of `texts` names that names any; else the one of the `thread`
    (its id); else the one whose days hold the receipt."""
    named = next((found for text in texts if (found := round_named_in(text, rounds, received_at))), None)
    answered = next((notice for notice in rounds if notice.id == thread), None)
    return named or answered or round_at(rounds, received_at)


def falls_under(notices: Iterable[Notice], notice: Notice, incoming: Incoming, thread: str | None = None) -> Notice:
    """The round of the series of `notice` that a mail falls under; the notice itself where it has no rounds."""
    rounds = of_series(notices, notice.series)
    if len(rounds) < 2:
        return notice
    return round_of(rounds, naming_texts(incoming, notice), incoming.origin.received_at, thread)


def rounds_by_file(
    notices: Sequence[Notice], by_file: Mapping[str, Notice], whole: Incoming
) -> dict[str, Notice]:  # fmt: skip
    """The notice of each workbook and scan of a mail by its SHA-256, as `by_file` has it, but under its own round where one mail brings
    workbooks of several rounds of a series, or scans alone. What names none of them goes with the first.

    A misread title of a scan parts no pair: a scan alone names a round only where no workbook does.
    """
    found = dict(by_file)
    for series in series_of(by_file.values()):
        rounds = of_series(notices, series)
        parts: tuple[_Part, ...] = (*whole.sheets, *whole.covers)
        mine = [part for part in parts if by_file[part.file.sha256].series == series]
        if len(rounds) < 2:
            continue
        own = {part.file.sha256: _own_round(part, rounds, whole.origin.received_at) for part in mine}
        tellers = [part.file.sha256 for part in mine if isinstance(part, SheetPart)] or list(own)
        several = list(dict.fromkeys(named.id for sha256 in tellers if (named := own[sha256])))
        if len(several) > 1:
            by_id = {notice.id: notice for notice in rounds}
            for sha256, named in own.items():
                found[sha256] = by_id[named.id if named and named.id in several else several[0]]
    return found


def _own_round(part: _Part, rounds: Sequence[Notice], at: datetime) -> Notice | None:
    """The round that a file names by itself."""
    texts = (*_file_texts(part, rounds[0]), part.file.name)
    return next((found for text in texts if (found := round_named_in(text, rounds, at))), None)


def naming_texts(incoming: Incoming, notice: Notice) -> Iterator[str]:
    """What may name the round of a return, what tells it best first: titles, header fields of words, the printed title, the subject,
    names of files. The body of a mail is none of it: it quotes earlier letters, of other rounds."""
    parts: tuple[_Part, ...] = (*incoming.sheets, *incoming.covers)
    for part in parts:
        yield from _file_texts(part, notice)
    yield incoming.facts.subject
    yield from (part.file.name for part in parts)


def _file_texts(part: _Part, notice: Notice) -> Iterator[str]:
    form, reading = notice.form, part.reading
    if isinstance(reading, Sheet | SheetFailure):
        yield reading.title.text if reading.title else ""
        for field in form.header:
            if field.type is ColumnType.TEXT and field.key in reading.header:
                yield reading.header[field.key].text
    elif isinstance(reading, Cover):
        for page in reading.pages:
            yield from (text for text in title_texts(page) if is_title(text, form))


def round_at(rounds: Sequence[Notice], moment: datetime) -> Notice:
    """The round whose days hold the moment, of several the one that ends first; else the last one that opened before; else the first."""
    whole = moment.replace(microsecond=0)  # as lateness is told: a deadline holds to the end of its last second
    held = [notice for notice in rounds if notice.opens <= moment and whole <= notice.deadline]
    return min(held, key=lambda notice: notice.deadline) if held else latest(rounds, moment)
