"""What the ledger says of the evidence of a decision: pictures of the cover, the seals read, and the table of cells."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from domain.cover import Box, Cover, Seal
from domain.submission import CellVerdict, CoverFindings, Submission
from storage.canonical import Json, canonical
from storage.codec import Record
from storage.types import storable


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


def cells_sha256(findings: CoverFindings | None) -> str | None:
    """SHA-256 of the canonical JSON (`storage.canonical`) of the rows of the cell table."""
    return _sha256(_cell_rows(findings.cells)) if findings else None


def seals_sha256(cover: Cover) -> str:
    """SHA-256 of the canonical JSON of the seals of all pages, in their order."""
    return _sha256([_seal_row(seal) for page in cover.pages for seal in page.seals])


def _sha256(rows: list[Json]) -> str:
    return hashlib.sha256(canonical(rows).encode()).hexdigest()


def _cell_rows(cells: Iterable[CellVerdict]) -> list[Json]:
    """Canonical JSON has no fractions, so they are text: four digits after the point, those of a box five."""
    return [
        {
            "cell": cell.address,
            "field": cell.field,
            "expected": storable(cell.expected),
            "read": storable(cell.read),
            "score": f"{cell.score:.4f}",
            "verdict": cell.verdict,
            "page": cell.page,
            "box": _edges(cell.box, 5) if cell.box else None,
        }
        for cell in cells
    ]


def _seal_row(seal: Seal) -> Json:
    """As the contract shows a seal (spec section 6), fractions as text with as many digits, and its pictures."""
    return {
        "page": seal.page,
        "text": storable(seal.text + seal.bottom),
        "confidence": f"{seal.confidence:.3f}",
        "diameter_mm": None if seal.diameter_mm is None else f"{seal.diameter_mm:.1f}",
        "box": _edges(seal.box, 4),
        "picture": seal.picture,
        "rim_picture": seal.rim_picture,
    }


def _edges(box: Box, digits: int) -> list[Json]:
    return [f"{edge:.{digits}f}" for edge in (box.x0, box.y0, box.x1, box.y1)]
