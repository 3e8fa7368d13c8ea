"""Becoming the one worker of a database, at once or when the one before has ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import structlog

from ingest.service import Service
from storage.database import Database
from storage.errors import Busy, Unavailable
from storage.lock import Held

log = structlog.get_logger(__name__)

WAIT_SECONDS = 10
"""Between two tries: with the half minute after which a server gives up a client, another takes over within a minute."""


@contextmanager
def as_worker(
    database: Database, *, waits: bool, service: Service, pause: Callable[[float], object] | None = None
) -> Iterator[Held]:
    """Held by the one worker. Where another holds it, raises Busy, or, with `waits`, tries until it is free; systemd hears
    meanwhile that this process is well. `pause`: waits so many seconds."""
    pause = pause or threading.Event().wait
    told = False
    with ExitStack() as stack:
        while True:
            try:
                held = stack.enter_context(database.sole_worker())
                break
            except (Busy, Unavailable) as error:
                if not waits:
                    raise
                if not told:
                    log.info("standing_by", why=str(error))
                    service.ready()
                told = True
            for _ in range(WAIT_SECONDS):
                service.alive()
                pause(1.0)
        yield held
