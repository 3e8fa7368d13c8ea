"""A PostgreSQL server of one's own in a temporary folder, on a socket there alone, ended at the end; and databases on it that cost
tens of milliseconds. Debian's `postgresql`."""

from __future__ import annotations

import hashlib
import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

_PROGRAMS = Path("/usr/lib/postgresql")
_SETTINGS = ("listen_addresses=", "fsync=off", "max_wal_size=4GB", "jit=off")
"""fsync off: what a power cut does is not tried. Else as delivered."""
FEW = ("shared_buffers=64MB", "max_connections=400", "autovacuum=off", "full_page_writes=off")
"""For tests: many small databases that live for a second each."""
TEMPLATE = "baosong_empty"


@contextmanager
def cluster(folder: Path | None = None, *, more: Sequence[str] = ()) -> Iterator[str]:
    """→ the URL of an empty database, or of what an earlier run left in `folder`. Raises FileNotFoundError without PostgreSQL.
    `more`: further settings (`name=value`)."""
    home = Path(tempfile.mkdtemp(prefix="baosong-pg-")) if folder is None else folder
    home.mkdir(parents=True, exist_ok=True)
    data = home / "cluster"
    try:
        if not data.exists():
            data.mkdir(mode=0o700)
            _owned(home)
            _owned(data)
            _run("initdb", "-D", data, "-U", "postgres", "--locale=C", "--encoding=UTF8", "--auth=trust", "--no-sync")
        options = " ".join(f"-c {each}" for each in (*_SETTINGS, *more, f"unix_socket_directories={home}"))
        _run("pg_ctl", "-D", data, "-w", "-o", options, "-l", home / "server.log", "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={home}"
        finally:
            _run("pg_ctl", "-D", data, "-w", "-m", "immediate" if folder is None else "fast", "stop")
    finally:
        if folder is None:
            shutil.rmtree(home, ignore_errors=True)


def stop(home: Path, *, at_once: bool = False) -> None:
    """Ends the server of `home`: in order, or as a crash would, so that it has to recover at the next start."""
    _run("pg_ctl", "-D", home / "cluster", "-w", "-m", "immediate" if at_once else "fast", "stop")


def start(home: Path) -> None:
    """Again, as it was started before."""
    options = shlex.split((home / "cluster" / "postmaster.opts").read_text("utf-8"))[3:]
    _run("pg_ctl", "-D", home / "cluster", "-w", "-o", shlex.join(options), "-l", home / "server.log", "start")


def postmaster(home: Path) -> int:
    """The process number of the server of `home`, the parent of all its processes."""
    return int((home / "cluster" / "postmaster.pid").read_text("ascii").split()[0])


class Databases:
    """Databases on a server, each a copy of one that was migrated once. A path names one, as it would a file of SQLite."""

    def __init__(self, server: str) -> None:
        self._server = make_url(server)
        self.made: list[str] = []

    def of(self, path: Path, *, like: Path | None = None) -> str:
        """The URL of the database of that path, made where there is none yet: empty, or a copy of that of another path, which nobody
        may have open."""
        name = _name(path)
        if name not in self.made:
            with suppress(psycopg.errors.DuplicateDatabase):
                template = _name(like) if like else TEMPLATE
                self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
            self.made.append(name)
        return self.url(name)

    def url(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)

    def drop(self, names: Sequence[str]) -> None:
        for name in names:
            self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            self.made.remove(name)

    def execute(self, statement: str) -> None:
        with closing(self.connect("postgres")) as connection:
            connection.execute(statement.encode())

    def connect(self, name: str) -> psycopg.Connection[Any]:
        """A plain connection, in no transaction."""
        query = {key: str(value) for key, value in self._server.query.items()}
        return psycopg.connect(user=self._server.username, dbname=name, autocommit=True, **query)  # type: ignore[arg-type]


def _name(path: Path) -> str:
    return f"b{hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:24]}"


def _run(program: str, *arguments: object) -> None:
    """As the user postgres where we are root: it refuses to run as that."""
    found = sorted(_PROGRAMS.glob(f"*/bin/{program}"))
    if not found:
        raise FileNotFoundError(f"{program}: install Debian's postgresql")
    user = "postgres" if os.geteuid() == 0 else None
    command = [str(found[-1]), *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=user, cwd="/")


def _owned(path: Path) -> None:
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(path, account.pw_uid, account.pw_gid)
