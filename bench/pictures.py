"""Draw two sets of scores as one SVG: a histogram with the thresholds, and the ROC curve with their points.

Written by hand, since two lines and some bars are no reason for a plotting library among what must be installed.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

_WIDTH, _HEIGHT = 860, 330
_PLOT = (60, 46, 430, 270)
_ROC = (560, 46, 800, 270)
_BINS = 44
_GOOD, _BAD, _LINE = "#2a7f62", "#c0392b", "#34495e"
_CURVE_POINTS = 200


@dataclass(frozen=True, kw_only=True)
class Threshold:
    name: str
    value: float


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Scores of what is true (`good`) and of what is not (`bad`), on an axis from `low` to `high`; the ends hold what lies
    beyond. `accepts_below`: small scores count as true, else large ones do."""

    title: str
    axis: str
    good_name: str
    bad_name: str
    good: Sequence[float]
    bad: Sequence[float]
    low: float
    high: float
    thresholds: tuple[Threshold, ...]
    accepts_below: bool = True


def svg(scores: Scores) -> str:
    """The picture as the text of an SVG file."""
    body = [*_histogram(scores), *_roc(scores)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        f'font-size="11"><rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>'
        f"{_text(_WIDTH / 2, 20, scores.title, size=14)}{''.join(body)}</svg>\n"
    )


def rates(scores: Scores, threshold: float) -> tuple[float, float]:
    """Shares of the good and of the bad that a threshold takes as true (0 where there are none)."""
    return _taken(scores.good, threshold, scores.accepts_below), _taken(scores.bad, threshold, scores.accepts_below)


def _taken(values: Sequence[float], threshold: float, below: bool) -> float:
    hits = sum(value <= threshold if below else value >= threshold for value in values)
    return hits / len(values) if values else 0.0


def _histogram(scores: Scores) -> list[str]:
    x0, y0, x1, y1 = _PLOT
    counts = [_binned(values, scores) for values in (scores.good, scores.bad)]
    top = log10(1 + max([1, *counts[0], *counts[1]]))
    step = (x1 - x0) / _BINS
    parts = [_frame(_PLOT), _text((x0 + x1) / 2, y1 + 34, scores.axis), _text(x0 - 4, y0 - 6, "count (log)")]
    for bins, colour in zip(counts, (_GOOD, _BAD), strict=True):
        for place, count in enumerate(bins):
            if count:
                height = (y1 - y0) * log10(1 + count) / top
                parts.append(
                    f'<rect x="{x0 + place * step:.1f}" y="{y1 - height:.1f}" width="{step:.1f}" height="{height:.1f}" '
                    f'fill="{colour}" fill-opacity="0.55"/>'
                )
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        value = scores.low + share * (scores.high - scores.low)
        parts.append(_text(x0 + share * (x1 - x0), y1 + 16, f"{value:g}"))
    for number, each in enumerate(scores.thresholds):
        x = x0 + (x1 - x0) * (each.value - scores.low) / (scores.high - scores.low)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y0}" y2="{y1}" stroke="{_LINE}" stroke-dasharray="4 3"/>')
        parts.append(_text(x + 3, y0 + 12 + 13 * number, f"{each.name} {each.value:g}", anchor="start"))
    parts.append(_text(x0, y1 + 52, f"{scores.good_name} ({len(scores.good):,})", anchor="start", colour=_GOOD))
    parts.append(_text(x1, y1 + 52, f"{scores.bad_name} ({len(scores.bad):,})", anchor="end", colour=_BAD))
    return parts


def _binned(values: Sequence[float], scores: Scores) -> list[int]:
    bins = [0] * _BINS
    for value in values:
        share = (value - scores.low) / (scores.high - scores.low)
        bins[min(max(int(share * _BINS), 0), _BINS - 1)] += 1
    return bins


def _roc(scores: Scores) -> list[str]:
    x0, y0, x1, y1 = _ROC
    every = sorted({*scores.good, *scores.bad, *(each.value for each in scores.thresholds)})
    chosen = every[:: max(1, len(every) // _CURVE_POINTS)] + every[-1:]
    ordered = chosen if scores.accepts_below else chosen[::-1]
    points = [(0.0, 0.0), *((bad, good) for good, bad in (rates(scores, value) for value in ordered)), (1.0, 1.0)]
    line = " ".join(f"{x0 + bad * (x1 - x0):.1f},{y1 - good * (y1 - y0):.1f}" for bad, good in points)
    parts = [_frame(_ROC), f'<polyline points="{line}" fill="none" stroke="{_LINE}" stroke-width="1.5"/>']
    parts.append(_text((x0 + x1) / 2, y1 + 34, f"{scores.bad_name}: share taken as true"))
    parts.append(_text(x0 - 6, y0 - 6, f"{scores.good_name}: share taken as true", anchor="start"))
    for share in (0.0, 0.5, 1.0):
        parts.append(_text(x0 + share * (x1 - x0), y1 + 16, f"{share:g}"))
        parts.append(_text(x0 - 6, y1 - share * (y1 - y0) + 4, f"{share:g}", anchor="end"))
    for number, each in enumerate(scores.thresholds):
        good, bad = rates(scores, each.value)
        x, y = x0 + bad * (x1 - x0), y1 - good * (y1 - y0)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{_BAD}"/>')
        told = f"{each.name}: {good:.2%} / {bad:.2%}"
        parts.append(_text(x1 - 6, y1 - 10 - 14 * number, told, anchor="end"))
    return parts


def _frame(plot: tuple[int, int, int, int]) -> str:
    x0, y0, x1, y1 = plot
    return f'<rect x="{x0}" y="{y0}" width="{x1 - x0}" height="{y1 - y0}" fill="none" stroke="#999"/>'


def _text(x: float, y: float, words: str, *, size: int = 11, anchor: str = "middle", colour: str = "#222") -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">'
        f"{html.escape(words)}</text>"
    )
