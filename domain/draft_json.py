"""A draft as JSON and back: what a page holds of it while somebody fills the page in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from domain.draft import Draft, DraftColumn, DraftField, DraftReporter, DraftTable

_PARTS: Mapping[str, Any] = {
    "columns": DraftColumn,
    "header": DraftField,
    "reporters": DraftReporter,
    "tables": DraftTable,
}


def as_json(draft: Draft) -> str:
    return json.dumps(asdict(draft), ensure_ascii=False, separators=(",", ":"))


def of_json(text: str) -> Draft:
    """Raises ValueError for what is no draft: it comes back from a browser."""
    try:
        made: Draft = _made(Draft, json.loads(text))
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError("no draft") from error
    return made


def _made(kind: Any, values: Mapping[str, Any]) -> Any:
    known = {field.name: field for field in fields(kind)}
    found: dict[str, Any] = {}
    for name, value in values.items():
        default = getattr(kind, name, None)
        if name in _PARTS:
            found[name] = tuple(_made(_PARTS[name], each) for each in value)
        elif name == "kinds":
            found[name] = {key: tuple(each) for key, each in value.items()}
        elif name == "reminders":
            found[name] = tuple((int(days), str(at)) for days, at in value)
        elif isinstance(default, tuple):
            found[name] = tuple(value)
        elif isinstance(default, bool | str | float) and not _alike(default, value):
            raise TypeError(name)
        else:
            found[name] = value
        known.pop(name)
    return kind(**found)


def _alike(default: object, value: object) -> bool:
    if isinstance(default, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, type(default))
