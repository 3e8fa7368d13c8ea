"""One page to read, and the workbooks behind it, for the children of the cover bench."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from config.notices import load_notice
from domain.notice import Notice
from domain.sheet import Sheet, SheetFailure
from parsers.workbook import read_workbook
from samples.maker.cover_files import SheetFiles
from samples.maker.covers import CoverPlan


@dataclass(frozen=True, kw_only=True)
class Task:
    """One page to read: its plan and files."""

    plan: CoverPlan
    sheet: SheetFiles
    scan: Path

    @property
    def true(self) -> Sheet:
        """The workbook that the page was printed from."""
        return _workbook(self.sheet.printed_from)

    @property
    def mailed(self) -> Sheet:
        """The workbook as mailed: it differs from `true` where the page was printed from an altered one."""
        return _workbook(self.sheet.mailed)


@cache
def notice() -> Notice:
    """The notice that covers are made for."""
    return load_notice("puyang-2020-51")


def _workbook(path: Path) -> Sheet:
    data, asked = path.read_bytes(), notice()
    sha = hashlib.sha256(data).hexdigest()
    sheet = read_workbook(data, name=path.name, sha256=sha, form=asked.form, area_code=asked.area_code)
    if isinstance(sheet, SheetFailure):
        raise TypeError(f"{path} is no form: {sheet.code}")
    return sheet
