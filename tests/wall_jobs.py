"""What children try in tests/test_walls.py: each returns what it got, or raises what it was refused with."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO


def attempt(attempts: Sequence[tuple[str, str]]) -> bytes:
    """What comes of each (name, argument): `refused`, `done` or another error. → a JSON list."""
    return json.dumps([_attempt(name, argument) for name, argument in attempts]).encode()


def _attempt(name: str, argument: str) -> str:
    try:
        ATTEMPTS[name](argument)
    except PermissionError:
        return "refused"
    except Exception as error:  # noqa: BLE001 what else comes of it is told
        return f"{type(error).__name__}: {error}"
    return "done"


def _thread(_: str) -> None:
    thread = threading.Thread(target=len, args=("",))
    thread.start()
    thread.join()


def _peek(pid: str) -> None:
    """process_vm_readv of another process."""
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(8)
    local = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
    if libc.process_vm_readv(int(pid), local, 1, local, 1, 0) < 0:
        raise OSError(ctypes.get_errno(), "process_vm_readv")


def _trace(pid: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, int(pid), None, None) < 0:  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), "ptrace")


def _raise_limit(_: str) -> None:
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_CPU, (99_999, 99_999))
    except ValueError as error:  # how Python words EPERM here
        raise PermissionError(str(error)) from error


def _limit_of(pid: str) -> None:
    import resource

    resource.prlimit(int(pid), resource.RLIMIT_CPU, (1, 1))


ATTEMPTS: dict[str, Callable[[str], object]] = {
    "read": lambda path: Path(path).read_bytes(),
    "list": os.listdir,
    "write": lambda path: Path(path).write_bytes(b"x"),
    "make folder": os.mkdir,
    "remove": os.remove,
    "mode": lambda path: Path(path).chmod(0o777),
    "link": lambda path: os.link(path, path + ".link"),
    "symlink": lambda path: Path(path).symlink_to("/etc/passwd"),
    "pipe": os.mkfifo,
    "temporary": lambda _: tempfile.TemporaryFile().close(),
    "tcp": lambda _: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close(),
    "udp": lambda _: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
    "local socket": lambda _: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close(),
    "resolve": lambda _: socket.create_connection(("127.0.0.1", 9)),
    "fork": lambda _: os.fork() or os._exit(0),
    "program": lambda _: subprocess.run(["/bin/true"], check=True),
    "become a program": lambda _: os.execv("/bin/true", ["true"]),  # noqa: S606
    "signal": lambda pid: os.kill(int(pid), 0),
    "signal group": lambda _: os.kill(0, 0),
    "signal itself": lambda _: os.kill(os.getpid(), 0),
    "peek": _peek,
    "trace": _trace,
    "priority": lambda pid: os.setpriority(os.PRIO_PROCESS, int(pid), 19),
    "limit": _limit_of,
    "own limit": _raise_limit,
    "thread": _thread,
    "become root": lambda _: os.setuid(0) if os.getuid() else os.setuid(1),
}


def environment_in_memory() -> bytes:
    """The variables that the fork server was started with, as they lie in this process's memory."""
    return Path("/proc/self/environ").read_bytes()


def with_files(files: Sequence[BinaryIO]) -> bytes:
    """Their descriptors. They are at their beginning, whoever read them before."""
    contents = []
    for file in files:
        file.seek(0)
        contents.append(file.read())
    assert contents == [b"one", b"two"] * (len(files) // 2)
    return repr([file.fileno() for file in files]).encode()
