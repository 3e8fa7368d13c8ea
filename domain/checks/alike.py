"""Which of many rows need a look: what many of them say alike is looked at once, for all.

A large return repeats itself: forty apps in a hundred thousand rows. What it is found by must not hang on anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from domain.sheet import Row, Says


def places_where(rows: Iterable[Row], keys: Sequence[str], is_so: Callable[[Row], bool]) -> Iterator[int]:
    """Places of the rows of which `is_so`, in their order. It must hang on nothing but what a row says in the columns `keys`."""
    known: dict[tuple[Says | None, ...], bool] = {}
    for at, row in enumerate(rows):
        said = row.said_in(keys)
        answer = known.get(said)
        if answer is None:
            answer = known[said] = is_so(row)
        if answer:
            yield at


def texts_of(rows: Iterable[Row]) -> set[str]:
    """All texts of their cells, each once."""
    found: set[str] = set()
    for row in rows:
        found.update(row.texts)
    return found
