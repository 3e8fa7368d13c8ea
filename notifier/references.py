"""Cell references as workbooks write them (`C7`): taken apart, and put together."""

from __future__ import annotations

import re

REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


def place(reference: str) -> tuple[int, int] | None:
    """`C7` → (7, 3), row and column from 1; None for what is no reference."""
    match = REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def letters(column: int) -> str:
    """1 → A."""
    found = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found
