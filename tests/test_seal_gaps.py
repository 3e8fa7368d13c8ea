"""The foot of a seal is the arc from which its name is read: told by ink alone, without a recogniser."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from parsers.seal_foot import is_hidden
from parsers.seal_gaps import gaps
from parsers.seal_geometry import Ring
from parsers.seal_unroll import disc, unroll
from samples.maker.seals import MM_PER_INCH, draw_seal, stamp
from tests.test_seals import DPI, FACES, blank, scanned

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
