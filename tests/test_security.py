"""docs/security.md names the test that shows each thing: every one of them is there, and every requirement has its answer."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[^`\s]*)`", PAGE)) - {"tests/test_security.py"})
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if re.match(r"\| \d", line)]


CHAPTERS = range(1, 15)


@cache
def defined_in(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_that_applies_has_its_table(chapter: int) -> None:
    assert f"\n## V{chapter} " in PAGE
    assert [row for row in ROWS if row[0].startswith(f"{chapter}.")]


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_the_page_names_is_there(name: str) -> None:
    file, _, function = name.partition("::")
    assert function in defined_in(ROOT / file), f"docs/security.md names {name}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_requirement_names_a_test_or_says_what_is_lacking(row: list[str]) -> None:
    number, sense, how, shown = row
    assert re.fullmatch(r"\d+(\.\d+){2}(, \d+(\.\d+){2})*", number)
    assert sense and how
    assert re.search(r"`tests/\w+\.py::test_\w+`|\*(no test|in part|not met)\*|see V\d|^-$", shown)
