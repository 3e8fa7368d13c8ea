"""Lists that were sent and read, and wait for their sender's word. They are kept in memory: nothing of them is on the disk, in a
back-up or before an audit until somebody has said yes."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from domain.register import ReadList

_MOST = 4
"""Each may hold ten megabytes, and what was read of them."""
_LASTS = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file as it came, and what was read of it. `by` sent it, and nobody else may say yes."""

    name: str
    data: bytes
    read: ReadList
    dated: date
    by: str
    at: datetime


@dataclass
class Uploads:
    """The newest of each sender. Thread-safe."""

    _kept: dict[str, Upload] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, upload: Upload) -> str:
        """→ the key to take it with. What its sender sent before is dropped, and the oldest where there are too many."""
        key = secrets.token_urlsafe(16)
        with self._lock:
            others = {name: one for name, one in self._kept.items() if one.by != upload.by and _lives(one, upload.at)}
            while len(others) >= _MOST:
                others.pop(next(iter(others)))
            self._kept = others | {key: upload}
        return key

    def find(self, key: str, by: str, now: datetime) -> Upload | None:
        """Within half an hour, for who sent it; else None."""
        with self._lock:
            found = self._kept.get(key)
        return found if found and found.by == by and _lives(found, now) else None

    def take(self, key: str, by: str, now: datetime) -> Upload | None:
        """The same, once."""
        found = self.find(key, by, now)
        with self._lock:
            return self._kept.pop(key, None) if found else None


def _lives(upload: Upload, now: datetime) -> bool:
    return now - upload.at < _LASTS
