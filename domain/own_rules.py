"""A rule of the notice's own: what its file says under `checks`. The problem's code is `rule.<id>`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from domain.expression import Expression
from domain.problems import Severity

PREFIX = "rule."


@dataclass(frozen=True, kw_only=True)
class RowCount:
    """How many rows a return must have, both ends allowed; `of`: of single reporters, by code."""

    least: int | None = None
    most: int | None = None
    of: tuple[tuple[str, RowCount], ...] = ()

    def for_reporter(self, code: str | None) -> RowCount:
        return dict(self.of).get(code or "", self)


@dataclass(frozen=True, kw_only=True)
class OwnRule:
    """Just one of `rows`, `whole`, `sorted_by`, `unique`, `row_count` says what must hold: of every row, of the table as a whole, of
    the order of the rows, of columns that together may stand only once, of how many there are."""

    id: str
    name: str
    rows: Expression | None = None
    whole: Expression | None = None
    sorted_by: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    row_count: RowCount | None = None
    when: Expression | None = None
    """Only where this holds."""
    at: str = ""
    """Key of the column whose cell is marked."""
    table: str = ""
    """Key of the further table whose rows it speaks of; "" for the form's own."""
    severity: Severity = Severity.ERROR
    since: date | None = None
    """Before this day of receipt it only warns."""
    message: str = ""
    advice: str = ""
    """Chinese, with `{列名}` for what stands there; "" for words made of the rule."""
    why: str = ""
    right: str = ""
    wrong: str = ""
    written: str = ""
    """As the file has it."""
    shown: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """What may stand in braces → key of the column."""

    @property
    def code(self) -> str:
        return f"{PREFIX}{self.id}"

    def severity_on(self, day: date) -> Severity:
        """How it counts for what was received on that day."""
        return Severity.WARNING if self.since and day < self.since else self.severity
