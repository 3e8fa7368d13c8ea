"""Ink on paper: print stays under red ink, pale print counts, the noise of paper does not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.print_lines import Area, crop
from parsers.quality import even_light, print_mask, without_red
from tests.printed import Pixels

PAPER = 245


def printed(level: int = 40) -> Pixels:
    """Paper with bars of print and a round patch of red ink over some of them (ink filters light)."""
    page = np.full((400, 600, 3), PAPER, dtype=np.float32)
    for at in range(60, 540, 24):
        page[120:280, at : at + 8] = level
    red = np.zeros((400, 600), dtype=np.uint8)
    cv2.circle(red, (200, 200), 110, 1, -1)
    page *= 1 - red[:, :, None] * np.array([0.14, 0.86, 0.84], dtype=np.float32)
    return page.astype(np.uint8)


@given(level=st.integers(15, 150))
@settings(max_examples=20, deadline=None)
def test_print_is_as_dark_under_red_ink_as_beside_it(level: int) -> None:
    grey = without_red(printed(level)).astype(int)
    beside, under = grey[200, 542 - 26], grey[200, 182]
    assert beside == pytest.approx(level, abs=2)
    assert under == pytest.approx(level, rel=0.12, abs=6)


def test_red_ink_alone_is_paper() -> None:
    grey = without_red(printed())
    assert grey[110, 200] > PAPER - 6
    assert abs(int(grey[110, 200]) - int(grey[20, 20])) < 6


def test_red_ink_in_a_shadow_is_no_brighter_than_the_paper_about_it() -> None:
    """On a photograph the light falls off: taken off by the light elsewhere, a seal would come out white on grey."""
    page = printed().astype(np.float32)
    page[:, :420] *= 0.6
    grey = without_red(page.astype(np.uint8)).astype(int)
    assert grey[110, 200] == pytest.approx(0.6 * PAPER, abs=8)
    assert grey[200, 182] == pytest.approx(0.6 * 40, abs=8)


def test_a_page_without_red_ink_is_its_red_channel() -> None:
    page = np.repeat(np.arange(200, dtype=np.uint8)[:, None, None], 3, axis=2).repeat(64, axis=1)
    assert np.array_equal(without_red(page), page[:, :, 0])


WHOLE = (slice(None), slice(None))


def noisy(level: int, sigma: float) -> Pixels:
    page = np.full((300, 500), 250.0)
    page[100:112, 60:440:6] = level
    page += np.random.default_rng(7).normal(0, sigma, page.shape)
    return np.clip(page, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("level", "sigma"), [(30, 2.0), (120, 5.0), (185, 4.0), (200, 2.0)])
def test_print_counts_however_pale_and_noise_does_not(level: int, sigma: float) -> None:
    mask = print_mask(noisy(level, sigma), WHOLE)
    print_columns = mask[100:112, 60:440:6]
    assert print_columns.mean() > 0.97
    mask[100:112] = 0
    assert mask.mean() < 1e-3


def test_pale_print_on_a_dark_desk_is_print() -> None:
    page = noisy(195, 3.0)
    page[200:] = 40  # the desk
    table = (slice(80, 130), slice(40, 460))
    assert print_mask(page, table)[100:112, 60:440:6].mean() > 0.97
    assert print_mask(page, WHOLE)[100:112, 60:440:6].mean() < 0.5


def test_paper_in_even_light_is_even() -> None:
    shade = np.linspace(120, 250, 600)[None, :].repeat(400, axis=0).astype(np.uint8)
    assert even_light(shade).std() < 0.2 * shade.std()


LINE = Area(x0=200, y0=40, x1=300, y1=62)
CELL = Area(x0=100, y0=20, x1=420, y1=80)


def test_a_stroke_too_pale_for_the_mask_is_kept_beside_its_line() -> None:
    even = np.full((100, 500), 250, dtype=np.uint8)
    even[LINE.y0 : LINE.y1, LINE.x0 : LINE.x1] = 60
    narrow = crop(even, LINE, 22, CELL)
    even[51:53, 306:322] = 226  # the 一 of 张一
    wide = crop(even, LINE, 22, CELL)
    assert narrow.shape[1] < 112
    assert wide.shape[1] >= narrow.shape[1] + 20
    assert wide[:, -1].min() > 240  # the stroke stands in it whole
