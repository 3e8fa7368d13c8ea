"""Runs commands of `baosong` in this process, as an operator would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from cli.main import main


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A command that ended."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


class Shell:
    """Runs commands in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Ran:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        structlog.reset_defaults()  # the command wrote its log to a stderr that ends with this test
        seen = self._capsys.readouterr()
        return Ran(status=int(ended.value.code or 0), out=seen.out, err=seen.err)
