"""Walks the MIME tree of one message: which leaves are its body, which are files, which are attached mails.

What mail programs wrap a whole mail in (S/MIME signatures, winmail.dat) is taken off here, as if it had come plain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from domain.mail import WHOLE_MAIL, FaultCause, PartFault, PartKind
from parsers import tnef
from parsers.archive_entries import Budget, TooMuchError
from parsers.charsets import clean, decode_text
from parsers.encoded_words import decode_header
from parsers.kinds import kind_of
from parsers.mime_entity import Entity, is_headless_multipart, parse, parts_of, raw_header
from parsers.mime_parameters import file_name
from parsers.smime import Sealed, content_of, may_be_wrapper
from parsers.transfer import Enclosed, undone, uuencoded_files

MAX_NESTING = 50
"""Multiparts and wrappers within each other: real mails have five."""
UNNAMED = "未命名附件"
_BODY_TYPES = frozenset({"text/plain", "text/html"})
_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_REPORTS = _STATUS | {
    "message/disposition-notification", "message/global-disposition-notification", "message/feedback-report",
    "text/rfc822-headers", "message/rfc822-headers", "message/global-headers",
}  # fmt: skip
"""Parts of a multipart/report (RFC 6522, 6533), the header of the letter it is about among them: nobody's files."""
_MAILS = frozenset({"message/rfc822", "message/global", "message/news"})
_APPLE_DOUBLE = b"\x00\x05\x16\x07"
_PGP = re.compile(rb"(?:\A|[\r\n])-----BEGIN PGP MESSAGE-----[ \t]{0,9}[\r\n]")
_EXTENSIONS = {
    "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "application/pdf": ".pdf", "image/jpeg": ".jpg",
    "image/png": ".png", "image/tiff": ".tif", "image/gif": ".gif", "application/zip": ".zip",
    "application/pkcs7-signature": ".p7s", "application/pgp-signature": ".asc", "application/vnd.ms-excel": ".xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class File:
    """A leaf that is a file. `content_id` is without its angle brackets."""

    name: str
    data: bytes
    inline: bool
    content_id: str


@dataclass(frozen=True, kw_only=True)
class AttachedMail:
    """A message/rfc822 part."""

    name: str
    message: Entity


@dataclass(frozen=True, kw_only=True)
class Tree:
    """One message's parts. `plain` and `html` are its body texts in order; `types` the types of all its own parts;
    `reports` its delivery status; `faults` what of it could not be opened, all named WHOLE_MAIL but for links."""

    plain: tuple[str, ...] = ()
    html: tuple[str, ...] = ()
    attached: tuple[File | AttachedMail, ...] = ()
    types: tuple[str, ...] = ()
    reports: tuple[bytes, ...] = ()
    faults: tuple[PartFault, ...] = ()


def tree_of(message: Entity, budget: Budget) -> Tree:
    """Sorts the leaves of `message`; attached mails are not entered. `budget`: what all mails in one mail may come to."""
    walk = _Walk(budget=budget)
    walk.run(message)
    return walk.result()


@dataclass(kw_only=True)
class _Walk:
    """Collects what is found on the way; mutable, and alive only within `tree_of`."""

    budget: Budget
    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    attached: list[File | AttachedMail] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    reports: list[bytes] = field(default_factory=list)
    faults: dict[str, PartFault] = field(default_factory=dict)
    wrapped: list[tnef.Unwrapped] = field(default_factory=list)

    def run(self, message: Entity) -> None:
        """Leaves in the order of the mail, without recursion."""
        waiting = [(message, 0)]
        while waiting:
            entity, depth = waiting.pop()
            try:
                self.budget.count_leaf()
            except TooMuchError as error:
                self._fault("attachment.bomb", str(error))
                return
            self.types.append(entity.media)
            if entity.media == "multipart/encrypted":
                self._fault("attachment.unreadable", "encrypted", FaultCause.ENCRYPTED)
            children = _children(entity)
            if children and depth >= MAX_NESTING:
                self._fault("attachment.bomb", "nested too deeply")
            elif children:
                waiting.extend((child, depth + 1) for child in reversed(children))
            elif content := self._leaf(entity):
                waiting.append((content, depth + 1))

    def result(self) -> Tree:
        if not any(text.strip() for text in (*self.plain, *self.html)):
            self.plain += [wrapper.plain for wrapper in self.wrapped if wrapper.plain]
            self.html += [wrapper.html for wrapper in self.wrapped if wrapper.html]
        return Tree(
            plain=tuple(self.plain),
            html=tuple(self.html),
            attached=tuple(self.attached),
            types=tuple(self.types),
            reports=tuple(self.reports),
            faults=tuple(self.faults.values()),
        )

    def _leaf(self, entity: Entity) -> Entity | None:
        """Notes what a leaf is. → the content of a wrapper, which is then walked in its place."""
        media, name = entity.media, _name(entity)
        if media == "message/partial" and entity.parameter("number") and entity.parameter("total") != "1":
            self._fault("attachment.unreadable", "split", FaultCause.SPLIT)
            return None
        if media == "message/external-body":
            self._link(entity)
            return None
        data = undone(entity.body, raw_header(entity, "content-transfer-encoding"))
        if media in _REPORTS:
            self.reports += [data] if media in _STATUS else []
        elif media in _MAILS or media == "message/partial":
            self.attached.append(_attached_mail(data, name, len(self.attached) + 1))
        elif data.startswith(_APPLE_DOUBLE):
            pass  # the Finder's own notes on the file beside it
        elif data.startswith(tnef.MAGIC) and (unwrapped := tnef.unwrap(data)):
            self._unwrapped(unwrapped)
        elif may_be_wrapper(media, name):
            return self._signed(entity, data, name)
        elif _is_body(entity, data, name):
            self._text(entity, data)
        else:
            self.attached.append(_file(entity, data, name, len(self.attached) + 1))
        return None

    def _text(self, entity: Entity, data: bytes) -> None:
        files, rest = uuencoded_files(data, self.budget) if b"begin" in data else ([], data)
        if _PGP.search(rest):
            self._fault("attachment.unreadable", "encrypted", FaultCause.ENCRYPTED)
        text = decode_text(rest, entity.parameter("charset") or None)
        (self.html if entity.media == "text/html" else self.plain).append(text)
        self._enclosed(files)

    def _unwrapped(self, wrapper: tnef.Unwrapped) -> None:
        self.wrapped.append(wrapper)
        self._enclosed(wrapper.files)
        if wrapper.too_deep:
            self._fault("attachment.bomb", "nested too deeply")

    def _enclosed(self, files: tuple[Enclosed, ...] | list[Enclosed]) -> None:
        self.attached += [
            File(name=file.name, data=file.data, inline=file.inline, content_id=file.content_id) for file in files
        ]

    def _signed(self, entity: Entity, data: bytes, name: str) -> Entity | None:
        content = content_of(data)
        if content is Sealed.ENCRYPTED:
            self._fault("attachment.unreadable", "encrypted", FaultCause.ENCRYPTED)
            return None
        if isinstance(content, Sealed):
            self.attached.append(_file(entity, data, name or "smime.p7m", 1))
            return None
        inner = parse(content)
        if inner.fields:
            return inner
        # Not a mail but a document that was signed by itself: 表.xlsx.p7m.
        self.attached.append(replace(_file(entity, content, name, 1), name=re.sub(r"(?i)\.p7m$", "", name)))
        return None

    def _link(self, entity: Entity) -> None:
        """A part that only says where the file is to be had (RFC 2046, 5.2.3)."""
        inner = parse(entity.body)
        name = _name(entity) or _name(inner) or WHOLE_MAIL
        meant = kind_of(b"", name)
        role = meant.kind if meant.kind in (PartKind.SHEET, PartKind.COVER) else meant.candidate_for
        fault = PartFault(name=name, code="attachment.cloud_link", detail=inner.media, candidate_for=role)
        self.faults.setdefault(f"link {name}", fault)

    def _fault(self, code: str, detail: str, cause: FaultCause | None = None) -> None:
        self.faults.setdefault(detail, PartFault(name=WHOLE_MAIL, code=code, detail=detail, cause=cause))


def _children(entity: Entity) -> list[Entity]:
    """The parts of a multipart. Where none is found, its body may be one whole in a transfer encoding, which RFC 2045
    forbids."""
    if not entity.media.startswith("multipart/") and not is_headless_multipart(entity):
        return []
    found = parts_of(entity)
    label = raw_header(entity, "content-transfer-encoding")
    return found if found or not label else parts_of(replace(entity, body=undone(entity.body, label)))


def _is_body(entity: Entity, data: bytes, name: str) -> bool:
    """Text without a name that is not marked as a file, and is text by its bytes too."""
    if entity.media not in _BODY_TYPES and not entity.media.startswith("multipart/"):
        return False
    if _disposition(entity) == "attachment" or name:
        return False
    kind = kind_of(data, "")
    return kind.kind is PartKind.OTHER or kind.media.startswith(("text/", "multipart/"))


def _file(entity: Entity, data: bytes, name: str, number: int) -> File:
    content_id = decode_header(raw_header(entity, "content-id")).strip("<> ")
    disposition = _disposition(entity)
    return File(
        name=name or f"{UNNAMED}{number}{_EXTENSIONS.get(entity.media, '')}",
        data=data,
        inline=disposition == "inline" or bool(content_id and disposition != "attachment"),
        content_id=content_id,
    )


def _attached_mail(data: bytes, name: str, number: int) -> File | AttachedMail:
    """A mail; or the file that somebody's program sent under the type of one."""
    message = parse(data)
    if not message.fields and kind_of(data, name).kind is not PartKind.OTHER:
        return File(name=name or f"{UNNAMED}{number}", data=data, inline=False, content_id="")
    subject = decode_header(raw_header(message, "subject"))
    return AttachedMail(name=name or (f"{subject[:80]}.eml" if subject else f"附件邮件{number}.eml"), message=message)


def _name(entity: Entity) -> str:
    return file_name(raw_header(entity, "content-disposition"), entity.type_field)


def _disposition(entity: Entity) -> str:
    return clean(decode_text(raw_header(entity, "content-disposition").split(b";")[0])).strip().lower()
