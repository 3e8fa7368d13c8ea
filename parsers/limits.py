"""The bounds within which strangers' bytes are read."""

from __future__ import annotations

from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds for one mail (spec section 7, `[limits]`). Sizes in bytes but `parse_memory_mb`, times in seconds.

    `message_bytes`: the raw mail; `file_bytes`: one file; `unpacked_bytes`: all that archives of one mail unpack to;
    `pages`: pages of a cover that are read.
    """

    message_bytes: int = 60 * MB
    file_bytes: int = 50 * MB
    unpacked_bytes: int = 200 * MB
    pages: int = 30
    parse_seconds: int = 60
    parse_memory_mb: int = 1500
