"""Landlock (Linux 5.13): the calling process gives up all files but those below the paths it names, for ever.

Numbers and structures are those of the kernel's `include/uapi/linux/landlock.h`; the three system calls have the same
number on every architecture.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5
_MAKE_DIR, _MAKE_REG, _TRUNCATE = 1 << 7, 1 << 8, 1 << 14
_ALL_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
"""What is given up by the version of the interface: the newest that the kernel and this module both know."""
_BIND_AND_CONNECT = 0b11
_NET_FROM, _SCOPED_FROM = 4, 6
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11
_READ = _READ_FILE | _READ_DIR
_WRITE = _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _TRUNCATE
_ON_A_FILE = _WRITE_FILE | _READ_FILE | _TRUNCATE


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Of the kernel's interface; 0 where there is none, or it is switched off."""
    try:
        return _call(_CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


def restrict(readable: Iterable[Path], writable: Iterable[Path]) -> None:
    """Keeps reading below `readable` and reading and writing below `writable`; paths that are not there are left out.

    No link, device, pipe or socket can be made anywhere, no TCP port be had (interface 4), no abstract socket or process
    outside be reached (6). The caller has set PR_SET_NO_NEW_PRIVS. Raises OSError where there is no Landlock.
    """
    known = version()
    files = _ALL_FILES[min(max(known, 1), max(_ALL_FILES))]
    attributes = _Ruleset(files, _BIND_AND_CONNECT, _ABSTRACT_SOCKETS_AND_SIGNALS)
    size = (
        8 if known < _NET_FROM else 16 if known < _SCOPED_FROM else 24
    )  # an older kernel refuses what it does not know
    ruleset = _call(_CREATE_RULESET, ctypes.byref(attributes), size, 0)
    try:
        for paths, rights in ((readable, _READ), (writable, _WRITE)):
            for path in paths:
                _allow(ruleset, path, rights & files)
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        allowed = rights if path.is_dir() else rights & _ON_A_FILE
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(_Beneath(allowed, place)), 0)
    finally:
        os.close(place)


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    got = int(libc.syscall(ctypes.c_long(number), *(_wide(each) for each in arguments)))
    if got < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"landlock: {os.strerror(number)}")
    return got


def _wide(argument: object) -> object:
    """An integer as a whole register: of a variadic call's narrow ones the upper half is undefined."""
    return ctypes.c_long(argument) if isinstance(argument, int) else argument
