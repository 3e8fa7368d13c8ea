"""Walks the MIME tree of one message: which leaves are its body, which are files, which are attached mails."""

from __future__ import annotations

import binascii
import email
import email.policy
import quopri
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email.message import Message
from typing import TYPE_CHECKING

from domain.mail import PartKind
from parsers.charsets import clean, decode_text
from parsers.encoded_words import decode_header
from parsers.kinds import kind_of
from parsers.mime_parameters import file_name

if TYPE_CHECKING:
    MailMessage = Message[str, str]
else:
    MailMessage = Message  # not subscriptable at run time in Python 3.11
MAX_LEAVES = 20_000
UNNAMED = "未命名附件"
_BODY_TYPES = frozenset({"text/plain", "text/html"})
_REPORTS = frozenset({"message/delivery-status", "message/disposition-notification", "message/feedback-report"})
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
    message: MailMessage


@dataclass(frozen=True, kw_only=True)
class Tree:
    """One message's parts. `plain` and `html` are its body texts in order; `types` the types of all its own parts;
    `reports` its delivery status; `truncated`: parts beyond MAX_LEAVES were left."""

    plain: tuple[str, ...]
    html: tuple[str, ...]
    attached: tuple[File | AttachedMail, ...]
    types: tuple[str, ...]
    truncated: bool = False
    reports: tuple[MailMessage, ...] = ()


def raw_headers(message: MailMessage, name: str) -> tuple[bytes, ...]:
    """The header's values, topmost first, as the bytes on the wire (folds included)."""
    return tuple(each_header(message, (name.lower(),)))


def each_header(message: MailMessage, names: Collection[str]) -> Iterator[bytes]:
    """As `raw_headers`, of several names (lower case), for who need not see all."""
    return (_wire(value) for key, value in message.raw_items() if key.lower() in names)


def raw_header(message: MailMessage, name: str) -> bytes:
    return next(iter(raw_headers(message, name)), b"")


def parse(raw: bytes) -> MailMessage:
    """compat32 is the one policy that reads anything: `policy.default` raises on some real mails (CPython 3.11)."""
    return email.message_from_bytes(raw, policy=email.policy.compat32)


def tree_of(message: MailMessage) -> Tree:
    """Sorts the leaves of `message`; attached mails are not entered."""
    plain: list[str] = []
    html: list[str] = []
    attached: list[File | AttachedMail] = []
    types: list[str] = []
    reports: list[MailMessage] = []
    truncated = False
    for count, part in enumerate(_leaves(message, types)):
        if count >= MAX_LEAVES:
            truncated = True
            break
        type_ = content_type(part)
        if type_ in _REPORTS:
            reports += [part] if type_ == "message/delivery-status" else []
            continue
        if part.is_multipart():
            attached.append(_attached_mail(part, len(attached) + 1))
            continue
        data = payload(part)
        if _is_body(part, type_, data):
            (html if type_ == "text/html" else plain).append(decode_text(data, _charset(part)))
        else:
            attached.append(_file(part, type_, data, len(attached) + 1))
    return Tree(
        plain=tuple(plain),
        html=tuple(html),
        attached=tuple(attached),
        types=tuple(types),
        truncated=truncated,
        reports=tuple(reports),
    )


def content_type(part: MailMessage) -> str:
    """Lower-case type of a part, `text/plain` when it names none."""
    raw = raw_header(part, "content-type").split(b";")[0].strip().lower()
    match = re.match(rb"[\w.+-]{1,80}/[\w.+-]{1,80}", raw)
    return match[0].decode("ascii", "replace") if match else part.get_content_type()


def payload(part: MailMessage) -> bytes:
    """The decoded bytes of a leaf; damaged transfer encodings give what can be had, unknown ones the bytes as sent."""
    encoding = re.split(rb"[\s;]", raw_header(part, "content-transfer-encoding").strip().lower())[0]
    if encoding == b"base64":
        return _base64(_letters(part))
    decoded = part.get_payload(decode=True)  # the bytes on the wire where nothing is to be decoded
    data = decoded if isinstance(decoded, bytes) else b""
    declared = str(part.get("content-transfer-encoding", "")).lower()
    if encoding == b"quoted-printable" and declared != "quoted-printable":
        return quopri.decodestring(data)
    return data


def _leaves(message: MailMessage, types: list[str]) -> Iterator[MailMessage]:
    """Leaves and attached mails in the order of the mail, without recursion. Notes the types seen in `types`."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        type_ = content_type(part)
        if len(types) < MAX_LEAVES:
            types.append(type_)
        children = part.get_payload() if part.is_multipart() else None
        if isinstance(children, list) and not part.get_content_type().startswith("message/"):
            waiting.extend(child for child in reversed(children) if isinstance(child, Message))
        else:
            yield part


def _is_body(part: MailMessage, type_: str, data: bytes) -> bool:
    """Text without a name that is not marked as a file, and is text by its bytes too."""
    if type_ not in _BODY_TYPES and not type_.startswith("multipart/"):
        return False
    if _disposition(part) == "attachment" or _name(part):
        return False
    kind = kind_of(data, "")
    return kind.kind is PartKind.OTHER or kind.media.startswith(("text/", "multipart/"))


def _file(part: MailMessage, type_: str, data: bytes, number: int) -> File:
    content_id = decode_header(raw_header(part, "content-id")).strip("<> ")
    disposition = _disposition(part)
    return File(
        name=_name(part) or f"{UNNAMED}{number}{_EXTENSIONS.get(type_, '')}",
        data=data,
        inline=disposition == "inline" or bool(content_id and disposition != "attachment"),
        content_id=content_id,
    )


def _attached_mail(part: MailMessage, number: int) -> AttachedMail:
    children = part.get_payload()
    inner = children[0] if isinstance(children, list) and children else parse(b"")
    message = inner if isinstance(inner, Message) else parse(b"")
    if raw_header(part, "content-transfer-encoding").strip().lower() == b"base64" and not message.keys():
        # RFC 2046 5.2.1 forbids it, mail programs do it: the parser took the base64 text for the mail.
        message = parse(_base64(_letters(message)))
    subject = decode_header(raw_header(message, "subject"))
    name = _name(part) or (f"{subject[:80]}.eml" if subject else f"附件邮件{number}.eml")
    return AttachedMail(name=name, message=message)


def _name(part: MailMessage) -> str:
    return file_name(raw_header(part, "content-disposition"), raw_header(part, "content-type"))


def _disposition(part: MailMessage) -> str:
    return clean(decode_text(raw_header(part, "content-disposition").split(b";")[0])).strip().lower()


def _charset(part: MailMessage) -> str | None:
    match = re.search(rb"charset\s{0,5}=\s{0,5}[\"']?([\w.:+-]{1,60})", raw_header(part, "content-type"), re.IGNORECASE)
    return match[1].decode("ascii", "replace") if match else None


def _base64(raw: bytes) -> bytes:
    """Base64 with rubbish in it or with its end missing."""
    for missing in (b"", b"=", b"=="):
        try:
            return binascii.a2b_base64(raw + missing)
        except binascii.Error:
            continue
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)  # one letter too many: no byte stands in it
    try:
        return binascii.a2b_base64(letters[: len(letters) // 4 * 4])
    except binascii.Error:
        return raw


def _letters(part: MailMessage) -> bytes:
    """The text of a leaf before its transfer encoding is undone."""
    try:
        return _wire(part.get_payload())
    except ValueError:  # a NUL in the charset's name
        decoded = part.get_payload(decode=True)
        return decoded if isinstance(decoded, bytes) else b""


def _wire(value: object) -> bytes:
    """Text of the parser (ASCII with surrogates for other bytes) as the bytes that came."""
    return (
        str(value).encode("utf-8", "surrogateescape")
        if isinstance(value, str)
        else str(value).encode("utf-8", "replace")
    )
