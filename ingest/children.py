"""What runs in the sandbox's children: bytes go in by file, JSON and pictures come out, objects of a child are never
trusted."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from pydantic import TypeAdapter

import parsers.pages
from domain.authentication import Claim
from domain.blank_form import BlankFailure, BlankForm
from domain.cover import CoverFailure, PageKind
from domain.mail import MailFacts
from domain.notice import Form
from domain.register import ListFailure, ReadList
from domain.sheet import Sheet, SheetFormat
from ingest import sheet_answer
from ingest.cover_answer import pack
from ingest.domains import registrable_domain
from ingest.walls import gaps
from parsers.archive_system import Library
from parsers.archives import SYSTEM_LIBRARY
from parsers.blank_form import read_blank_form, read_rows_of
from parsers.heap import give_back_large
from parsers.limits import Limits
from parsers.mail import open_mail
from parsers.pages import decode_cover
from parsers.register_list import read_register_list
from parsers.signatures import holds
from parsers.workbook import package_of, read_workbook

if TYPE_CHECKING:
    from parsers.ocr import Recogniser


@dataclass(frozen=True, kw_only=True)
class OwnIdentity:
    """How our own mail is known again, and whose word on DMARC counts: `trusted_authserv_id`, "" for nobody's, of the
    registered domain `receiver_domain`."""

    addresses: frozenset[str]
    message_id_suffix: str
    trusted_authserv_id: str = ""
    receiver_domain: str = ""
    trusted_by_account: Mapping[str, str] = field(default_factory=dict)

    def at(self, account: str) -> OwnIdentity:
        """As it is for mails of that mailbox: each provider writes its own results. A replayed mail lies in none."""
        trusted = self.trusted_by_account.get(account, self.trusted_authserv_id)
        return replace(self, trusted_authserv_id=trusted, receiver_domain=registrable_domain(trusted) or "")


@dataclass(frozen=True, kw_only=True)
class PageFile:
    """A decoded page on its way to the recogniser; its pixels lie in a file of its own (`pixels_name`)."""

    number: int
    dpi: float | None
    kind: PageKind
    photo: bool


@dataclass(frozen=True, kw_only=True)
class DecodedFile:
    """A decoded scan without its pixels."""

    file: str
    sha256: str
    signed: bool
    page_count: int
    pages: tuple[PageFile, ...]


FACTS = TypeAdapter(MailFacts)
BLANK: TypeAdapter[BlankForm | BlankFailure] = TypeAdapter(BlankForm | BlankFailure)
ROWS: TypeAdapter[list[list[str]] | BlankFailure] = TypeAdapter(list[list[str]] | BlankFailure)
LIST: TypeAdapter[ReadList | ListFailure] = TypeAdapter(ReadList | ListFailure)
DECODED: TypeAdapter[DecodedFile | CoverFailure] = TypeAdapter(DecodedFile | CoverFailure)


def open_job(raw: str, folder: str, own: OwnIdentity, limits: Limits, library: Library = SYSTEM_LIBRARY) -> bytes:
    """Opens the mail in file `raw`; its files are written to `folder` under their SHA-256. → JSON of MailFacts."""
    opened = open_mail(
        Path(raw).read_bytes(),
        own_addresses=own.addresses,
        own_message_id_suffix=own.message_id_suffix,
        trusted_authserv_id=own.trusted_authserv_id,
        receiver_domain=own.receiver_domain,
        limits=limits,
        library=library,
    )
    for sha256, content in opened.contents.items():
        (Path(folder) / sha256).write_bytes(content)
    return FACTS.dump_json(opened.facts)


HOLDS, HOLDS_NOT = b"1", b"0"


def signature_job(raw: str, claim: Claim, record: bytes) -> bytes:
    """Whether the DKIM signature of the mail in file `raw` holds with the key in `record`. → HOLDS or HOLDS_NOT."""
    return HOLDS if holds(Path(raw).read_bytes(), claim, record) else HOLDS_NOT


def library_job() -> bytes:
    """Which library reads rar and 7z archives in a child. → its name and version, nothing where there is none."""
    return (SYSTEM_LIBRARY.version or "").encode("ascii")


def sheet_job(path: str, name: str, sha256: str, form: Form, area_code: str) -> bytes:
    """Reads a workbook. → what `sheet_answer.unpack` takes."""
    gc.disable()  # a reading makes many objects and no circles, and looking for some takes as long as the reading
    try:
        reading = read_workbook(Path(path).read_bytes(), name=name, sha256=sha256, form=form, area_code=area_code)
        return sheet_answer.pack(reading)
    finally:
        gc.enable()


def blank_job(path: str, name: str) -> bytes:
    """Reads a blank form that nobody wrote a notice for yet. → JSON of BlankForm or BlankFailure."""
    return BLANK.dump_json(read_blank_form(Path(path).read_bytes(), name=name))


def rows_job(path: str, name: str) -> bytes:
    """Reads the rows of the first sheet that holds any, as texts. → JSON of a list of lists, or a BlankFailure."""
    return ROWS.dump_json(read_rows_of(Path(path).read_bytes(), name=name))


def list_job(path: str, name: str) -> bytes:
    """Reads a list of filed apps. → JSON of ReadList or ListFailure."""
    return LIST.dump_json(read_register_list(Path(path).read_bytes(), name=name))


def pixels_name(sha256: str, number: int) -> str:
    """Beside a scan: the NumPy array of one of its pages."""
    return f"{sha256}.{number}.npy"


def decode_job(path: str, media: str, name: str, sha256: str, limits: Limits) -> bytes:
    """Decodes a scan to pixel arrays beside `path` (`pixels_name`). → JSON of DecodedFile or CoverFailure."""
    decoded = decode_cover(Path(path).read_bytes(), media=media, name=name, sha256=sha256, limits=limits)
    if isinstance(decoded, CoverFailure):
        return DECODED.dump_json(decoded)
    pages = []
    for page in decoded.pages:
        np.save(Path(path).with_name(pixels_name(sha256, page.number)), page.rgb, allow_pickle=False)
        pages.append(PageFile(number=page.number, dpi=page.dpi, kind=page.kind, photo=page.photo))
    return DECODED.dump_json(
        DecodedFile(
            file=decoded.file,
            sha256=decoded.sha256,
            signed=decoded.signed,
            page_count=decoded.page_count,
            pages=tuple(pages),
        )
    )


def cover_job(decoded: bytes, column_names: tuple[str, ...], files: Sequence[BinaryIO]) -> bytes:
    """Reads the pages of a decoded scan, a file each, with the recogniser. → what `cover_answer.unpack` takes."""
    from parsers.cover import read_cover

    meta = DECODED.validate_json(decoded)
    if isinstance(meta, CoverFailure):
        raise TypeError("a failure has no pages to read")
    pages = tuple(
        parsers.pages.PageImage(
            number=page.number,
            rgb=_pixels(file),
            dpi=page.dpi,
            kind=page.kind,
            photo=page.photo,
        )
        for page, file in zip(meta.pages, files, strict=True)
    )
    images = parsers.pages.DecodedCover(
        file=meta.file, sha256=meta.sha256, signed=meta.signed, page_count=meta.page_count, pages=pages
    )
    return pack(read_cover(images, recogniser=_recogniser(), column_names=column_names))


def _pixels(file: BinaryIO) -> parsers.pages.Pixels:
    """A page's array. Raises ValueError for one that our own decoder does not make."""
    rgb: parsers.pages.Pixels = np.load(file, allow_pickle=False)
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.size > 3 * parsers.pages.PAGE_PIXELS * 1.01:
        raise ValueError("no page of pixels")
    return rgb


@cache
def _recogniser() -> Recogniser:
    from parsers.ocr import Recogniser

    give_back_large()
    return Recogniser(threads=1)


def walls_job(worker: int) -> bytes:
    """What a child can still do that it should not. `worker`: process id of the parent of all. → lines in English."""
    return "\n".join(gaps(worker)).encode("ascii")


def mark_job(path: str, sheet: Sheet, form: Form, marks: tuple[tuple[str, str, str], ...]) -> bytes:
    """Marks the reporter's own workbook. `marks`: (sheet, address, text). → the bytes of an .xlsx."""
    from notifier.blank_form import rebuild_marked
    from notifier.marking import Mark, mark_workbook

    made = [Mark(sheet=name, address=address, text=text) for name, address, text in marks]
    if sheet.format is SheetFormat.XLSX:
        return mark_workbook(package_of(Path(path).read_bytes()), made, fmt=sheet.format)
    return rebuild_marked(sheet, form, made)
