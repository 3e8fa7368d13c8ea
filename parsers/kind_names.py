"""What kinds of files there are, and what a file was meant to be by its name."""

from __future__ import annotations

from dataclasses import dataclass

from domain.mail import PartKind
from parsers.archive_kinds import names_archive

XLS = "application/vnd.ms-excel"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSM = "application/vnd.ms-excel.sheet.macroEnabled.12"
XLSB = "application/vnd.ms-excel.sheet.binary.macroEnabled.12"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
DOC = "application/msword"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ENCRYPTED_OOXML = "application/x-encrypted-ooxml"
OFD = "application/ofd"
MAIL = "message/rfc822"

SHEET_NAMES = (".xlsx", ".xls", ".xlsm", ".xlsb", ".xlt", ".xltx", ".et", ".ett", ".ods", ".csv")
COVER_NAMES = (".pdf", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".heic", ".ofd")
TEXT_NAMES = (".doc", ".docx", ".wps", ".rtf")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`kind` and `media` type of a file; `candidate_for`: the missing role that an unread kind was likely meant for."""

    kind: PartKind
    media: str
    candidate_for: PartKind | None = None


def role_of_name(name: str) -> PartKind | None:
    if name.endswith((*SHEET_NAMES, *TEXT_NAMES)):
        return PartKind.SHEET
    return PartKind.COVER if name.endswith(COVER_NAMES) else None


def kind_by_name(name: str, media: str) -> Kind:
    """A file of no known kind counts as what it was meant to be, so that its sender is told it cannot be read."""
    if name.endswith(SHEET_NAMES):
        return Kind(kind=PartKind.SHEET, media=media)
    if name.endswith(COVER_NAMES):
        return Kind(kind=PartKind.COVER, media=media)
    if names_archive(name):
        return Kind(kind=PartKind.ARCHIVE, media=media)
    return Kind(kind=PartKind.OTHER, media=media, candidate_for=role_of_name(name))
