"""The database: opening it, transactions, migrations."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Insert, Result, Select, Table, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage import advisory, lock
from storage.driver_errors import translated
from storage.engines import DURABLE, SECRETS, order_by_bytes, postgresql_engine, single_engine, sqlite_engine
from storage.errors import Unavailable, Unusable
from storage.lock import Held

Transaction = Connection
"""What `begin` and `read` give and every function of storage takes; to be passed on, not used, outside storage."""

_SQLITE, _POSTGRESQL = ("sqlite", "sqlite+pysqlite"), "postgresql+psycopg"
_FORMS = f"sqlite:///FILE or {_POSTGRESQL}://USER@HOST/NAME"
_MIGRATIONS = Path(__file__).parent / "migrations"
_AT_ONCE = 100
"""Rows in memory while many are gone through. The largest reading of the 26 sample mails takes 23 kB (37 readings): 2.3 MB."""


class Database:
    """A database by its URL (`sqlite:///FILE`, `postgresql+psycopg://USER@HOST/NAME`). Nothing connects before it is used.

    `password` of a server, "" for what the URL or libpq's own files say. Raises ValueError for a URL that names none, or
    holds what would not mean what it says.
    """

    def __init__(self, url: str, password: str = "") -> None:
        self._url = _taken(url)
        self._sqlite = self._url.drivername in _SQLITE
        if password:
            self._url = self._url.set(password=password)
        self._engine = sqlite_engine(self._url) if self._sqlite else postgresql_engine(self._url)

    @property
    def place(self) -> str:
        """The file of SQLite, or the URL without its password: for the operator to read."""
        return str(self._url.database) if self._sqlite else self._url.render_as_string()

    @property
    def file(self) -> Path | None:
        """The file of SQLite; None for a server, whose files are none of ours."""
        return Path(str(self._url.database)) if self._sqlite else None

    @property
    def server(self) -> str | None:
        """Where a server is, with its password, as libpq takes it (a URL): for others who connect to it. None for SQLite."""
        if self._sqlite:
            return None
        return self._url.set(drivername="postgresql").render_as_string(hide_password=False)

    def exists(self) -> bool:
        """Whether there is a database to open; asking makes none, as opening would."""
        return not self._sqlite or Path(str(self._url.database)).is_file()

    def room(self) -> int:
        """Bytes left on the disk of an SQLite database; a server minds its own."""
        if not self._sqlite:
            return sys.maxsize
        disk = os.statvfs(Path(str(self._url.database)).parent)
        return disk.f_bavail * disk.f_frsize

    def sole_worker(self) -> AbstractContextManager[Held]:
        """Held by the one worker of a database, or the one that leads. Raises Busy when another process has it."""
        return self._sole("worker", ".lock")

    def member(self) -> AbstractContextManager[Held]:
        """Held by each of many that process mails of one server. Raises Busy while somebody needs to be alone."""
        return advisory.sole(single_engine(self._url, "member"), "member", self.place, shared=True)

    @contextmanager
    def nobody_at_work(self) -> Iterator[None]:
        """For what must not run beside any worker. Raises Busy when one is at work."""
        with ExitStack() as stack:
            stack.enter_context(self.sole_worker())
            if not self._sqlite:
                engine = single_engine(self._url, "member")
                stack.enter_context(advisory.sole(engine, "member", self.place))
            yield

    def worker_holds(self) -> bool:
        """Whether a worker is at work now."""
        return self._is_held("worker", ".lock")

    def console(self) -> AbstractContextManager[Held]:
        """Held by the console of a database. Raises Busy when another process is one."""
        return self._sole("console", ".web.lock")

    def console_runs(self) -> bool:
        """Whether the console of a database is at work now."""
        return self._is_held("console", ".web.lock")

    def _sole(self, name: str, ending: str) -> AbstractContextManager[Held]:
        if self._sqlite:
            return lock.sole(Path(f"{self._url.database}{ending}"))
        return advisory.sole(single_engine(self._url, name), name, self.place)

    def _is_held(self, name: str, ending: str) -> bool:
        if self._sqlite:
            return lock.is_held(Path(f"{self._url.database}{ending}"))
        with self.read() as tx:
            return advisory.is_held(tx, name)

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction that writes: commits at the end, rolls back on any exception.

        On SQLite it takes the write lock at once, so writers queue (up to 30 s) rather than fail half-way. On PostgreSQL each
        statement sees what was committed before it: what is read to be written again is locked (`storage.advisory.alone`).
        Raises `Unavailable` when the database cannot serve, `Conflict` when a unique constraint was broken.
        """
        with translated(self.place), self._engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A consistent view for reading; whatever is written in it is rolled back."""
        with translated(self.place), self._engine.connect() as connection:
            if not self._sqlite:  # where each statement would see what was committed before it, not before the first
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def alone(self, what: str, names: Iterable[str]) -> Iterator[None]:
        """On a server: nobody else is within with one of these names, in whatever process (up to 30 s are waited for). On SQLite
        one process does the work, nobody need wait, and the names are not asked for. Raises Unavailable."""
        if self._sqlite:
            yield
            return
        wanted = sorted(set(names))
        with translated(self.place), self._engine.connect() as connection, connection.begin():
            for name in wanted:  # in one order: two that want the same two wait, but not for each other
                advisory.alone(connection, what, name)
            yield

    def files(self) -> tuple[Path, ...]:
        """What of it lies on the disk: its file, and what SQLite keeps beside that. None for a server."""
        path = str(self._url.database)
        names = [Path(f"{path}{end}") for end in ("", "-wal", "-shm", "-journal")] if self._sqlite else []
        return tuple(name for name in names if name.exists())

    def upgrade(self, revision: str = "head") -> None:
        """Bring the schema to a migration, the newest as a rule; harmless when it is there, safe when two processes try."""
        with self.begin() as tx:
            self.upgrade_within(tx, revision)

    def upgrade_within(self, tx: Transaction, revision: str = "head") -> None:
        """As `upgrade`, together with whatever else that transaction does. Raises Unusable."""
        advisory.alone(tx, "schema")
        if revision_of(tx) is None and inspect(tx).get_table_names():
            raise Unusable(f"database {self.place}: holds tables that are not ours; is it another program's?")
        config = _alembic()
        config.attributes["connection"] = tx
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise Unusable(f"database {self.place}: {error}; was it written by a newer version?") from error
        if not self._sqlite:
            order_by_bytes(tx)

    def scrub(self) -> None:
        """Write the file anew from what stands in it, so that nothing deleted is left in it or in its -wal
        (https://sqlite.org/lang_vacuum.html); on PostgreSQL each table, what the server logged or copied before being its own
        to see to (https://www.postgresql.org/docs/15/sql-vacuum.html). Nobody else may use it meanwhile."""
        if not self._sqlite:
            with translated(self.place), self._engine.connect() as connection:
                tables = ", ".join(f'"{name}"' for name in inspect(connection).get_table_names())
                connection.rollback()
                alone = connection.execution_options(isolation_level="AUTOCOMMIT")
                alone.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {tables}")
            return
        with translated(self.place):
            self._engine.dispose()
            with self._engine.connect() as connection:
                driver = connection.connection.driver_connection
                assert driver is not None  # noqa: S101  it is connected
                driver.execute("VACUUM")
                busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise Unavailable(
                f"database {self.place}: in use, so what was erased may still be in its -wal file; try again"
            )

    def unsafe(self) -> tuple[str, ...]:
        """Settings of a server that let a power cut take back what was committed."""
        if self._sqlite:
            return ()
        with self.read() as tx:
            return tuple(name for name in DURABLE if tx.exec_driver_sql(f"SHOW {name}").scalar() == "off")

    def revision(self) -> str | None:
        """The migration the database stands at, None before the first."""
        with self.read() as tx:
            return revision_of(tx)

    def current(self) -> bool:
        """True if the schema is the one this code was written for."""
        return self.revision() == ScriptDirectory.from_config(_alembic()).get_current_head()

    def close(self) -> None:
        """Close pooled connections, e.g. before a fork or at the end."""
        self._engine.dispose()


def revision_of(tx: Transaction) -> str | None:
    """The migration that the database stands at, None before the first."""
    return MigrationContext.configure(tx).get_current_revision()


def each_row(tx: Transaction, query: Select[Any]) -> Result[Any]:
    """The rows of a query that may give all of a table, a few at a time; PostgreSQL's driver would fetch them all."""
    return tx.execute(query.execution_options(yield_per=_AT_ONCE))


def any_text(tx: Transaction) -> AbstractContextManager[None]:
    """For an audit: text that is no UTF-8, which only SQLite can hold, reads with its bytes written as \\xNN, lest one
    altered value end every query that meets it."""
    return text_read_by(tx, lambda data: data.decode(errors="backslashreplace"))


@contextmanager
def text_read_by(tx: Transaction, read: Callable[[bytes], object]) -> Iterator[None]:
    """Within, what SQLite takes for text is what `read` makes of it."""
    driver: Any = tx.connection.driver_connection if tx.dialect.name == "sqlite" else None
    if driver is None:
        yield
        return
    driver.text_factory = read
    try:
        yield
    finally:
        driver.text_factory = str


def insert_ignoring(tx: Transaction, table: Table) -> Insert:
    """`INSERT … ON CONFLICT DO NOTHING` in the dialect at hand; `rowcount` tells whether it was new."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def upsert(tx: Transaction, table: Table, values: dict[str, Any], update: dict[str, Any]) -> Insert:
    """`INSERT … ON CONFLICT (primary key) DO UPDATE SET update`."""
    keys = [column.name for column in table.primary_key]
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    return insert(table).values(**values).on_conflict_do_update(index_elements=keys, set_=update)


def _taken(url: str) -> URL:
    """The URL taken apart; ValueError for what is no database of ours."""
    try:
        found = make_url(url)
    except ArgumentError as error:
        raise ValueError(f"not the URL of a database: write {_FORMS}") from error
    if found.drivername not in {*_SQLITE, _POSTGRESQL}:
        raise ValueError(f"{found.drivername}: not supported: write {_FORMS}")
    if found.drivername == _POSTGRESQL:
        if SECRETS & found.query.keys():
            raise ValueError("a password after the ? would be shown: give it as [storage] password_file")
        return found
    if found.database in (None, "", ":memory:"):
        raise ValueError("a database in memory cannot be shared by threads or survive a crash: name a file")
    if found.query:
        raise ValueError("options after a ? are not supported: write sqlite:///FILE")
    return found


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
