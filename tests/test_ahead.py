"""One ahead: the order stays, no more than one thing is made before it is wanted, and what making raises waits its turn."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextvars import ContextVar

import pytest

from ingest.ahead import one_ahead

_NAME: ContextVar[str] = ContextVar("name")


def test_the_next_is_made_meanwhile_and_no_more() -> None:
    begun = [threading.Event() for _ in range(4)]

    def counting() -> Generator[int, None, None]:
        for number in range(4):
            begun[number].set()
            yield number

    items = one_ahead(counting())
    assert next(items) == 0
    assert begun[1].wait(10), "made without being asked for"
    assert not begun[2].is_set()
    assert list(items) == [1, 2, 3]


def test_what_making_raises_comes_after_the_items_before_it() -> None:
    def breaking() -> Generator[int, None, None]:
        yield 1
        yield 2
        raise ConnectionError

    had = []
    with pytest.raises(ConnectionError):
        for item in one_ahead(breaking()):
            had.append(item)
    assert had == [1, 2]


def test_who_stops_early_closes_what_makes() -> None:
    closed = []

    def closing() -> Generator[int, None, None]:
        try:
            while True:
                yield 0
        finally:
            closed.append(True)

    items = one_ahead(closing())
    next(items)
    items.close()  # type: ignore[attr-defined]
    assert closed == [True]


def test_logs_keep_their_context() -> None:
    def naming() -> Generator[str, None, None]:
        yield _NAME.get()

    _NAME.set("main")
    assert list(one_ahead(naming())) == ["main"]
