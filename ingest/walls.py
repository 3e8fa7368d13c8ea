"""The walls round a child: it gives up network, other files, programs and other processes before it reads anything.

Three walls of the Linux kernel, each raised where the system grants it; none needs root. Landlock leaves the files that
the readers need, seccomp no system call that reaches beyond the process, and the capabilities of root are laid down.
`gaps` tries them out.
"""

from __future__ import annotations

import ctypes
import mimetypes
import os
import socket
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from ingest import landlock, seccomp

_SET_DUMPABLE, _SET_NO_NEW_PRIVS = 4, 38
_CAPABILITIES = 0x20080522
"""_LINUX_CAPABILITY_VERSION_3 (capset(2)): two sets of 32."""
_OURS = ("domain", "parsers", "notifier", "config", "ingest")
_SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"),  # what libraries load
    *("/usr/share/zoneinfo", "/etc/localtime"),
    *("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts"),  # PDFs that bring none of their own
    *("/dev/null", "/dev/urandom", "/dev/random", "/dev/zero"),
    "/proc/self",  # that is, the child's own
    *("/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu", "/sys/bus/pci"),  # what onnxruntime runs on
)


def shut_own_process() -> None:
    """Other processes of the same user can no longer read this one's environment, memory or open files (unless they have
    CAP_SYS_PTRACE), and it leaves no core dump. Its own children are such processes."""
    with suppress(OSError):
        _prctl(_SET_DUMPABLE, 0)


def raise_walls(folder: Path | None) -> None:
    """Raises what the system grants. From now on the process reads and writes files in `folder` alone (None: none),
    and reads code, libraries and fonts. What it has open stays open."""
    shut_own_process()
    tempfile.tempdir = str(folder) if folder else os.devnull
    os.environ["TMPDIR"] = tempfile.tempdir
    for wall in (_lay_down_capabilities, lambda: _prctl(_SET_NO_NEW_PRIVS, 1)):
        with suppress(OSError):
            wall()
    with suppress(OSError):
        landlock.restrict(_READABLE, [folder] if folder else [])
    with suppress(OSError):
        seccomp.restrict()


def gaps(worker: int) -> list[str]:
    """What a process can still do behind the walls that it should not, in English. `worker`: process id of the parent
    of all. To be asked in a child."""
    attempts: dict[str, Callable[[], object]] = {
        "open network connections": lambda: socket.socket().close(),
        "start processes": _fork,
        "start programs": lambda: os.execv("/nonexistent", ["/nonexistent"]),  # noqa: S606 refused before it is looked for
        "read the files of its user": lambda: Path("/etc/passwd").read_bytes(),
        "write files anywhere": _write,
        "read the worker's environment": lambda: Path(f"/proc/{worker}/environ").read_bytes(),
        "send signals to the worker": lambda: os.kill(worker, 0),
    }
    return [what for what, attempt in attempts.items() if not _refused(attempt)]


def _refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _write() -> None:
    """Beside the folder that it may write to, or in the place for temporary files."""
    place = Path(tempfile.gettempdir()).parent if tempfile.gettempdir() != os.devnull else Path("/tmp")  # noqa: S108
    with tempfile.NamedTemporaryFile(dir=place):
        pass


def _readable() -> Iterator[Path]:
    """Code, libraries, fonts. Of folders that Python looks for modules in, only those that hold nothing but modules: the
    working directory, where the configuration lies, is often one of the others."""
    yield from map(Path, _SYSTEM)
    yield from map(Path, mimetypes.knownfiles)
    yield from (
        Path(path) for path in {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    )
    yield Path(sys.base_prefix, "lib")
    yield from (Path(path) for path in sys.path if Path(path).name in ("site-packages", "dist-packages"))
    here = Path(__file__).resolve().parents[1]
    yield from (here / name for name in _OURS)


_READABLE = tuple(_readable())
"""Made once, in the fork server: a child should start quickly."""


def _lay_down_capabilities() -> None:
    """Of a worker that root runs: its children are no longer above files' owners and resource limits."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES, 0)
    if ctypes.CDLL(None, use_errno=True).capset(header, (ctypes.c_uint32 * 6)()):
        raise OSError(ctypes.get_errno(), "capset")


def _prctl(option: int, value: int) -> None:
    zero = ctypes.c_ulong(0)
    if ctypes.CDLL(None, use_errno=True).prctl(option, ctypes.c_ulong(value), zero, zero, zero):
        raise OSError(ctypes.get_errno(), f"prctl {option}")
