"""Fixtures of the command line's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shell import Shell


@pytest.fixture
def baosong(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    """A configuration without servers: for commands that touch none."""
    file = tmp_path / "baosong.toml"
    file.write_text('[notices]\nactive = ["puyang-2020-51"]\n', encoding="utf-8")
    return file
