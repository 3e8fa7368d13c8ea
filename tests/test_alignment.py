"""Forced alignment: nothing is lost on what is read, much on what is not, and lines are read one after the other."""

from __future__ import annotations

from math import inf, isfinite, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alignment import deficit
from domain.cover import Lattice
from domain.text import normalise

FLOOR = -11.5
TEXTS = st.text(alphabet="0123456789濮阳县中学", min_size=1, max_size=12)


def lattice(text: str, rival: dict[int, tuple[str, float]] | None = None) -> Lattice:
    """Each character sure but where `rival` names another with its probability; blanks between."""
    steps: list[tuple[tuple[str, float], ...]] = []
    for at, character in enumerate(text):
        other, share = (rival or {}).get(at, ("", 1e-4))
        steps.append(((character, log(1 - share)), (other, log(share))))
        steps.append((("", -0.001),))
    return tuple(steps)


@given(TEXTS)
def test_what_is_read_costs_nothing(text: str) -> None:
    assert deficit([lattice(text)], FLOOR, text) == pytest.approx(0.0, abs=1e-6)


@given(TEXTS, st.data())
def test_any_changed_character_costs_much(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([one for one in "0123456789濮阳县中学" if one != text[at]]))
    assert deficit([lattice(text)], FLOOR, text[:at] + other + text[at + 1 :]) > 5


@given(TEXTS, st.data())
def test_a_text_may_be_broken_over_lines_anywhere(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    lines = [lattice(text[:at]), lattice(text[at:])]
    assert deficit(lines, FLOOR, text) == pytest.approx(0.0, abs=1e-6)


def test_the_cost_is_the_odds_of_the_altered_character() -> None:
    read = lattice("13812", {2: ("3", 0.2)})
    assert deficit([read], FLOOR, "13312") == pytest.approx(log(0.8 / 0.2), abs=0.01)


def test_doubled_characters_need_a_blank_between_them() -> None:
    assert deficit([lattice("11")], FLOOR, "11") == pytest.approx(0.0, abs=1e-6)
    assert deficit([lattice("1")], FLOOR, "11") > 5


def test_a_text_inside_a_longer_line() -> None:
    line = lattice("填报单位濮阳县")
    assert deficit([line], FLOOR, "濮阳县", anywhere=True) == pytest.approx(0.0, abs=1e-6)
    assert deficit([line], FLOOR, "濮阳县") > 5


def test_what_cannot_fit_is_impossible() -> None:
    assert deficit([], FLOOR, "濮阳县濮阳县") == inf
    assert isfinite(deficit([lattice("县")], FLOOR, "县"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("（ＡＰＰ）", "(APP)"),
        ("0393－123", "0393-123"),
        ("a b\u3000c\u200b", "abc"),
        ("一、二", "一,二"),
        ("⼀", "一"),
    ],
)
def test_what_a_reader_does_not_see_is_the_same(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(("one", "other"), [("①", "1"), ("APP", "app"), ("己", "已"), ("0", "O"), ("²", "2")])
def test_what_a_reader_sees_stays(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@given(st.text(max_size=30))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
