"""Connections to either database, as this program wants them: durable, patient, and telling no values in their errors."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg.adapt import Dumper
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.engine import URL, ExceptionContext

from storage.durable import private_folder
from storage.errors import Unusable
from storage.types import storable

BUSY_SECONDS = 30
"""So long a writer waits for others, on either database."""
_QUIET = True
"""An error's words reach logs and terminals; the values of its statement are names, addresses, whole letters."""
_POOL, _BEYOND = 10, 20
"""Connections kept open, and how many more there may be for a while: the console answers forty requests at once."""
_PATIENT: Mapping[str, str] = {
    "application_name": "baosong",
    "client_encoding": "utf8",
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
    "target_session_attrs": "read-write",
}
"""Of libpq (https://www.postgresql.org/docs/15/libpq-connect.html), unless the URL says otherwise. A server that is gone without
a word, a cable pulled, is noticed within half a minute, where the system would wait for two hours; one that only reads, a
stand-by, is none of ours."""
_SESSION: Mapping[str, str] = {
    "timezone": "UTC",
    "lock_timeout": f"{BUSY_SECONDS}s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""Of the session (https://www.postgresql.org/docs/15/runtime-config-client.html). The server, too, notices within half a minute
that a client is gone, and gives its locks to others."""
_OF_ANOTHER_ORDER = text(
    "SELECT c.relname, array_agg(ARRAY[a.attname, format_type(a.atttypid, a.atttypmod)]) FROM pg_attribute a "
    "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_collation o ON o.oid = a.attcollation "
    "WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped "
    "AND o.collname <> 'C' AND format_type(a.atttypid, NULL) IN ('text', 'character varying') GROUP BY c.relname"
)
"""Tables with those columns of text, each with its type, that are not ordered by bytes."""
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
"""Settings of a server without which a commit is no promise (https://www.postgresql.org/docs/15/runtime-config-wal.html)."""
SECRETS = frozenset({"password", "sslpassword"})
"""Keys that may not stand behind the ? of a URL: that part of it is shown."""


def sqlite_engine(url: URL) -> Engine:
    """SQLite in a file, which is made where there is none, for its owner alone. Raises Unusable where that cannot be."""
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=_QUIET)
    path = Path(str(url.database))

    @event.listens_for(engine, "do_connect")
    def _make_file(*_: Any) -> None:
        """SQLite would make the file by the umask; names and phones lie in it. -wal and -shm take the file's mode."""
        if path.exists():
            return
        try:
            private_folder(path.parent)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise Unusable(f"database {path}: cannot be made in its folder: {error.strerror}") from error

    @event.listens_for(engine, "connect")
    def _prepare(dbapi: Any, _: Any) -> None:
        dbapi.isolation_level = None  # the driver must not begin transactions of its own: `_start` does
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS}000"):
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _start(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def postgresql_engine(url: URL) -> Engine:
    """PostgreSQL through a pool: connections that the server ended, as by its restart, are found out and made anew."""
    engine = create_engine(
        url,
        connect_args=_arguments(url, _PATIENT["application_name"]),
        hide_parameters=_QUIET,
        isolation_level="READ COMMITTED",
        max_overflow=_BEYOND,
        pool_pre_ping=True,
        pool_size=_POOL,
    )
    event.listen(engine, "handle_error", _without_values)
    event.listen(engine, "connect", _take_any_text)
    return engine


def single_engine(url: URL, name: str) -> Engine:
    """PostgreSQL for one connection of its own, in no transaction. The server has whose it is, for whoever asks who holds what."""
    name = f"{_PATIENT['application_name']} {name} (process {os.getpid()})"
    return create_engine(
        url,
        connect_args=_arguments(url, name),
        hide_parameters=_QUIET,
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
    )


def order_by_bytes(tx: Connection) -> None:
    """Text is compared by its bytes, as on SQLite, whatever order the server's database was made with: else answers would come in
    another order, and an index would be of no use any more once the system's tables of a language change
    (https://wiki.postgresql.org/wiki/Locale_data_changes). Raises Unusable where the database is not in UTF-8."""
    if (encoding := tx.execute(text("SHOW server_encoding")).scalar()) != "UTF8":
        raise Unusable(f"the database is in {encoding}: make it with ENCODING 'UTF8'")
    for table, names in tx.execute(_OF_ANOTHER_ORDER).all():
        changes = ", ".join(f'ALTER COLUMN "{name}" TYPE {kind} COLLATE "C"' for name, kind in names)
        tx.execute(text(f'ALTER TABLE "{table}" {changes}'))


def _arguments(url: URL, name: str) -> dict[str, str]:
    """What the driver is given beside the URL, whose own words count: `connect_args` would go before them."""
    options = " ".join(f"-c {key}={value}" for key, value in _SESSION.items())
    theirs = url.query.get("options", "")
    given = {**_PATIENT, "application_name": name}
    left = {key: value for key, value in given.items() if key not in url.query}
    return left | {"options": f"{options} {theirs if isinstance(theirs, str) else ' '.join(theirs)}".strip()}


class _AnyText(Dumper):
    """Text on its way to the server, which takes no NUL and no lone surrogate: whatever stands in an address of a page, or is typed
    into a search, finds nothing, as on SQLite, and stops nothing."""

    def dump(self, obj: str) -> bytes:
        return storable(obj).encode()


def _take_any_text(connection: psycopg.Connection[Any], _: object) -> None:
    connection.adapters.register_dumper(str, _AnyText)


def _without_values(context: ExceptionContext) -> None:
    """PostgreSQL adds to its message the row that failed (`DETAIL`), with every value in it."""
    told = context.original_exception
    diagnosis = getattr(told, "diag", None)
    primary = getattr(diagnosis, "message_primary", None)
    if primary is None:
        return
    whole = str(told)
    told.args = (primary,)
    outer = context.sqlalchemy_exception
    if outer is not None:
        outer.args = tuple(arg.replace(whole, primary) if isinstance(arg, str) else arg for arg in outer.args)
