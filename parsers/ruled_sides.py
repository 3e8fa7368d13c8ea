"""Which sides of a table's cells are ruled: by the ink along them, under a seal, and where a line is a pale hairline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_HAIRLINE = 0.12  # of the usual contrast of a ruling line: what a pale stretch of one still has
_SAMPLE = 24  # sides that tell how dark this table's lines are
_LEAST_CONTRAST = 12.0  # levels below the paper (250)
_OVER, _ROOM, _STEP = 5.0, 9.0, 4.0
"""Pixels: how far beyond the verticals' ends a first or last line may lie, how near to another one there is no further (at 300 dpi
more: its own thickness), and how far apart the points are that tell of one."""
_NARROWEST = 32  # pixels between the outer verticals: nearer ones are no table's
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
    """`rules` (level lines, top to bottom) and those that were missed as far as the verticals go, where a hairline as dark as
    the others runs from side to side. A row of wrapped print is as high, but has no line in it."""
    sides = (verticals[0], verticals[-1])
    least = max(_AS_DARK * float(np.median([_across(grey, rule, *sides) for rule in rules])), _LEAST_CONTRAST)
    top, bottom = (float(np.median([getattr(each, end) for each in verticals])) for end in ("start", "end"))
    middle = (sides[0].at((top + bottom) / 2), sides[1].at((top + bottom) / 2))
    if middle[1] - middle[0] < _NARROWEST:
        return rules
    tilt, centre, room = _tilts(rules, middle[0]), sum(middle) / 2, max(_ROOM, max(grey.shape) / 150)
    levels = np.arange(max(top - _OVER, 0), min(bottom + _OVER, grey.shape[0] - 1))
    about = np.arange(levels[0] - 7, levels[-1] + 7.5) if len(levels) else np.empty(0)
    contrasts = _contrasts(grey, about, tilt(about), middle) if len(levels) else np.empty(0)
    found = list(rules)
    for at in np.argsort(-contrasts):
        if contrasts[at] < least:
            break
        level, slope = float(levels[at]), float(tilt(levels[at]))
        line = Rule(slope=slope, offset=level - slope * middle[0], start=middle[0], end=middle[1])
        if all(abs(line.middle - other.at(centre)) > room for other in found):
            found.append(line)
    return tuple(sorted(found, key=lambda rule: rule.at(centre)))


def _tilts(rules: tuple[Rule, ...], left: float) -> Callable[[NDArray[np.float64] | float], NDArray[np.float64]]:
    """The slope of a level line that crosses the left side at some height: between those of the lines that are known, which
    differ on a photograph."""
    heights, slopes = [rule.at(left) for rule in rules], [rule.slope for rule in rules]
    if len(rules) < 3 or np.ptp(heights) < 1.0:
        usual = float(np.median(slopes))
        return lambda height: np.full(np.shape(height), usual)
    fit = np.polynomial.Polynomial.fit(heights, slopes, 1)
    return lambda height: np.asarray(fit(height), dtype=np.float64)


def _contrasts(
    grey: Pixels, levels: NDArray[np.float64], slopes: NDArray[np.float64], sides: tuple[float, float]
) -> NDArray[np.float64]:
    """By how much each line that starts at a level on the left side is darker than what lies above and below it, in most of its
    length; `levels` are a pixel apart, and of the first and last seven nothing is told."""
    along = np.arange(sides[0] + 4, sides[1] - 4, _STEP)
    down = levels[:, None] + slopes[:, None] * (along - sides[0])[None, :]
    across = np.broadcast_to(along.astype(np.float32), down.shape)
    seen = cv2.remap(
        grey, np.ascontiguousarray(across), down.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    place = min(int(_NEARLY_ALL * seen.shape[1]), seen.shape[1] - 1)
    darkest = np.partition(seen, place, axis=1)[:, place].astype(np.float64)
    shifted = np.stack([darkest[7 + offset : len(darkest) - 7 + offset] for offset in range(-7, 8)])
    about = np.median(np.delete(shifted, np.s_[4:11], axis=0), axis=0)
    return np.asarray(about - shifted[5:10].min(axis=0), dtype=np.float64)


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
