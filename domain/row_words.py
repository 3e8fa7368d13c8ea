"""Rows that are no data, told by their words, on paper as in a workbook: sums under the table, numbers under the column names."""

from __future__ import annotations

import re
from collections.abc import Collection

from domain.text import normalise

_NUMBERING = re.compile(r"[甲乙丙丁戊己庚辛]|[A-Z]|[(（]?\d{1,3}[)）]?(?:=.*)?")
_TOTAL = re.compile(r"(?:合计|总计|小计|共计|总数)")
_AMOUNT = re.compile(r"共?[\d,.]+[个所行款家项条人元]?")


def is_numbering(texts: Collection[str]) -> bool:
    """Letters first, then numbers that go on by one: a row that counts the columns and holds nothing."""
    plain = [normalise(text) for text in texts]
    if len(plain) < 3 or not all(_NUMBERING.fullmatch(text) for text in plain):
        return False
    numbers = [int(found[0]) for text in plain if (found := re.search(r"\d+", text))]
    letters = [text for text in plain if not re.search(r"\d", text)]
    counted = numbers == list(range(1, len(numbers) + 1)) or numbers == list(
        range(len(letters) + 1, len(letters) + len(numbers) + 1)
    )
    return counted and len(numbers) >= 2 and plain[: len(letters)] == letters


def is_total(texts: Collection[str], words: Collection[str] = ()) -> bool:
    """合计 | 315 | 300, perhaps behind a number or a unit: a word for the sum among the first two, and nothing but numbers behind it."""
    plain = [normalise(text).rstrip(":.") for text in texts if text.strip()]
    known = {normalise(word) for word in words}
    at = next((at for at, text in enumerate(plain[:2]) if text in known or _TOTAL.fullmatch(text)), None)
    return at is not None and all(_AMOUNT.fullmatch(text) for text in plain[at + 1 :])
