"""The outbox: letters decided, claimed with a lease, rendered once, sent.

The ledger has each of it under the subject `letter:<Message-ID>`: what the letter shall say, which bytes it became, and
how it ended. How often and when it is tried is nobody's evidence.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, or_, select, update

from domain.letter import GENERATED, Letter, LetterKind
from storage import ledger, tasks
from storage.canonical import Json
from storage.codec import LETTERS, digest_of
from storage.database import Transaction, insert_ignoring
from storage.errors import NotFound
from storage.schema import outbox

QUEUED = "letter.queued"
RENDERED = "letter.rendered"
BOUNCED = "letter.bounced"

LONGEST_WAIT = timedelta(hours=3)
"""Nothing is put off for longer. What stands further ahead was set by a clock that was wrong, and is due."""


class OutboxStatus(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"  # a newer decision spoke before it was sent


ENDED = {status: f"letter.{status}" for status in OutboxStatus if status is not OutboxStatus.WAITING}
"""Kinds of the ledger entries that tell how a letter ended."""


@dataclass(frozen=True, kw_only=True)
class OutboxRow:
    """A letter and how far it is. `sha256` is the blob of its rendered bytes, once there are any.

    `exempt`: a decision's first reply, outside the ordinary budget.
    """

    id: int
    message_id: str
    mail_id: int | None
    receipt: str | None
    letter: Letter
    exempt: bool
    status: OutboxStatus
    created_at: datetime
    attempts: int
    sha256: str | None
    sent_at: datetime | None
    error: str | None
    bounced_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A letter to send now. `unsure`: an earlier claim ended with no word, so it may have been sent already."""

    row: OutboxRow
    unsure: bool

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def letter(self) -> Letter:
        return self.row.letter


def put(
    tx: Transaction, letter: Letter, *, mail_id: int | None = None, exempt: bool = False, at: datetime | None = None
) -> int:
    """Put a letter in; its id. A Message-ID that is there already is left as it is."""
    at, packed = at or datetime.now(UTC), LETTERS.pack(letter)
    values = {
        "message_id": letter.message_id,
        "mail_id": mail_id,
        "receipt": letter.receipt,
        "notice": letter.notice,
        "kind": letter.kind,
        "address": letter.to,
        "exempt": exempt,
        "letter": packed,
        "ledger_entry": letter.ledger_number,
        "status": OutboxStatus.WAITING,
        "created_at": at,
        "not_before": at,
        "attempts": 0,
    }
    if tx.execute(insert_ignoring(tx, outbox).values(**values)).rowcount == 1:
        # Nobody guesses the letter back from its hash: a random Message-ID is part of it.
        _enter(tx, letter.message_id, QUEUED, {"letter": digest_of(packed), "mail": mail_id, "exempt": exempt}, at)
    return int(tx.execute(select(outbox.c.id).where(outbox.c.message_id == letter.message_id)).scalar_one())


def claim(tx: Transaction, now: datetime, lease_seconds: float) -> Claimed | None:
    """Take the next due letter for `lease_seconds`; None if there is none. Commit before sending.

    One claim wins: the update repeats the condition it was found by. A lease that ran out makes the letter due again.
    So does a time that lies further ahead than any that is set: the clock was wrong then, and may be years from now.
    """
    c = outbox.c
    free = or_(c.leased_until.is_(None), c.leased_until <= now, c.leased_until > now + LONGEST_WAIT)
    ready = or_(c.not_before <= now, c.not_before > now + LONGEST_WAIT)
    due = (c.status == OutboxStatus.WAITING) & ready & free
    first = select(outbox).where(due).order_by(c.not_before, c.id).limit(1).with_for_update(skip_locked=True)
    row = tx.execute(first).first()
    if row is None:
        return None
    lease = {"leased_until": now + timedelta(seconds=lease_seconds), "attempts": c.attempts + 1}
    if tx.execute(update(outbox).where(c.id == row.id, due).values(**lease)).rowcount != 1:
        return None
    return Claimed(row=load(tx, row.id), unsure=row.leased_until is not None)


def rendered(tx: Transaction, id_: int, sha256: str, *, at: datetime | None = None) -> str:
    """Note the blob of the letter's bytes. A letter is rendered once: the blob that counts, perhaps an earlier one."""
    fresh = update(outbox).where(outbox.c.id == id_, outbox.c.sha256.is_(None)).values(sha256=sha256)
    if tx.execute(fresh).rowcount != 1:
        return str(tx.execute(select(outbox.c.sha256).where(outbox.c.id == id_)).scalar_one())
    row = load(tx, id_)
    blobs: list[Json] = [sha256, *(file.sha256 for file in row.letter.attachments)]
    _enter(tx, row.message_id, RENDERED, {"blobs": blobs}, at)
    return sha256


def sent(tx: Transaction, id_: int, at: datetime, *, domain: str = "") -> None:
    """The server took it. Of two claims that say so the first counts. `domain`: whose budget it came out of, "" for
    nobody's. `NotFound`."""
    row, not_yet = load(tx, id_), (outbox.c.id == id_) & (outbox.c.status != OutboxStatus.SENT)
    done = {"status": OutboxStatus.SENT, "sent_at": at, "leased_until": None, "error": None, "domain": domain}
    if tx.execute(update(outbox).where(not_yet).values(**done)).rowcount == 1:
        _enter(tx, row.message_id, ENDED[OutboxStatus.SENT], {}, at)


def retry(tx: Transaction, id_: int, at: datetime, error: str, *, unsure: bool = False) -> None:
    """Again at `at`: after a temporary refusal, or (`unsure`) after a try that ended with no word, which the next
    claim must know."""
    _waiting(tx, id_, not_before=at, leased_until=at if unsure else None, error=error)


def postpone(tx: Transaction, claimed: Claimed, at: datetime) -> None:
    """Nothing was tried (budget, a server that is down): again at `at`, and the claim does not count as an attempt. A
    letter that may have been sent already stays so."""
    lease = at if claimed.unsure else None
    _waiting(tx, claimed.id, not_before=at, leased_until=lease, attempts=outbox.c.attempts - 1)


def failed(tx: Transaction, id_: int, error: str, *, at: datetime | None = None) -> None:
    """Permanent refusal, or too long a wait: never again, and a task `reply_failed` for staff."""
    if _waiting(tx, id_, status=OutboxStatus.FAILED, leased_until=None, error=error):
        row = load(tx, id_)
        _enter(tx, row.message_id, ENDED[OutboxStatus.FAILED], {}, at)
        tasks.add(tx, "reply_failed", subject_of(id_, row.receipt), error, at=at)


def withdraw_unsent(
    tx: Transaction, receipt: str, *, to: Collection[str] | None = None, at: datetime | None = None
) -> int:
    """Take back decisions on the submission that nobody began to send, as a newer one speaks; how many. `to`: only
    those to one of these addresses."""
    replies = (outbox.c.receipt == receipt) & outbox.c.kind.in_((LetterKind.DECISION, LetterKind.OUTCOME))
    if to is not None:
        replies &= func.lower(outbox.c.address).in_([address.lower() for address in to])
    untouched = replies & outbox.c.leased_until.is_(None)
    waiting = untouched & (outbox.c.status == OutboxStatus.WAITING)
    change = update(outbox).where(waiting).values(status=OutboxStatus.WITHDRAWN).returning(outbox.c.message_id)
    withdrawn = sorted(tx.execute(change).scalars())
    for message_id in withdrawn:
        _enter(tx, message_id, ENDED[OutboxStatus.WITHDRAWN], {}, at)
    return len(withdrawn)


def bounced(tx: Transaction, message_id: str, *, at: datetime | None = None) -> bool:
    """Note that a letter of ours came back; False if it is not ours or came back before."""
    mine = (outbox.c.message_id == message_id) & outbox.c.bounced_at.is_(None)
    at = at or datetime.now(UTC)
    if tx.execute(update(outbox).where(mine).values(bounced_at=at)).rowcount != 1:
        return False
    _enter(tx, message_id, BOUNCED, {}, at)
    return True


def load(tx: Transaction, id_: int) -> OutboxRow:
    """One letter by its id; `NotFound`."""
    row = tx.execute(select(outbox).where(outbox.c.id == id_)).first()
    if row is None:
        raise NotFound(f"letter {id_}")
    return _row(row)


def ours(tx: Transaction, message_id: str) -> OutboxRow | None:
    """The letter of ours with this Message-ID: for threads and bounces."""
    row = tx.execute(select(outbox).where(outbox.c.message_id == message_id)).first()
    return _row(row) if row else None


def addresses_of(tx: Transaction, message_ids: Collection[str]) -> dict[str, str]:
    """To whom the letters with these Message-IDs went (lower case); what is no letter of ours is left out."""
    query = select(outbox.c.message_id, outbox.c.address).where(outbox.c.message_id.in_(message_ids))
    return {row.message_id: row.address.lower() for row in tx.execute(query)} if message_ids else {}


def newest_of_case(tx: Transaction, receipt: str, since: datetime) -> tuple[OutboxRow, ...]:
    """Of the letters of a submission sent since then the newest to each address."""
    rows = _sent_since(tx, since, outbox.c.receipt == receipt)
    return tuple({row.letter.to.lower(): row for row in rows}.values())


def sent_to(tx: Transaction, addresses: Collection[str], since: datetime) -> tuple[OutboxRow, ...]:
    """The letters sent since then to one of these addresses (lower case), oldest first."""
    return _sent_since(tx, since, func.lower(outbox.c.address).in_(addresses))


def of_receipt(tx: Transaction, receipt: str) -> tuple[OutboxRow, ...]:
    """All letters of a submission, oldest first."""
    query = select(outbox).where(outbox.c.receipt == receipt).order_by(outbox.c.id)
    return tuple(_row(row) for row in tx.execute(query))


def of_mail(tx: Transaction, mail_id: int) -> tuple[OutboxRow, ...]:
    """All letters that a mail caused, oldest first."""
    query = select(outbox).where(outbox.c.mail_id == mail_id).order_by(outbox.c.id)
    return tuple(_row(row) for row in tx.execute(query))


def newest_sent(tx: Transaction, limit: int) -> tuple[OutboxRow, ...]:
    """The letters the server took last, newest first."""
    query = select(outbox).where(outbox.c.sent_at.is_not(None)).order_by(outbox.c.sent_at.desc(), outbox.c.id.desc())
    return tuple(_row(row) for row in tx.execute(query.limit(limit)))


def sent_since(
    tx: Transaction,
    since: datetime,
    *,
    exempt: bool,
    address: str | None = None,
    domain: str | None = None,
) -> int:
    """How many letters to senders went out since then that are (not) exempt; to that address or domain alone, if given."""
    wanted = (outbox.c.sent_at >= since) & (outbox.c.exempt == exempt) & outbox.c.kind.not_in(GENERATED)
    for column, value in ((outbox.c.address, address), (outbox.c.domain, domain)):
        wanted = wanted if value is None else wanted & (column == value)
    return int(tx.execute(select(func.count()).where(wanted)).scalar_one())


def hasten(tx: Transaction, address: str, at: datetime) -> None:
    """What waits for that address and was not tried yet is due now; the tasks that told of the wait are closed."""
    untried = (outbox.c.status == OutboxStatus.WAITING) & (outbox.c.attempts == 0) & (outbox.c.not_before > at)
    waiting = tx.execute(select(outbox.c.id, outbox.c.receipt).where(untried, outbox.c.address == address)).all()
    for row in waiting:
        tx.execute(update(outbox).where(outbox.c.id == row.id, untried).values(not_before=at))
        tasks.close_kind(tx, "unreachable", subject_of(row.id, row.receipt), at=at)


def subject_of(id_: int, receipt: str | None) -> str:
    """What a task about a letter is about."""
    return receipt or f"outbox:{id_}"


def _sent_since(tx: Transaction, since: datetime, wanted: Any) -> tuple[OutboxRow, ...]:
    sent = (outbox.c.status == OutboxStatus.SENT) & (outbox.c.sent_at >= since)
    query = select(outbox).where(sent, wanted).order_by(outbox.c.sent_at, outbox.c.id)
    return tuple(_row(row) for row in tx.execute(query))


def _waiting(tx: Transaction, id_: int, **values: Any) -> bool:
    """Change a letter unless another claim brought it to its end meanwhile."""
    still = (outbox.c.id == id_) & (outbox.c.status == OutboxStatus.WAITING)
    return tx.execute(update(outbox).where(still).values(**values)).rowcount == 1


def _enter(tx: Transaction, message_id: str, kind: str, body: dict[str, Json], at: datetime | None) -> None:
    ledger.append(tx, kind, f"letter:{message_id}", body, at=at)


def _row(row: Any) -> OutboxRow:
    letter = LETTERS.unpack(row.letter)
    assert letter.kind == LetterKind(row.kind)  # noqa: S101  two columns of one row, written together
    names = [
        "id",
        "message_id",
        "mail_id",
        "receipt",
        "exempt",
        "created_at",
        "attempts",
        "sha256",
        "sent_at",
        "error",
        "bounced_at",
    ]
    return OutboxRow(letter=letter, status=OutboxStatus(row.status), **{name: getattr(row, name) for name in names})
