"""Drawn stamps and red marks: the same seed gives the same ink, and the maker's word about legibility is bounded."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from samples.maker.copies import grey_copy
from samples.maker.red_marks import MARKS, draw_mark, put
from samples.maker.seals import installed_typefaces
from samples.maker.stamp_plans import CLASSES, StampPlan, StampRange, press

SPANS = StampRange(typefaces=installed_typefaces())
DPI = 75
PAGE_MM = (110.0, 110.0)
NAME = "濮阳市清丰县教育局"


def page() -> Image.Image:
    return Image.new("RGB", (325, 325), "white")


def drawn(label: str, seed: int) -> StampPlan:
    return SPANS.draw(random.Random(seed), NAME, label=label)


@pytest.mark.parametrize("label", CLASSES)
def test_every_class_is_one_picture_a_seed(label: str) -> None:
    one, again, other = (press(page(), drawn(label, seed), (55, 55), dpi=DPI) for seed in (3, 3, 4))
    assert one.tobytes() == again.tobytes()
    assert one.tobytes() != other.tobytes()
    assert drawn(label, 3).label == label


@pytest.mark.parametrize("label", MARKS)
def test_every_mark_is_one_picture_a_seed(label: str) -> None:
    faces = installed_typefaces()
    one, again = (put(page(), draw_mark(random.Random(8), faces, label=label), (55, 55), dpi=DPI) for _ in range(2))
    assert one.tobytes() == again.tobytes()
    assert (one.tobytes() == page().tobytes()) == (label == "nothing")


def test_weights_choose_the_class() -> None:
    only = replace(SPANS, weights={"faint": 1.0})
    assert {only.draw(random.Random(seed), NAME).label for seed in range(9)} == {"faint"}


WORN = [
    ("pressed well", {}, True),
    ("hardly there", {"faint": 0.8}, False),
    ("smeared", {"smudge": 0.7}, False),
    ("bare", {"gaps": 0.7}, False),
    ("one side missing", {"lean": 0.95}, False),
    ("a little of each", {"faint": 0.5, "smudge": 0.3}, False),
]


@pytest.mark.parametrize(("how", "clean"), [case[1:] for case in WORN], ids=[case[0] for case in WORN])
def test_what_is_worn_is_told(how: dict[str, float], clean: bool) -> None:
    plan = StampPlan(label="normal", name=NAME, seed=1)
    assert replace(plan, **how).clean is clean  # type: ignore[arg-type]


def test_a_grey_copy_has_no_ink() -> None:
    rng = random.Random(2)
    levels = np.asarray(grey_copy(press(page(), drawn("normal", 1), (55, 55), dpi=DPI), rng=rng))
    assert (levels.max(axis=2) == levels.min(axis=2)).all()
