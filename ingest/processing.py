"""Mails that wait are read, judged and answered: by the one worker of a machine, in turn, or by any of many.

A mail may be processed again at any time, also by two at once: one disposition is all that it can have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import structlog
from structlog.contextvars import bound_contextvars

from ingest import behind, scanning
from ingest.app import App
from ingest.errors import MachineTrouble, ScannerDown, Transient
from ingest.holding import hold, try_later
from ingest.passes import PassReport, Stopped, never
from ingest.pipeline import Settled, settle
from ingest.precheck import PRECHECK
from ingest.reading import ReadMail
from storage import inbox, turns
from storage.errors import AlreadyFinished, BlobLate, Conflict, Unavailable
from storage.inbox import MailRow

log = structlog.get_logger(__name__)

_READ_AHEAD = 2
"""A place: mails that are read or were, before the first of them is judged."""
_BATCH = 20
"""Taken at once: what comes meanwhile waits for no more than these, whoever else sent thousands."""
_ATTEMPTS = 8
"""After so many, some three hours, what looked temporary is none: a person must look."""
_ATTEMPTS_OF_MACHINE = 150
"""Some three days: a full disk over a weekend must not leave a mailbox of held mails to be replayed."""
_JUDGED_AT_MOST = 5
"""Times in a row that a mail is judged while others decide on the same case: it was read already, which is what takes long."""


def process(app: App, report: PassReport, stopped: Stopped = never) -> None:
    """Reads, judges and answers every mail that waits, oldest first, `app.places` of them read at once. While the virus scanner or
    the archive does not serve they all wait as they are, without an attempt counted."""
    if not app.notices:  # none is published yet: what comes is kept, and waits
        return
    watch = scanning.Watch(app=app, failures=report.failures)
    if not watch.serves():
        return
    with ThreadPoolExecutor(max_workers=app.places, thread_name_prefix="read") as threads:
        for row, reading in _read_ahead(app, threads, report, lambda: watch.down or stopped()):
            with bound_contextvars(mail=row.id):
                _process_one(app, row, reading.result, report, watch)


def _read_ahead(
    app: App, threads: ThreadPoolExecutor, report: PassReport, stopped: Stopped
) -> Iterator[tuple[MailRow, Future[ReadMail]]]:
    """Mails in order of receipt, a few being read in parallel before their turn to be judged comes."""
    while not stopped():
        app.blobs.unspool(stopped)
        with app.database.read() as tx:
            rows = turns.pending(tx, _BATCH, now=app.clock())
        rows += behind.next_mails(app, _BATCH - len(rows))
        if not rows or not _archive_serves(app, report):
            return
        waiting: list[tuple[MailRow, Future[ReadMail]]] = []
        for row in rows:
            waiting.append((row, threads.submit(_read, app, row)))
            if len(waiting) >= _READ_AHEAD * app.places:
                yield waiting.pop(0)
            if stopped():
                break
        while waiting:
            row, future = waiting.pop(0)
            if stopped() and future.cancel():
                continue
            yield row, future


def _archive_serves(app: App, report: PassReport) -> bool:
    try:
        app.blobs.check()
    except Unavailable as error:
        report.failures.append(f"mails wait: {error}")
        return False
    return True


def _read(app: App, row: MailRow) -> ReadMail:
    with bound_contextvars(mail=row.id), app.stages.timed("read"):
        raw = app.blobs.get(row.sha256)
        return app.reader.read(raw, sha256=row.sha256, origin=row.origin, header_only=row.size > len(raw))


def process_one(app: App, mail_id: int, report: PassReport) -> bool:
    """Of many workers each does this with the mails it is handed; nothing where somebody else was quicker, or the mail was put
    off. → False where the virus scanner of this machine, or the archive, does not serve, or no notice is published yet: the mail
    waits to be handed out again."""
    if not app.notices:
        return False
    watch = scanning.Watch(app=app, failures=report.failures)
    with app.database.read() as tx:
        row = inbox.due(tx, mail_id, now=app.clock())
    if row is None:
        return True
    if not watch.serves() or not _archive_serves(app, report):
        return False
    with bound_contextvars(mail=row.id):
        _process_one(app, row, partial(_read, app, row), report, watch)
    return not watch.down


def _process_one(
    app: App, row: MailRow, read: Callable[[], ReadMail], report: PassReport, watch: scanning.Watch
) -> None:
    """Settles one mail, unless another worker has; `read` gives what it brought."""
    try:
        _settle_or_put_off(app, row, read, report, watch)
    except AlreadyFinished:
        log.info("mail_settled_elsewhere")


def _settle_or_put_off(
    app: App, row: MailRow, read: Callable[[], ReadMail], report: PassReport, watch: scanning.Watch
) -> None:
    """What is unforeseen holds this mail with its traceback; the next one is served. Raises AlreadyFinished."""
    brought: tuple[str, ...] = ()
    try:
        had = read()
        brought = (*had.contents, *had.pictures)
        with app.stages.timed("judge"):
            settled = _settled(app, row, had)
    except (Unavailable, OSError, MachineTrouble) as error:  # a full disk, an archive that is away: no mail's fault
        report.failures.append(f"mail {row.id} waits: {error}")
        try_later(app, row, error, report, brought, attempts=_ATTEMPTS_OF_MACHINE)
        return
    except (Transient, Conflict, BlobLate) as error:
        if isinstance(error, ScannerDown) and not watch.serves():
            return  # it waits with all others; where the scanner serves them, it is this mail that it cannot scan
        try_later(app, row, error, report, brought, attempts=_ATTEMPTS)
        return
    except AlreadyFinished:
        raise
    except Exception as error:  # noqa: BLE001 the worker must outlive any one mail: it is held, told and replayable
        hold(app, row, error, report, brought)
        return
    _count(settled, report)
    log.info("mail_settled", disposition=settled.disposition, receipts=sorted(settled.decided))


def _settled(app: App, row: MailRow, read: ReadMail) -> Settled:
    """Raises Conflict when others came between each time."""
    for _ in range(_JUDGED_AT_MOST - 1):
        with suppress(Conflict):
            return settle(app, row.id, read)
        log.info("judged_again")
    return settle(app, row.id, read)


def _count(settled: Settled, report: PassReport) -> None:
    report.decided.update(settled.decided)
    if settled.disposition in ("ignored", "words", PRECHECK):
        report.ignored += 1
