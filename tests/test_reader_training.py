"""Crops for the study of other weights (`bench.reader_training`): inputs of the network with their truth."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bench.reader_training import measure, texts
from bench.reader_training.lines import line_crops
from bench.reader_training.rims import seal_crops
from bench.reader_training.shared import HELD_OUT_LINES, HELD_OUT_SEALS, TRAINED, Crop, load, save
from bench.reader_training.words import Words
from bench.seal_cases import JUDGING as JUDGED_SEALS
from domain.text import normalise
from parsers.ocr import Recogniser
from samples.maker.cover_marks import JUDGED_FACES as JUDGED_MARKS
from samples.maker.cover_ranges import JUDGED_FACES

SMALL = 40
"""Crops of a sheet that are looked at: a sheet has some hundred."""


@pytest.fixture(scope="module")
def lines() -> list[Crop]:
    return list(line_crops(random.Random(1), TRAINED[2]))[:SMALL]


def test_lines_are_inputs_of_the_network_and_known_texts(lines: list[Crop]) -> None:
    assert lines and all(each.pixels.shape[0] == 48 and each.pixels.dtype == "uint8" and each.text for each in lines)


def test_what_is_printed_is_what_the_truth_says(lines: list[Crop]) -> None:
    """The recogniser reads most of it: a truth that stood with the wrong crop would be read by chance only."""
    read = Recogniser().read_lines([each.pixels for each in lines])
    whole = sum(normalise(line.text) == normalise(crop.text) for line, crop in zip(read, lines, strict=True))
    assert whole > len(lines) / 4


def test_rims_say_the_name_of_their_seal() -> None:
    rng, made = random.Random(4), []
    while not made:
        made = list(seal_crops(rng, TRAINED))
    assert {each.pixels.shape[0] for each in made} == {48} and made[0].text


def test_no_face_of_the_judging_benches_is_trained_with() -> None:
    trained = {face.path.name for face in TRAINED}
    judged = {face.path.name for face in (*JUDGED_SEALS.stamps.typefaces, *JUDGED_SEALS.print_faces, *JUDGED_MARKS)}
    assert not trained & judged and not trained & {face.path.name for face in (*HELD_OUT_LINES, *HELD_OUT_SEALS)}
    assert "Noto Sans CJK SC" not in {name for _, name, bold in JUDGED_FACES if not bold}


def test_crops_come_back_from_their_file_as_they_were(lines: list[Crop], tmp_path: Path) -> None:
    save(tmp_path / "lines-1.npz", lines)
    again = load(tmp_path / "lines-1.npz")
    assert [(each.text, each.label) for each in again] == [(each.text, each.label) for each in lines]
    assert all((one.pixels == other.pixels).all() for one, other in zip(again, lines, strict=True))


def test_digits_are_drawn_evenly() -> None:
    """A reader must not learn that a phone begins with 138."""
    told = texts.digits(random.Random(2), 4000)
    counts = [told.count(digit) for digit in "0123456789"]
    assert min(counts) > 0.7 * len(told) / 10 and max(counts) < 1.3 * len(told) / 10


@pytest.mark.parametrize("text", ["13839301234", "濮阳县第一初级中学", "教APP备4100001号", "王堃"])
def test_altered_texts_differ(text: str) -> None:
    found = measure.alterations(text, "seed")
    assert found and all(normalise(other) != normalise(text) for _, other in found)


def test_words_stand_in_true_order_and_no_judged_place_among_them(tmp_path: Path) -> None:
    dictionary = tmp_path / "dict.txt"
    dictionary.write_text("学习 900 v\n平台 800 n\n罕 3 n\n濮阳县 90 ns\n安阳市 90 ns\n滑县 20 ns\n", encoding="utf-8")
    words, rng = Words(dictionary), random.Random(5)
    told = "".join(texts.line(rng, words) + words.seal_name(rng, ("教育局",)) for _ in range(60))
    assert "学习平台" in told and "滑县教育局" in told and "濮阳" not in told
