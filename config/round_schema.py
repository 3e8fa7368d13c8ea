"""The shape of `rounds:` in a notice file: a collection that comes again, with its own times each time."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from config.notice_values import STRICT, Code, DayOrMoment, Text
from config.reporter_schema import ReporterModel

Every = Literal["month", "quarter", "term", "year"]


def _written(value: object) -> object:
    """A year alone is read as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Period = Annotated[str, BeforeValidator(_written), WithJsonSchema({"type": ["string", "integer"]})]
"""`2026-09`, `2026-Q3`, `2026-autumn`, `2026`; which of them, `every` says."""
RoundKey = Annotated[
    str,
    BeforeValidator(_written),
    Field(pattern=r"^[a-z0-9][a-z0-9-]{0,15}$"),
    WithJsonSchema({"type": ["string", "integer"]}),
]
_NUMBER = WithJsonSchema({"type": "number", "minimum": 0})


class Model(BaseModel):
    model_config = STRICT


class OffsetModel(Model):
    """A day, so many months after the last month of the round; the month's last day where it has no such day."""

    months_after: Annotated[int, Field(ge=-24, le=24)] = 0
    day: Annotated[int, Field(ge=1, le=31)]
    at: time | None = None


class RoundReportersModel(Model):
    """Who reports in one round, other than in the notice: without these codes, and these others too."""

    without: list[Code] = []
    also: list[ReporterModel] = []


class RoundItemModel(Model):
    """One round by itself; beside `every`, what differs in the round of that key."""

    key: RoundKey
    name: Text | None = None
    aliases: list[Text] = []
    opens: DayOrMoment | None = None
    deadline: DayOrMoment | None = None
    skip: bool = False
    reporters: RoundReportersModel | None = None


class JumpModel(Model):
    column: Text
    percent: Annotated[Decimal, Field(gt=0), _NUMBER]
    at_least: Annotated[Decimal, Field(ge=0), _NUMBER] = Decimal(0)


class CompareModel(Model):
    """What is compared with the round before. Columns by their names as printed, or by their keys."""

    key: Annotated[list[Text], Field(min_length=1)]
    name: Text | None = None
    missing: bool = False
    jumps: list[JumpModel] = []


class RoundsModel(Model):
    every: Every | None = None
    first: Period | None = None
    last: Period | None = None
    opens: OffsetModel | None = None
    due: OffsetModel | None = None
    items: list[RoundItemModel] = []
    compare: CompareModel | None = None
