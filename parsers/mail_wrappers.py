"""Opens files that hold a mail: .eml, Outlook's .msg, winmail.dat and signed mails, wherever such a file was found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.mail import PartFault, PartKind
from parsers import outlook_message, tnef
from parsers.archive_entries import Budget
from parsers.archive_kinds import TNEF
from parsers.kind_names import MAIL, Kind
from parsers.mime_entity import Entity, parse
from parsers.smime import Sealed, content_of, may_be_wrapper
from parsers.transfer import Enclosed

_HEAD = 100_000


@dataclass(frozen=True, kw_only=True)
class Held:
    """What stood in a wrapper: a mail to be walked, files of it (names below the wrapper's), one file in its place, or
    faults. A fault of the wrapper's own name says that it could not be opened."""

    mail: Entity | None = None
    files: tuple[Enclosed | PartFault, ...] = ()
    instead: Enclosed | None = None


def opened(name: str, data: bytes, kind: Kind, budget: Budget) -> Held | None:
    """What the file holds; None when it is none of these. Never raises."""
    if kind.media == MAIL or (kind.kind is PartKind.OTHER and _is_mail_file(name, data)):
        return Held(mail=parse(data))
    if kind.media == outlook_message.MEDIA:
        return Held(files=tuple(outlook_message.files_of(data, name, budget)))
    if kind.media == TNEF:
        return _winmail(name, tnef.unwrap(data))
    return _signed(name, data) if may_be_wrapper("", name) else None


def _winmail(name: str, wrapper: tnef.Unwrapped | None) -> Held | None:
    return Held(files=(*wrapper.files, *_left(name, wrapper))) if wrapper else None


def _left(name: str, wrapper: tnef.Unwrapped) -> Iterator[PartFault]:
    if wrapper.too_deep:
        yield PartFault(name=f"{name}/…", code="attachment.bomb", detail="nested too deeply")


def _signed(name: str, data: bytes) -> Held:
    content = content_of(data)
    if isinstance(content, Sealed):
        return Held(files=(PartFault(name=name, code="attachment.unreadable", detail=content.value),))
    mail = parse(content)
    if mail.fields:
        return Held(mail=mail)
    return Held(instead=Enclosed(name=re.sub(r"(?i)\.p7m$", "", name), data=content))


def _is_mail_file(name: str, data: bytes) -> bool:
    """A file named as a mail that starts as one, however little header it has."""
    return name.lower().endswith(".eml") and bool(parse(data[:_HEAD]).fields)
