"""What an audit finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that does not fit: `object` is `entry:7`, `head:128`, `blob:<sha256>`, `mail:<id>` or, where that is gone,
    `mail:<sha256>`, `submission:<receipt>`, `decision:<receipt>/<row version>`, `reading:<digest>`, or a table with the
    key of its row."""

    object: str
    fault: str
