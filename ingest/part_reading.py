"""Reads one file of a mail in the sandbox: a workbook by a form, a scan. A child that dies becomes a problem of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import structlog

from domain.cover import Cover, CoverFailure, ReadCover
from domain.mail import Part
from domain.notice import Form, Notice
from domain.sheet import Sheet, SheetFailure
from ingest import answers, children
from ingest.child import ChildFailed
from ingest.cover_answer import NotAsAgreed, unpack
from ingest.sandbox import Sandbox
from ingest.stopwatch import UNBEGUN, Stopwatch
from parsers.limits import Limits

log = structlog.get_logger(__name__)

_OFD = "application/ofd"

FormKey = tuple[Form, str]
"""A form, and the area code by which its telephone numbers are read: what a reading of a workbook depends on."""


def form_key(notice: Notice) -> FormKey:
    return (notice.form, notice.area_code)


def column_names(notice: Notice) -> tuple[str, ...]:
    """What a scan is read by."""
    return tuple(column.name for column in notice.form.columns)


class PartReader:
    """Reads the files of one mail, which lie in `folder` under their SHA-256."""

    def __init__(self, sandbox: Sandbox, limits: Limits, folder: Path, watch: Stopwatch) -> None:
        self._sandbox = sandbox
        self._limits = limits
        self._folder = folder
        self._watch = watch

    def sheet(self, part: Part, notices: Sequence[Notice]) -> Mapping[FormKey, Sheet | SheetFailure]:
        """The workbook by the form of each notice, each form once, however many notices share it. Those with most columns
        first: one that has them all is read by no smaller form, whose columns may be among them."""
        forms = sorted({form_key(each): None for each in notices if each.form.columns}, key=_size, reverse=True)
        found: dict[FormKey, Sheet | SheetFailure] = {}
        for key in forms:
            if any(isinstance(one, Sheet) and _size(by) > _size(key) for by, one in found.items()):
                break
            found[key] = self._watch.tried(partial(self._sheet, part, key))
            if _cannot_be_read(found[key]):
                return dict.fromkeys(forms, found[key])
        return found

    def _sheet(self, part: Part, key: FormKey) -> Sheet | SheetFailure:
        path, (form, area_code) = self._folder / part.sha256, key
        if not self._watch.may_begin(part.name, sheets=True):
            return SheetFailure(file=part.name, sha256=part.sha256, code="sheet.unreadable", cause=UNBEGUN)
        try:
            answer = self._sandbox.decode(
                children.sheet_job, str(path), part.name, part.sha256, form, area_code, folder=self._folder
            )
        except ChildFailed as failure:
            log.warning("sheet_not_read", sha256=part.sha256, reason=failure.reason, detail=failure.detail)
            self._watch.died(part.name, failure)
            return SheetFailure(file=part.name, sha256=part.sha256, code="sheet.unreadable", detail=str(failure))
        return answers.sheet_of(answer, part)

    def cover(self, part: Part, names: tuple[str, ...]) -> ReadCover | CoverFailure:
        """The scan; `names`: those of the columns of the form that it is thought to show."""
        return self._watch.tried(partial(self._cover, part, names))

    def _cover(self, part: Part, names: tuple[str, ...]) -> ReadCover | CoverFailure:
        if part.media == _OFD:
            unread = Cover(file=part.name, sha256=part.sha256, pages=(), page_count=0, signed=True)
            return ReadCover(cover=unread, pictures={})
        folder, watch, path = self._folder, self._watch, self._folder / part.sha256
        if not watch.may_begin(part.name):
            return CoverFailure(file=part.name, sha256=part.sha256, code="cover.unreadable", cause=UNBEGUN)
        try:
            with watch.stage("decode"):
                answer = self._sandbox.decode(
                    children.decode_job, str(path), part.media, part.name, part.sha256, self._limits, folder=folder
                )
            decoded = answers.decoded_of(answer, part)
            if isinstance(decoded, CoverFailure):
                return decoded
            with watch.stage("cover"), ExitStack() as opened:
                pages = [children.pixels_name(part.sha256, page.number) for page in decoded.pages]
                files = [opened.enter_context(answers.opened(folder / page)) for page in pages]
                answer = self._sandbox.recognise(children.cover_job, answer, names, files=files)
            return unpack(answer)
        except NotAsAgreed as fault:
            raise ChildFailed("error", f"cover_job: {fault}") from fault
        except ChildFailed as failure:
            log.warning("cover_not_read", sha256=part.sha256, reason=failure.reason, detail=failure.detail)
            watch.died(part.name, failure)
            return CoverFailure(file=part.name, sha256=part.sha256, code="cover.unreadable", detail=str(failure))


def _size(key: FormKey) -> int:
    return len(key[0].columns)


def _cannot_be_read(reading: Sheet | SheetFailure) -> bool:
    """By any form, not only by this one."""
    return isinstance(reading, SheetFailure) and reading.code != "sheet.wrong_form"
