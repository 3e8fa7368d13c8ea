"""Copies of a whole database: a file of SQLite, whatever the database is, and such a file put in the place of one that is empty."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from storage import carrying, search_writing, state
from storage.database import Database, Transaction, revision_of
from storage.durable import sync
from storage.errors import Unusable
from storage.search import DUE


def snapshot(base: Database, target: Path) -> None:
    """A copy of the database as it stands at one moment, durable, into a new file; who writes meanwhile is not held up.
    The schema stays as old as it is. Raises Unusable, Unavailable."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    if base.server is None:
        _of_file(base, target)
    else:
        _of_server(base, target)
    sync(target)


def occupied(base: Database) -> str | None:
    """Where something stands that nothing may be written over; tables of ours without a row are nothing."""
    if base.server is None:
        return next(map(str, base.files()), None)
    with base.read() as tx:
        table = carrying.holds_rows(tx)
    return f"table {table} of the database {base.place}" if table else None


@contextmanager
def put_in_place(copy: Path, base: Database, check: Callable[[Transaction], None]) -> Iterator[None]:
    """At its end the copy, whose schema is the newest, is the database. What happens within happens before, and if it fails there is no
    database. On a server all of it is one transaction, which `check` may look at: one that is broken off leaves nothing.

    Raises Unusable where a value does not fit.
    """
    if base.server is None:
        yield
        place = Path(base.place)
        copy.rename(place)
        sync(place.parent)
        return
    with closing(Database(f"sqlite:///{copy.resolve()}")) as source, source.read() as file, base.begin() as tx:
        base.upgrade_within(tx)
        carrying.into_server(file, tx)
        search_writing.put_grams(tx)
        check(tx)
        yield


def _of_file(base: Database, target: Path) -> None:
    """By SQLite's online back-up (https://www.sqlite.org/backup.html), all pages in one step."""
    with base.read() as tx, closing(sqlite3.connect(target)) as copy:
        driver: Any = tx.connection.driver_connection
        try:
            driver.backup(copy)
        except sqlite3.Error as error:
            raise Unusable(f"database {base.place}: cannot be copied: {error}") from error


def _of_server(base: Database, target: Path) -> None:
    """All tables in one view of them (https://www.postgresql.org/docs/15/transaction-iso.html#XACT-REPEATABLE-READ), which is read
    and nothing else. The index of an older schema is left out: it was made by rules of then, and can be made anew."""
    with closing(Database(f"sqlite:///{target.resolve()}")) as copy:
        with base.read() as server:
            server.execute(text("SET TRANSACTION READ ONLY"))
            copy.upgrade(revision_of(server) or "base")
            newest = copy.current()
            tables = [each for each in carrying.tables(server) if newest or each.name not in carrying.SEARCH]
            with copy.begin() as file:
                carrying.from_server(server, file, tables)
        with copy.begin() as file:  # the server need not keep its view for this
            if newest:
                search_writing.put_grams(file)
            else:
                state.put(file, DUE, True)
