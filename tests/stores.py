"""Databases of tests at the newest schema, made once a run: migrating takes longer than most tests."""

from __future__ import annotations

import atexit
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from storage.database import Database

D = TypeVar("D", bound=Database)


@dataclass(frozen=True, kw_only=True)
class _Made:
    """An empty database, and the engine that it was made by."""

    file: Path
    base: Database


@cache
def _made() -> _Made:
    folder = Path(tempfile.mkdtemp(prefix="baosong-test-"))
    atexit.register(shutil.rmtree, folder)
    base = Database(f"sqlite:///{folder / 'empty.db'}")
    base.upgrade()
    base.close()
    return _Made(file=folder / "empty.db", base=base)


def compiled_once(base: D) -> D:
    """The database, with the statements that the others of this run have compiled: a process of the product has one
    database, the tests a thousand, and compiling anew was a third of what many of them took."""
    base._engine.dialect, base._engine._compiled_cache = (
        _made().base._engine.dialect,
        _made().base._engine._compiled_cache,
    )
    return base


def fresh(base: D) -> D:
    """An empty one, in a file that the product itself makes where there is none."""
    compiled_once(base)
    with base.read():
        [file] = (path for path in base.files() if path.suffix == ".db")
    base.close()
    with closing(sqlite3.connect(_made().file)) as empty, closing(sqlite3.connect(file)) as made:
        empty.backup(made)
    return base
