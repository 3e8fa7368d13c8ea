"""Times as letters write them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def moment(at: datetime, zone: ZoneInfo) -> str:
    """`2月27日15:40` in the notice's time zone."""
    local = at.astimezone(zone)
    return f"{local.month}月{local.day}日{local.hour}:{local.minute:02d}"
