"""What shines through from the back of a sheet is no print; pale print that can be read is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from parsers.ocr import Line
from parsers.show_through import shines_through, usual_darkness

Pixels = NDArray[np.uint8]


def crop(level: int) -> Pixels:
    made = np.full((30, 120), 250, dtype=np.uint8)
    made[5:25, 10:110:8] = level
    return made


def line(confidence: float) -> Line:
    return Line(text="学校", confidence=confidence, lattice=())


@pytest.mark.parametrize(
    ("level", "confidence", "through"),
    [(190, 0.2, True), (190, 0.98, False), (40, 0.2, False), (120, 0.2, False)],
    ids=["back of the sheet", "pale word", "smudged print", "worn print"],
)
def test_what_is_pale_and_hardly_read_shines_through(level: int, confidence: float, through: bool) -> None:
    usual = usual_darkness([crop(60)] * 10, [line(0.99)] * 10)
    assert shines_through(crop(level), line(confidence), usual) is through


@pytest.mark.parametrize(("count", "confidence"), [(0, 0.99), (7, 0.99), (30, 0.7)])
def test_a_page_of_which_little_was_read_surely_tells_nothing(count: int, confidence: float) -> None:
    usual = usual_darkness([crop(60)] * count, [line(confidence)] * count)
    assert usual == 0
    assert not shines_through(crop(190), line(0.1), usual)
