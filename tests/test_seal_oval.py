"""A rim is followed as an ellipse, from a circle that was laid beside it."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.seal_geometry import Ring, shares
from parsers.seal_marks import InkMap
from parsers.seal_oval import followed


def drawn(ring: Ring, side: int = 260) -> InkMap:
    """The rim in ink, a line 3 pixels wide."""
    density = np.zeros((side, side), np.float32)
    axes = (round(ring.a * 16), round(ring.b * 16))
    centre = (round(ring.x * 16), round(ring.y * 16))
    cv2.ellipse(density, centre, axes, math.degrees(ring.tilt), 0, 360, 1.0, 3, cv2.LINE_AA, 4)
    return InkMap(density=density, hidden=np.zeros(density.shape, bool), noise=0.0)


@settings(max_examples=30, deadline=None)
@given(
    ratio=st.floats(0.78, 1.0), tilt=st.floats(0, math.pi), across=st.floats(-6, 6), down=st.floats(-6, 6), grow=st.floats(0.95, 1.05)
)  # fmt: skip
def test_the_ellipse_is_found_from_a_circle_near_it(
    ratio: float, tilt: float, across: float, down: float, grow: float
) -> None:
    a, b = 66 / math.sqrt(ratio), 66 * math.sqrt(ratio)
    rim = Ring(x=130, y=128, a=a, b=b, tilt=tilt)
    ink = drawn(rim)
    start = shares(ink, Ring(x=rim.x + across, y=rim.y + down, a=66 * grow, b=66 * grow))
    found = followed(ink, start)
    if found is not start:  # the circle was no better than the ellipse
        assert (found.x, found.y) == pytest.approx((rim.x, rim.y), abs=0.8)
        assert (found.a, found.b) == pytest.approx((a, b), abs=1.2)
    assert found.coverage > 0.9


def test_a_rim_of_which_little_is_left_is_not_made_up() -> None:
    rim = Ring(x=130, y=128, a=66, b=66)
    ink = drawn(rim)
    ink.density[:, :170] = 0.0
    start = shares(ink, Ring(x=126, y=128, a=66, b=66))
    assert followed(ink, start) is start
