"""Which sides of a table's cells are ruled: by the ink along them, under a seal, and where a line is a pale hairline."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_HAIRLINE = 0.12  # of the usual contrast of a ruling line: what a pale stretch of one still has
_SAMPLE = 24  # sides that tell how dark this table's lines are
_LEAST_CONTRAST = 12.0  # levels below the paper (250)
_BEYOND, _OVER = 0.6, 5.0
"""Of a row's height, and in pixels: how far verticals stand out where a first or last line was missed."""
_DOUBLE, _MARGIN = 1.6, 0.25
"""Of the usual row's height, and of a row: where a line between two rows may have been missed."""
_AS_DARK = 0.5  # of the usual contrast of a line from side to side: what shines through from the back has a quarter
_NEARLY_ALL = 0.7
"""Of a line from side to side that is drawn, though a seal lies over a sixth of it: of a row of bold print less is ink."""
EDGE_PRESENT = 0.45  # share of a cell's side that must be ruled; a scanner's gaps leave more, a merged cell none


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A ruling line: across = slope * along + offset, from `start` to `end` along it (pixels). For a horizontal line
    `along` is x and `across` y, for a vertical one the reverse."""

    slope: float
    offset: float
    start: float
    end: float

    def at(self, along: float) -> float:
        return self.slope * along + self.offset

    @property
    def middle(self) -> float:
        return self.at((self.start + self.end) / 2)


def crossing(horizontal: Rule, vertical: Rule) -> tuple[float, float]:
    x = (vertical.slope * horizontal.offset + vertical.offset) / (1 - vertical.slope * horizontal.slope)
    return x, horizontal.at(x)


def coverage(mask: Pixels, rules: tuple[Rule, ...], others: tuple[Rule, ...]) -> NDArray[np.float64]:
    """[line, interval between `others`] → the share of it that is drawn. `mask` has the lines along x."""
    result = np.zeros((len(rules), len(others) - 1))
    thick = cv2.dilate(mask, np.ones((9, 5), np.uint8))
    for place, rule in enumerate(rules):
        bounds = [crossing(rule, other)[0] for other in others]
        for interval in range(len(others) - 1):
            along = np.arange(bounds[interval] + 3, bounds[interval + 1] - 3)
            x = np.clip(along.astype(np.int64), 0, mask.shape[1] - 1)
            y = np.clip(np.rint(rule.slope * along + rule.offset).astype(np.int64), 0, mask.shape[0] - 1)
            result[place, interval] = float(thick[y, x].mean()) if len(x) else 1.0
    return result


def ruled_down(
    down: Pixels, covered: Pixels | None, verticals: tuple[Rule, ...], horizontals: tuple[Rule, ...]
) -> NDArray[np.bool_]:
    """[vertical, row] → whether the line stands in that row; both masks have `verticals` along x.

    In a row that is ruled for the most part, a line that cannot be seen under the seal is there; a row with few lines,
    such as a title in the frame, is merged.
    """
    seen = coverage(down, verticals, horizontals) >= EDGE_PRESENT
    if covered is None:
        return np.asarray(seen)
    around = np.asarray(cv2.dilate(covered, np.ones((9, 9), np.uint8)), dtype=np.uint8)
    allowed = coverage(down | around, verticals, horizontals) >= EDGE_PRESENT
    mostly = seen.mean(axis=0) >= 0.6
    return np.asarray(seen | (allowed & mostly[None, :]))


def with_hairlines(
    grey: Pixels, rules: tuple[Rule, ...], others: tuple[Rule, ...], seen: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """`seen` and the sides whose line is paler than the ink's threshold, yet there all along. `grey` has `rules` along x."""
    doubted, known = np.argwhere(~seen), np.argwhere(seen)
    if not len(doubted) or not len(known):
        return seen
    bounds = [[crossing(rule, other)[0] for other in others] for rule in rules]

    def contrast(place: NDArray[np.intp]) -> float:
        at, interval = int(place[0]), int(place[1])
        return _line_contrast(grey, rules[at], bounds[at][interval] + 4, bounds[at][interval + 1] - 4)

    usual = float(np.median([contrast(place) for place in known[:: max(1, len(known) // _SAMPLE)]]))
    found = seen.copy()
    for place in doubted:
        found[tuple(place)] = contrast(place) >= max(_HAIRLINE * usual, _LEAST_CONTRAST)
    return found


def through_lines(grey: Pixels, rules: tuple[Rule, ...], left: Rule, right: Rule) -> tuple[Rule, ...]:
    """Those of the rules that are drawn from side to side, as dark as most: a row of bold print is not."""
    contrasts = [_across(grey, rule, left, right) for rule in rules]
    least = _AS_DARK * float(np.median(contrasts)) if contrasts else 0.0
    return tuple(rule for rule, contrast in zip(rules, contrasts, strict=True) if contrast >= least)


def with_missed(grey: Pixels, rules: tuple[Rule, ...], verticals: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """`rules` (level lines, top to bottom) and those between two of them that are far apart, or beyond the first or last where
    the verticals go on, where a hairline as dark as the others runs from side to side. A row of wrapped print is as high,
    but has no line in it."""
    row = float(np.median([below.middle - above.middle for above, below in itertools.pairwise(rules)]))
    sides = (verticals[0], verticals[-1])
    least = max(_AS_DARK * float(np.median([_across(grey, rule, *sides) for rule in rules])), _LEAST_CONTRAST)
    ends = (np.median([each.start for each in verticals]), np.median([each.end for each in verticals]))
    found = list(rules)
    for place, end, sign in ((0, float(ends[0]), -1), (-1, float(ends[1]), 1)):
        beyond = sign * (end - found[place].middle)
        steps = np.arange(_BEYOND * row, beyond + _OVER, 1.0) if beyond > _BEYOND * row else np.empty(0)
        if line := _darkest(grey, found[place], sign * steps, sides, least):
            found.insert(0 if place == 0 else len(found), line)
    searched = 0
    while searched + 1 < len(found):
        space = found[searched + 1].middle - found[searched].middle
        steps = np.arange(_MARGIN * space, (1 - _MARGIN) * space, 2.0) if space >= _DOUBLE * row else np.empty(0)
        if line := _darkest(grey, found[searched], steps, sides, least):
            found.insert(searched + 1, line)  # and look for more above it
        else:
            searched += 1
    return tuple(found)


def _darkest(
    grey: Pixels, beside: Rule, steps: NDArray[np.float64], sides: tuple[Rule, Rule], least: float
) -> Rule | None:
    """Of the lines that lie so many pixels from one the darkest from side to side; None where none has that contrast."""
    candidates = [replace(beside, offset=beside.offset + float(step)) for step in steps]
    contrasts = [_across(grey, candidate, *sides) for candidate in candidates]
    return candidates[int(np.argmax(contrasts))] if max(contrasts, default=0.0) >= least else None


def _across(grey: Pixels, rule: Rule, left: Rule, right: Rule) -> float:
    start, end = crossing(rule, left)[0] + 4, crossing(rule, right)[0] - 4
    return _line_contrast(grey, rule, start, end, share=_NEARLY_ALL, step=4)


def _line_contrast(grey: Pixels, rule: Rule, start: float, end: float, *, share: float = 0.5, step: int = 1) -> float:
    """By how much the darkest of the lines beside the rule is darker than the paper about it, in `share` of its length, of which
    every `step`th pixel is looked at: print that crosses or stands beside it leaves no line as dark from end to end."""
    along = np.arange(start, end, step)
    if not len(along):
        return 0.0
    x = np.clip(along.astype(np.int64), 0, grey.shape[1] - 1)
    offsets = np.arange(-7, 8)
    y = np.rint(rule.slope * along + rule.offset)[None, :] + offsets[:, None]
    levels = np.quantile(grey[np.clip(y.astype(np.int64), 0, grey.shape[0] - 1), x], share, axis=1)
    near = np.abs(offsets) <= 2
    return float(np.median(levels[np.abs(offsets) >= 4]) - levels[near].min())
