"""What a server's responses say of folders and mails (RFC 3501, section 7), as values; knows no connection.

Responses come as IMAPClient parses them: data items by their names in bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Selected:
    """A folder as selected: its UIDVALIDITY and how many mails it holds."""

    folder: str
    uidvalidity: int
    exists: int


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What the server says of a mail before its bytes are fetched; `size` is RFC822.SIZE, `received_at` aware."""

    uid: int
    size: int
    received_at: datetime
    flags: tuple[str, ...]


def listed_mail(uid: int, data: Mapping[bytes, Any]) -> Listed:
    """From a FETCH of RFC822.SIZE, INTERNALDATE and FLAGS. The size must be there, the others need not."""
    flags: Iterable[object] = data.get(b"FLAGS", ())
    return Listed(
        uid=uid,
        size=int(data[b"RFC822.SIZE"]),
        received_at=_time_of_receipt(data.get(b"INTERNALDATE")),
        flags=tuple(ascii_text(flag) for flag in flags),
    )


def _time_of_receipt(told: object) -> datetime:
    """INTERNALDATE with the standard library's own zone, since the library's class does not survive pickling.

    A server that tells none that can be read must not keep the mail out: it is taken as received now.
    """
    if not isinstance(told, datetime) or told.tzinfo is None:
        log.error("INTERNALDATE cannot be read: the mail counts as received now")
        return datetime.now(UTC)
    return told.replace(tzinfo=timezone(told.utcoffset() or timedelta()))


def body_bytes(data: Mapping[bytes, Any]) -> bytes | None:
    """What a FETCH of one BODY.PEEK[…] brought; None where the server gave none."""
    return next((value for key, value in data.items() if key.startswith(b"BODY[") and isinstance(value, bytes)), None)


def ascii_text(value: object) -> str:
    """Atoms (flags, delimiters) as text; NIL is empty."""
    return value.decode("ascii", errors="replace") if isinstance(value, bytes) else str(value or "")
