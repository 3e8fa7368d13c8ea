"""The demo's whole run, once for all test files that look at what it leaves: it reads every sample by the real reader, which
takes a minute or two."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

_RUN = """
import logging, os, sys
from pathlib import Path
os.umask(0)
from config.logging import configure_logging
from ingest import demo
configure_logging(json_lines=True, level=logging.DEBUG)
demo.run_demo(Path(sys.argv[1]), demo.sample_folder(), lambda day, count: None)
"""


@dataclass(frozen=True, kw_only=True)
class WholeDemo:
    """All samples, run through the worker in a process of its own under umask 0. `log` is all that it and its children said
    at the lowest level. The folder is everybody's: whoever changes something in it takes a copy."""

    folder: Path
    log: str


def whole_demo(factory: pytest.TempPathFactory) -> WholeDemo:
    """Waits while another of xdist's workers makes it. Fails where the run does."""
    base = factory.getbasetemp()
    common = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, log = common / "whole" / "demo", common / "whole.log"
    with (common / "whole.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not log.exists():
            folder.parent.mkdir()
            _make(folder, log)
    return WholeDemo(folder=folder, log=log.read_text(encoding="utf-8"))


def _make(folder: Path, log: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _RUN, str(folder)], capture_output=True, text=True, timeout=590, check=False
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    log.write_text(ran.stdout + ran.stderr, encoding="utf-8")
