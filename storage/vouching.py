"""What the ledger says of the evidence of a decision: pictures of the cover, the seals read, and the table of cells."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from domain.cover import Box, Cover, Seal
from domain.submission import CellVerdict, CoverFindings, Submission
from storage.canonical import Json, canonical
from storage.codec import Record
from storage.types import storable


@dataclass(frozen=True)
class Rounded:
    """A number of which so many digits after the point are told."""

    value: float
    digits: int


Row: TypeAlias = Mapping[str, str | int | Rounded | tuple[Rounded, ...] | None]
"""One seal or one compared value: what is shown of it is what is vouched for."""


def vouched(case: Submission) -> dict[str, Json]:
    """`pictures`: SHA-256 of each picture; `seals` and `cells`: SHA-256 of those tables, None where there is none.

    Hashes only, since a ledger body says nothing about persons. That of the cells is no hash of a name or a number that
    could be guessed back: it is over all of them with the scores and places that the recogniser gave them.
    """
    reading = case.cover.reading if case.cover else None
    return {
        "pictures": list(case.pictures),
        "seals": seals_sha256(reading) if isinstance(reading, Cover) else None,
        "cells": cells_sha256(case.findings),
    }


def recorded(record: Record) -> dict[str, Json]:
    """SHA-256 of each of the three parts of a decision as it is stored: with them the ledger vouches for all that the
    judgement rests on, lattices, facts of the pages and kinds of the seals included.

    They are over the stored JSON itself and not over its values written anew, so that neither the text of a fraction nor
    a field that a later version adds can make a difference. None where there is no such part.
    """
    parts = {"document": record.document, "cover": record.cover, "findings": record.findings}
    return {name: part.digest if part else None for name, part in parts.items()}


def contradicts(body: Mapping[str, Any], case: Submission) -> bool:
    """Whether an entry tells of another decision; of the oldest ones this is all they say."""
    return any(body.get(each) != getattr(case, each) for each in ("state", "reporter", "version"))


def unlike(entered: object, found: Mapping[str, Any]) -> set[str]:
    """Parts that are not as they were entered; all where the entry was altered beyond reading, which the chain names."""
    entered = entered if isinstance(entered, dict) else {}
    return {part for part, digest in found.items() if entered.get(part) != digest}


def cells_sha256(findings: CoverFindings | None) -> str | None:
    """SHA-256 of the canonical JSON (`storage.canonical`) of the rows of the cell table."""
    return _sha256(map(cell_row, findings.cells)) if findings else None


def seals_sha256(cover: Cover) -> str:
    """SHA-256 of the canonical JSON of the seals of all pages, in their order."""
    return _sha256(map(seal_row, cover.seals))


def cell_row(cell: CellVerdict) -> Row:
    """A compared value as it is shown and vouched for."""
    # A row vouched for before there were rows of further sheets has no such key.
    sheet: Row = {"sheet": cell.sheet} if cell.sheet else {}
    return {
        **sheet,
        "cell": cell.address,
        "field": cell.field,
        "expected": cell.expected,
        "read": cell.read,
        "score": Rounded(cell.score, 4),
        "verdict": cell.verdict,
        "page": cell.page,
        "box": _edges(cell.box, 5) if cell.box else None,
    }


def seal_row(seal: Seal) -> Row:
    """A seal as the contract shows it (spec section 6), and its pictures."""
    return {
        "page": seal.page,
        "text": seal.text + seal.bottom,
        "confidence": Rounded(seal.confidence, 3),
        "diameter_mm": None if seal.diameter_mm is None else Rounded(seal.diameter_mm, 1),
        "box": _edges(seal.box, 4),
        "picture": seal.picture,
        "rim_picture": seal.rim_picture,
    }


def shown(row: Row) -> dict[str, Any]:
    """The row as JSON for people and their tools: fractions are numbers."""
    return {name: _mapped(value, lambda each: round(each.value, each.digits)) for name, value in row.items()}


def _sha256(rows: Iterable[Row]) -> str:
    return hashlib.sha256(canonical([_hashed(row) for row in rows]).encode()).hexdigest()


def _hashed(row: Row) -> dict[str, Json]:
    """The row as canonical JSON, which has no fractions: they are text, with all their digits after the point."""
    plain = {name: _mapped(value, lambda each: f"{each.value:.{each.digits}f}") for name, value in row.items()}
    return {name: storable(value) if isinstance(value, str) else value for name, value in plain.items()}


def _mapped(value: object, told: Callable[[Rounded], Any]) -> Any:
    if isinstance(value, tuple):
        return [told(each) for each in value]
    return told(value) if isinstance(value, Rounded) else value


def _edges(box: Box, digits: int) -> tuple[Rounded, ...]:
    return tuple(Rounded(edge, digits) for edge in (box.x0, box.y0, box.x1, box.y1))
