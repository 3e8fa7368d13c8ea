"""Rounds of a collection: which are going on, which one a text names, which one a moment falls in. Pure: no clock.

Each round is a notice of its own (`Notice.round`); rounds of one series stand in the order of time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from domain.cover import Cover
from domain.notice import ColumnType, Notice
from domain.pages import is_title
from domain.pairing import Incoming
from domain.round_names import round_named_in
from domain.sheet import Sheet

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


def naming_texts(incoming: Incoming, notice: Notice) -> Iterator[str]:
    """What may name the round of a return, what tells it best first: titles, header fields of words, the printed title, the subject,
    names of files. The body of a mail is none of it: it quotes earlier letters, of other rounds."""
    form = notice.form
    for sheet in (part.reading for part in incoming.sheets):
        yield sheet.title.text if sheet.title else ""
        for field in form.header if isinstance(sheet, Sheet) else ():
            if field.type is ColumnType.TEXT and field.key in sheet.header:
                yield sheet.header[field.key].text
    for cover in (part.reading for part in incoming.covers):
        for page in cover.pages if isinstance(cover, Cover) else ():
            yield from (line.reading.text for line in page.lines if is_title(line.reading.text, form))
    yield incoming.facts.subject
    yield from (part.file.name for part in incoming.sheets)
    yield from (part.file.name for part in incoming.covers)


def round_at(rounds: Sequence[Notice], moment: datetime) -> Notice:
    """The round whose days hold the moment, of several the one that ends first; else the last one that opened before; else the first."""
    whole = moment.replace(microsecond=0)  # as lateness is told: a deadline holds to the end of its last second
    held = [notice for notice in rounds if notice.opens <= moment and whole <= notice.deadline]
    return min(held, key=lambda notice: notice.deadline) if held else latest(rounds, moment)
