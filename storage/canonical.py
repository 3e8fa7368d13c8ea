"""One value, one text: the canonical JSON that the ledger hashes (RFC 8785 without fractions)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = bool | int | str | Sequence["Json"] | Mapping[str, "Json"] | None
"""What a ledger body may hold. No floats: their text differs between writers."""


def canonical(value: Json) -> str:
    """Keys sorted, no white space, no escapes but the needed ones. TypeError for what is not `Json`, ValueError for
    text that is not Unicode (lone surrogates)."""
    text = json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    text.encode()  # raises UnicodeEncodeError, a ValueError
    return text


def _plain(value: Json) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("keys of a ledger body are texts")
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        if set(map(type, value)) == {str}:  # digests of a hundred thousand persons
            return value
        return [_plain(item) for item in value]
    raise TypeError(f"a ledger body cannot hold {type(value).__name__}")
