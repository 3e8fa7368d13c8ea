"""What of a pressed stamp a person could read: letters that lie off the page or under another stamp's ink are lost.

Red ink on red ink cannot be told apart, so this is geometry: where the letters of one plate lie under rim, letters or star of
another. What makes a seal official is that nothing stands under its star, so that place must be seen as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from samples.maker.seals import name_arc
from samples.maker.stamp_plans import Span, StampPlan

_LOST, _BLURRED = 0.4, 0.25
"""Share of a letter's field under other ink, and under other letters, from which it cannot be read: a rim of 1.4 mm across it
covers 0.3, and leaves its strokes where they were."""
_GRID = (-0.4, -0.2, 0.0, 0.2, 0.4)
_FOOT = tuple((across, down) for down in (0.46, 0.54, 0.62) for across in (-0.4, -0.2, 0.0, 0.2, 0.4))
"""Spots of the place under the star, in shares of the radius: a line of letters stands from 0.46 to 0.66."""
_STAR = 0.25
"""Radius of what a star inks for the most part, as a share of the seal's."""


def readable(plan: StampPlan) -> bool:
    """Whether the stamp, or one of the same name beside it, is hardly worn and nothing lies over what it says."""
    stamps = (plan, *plan.others)
    twins = [each for each in stamps if each is plan or (each.name, each.bottom) == (plan.name, plan.bottom)]
    return any(each.clean and _free(each, [other for other in stamps if other is not each]) for each in twins)


def on_page(plan: StampPlan, centre: Span, page: Span) -> bool:
    """Whether every letter and the place under the star lie on the page; `centre` and `page` (width, height) in mm."""
    spots = [spot for field in _letters(plan) for spot in field] + _under_star(plan)
    return all(0 <= centre[0] + x <= page[0] and 0 <= centre[1] + y <= page[1] for x, y in spots)


def _free(plan: StampPlan, others: list[StampPlan]) -> bool:
    def lost(spots: list[Span]) -> bool:
        lines = sum(any(_rim_or_star(other, spot) for other in others) for spot in spots)
        strokes = sum(any(_letter(other, spot) for other in others) for spot in spots)
        return lines + strokes > _LOST * len(spots) or strokes > _BLURRED * len(spots)

    return not any(lost(field) for field in (*_letters(plan), _under_star(plan)))


def _letters(plan: StampPlan) -> Iterator[list[Span]]:
    """Spots of each letter's field round the rim, in mm from where the stamps are pressed."""
    middle, height, step, width = _band(plan)
    for place in range(len(plan.name)):
        turn = (place - (len(plan.name) - 1) / 2) * step
        yield [
            _turned(plan, (middle + down * height) * math.sin(turn + across * width / middle),
                    -(middle + down * height) * math.cos(turn + across * width / middle))
            for across in _GRID for down in _GRID
        ]  # fmt: skip


def _under_star(plan: StampPlan) -> list[Span]:
    return [_turned(plan, across * plan.diameter / 2, down * plan.diameter / 2) for across, down in _FOOT]


def _band(plan: StampPlan) -> tuple[float, float, float, float]:
    """Radius of the letters' middles, their height (mm), the angle from one to the next (radians), their width (mm)."""
    radius = plan.diameter / 2
    height = radius * plan.tall
    middle = radius - plan.rim - radius * 0.055 - height / 2
    step = math.radians(name_arc(plan.name, plan.bottom)) / max(len(plan.name) - 1, 1)
    return middle, height, step, min(height * 0.88, step * middle * 0.86)


def _turned(plan: StampPlan, x: float, y: float) -> Span:
    """A spot of the upright plate as it is pressed (an oval plate is taken for round)."""
    turn = math.radians(plan.rotation)
    cos, sin = math.cos(turn), math.sin(turn)
    return plan.offset[0] + x * cos - y * sin, plan.offset[1] + x * sin + y * cos


def _rim_or_star(plan: StampPlan, spot: Span) -> bool:
    far, radius = math.hypot(*_upright(plan, spot)), plan.diameter / 2
    return radius - plan.rim - 0.2 <= far <= radius + 0.2 or (plan.centre != "none" and far < _STAR * radius)


def _letter(plan: StampPlan, spot: Span) -> bool:
    """Whether the field of a letter lies there, round the rim or in the line under the star."""
    x, y = _upright(plan, spot)
    radius = plan.diameter / 2
    if plan.bottom and 0.46 * radius <= y <= 0.66 * radius and abs(x) < 0.6 * radius:
        return True
    middle, height, step, width = _band(plan)
    place = math.atan2(x, -y) / step + (len(plan.name) - 1) / 2
    beside = abs(place - round(place)) * step * middle
    return (
        -0.5 <= place <= len(plan.name) - 0.5 and beside <= width / 2 and abs(math.hypot(x, y) - middle) <= height / 2
    )


def _upright(plan: StampPlan, spot: Span) -> Span:
    """The spot seen from the middle of the upright plate."""
    turn = math.radians(-plan.rotation)
    dx, dy = spot[0] - plan.offset[0], spot[1] - plan.offset[1]
    return dx * math.cos(turn) - dy * math.sin(turn), dx * math.sin(turn) + dy * math.cos(turn)
