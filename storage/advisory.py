"""Locks of PostgreSQL on what has no row of its own: for one transaction, or for as long as a process works.

They are advisory locks (https://www.postgresql.org/docs/15/explicit-locking.html#ADVISORY-LOCKS), which the server lets go of when
transaction or connection end, however they end. SQLite needs neither: there one transaction writes at a time, and processes
share a folder (`storage/lock.py`).
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from storage.errors import Busy, Unavailable
from storage.lock import Held

log = structlog.get_logger(__name__)

_OURS = 0x62616F73
"""First half of every key: "baos". Other programs that use the same database take other ones."""
LOOK_SECONDS = 5.0
"""So often it is asked whether the lock still stands."""
SURE_SECONDS = 20.0
"""So long an answer counts. The server gives the lock of a client that is gone to nobody for 25 (`engines._SESSION`), so that
whoever cannot ask has stopped before another begins."""
_MOMENT = 0.5
_WHO = text(
    "SELECT a.application_name, host(a.client_addr) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid::bigint = :ours "
    "AND l.objid::bigint = :key AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def alone(tx: Connection, *name: str) -> None:
    """Nobody else comes past this with the same name until this transaction ends: for what is read, and then written by what was
    read. Of two that wait for one another the server ends one, which may be tried again."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(_OURS, _key(*name))))


def is_held(tx: Connection, name: str) -> bool:
    """Whether some process holds the lock of that name now."""
    return _holder(tx, name) is not None


@contextmanager
def sole(engine: Engine, name: str, place: str, *, look: float = LOOK_SECONDS, shared: bool = False) -> Iterator[Held]:
    """Holds the lock of that name on a connection of its own, which `engine` makes, and asks every `look` seconds whether it still
    does; `shared`: beside others who share it. Raises Busy when another process holds it otherwise, and says where that is;
    Unavailable where the server cannot be asked."""
    lock = _Lock(engine, name, look, shared)
    try:
        other = None if lock.take_soon() else lock.holder()
    except DBAPIError as error:
        lock.close()
        raise Unavailable(f"database {place}: {' '.join(str(error.orig).split())}") from error
    if other is not None:
        lock.close()
        raise Busy(f"another {name}{other} holds {place}")
    watch = threading.Thread(target=lock.watch, name=f"lock-{name}", daemon=True)
    watch.start()
    try:
        yield lock
    finally:
        lock.ending.set()
        watch.join(SURE_SECONDS)
        lock.release()


class _Lock(Held):
    """A session's lock, and the thread that looks after it."""

    def __init__(self, engine: Engine, name: str, look: float, shared: bool) -> None:
        self._engine = engine
        self._name = name
        self._look = look
        self._try = func.pg_try_advisory_lock_shared if shared else func.pg_try_advisory_lock
        self._connection: Connection | None = None
        self._sure = 0.0
        self._taken_over = False
        self.ending = threading.Event()

    def stands(self) -> bool:
        return not self._taken_over and time.monotonic() - self._sure < SURE_SECONDS

    def is_lost(self) -> bool:
        return self._taken_over

    def take(self) -> bool:
        """Connects and takes it, unless another has it."""
        asked = time.monotonic()
        self._connection = self._engine.connect()
        got = bool(self._connection.execute(select(self._try(_OURS, _key(self._name)))).scalar())
        self._sure = asked if got else 0.0
        return got

    def take_soon(self) -> bool:
        """As `take`: of one that was killed just now the server knows in a moment."""
        until = time.monotonic() + _MOMENT
        while not self.take():
            if time.monotonic() > until:
                return False
            self.close()
            time.sleep(_MOMENT / 10)
        return True

    def holder(self) -> str:
        """Where the one is that holds it, in words."""
        if self._connection is None:
            return ""
        found = _holder(self._connection, self._name)
        return f", {found}," if found else ""

    def watch(self) -> None:
        """Until the end: asks, and takes the lock again where the connection went and nobody else was quicker."""
        while not self.ending.wait(self._look):
            asked = time.monotonic()
            try:
                if self._connection is None:
                    self._again()
                else:
                    self._connection.execute(text("SELECT 1"))
                    self._sure = asked
            except DBAPIError as error:
                log.warning("lock_unsure", name=self._name, error=str(error.orig).strip())
                self.close()
            if self._taken_over:
                return

    def _again(self) -> None:
        if self.take():
            log.info("lock_taken_again", name=self._name)
            return
        log.error("lock_lost", name=self._name, to=self.holder())
        self._taken_over = True

    def release(self) -> None:
        """At once: that a connection was closed the server finds out a moment later."""
        if self._connection is not None:
            with suppress(DBAPIError):
                self._connection.execute(select(func.pg_advisory_unlock(_OURS, _key(self._name))))
        self.close()

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DBAPIError):
                connection.close()


def _holder(tx: Connection, name: str) -> str | None:
    key = _key(name) & 0xFFFF_FFFF  # pg_locks shows it without its sign
    row = tx.execute(_WHO, {"ours": _OURS, "key": key}).first()
    return None if row is None else f"{row[0] or 'unnamed'} at {row[1] or 'the same machine'}"


def _key(*name: str) -> int:
    """Second half of a key: 32 bits with a sign. Names that share one wait for each other now and then, and that is all."""
    number = zlib.crc32("\0".join(name).encode("utf-8", "surrogatepass"))
    return number - (1 << 32) if number >= 1 << 31 else number
