"""Submissions: what stands now, and every decision that ever stood."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Select, Table, delete, func, insert, select, true, update

from domain.submission import HistoryEntry, State, Submission
from storage import codec
from storage.columns import decided, details, facts, rows_of
from storage.database import Transaction, insert_ignoring
from storage.errors import Conflict, NotFound
from storage.people import new_salt
from storage.receipts import advance_case, case_version, next_receipt, next_version
from storage.row_writing import GROUP, insert_rows
from storage.schema_submissions import (
    readings,
    submission_history,
    submission_mails,
    submission_message_ids,
    submission_rows,
    submission_senders,
    submissions,
)

__all__ = [
    "advance_case", "by_mail", "by_message_id", "case_version", "compared", "digests", "due_grace", "history", "light", "list_", "load",
    "next_receipt", "next_version", "open_incomplete", "records", "save", "senders", "spelled", "standing", "states",
]  # fmt: skip


def save(
    tx: Transaction,
    submission: Submission,
    *,
    at: datetime | None = None,
    enter: Callable[[codec.Record], int] | None = None,
) -> Submission:
    """Store a decision: the submission as it stands now, and one more history entry that keeps it whole.

    `enter` appends the decision's ledger entry and gives its id; it is told what is stored, so that the entry can vouch
    for the very bytes, also where a light submission got its readings back. Returns the value with its new
    `row_version`. `Conflict` if the stored one is not of `submission.row_version` (0: must not exist yet).
    """
    at = at or datetime.now(UTC)
    stored = replace(submission, row_version=submission.row_version + 1, salt=submission.salt or new_salt())
    record = codec.pack(_with_readings(tx, stored))
    for reading in (record.cover, record.findings):
        if reading:
            tx.execute(insert_ignoring(tx, readings).values(digest=reading.digest, data=reading.data))
    document = {
        "document": record.document.data,
        "cover_reading": record.cover.digest if record.cover else None,
        "findings": record.findings.digest if record.findings else None,
    }
    _put(tx, submission, facts(stored, at) | document)
    _replace_details(tx, stored)
    entry = enter(record) if enter else None
    tx.execute(submission_history.insert().values(**decided(stored, at), **document, ledger_entry=entry))
    return stored


def load(tx: Transaction, receipt: str) -> Submission | None:
    """The submission with its readings, or None."""
    found = _full(tx, submissions.c.receipt == receipt)
    return found[0] if found else None


def spelled(tx: Transaction, receipt: str) -> str:
    """The receipt as it was given out, however it was typed; as it came if there is none such."""
    c = submissions.c.receipt
    found = tx.execute(select(c).where(func.lower(c) == receipt.strip().lower())).scalar()
    return str(found) if found else receipt


def standing(tx: Transaction, notice: str, reporter: str | None, *, limit: int = 50) -> tuple[Submission, ...]:
    """The reporter's submissions in every state, newest by (receipt, UID) first.

    Workbooks are whole, and so are covers that wait for a workbook; covers compared already are light, as in `list_`.
    Beyond the newest `limit`, those that are accepted, incomplete or in review come too: none of them may be missed.
    """
    mine = _case(notice, reporter)
    newest = _uncompared(tx, mine, limit=limit)
    if len(newest) < limit:
        return newest
    seen = {submission.receipt for submission in newest}
    open_ = _uncompared(tx, mine & submissions.c.state.in_((State.ACCEPTED, State.INCOMPLETE, State.REVIEW)))
    return newest + tuple(submission for submission in open_ if submission.receipt not in seen)


def open_incomplete(tx: Transaction, notice: str) -> tuple[Submission, ...]:
    """Every incomplete submission of the notice, newest first, with readings."""
    return _full(tx, (submissions.c.notice == notice) & (submissions.c.state == State.INCOMPLETE))


def due_grace(tx: Transaction, by: datetime) -> tuple[str, ...]:
    """Receipts of incomplete submissions whose grace time ended at `by` or before, earliest first.

    For `by` give the earlier of now and `inbox.last_complete_poll`: a part that came in time may not be recorded yet.
    """
    due = (submissions.c.state == State.INCOMPLETE) & (submissions.c.grace_ends <= by)
    query = select(submissions.c.receipt).where(due).order_by(submissions.c.grace_ends, submissions.c.receipt)
    return tuple(tx.execute(query).scalars())


def list_(
    tx: Transaction,
    *,
    state: State | None = None,
    reporter: str | None = None,
    notice: str | Collection[str] | None = None,
    since: datetime | None = None,
    limit: int | None = None,
) -> tuple[Submission, ...]:
    """Submissions, newest first, light: their covers carry pages and seals, but no cells, print or rims. `notice`: one, or any of
    several."""
    c = submissions.c
    query = select(c.document)
    for column, value in ((c.state, state), (c.reporter, reporter)):
        if value is not None:
            query = query.where(column == value)
    if notice is not None:
        query = query.where(c.notice.in_((notice,) if isinstance(notice, str) else notice))
    if since is not None:
        query = query.where(c.received_at >= since)
    rows = tx.execute(query.order_by(*_NEWEST).limit(limit))
    return tuple(codec.unpack(row.document, None, None) for row in rows)


def light(tx: Transaction, receipts: Collection[str]) -> Mapping[str, Submission]:
    """The submissions with these receipts, light as in `list_`, by receipt."""
    c = submissions.c
    rows = tx.execute(select(c.receipt, c.document).where(c.receipt.in_(receipts)))
    return {row.receipt: codec.unpack(row.document, None, None) for row in rows}


def compared(tx: Transaction, receipts: Iterable[str]) -> Iterator[Submission]:
    """The submissions with these receipts, one after the other and none kept: light, but with what the comparison with their
    covers gave. A receipt that there is none of is passed over."""
    c, found = submissions.c, readings.alias("found")
    join = submissions.outerjoin(found, found.c.digest == c.findings)
    query = select(c.document, found.c.data).select_from(join)
    for receipt in receipts:
        row = tx.execute(query.where(c.receipt == receipt)).first()
        if row:
            yield codec.unpack(row.document, None, row.data)


def history(tx: Transaction, receipt: str) -> tuple[HistoryEntry, ...]:
    """Every decision on the submission, oldest first."""
    c = submission_history.c
    rows = tx.execute(select(submission_history).where(c.receipt == receipt).order_by(c.row_version))
    return tuple(
        HistoryEntry(
            at=row.at,
            state=State(row.state),
            by=row.by,
            reason=row.reason,
            codes=tuple(row.codes),
            ledger_number=row.ledger_entry,
        )
        for row in rows
    )


def as_decided(tx: Transaction, receipt: str, row_version: int) -> Submission:
    """The submission as an earlier decision left it, with readings; `NotFound`."""
    table = submission_history
    found = _load(tx, table, (table.c.receipt == receipt) & (table.c.row_version == row_version))
    if not found:
        raise NotFound(f"{receipt}, decision {row_version}")
    return found[0]


def records(tx: Transaction, receipt: str) -> tuple[Mapping[str, bytes], ...]:
    """Of every decision on the submission, oldest first, the JSON of its parts as they are stored: `document`, and `cover` and
    `findings` where there are such."""
    h = submission_history.c
    rows = tx.execute(_stored(submission_history, h.receipt == receipt).order_by(h.row_version))
    found = ({"document": row.document, "cover": row.cover_data, "findings": row.findings_data} for row in rows)
    return tuple(
        {name: text for name, data in parts.items() if (text := codec.json_of(data)) is not None} for parts in found
    )


def digests(tx: Transaction, receipt: str) -> dict[str, str | None]:
    """SHA-256 of the parts of the submission as they are stored now, named as in its ledger entry (`vouching.recorded`);
    `NotFound`."""
    row = tx.execute(_stored(submissions, submissions.c.receipt == receipt)).first()
    if row is None:
        raise NotFound(receipt)
    parts = {"document": row.document, "cover": row.cover_data, "findings": row.findings_data}
    return {name: codec.digest_of(data) for name, data in parts.items()}


def by_message_id(tx: Transaction, message_id: str) -> tuple[Submission, ...]:
    """Submissions that a mail with this Message-ID belongs to, newest first, with readings."""
    return _related(tx, submission_message_ids, submission_message_ids.c.message_id == message_id)


def by_mail(tx: Transaction, sha256: str) -> tuple[Submission, ...]:
    """Submissions that the mail with these bytes belongs to, newest first, with readings."""
    return _related(tx, submission_mails, submission_mails.c.sha256 == sha256)


def states(tx: Transaction, mail: str) -> tuple[tuple[str, State], ...]:
    """Receipts of the submissions that the mail with these bytes belongs to, newest first, and how each stands."""
    mine = select(submission_mails.c.receipt).where(submission_mails.c.sha256 == mail)
    query = select(submissions.c.receipt, submissions.c.state).where(submissions.c.receipt.in_(mine))
    return tuple((row.receipt, State(row.state)) for row in tx.execute(query.order_by(*_NEWEST)))


def senders(tx: Transaction, notice: str, reporter: str) -> set[str]:
    """Addresses that sent the parts of a submission of the reporter that was accepted and not rejected since."""
    accepted = select(submission_history.c.receipt).where(submission_history.c.state == State.ACCEPTED)
    query = (
        select(submission_senders.c.address)
        .join(submissions, submissions.c.receipt == submission_senders.c.receipt)
        .where(_case(notice, reporter), submissions.c.state.in_((State.ACCEPTED, State.SUPERSEDED)))
        .where(submissions.c.receipt.in_(accepted))
    )
    return set(tx.execute(query).scalars())


_NEWEST = (submissions.c.received_at.desc(), submissions.c.uid.desc(), submissions.c.receipt.desc())


def _case(notice: str, reporter: str | None) -> Any:
    return (submissions.c.notice == notice) & (submissions.c.reporter.is_not_distinct_from(reporter))


def _related(tx: Transaction, table: Table, condition: Any) -> tuple[Submission, ...]:
    return _full(tx, submissions.c.receipt.in_(select(table.c.receipt).where(condition)))


def _full(tx: Transaction, condition: Any, *, limit: int | None = None) -> tuple[Submission, ...]:
    return _load(tx, submissions, condition, order=_NEWEST, limit=limit)


def _uncompared(tx: Transaction, condition: Any, *, limit: int | None = None) -> tuple[Submission, ...]:
    """Reading a cover in costs 50 ms; what was compared is never compared again."""
    return _load(tx, submissions, condition, order=_NEWEST, limit=limit, only=submissions.c.findings.is_(None))


def _load(
    tx: Transaction,
    table: Table,
    condition: Any,
    *,
    order: Iterable[Any] = (),
    limit: int | None = None,
    only: Any = true(),  # noqa: B008  a constant of SQL
) -> tuple[Submission, ...]:
    """Submissions; their readings where `only` holds."""
    rows = tx.execute(_stored(table, condition, only=only).order_by(*order).limit(limit))
    return tuple(codec.unpack(row.document, row.cover_data, row.findings_data) for row in rows)


def _stored(table: Table, condition: Any, *, only: Any = true()) -> Select[Any]:  # noqa: B008  a constant of SQL
    """The three parts of a submission as they are stored."""
    cover, findings = readings.alias("cover"), readings.alias("found")
    join = table.outerjoin(cover, (cover.c.digest == table.c.cover_reading) & only)
    join = join.outerjoin(findings, (findings.c.digest == table.c.findings) & only)
    query = select(table.c.document, cover.c.data.label("cover_data"), findings.c.data.label("findings_data"))
    return query.select_from(join).where(condition)


def _with_readings(tx: Transaction, new: Submission) -> Submission:
    """A light submission (from `standing`, `list_`) gets its stored readings back, lest saving it lose evidence."""
    if new.row_version == 1 or not new.cover or not codec.is_light(new):
        return new
    before = load(tx, new.receipt)
    if before is None or before.cover is None or before.cover.file.sha256 != new.cover.file.sha256:
        return new
    findings = before.findings if new.findings == codec.light(before).findings else new.findings
    return replace(new, cover=replace(new.cover, reading=before.cover.reading), findings=findings)


def _put(tx: Transaction, submission: Submission, values: dict[str, Any]) -> None:
    if submission.row_version == 0:
        done = tx.execute(insert_ignoring(tx, submissions).values(**values))
    else:
        same = submissions.c.receipt == submission.receipt, submissions.c.row_version == submission.row_version
        done = tx.execute(update(submissions).where(*same).values(**values))
    if done.rowcount != 1:
        raise Conflict(f"{submission.receipt}: changed meanwhile")


def _replace_details(tx: Transaction, submission: Submission) -> None:
    """Replace what queries look through: rows, problems, files, mails, Message-IDs, senders of the current state."""
    for table, items in details(submission).items():
        tx.execute(delete(table).where(table.c.receipt == submission.receipt))
        if table is submission_rows:
            insert_rows(tx, submission.receipt, rows_of(submission))
            continue
        known, left = set(table.c.keys()), iter(items)
        while group := [
            {key: value for key, value in item.items() if key in known} | {"receipt": submission.receipt}
            for item in islice(left, GROUP)
        ]:
            tx.execute(insert(table), group)
