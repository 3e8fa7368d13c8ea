"""The templates of letters and reports, with the filters they share. Values put into HTML are escaped."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from notifier.plain import one_line
from notifier.points import NAME_LENGTH


@cache
def templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("notifier"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"size": human_size, "short_hash": short_hash, "file_name": _file_name, "one_line": one_line}
    return environment


def human_size(size: int) -> str:
    """`48 KB`, `1.2 MB`: as a mail program shows it."""
    if size < 1024:
        return f"{size} 字节"
    # From 1023.5 KB on, rounding would say 1024 KB.
    return f"{size / 1024:.0f} KB" if size < 1023.5 * 1024 else f"{size / 1024**2:.1f} MB"


def short_hash(sha256: str) -> str:
    """`9f2c…e1`: enough to compare by eye; the whole stands in the record."""
    return f"{sha256[:4]}…{sha256[-2:]}"


def _file_name(name: str) -> str:
    return one_line(name, NAME_LENGTH)
