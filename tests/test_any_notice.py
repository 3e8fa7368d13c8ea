"""The product knows no notice by name: no place, number or mailbox of one stands in its code, templates and settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.notices import shipped_notices
from config.tables import NoticesTable, notices_to_begin_with

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("domain", "parsers", "storage", "notifier", "ingest", "web", "cli")
OF_ONE_NOTICE = re.compile(r"濮阳|范县|台前|清丰|南乐|华龙|濮教|77222415|puyang|学习类\s?APP", re.IGNORECASE)
TEXT = {".py", ".html", ".txt", ".css", ".js", ".svg", ".toml", ".sql", ".mako", ".json"}


def product(folder: str) -> list[Path]:
    """Every file of text in a folder of the product; of config the notices themselves are left out."""
    if folder == "config":
        return [*(ROOT / folder).glob("*.py"), ROOT / folder / "baosong.example.toml"]
    return [path for path in (ROOT / folder).rglob("*") if path.suffix in TEXT]


@pytest.mark.parametrize("folder", [*FOLDERS, "config"])
def test_no_word_of_one_notice_stands_outside_its_file(folder: str) -> None:
    files = product(folder)
    assert files
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if OF_ONE_NOTICE.search(line)
    ]
    assert found == []


def test_every_file_of_the_product_is_looked_at() -> None:
    known = {*TEXT, ".pyc", ".yaml", ".onnx"}
    strange = {path.suffix for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()} - known
    assert strange == set()


def test_what_is_active_at_first_is_shipped() -> None:
    assert NoticesTable().active == notices_to_begin_with()
    assert set(notices_to_begin_with()) <= set(shipped_notices())
