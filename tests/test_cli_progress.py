"""An audit at a terminal says how far it is, and a pipe never hears of it."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from storage.progress import Stage, counted, unheard
from tests.office import office
from tests.parts import scan, workbook
from tests.stores import environment

ROOT = Path(__file__).resolve().parents[1]


def at_a_terminal(*arguments: object) -> tuple[int, str, str]:
    """→ status, stdout, and what the terminal was told on stderr."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from cli.main import main; main()", *map(str, arguments)]
    given = os.environ | environment(Path(str(arguments[-1])).parent)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs, text=True, env=given) as ran:
        os.close(theirs)
        told = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux says so when the last one who could write to it is gone
                break
            if not piece:
                break
            told += piece
        out = ran.stdout.read() if ran.stdout else ""
    os.close(ours)
    return ran.returncode, out, told.decode()


@pytest.fixture
def store(toml: Path) -> Path:
    with office(toml.parent) as here:
        here.mail("m1", workbook(), scan(workbook()))
        here.run()
    return toml


def test_a_terminal_is_told_on_one_line_that_is_cleared(store: Path) -> None:
    status, out, told = at_a_terminal("audit", "verify", "--config", store)
    assert (status, out.startswith("checked ")) == (0, True)
    assert re.search(r"\rledger: 1 of \d+".replace(r"\r", "\r\x1b\\[K"), told)
    assert told.endswith("\r\x1b[K") and "\n" not in told


def test_with_json_and_in_a_pipe_nobody_is_told(store: Path) -> None:
    assert at_a_terminal("audit", "verify", "--json", "--config", store)[2] == ""
    command = [sys.executable, "-c", "from cli.main import main; main()", "audit", "verify", "--config", str(store)]
    given = os.environ | environment(store.parent)
    piped = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=given)
    assert "\x1b" not in piped.stderr + piped.stdout


def test_more_than_were_announced_are_told_too() -> None:
    told: list[tuple[int, int]] = []
    assert list(counted("abc", Stage.ARCHIVE, 2, lambda stage, done, total: told.append((done, total)))) == [
        "a",
        "b",
        "c",
    ]
    assert told == [(0, 2), (1, 2), (2, 2), (3, 3)]
    unheard(Stage.ARCHIVE, 1, 1)
