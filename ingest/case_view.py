"""A submission as the console shows it: what `show --report` says, row by row, with the letters and mails, by who looks at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.masking import Viewer, mask_for, sees_all, words_for
from domain.merged import Source, sources
from domain.notice import ColumnType, Form, Notice
from domain.row_key import key_texts
from domain.sheet import Row, Sheet
from domain.submission import HistoryEntry, Submission
from domain.workbook_tables import tables_in
from ingest import case_letters, confidential
from ingest.app import App
from ingest.case_letters import LetterShown
from ingest.evidence import Kept, kept, kept_evidence
from notifier.plain import one_line
from notifier.report import report_values
from notifier.report_cover import CellView
from notifier.report_versions import DifferenceView
from notifier.templating import human_size
from storage import inbox, ledger, outbox, quarantine, tasks
from storage.database import Transaction
from storage.inbox import MailRow
from storage.ledger import Entry
from storage.outbox import OutboxRow

_EYES = ("differs", "doubtful", "match")
"""Verdicts, the one that needs eyes most first."""
Mask = Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class CellShown:
    """A value of the workbook. `view`: what the scan says of it, None where it was not compared."""

    field: str
    address: str
    text: str
    view: CellView | None


@dataclass(frozen=True, kw_only=True)
class RowShown:
    """A row of the workbook; `name` tells which, `verdict` is the worst of its cells', "" where none was compared; `source`
    says where it stands, `mail` with which mail it came, None where that is gone or
    is for few."""

    place: str
    source: Source
    mail: MailRow | None
    name: str
    hidden: bool
    verdict: str
    cells: tuple[CellShown, ...]


@dataclass(frozen=True, kw_only=True)
class TableShown:
    """The rows of one table of the workbook; `name` is "" for the form's own."""

    name: str
    rows: tuple[RowShown, ...]


@dataclass(frozen=True, kw_only=True)
class MailShown:
    """A mail of the case. `secret`: what it says is for few."""

    row: MailRow
    secret: bool


@dataclass(frozen=True, kw_only=True)
class CaseShown:
    """`values` are those of the report (`notifier.report.report_values`), masked for the viewer; `beside`: what was compared
    and is no cell of a row; `entries` without those of looking, which `looks` counts; `masked`: whether anything is."""

    case: Submission
    notice: Notice
    history: tuple[HistoryEntry, ...]
    values: Mapping[str, Any]
    tables: tuple[TableShown, ...]
    beside: tuple[CellView, ...]
    letters: tuple[LetterShown, ...]
    mails: tuple[MailShown, ...]
    entries: tuple[Entry, ...]
    looks: int
    quarantined: Mapping[str, str]
    open_tasks: tuple[tasks.Task, ...]
    masked: bool

    @property
    def rows(self) -> tuple[RowShown, ...]:
        """Of all tables."""
        return tuple(row for table in self.tables for row in table.rows)


def show(app: App, receipt: str, viewer: Viewer) -> CaseShown | None:
    """The submission, None where there is none. Raises Unusable where its record was altered beyond reading."""
    with app.database.read() as tx:
        found = kept(tx, receipt)
        if found is None:
            return None
        letters = outbox.of_receipt(tx, receipt)
        mails = tuple(_mail(tx, sha256) for sha256 in found.case.mails)
        entries = ledger.entries_of(tx, receipt)
        marked = quarantine.among(tx, [*found.case.mails, *(file.sha256 for file in found.case.files)])
        open_ = tuple(each for each in tasks.about(tx, receipt) if not each.closed_at and not each.confidential)
    notice = app.notice(found.case.notice)
    mask = _Masks(phone=mask_for(viewer), words=words_for(viewer))
    values = _values(app, found, notice)
    if not sees_all(viewer):
        values = _masked(values, notice.form.phone_names, mask)
    sent = {mail.row.sha256: mail.row for mail in mails if mail and not mail.secret}
    tables, beside = tables_shown(found.case, notice, values["cells"], mask.phone, sent)
    return CaseShown(
        case=found.case,
        notice=notice,
        history=tuple(replace(entry, reason=mask.words(one_line(entry.reason))) for entry in found.history),
        values=values,
        tables=tables,
        beside=beside,
        letters=tuple(_letter(app, row, notice, mask.words) for row in letters),
        mails=tuple(mail for mail in mails if mail),
        entries=tuple(entry for entry in entries if not entry.kind.startswith("access.")),
        looks=sum(entry.kind.startswith("access.") for entry in entries),
        quarantined={one.sha256: one.signature for one in marked},
        open_tasks=open_,
        masked=not sees_all(viewer),
    )


@dataclass(frozen=True, kw_only=True)
class _Masks:
    """`phone` for the text of a column of phone numbers, `words` for all other text."""

    phone: Mask
    words: Mask


def _values(app: App, found: Kept, notice: Notice) -> dict[str, Any]:
    evidence = kept_evidence(app, found)
    values = report_values(found.case, notice, evidence, made_at=app.clock(), stored=True)
    return values | {"human_size": human_size, "one_line": one_line}


def _mail(tx: Transaction, sha256: str) -> MailShown | None:
    row = inbox.by_sha256(tx, sha256)
    return MailShown(row=row, secret=confidential.is_secret(tx, row)) if row else None


def _letter(app: App, row: OutboxRow, notice: Notice, words: Mask) -> LetterShown:
    shown = case_letters.shown(app, row, notice)
    return replace(shown, text=words(shown.text), subject=words(shown.subject))


def _masked(values: dict[str, Any], phones: frozenset[str], mask: _Masks) -> dict[str, Any]:
    """The report's values without phone numbers."""

    def of(field: str) -> Mask:
        return mask.phone if field in phones else mask.words

    cells = tuple(
        replace(cell, expected=of(cell.field)(cell.expected), read=of(cell.field)(cell.read))
        for cell in values["cells"]
    )
    by_number = {cell.number: cell for cell in cells}
    pages = tuple(replace(page, cells=tuple(by_number[cell.number] for cell in page.cells)) for page in values["pages"])
    groups = [(verdict, word, [by_number[one.number] for one in group]) for verdict, word, group in values["groups"]]
    problems = [
        (
            tag,
            place,
            replace(each, message=mask.words(each.message), advice=mask.words(each.advice), value=None),
            number,
        )
        for tag, place, each, number in values["problems"]
    ]
    authorship = tuple(
        replace(each, verdict=mask.words(each.verdict), details=tuple(map(mask.words, each.details)))
        for each in values["authorship"] or ()
    )
    difference = _masked_difference(values["difference"], phones, mask) if values["difference"] else None
    return values | {
        "cells": cells, "pages": pages, "groups": groups, "problems": problems, "authorship": authorship,
        "difference": difference,
    }  # fmt: skip


def _masked_difference(told: DifferenceView, phones: frozenset[str], mask: _Masks) -> DifferenceView:
    def masked(field: str, text: str) -> str:
        return (mask.phone if any(field.endswith(name) for name in phones) else mask.words)(text)

    changes = tuple(
        replace(
            each, row=mask.words(each.row), before=masked(each.field, each.before), after=masked(each.field, each.after)
        )
        for each in told.changes
    )
    return replace(told, changes=changes)


def tables_shown(
    case: Submission, notice: Notice, cells: Sequence[CellView], phone: Mask, mails: Mapping[str, MailRow]
) -> tuple[tuple[TableShown, ...], tuple[CellView, ...]]:
    """The rows of the workbook, table by table, with what was compared of each cell, and what was compared beside them."""
    waiting: dict[str, list[CellView]] = defaultdict(list)
    for view in cells:
        waiting[view.cell].append(view)
    reading = case.sheet.reading if case.sheet else None
    shown: list[TableShown] = []
    if isinstance(reading, Sheet):
        mail = next((mails.get(file.mail) for file in case.files if file.sha256 == reading.sha256), None)
        for table in tables_in(reading, notice.form):
            stand = zip(table.rows, sources(case, reading, table), strict=True)
            rows = tuple(_row(row, source, mail, table.form, waiting, phone) for row, source in stand)
            shown.append(TableShown(name=table.name, rows=rows))
    used = {cell.view.number for table in shown for row in table.rows for cell in row.cells if cell.view}
    return tuple(shown), tuple(view for view in cells if view.number not in used)


def _row(
    row: Row,
    source: Source,
    mail: MailRow | None,
    form: Form,
    waiting: Mapping[str, Sequence[CellView]],
    phone: Mask,
) -> RowShown:
    cells = []
    for column in form.columns:
        cell = row.cells.get(column.key)
        if cell is None:
            continue
        address = one_line(f"{row.sheet}!{cell.address}" if row.sheet else cell.address)
        text = one_line(cell.text)
        view = next((each for each in waiting.get(address, ()) if each.field == column.name), None)
        shown = phone(text) if column.type is ColumnType.PHONE else text
        cells.append(CellShown(field=column.name, address=address, text=shown, view=view))
    verdicts = {cell.view.verdict for cell in cells if cell.view}
    names = [one_line(text) for text in key_texts(row, form)]
    return RowShown(
        place=f"{one_line(row.sheet)} 第{row.number}行".strip(),
        source=source,
        mail=mail,
        name="，".join(name for name in names if name),
        hidden=row.hidden,
        verdict=next((verdict for verdict in _EYES if verdict in verdicts), ""),
        cells=tuple(cells),
    )
