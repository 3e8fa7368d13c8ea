"""A PostgreSQL server of one's own in a temporary folder, on a socket there alone, ended at the end. Debian's `postgresql`."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PROGRAMS = Path("/usr/lib/postgresql")
_SETTINGS = (
    "listen_addresses=",
    "shared_buffers=256MB",
    "maintenance_work_mem=512MB",
    "fsync=off",
    "max_wal_size=4GB",
    "jit=off",
)
"""fsync off: what is measured is reading. Else as delivered."""


@contextmanager
def cluster(folder: Path | None = None) -> Iterator[str]:
    """→ the URL of an empty database, or of what an earlier run left in `folder`. Raises FileNotFoundError without PostgreSQL."""
    home = Path(tempfile.mkdtemp(prefix="baosong-pg-")) if folder is None else folder
    home.mkdir(parents=True, exist_ok=True)
    data = home / "cluster"
    try:
        if not data.exists():
            data.mkdir(mode=0o700)
            _owned(home)
            _owned(data)
            _run("initdb", "-D", data, "-U", "postgres", "--locale=C", "--encoding=UTF8", "--auth=trust", "--no-sync")
        options = " ".join(f"-c {each}" for each in (*_SETTINGS, f"unix_socket_directories={home}"))
        _run("pg_ctl", "-D", data, "-w", "-o", options, "-l", home / "server.log", "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={home}"
        finally:
            _run("pg_ctl", "-D", data, "-w", "-m", "fast", "stop")
    finally:
        if folder is None:
            shutil.rmtree(home, ignore_errors=True)


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
