"""The PostgreSQL server of a world, and what may befall it."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bench.faults.pg_proxy import PgProxy
from bench.faults.rules import RuleBook
from bench.faults.small_disk import small_disk
from tests.servers import postgresql

_NAME = "faults"
DISK_MB = 256


@dataclass(kw_only=True)
class DatabaseServer:
    """`url`: of the database, as a worker has it, through the proxy; `straight`: past it, as libpq takes it. `disk`: the small one that
    its tables lie on, where there is one; what the server logs before (WAL) lies elsewhere."""

    url: str
    straight: str
    home: Path
    book: RuleBook
    disk: Path | None
    _frozen: tuple[int, ...] = ()

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.straight, autocommit=True)

    def stop(self, *, at_once: bool) -> None:
        postgresql.stop(self.home, at_once=at_once)

    def start(self) -> None:
        postgresql.start(self.home)

    def end_connections(self) -> None:
        """As an operator does, or a server that is short of memory."""
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        with suppress(psycopg.Error), self.connect() as connection:
            connection.execute(ended, (_NAME,))

    def freeze(self) -> None:
        """No process of it runs any more, and all its connections stand."""
        parent = postgresql.postmaster(self.home)
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()
        self._frozen = (parent, *map(int, children))
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)
        self._frozen = ()

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._frozen:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def hold_tables(self, seconds: float, begun: threading.Event) -> None:
        """Nobody writes for so long, as while an administrator alters them; all may read."""
        with self.connect() as connection, connection.transaction():
            names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            tables = sql.SQL(", ").join(sql.Identifier(name) for (name,) in names)
            for _ in range(20):
                with suppress(psycopg.errors.DeadlockDetected), connection.transaction():
                    connection.execute(sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(tables))
                    begun.set()
                    time.sleep(seconds)
                    return


@contextmanager
def database_server(folder: Path, book: RuleBook) -> Iterator[DatabaseServer]:
    """A server of its own with one empty database, and a proxy before it whose socket lies in `folder`."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="baosong-pg-", ignore_cleanup_errors=True)))
        stack.enter_context(postgresql.cluster(home, more=("autovacuum_naptime=10s",)))
        disk = home / "small"
        disk.mkdir()
        owner = home.stat()
        has_disk = stack.enter_context(small_disk(disk, DISK_MB, uid=owner.st_uid, gid=owner.st_gid))
        stack.callback(_end_database, home)
        with psycopg.connect(f"postgresql://postgres@/postgres?host={home}", autocommit=True) as server:
            place = b""
            if has_disk:
                server.execute(f"CREATE TABLESPACE small LOCATION '{disk}'".encode())
                place = b" TABLESPACE small"
            server.execute(f"CREATE DATABASE {_NAME} TEMPLATE template0 ENCODING 'UTF8'".encode() + place)
        stack.enter_context(PgProxy(folder / "pg", home, book))
        made = DatabaseServer(
            url=f"postgresql+psycopg://postgres@/{_NAME}?host={folder / 'pg'}",
            straight=f"postgresql://postgres@/{_NAME}?host={home}",
            home=home,
            book=book,
            disk=disk if has_disk else None,
        )
        stack.callback(made.thaw)
        yield made


def _end_database(home: Path) -> None:
    """So that nobody holds the small disk; the server itself is ended by who started it."""
    with psycopg.connect(f"postgresql://postgres@/postgres?host={home}", autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {_NAME} WITH (FORCE)".encode())
        server.execute(b"DROP TABLESPACE IF EXISTS small")
