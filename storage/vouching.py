"""What the ledger says of the evidence of a decision: the pictures of its cover, and the table of compared cells."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from domain.submission import CellVerdict, CoverFindings, Submission
from storage.canonical import Json, canonical
from storage.types import storable


def vouched(case: Submission) -> dict[str, Json]:
    """`pictures`: SHA-256 of each picture; `cells`: SHA-256 of the cell table, None where nothing was compared.

    Hashes only, since a ledger body says nothing about persons. That of the table is no hash of a name or a number that
    could be guessed back: it is over all cells with the scores and places that the recogniser gave them.
    """
    return {"pictures": list(case.pictures), "cells": cells_sha256(case.findings)}


def cells_sha256(findings: CoverFindings | None) -> str | None:
    """SHA-256 of the canonical JSON (`storage.canonical`) of the rows of the cell table."""
    if findings is None:
        return None
    return hashlib.sha256(canonical(cell_rows(findings.cells)).encode()).hexdigest()


def cell_rows(cells: Iterable[CellVerdict]) -> list[Json]:
    """The table as it is hashed. Canonical JSON has no fractions, so `score` is text with four digits after the point,
    `box` four texts with five."""
    return [
        {
            "cell": cell.address,
            "field": cell.field,
            "expected": storable(cell.expected),
            "read": storable(cell.read),
            "score": f"{cell.score:.4f}",
            "verdict": cell.verdict,
            "page": cell.page,
            "box": [f"{edge:.5f}" for edge in (cell.box.x0, cell.box.y0, cell.box.x1, cell.box.y1)]
            if cell.box
            else None,
        }
        for cell in cells
    ]
