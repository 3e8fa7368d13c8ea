"""Work on one thing while the next is being had."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def one_ahead(items: Generator[T, None, None]) -> Iterator[T]:
    """The same items in the same order; while the caller has one, a thread makes the next, and no more than that.

    What making raises comes in its turn, after the items before it. Who stops early waits for the one being made. The
    thread has the context (of logs) of the first call.
    """
    context = copy_context()

    def make() -> tuple[T, ...]:
        return tuple(islice(items, 1))

    with closing(items), ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as thread:
        coming = thread.submit(context.run, make)
        while made := coming.result():
            coming = thread.submit(context.run, make)
            yield made[0]
