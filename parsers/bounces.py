"""Whom a bounce is about, where it does not quote the letter that came back, and whether it is one at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from parsers.mime_entity import Entity, each_header, parse

MAX_RECIPIENTS = 50
_ADDRESS = re.compile(r"[a-z0-9._%+=-]{1,64}@[a-z0-9.-]{1,250}\.[a-z]{2,24}", re.IGNORECASE)
"""ASCII alone: in Chinese words no space stands before or after an address."""
_HEADER = ("x-failed-recipients",)
_STATUS = ("final-recipient", "original-recipient")
_TYPE = re.compile(rb"\s{0,9}rfc822\s{0,9};", re.IGNORECASE)
_BLOCKS = re.compile(rb"(?:\r\n|\r(?!\n)|\n){2,9}")
_WORD = re.compile(rb"\s{0,99}([a-z]{1,20})", re.IGNORECASE)
"""Between the fields of the mail and those of each recipient (RFC 3464, 2.1)."""
_DELAY = re.compile(
    r"delayed|warning: (?:could not send|message)|still (?:being )?(?:re)?tried|delivery status notification \(delay\)"
    r"|延迟|暂时(?:无法|未能)|暂未(?:送达|投递)",
    re.IGNORECASE,
)
_MOST_BYTES = 20_000
_MOST_STATUS = 1_000_000
_MOST_OF_ONE = 2_000


def is_notice_only(reports: Sequence[bytes], subject: str) -> bool:
    """Whether nothing failed: the delivery status names other actions alone (RFC 3464, 2.3.3: delayed, delivered, relayed,
    expanded); without one, the subject speaks of a delay. Nobody need telephone: the letter is still on its way."""
    fields = (value for report in reports for value in _fields(report, ("action",)))
    actions = {word[1].lower() for value in fields if (word := _WORD.match(value))}  # a comment may stand behind it
    known = actions & {b"failed", b"delayed", b"delivered", b"relayed", b"expanded"}
    return b"failed" not in known if known else bool(_DELAY.search(subject))


def failed_recipients(message: Entity, reports: Sequence[bytes], text: str) -> tuple[str, ...]:
    """Addresses that had no letter, lower case: as the mail's own header or its delivery status says (RFC 3464), else as
    the words do. `reports`: the texts of its parts of the type message/delivery-status.

    Chinese 系统退信 often have the words alone. They also name the bureau: what is no recipient of ours matches nothing.
    """
    told, length = [], 0
    for value in _reported(message, reports):
        told.append(value[:_MOST_OF_ONE])
        length += len(told[-1])
        if length > _MOST_BYTES:
            break
    return (_addresses(b" ".join(told).decode("latin-1")) or _addresses(text))[:MAX_RECIPIENTS]


def _addresses(words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match[0].lower() for match in _ADDRESS.finditer(words[:_MOST_BYTES])))


def _reported(message: Entity, reports: Sequence[bytes]) -> Iterator[bytes]:
    yield from each_header(message, _HEADER)
    for report in reports:
        yield from (value for value in _fields(report, _STATUS) if _TYPE.match(value))


def _fields(report: bytes, names: tuple[str, ...]) -> Iterator[bytes]:
    """The values of fields in all blocks of a delivery status."""
    for block in _BLOCKS.split(report[:_MOST_STATUS]):
        yield from each_header(parse(block), names)
