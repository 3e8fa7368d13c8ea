"""Whose turn a mail takes when many wait, and how many mails an hour take one. It proves nothing: who writes other addresses into From
is served as many would be.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.authentication import Method, Result
from ingest.app import App
from ingest.domains import registrable_domain
from ingest.mailbox import FetchedMail
from parsers.authentication import authentication_of
from storage import outbox, senders
from storage.database import Transaction

_HEADER = 64 << 10
"""Bytes of a header that are looked at; what is longer shares a lane."""
_FROM = re.compile(rb"^from[ \t]*:(.*(?:\r?\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(rb"[^\s<>,;:\"()@]{1,64}@[^\s<>,;:\"()@]{1,255}")
_FIELD = re.compile(rb"^([!-9;-~]{1,64})[ \t]*:(.*(?:\r?\n[ \t].*)*)", re.MULTILINE)
_MESSAGE_ID = re.compile(rb"<[^<>\s]{1,250}>")
_QUOTED_AT_MOST = 8


@dataclass(frozen=True, kw_only=True)
class Lane:
    """`key` is a digest (16 hex digits), "" of a mail that names nobody; of its mails `most` an hour take their turn, 0: all."""

    key: str
    most: int


@dataclass(frozen=True, kw_only=True)
class Head:
    """`address`: the last in From, as it stands there, in lower case, "" where there is none; `proven`: the trusted receiver says that
    its domain vouches for it; `quoted`: the newest Message-IDs of the thread."""

    address: str
    proven: bool
    quoted: tuple[str, ...]


def lanes_of(app: App, tx: Transaction, mails: Sequence[FetchedMail]) -> list[Lane]:
    """Each mail's lane. Who writes in another's name must not keep that other waiting: mails that are surely a person's own, proven or
    answering a letter that only this address got, have a lane beside the one of mails that anybody may have written."""
    heads = [head_of(mail.raw, _trusted(app, mail.origin.account)) for mail in mails]
    letters = outbox.addresses_of(tx, {quoted for head in heads for quoted in head.quoted})
    known = _known(app, tx, {head.address for head in heads})
    return [
        Lane(
            key=lane_key(
                head.address,
                vouched=head.proven or any(letters.get(quoted) == head.address for quoted in head.quoted),
            ),
            most=_most(app, known=head.address in known),
        )
        for head in heads
    ]


def _most(app: App, *, known: bool) -> int:
    """A known sender never has less than a stranger."""
    of_all, of_known = (
        app.settings.limits.mails_per_sender_per_hour,
        app.settings.limits.mails_per_known_sender_per_hour,
    )
    return of_known and max(of_all, of_known) if known and of_all else of_all


def lane_key(address: str, *, vouched: bool) -> str:
    words = address.encode("utf-8", "surrogateescape") + (b"\0vouched" if vouched else b"")
    return hashlib.sha256(words).hexdigest()[:16] if address else ""


def lanes_of_address(address: str) -> frozenset[str]:
    """Both lanes that mails from there may be in."""
    return frozenset(lane_key(address.lower(), vouched=vouched) for vouched in (False, True))


def head_of(raw: bytes, trusted: str) -> Head:
    """The bytes are a stranger's, and nothing but these patterns looks at them here: mails are opened in the sandbox."""
    head = re.split(rb"\r?\n\r?\n", raw[:_HEADER], maxsplit=1)[0]
    lines = _FROM.findall(head)
    found = _ADDRESS.findall(lines[0]) if lines else []
    address = found[-1].decode("utf-8", "surrogateescape").lower() if found else ""
    fields = [(name.decode("ascii").lower(), value) for name, value in _FIELD.findall(head)]
    thread = b" ".join(value for name, value in fields if name in ("references", "in-reply-to"))
    quoted = tuple(dict.fromkeys(each.decode("latin-1") for each in _MESSAGE_ID.findall(thread)[-_QUOTED_AT_MOST:]))
    sole = len(lines) == len(set(found)) == 1
    return Head(address=address, proven=sole and _proven(fields, address, trusted), quoted=quoted)


def _proven(fields: Sequence[tuple[str, bytes]], address: str, trusted: str) -> bool:
    """Whether the trusted receiver found that DMARC passed, for the domain that is read here."""
    if not trusted:
        return False
    heard = authentication_of(fields, trusted, registrable_domain(trusted) or "")
    own = registrable_domain(address)
    return any(
        each.method is Method.DMARC
        and each.result is Result.PASS
        and (not each.domain or registrable_domain(each.domain) == own)
        for each in heard.verdicts
    )


def _trusted(app: App, account: str) -> str:
    table = app.settings.mailboxes.get(account)
    return table.trusted_authserv_id if table else ""


def _known(app: App, tx: Transaction, addresses: set[str]) -> frozenset[str]:
    """Those known for a reporter: by a notice, or confirmed by staff."""
    listed = {address for notice in app.notices for reporter in notice.reporters for address in reporter.addresses}
    return frozenset(addresses & listed) | senders.known_among(tx, addresses)
