"""The assignment problem: which pairs, each row and column used once, have the greatest sum of likeness."""

from __future__ import annotations

from collections.abc import Sequence

Table = Sequence[Sequence[float]]
"""Rows of equal length, every value 0–1."""

_FORBIDDEN = -1e6
"""Less than any sum of likenesses: such a pair is only taken where nothing else is left, and then dropped."""


def best_pairs(table: Table) -> dict[int, int]:
    """Row → column of the assignment with the greatest sum; of the longer side some stay alone.

    The Hungarian method with potentials (Kuhn 1955, Munkres 1957), O(n³): exact for any number of files of a mail.
    """
    if not table or not table[0]:
        return {}
    if len(table) > len(table[0]):
        turned = [list(column) for column in zip(*table, strict=True)]
        return {row: column for column, row in best_pairs(turned).items()}
    owner = _owners([[-value for value in row] for row in table])
    pairs = {row: column for column, row in enumerate(owner) if row is not None}
    return {row: column for row, column in sorted(pairs.items()) if table[row][column] > _FORBIDDEN}


def total(table: Table, pairs: dict[int, int]) -> float:
    """The sum of likenesses of the pairs."""
    return sum(table[row][column] for row, column in pairs.items())


def loss_without(table: Table, pairs: dict[int, int], row: int) -> float:
    """What the sum loses when `row` may not have its column: how much surer this pair is than the next best of all."""
    other = [list(line) for line in table]
    other[row][pairs[row]] = _FORBIDDEN
    return total(table, pairs) - total(table, best_pairs(other))


def _owners(cost: list[list[float]]) -> list[int | None]:
    """Column → the row that has it, at the least sum of costs; as many columns as rows or more."""
    columns = len(cost[0])
    owner: list[int | None] = [None] * columns
    of_row, of_column = [0.0] * len(cost), [0.0] * columns
    for row in range(len(cost)):
        least, before = [float("inf")] * columns, [-1] * columns
        done: set[int] = set()
        here, at = row, -1
        while True:
            step, free = float("inf"), -1
            for column in range(columns):
                if column in done:
                    continue
                reduced = cost[here][column] - of_row[here] - of_column[column]
                if reduced < least[column]:
                    least[column], before[column] = reduced, at
                if least[column] < step:
                    step, free = least[column], column
            of_row[row] += step
            for column in range(columns):
                if column not in done:
                    least[column] -= step
                    continue
                of_column[column] -= step
                holder = owner[column]
                assert holder is not None  # noqa: S101 a column is done only when a row holds it
                of_row[holder] += step
            at = free
            held = owner[at]
            if held is None:
                break
            done.add(at)
            here = held
        while before[at] >= 0:
            owner[at] = owner[before[at]]
            at = before[at]
        owner[at] = row
    return owner
