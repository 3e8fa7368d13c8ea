"""Which notice a mail falls under, where a mailbox collects for several: told by evidence, the surest first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.notice import Form, Notice
from domain.pages import is_title
from domain.text import normalise

_RECEIPT = re.compile(r"(?<![A-Z0-9])([A-Z0-9]{1,8})-[A-Z0-9]{1,8}-\d{8}-\d{2,6}(?!\d)")
_LEAST_NAME = 4
"""Characters: a shorter name of a table (名册) is a word of any mail."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known of a mail. `fitting`: ids of the notices of whose form a workbook of it has every column; `near`: most
    of them; `tables`: whose table a scan shows; `titles`: what its workbooks and scans bear as a form's title; `thread`: id of
    the notice that the letters or returns it answers are of."""

    received_at: datetime
    fitting: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    titles: tuple[str, ...] = ()
    thread: str | None = None
    subject: str = ""
    text: str = ""


def choose(notices: Sequence[Notice], evidence: Evidence) -> Notice:
    """The notice that a mail falls under; where nothing tells, the first. Of several that are told alike, as the rounds of
    one series, the one whose days hold the receipt."""
    found = told_by(notices, evidence) or [each for each in notices if each.form == notices[0].form]
    return in_force(found, evidence.received_at)


def told_by(notices: Sequence[Notice], evidence: Evidence) -> tuple[Notice, ...]:
    """The notices that the evidence speaks of, as few as it can tell; none where there is no evidence. Each kind of
    evidence narrows what those before it left: it never leads away from there.

    A workbook that has all of one form's columns, and a form's title in print, come before the thread: who answers an old letter
    with the next return must not be told that it is the wrong form.
    """
    left, told = tuple(notices), False
    for speaks_of in _EVIDENCE:
        found = speaks_of(left, evidence)
        if found:
            left, told = tuple(each for each in left if each.id in found), True
    return left if told else ()


def in_force(notices: Iterable[Notice], at: datetime) -> Notice:
    """The one that is open at the time, of several the one that ends first; else the one opened last before; else the one that
    opens first."""
    among = list(notices)
    running = [each for each in among if each.opens <= at <= each.deadline]
    if running:
        return min(running, key=lambda each: (each.deadline, each.id))
    opened = [each for each in among if each.opens <= at]
    return max(opened, key=_order) if opened else min(among, key=_order)


def _order(notice: Notice) -> tuple[datetime, str]:
    return (notice.opens, notice.id)


def titled(text: str, notices: Iterable[Notice]) -> frozenset[str]:
    """Ids of the notices whose form's title the line is."""
    return _longest({each.id: _title_proper(text, each.form) for each in notices if is_title(text, each.form)})


def _title_proper(text: str, form: Form) -> str:
    """The title as it stands there, without the unit's name."""
    found = re.search(form.title_pattern, normalise(text))
    if found is None:
        return ""
    return found.string[max(found.end("unit"), found.start()) : found.end()]


def _longest(hits: Mapping[str, str]) -> frozenset[str]:
    """The ids of what was found, less those found only within another's longer name (统计表 in 教育统计表)."""
    return frozenset(
        key for key, hit in hits.items() if not any(hit != other and hit in other for other in hits.values())
    )


def _fits(notices: Sequence[Notice], evidence: Evidence) -> frozenset[str]:
    return evidence.fitting & {each.id for each in notices}


def _is_titled(notices: Sequence[Notice], evidence: Evidence) -> frozenset[str]:
    return frozenset(key for title in evidence.titles for key in titled(title, notices))


def _answers(notices: Sequence[Notice], evidence: Evidence) -> frozenset[str]:
    return frozenset(each.id for each in notices if each.id == evidence.thread)


def _is_near(notices: Sequence[Notice], evidence: Evidence) -> frozenset[str]:
    return evidence.near & {each.id for each in notices}


def _shows_table(notices: Sequence[Notice], evidence: Evidence) -> frozenset[str]:
    return evidence.tables & {each.id for each in notices}


def _has_receipt(notices: Sequence[Notice], evidence: Evidence) -> frozenset[str]:
    shorts = set(_RECEIPT.findall(evidence.subject.upper()))
    return frozenset(each.id for each in notices if each.short in shorts)


def _named_in_subject(notices: Sequence[Notice], evidence: Evidence) -> frozenset[str]:
    return _named(notices, evidence.subject)


def _named_in_text(notices: Sequence[Notice], evidence: Evidence) -> frozenset[str]:
    return _named(notices, evidence.text)


def _named(notices: Sequence[Notice], text: str) -> frozenset[str]:
    """Those whose number, title, table or short name stands in the text; by the surest of these that any has."""
    compared = normalise(text)
    for names in (_numbers, _titles, _shorts):
        hits = {each.id: hit for each in notices if (hit := _hit(names(each), compared))}
        if hits:
            return _longest(hits)
    return frozenset()


def _hit(names: Iterable[str], text: str) -> str:
    return max((name for name in names if name and _stands_in(name, text)), key=len, default="")


def _stands_in(name: str, text: str) -> bool:
    """Letters and digits must stand by themselves: PY51 is no part of SPY510."""
    if not name.isascii():
        return name in text
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", text) is not None


def _numbers(notice: Notice) -> Iterable[str]:
    return (normalise(notice.number),)


def _titles(notice: Notice) -> Iterable[str]:
    return (name for name in (normalise(notice.title), normalise(notice.table_name)) if len(name) >= _LEAST_NAME)


def _shorts(notice: Notice) -> Iterable[str]:
    return (notice.short,)


_EVIDENCE: tuple[Callable[[Sequence[Notice], Evidence], frozenset[str]], ...] = (
    _fits,
    _is_titled,
    _answers,
    _is_near,
    _shows_table,
    _has_receipt,
    _named_in_subject,
    _named_in_text,
)
"""The kinds of evidence, the surest first."""
