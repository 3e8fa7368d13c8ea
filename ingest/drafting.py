"""From a bureau's blank form to a draft of a notice: the file is read in a child, as any stranger's."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from domain.blank_form import BlankFailure, BlankForm
from domain.draft import DraftReporter, WrongAnswer
from domain.draft_reporters import reporters_of_rows
from ingest import answers, children
from ingest.initials import initials

if TYPE_CHECKING:
    from ingest.sandbox import Sandbox


def read_form(sandbox: Sandbox, data: bytes, name: str) -> BlankForm | BlankFailure:
    """Raises ChildFailed where the reader itself failed."""
    with tempfile.TemporaryDirectory(prefix="baosong-") as folder:
        path = Path(folder) / "form"
        path.write_bytes(data)
        return answers.blank_of(sandbox.decode(children.blank_job, str(path), name, folder=Path(folder)))


def read_reporters(sandbox: Sandbox, data: bytes, name: str) -> tuple[DraftReporter, ...]:
    """Reporters of a workbook or CSV. Raises WrongAnswer for what holds none, ChildFailed."""
    return reporters_of_rows(read_rows(sandbox, data, name), initials)


def read_rows(sandbox: Sandbox, data: bytes, name: str) -> list[list[str]]:
    """Rows of a workbook or CSV as texts. Raises WrongAnswer, ChildFailed."""
    with tempfile.TemporaryDirectory(prefix="baosong-") as folder:
        path = Path(folder) / "list"
        path.write_bytes(data)
        rows = answers.rows_of(sandbox.decode(children.rows_job, str(path), name, folder=Path(folder)))
    if isinstance(rows, BlankFailure):
        raise WrongAnswer(rows.told)
    return rows
