"""The search: one query, the same hits in the same order on every database. What it finds by is `domain.segment`, what is in it
`storage.search_writing`; a hit's state and times are read from the record itself.

First what an identifier names exactly, then the newest; nothing is weighed. Pages go on from the last hit of the one before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal_column, or_, select, true

from domain.documents import Kind
from domain.segment import Keys, Literal, Snippet, keys, literals, snippet
from storage import search_grams, state
from storage.database import Transaction
from storage.schema import mails
from storage.schema_search import search_documents, search_identifiers, search_subjects
from storage.schema_submissions import submissions
from storage.search_writing import first_number
from storage.types import storable

COUNTED = 1_000
"""How far hits are counted where nobody asks for all: a reader of the first page needs to know no more."""
DUE = "search:index"
"""State key: set where records stand that are not in the index yet."""
_NEAR = 2_000
"""Newest documents that PostgreSQL looks through one by one before it asks its index: words that stand in every hundredth have
twenty hits among them, and rarer ones are few enough to be sorted. docs/benchmarks.md has the figures."""
_WIDE = 32_000
"""As many newest documents are counted in before the index is asked: most of what is filtered is of the last weeks."""
_LOOKED_AT = 2_000
"""Of an older notice's documents, which are behind all newer ones, there are many: to fetch each one's text took a second."""
_ONE: ColumnElement[Any] = literal_column("1").label("one")


@dataclass(frozen=True, kw_only=True)
class Query:
    """`text` as it was typed. `notice`: one, or any of several, the rounds of a series. `since` and `until` (both included) are times
    of receipt, to the second. `state` is that of a submission, or the disposition of a mail."""

    text: str
    notice: str | tuple[str, ...] | None = None
    reporter: str | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    late: bool | None = None
    breach: bool | None = None
    reviewed: bool | None = None

    @property
    def filters(self) -> dict[str, object]:
        names = ("notice", "reporter", "state", "late", "breach", "reviewed")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a hit stands in the answer: what comes after it is the next page."""

    exact: bool
    number: int


@dataclass(frozen=True, kw_only=True)
class Hit:
    """`receipt` is what `show` takes: that of the submission, or `mail:N`. `where` says in Chinese which part of it. `earlier`:
    it stood in an earlier decision under this receipt. `text` is the whole of it, its parts (the cells of a row) on lines."""

    receipt: str
    notice: str | None
    reporter: str | None
    state: str
    received_at: datetime
    kind: Kind
    where: str
    earlier: bool
    snippet: Snippet
    text: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class Found:
    """`total` hits in all, or, with `more`, more than so many."""

    total: int
    more: bool
    hits: tuple[Hit, ...]


def is_due(tx: Transaction) -> bool:
    """Whether records are not in the index yet: then an answer says nothing about what is not found."""
    return state.get(tx, DUE) is not None


def find(
    tx: Transaction, query: Query, *, limit: int = 20, after: Place | None = None, count_to: int | None = COUNTED
) -> Found:
    """The `limit` hits after a place; `count_to` None counts them all. Raises ValueError for a query of signs alone."""
    plan = _Plan(tx, query)
    exact: Sequence[Any] = ()
    others: Sequence[Any] = ()
    if after is None or after.exact:
        exact = plan.exact(limit, after.number if after else None)
    if len(exact) < limit:
        others = plan.others(limit - len(exact), after.number if after and not after.exact else None)
    most = None if count_to is None else count_to + 1
    first_page = after is None and len(exact) < limit  # then all that are named exactly are known
    total = plan.count_on(exact, others, limit, most) if first_page else plan.count(most)
    more = count_to is not None and total > count_to
    hits = _hits(tx, [*((True, row) for row in exact), *((False, row) for row in others)], plan.words)
    return Found(total=min(total, count_to) if count_to is not None else total, more=more, hits=hits)


class _Plan:
    """The statements of one query."""

    def __init__(self, tx: Transaction, query: Query) -> None:
        self._tx = tx
        self._query = query
        self._sqlite = tx.dialect.name == "sqlite"
        self.words = literals(storable(query.text))
        search_grams.prepare(tx)
        several = query.notice if isinstance(query.notice, tuple) else ()
        single = {name: value for name, value in query.filters.items() if value != several}
        self._one_of = [mark for each in several for mark in search_grams.marks({"notice": each})]
        self._wanted = search_grams.wanted(tx, self.words, search_grams.marks(single))
        self._grams, self._id, self._match = search_grams.matching(tx, self._wanted, self._one_of)
        self._named = _named(keys(storable(query.text)))
        c = search_documents.c
        self._columns = (c.id, c.subject, c.kind, c.place, c.text, c.earlier)
        self._seen: dict[int | None, tuple[list[int], bool]] = {}

    def exact(self, limit: int | None, below: int | None = None) -> Sequence[Any]:
        return self._tx.execute(self._exact(below).order_by(search_documents.c.id.desc()).limit(limit)).all()

    def others(self, limit: int, below: int | None) -> Sequence[Any]:
        """The newest documents that hold all words and are not named exactly."""
        if self._sqlite:  # which walks its lists from the newest on
            return self._tx.execute(self._holding(self._columns, below).order_by(self._id.desc()).limit(limit)).all()
        near = self._near(limit, below)
        return near if len(near) == limit else self._far(limit, below)

    def count(self, most: int | None) -> int:
        """All hits, or `most` where there are as many or more."""
        found = self._number(self._exact(None).with_only_columns(_ONE).limit(most))
        left = None if most is None else most - found
        return found if left == 0 else found + self._count_others(None, left)

    def count_on(self, exact: Sequence[Any], others: Sequence[Any], limit: int, most: int | None) -> int:
        """`count`, where the first page is known: these, and what comes behind."""
        found = len(exact) + len(others)
        if found < limit or (most is not None and found >= most):
            return found
        if self._sqlite:
            return found + self._count_others(others[-1].id, None if most is None else most - found)
        # PostgreSQL would walk down the numbers for the bound's sake, past all that hold the word nowhere.
        return len(exact) + self._count_others(None, None if most is None else most - len(exact))

    def _count_others(self, below: int | None, most: int | None) -> int:
        if most is not None and not self._sqlite:
            if below not in self._seen and self._query.filters and self._count_near(below, most) == most:
                return most
            if below in self._seen or self._query.filters:
                # What is filtered may lie anywhere, and would be looked for from the oldest on.
                ids, whole = self._look(below)
                if whole or len(ids) >= most:
                    return min(len(ids), most)
        return self._number(self._holding((_ONE,), below).limit(most))

    def _count_near(self, below: int | None, most: int) -> int:
        """PostgreSQL: of the newest documents, no more than `most`."""
        c = search_documents.c
        newest, match = search_grams.newest(self._wanted, self._within(self._id, below), _WIDE, self._one_of)
        query = select(_ONE).select_from(newest.join(search_documents, c.id == newest.c.id))
        held = search_grams.holds(self._tx, c.folded, self.words)
        return self._number(query.where(match, newest.c.id.not_in(self._named), *held).limit(most))

    def _number(self, query: Select[Any]) -> int:
        return int(self._tx.execute(select(func.count()).select_from(query.subquery())).scalar_one())

    def _exact(self, below: int | None) -> Select[Any]:
        c, whose = search_documents.c, search_subjects.c
        filters = [
            whose[name].in_(value) if isinstance(value, tuple) else whose[name] == value
            for name, value in self._query.filters.items()
        ]
        join = search_documents.join(search_subjects, whose.id == c.subject)
        within = self._within(c.id, below)
        return select(*self._columns).select_from(join).where(c.id.in_(self._named), within, *filters)

    def _holding(self, columns: Sequence[Any], below: int | None) -> Select[Any]:
        """Without the order: `columns` of the documents that hold all words."""
        c = search_documents.c
        held = search_grams.holds(self._tx, c.folded, self.words)
        counted = len(columns) == 1 and not held  # then the grams say it all
        join = self._grams if counted else self._grams.join(search_documents, c.id == self._id)
        return select(*columns).select_from(join).where(*self._having_grams(below), *held)

    def _having_grams(self, below: int | None) -> tuple[ColumnElement[bool], ...]:
        return (self._match, self._within(self._id, below), self._id.not_in(self._named))

    def _near(self, limit: int, below: int | None) -> Sequence[Any]:
        """PostgreSQL: of the newest documents, one after the other."""
        c = search_documents.c
        newest, match = search_grams.newest(self._wanted, self._within(self._id, below), _NEAR, self._one_of)
        query = select(*self._columns).select_from(newest.join(search_documents, c.id == newest.c.id))
        query = query.where(match, newest.c.id.not_in(self._named))
        query = query.where(*search_grams.holds(self._tx, c.folded, self.words))
        return self._tx.execute(query.order_by(newest.c.id.desc()).limit(limit)).all()

    def _far(self, limit: int, below: int | None) -> Sequence[Any]:
        """PostgreSQL: of those whose texts are looked at; should they not do, of all, sorted."""
        c = search_documents.c
        ids, whole = self._look(below)
        if whole or len(ids) >= limit:
            shown = select(*self._columns).where(c.id.in_(ids[:limit]))
            return self._tx.execute(shown.order_by(c.id.desc())).all()
        every = self._holding(self._columns, below).cte("every").prefix_with("MATERIALIZED", dialect="postgresql")
        return self._tx.execute(select(every).order_by(every.c.id.desc()).limit(limit)).all()

    def _look(self, below: int | None) -> tuple[list[int], bool]:
        """PostgreSQL, once a place: of all that the index gives, sorted, the texts of the newest `_LOOKED_AT`. → numbers of
        those that hold the words, newest first; whether no more are in the index. It must not be talked out of its index by
        the limit, which would be right if hits lay everywhere alike."""
        if below not in self._seen:
            c = search_documents.c
            query = select(self._id.label("id")).select_from(self._grams).where(*self._having_grams(below))
            found = query.cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
            newest = select(found.c.id).order_by(found.c.id.desc()).limit(_LOOKED_AT).cte("newest")
            held = and_(true(), *search_grams.holds(self._tx, c.folded, self.words))
            texts = newest.join(search_documents, c.id == newest.c.id)
            looked_at = select(newest.c.id, held.label("held")).select_from(texts)
            rows = self._tx.execute(looked_at.order_by(newest.c.id.desc())).all()
            self._seen[below] = [row.id for row in rows if row.held], len(rows) < _LOOKED_AT
        return self._seen[below]

    def _within(self, number: ColumnElement[int], below: int | None) -> ColumnElement[bool]:
        since, until = self._query.since, self._query.until
        bounds: list[ColumnElement[bool]] = []
        if since is not None:
            bounds.append(number >= first_number(since + timedelta(microseconds=999_999)))
        upper = [first_number(until + timedelta(seconds=1))] if until is not None else []
        upper += [below] if below is not None else []
        if upper:
            bounds.append(number < min(upper))
        return and_(true(), *bounds)


def _named(wanted: Keys) -> Select[Any]:
    """Documents that one of the identifiers names."""
    name = search_identifiers.c.identifier
    begins = [
        and_(name >= start, name < start + "g", func.substr(name, 1, len(start)) == start)
        for start in wanted.beginnings
    ]
    return select(search_identifiers.c.document).where(or_(false(), name.in_(wanted.whole), *begins))


def _hits(tx: Transaction, rows: Sequence[tuple[bool, Any]], words: tuple[Literal, ...]) -> tuple[Hit, ...]:
    """The hits with what the records say now."""
    known = {row.id: row for row in tx.execute(_subjects({row.subject for _, row in rows}))}
    return tuple(
        Hit(
            receipt=whose.receipt or (f"mail:{whose.mail}" if whose.mail else whose.subject),
            notice=whose.notice,
            reporter=whose.reporter,
            state=whose.state,
            received_at=whose.received_at,
            kind=Kind(row.kind),
            where=row.place,
            earlier=row.earlier,
            snippet=snippet(row.text, words),
            text=row.text,
            place=Place(exact=exact, number=row.id),
        )
        for exact, row in rows
        for whose in (known[row.subject],)
    )


def _subjects(ids: set[int]) -> Select[Any]:
    """Of subjects what their records say; what the index says of a mail, which has none."""
    c, case, mail = search_subjects.c, submissions.c, mails.c
    join = search_subjects.outerjoin(submissions, case.receipt == c.subject)
    join = join.outerjoin(mails, mail.sha256 == func.substr(c.subject, len("mail:") + 1))
    columns = (
        c.id, c.subject, case.receipt, mail.id.label("mail"),
        func.coalesce(case.notice, c.notice).label("notice"), func.coalesce(case.reporter, c.reporter).label("reporter"),
        func.coalesce(case.state, c.state).label("state"), c.received_at,
    )  # fmt: skip
    return select(*columns).select_from(join).where(c.id.in_(ids))
