"""What children hand over, looked at before it is believed: they read a stranger's bytes and may be no longer themselves.

A child that does not answer as agreed is told as ChildFailed of reason `error`, and the mail is held for a person.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path
from typing import BinaryIO, TypeVar

from pydantic import TypeAdapter, ValidationError

from domain.blank_form import BlankFailure, BlankForm
from domain.cover import CoverFailure
from domain.mail import MailFacts, Part
from domain.register import ListFailure, ReadList
from domain.sheet import Sheet, SheetFailure
from ingest import sheet_answer
from ingest.child import ChildFailed
from ingest.children import BLANK, DECODED, FACTS, LIST, ROWS, DecodedFile
from ingest.cover_answer import NotAsAgreed

T = TypeVar("T")

_SHA256 = re.compile(r"[0-9a-f]{64}")


def mail_of(answer: bytes) -> MailFacts:
    """What `open_job` found. Its files are named by what can be a name of a file here and nothing else."""
    facts = _valid(FACTS, answer, "open_job")
    if not all(_SHA256.fullmatch(part.sha256) for part in facts.parts):
        raise not_as_agreed("open_job", "a file without a hash")
    if len({part.position for part in facts.parts}) != len(facts.parts):
        raise not_as_agreed("open_job", "two files in one place")
    return facts


def sheet_of(answer: bytes, part: Part) -> Sheet | SheetFailure:
    """What `sheet_job` read in that file, and in no other."""
    try:
        read = sheet_answer.unpack(answer)
    except NotAsAgreed as error:
        raise not_as_agreed("sheet_job", str(error)) from None
    return _same(read, part, "sheet_job")


def blank_of(answer: bytes) -> BlankForm | BlankFailure:
    """What `blank_job` read."""
    return _valid(BLANK, answer, "blank_job")


def rows_of(answer: bytes) -> list[list[str]] | BlankFailure:
    """What `rows_job` read."""
    return _valid(ROWS, answer, "rows_job")


def list_of(answer: bytes) -> ReadList | ListFailure:
    """What `list_job` read."""
    return _valid(LIST, answer, "list_job")


def decoded_of(answer: bytes, part: Part) -> DecodedFile | CoverFailure:
    """What `decode_job` made of that file, and of no other."""
    return _same(_valid(DECODED, answer, "decode_job"), part, "decode_job")


def content(folder: Path, part: Part) -> bytes:
    """The bytes of a file of the mail."""
    with opened(folder / part.sha256) as file:
        data = file.read()
    if hashlib.sha256(data).hexdigest() != part.sha256:
        raise not_as_agreed("open_job", "a file is not what its hash says")
    return data


def opened(path: Path) -> BinaryIO:
    """A file that a child left in its folder: no link, which might lead anywhere, and nothing that waits for a writer."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise not_as_agreed("a child", f"a file it names is not there ({type(error).__name__})") from None
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise not_as_agreed("a child", "what should be a file is none")
    return os.fdopen(number, "rb")


def not_as_agreed(job: str, what: str) -> ChildFailed:
    return ChildFailed("error", f"{job}: {what}")


_Named = TypeVar("_Named", Sheet | SheetFailure, DecodedFile | CoverFailure)


def _same(found: _Named, part: Part, job: str) -> _Named:
    if found.sha256 != part.sha256:
        raise not_as_agreed(job, "it speaks of another file")
    return found


def _valid(adapter: TypeAdapter[T], answer: bytes, job: str) -> T:
    try:
        return adapter.validate_json(answer)
    except ValidationError:
        raise not_as_agreed(job, "no answer of its kind") from None
