"""Repeated print is known by its pixels: scans of the same words are the same, one altered character never is."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from parsers.cells import read_once
from parsers.ocr import Line
from parsers.repeats import SAME, difference, first_shown
from samples.maker.seals import installed_typefaces

_CHARACTER = 24.0

ALTERED = (
    ("教APP备4100136号", "教APP备4100138号"),
    ("教APP备4100136号", "教APP备4100186号"),
    ("13839301234", "13839301284"),
    ("0393-8846549", "0393-8848549"),
    ("濮阳县第一小学", "濮阳县第二小学"),
    ("濮阳县实验小学", "濮阳县实验小字"),
    ("智学网", "智字网"),
    ("清丰县教育局", "请丰县教育局"),
    ("是", "否"),
)


def scanned(text: str, seed: int, *, size: int = 24, blur: float = 0.8, noise: float = 4.0) -> np.ndarray:
    """The words as one pass of a scanner leaves them: at a place between pixels, soft, with noise."""
    rng = np.random.default_rng(seed)
    font = installed_typefaces()[0].sized(size * 4)
    page = Image.new("L", (4 * size * (len(text) + 2), 8 * size), 250)
    ImageDraw.Draw(page).text((4 * size, 2 * size), text, font=font, fill=25)
    shift = np.array([[1, 0, rng.uniform(0, 4)], [0, 1, rng.uniform(0, 4)]], dtype=np.float32)
    moved = cv2.warpAffine(np.asarray(page), shift, page.size, borderValue=250.0)
    small = cv2.resize(moved, (page.width // 4, page.height // 4), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), blur).astype(np.float32)
    noisy = np.clip(soft + rng.normal(0, noise, soft.shape), 0, 250).astype(np.uint8)
    rows, columns = np.nonzero(noisy < 170)
    return noisy[rows.min() - 3 : rows.max() + 4, columns.min() - 3 : columns.max() + 4]


@pytest.mark.parametrize("text", sorted({text for pair in ALTERED for text in pair}))
def test_two_scans_of_the_same_words_are_the_same(text: str) -> None:
    assert difference(scanned(text, 1), scanned(text, 2), _CHARACTER) <= SAME


@pytest.mark.parametrize(("text", "altered"), ALTERED)
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [15, 24, 36])
def test_one_altered_character_is_never_the_same(text: str, altered: str, seed: int, size: int) -> None:
    one, other = scanned(text, seed, size=size), scanned(altered, seed + 50, size=size)
    assert difference(one, other, float(size)) > SAME


@pytest.mark.parametrize("blur", [1.0, 1.5, 2.5])
def test_blur_hides_no_alteration(blur: float) -> None:
    one, other = scanned("教APP备4100136号", 1, blur=blur), scanned("教APP备4100138号", 2, blur=blur)
    assert difference(one, other, _CHARACTER) > SAME


def test_what_is_hardly_there_is_not_compared_away() -> None:
    """Paper with noise alone is as unlike itself as anything: it is read, crop by crop."""
    rng = np.random.default_rng(3)
    blank = [np.clip(246 + rng.normal(0, 3, (30, 90)), 0, 250).astype(np.uint8) for _ in range(2)]
    assert difference(blank[0], blank[1], _CHARACTER) > SAME


def test_the_first_of_a_column_stands_for_its_repeats() -> None:
    texts = ["濮阳县", "智学网", "濮阳县", "智字网", "智学网", "濮阳县"]
    crops = [scanned(text, seed) for seed, text in enumerate(texts)]
    assert first_shown(crops, [0, 1, 0, 1, 1, 0], _CHARACTER) == [0, 1, 0, 3, 1, 0]


def test_other_columns_and_lines_without_a_key_are_never_compared() -> None:
    crops = [scanned("濮阳县", seed) for seed in range(4)]
    assert first_shown(crops, [0, 1, None, None], _CHARACTER) == [0, 1, 2, 3]
    assert first_shown([], [], _CHARACTER) == []


class Reader:
    """Reads every crop as its width, and as surely as told; remembers what it was given."""

    def __init__(self, least: float) -> None:
        self.least = least
        self.given: list[int] = []

    def read_lines(self, crops: Sequence[np.ndarray], *, stretch: float = 1.0) -> list[Line]:
        self.given += [crop.shape[1] for crop in crops]
        return [Line(text=str(crop.shape[1]), confidence=0.99, lattice=(), least=self.least) for crop in crops]


def test_a_sure_reading_counts_for_all_that_show_the_same() -> None:
    crops = [scanned(text, seed) for seed, text in enumerate(("濮阳县", "濮阳县", "智学网"))]
    reader = Reader(least=0.95)
    assert [line.text for line in read_once(crops, [0, 0, 0], _CHARACTER, reader)] == [
        str(crops[at].shape[1]) for at in (0, 0, 2)
    ]
    assert len(reader.given) == 2


def test_where_a_character_is_unsure_every_repeat_is_read() -> None:
    crops = [scanned("濮阳县", seed) for seed in range(3)]
    reader = Reader(least=0.85)
    assert [line.text for line in read_once(crops, [0, 0, 0], _CHARACTER, reader)] == [
        str(crop.shape[1]) for crop in crops
    ]
