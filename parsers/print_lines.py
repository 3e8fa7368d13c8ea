"""Cut a page, or a cell of it, into crops of single printed lines, tight to the ink."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_EDGE = 5  # pixels at most that are peeled off a cell's sides as remains of ruling lines
_FULL = 0.7  # inked share of a row or column that is the rest of a line, and
_BLANK = 0.2  # of one that parts it from the print
_DUST = 5  # pixels: smaller blots are no print
_SPECK = 0.5  # of a character: a line no wider nor higher is a speck; even 一 alone is as wide as a character
_PALE = 5.0  # levels by which rows of pixels beside a line are darker than the others: a stroke,
_FLAT = 0.2  # of the line's height: and a flat one
_LINE = 0.7  # of a character: what is less high is no line of its own
_TALL = 1.6  # of a character: no line is higher
_BRIDGE = 0.15  # of its fullest row, and
_SPECK_WIDE = 0.3  # of a character: more ink in a row belongs to the characters of a larger print
_DOT, _APART = 0.25, 1.2
"""Of a character: no sign is so small and so far from its line. Of pale print no more than specks may show, but near by."""
_BETWEEN = 0.25  # of a line's height: columns stand no nearer to one another
_LONE = 0.4  # of a character: empty rows on both sides of a speck


@dataclass(frozen=True, kw_only=True)
class Area:
    """A rectangle in pixels: x0, y0 inclusive, x1, y1 exclusive."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0


def without_dust(ink: Pixels) -> Pixels:
    """The ink mask without blots of a few pixels."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    keep = stats[:, cv2.CC_STAT_AREA] >= _DUST
    keep[0] = False
    return np.asarray(keep[labels], dtype=np.uint8) if count > 1 else ink


def peel(ink: Pixels, area: Area) -> Area:
    """`area` less the remains of ruling lines along its sides."""
    inner = Area(x0=area.x0 + 2, y0=area.y0 + 2, x1=area.x1 - 1, y1=area.y1 - 1)
    if inner.width < 8 or inner.height < 8:
        return inner
    part = ink[inner.y0 : inner.y1, inner.x0 : inner.x1]
    top, bottom = _leading(part), _leading(part[::-1])
    left, right = _leading(part.T), _leading(part.T[::-1])
    return Area(x0=inner.x0 + left, y0=inner.y0 + top, x1=inner.x1 - right, y1=inner.y1 - bottom)


def _leading(part: Pixels) -> int:
    """How many rows to cut: up to just behind the last nearly full row within the first few, if blank follows. Dense print
    that touches the side of its cell is as full, but goes on; the 1 of a number in a low cell is, but ends where its
    neighbours end."""
    shares = part.mean(axis=1)
    marked = np.flatnonzero(shares[:_EDGE] > _FULL)
    end = int(marked[-1]) + 1 if len(marked) else 0
    if not end or shares[end : end + 2].min(initial=1.0) > _BLANK:
        return 0
    return end + 1 if _reaches_beyond(part[:end], part[end + 1 :]) else 0


def _reaches_beyond(line: Pixels, print_: Pixels) -> bool:
    """Whether the one spreads farther than the other along the rows, as ruling does beside print."""
    own, others = np.flatnonzero(line.any(axis=0)), np.flatnonzero(print_.any(axis=0))
    return not len(others) or bool(own[0] < others[0] - 1 or own[-1] > others[-1] + 1)


def line_areas(ink: Pixels, area: Area, character: float) -> list[Area]:
    """The printed lines within `area`, top to bottom, tight to the ink. `character`: usual height of print, pixels."""
    part = ink[area.y0 : area.y1, area.x0 : area.x1]
    if part.size == 0:
        return []
    found = []
    runs = [piece for run in _runs(part.any(axis=1)) for piece in _parted(part, run, character)]
    for top, bottom in _merged(_without_specks(part, runs, character), character):
        columns = _without_far_specks(part[top:bottom], character)
        line = Area(
            x0=area.x0 + int(columns[0]), y0=area.y0 + top, x1=area.x0 + int(columns[-1]) + 1, y1=area.y0 + bottom
        )
        if max(line.height, line.width) >= _SPECK * character:
            found.append(line)
    return found


def _without_far_specks(rows: Pixels, character: float) -> NDArray[np.intp]:
    """The inked columns of a line, less those of a speck of dust at either end."""
    runs = _runs(rows.any(axis=0))
    if len(runs) > 1 and _is_far_speck(rows, runs[-1], runs[-1][0] - runs[-2][1], character):
        runs.pop()
    if len(runs) > 1 and _is_far_speck(rows, runs[0], runs[1][0] - runs[0][1], character):
        runs.pop(0)
    return np.asarray([column for start, end in runs for column in (start, end - 1)], dtype=np.intp)


def _is_far_speck(rows: Pixels, run: tuple[int, int], gap: int, character: float) -> bool:
    start, end = run
    inked = np.flatnonzero(rows[:, start:end].any(axis=1))
    return gap >= _APART * character and max(end - start, int(inked[-1] - inked[0]) + 1) <= _DOT * character


def _runs(flags: NDArray[np.bool_] | np.bool_) -> list[tuple[int, int]]:
    """[start, end) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], np.atleast_1d(flags), [False]]).astype(np.int8)))
    return [(int(edges[at]), int(edges[at + 1])) for at in range(0, len(edges), 2)]


def _parted(part: Pixels, run: tuple[int, int], character: float) -> list[tuple[int, int]]:
    """A run of rows as high as several lines, cut where hardly any ink joins them: a speck, or a tail that touches."""
    start, end = run
    low, high = start + round(_LINE * character), end - round(_LINE * character)
    if end - start < _TALL * character or low >= high:
        return [run]
    inked = part[start:end].sum(axis=1)
    at = low + int(inked[low - start : high - start].argmin())
    if inked[at - start] > min(_BRIDGE * inked.max(), _SPECK_WIDE * character):
        return [run]
    return [*_parted(part, (start, at), character), *_parted(part, (at + 1, end), character)]


def _without_specks(part: Pixels, runs: list[tuple[int, int]], character: float) -> list[tuple[int, int]]:
    """Runs of rows but those of a lone speck, which would tear a line asunder. The dot of 六 stands nearer to its rest."""
    kept = []
    for at, (start, end) in enumerate(runs):
        above = start - runs[at - 1][1] if at else character
        below = runs[at + 1][0] - end if at + 1 < len(runs) else character
        columns = np.flatnonzero(part[start:end].any(axis=0))
        size = max(end - start, int(columns[-1] - columns[0]) + 1)
        if size >= _SPECK * character or min(above, below) < _LONE * character:
            kept.append((start, end))
    return kept


def _merged(runs: list[tuple[int, int]], character: float) -> list[tuple[int, int]]:
    """Runs of rows that belong to one line: 二 and 备 have empty rows inside, lines have some between them."""
    lines: list[tuple[int, int]] = []
    for start, end in runs:
        if lines and end - lines[-1][0] <= 1.3 * character:
            lines[-1] = (lines[-1][0], end)
        else:
            lines.append((start, end))
    return lines


def segments(ink: Pixels, area: Area, gap: float) -> list[Area]:
    """A line cut where more than `gap` pixels are empty: the label at the left and the one at the right."""
    part = ink[area.y0 : area.y1, area.x0 : area.x1].any(axis=0)
    pieces: list[tuple[int, int]] = []
    for start, end in _runs(part):
        if pieces and start - pieces[-1][1] <= gap:
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((start, end))
    found = []
    for start, end in pieces:
        rows = np.flatnonzero(ink[area.y0 : area.y1, area.x0 + start : area.x0 + end].any(axis=1))
        found.append(
            Area(x0=area.x0 + start, y0=area.y0 + int(rows[0]), x1=area.x0 + end, y1=area.y0 + int(rows[-1]) + 1)
        )
    return found


def pieces(ink: Pixels, area: Area) -> list[Area]:
    """The print of a line from left to right, parted where a quarter of its height and more is empty, dots (dust, ruling) left out."""
    part = ink[area.y0 : area.y1, area.x0 : area.x1]
    if part.size == 0:
        return []
    _, labels, stats, _ = cv2.connectedComponentsWithStats(part)
    print_ = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) > _DOT * area.height
    print_[0] = False
    found: list[Area] = []
    for start, end in _runs(print_[labels].any(axis=0)):
        if found and area.x0 + start - found[-1].x1 <= _BETWEEN * area.height:
            found[-1] = replace(found[-1], x1=area.x0 + end)
        else:
            found.append(replace(area, x0=area.x0 + start, x1=area.x0 + end))
    return found


def crop(even: Pixels, area: Area, character: float, within: Area | None = None) -> Pixels:
    """Pixels of a line with a little paper round it. A flat line (一, a dash) keeps the height of a character, else
    it would be read as a blot. `within` keeps the neighbours' ruling lines out."""
    pad = max(2, round(0.12 * character))
    grow = max(0, round((0.9 * character - area.height) / 2))
    outer = within or Area(x0=0, y0=0, x1=even.shape[1], y1=even.shape[0])
    top, bottom = max(outer.y0, area.y0 - pad - grow), min(outer.y1, area.y1 + pad + grow)
    left, right = max(outer.x0, area.x0 - pad), min(outer.x1, area.x1 + pad)
    if within:
        # A thin 一 at the end of a cell's line may be too pale for the ink mask: take in the paper where it would stand.
        reach = round(1.1 * character)
        left = _with_pale_ink(even[top:bottom], left, max(outer.x0, left - reach))
        right = _with_pale_ink(even[top:bottom], right, min(outer.x1, right + reach))
    cut = even[top:bottom, left:right]
    short = (area.height + 2 * (pad + grow)) - cut.shape[0]
    if short > 0:
        cut = np.asarray(
            cv2.copyMakeBorder(cut, short // 2, short - short // 2, 0, 0, cv2.BORDER_CONSTANT, value=(250,)), np.uint8
        )
    return cut


def _with_pale_ink(band: Pixels, near: int, far: int) -> int:
    """`far` if something pale and flat stands between the two columns, else `near`: what shines through from the back or is
    left of a seal is higher, and is read as letters."""
    strip = band[:, min(near, far) : max(near, far)]
    if strip.shape[1] < 3:
        return near
    levels = strip.mean(axis=1)
    paper = float(np.median(levels))
    dip = paper - float(levels.min())
    flat = float((levels < paper - dip / 2).mean())
    return far if dip > _PALE and flat < _FLAT else near


def character_height(ink: Pixels, areas: list[Area]) -> float:
    """The usual height of one printed line among these cells, pixels: the median over all runs of inked rows."""
    heights = []
    for area in areas:
        part = ink[area.y0 : area.y1, area.x0 : area.x1]
        heights += [end - start for start, end in _runs(part.any(axis=1)) if end - start >= 6]
    return float(np.median(heights)) if heights else 24.0
