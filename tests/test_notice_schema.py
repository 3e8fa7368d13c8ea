"""The JSON Schema of notice files: what the program takes it takes, it explains every key, and the page of keys says the same."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from config.notice_json_schema import json_schema, keys
from config.notice_yaml import read_yaml
from config.notices import SHIPPED, shipped_notices
from docs.make_notice_keys import PAGE, page
from tests.shell import Shell

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
RESOURCES = sorted((Path(__file__).parent / "resources/notices").glob("*.yaml"))
FILES = [*(SHIPPED / f"{name}.yaml" for name in shipped_notices()), *RESOURCES]


def plain(file: Path) -> Any:
    return read_yaml(file.read_text(encoding="utf-8")).data


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_it_takes_what_the_program_takes(file: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(plain(file))] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [("deadlin", "2026-01-01"), ("cover_required", "maybe"), ("reporters", None), ("short", None), ("grace_hours", -1)],
)
def test_it_refuses_what_the_program_refuses(path: str, value: object) -> None:
    changed = copy.deepcopy(plain(SHIPPED / "staff-roster.yaml"))
    changed[path] = value
    assert list(VALIDATOR.iter_errors(changed))


@pytest.mark.parametrize(("model", "key", "said"), list(keys()))
def test_every_key_says_what_it_is_for(model: str, key: str, said: str) -> None:
    assert said and not said.endswith("。"), (model, key)


def test_the_command_prints_it(baosong: Shell) -> None:
    assert baosong("notice", "schema").document == SCHEMA


def test_the_page_of_keys_is_made_of_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python docs/make_notice_keys.py"
