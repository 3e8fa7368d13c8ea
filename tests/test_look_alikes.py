"""How alike the recogniser finds two characters: the table that was measured, and what is taken of it."""

from __future__ import annotations

import pytest

from domain import look_alike_pairs, look_alikes
from domain.look_alikes import COMMON, FAR_BOUND, NEAR_BOUND, NEAREST_BOUND, RARE, bound


@pytest.mark.parametrize(
    ("wanted", "read", "nats"),
    [
        ("末", "未", NEAR_BOUND),
        ("已", "己", NEAREST_BOUND),
        ("彧", "或", FAR_BOUND),
        ("堃", "鼓", RARE),  # nothing common is read nearly as it
        ("阎", "间", COMMON),
        ("坤", "堃", FAR_BOUND),  # rare ones on the page were not printed often enough to know
        ("三", "二", FAR_BOUND),  # a numeral is the whole difference between two schools
    ],
)
def test_a_character_passes_for_another_by_how_near_it_came(wanted: str, read: str, nats: float) -> None:
    assert bound(wanted, read) == nats


def test_no_pair_stands_in_two_tiers_or_with_itself() -> None:
    tiers = (look_alike_pairs.NEAREST, look_alike_pairs.NEAR, look_alike_pairs.FAR)
    pairs = [(group[0], other) for tier in tiers for group in tier.split() for other in group[1:]]
    assert len(pairs) == len(set(pairs)) > 10_000
    assert all(one != other for one, other in pairs)


def test_the_first_level_of_the_standard_is_common() -> None:
    assert all(map(look_alikes.is_common, "啊是县"))
    assert not any(map(look_alikes.is_common, "齄堃Aé，1"))
