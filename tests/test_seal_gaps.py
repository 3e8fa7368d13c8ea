"""The foot of a seal is the arc from which its name is read: told by ink alone, without a recogniser."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from parsers.ocr import Line
from parsers.seal_foot import is_hidden
from parsers.seal_gaps import gaps
from parsers.seal_geometry import Ring
from parsers.seal_reading import read_texts
from parsers.seal_unroll import disc, unroll
from parsers.seals import read_seals
from samples.maker.seals import MM_PER_INCH, draw_seal, stamp
from tests.test_seals import DPI, FACES, Silent, blank, scanned

MM = DPI / MM_PER_INCH
PAPER = np.array([[[251.0, 251.0, 249.0]]], np.float32)


def foot_of(
    name: str, bottom: str, number: str, *, at: tuple[float, float] = (105, 70), rotation: float = 0.0
) -> float:
    """Direction of the foot in degrees clockwise from the right."""
    seal = draw_seal(
        name, rng=random.Random(3), dpi=DPI, bottom=bottom, number=number, rotation=rotation, typeface=FACES[0]
    )
    page = scanned(stamp(blank(), seal, at, dpi=DPI))
    ring = Ring(x=at[0] * MM, y=at[1] * MM, a=21 * MM, b=21 * MM, coverage=1.0)
    return math.degrees(gaps(unroll(disc(page, ring, PAPER)))[0].angle)


@pytest.mark.parametrize("number", ["", "4109280012345"])
@pytest.mark.parametrize("bottom", ["", "办公室", "财务专用章"])
@pytest.mark.parametrize("name", ["范县教育局", "濮阳市濮阳县教育局", "濮阳经济技术开发区管理委员会教育和体育局"])
def test_the_foot_is_where_no_letter_of_the_name_stands(name: str, bottom: str, number: str) -> None:
    assert foot_of(name, bottom, number) == pytest.approx(90, abs=6)


def test_the_foot_turns_with_the_seal() -> None:
    assert foot_of("濮阳市濮阳县教育局", "", "", rotation=40.0) == pytest.approx(130, abs=4)


def test_an_arc_off_the_page_is_no_foot_where_another_may_be_it() -> None:
    assert foot_of("濮阳工业园区教育和体育局", "财务专用章", "", at=(105, 13)) == pytest.approx(90, abs=6)


@pytest.mark.parametrize(("arc", "found"), [(None, True), (355.0, False)])
def test_a_seal_without_an_arc_as_wide_as_a_foot_does_not_show_which_way_is_down(
    arc: float | None, found: bool
) -> None:
    seal = draw_seal(
        "濮阳市濮阳县教育局", rng=random.Random(3), dpi=DPI, arc_degrees=arc and arc * 8 / 9, typeface=FACES[0]
    )
    page = scanned(stamp(blank(), seal, (105, 70), dpi=DPI))
    ring = Ring(x=105 * MM, y=70 * MM, a=21 * MM, b=21 * MM, coverage=1.0)
    text = read_texts(disc(page, ring, PAPER), Silent())
    assert (text.down is not None) is found
    seals = read_seals(page, dpi=DPI, page=1, recogniser=Silent())
    assert [each.foot_hidden for each in seals] == [not found]


class Twice:
    """A reader that reads the name at its foot and, opened between two letters, a hair more surely."""

    def __init__(self, first: float, opened: float) -> None:
        self.sureness = iter([(0.5, 0), (first, 0), (first, 0), (first, 0), (opened, 3)])

    def read_lines(self, crops: Sequence[NDArray[np.uint8]], *, stretch: float = 1.0) -> list[Line]:
        return [self._line(*next(self.sureness, (0.5, 0))) for _ in crops]

    def _line(self, sure: float, turn: int) -> Line:
        text = "濮阳市清丰县教育局"[turn:] + "濮阳市清丰县教育局"[:turn]
        lattice = tuple(step for letter in text for step in (((letter, math.log(sure)),), (("", -0.01),)))
        return Line(text=text, confidence=sure, lattice=lattice, least=sure)


@pytest.mark.parametrize(
    ("first", "opened", "text"), [(0.96, 0.965, "濮阳市清丰县教育局"), (0.9, 1.0, "清丰县教育局濮阳市")]
)
def test_only_a_rim_read_clearly_better_from_another_arc_is_opened_there(
    first: float, opened: float, text: str
) -> None:
    seal = draw_seal("濮阳市清丰县教育局", rng=random.Random(3), dpi=DPI, typeface=FACES[0])
    page = scanned(stamp(blank(), seal, (105, 70), dpi=DPI))
    ring = Ring(x=105 * MM, y=70 * MM, a=21 * MM, b=21 * MM, coverage=1.0)
    read = read_texts(disc(page, ring, PAPER), Twice(first, opened), again=True)
    assert read.rim.text == text


RING = Ring(x=500, y=500, a=160, b=160)
DOWN = math.pi / 2


@pytest.mark.parametrize(
    ("others", "down", "hidden"),
    [
        ([], DOWN, False),
        ([], math.pi, False),
        ([Ring(x=500, y=720, a=160, b=160)], DOWN, True),  # its letters lie there
        ([Ring(x=500, y=720, a=160, b=160)], -DOWN, False),
        ([Ring(x=500, y=590, a=160, b=160)], DOWN, True),  # its star lies there
        ([Ring(x=880, y=500, a=160, b=160)], DOWN, False),
    ],
)
def test_another_seal_hides_the_place_under_the_star(others: list[Ring], down: float, hidden: bool) -> None:
    assert is_hidden(RING, down, others, (1000, 1000)) is hidden


@pytest.mark.parametrize(("y", "hidden"), [(500, False), (890, False), (930, True), (1100, True)])
def test_the_edge_of_the_page_hides_it(y: float, hidden: bool) -> None:
    assert is_hidden(Ring(x=500, y=y, a=160, b=160), DOWN, [], (1000, 1000)) is hidden
