"""Mails over many machines: who leads hands them out, whoever has a place free processes them."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from ingest import behind, processing
from ingest.app import App
from ingest.passes import PassReport, Stopped, never
from ingest.published import refresh
from storage import turns
from storage.errors import Unavailable

if TYPE_CHECKING:
    from ingest.queue import Queue

log = structlog.get_logger(__name__)

_AHEAD = 200
"""Mails that wait in the queue at most. Which go into it is asked of the inbox anew each time, so that who sends thousands
fills it for no longer than it takes to work off one."""


def hand_out(app: App, queue: Queue, stopped: Stopped = never) -> None:
    """Puts mails that are due into the queue, in their turn, also those that the queue lost. Raises Unavailable."""
    app.blobs.unspool(stopped)
    already = queue.handed_out()
    room = _AHEAD - len(already)
    if room <= 0:
        return
    with app.database.read() as tx:
        rows = turns.pending(tx, _AHEAD + len(already), now=app.clock())
    chosen = [row for row in rows if row.id not in already][:room]
    last = behind.next_mails(app, room - len(chosen), already)
    queue.hand_out({row.id: row.turn for row in chosen} | {row.id: behind.LAST_TURN for row in last})


def work(app: App, queue: Queue, stopping: threading.Event) -> None:
    """Processes what is handed out, `app.places` mails at once, until told to stop; what is in hand is finished."""
    told: set[str] = set()

    def process(mail: int) -> None:
        report = PassReport()
        with suppress(Unavailable):  # the work itself will say so
            refresh(app)
        laid_down = not processing.process_one(app, mail, report)
        for failure in report.failures:
            if failure not in told:  # what is to be mended is logged once, not for every mail
                log.warning("needs_mending", what=failure)
        told.clear()
        told.update(report.failures)
        if laid_down:
            stopping.wait(_LAID_DOWN)

    queue.work(process, stopping, places=app.places, resting=lambda: app.stages.beat("process"))


_LAID_DOWN = 2.0
"""Seconds. While the virus scanner of a machine, or the archive, does not serve, mails are handed out and laid down again: not more
often than this."""
