"""The bench of prints and screens: what it makes is what it says, and its figures are counted rightly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench import print_cases, sheet_cases
from bench.prints import Result, false_alarms, report

BASE = Result(
    seed=1,
    kind="ink",
    label="normal",
    dpi=200.0,
    quality=70,
    photo=False,
    legible=True,
    found=True,
    signs=(),
    seconds=0.1,
)


@pytest.mark.parametrize("printed", [False, True])
def test_the_same_seed_gives_the_same_seal(printed: bool) -> None:
    one, two = (print_cases.make(3, print_cases.TUNING, printed=printed) for _ in range(2))
    assert (one.rgb == two.rgb).all()
    assert one.kind in (print_cases.SCREENS if printed else ("ink",))
    side = 126 * one.dpi / 25.4
    assert min(one.rgb.shape[:2]) == pytest.approx(side, rel=0.02)


def test_tuning_and_judging_share_nothing_they_are_drawn_from() -> None:
    tuning, judging = print_cases.TUNING, print_cases.JUDGING
    assert not set(tuning.printers.cells) & set(judging.printers.cells)
    assert not set(tuning.stamps.typefaces) & set(judging.stamps.typefaces)
    one, two = (print_cases.make(3, each, printed=False).rgb for each in (tuning, judging))
    assert one.shape != two.shape or (one != two).any()


@pytest.mark.parametrize("on_screen", [False, True])
def test_the_same_seed_gives_the_same_sheet(on_screen: bool) -> None:
    one, two = (sheet_cases.make(4, on_screen=on_screen, tuning=True) for _ in range(2))
    assert (one.rgb == two.rgb).all()
    assert min(one.rgb.shape[:2]) > 600
    assert np.ptp(one.rgb) > 80


def test_only_legible_seals_that_were_found_count_as_false_alarms() -> None:
    results = [
        BASE,
        replace(BASE, signs=("printed_dots",)),
        replace(BASE, signs=("printed_dots",), legible=False),
        replace(BASE, found=False),
        replace(BASE, kind="dots", signs=("printed_dots",)),
        replace(BASE, kind="sheet"),
    ]
    shares = false_alarms(results)
    assert {name: (share.good, share.of) for name, share in shares.items()} == {
        "legible inked seals": (1, 2),
        "sheets of paper": (0, 1),
    }


def test_shares_are_told_by_resolution_and_quality() -> None:
    results = [
        replace(BASE, kind="dots", dpi=150.0, quality=55),
        replace(BASE, kind="dots", dpi=300.0, quality=100, signs=("printed_dots",)),
        replace(BASE, kind="dots", photo=True, signs=("printed_dots",)),
    ]
    lines = [" ".join(line.split()) for line in report(results)]
    assert any(line.startswith("dots 2/3") for line in lines)
    for start in ("photographs 1/1", "140-185 dpi 0/1", "260-300 dpi 1/1", "JPEG below 60 0/1", "no loss 1/1"):
        assert any(line.startswith(start) for line in lines), start
    assert "JPEG below 60 - 0 of 1 - -" in lines
    assert "no loss - - - 1 of 1" in lines
