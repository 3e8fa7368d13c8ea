"""An end in time for a request over a network, whatever hangs: the other side, the line, or the name server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from storage.errors import Unavailable

T = TypeVar("T")

_IN_FLIGHT = threading.BoundedSemaphore(64)
"""Requests, also those that nobody waits for any more: a store that answers none shall not fill the process with them."""


def within(seconds: float, request: Callable[[], T], whose: str) -> T:
    """In a thread that dies with the process, however long it hangs. Raises Unavailable when the time is over."""
    if not _IN_FLIGHT.acquire(timeout=seconds):
        raise Unavailable(f"{whose} leaves too many requests without an answer")
    made: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            made.append(request())
        except BaseException as error:  # noqa: BLE001  handed on to who waits
            raised.append(error)
        finally:
            _IN_FLIGHT.release()

    thread = threading.Thread(target=run, name="s3", daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if not made:
        raise Unavailable(f"{whose} gave no answer within {seconds:.3g} s")
    return made[0]
