"""Verifying from within a process that does other things: in a thread, one at a time, with progress, and a record of how it ended.

What is found goes into the ledger as numbers and a digest; the findings themselves, which may quote what somebody put into an
altered record, stand in the table of states and are believed only where that digest is theirs.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import structlog

from ingest import evidence
from ingest.app import App
from storage import ledger, ledger_reading, state
from storage.canonical import Json
from storage.database import Transaction
from storage.errors import StorageError
from storage.fault import Fault
from storage.ledger import Head
from storage.progress import Stage
from storage.verify import Verification

log = structlog.get_logger(__name__)

BEGUN, ENDED = "audit.begun", "audit.ended"
SUBJECT = "audit"
MOST_KEPT = 2000
"""Findings that are kept and shown one by one; of more the number. The 26 sample mails, all wrong, make some 400."""
_KEY = "audit:last"


@dataclass(frozen=True, kw_only=True)
class Reached:
    """How far it is."""

    stage: Stage = Stage.LEDGER
    done: int = 0
    total: int = 0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a verification ended. `failed`: it could not be brought to its end. `count` is of all faults, `faults` has the first
    `MOST_KEPT`, and is None where they are not kept any more, or are not those that the ledger has the digest of."""

    ok: bool
    failed: bool
    checked: int
    count: int
    older: int
    unchecked: int
    erased: int
    faults: tuple[Fault, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Run:
    """One verification. `outcome` is None while it runs, and of one that was broken off; `heads` are those it was held
    against, as `NUMBER:HASH`; `ended` is the number of the entry that tells the outcome, None while that is not sealed."""

    id: str
    by: str
    begun_at: datetime | None
    heads: tuple[str, ...]
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    ended: int | None = None


class _Stopped(Exception):
    """The process ends."""


@dataclass
class Auditor:
    """The verifications of one process. Thread-safe."""

    app: App
    verify: Callable[..., Verification] = evidence.verify
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None
    _running: str = ""
    _reached: Reached = field(default_factory=Reached)
    _stopping: bool = False

    def start(self, heads: Sequence[Head], *, by: str) -> bool:
        """Begins one, unless one runs: then False. Raises Unavailable where nothing can be entered."""
        with self._lock:
            if self._running or self._stopping:
                return False
            run = uuid4().hex
            told: dict[str, Json] = {"run": run, "by": by, "heads": [f"{head.number}:{head.hash}" for head in heads]}
            with self.app.database.begin() as tx:
                ledger.append(tx, BEGUN, SUBJECT, told, at=self.app.clock())
            self._running, self._reached = run, Reached()
            self._thread = threading.Thread(target=self._run, args=(run, by, heads), name="audit", daemon=True)
            self._thread.start()
        return True

    @property
    def reached(self) -> tuple[str, Reached] | None:
        """Which one runs, and how far it is; None when none runs."""
        with self._lock:
            return (self._running, self._reached) if self._running else None

    def wait(self) -> None:
        """Until none runs."""
        thread = self._thread
        if thread:
            thread.join()

    def stop(self) -> None:
        """Breaks off what runs, for the end of the process: the ledger then tells of a beginning and of no end."""
        self._stopping = True
        self.wait()

    def _run(self, run: str, by: str, heads: Sequence[Head]) -> None:
        try:
            found = self._verified(heads)
            with suppress(StorageError):  # then it stands there as broken off
                _enter(self.app, run, by, found)
        except _Stopped:
            log.info("audit_broken_off")
        finally:
            with self._lock:
                self._running = ""

    def _verified(self, heads: Sequence[Head]) -> Verification | None:
        """None where it fails: whatever was put into a record, who asked is told that there is no outcome."""
        try:
            return self.verify(self.app, heads, progress=self._tell)
        except _Stopped:
            raise
        except Exception as error:  # noqa: BLE001  see above
            quotes_nothing = isinstance(error, StorageError | OSError)
            log.error("audit_failed", error=str(error) if quotes_nothing else type(error).__name__)
            return None

    def _tell(self, stage: Stage, done: int, total: int) -> None:
        if self._stopping:
            raise _Stopped
        with self._lock:
            self._reached = Reached(stage=stage, done=done, total=total)


def _enter(app: App, run: str, by: str, found: Verification | None) -> None:
    """The outcome, None where there is none, into the ledger, and what was found beside it."""
    faults = found.faults if found else ()
    kept = _kept(faults)
    told: dict[str, Json] = {
        "run": run,
        "by": by,
        "failed": found is None,
        "ok": found is not None and found.ok,
        "checked": found.checked if found else 0,
        "faults": len(faults),
        "older": found.older if found else 0,
        "unchecked": found.unchecked if found else 0,
        "erased": len(found.erased) if found else 0,
        "findings": _digest(kept),
    }
    with app.database.begin() as tx:
        ledger.append(tx, ENDED, SUBJECT, told, at=app.clock())
        state.put(tx, _KEY, {"run": run, "faults": kept}, at=app.clock())


def _kept(faults: Sequence[Fault]) -> list[Json]:
    return [{"object": fault.object, "fault": fault.fault} for fault in faults[:MOST_KEPT]]


def _digest(kept: object) -> str:
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def runs(app: App, limit: int = 10) -> tuple[Run, ...]:
    """The newest verifications, newest first, as the ledger tells of them; of the very last one what was found."""
    with app.database.read() as tx:
        entries = ledger_reading.newest(tx, SUBJECT, 2 * limit)
        stored = _stored(tx)
    found: dict[str, Run] = {}
    for entry in entries:  # the end of each comes before its beginning
        body = ledger.told(entry.body)
        run = str(body.get("run", ""))
        known = found.get(run, Run(id=run, by=str(body.get("by", "")), begun_at=None, heads=()))
        if entry.kind == ENDED:
            known = replace(known, ended_at=entry.at, ended=entry.number, outcome=_outcome(run, body, stored))
        else:
            known = replace(known, begun_at=entry.at, heads=_texts(body.get("heads")))
        found[run] = known
    return tuple(found.values())[:limit]


def _stored(tx: Transaction) -> Json:
    try:
        return state.get(tx, _KEY)
    except ValueError:  # altered: no JSON
        return None


def _outcome(run: str, body: dict[str, Any], stored: Json) -> Outcome:
    counts = {name: _number(body.get(name)) for name in ("checked", "faults", "older", "unchecked", "erased")}
    count = counts.pop("faults")
    return Outcome(
        ok=body.get("ok") is True,
        failed=body.get("failed") is True,
        count=count,
        faults=_findings(run, body, stored) if count else (),
        **counts,
    )


def _findings(run: str, body: dict[str, Any], stored: Json) -> tuple[Fault, ...] | None:
    """What was found, where it is kept and is what the ledger tells of."""
    kept = stored.get("faults") if isinstance(stored, dict) and stored.get("run") == run else None
    if not isinstance(kept, list) or _digest(kept) != body.get("findings"):
        return None
    return tuple(
        Fault(object=str(one.get("object")), fault=str(one.get("fault"))) for one in kept if isinstance(one, dict)
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
