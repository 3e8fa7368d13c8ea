"""What an error of a database's driver is to us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from storage.errors import Conflict, StorageError, Unavailable, Unusable

_REFUSED = {"42501", "3F000", "42P01", "42703", "22021", "XX001", "XX002"}
"""Codes: no privilege; no schema, table or column of ours; another encoding; damaged table or index."""
_TOO_LARGE = "22003"
"""Code: a number beyond its column's 64 bits."""
_READ_ONLY = "25006"
"""Code: the server became a stand-by."""


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Within, errors of the driver come as ours, with `place` to say which database it was."""
    try:
        yield
    except NoneFree as error:
        raise Unavailable(f"database {place}: every connection is in use") from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _TOO_LARGE:
            raise OverflowError(str(error.orig)) from error  # as SQLite's driver says it
        kind = _kind_of(error)
        if kind is None:
            raise
        raise kind(f"database {place}: {' '.join(str(error.orig).split())}") from error


def _kind_of(error: DBAPIError) -> type[StorageError] | None:
    """What an error of a driver is to us; None for a fault of our own. PostgreSQL tells by a code
    (https://www.postgresql.org/docs/15/errcodes-appendix.html); the driver's classes have deadlocks, serialization failures,
    time-outs of locks and all that befalls a server among OperationalError."""
    code = str(getattr(error.orig, "sqlstate", None) or "")
    if code in _REFUSED:
        return Unusable
    if isinstance(error, IntegrityError):
        return Conflict if code == "23505" or "UNIQUE" in str(error.orig) else None
    if code[:2] == "54":  # a limit of the program: no later try is better
        return None
    if isinstance(error, OperationalError) or error.connection_invalidated or code == _READ_ONLY:
        return Unavailable
    # The bare class is SQLite's word for a damaged file and for none of its own.
    return Unusable if type(error) is DatabaseError else None
