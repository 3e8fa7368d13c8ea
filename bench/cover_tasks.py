"""One page to read, and the workbooks behind it, for the children of the cover bench."""

from __future__ import annotations

import hashlib
import resource
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from config.notices import load_notice
from domain.cover import CoverFailure
from domain.notice import Notice
from domain.sheet import Sheet, SheetFailure
from parsers.limits import Limits
from parsers.pages import DecodedCover, decode_cover
from parsers.workbook import read_workbook
from samples.maker.cover_files import SheetFiles
from samples.maker.covers import CoverPlan

_MEDIA = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png", "tif": "image/tiff"}


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


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """A scan's pages, the CPU seconds that took, and the greatest resident size (MB) of the process so far."""

    pages: DecodedCover | CoverFailure
    seconds: float
    memory_mb: int


@cache
def notice() -> Notice:
    """The notice that covers are made for."""
    return load_notice("puyang-2020-51")


def decoded(scan: Path) -> DecodedCover | CoverFailure:
    """The pages of a made scan, as the product decodes them."""
    data, media = scan.read_bytes(), _MEDIA[scan.suffix.removeprefix(".")]
    sha = hashlib.sha256(data).hexdigest()
    return decode_cover(data, media=media, name=scan.name, sha256=sha, limits=Limits())


def measured(scan: Path) -> Decoded:
    """The same in a process of its own, as the product does it: what decoding takes is not held while a page is read."""
    begun = time.process_time()
    pages = decoded(scan)
    return Decoded(pages=pages, seconds=time.process_time() - begun, memory_mb=peak_mb())


def peak_mb() -> int:
    """Greatest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def readable(scan: Path) -> DecodedCover:
    """The same of a scan that must be readable. Raises TypeError when it is not: that is a fault of the bench."""
    pages = decoded(scan)
    if isinstance(pages, CoverFailure):
        raise TypeError(f"{scan}: {pages.code}")
    return pages


def _workbook(path: Path) -> Sheet:
    data, asked = path.read_bytes(), notice()
    sha = hashlib.sha256(data).hexdigest()
    sheet = read_workbook(data, name=path.name, sha256=sha, form=asked.form, area_code=asked.area_code)
    if isinstance(sheet, SheetFailure):
        raise TypeError(f"{path} is no form: {sheet.code}")
    return sheet
