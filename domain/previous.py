"""What a return is compared with in a collection that comes again: the rows that the reporter had accepted in the round before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.round import Comparison
from domain.sheet import Row
from domain.text import normalise

RowKey = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PreviousRound:
    """`name`: of the round before, "" where nothing stands accepted in it. `rows`: by `key`, in their order; of rows that say the same
    in the key the first. `told`: this sender may see what stood in them. `running`: the name of the round that the day of receipt
    falls in, where the return is of another one."""

    name: str = ""
    key: tuple[str, ...] = ()
    rows: Mapping[RowKey, Row] = field(default_factory=dict)
    told: bool = False
    running: str = ""

    def row_before(self, row: Row) -> Row | None:
        """The row of the round before that is about the same; None for none, or where nothing tells."""
        key = key_of(row, self.key)
        return self.rows.get(key) if key else None


NO_PREVIOUS = PreviousRound()
"""The first round, a reporter that had nothing accepted in the one before, or no rounds at all."""


def previous_round(
    name: str, rows: Iterable[Row], comparison: Comparison, *, told: bool, running: str = ""
) -> PreviousRound:
    """Of the rows that stand accepted in the round before."""
    found: dict[RowKey, Row] = {}
    for row in rows:
        key = key_of(row, comparison.key)
        if key:
            found.setdefault(key, row)
    return PreviousRound(name=name, key=comparison.key, rows=found, told=told, running=running)


def key_of(row: Row, columns: tuple[str, ...]) -> RowKey:
    """What tells the row from the others, as compared; () where any of it is missing, since nothing then tells."""
    texts = tuple(normalise(row.text(column)).casefold() for column in columns)
    return texts if all(texts) else ()
