"""Initials of Chinese text by its pinyin, for codes that people can read: the only user of pypinyin."""

from __future__ import annotations

import re


def initials(text: str) -> str:
    """甲县 → JX; letters and digits stay, all else is left out. The library is loaded when it is first asked: it holds a
    dictionary."""
    from pypinyin import Style, lazy_pinyin

    parts = lazy_pinyin(text, style=Style.FIRST_LETTER)
    return re.sub(r"[^A-Z0-9]", "", "".join(parts).upper())
