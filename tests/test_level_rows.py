"""Rows of a photographed page without ruling are levelled by the slopes of its print, however its cells are wrapped."""

from __future__ import annotations

import random

import numpy as np
import pytest

from parsers.level_rows import askew
from parsers.print_lines import Area

LEFTS = (100, 400, 900, 1500, 1800, 2200)
WIDTH, HIGH, PITCH, TOP, ROWS = 2400, 36, 70, 300, 14


def lines(above: float, below: float, *, wrapped: tuple[int, ...] = (), jitter: float = 1.0) -> list[Area]:
    """Lines of a page whose rows slope by `above` at the top and `below` at the bottom; those columns have two lines a cell."""
    rng, found = random.Random(5), []
    for row in range(ROWS):
        slope = above + (below - above) * row / (ROWS - 1)
        for at, left in enumerate(LEFTS):
            middle = TOP + row * PITCH + slope * (left - WIDTH / 2) + rng.uniform(-jitter, jitter)
            for down in (-0.5, 0.5) if at in wrapped else (0.0,):
                y = round(middle + down * 0.9 * HIGH - HIGH / 2)
                found.append(Area(x0=left, y0=y, x1=left + 160 + rng.randint(0, 60), y1=y + HIGH))
    return found


@pytest.mark.parametrize("wrapped", [(), (0, 2), (2,)])
@pytest.mark.parametrize(("above", "below"), [(0.012, -0.012), (-0.01, 0.01), (0.008, 0.0)])
def test_rows_that_run_apart_are_told_from_their_print(above: float, below: float, wrapped: tuple[int, ...]) -> None:
    found = askew(lines(above, below, wrapped=wrapped))
    assert found is not None
    top, bottom = ((b[1] - a[1]) / (b[0] - a[0]) for a, b in ((found.top_left, found.top_right),
                                                             (found.bottom_left, found.bottom_right)))  # fmt: skip
    assert (top, bottom) == pytest.approx((above, below), abs=0.003)
    assert found.top_left[1] < TOP + PITCH
    assert found.bottom_left[1] > TOP + (ROWS - 2) * PITCH


@pytest.mark.parametrize("wrapped", [(), (0, 2), (0, 1, 3)])
def test_level_rows_are_left_as_they_are(wrapped: tuple[int, ...]) -> None:
    assert askew(lines(0.0, 0.0, wrapped=wrapped)) is None


def test_of_a_few_lines_nothing_is_told() -> None:
    assert askew([]) is None
    assert askew(lines(0.01, 0.01)[:12]) is None
    column = [Area(x0=100, y0=y, x1=300, y1=y + HIGH) for y in np.arange(0, 3000, PITCH).tolist()]
    assert askew(column) is None


def test_of_a_few_rows_nothing_is_told_about_the_page() -> None:
    assert (
        askew([Area(x0=60 * at, y0=300 + 4 * (at % 2), x1=60 * at + 40, y1=336 + 4 * (at % 2)) for at in range(40)])
        is None
    )
    one, two = (
        [
            Area(x0=60 * at, y0=round(y + s * 60 * at), x1=60 * at + 40, y1=round(y + s * 60 * at) + 36)
            for at in range(40)
        ]
        for y, s in ((300, 0.05), (500, -0.05))
    )
    assert askew([*one, *two]) is None
