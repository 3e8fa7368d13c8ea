"""The configuration without its passwords, to be kept in more hands than they are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

_LINE = re.compile(r"""^(\s*(?:[\w."'-]+\.)?["']?password["']?\s*=\s*)(?:"[^"\n]*"|'[^'\n]*')""", re.MULTILINE)
_IN_URL = re.compile(r"://[^/\s\"'@]*:[^/\s\"']*@")


def without_secrets(text: str) -> str | None:
    """The text of a configuration with every password empty; None where one is written in a way that was not understood,
    or the text is no TOML: then nobody shall have any of it."""
    try:
        secrets = [*_secrets(tomllib.loads(text))]
        cleared = _LINE.sub(r'\1""', text)
        left = [*_secrets(tomllib.loads(cleared))]
    except tomllib.TOMLDecodeError:
        return None
    hidden = left or any(secret in cleared for secret in secrets) or _IN_URL.search(cleared)
    return None if hidden else cleared


def has_password(url: str) -> bool:
    """Whether a URL holds one, as `scheme://user:password@host`."""
    return _IN_URL.search(url) is not None


def _secrets(table: object) -> Iterator[str]:
    if isinstance(table, dict):
        for key, value in table.items():
            if key == "password" and value:
                yield str(value)
            yield from _secrets(value)
    elif isinstance(table, list):
        for value in table:
            yield from _secrets(value)
