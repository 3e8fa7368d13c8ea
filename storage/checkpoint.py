"""How far the audit of an archive came, in a file of the auditor's: so that it can be broken off, by whatever, and taken up again.

Names are gone through in their order, so one name says what lies behind. What was found amiss is looked at again each time: it
may have been mended. Who can write the file can hide a fault with it: it is the auditor's own (0600), and is for one audit only.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from storage.archive import Listed
from storage.durable import sync, write_new
from storage.errors import Mismatch
from storage.ledger import Head, parse_head

_SHA256 = re.compile(r"[0-9a-f]{64}")
_EVERY = 500
"""Files between two writings of it: some seconds of reading."""
OLDEST_DAYS = 30
_APART = timedelta(hours=1)


class Checkpoint:
    """`begun_at`: when the first part of the audit began; `head`: where the ledger ended then, if it was sealed."""

    def __init__(self, path: Path, *, place: str, head: Head | None, now: datetime | None = None) -> None:
        """Takes up what stands in the file, or begins. Raises Mismatch for a file of another archive, of an audit begun too long ago,
        or that is none of ours."""
        self._path = path
        self._place = place
        at = now or datetime.now(UTC)
        told = _read(path)
        self.taken_up = told is not None
        told = told or {"archive": place, "begun_at": at.isoformat(), "head": _text(head), "last": "", "amiss": []}
        if told["archive"] != place:
            raise Mismatch(f"{path}: is of an audit of another archive, {told['archive']}")
        self.begun_at = datetime.fromisoformat(told["begun_at"])
        if (at - self.begun_at).days >= OLDEST_DAYS:
            raise Mismatch(f"{path}: that audit began on {self.begun_at:%Y-%m-%d}: remove the file, and begin anew")
        self.head = replace(parse_head(told["head"]), source=str(path)) if told["head"] else None
        self._last = str(told["last"])
        self._amiss = set(map(str, told["amiss"]))
        self._unwritten = 0

    def covers(self, each: Listed) -> bool:
        """Whether it was found whole, and is still what was written then. The clocks of this machine and the store may differ."""
        known = _SHA256.fullmatch(each.name) and each.name <= self._last and each.name not in self._amiss
        return bool(known) and each.written_at is not None and each.written_at < self.begun_at - _APART

    def reached(self, name: str, *, whole: bool) -> None:
        """It was read. Names that are no SHA-256 are always looked at anew."""
        (self._amiss.discard if whole else self._amiss.add)(name)
        if _SHA256.fullmatch(name):
            self._last = max(self._last, name)
        self._unwritten += 1
        if self._unwritten >= _EVERY:
            self.keep()

    def keep(self) -> None:
        """Write it down, durably."""
        self._unwritten = 0
        told = {
            "archive": self._place, "begun_at": self.begun_at.isoformat(), "head": _text(self.head), "last": self._last,
            "amiss": sorted(self._amiss),
        }  # fmt: skip
        aside = self._path.with_name(f".{self._path.name}.{uuid4().hex}")
        write_new(aside, json.dumps(told, ensure_ascii=False, indent=2).encode()).replace(self._path)
        sync(self._path.parent)

    def done(self) -> None:
        """The audit came to its end."""
        with suppress(FileNotFoundError):
            self._path.unlink()


def _text(head: Head | None) -> str:
    return f"{head.number}:{head.hash}" if head else ""


def _read(path: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        datetime.fromisoformat(told["begun_at"])
        if told["head"]:
            parse_head(told["head"])
        if {"archive", "last"} <= told.keys() and isinstance(told["amiss"], list):
            return dict(told)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise Mismatch(f"{path}: holds no state of an audit: name another file")
