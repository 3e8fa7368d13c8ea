"""Prints of seals and pictures of screens are told from ink and paper by their grid; doubt tells nothing."""

from __future__ import annotations

import io
import random
from functools import lru_cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from parsers.screen_photo import shows_screen
from parsers.seal_print import is_printed
from parsers.seals import read_seals
from parsers.waves import grain, levels_of, near, standing_out, strongest, without_blocks
from samples.maker import artefacts, scanner, seals
from samples.maker.artefacts import Artefacts
from samples.maker.copies import PRINT_DPI, colour_print, tinted
from samples.maker.halftones import Printer
from samples.maker.screens import Screen
from tests.test_seals import Silent

Pixels = NDArray[np.uint8]
COARSE = Printer(screen="dots", cells=((5, 2), (5, 0), (2, 5)), tones=(0.75, 0.7, 0.0), seed=5)
LINES = Printer(screen="lines", cells=((4, 1), (4, 0), (1, 4)), tones=(0.7, 0.7, 0.03), seed=6)


@lru_cache(maxsize=2)
def page(printer: Printer | None, *, tint: bool = False) -> Image.Image:
    """126 mm of paper at 600 dpi with a seal in ink or printed; `tint`: its cell is tinted by a laser.
    Nobody alters it: several tests in a row scan the same page."""
    side = round(126 / 25.4 * PRINT_DPI)
    paper = Image.new("RGB", (side, side), "white")
    if tint:
        paper = tinted(paper, COARSE, 0.25, dpi=PRINT_DPI)
    seal = seals.draw_seal("濮阳县教育局", rng=random.Random(3), dpi=PRINT_DPI, gaps=0.2)
    if printer:
        seal = colour_print(seal, printer, dpi=PRINT_DPI)
    return seals.stamp(paper, seal, (63, 63), dpi=PRINT_DPI)


def scanned(paper: Image.Image, dpi: int, quality: int = 85) -> Pixels:
    picture = scanner.scan(paper, scanner.Scan(dpi=dpi, noise=2.0, blur=0.4, seed=1, dust=0), dpi=PRINT_DPI)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer).convert("RGB"))


def signs(rgb: Pixels, dpi: int) -> list[str | None]:
    return [seal.suspect for seal in read_seals(rgb, dpi=dpi, page=1, recogniser=Silent())]


@pytest.mark.parametrize("dpi", [200, 300])
@pytest.mark.parametrize("printer", [COARSE, LINES], ids=["dots", "lines"])
def test_a_laser_print_of_a_seal_is_told(printer: Printer, dpi: int) -> None:
    assert signs(scanned(page(printer), dpi), dpi) == ["printed_dots"]


@pytest.mark.parametrize("tint", [False, True], ids=["white paper", "tinted cell"])
@pytest.mark.parametrize(("dpi", "quality"), [(200, 85), (300, 45), (300, 85)])
def test_ink_is_no_print_even_on_a_tinted_cell(dpi: int, quality: int, tint: bool) -> None:
    assert signs(scanned(page(None, tint=tint), dpi, quality), dpi) == [None]


def test_what_the_scan_did_not_keep_is_not_told() -> None:
    assert signs(scanned(page(LINES), 100, 35), 100) == [None]


def dotted(side: int) -> tuple[Pixels, NDArray[np.bool_]]:
    """Ink on a printer's grid within a square of this side, on paper of noise."""
    rng = np.random.default_rng(5)
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
    inked = (rows > side / 2) & (columns < side)
    wave = 6 * np.cos(2 * np.pi * (0.31 * columns + 0.17 * rows)) * inked
    levels = 230 - 60 * inked + wave + rng.normal(0, 1.5, (side, side))
    return np.repeat(levels.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2), inked


@pytest.mark.parametrize(("side", "told"), [(120, True), (50, False)])
def test_too_little_ink_tells_nothing(side: int, told: bool) -> None:
    part, inked = dotted(side)
    assert is_printed(part, inked, ~inked) is told


def test_without_bare_paper_nothing_is_told() -> None:
    part, inked = dotted(120)
    few = ~inked & (np.arange(120)[:, None] < 10)
    assert not is_printed(part, inked, few)


@pytest.mark.parametrize(("across", "down"), [(0.21, 0.13), (0.4, -0.3), (0.08, 0.09)])
def test_a_weak_wave_stands_out_of_noise_and_is_found_elsewhere(across: float, down: float) -> None:
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[0:300, 0:300].astype(np.float32)
    wave = np.cos(2 * np.pi * (across * columns + down * rows))
    whole = np.ones((300, 300), bool)
    noise = rng.normal(0, 4, (2, 300, 300)).astype(np.float32)
    bare, waved = (standing_out(grain(noise[0] + each * wave, whole)) for each in (0.0, 1.0))
    assert strongest(bare).height < 18 < 25 < strongest(waved).height
    assert near(standing_out(grain(noise[1] + wave, whole)), strongest(waved)) > 25
    assert near(bare, strongest(waved)) < 12


@pytest.mark.parametrize("swing", [0.05, 1.0, 4.0])
def test_the_swing_of_a_wave_is_told_in_levels(swing: float) -> None:
    rows, columns = np.mgrid[0:256, 0:256].astype(np.float32)
    noise = np.random.default_rng(3).normal(0, 1, (256, 256)).astype(np.float32) / 20
    level = np.asarray(200 + swing * np.cos(2 * np.pi * (80 * columns + 50 * rows) / 256) + noise, np.float32)
    whole = np.ones((256, 256), bool)
    wave = strongest(standing_out(grain(level, whole)))
    assert wave.place == (50, 80)
    assert levels_of(wave, level, whole) == pytest.approx(swing, rel=0.1)


@pytest.mark.parametrize(("place", "left"), [((32, 48), True), ((33, 46), True), ((32, 40), False), ((36, 48), False)])
def test_waves_of_blocks_are_left_out_and_no_others(place: tuple[int, int], left: bool) -> None:
    spectrum = np.zeros((256, 129), np.float32)
    spectrum[place] = 30
    assert (strongest(without_blocks(spectrum)).height == 0) is left


@pytest.mark.parametrize(("across", "down"), [(0.25, 0.0), (0.0, 0.125), (0.02, 0.02), (0.49, 0.2)])
def test_ruling_blocks_and_slow_waves_are_not_looked_at(across: float, down: float) -> None:
    rows, columns = np.mgrid[0:304, 0:304].astype(np.float32)
    wave = 3 * np.cos(2 * np.pi * (across * columns + down * rows)).astype(np.float32)
    noise = np.random.default_rng(5).normal(0, 4, (304, 304)).astype(np.float32)
    assert strongest(standing_out(grain(noise + wave, np.ones((304, 304), bool)))).height < 20


def sheet() -> Image.Image:
    """A page of 1800 x 1280 pixels with ruling and a seal."""
    paper = np.full((1280, 1800, 3), 255, np.uint8)
    for row in range(400, 1000, 60):
        cv2.line(paper, (100, row), (1700, row), (0, 0, 0), 2)
    seal = seals.draw_seal("濮阳县教育局", rng=random.Random(3), dpi=150)
    return seals.stamp(Image.fromarray(paper), seal, (60, 40), dpi=150)


def photographed(settings: Artefacts, quality: int) -> Pixels:
    shot = artefacts.photographed(sheet(), settings, scale=1.0)
    shot = scanner.scan(shot, scanner.Scan(dpi=150, noise=2.5, blur=0.4, seed=2, dust=0), dpi=150)
    data = artefacts.phone_file(shot, quality=quality, exif=True)
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


@pytest.mark.parametrize("quality", [60, 90])
@pytest.mark.parametrize("shown", [1000, 1150])
def test_a_photographed_screen_is_told(shown: int, quality: int) -> None:
    settings = Artefacts(screen=Screen(shown=shown, turn=2.0, seed=4))
    assert shows_screen(photographed(settings, quality))


@pytest.mark.parametrize("quality", [40, 90])
@pytest.mark.parametrize("desk", ["wood", "pale"])
def test_a_sheet_on_a_desk_is_no_screen(desk: str, quality: int) -> None:
    settings = Artefacts(desk=desk, perspective=0.02, seed=4)
    assert not shows_screen(photographed(settings, quality))


@pytest.mark.parametrize(("height", "width", "told"), [(1280, 1280, True), (512, 300, False), (200, 200, False)])
def test_of_a_small_picture_nothing_is_told(height: int, width: int, told: bool) -> None:
    """Two squares are too few, however clear their waves."""
    rng = np.random.default_rng(7)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    wave = 3 * np.cos(2 * np.pi * (0.29 * columns + 0.137 * rows))
    levels = 225 + wave + rng.normal(0, 2, (height, width))
    picture = np.repeat(levels.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)
    assert shows_screen(picture) is told
