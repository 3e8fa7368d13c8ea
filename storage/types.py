"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Integer, Text, type_coerce
from sqlalchemy.engine import Dialect
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit key that counts itself up; SQLite does so for INTEGER alone."""


def storable(text: str) -> str:
    """The text with what no UTF-8 database takes (NUL, lone surrogates) shown as U+FFFD; the mail keeps the bytes."""
    return _UNSTORABLE.sub("\ufffd", text)


class UtcTime(TypeDecorator[datetime]):
    """An aware instant, kept as integer microseconds since 1970 UTC: exact, sortable, the same on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone cannot be stored")
        return (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=int(value))


class StrangersText(TypeDecorator[str]):
    """Text that strangers wrote: made storable on its way in, so that no file name can stop a transaction."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


@dataclass(frozen=True)
class Unreadable:
    """What stands in a column and is nothing that belongs there: like no value that was ever put into it."""

    stored: object


class _AsFound(TypeDecorator[Any]):
    """Reads as another type does, and `Unreadable` where that fails."""

    impl = NullType
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        if isinstance(self.of, Boolean):  # which takes whatever is not nothing for true
            return lambda value: {None: None, 0: False, 1: True}[value] if value in (None, 0, 1) else Unreadable(value)
        read = self.of.dialect_impl(dialect).result_processor(dialect, coltype)
        if read is None:
            return None

        def read_or_keep(value: Any) -> Any:
            try:
                return read(value)
            except Exception:  # noqa: BLE001  whoever alters a value may put anything there, and it is to be named
                return Unreadable(value)

        return read_or_keep


def as_found(*columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """The columns for an audit: a value that cannot be read stops no query, but comes as `Unreadable`."""
    return [type_coerce(column, _AsFound(column.type)).label(column.key) for column in columns]
