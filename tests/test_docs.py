"""Documents say what the code does: commands, settings with their defaults, codes, log events, packages, links."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from types import NoneType
from typing import get_args

import click
import pytest
from pydantic import BaseModel

from cli import main as command_line
from config.settings import Settings, load_settings
from config.tables import MailboxTable, SmtpTable
from domain.catalogue import CATALOGUE

ROOT = Path(__file__).resolve().parents[1]
OWN = (
    "domain",
    "parsers",
    "storage",
    "notifier",
    "config",
    "ingest",
    "web",
    "cli",
    "samples",
    "bench",
    "docs",
    "tests",
)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "samples").glob("*.md")])
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
TABLES: dict[str, type[BaseModel]] = {
    "mailbox": MailboxTable,
    "smtp": SmtpTable,
    **{
        name: field.annotation
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    },
}
REQUIRED = {"url": "imaps://a%40b.cn@b.cn", "sender": "a@b.cn"}


def commands() -> Iterator[str]:
    """`run`, `db upgrade`, …: every command as it is typed."""
    group, context = command_line.baosong, click.Context(command_line.baosong)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from (f"{name} {inner}" for inner in command.commands)
        else:
            yield name


def rows(text: str, heading: str) -> dict[str, tuple[str, ...]]:
    """Rows of the table under a heading: the first cell's code → the other cells."""
    section = re.split(r"^#{2,4} ", text.split(f"{heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    found: dict[str, tuple[str, ...]] = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for name in re.findall(r"`([^`]+)`", cells[0]) if line.startswith("| `") else ():
            found[name] = tuple(cells[1:])
    return found


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def events() -> set[str]:
    """Events that `ingest`, `storage` and `web` log: names, or of a sentence the words before its first value or clause."""
    found = set()
    for path in python_files("ingest", "storage", "web"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
                continue
            owner, first = node.func.value, node.args[0]
            if isinstance(owner, ast.Name) and owner.id.strip("_") == "log" and isinstance(first, ast.Constant):
                found.add(re.split(r"[:,%]", str(first.value))[0].strip())
    return found


@cache
def imported() -> set[str]:
    """Top-level names of other people's packages that any module of ours imports."""
    found: set[str] = set()
    for path in python_files(*OWN):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                found.add(node.module.split(".")[0])
    return found - set(OWN) - set(sys.stdlib_module_names)


@cache
def listed() -> set[str]:
    """Packages in the tables of docs/dependencies.md whose every column is filled in."""
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    names = re.findall(r"^\| ([\w.-]+) \| [^|]+ \| [^|]+ \|$", text, re.MULTILINE)
    return {plain(name) for name in names} - {"package", "-"}


def unlocked() -> set[str]:
    """Packages of the extra `bench`: whoever runs those benches installs them beside the lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {plain(re.split("[=<>]", name)[0]) for name in project["optional-dependencies"]["bench"]}


def plain(name: str) -> str:
    """The name of a package as installers compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("command", list(commands()))
def test_every_command_is_documented(command: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"`(?:baosong|make) {re.escape(command)}\b", readme + RUNBOOK)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_runbook_lists_the_keys_of_a_table_and_no_others(table: str) -> None:
    assert set(rows(RUNBOOK, f"### `[{table}]`")) == set(TABLES[table].model_fields)


def test_runbook_has_every_table() -> None:
    assert set(re.findall(r"^### `\[(\w+)\]`$", RUNBOOK, re.MULTILINE)) == set(TABLES)
    assert set(Settings.model_fields) - {"base"} <= set(TABLES) | {"mailboxes"}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_runbook_gives_the_defaults(table: str) -> None:
    """A default is written as in TOML; `required` and `none` are words."""
    model = TABLES[table]
    needed = {name: REQUIRED[name].replace("imaps", "smtps" if table == "smtp" else "imaps")
              for name, field in model.model_fields.items() if field.is_required()}  # fmt: skip
    for name, (default, *_) in rows(RUNBOOK, f"### `[{table}]`").items():
        field = model.model_fields[name]
        if field.is_required():
            assert default == "required", name
        elif default == "none":
            assert field.default is None and NoneType in get_args(field.annotation), name
        else:
            written = tomllib.loads(f"value = {default.strip('`')}")["value"]
            read = model.model_validate(needed | {name: written})
            assert getattr(read, name) == getattr(model.model_validate(needed), name), name


def test_example_configuration_is_valid_with_every_comment_taken_off(tmp_path: Path) -> None:
    lines = (ROOT / "config" / "baosong.example.toml").read_text(encoding="utf-8").splitlines()
    active = [re.sub(r"^# (?=\[?[a-z_]+(?:\]| = ))", "", line) for line in lines]
    assert sum(one != other for one, other in zip(lines, active, strict=True)) > 10
    file = tmp_path / "baosong.toml"
    file.write_text("\n".join(active), encoding="utf-8")
    assert load_settings(file, {}).mailboxes["main"].endpoint.security == "tls"


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_problem_code_is_in_the_catalogue_page(code: str) -> None:
    assert f"### `{code}` " in (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")


def test_runbook_explains_every_event_and_no_event_that_is_gone() -> None:
    assert set(rows(RUNBOOK, "## What the log says")) == events()


def test_every_imported_package_is_listed_with_its_licence() -> None:
    homes = {**{name: [name] for name in unlocked()}, **packages_distributions()}
    assert imported() - set(homes) == set(), "imported, but not installed"
    assert {name for name in imported() if not {plain(home) for home in homes[name]} & listed()} == set()


def test_every_listed_package_is_pinned() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert listed() - unlocked() <= {plain(name) for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'<(?:img|source)[^>]+src(?:set)?="([^"]+)"', text)
    local = [target.split("#")[0] for target in targets if not re.match(r"[a-z]+:", target)]
    missing = [target for target in local if target and not (document.parent / target).exists()]
    assert not missing
