"""How the suite is run: its files in memory where there is room, and the longest test files first."""

from __future__ import annotations

import ast
import os
import shutil
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

LONGEST = (
    "test_console_browser", "test_faults", "test_secrecy", "test_hostile", "test_drafting_browser", "test_scheduler",
    "test_mailbag", "test_tampering", "test_seals", "test_examples", "test_crashes", "test_waves",
    "test_cover_reading", "test_cli_deployed", "test_members", "test_bench_prints", "test_storage_tampered",
    "test_bench_end_to_end", "test_document_reading", "test_console_security", "test_object_work", "test_site",
    "test_several_pages", "test_backup", "test_mailbox", "test_intake_killed", "test_cli", "test_mailbag_properties",
    "test_evidence", "test_login_refused", "test_sending", "test_notice_new", "test_object_faults", "test_sandbox",
    "test_cli_progress", "test_mailbox_fakes", "test_console_audit", "test_advice", "test_console_register",
    "test_console_openid", "test_malware", "test_console_cases", "test_words", "test_troubles", "test_mutated",
    "test_queue", "test_signed_heads", "test_health", "test_storage_decisions", "test_judge", "test_docs",
)  # fmt: skip
"""From a hundred seconds down to ten. Begun last, one of them would run alone while the other worker has nothing to do."""

_TESTS = Path(__file__).parent
_STORES = "tests.stores"
_COMMANDS = {"baosong", "toml"}
"""Fixtures of tests that give commands."""

MEMORY = Path("/dev/shm")
ROOM = 6 * 1024**3
"""Bytes: the files of one run, and what the tests of a full disk take for plenty."""


def order(files: Iterable[str]) -> dict[str, int]:
    """Names of test files → their places: the longest first, the others as they came."""
    names = list(dict.fromkeys(files))
    rank = {name: place for place, name in enumerate(LONGEST)}
    return {name: place for place, name in enumerate(sorted(names, key=lambda name: rank.get(name, len(rank))))}


def keeps_records(item: pytest.Item) -> bool:
    """Whether a test may touch a database: it says so, its file has to do with those who make them, or it gives commands to one."""
    if item.get_closest_marker("postgresql"):
        return True
    return _reaches(item.path, _STORES) or bool(_COMMANDS & set(getattr(item, "fixturenames", ())))


@cache
def _reaches(path: Path, wanted: str) -> bool:
    """Whether a file of tests imports a module of them, itself or through others."""
    names = {name for name in _imported(path) if name.startswith("tests.")}
    files = (_TESTS / f"{name.removeprefix('tests.').replace('.', '/')}.py" for name in names)
    return wanted in names or any(_reaches(file, wanted) for file in files if file.exists())


def _imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def keep_files_in_memory() -> None:
    """A third of the time of a run was waiting for the disk: the store has each file and transaction written through.

    What a power cut does is not tried by any test, so nothing is lost by it. Whoever set TMPDIR knows better.
    """
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None
