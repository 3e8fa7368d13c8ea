"""Runs commands of `baosong` in this process, as an operator would; files to give them, and the keys they answer with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import structlog

from cli.main import main
from tests.stores import POSTGRESQL, environment

SAMPLES = Path(__file__).parents[1] / "samples" / "mails"
SUBMISSION = {
    "receipt", "nil_return", "notice", "reporter", "state", "late", "received_at", "message_ids", "from", "row_count",
    "files", "cover", "problems",
}  # fmt: skip
"""Keys of a submission in JSON (spec section 6)."""


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
        given = [str(argument) for argument in arguments]
        with _database_of(given), pytest.raises(SystemExit) as ended:
            main(given)
        structlog.reset_defaults()  # the command wrote its log to a stderr that ends with this test
        seen = self._capsys.readouterr()
        return Ran(status=int(ended.value.code or 0), out=seen.out, err=seen.err)


@contextmanager
def _database_of(arguments: Sequence[str]) -> Iterator[None]:
    """On PostgreSQL: the environment names the database that a configuration without one would have as a file beside it."""
    named = Path(arguments[arguments.index("--config") + 1]) if "--config" in arguments else Path("baosong.toml")
    if not POSTGRESQL or (named.is_file() and "[storage]" in named.read_text(encoding="utf-8")):
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(named.parent).items():
            patch.setenv(name, value)
        yield


def attachments(mail: str, folder: Path) -> list[Path]:
    """The files of a sample mail."""
    message = message_from_bytes((SAMPLES / mail).read_bytes(), policy=default)
    paths = []
    for part in message.walk():
        name = part.get_filename()
        if name:
            paths.append(folder / name)
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            paths[-1].write_bytes(data)
    return paths
