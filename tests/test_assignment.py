"""The greatest sum of likenesses, set beside every possible assignment."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.assignment import best_pairs, loss_without, total

_tables = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(st.floats(0, 1), min_size=width, max_size=width), min_size=1, max_size=5)
)


def every(table: list[list[float]]) -> list[dict[int, int]]:
    rows, columns = len(table), len(table[0])
    if rows > columns:
        turned = every([list(line) for line in zip(*table, strict=True)])
        return [{row: column for column, row in pairs.items()} for pairs in turned]
    return [dict(enumerate(order)) for order in permutations(range(columns), rows)]


@settings(max_examples=300, deadline=None)
@given(_tables)
def test_no_assignment_has_a_greater_sum(table: list[list[float]]) -> None:
    pairs = best_pairs(table)
    assert len(pairs) == len(set(pairs.values())) == min(len(table), len(table[0]))
    assert total(table, pairs) == pytest.approx(max(total(table, each) for each in every(table)))


@settings(max_examples=100, deadline=None)
@given(_tables, st.data())
def test_the_loss_without_a_pair_is_what_the_next_best_lacks(table: list[list[float]], data: st.DataObject) -> None:
    pairs = best_pairs(table)
    row = data.draw(st.sampled_from(sorted(pairs)))
    others = [total(table, each) for each in every(table) if each.get(row) != pairs[row]]
    assert loss_without(table, pairs, row) == pytest.approx(total(table, pairs) - max(others, default=0.0))


def test_nothing_to_assign() -> None:
    assert best_pairs([]) == {}
    assert best_pairs([[]]) == {}


def test_forty_files_are_no_trouble() -> None:
    table = [[1.0 if (row * 7) % 40 == column else 0.9 for column in range(40)] for row in range(40)]
    assert best_pairs(table) == {row: (row * 7) % 40 for row in range(40)}
