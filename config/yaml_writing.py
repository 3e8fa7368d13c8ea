"""Writes plain values as YAML that `config.notice_yaml` reads as the same values: quoted wherever it would take a text for
something else, a record on one line where it fits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from domain.draft import Plain

_WIDTH = 130
_LETTERS = r"\u3400-\u9fffA-Za-z"
_PLAIN = re.compile(rf"[{_LETTERS}《〔（“][{_LETTERS}0-9《》〔〕（）“”、，。；：！？…·×√@._/+ -]*")
_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*@[A-Za-z0-9.-]+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"})
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_BLOCK_LINE = re.compile(r"\S.*\S|\S|")


def scalar(value: Plain) -> str:
    """A value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        text = repr(value)
        return text if "e" not in text else _with_point(format(Decimal(text), "f"))
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} does not stand on one line")
    return _text(value)


def _with_point(digits: str) -> str:
    return digits if "." in digits else f"{digits}.0"


def _text(value: str) -> str:
    spaced = value != value.strip() or "  " in value
    plain = _PLAIN.fullmatch(value) or _ADDRESS.fullmatch(value) or _DAY.fullmatch(value)
    if plain and not spaced and value.lower() not in _WORDS:
        return value
    if "\\" in value and not _UNPRINTABLE.search(value):
        return "'" + value.replace("'", "''") + "'"
    return _UNPRINTABLE.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def flow(value: Plain) -> str:
    """A value of any kind on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(flow(each) for each in value) + "]"
    return scalar(value)


def entry(key: str, value: Plain, indent: int = 0) -> list[str]:
    """The lines of one key with its value."""
    before = " " * indent + scalar(key) + ":"
    if isinstance(value, str):
        return _of_text(before, value, indent)
    if not isinstance(value, Mapping | Sequence) or not value:
        return [f"{before} {flow(value)}"]
    if isinstance(value, Mapping):
        line = f"{before} {flow(value)}"
        if _fits(line) and indent:
            return [line]
        return [before, *(line for name, each in value.items() for line in entry(name, each, indent + 2))]
    if not any(isinstance(each, Mapping) or _long(each) for each in value) and _fits(line := f"{before} {flow(value)}"):
        return [line]
    return [before, *(line for each in value for line in item(each, indent + 2))]


def item(value: Plain, indent: int) -> list[str]:
    """The lines of one item of a list."""
    before = " " * indent + "- "
    line = before + flow(value) if not (isinstance(value, str) and "\n" in value) else ""
    if (line and _fits(line)) or not isinstance(value, Mapping | Sequence) or not value:
        return [line or before + scalar(value)]
    if isinstance(value, Mapping):
        lines = [line for key, each in value.items() for line in entry(key, each, indent + 2)]
        return [before + lines[0].lstrip(" "), *lines[1:]]
    if isinstance(value, str):
        return [before + scalar(value)]
    return [before + flow(value)]


def _long(value: Plain) -> bool:
    return isinstance(value, str) and len(value) > 30


def _fits(line: str) -> bool:
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in line) <= _WIDTH


def _of_text(before: str, value: str, indent: int) -> list[str]:
    """A text of several lines as a block, where every line can stand in one as it is."""
    lines = value.removesuffix("\n").split("\n")
    good = len(lines) > 1 and lines[0] and lines[-1] and not _UNPRINTABLE.search("".join(lines))
    if not good or not all(_BLOCK_LINE.fullmatch(line) for line in lines):
        return [f"{before} {scalar(value)}"]
    sign = "|" if value.endswith("\n") else "|-"
    return [f"{before} {sign}", *(f"{' ' * (indent + 2)}{line}" if line else "" for line in lines)]


def comment(text: str, indent: int = 0) -> Iterator[str]:
    """Lines of a comment."""
    for line in text.splitlines():
        yield " " * indent + f"# {line}".rstrip()
