"""Whom a bounce is about, where it does not quote the letter that came back, and whether it is one at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email.message import Message

from parsers.mime_tree import MailMessage, each_header

MAX_RECIPIENTS = 50
_ADDRESS = re.compile(r"[a-z0-9._%+=-]{1,64}@[a-z0-9.-]{1,250}\.[a-z]{2,24}", re.IGNORECASE)
"""ASCII alone: in Chinese words no space stands before or after an address."""
_HEADER = ("x-failed-recipients",)
_STATUS = ("final-recipient", "original-recipient")
_TYPE = re.compile(rb"\s{0,9}rfc822\s{0,9};", re.IGNORECASE)
_DELAY = re.compile(
    r"delayed|warning: (?:could not send|message)|still (?:being )?(?:re)?tried|delivery status notification \(delay\)"
    r"|延迟|暂时(?:无法|未能)|暂未(?:送达|投递)",
    re.IGNORECASE,
)
_MOST_BYTES = 20_000
_MOST_OF_ONE = 2_000


def is_notice_only(reports: Sequence[MailMessage], subject: str) -> bool:
    """Whether nothing failed: the delivery status names other actions alone (RFC 3464, 2.3.3: delayed, delivered, relayed,
    expanded); without one, the subject speaks of a delay. Nobody need telephone: the letter is still on its way."""
    actions = {value.strip().lower() for report in reports for value in _fields(report, ("action",))}
    known = actions & {b"failed", b"delayed", b"delivered", b"relayed", b"expanded"}
    return b"failed" not in known if known else bool(_DELAY.search(subject))


def failed_recipients(message: MailMessage, reports: Sequence[MailMessage], text: str) -> tuple[str, ...]:
    """Addresses that had no letter, lower case: as the mail's own header or its delivery status says (RFC 3464), else as
    the words do. `reports`: its parts of the type message/delivery-status.

    Chinese 系统退信 often have the words alone. They also name the bureau: what is no recipient of ours matches nothing.
    """
    told, length = [], 0
    for value in _reported(message, reports):
        told.append(value[:_MOST_OF_ONE])
        length += len(told[-1])
        if length > _MOST_BYTES:
            break
    words = b" ".join(told).decode("latin-1") or text
    found = dict.fromkeys(match[0].lower() for match in _ADDRESS.finditer(words[:_MOST_BYTES]))
    return tuple(found)[:MAX_RECIPIENTS]


def _reported(message: MailMessage, reports: Sequence[MailMessage]) -> Iterator[bytes]:
    yield from each_header(message, _HEADER)
    for report in reports:
        yield from (value for value in _fields(report, _STATUS) if _TYPE.match(value))


def _fields(report: MailMessage, names: tuple[str, ...]) -> Iterator[bytes]:
    """The values of fields in all blocks of a delivery status."""
    blocks = report.get_payload()
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, Message):
            yield from each_header(block, names)
