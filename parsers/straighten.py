"""Turn a page upright and square: skew, quarter turns, and the perspective of a photograph by its table's corners."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.cover import Box
from parsers.quality import even_light, ink_mask, without_red

Pixels = NDArray[np.uint8]
Matrix = NDArray[np.float64]

_SKEW_SIDE = 1400
_LEAST_SKEW = 0.05  # degrees: below it turning only blurs
_ENOUGH_LINES = 3.0  # times the longer side: so much ruling tells the skew better than print does
_MAX_SIDE = 4200


@dataclass(frozen=True, kw_only=True, eq=False)
class Upright:
    """A page as it is read. `matrix` (3x3) takes pixels of the page as received to pixels of `rgb`; `received` is the
    received (height, width). `turned`: degrees clockwise undone, `skew`: degrees undone beside them."""

    rgb: Pixels
    matrix: Matrix
    received: tuple[int, int]
    turned: int = 0
    skew: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Corners:
    """Corners of the table's frame in pixels, each (x, y)."""

    top_left: tuple[float, float]
    top_right: tuple[float, float]
    bottom_right: tuple[float, float]
    bottom_left: tuple[float, float]

    def array(self) -> NDArray[np.float32]:
        return np.array([self.top_left, self.top_right, self.bottom_right, self.bottom_left], dtype=np.float32)


def upright(rgb: Pixels) -> Upright:
    """The page as received, nothing undone yet."""
    return Upright(rgb=rgb, matrix=np.eye(3), received=(rgb.shape[0], rgb.shape[1]))


def deskew(page: Upright) -> Upright:
    """Undo what tilt against the nearest quarter turn the ruling lines, or else the lines of print, show."""
    angle = find_skew(page.rgb)
    if abs(angle) < _LEAST_SKEW:
        return page
    height, width = page.rgb.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    cos, sin = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    size = (math.ceil(width * cos + height * sin), math.ceil(width * sin + height * cos))
    turn[:, 2] += ((size[0] - width) / 2, (size[1] - height) / 2)
    step = np.vstack([turn, [0.0, 0.0, 1.0]])
    return _warped(page, step, size, turned=page.turned, skew=page.skew + angle)


def quarter_turn(page: Upright, degrees: int) -> Upright:
    """Turn the page by 0, 90, 180 or 270 degrees clockwise."""
    quarters = degrees // 90 % 4
    if quarters == 0:
        return page
    height, width = page.rgb.shape[:2]
    steps = {
        1: [[0, -1, height - 1], [1, 0, 0], [0, 0, 1]],
        2: [[-1, 0, width - 1], [0, -1, height - 1], [0, 0, 1]],
        3: [[0, 1, 0], [-1, 0, width - 1], [0, 0, 1]],
    }
    return Upright(
        rgb=np.ascontiguousarray(np.rot90(page.rgb, -quarters)),
        matrix=np.array(steps[quarters], dtype=np.float64) @ page.matrix,
        received=page.received,
        turned=(page.turned + degrees) % 360,
        skew=page.skew,
    )


def square_up(page: Upright, corners: Corners) -> Upright:
    """Make the frame a rectangle of its own mean width and height; the rest of the page follows."""
    source = corners.array()
    width = (math.dist(source[0], source[1]) + math.dist(source[3], source[2])) / 2
    height = (math.dist(source[0], source[3]) + math.dist(source[1], source[2])) / 2
    centre = source.mean(axis=0)
    half = np.array([[-width, -height], [width, -height], [width, height], [-width, height]], dtype=np.float32) / 2
    step = cv2.getPerspectiveTransform(source, (centre + half).astype(np.float32)).astype(np.float64)
    rows, columns = page.rgb.shape[:2]
    edge = np.array([[[0, 0], [columns, 0], [columns, rows], [0, rows]]], dtype=np.float64)
    moved = cv2.perspectiveTransform(edge, step)[0]
    low, high = moved.min(axis=0), moved.max(axis=0)
    low, high = np.maximum(low, -0.25 * max(rows, columns)), np.minimum(high, 1.25 * max(rows, columns))
    shift = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]], dtype=np.float64)
    size = (min(_MAX_SIDE, math.ceil(high[0] - low[0])), min(_MAX_SIDE, math.ceil(high[1] - low[1])))
    return _warped(page, shift @ step, size, turned=page.turned, skew=page.skew)


def box_as_received(page: Upright, x0: float, y0: float, x1: float, y1: float) -> Box:
    """A rectangle in pixels of the upright page as the rectangle round it on the page as received, in fractions."""
    corners = np.array([[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]], dtype=np.float64)
    back = cv2.perspectiveTransform(corners, np.linalg.inv(page.matrix))[0]
    low = np.clip(back.min(axis=0) / (page.received[1], page.received[0]), 0.0, 1.0)
    high = np.clip(back.max(axis=0) / (page.received[1], page.received[0]), 0.0, 1.0)
    return Box(
        x0=round(float(low[0]), 5), y0=round(float(low[1]), 5), x1=round(float(high[0]), 5), y1=round(float(high[1]), 5)
    )


def find_skew(rgb: Pixels) -> float:
    """Degrees, about -10 to 10, by which the page must be turned counterclockwise, by long lines and else by print."""
    scale = min(1.0, _SKEW_SIDE / max(rgb.shape[:2]))
    small: Pixels = np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    ink = ink_mask(even_light(without_red(small)))
    slopes = [slope for horizontal in (True, False) for slope in _slopes(ink, horizontal=horizontal)]
    if sum(length for _, length in slopes) < _ENOUGH_LINES * max(ink.shape):  # hairlines leave bits, as bold print does
        return _skew_of_print(ink)
    angles = np.degrees(np.arctan([slope for slope, _ in slopes]))
    lengths = np.array([length for _, length in slopes])
    order = np.argsort(angles)
    half = np.searchsorted(np.cumsum(lengths[order]), lengths.sum() / 2)
    return float(angles[order][half])


def _slopes(ink: Pixels, *, horizontal: bool) -> list[tuple[float, float]]:
    """(slope, length) of long thin lines near one direction, both counted as a turn of the page would have them."""
    upright_ink = ink if horizontal else np.ascontiguousarray(ink.T)
    side = max(ink.shape)
    wide = cv2.dilate(upright_ink, np.ones((5, 1), np.uint8))
    runs = cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((1, side // 45), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(runs, dtype=np.uint8))
    found = []
    for label in range(1, count):
        x, y, width, height = (int(value) for value in stats[label][:4])
        if width < 0.1 * side or height > 0.2 * width + 8 or stats[label][4] > 14 * width:
            continue
        rows, columns = np.nonzero(labels[y : y + height, x : x + width] == label)
        slope = float(np.polyfit(columns, rows, 1)[0])
        found.append((slope if horizontal else -slope, float(width)))
    return found


def _skew_of_print(ink: Pixels) -> float:
    """The angle within 6 degrees at which rows (or columns) of pixels differ most in ink: lines of print lie level."""
    small = np.asarray(cv2.resize(ink, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
    coarse = _levelled(small, np.arange(-6.0, 6.01, 0.25))
    return _levelled(small, coarse + np.arange(-0.2, 0.21, 0.05))


def _levelled(ink: Pixels, angles: Matrix) -> float:
    """Of the angles the one that makes the steepest rows or columns; the nearest to the middle of those alike."""
    height, width = ink.shape
    best, best_score = 0.0, -1.0
    for angle in sorted(angles.tolist(), key=lambda each: abs(each - float(angles.mean()))):
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(angle), 1.0)
        turned = cv2.warpAffine(ink, turn, (width, height), flags=cv2.INTER_NEAREST)
        score = max(float((np.diff(turned.sum(axis=side, dtype=np.float64)) ** 2).sum()) for side in (0, 1))
        if score > best_score * 1.001:
            best, best_score = float(angle), score
    return best


def _warped(page: Upright, step: Matrix, size: tuple[int, int], *, turned: int, skew: float) -> Upright:
    paper = tuple(float(value) for value in np.median(page.rgb[::16, ::16].reshape(-1, 3), axis=0))
    rgb = cv2.warpPerspective(page.rgb, step, size, flags=cv2.INTER_CUBIC, borderValue=paper)
    return Upright(
        rgb=np.asarray(rgb, dtype=np.uint8),
        matrix=step @ page.matrix,
        received=page.received,
        turned=turned,
        skew=skew,
    )
