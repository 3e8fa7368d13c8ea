"""The intake bench: its mails, its ratios and its verdict."""

from __future__ import annotations

from itertools import islice

from bench.intake import missed, table
from bench.intake_clients import Taken
from bench.intake_mails import LARGE_EVERY, mails


def _taken(seconds: float) -> Taken:
    return Taken(mails=1, seconds=seconds, cpu=0.0, peak=2 * 1024 * 1024, early=1024 * 1024)


def test_a_seed_makes_the_same_mails_each_its_own_of_the_sizes_said() -> None:
    made = [mail.raw for mail in islice(mails(LARGE_EVERY, seed=3), 200)]
    assert made == [mail.raw for mail in islice(mails(LARGE_EVERY, seed=3), 200)]
    assert len(set(made)) == 200
    sizes = sorted(len(raw) for raw in made)
    assert [size for size in sizes if not 5_000 <= size <= 55_000] == sizes[-1:]
    assert 1_000_000 <= sizes[-1] <= 2_100_000
    assert not [raw for raw in made if b"\n" in raw.replace(b"\r\n", b"")]


def test_ratios_are_of_the_same_round_and_goals_of_their_median() -> None:
    rounds = [
        {"bare": _taken(1.0), "ours": _taken(1.5), "mbsync": _taken(3.0)},
        {"bare": _taken(10.0), "ours": _taken(16.0), "mbsync": _taken(20.0)},
        {"bare": _taken(1.0), "ours": _taken(1.8), "mbsync": _taken(2.0)},
    ]
    line = next(line for line in table(rounds) if line.startswith("ours"))
    assert line.split() == [
        "ours", "1.8", "0.0", "2", "1.0", "1.60", "(1.50-1.80)", "0.80", "(0.50-0.90)"
    ]  # fmt: skip
    assert list(missed(rounds)) == ["ours takes 0.80 times the time of mbsync; 0.6 is the goal"]


def test_a_rival_that_is_missing_is_no_goal() -> None:
    assert list(missed([{"bare": _taken(1.0), "ours": _taken(1.0)}])) == []
