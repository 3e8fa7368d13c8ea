"""The bench of seals: a seed is a case, a near name is nobody's, and the rule of thumb sees what it is known to see."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from bench.seal_cases import JUDGING, KINDS, TUNING, make, near_name
from bench.seal_rule import finds_seal
from bench.seals import interval
from config.notices import load_notice
from samples.maker.seals import draw_seal, stamp

NOTICE = load_notice("puyang-2020-51")
NAMES = frozenset(name for reporter in NOTICE.reporters for name in reporter.seal_names)


def test_a_seed_is_a_case() -> None:
    assert make(3, NOTICE, TUNING) == make(3, NOTICE, TUNING)
    assert make(3, NOTICE, TUNING).jpeg != make(3, NOTICE, JUDGING).jpeg


def test_tuning_and_judging_share_no_typeface() -> None:
    assert not set(TUNING.stamps.typefaces) & set(JUDGING.stamps.typefaces)


def test_a_full_run_has_enough_wrong_and_absent_stamps() -> None:
    share = {kind: weight / sum(KINDS.values()) for kind, weight in KINDS.items()}
    wrong = sum(share[kind] for kind in ("another's", "strange", "near", "special"))
    assert (6600 * wrong > 3000, 6600 * share["absent"] > 1500) == (True, True)


@pytest.mark.parametrize("seed", range(60))
def test_a_near_name_is_nobodys(seed: int) -> None:
    reporter = NOTICE.reporters[seed % len(NOTICE.reporters)]
    name = near_name(random.Random(seed), reporter.seal_names, NAMES)
    assert name not in NAMES
    assert any(len(own) == len(name) and sum(a != b for a, b in zip(own, name, strict=True)) == 1 for own in NAMES)


@pytest.mark.parametrize(("faint", "seen"), [(0.0, True), (0.95, False)])
def test_rule_of_thumb(faint: float, seen: bool) -> None:
    paper = Image.new("RGB", (600, 600), (250, 250, 248))
    seal = draw_seal("濮阳县教育局", rng=random.Random(1), dpi=150, faint=faint, gaps=0.1)
    page = stamp(paper, seal, (50, 50), dpi=150)
    assert finds_seal(np.asarray(page), dpi=150) is seen


@pytest.mark.parametrize(("good", "of", "said"), [(0, 0, "-"), (10, 10, "100.0 72.2-100.0"), (5, 10, "50.0 23.7-76.3")])
def test_interval_is_wilsons(good: int, of: int, said: str) -> None:
    assert interval(good, of) == said
