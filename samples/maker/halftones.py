"""How an office printer renders the red of a picture: screened dots or lines of toner, or scattered droplets of ink.

No printer has red. It lays magenta over yellow (and a little cyan where the picture is no pure red), each solid or absent in
any one place; tone comes from how much of the paper is covered.

- *Lasers* place clusters of toner on a lattice whose cell is a vector of whole printer dots (rational tangents): at 600 dpi
  (3, 1) is 190 lines per inch at 18 degrees, (2, 2) 212 at 45, (4, 1) 146 at 14, (3, 3) 141 at 45. Magenta and yellow have
  lattices of their own; some printers screen by lines instead of dots. Toner spreads by some hundredths of a millimetre.
- *Inkjets* scatter droplets of 600 to 1,200 dpi by error diffusion or a blue-noise mask: no lattice, little energy at low
  frequencies, and nozzles that miss their place by some micrometres.

All is drawn at 1,200 dpi, so that what a scan's aperture leaves of it is decided by the scan alone.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Cell = tuple[int, int]
Span = tuple[float, float]

RASTER = 1200
"""Dots per inch at which prints are drawn."""
_CELL_DPI = 600
"""Printer dots per inch in which the cells of a laser's screen are told."""
MAGENTA, YELLOW, CYAN = (0.93, 0.13, 0.5), (0.99, 0.92, 0.1), (0.12, 0.68, 0.9)
"""Light that passes (red, green, blue) of the three toners on white paper."""
_BLACK = 0.08
LASER_CELLS: tuple[tuple[Cell, Cell, Cell], ...] = (
    ((1, 3), (3, 0), (3, 1)),
    ((3, 1), (2, 2), (1, 3)),
    ((1, 4), (4, 0), (4, 1)),
    ((4, 1), (3, 3), (1, 4)),
    ((2, 4), (4, 0), (4, 2)),
    ((5, 2), (5, 0), (2, 5)),
)
"""Cells of magenta, yellow and cyan that tuning draws from: 111 to 212 lines per inch."""
JUDGED_CELLS: tuple[tuple[Cell, Cell, Cell], ...] = (
    ((3, 2), (3, 0), (2, 3)),
    ((2, 3), (2, 2), (3, 2)),
    ((3, 3), (4, 0), (4, 1)),
    ((2, 2), (3, 1), (1, 3)),
    ((4, 3), (5, 0), (3, 4)),
    ((4, 2), (3, 3), (2, 4)),
)
"""Those that judging draws from: 120 to 212 lines per inch at other angles."""


@dataclass(frozen=True, kw_only=True)
class Printer:
    """`screen` is `dots`, `lines` or `droplets`; `cells` of magenta, yellow, cyan in printer dots (not of droplets).

    `tones` are the shares of full tone that the picture's red asks of the three, `gain_mm` how far toner or ink spreads,
    `shift_mm` how far yellow misses magenta, `pitch_dpi` the droplets per inch, `stray_mm` how far a nozzle misses.
    """

    screen: str
    cells: tuple[Cell, Cell, Cell] = LASER_CELLS[0]
    tones: tuple[float, float, float] = (0.85, 0.8, 0.03)
    gain_mm: float = 0.015
    shift_mm: Span = (0.0, 0.0)
    pitch_dpi: int = 600
    stray_mm: float = 0.008
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class PrinterRange:
    """The ranges printers are drawn from; `weights` of the screens in the order dots, lines, droplets."""

    cells: tuple[tuple[Cell, Cell, Cell], ...] = LASER_CELLS
    weights: tuple[int, int, int] = (3, 1, 2)
    tones: tuple[Span, Span, Span] = field(default=((0.6, 0.95), (0.5, 0.95), (0.0, 0.08)))
    gain_mm: Span = (0.01, 0.025)
    shift_mm: float = 0.06
    pitches: tuple[int, ...] = (600, 600, 1200)

    def draw(self, rng: random.Random, *, screen: str | None = None) -> Printer:
        chosen = screen or rng.choices(("dots", "lines", "droplets"), self.weights)[0]
        magenta, yellow, cyan = (rng.uniform(*span) for span in self.tones)
        return Printer(
            screen=chosen,
            cells=rng.choice(self.cells),
            tones=(magenta, yellow, cyan),
            gain_mm=rng.uniform(*self.gain_mm) * (1.6 if chosen == "droplets" else 1.0),
            shift_mm=(rng.uniform(-self.shift_mm, self.shift_mm), rng.uniform(-self.shift_mm, self.shift_mm)),
            pitch_dpi=rng.choice(self.pitches),
            stray_mm=rng.uniform(0.004, 0.015),
            seed=rng.getrandbits(32),
        )


JUDGED_PRINTERS = PrinterRange(
    cells=JUDGED_CELLS,
    tones=((0.55, 1.0), (0.45, 1.0), (0.0, 0.12)),
    gain_mm=(0.008, 0.03),
    shift_mm=0.1,
    pitches=(600, 720, 1200),
)
"""Printers that no constant of the readers was taken from."""


def passed_light(amount: Plane, printer: Printer) -> Plane:
    """H×W×3: the share of light that a print of a picture lets pass; `amount` H×W (0–1, at `RASTER`) of its red."""
    rng = np.random.default_rng(printer.seed)
    light: Plane = np.ones((*amount.shape, 3), np.float32)
    for place, (tone, colour) in enumerate(zip(printer.tones, (MAGENTA, YELLOW, CYAN), strict=True)):
        if tone == 0.0:
            continue
        covered = _covered(np.clip(amount * tone, 0, 1), printer, place, rng)
        light *= 1 - covered[..., None] * (1 - np.array(colour, np.float32))
    return light


def grey_light(amount: Plane, printer: Printer) -> Plane:
    """H×W: the share of light that the same printer's black lets pass where it prints a grey."""
    covered = _covered(amount, printer, 0, np.random.default_rng(printer.seed))
    return np.asarray(1 - covered * (1 - _BLACK), np.float32)


def _covered(wanted: Plane, printer: Printer, place: int, rng: np.random.Generator) -> Plane:
    """How much of each place one toner covers (0–1), spread as it spreads."""
    if printer.screen == "droplets":
        dots = _droplets(wanted, printer, rng)
    else:
        dots = (wanted > _thresholds(wanted.shape, printer, place, rng)).astype(np.float32)
    spread = cv2.GaussianBlur(dots, (0, 0), max(printer.gain_mm / 25.4 * RASTER, 0.3))
    shift = printer.shift_mm if place == 1 else (0.0, 0.0)
    moved = np.array([[1, 0, shift[0] / 25.4 * RASTER], [0, 1, shift[1] / 25.4 * RASTER]], np.float32)
    return np.asarray(cv2.warpAffine(spread, moved, wanted.shape[::-1]), np.float32)


def _thresholds(shape: tuple[int, ...], printer: Printer, place: int, rng: np.random.Generator) -> Plane:
    """The laser's screen: from which tone on each place is covered. Every tone covers its share of the paper."""
    a, b = printer.cells[place]
    size = math.hypot(a, b) * RASTER / _CELL_DPI
    cos, sin = a / math.hypot(a, b), b / math.hypot(a, b)
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    begin = rng.uniform(0, 1, 2)
    u = (columns * cos + rows * sin) / size + begin[0]
    v = (rows * cos - columns * sin) / size + begin[1]
    u_wave, v_wave = np.cos(2 * math.pi * u), np.cos(2 * math.pi * v)
    if printer.screen == "lines":
        return np.asarray(np.arccos(np.clip(u_wave, -1, 1)) / math.pi, np.float32)
    return np.asarray(np.interp(u_wave + v_wave, *_EVEN_TONES), np.float32)


_SHARES = np.linspace(0, 1, 257)


def _tone_curve() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The sum of two cosines in order of rank, and the share of the cell from which it is that much or more: falling."""
    steps = np.cos(2 * math.pi * (np.arange(256) + 0.5) / 256)
    ranked = np.sort((steps[:, None] + steps[None, :]).ravel())
    return ranked, 1 - np.linspace(0, 1, ranked.size)


_EVEN_TONES = _tone_curve()


def _droplets(wanted: Plane, printer: Printer, rng: np.random.Generator) -> Plane:
    """Droplets where a field of blue noise lies below the tone; each nozzle, so each row, aims a little beside its place."""
    share = printer.pitch_dpi / RASTER
    size = (max(round(wanted.shape[1] * share), 2), max(round(wanted.shape[0] * share), 2))
    whole = wanted.shape[::-1]
    tone = cv2.resize(wanted, size, interpolation=cv2.INTER_AREA)
    fired = (tone > _blue_noise((size[1], size[0]), rng)).astype(np.float32)
    stray = rng.standard_normal((size[1], 1, 2), dtype=np.float32) * (printer.stray_mm / 25.4 * RASTER)
    moved = cv2.resize(stray, whole, interpolation=cv2.INTER_NEAREST)
    rows, columns = np.mgrid[0 : wanted.shape[0], 0 : wanted.shape[1]].astype(np.float32)
    large = cv2.resize(fired, whole, interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.remap(large, columns + moved[..., 0], rows + moved[..., 1], cv2.INTER_LINEAR), np.float32)


def _blue_noise(shape: tuple[int, int], rng: np.random.Generator) -> Plane:
    """A field of 0–1, evenly spread, whose neighbours differ: white noise less its own surroundings, spread evenly again.

    A third of white noise's slow unevenness is left, more than printers leave: such prints are rougher than real ones.
    """
    noise = rng.random(shape, dtype=np.float32)
    for _ in range(5):
        rough = noise - cv2.GaussianBlur(noise, (0, 0), 1.5)
        marks = np.quantile(rough.ravel()[:: max(rough.size // 50_000, 1)], _SHARES)
        noise = np.interp(rough, marks, _SHARES).astype(np.float32)
    return noise
