"""What a person could read of a pressed stamp."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samples.maker.stamp_plans import Span, StampPlan
from samples.maker.stamp_sight import on_page, readable

PLAN = StampPlan(label="normal", name="范县教育局", seed=1)
OTHER = replace(PLAN, name="濮阳市第一高级中学")
PAGE_MM = (110.0, 110.0)


@pytest.mark.parametrize(
    ("offset", "told"),
    [((4.0, 0.0), False), ((38.0, 0.0), True), ((0.0, 27.0), False), ((-12.0, -12.0), False), ((43.0, 0.0), True)],
    ids=["on it", "along a letter's edge", "over the place under its star", "over its first letters", "beside it"],
)
def test_another_stamp_hides_what_it_lies_on(offset: Span, told: bool) -> None:
    assert readable(replace(PLAN, others=(replace(OTHER, offset=offset),))) is told


@pytest.mark.parametrize(("rotation", "told"), [(180.0, False), (90.0, True)])
def test_only_ink_hides(rotation: float, told: bool) -> None:
    """A letter on a letter hides it, a rim along its edge does not."""
    other = replace(PLAN, name="范县局", rotation=rotation, offset=(33.0, 0.0))
    assert readable(replace(PLAN, others=(other,))) is told


def test_a_twin_that_can_be_read_is_enough() -> None:
    hidden = replace(PLAN, faint=0.8)
    assert not readable(hidden)
    assert readable(replace(hidden, others=(replace(PLAN, offset=(44.0, 0.0)),)))
    assert not readable(replace(hidden, others=(replace(OTHER, offset=(44.0, 0.0)),)))


@pytest.mark.parametrize(
    ("centre", "rotation", "whole"),
    [
        ((55, 55), 0, True),
        ((10, 55), 0, False),
        ((55, 105), 0, False),
        ((4, 55), 90, False),
        ((55, 100), 180, False),
        ((55, 96), 0, True),  # the rim's foot may lie beyond the edge,
        ((55, 98), 0, False),  # the place under the star may not
    ],
)
def test_what_lies_on_the_page(centre: Span, rotation: float, whole: bool) -> None:
    assert on_page(replace(PLAN, rotation=rotation), centre, PAGE_MM) is whole


def test_letters_on_letters_blur_sooner_than_a_line_across_them() -> None:
    """At (31, 6) 局 lies under another letter by a third of its field; under as much of a rim it could be read."""
    beside = replace(OTHER, offset=(31.0, 6.0))
    assert not readable(replace(PLAN, others=(beside,)))
    assert readable(replace(PLAN, others=(replace(beside, name="县", rotation=90.0, rim=4.0),)))
