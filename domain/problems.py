"""The shape of a problem: one thing about a submission that its sender, or a person at the bureau, must know.

The catalogue of codes with their severity and wording is `domain.catalogue`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a problem does: `error` rejects, `review` asks a person, `warning` is told."""

    ERROR = "error"
    REVIEW = "review"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One finding (spec section 5). Absent places are None; `message` and `advice` are Chinese for the clerk."""

    code: str
    severity: Severity
    file: str | None = None
    sheet: str | None = None
    cell: str | None = None
    field: str | None = None
    value: str | None = None
    message: str
    advice: str
    total: int | None = None
    """How often it occurred in all, on the last listed one when more than the listed number were found."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a problem stands: file name as the sender gave it, sheet, cell address (`C7`), Chinese column or field.

    `page` is a page of a scan as words call it (`domain.pages.page_name`); it is told in the message alone.
    """

    file: str | None = None
    sheet: str | None = None
    cell: str | None = None
    field: str | None = None
    value: str | None = None
    page: str | None = None
