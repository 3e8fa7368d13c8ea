"""What staff say of addresses: who writes for a reporter, who does not any more, and who can be reached again."""

from __future__ import annotations

from dataclasses import dataclass

from domain.addresses import canonical
from domain.authorship import writer_of
from domain.notice import Notice, Reporter
from domain.submission import Submission
from ingest.app import App
from ingest.errors import CannotLearn
from storage import correspondents, outbox, senders
from storage.database import Transaction
from storage.senders import KnownAddress


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """A known address as staff see it. `listed`: the notice itself names it, and only there can it be taken away."""

    reporter: Reporter
    address: str
    listed: bool
    known: KnownAddress | None = None


def known(app: App, notice: Notice, reporter: Reporter | None = None) -> tuple[Confirmed, ...]:
    """The known addresses of one reporter, or of all, by reporter in the order of the notice."""
    with app.database.read() as tx:
        confirmed = senders.all_known(tx, notice.series)
    found: list[Confirmed] = []
    for each in notice.reporters if reporter is None else (reporter,):
        found += [Confirmed(reporter=each, address=address, listed=True) for address in each.addresses]
        found += [
            Confirmed(reporter=each, address=one.address, listed=False, known=one)
            for one in confirmed
            if one.reporter == each.code and one.address not in each.addresses
        ]
    return tuple(found)


def confirm(app: App, notice: Notice, reporter: Reporter, address: str, *, by: str) -> bool:
    """Staff vouch for an address; False if it was known."""
    address = canonical(address)
    if address in reporter.addresses:
        return False
    with app.database.begin() as tx:
        return learn(app, tx, notice, reporter.code, address, by=by)


def learn(
    app: App, tx: Transaction, notice: Notice, reporter: str, address: str, *, by: str, receipt: str | None = None
) -> bool:
    """`confirm` within a transaction, by a submission or by word alone."""
    now = app.clock()
    made = KnownAddress(
        notice=notice.series, reporter=reporter, address=address, receipt=receipt, confirmed_at=now, confirmed_by=by
    )
    return senders.confirm(tx, made)


def forget(app: App, notice: Notice, reporter: Reporter, address: str, *, by: str) -> bool:
    """Staff vouch for an address no more; False if they did not. What it sent stays as it was decided."""
    with app.database.begin() as tx:
        return senders.forget(tx, notice.series, reporter.code, canonical(address), by=by, at=app.clock())


def learnable(case: Submission) -> str:
    """The address that staff vouch for when they accept a case and say so: that of its newest mail. Raises CannotLearn."""
    writer = writer_of(case)
    if case.reporter is None or not writer.address:
        raise CannotLearn(f"{case.receipt}: nobody knows for which reporter its sender writes")
    if writer.dmarc_failed:
        raise CannotLearn(
            f"{case.receipt}: its mail failed DMARC, so the address may be forged; telephone, then `baosong senders confirm`"
        )
    return writer.address


def reachable(app: App, address: str) -> bool:
    """A person says that letters arrive there again: those that waited go out. False if nobody thought otherwise."""
    address = canonical(address)
    with app.database.begin() as tx:
        if not correspondents.clear(tx, address):
            return False
        outbox.hasten(tx, address, app.clock())
    return True
