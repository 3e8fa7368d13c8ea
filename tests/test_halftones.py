"""The makers of prints and screens: what they draw has the lattice that printers and screens have, and no other."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from PIL import Image

from samples.maker import screens
from samples.maker.copies import PRINT_DPI, colour_print, tinted
from samples.maker.halftones import JUDGED_CELLS, LASER_CELLS, RASTER, Cell, Printer, PrinterRange, passed_light
from samples.maker.screens import Screen
from samples.maker.seals import draw_seal

SIDE = 480


def green(printer: Printer, tone: float = 0.5) -> np.ndarray:
    """The green light of an even patch: magenta's dots, hardly any of the other colours'."""
    return passed_light(np.full((SIDE, SIDE), tone, np.float32), printer)[..., 1]


def strongest_lines(picture: np.ndarray) -> float:
    """Lines an inch of the strongest wave."""
    power = np.abs(np.fft.rfft2(picture - picture.mean())) ** 2
    row, column = np.unravel_index(int(power.argmax()), power.shape)
    return math.hypot(np.fft.fftfreq(SIDE)[row], column / SIDE) * RASTER


def plain(screen: str, cell: Cell = (3, 1), **how: object) -> Printer:
    return Printer(screen=screen, cells=(cell, (2, 2), (1, 3)), tones=(1.0, 0.0, 0.0), **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(("cell", "lines"), [((3, 1), 189.7), ((2, 2), 212.1), ((4, 1), 145.5), ((3, 3), 141.4)])
@pytest.mark.parametrize("screen", ["dots", "lines"])
def test_toner_lies_on_the_lattice_of_its_cell(screen: str, cell: Cell, lines: float) -> None:
    assert strongest_lines(green(plain(screen, cell))) == pytest.approx(lines, abs=3)


@pytest.mark.parametrize("screen", ["dots", "lines", "droplets"])
@pytest.mark.parametrize("tone", [0.3, 0.6, 0.9])
def test_every_tone_covers_its_share_of_the_paper(screen: str, tone: float) -> None:
    covered = (1 - green(plain(screen), tone).mean()) / (1 - 0.13)  # magenta lets 0.13 of green pass
    assert covered == pytest.approx(tone, abs=0.03)


def test_droplets_have_no_lattice_and_little_slow_unevenness() -> None:
    print_ = green(plain("droplets", gain_mm=0.001, stray_mm=0.0))
    power = np.abs(np.fft.rfft2(print_ - print_.mean())) ** 2
    pace = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None, :]) * RASTER
    slow, middle = power[(pace > 10) & (pace < 60)], power[(pace > 150) & (pace < 300)]
    assert slow.mean() < 0.5 * middle.mean()
    assert middle.max() < 25 * middle.mean()  # chance alone makes the greatest of some 10,000 about ten times the mean


def test_judging_draws_no_screen_of_tuning() -> None:
    assert not set(LASER_CELLS) & set(JUDGED_CELLS)


def test_the_same_seed_prints_the_same() -> None:
    seal = draw_seal("范县教育局", rng=random.Random(2), dpi=PRINT_DPI)
    printer = PrinterRange().draw(random.Random(4))
    one, two = (np.asarray(colour_print(seal, printer, dpi=PRINT_DPI)) for _ in range(2))
    assert (one == two).all()
    assert one.shape == (seal.height, seal.width, 4)


def test_a_coarse_page_cannot_bear_a_print() -> None:
    seal = draw_seal("范县教育局", rng=random.Random(2), dpi=300)
    with pytest.raises(ValueError, match="300"):
        colour_print(seal, plain("dots"), dpi=300)


def test_a_tint_is_grey_and_as_dark_as_asked() -> None:
    page = np.asarray(tinted(Image.new("RGB", (300, 300), "white"), plain("dots", (4, 4)), 0.2, dpi=PRINT_DPI))
    assert (page.max(axis=2) == page.min(axis=2)).all()
    assert page.mean() == pytest.approx(255 * (1 - 0.2 * 0.92), rel=0.03)


@pytest.mark.parametrize("blur", [0.35, 1.5])
def test_a_screen_shows_stripes_where_the_lens_is_sharp(blur: float) -> None:
    white = Image.new("RGB", (600, 400), "white")
    shot = np.asarray(screens.photographed(white, Screen(shown=240, blur=blur, turn=2.0), scale=1.0), np.float32)
    middle = shot[150:250, 200:400]
    waves = float(middle.std(axis=(0, 1)).max())
    assert waves > 4 if blur < 1 else waves < 2


def test_a_screen_shows_the_page() -> None:
    page = Image.new("RGB", (600, 400), "white")
    page.paste((200, 20, 20), (250, 150, 350, 250))
    shot = np.asarray(screens.photographed(page, Screen(blur=1.5, turn=0.0, lean=0.0), scale=1.0), np.float32)
    height, width = shot.shape[:2]
    red, paper = shot[height // 2, width // 2], shot[height // 2, width // 4]
    assert red[0] > 2 * red[1]
    assert paper.min() > 180
