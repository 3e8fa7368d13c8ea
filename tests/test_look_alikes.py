"""How alike the recogniser finds two characters: the table that was measured, and what is taken of it."""

from __future__ import annotations

import pytest

from bench import look_alikes as measuring
from domain import look_alike_pairs, look_alikes
from domain.look_alikes import FAR_BOUND, NEAR_BOUND, NEAREST_BOUND, RARE, bound


@pytest.mark.parametrize(
    ("wanted", "read", "nats"),
    [
        ("末", "未", NEAREST_BOUND),
        ("已", "己", NEAR_BOUND),
        ("家", "冢", NEAR_BOUND),
        ("阎", "间", FAR_BOUND),
        ("间", "阎", NEAR_BOUND),
        ("彧", "或", FAR_BOUND),
        ("堃", "鼓", RARE),  # nothing common is read nearly as it
        ("坤", "堃", FAR_BOUND),  # rare ones on the page were not printed often enough to know
        ("三", "二", FAR_BOUND),  # a numeral is the whole difference between two schools
    ],
)
def test_a_character_passes_for_another_by_how_near_it_came(wanted: str, read: str, nats: float) -> None:
    assert bound(wanted, read) == nats


def test_no_pair_stands_in_two_tiers_or_with_itself() -> None:
    tiers = (look_alike_pairs.NEAREST, look_alike_pairs.NEAR, look_alike_pairs.FAR)
    pairs = [(group[0], other) for tier in tiers for group in tier.split() for other in group[1:]]
    assert len(pairs) == len(set(pairs)) > 5_000
    assert all(one != other for one, other in pairs)


def test_the_first_level_of_the_standard_is_common() -> None:
    assert all(map(look_alikes.is_common, "啊是县"))
    assert not any(map(look_alikes.is_common, "齄堃Aé，1"))


def test_the_standard_has_its_characters() -> None:
    assert [len(level) for level in measuring.characters()] == [3755, 3008]


def test_what_came_near_a_character_where_it_was_read_is_kept_by_its_least_deficit() -> None:
    lattice = ((("三", -0.1), ("二", -3.1), ("，", -4.0)), (("", -0.0),), (("三", -0.0), ("二", -9.0), ("王", -5.0)))
    assert measuring.near(lattice, "三") == {"二": 3.0, "王": 5.0}


def test_a_pair_is_kept_in_the_tier_of_its_deficit_and_a_rare_one_on_the_page_only_if_near() -> None:
    least = {
        ("诚", "诫"): 0.8,
        ("末", "未"): 2.0,
        ("彧", "或"): 6.7,
        ("阎", "间"): 9.0,
        ("坤", "堃"): 4.0,
        ("埋", "堙"): 2.5,
    }
    kept = measuring.tiers(least)
    assert kept == {"NEAREST": {"诚": "诫"}, "NEAR": {"末": "未", "埋": "堙"}, "FAR": {"彧": "或"}}
