"""Run as a program: raises the SystemCallFilter of the unit round itself, then starts children and reads a mail with them.

`python -m tests.unit_filter NAME…`: the calls that stay allowed; what is not among them answers EPERM, as the unit says.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
import tempfile
from pathlib import Path

_ERRNO, _ALLOW = 0x00050000, 0x7FFF0000
"""SCMP_ACT_ERRNO and SCMP_ACT_ALLOW (seccomp.h of libseccomp)."""


def allow_only(names: list[str]) -> None:
    """Names that this machine's kernel has no number for are left out, as systemd does."""
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    rules = ctypes.c_void_p(library.seccomp_init(_ERRNO | errno.EPERM))
    for name in names:
        number = library.seccomp_syscall_resolve_name(name.encode("ascii"))
        if number >= 0 and library.seccomp_rule_add(rules, ctypes.c_uint32(_ALLOW), number, 0):
            raise OSError(f"no rule for {name}")
    if library.seccomp_load(rules):
        raise OSError("the filter was not loaded")


def main(names: list[str]) -> None:
    allow_only(names)
    from config.settings import Settings
    from ingest.app import build
    from ingest.children import walls_job
    from ingest.trial import read_trial

    with tempfile.TemporaryDirectory() as base, build(Settings(base=Path(base)), apart=True) as app:
        for run in (app.sandbox.decode, app.sandbox.recognise):
            print("gaps:", run(walls_job, os.getpid()).decode("ascii").replace("\n", ", "))
        print(read_trial(app))


if __name__ == "__main__":
    main(sys.argv[1:])
