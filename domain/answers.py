"""What a yes-or-no cell says: the word itself, what the notice takes for it, or a ticked box before or behind it."""

from __future__ import annotations

import re

from domain.notice import Column
from domain.text import normalise

YES, NO = "是", "否"
_MARKS = " .,;:!?()[]{}\"'<>"
_TICK, _BOX = "[√✓✔☑☒■]", "[□☐○◯]"
_TICKED = {
    YES: re.compile(f"{_TICK}是{_BOX}否|是{_TICK}否{_BOX}|{_TICK}是|是{_TICK}"),
    NO: re.compile(f"{_BOX}是{_TICK}否|是{_BOX}否{_TICK}|{_TICK}否|否{_TICK}"),
}
"""☑是 ☐否 and its like, where the form's answers were typed out and one ticked. Two boxes must stand on the same side."""


def answer(text: str, column: Column) -> str | None:
    """YES or NO where a person would surely read so, else None. What counts beside the words is data of the notice."""
    return text if text in (YES, NO) else _read(text, column)


def _read(text: str, column: Column) -> str | None:
    compared = normalise(text).strip(_MARKS).casefold()
    for said, words in ((YES, column.yes_words), (NO, column.no_words)):
        if compared in {said, *(normalise(word).strip(_MARKS).casefold() for word in words)}:
            return said
        if _TICKED[said].fullmatch(compared):
            return said
    return None
