"""The house (docs/architecture.md): who may import whom, and where each border package is let in."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("domain", "parsers", "storage", "notifier", "config", "ingest", "web", "cli")
MAY_IMPORT = {
    "domain": set(),
    "parsers": {"domain"},
    "storage": {"domain"},
    "notifier": {"domain"},
    "config": {"domain"},
    "ingest": {"domain", "parsers", "storage", "notifier", "config"},
    "web": {"domain", "storage", "config", "ingest"},
    "cli": {"domain", "parsers", "storage", "notifier", "config", "ingest", "web"},
}
BORDER = (
    "imapclient",
    "mailparser",
    "pdfplumber",
    "rapidocr",
    "onnxruntime",
    "apscheduler",
    "procrastinate",
    "smtplib",
    "prometheus_client",
    "psycopg",
    "libarchive",
    "stream_inflate",
    "dkim",
    "dns",
)


@cache
def imports(path: Path) -> frozenset[str]:
    """Top-level packages a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return frozenset(found)


providers = cache(packages_distributions)
"""Top-level package → distributions that have it. Looks into every one that is installed."""


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_folders_import_only_inwards(folder: str) -> None:
    for path in modules(folder):
        foreign = {name for name in imports(path) if name in FOLDERS and name != folder}
        assert foreign <= MAY_IMPORT[folder], f"{path.relative_to(ROOT)} imports {foreign - MAY_IMPORT[folder]}"


def test_domain_needs_the_standard_library_only() -> None:
    for path in modules("domain"):
        foreign = {name for name in imports(path) if name not in sys.stdlib_module_names and name != "domain"}
        assert not foreign, f"{path.relative_to(ROOT)} imports {foreign}"


@pytest.mark.parametrize("package", BORDER)
def test_border_packages_have_one_door(package: str) -> None:
    doors = [path for folder in FOLDERS for path in modules(folder) if package in imports(path)]
    assert len(doors) <= 1, f"{package} is imported in {[str(path.relative_to(ROOT)) for path in doors]}"


def test_the_virus_scanner_has_one_door() -> None:
    """Its protocol is our own: whoever speaks it names the command."""
    speaking = [
        path for folder in FOLDERS for path in modules(folder) if "zINSTREAM" in path.read_text(encoding="utf-8")
    ]
    assert [str(path.relative_to(ROOT)) for path in speaking] == ["ingest/clamd.py"]


def test_openpyxl_has_one_door_for_reading_and_one_for_writing() -> None:
    doors = [path.relative_to(ROOT) for folder in FOLDERS for path in modules(folder) if "openpyxl" in imports(path)]
    assert sorted(str(path.parent) for path in doors) == ["notifier", "parsers"]


def test_xlsxwriter_has_one_door() -> None:
    """Only there is every text made safe."""
    doors = [path for folder in FOLDERS for path in modules(folder) if "xlsxwriter" in set(imports(path))]
    assert [str(path.relative_to(ROOT)) for path in doors] == ["notifier/merged_sheet.py"]


def test_sqlalchemy_stays_in_storage() -> None:
    doors = {folder for folder in FOLDERS for path in modules(folder) if "sqlalchemy" in imports(path)}
    assert doors == {"storage"}


def declared(*extras: str) -> set[str]:
    """Distributions named in pyproject, as PEP 503 writes them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    return {_canonical(re.split(r"[<>=!~;\[ ]", line, maxsplit=1)[0]) for line in lines}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("folder", [*FOLDERS, "samples", "bench", "tests"])
def test_what_is_imported_is_declared(folder: str) -> None:
    """A package that came only as the dependency of another may go with any release of that other."""
    known = declared() if folder in FOLDERS else declared("samples", "test", *(["bench"] if folder == "bench" else []))
    ours = {*FOLDERS, "samples", "bench", "tests", "docs"}
    wanted = {name for path in modules(folder) for name in imports(path)} - ours - sys.stdlib_module_names
    missing = {name for name in wanted if not {_canonical(each) for each in providers().get(name, [name])} & known}
    assert not missing
