"""Opens one raw mail: who wrote, of which kind, with which files. Never raises, whatever the bytes.

The bytes are split by `mime_entity` and walked by `mime_tree`; texts and names are decoded from the wire
(`encoded_words`, `mime_parameters`). mail-parser reads the Date, which comes in many forms: it loses Chinese characters
and flattens attached mails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import mailparser

from domain.mail import WHOLE_MAIL, Intent, MailFacts, MailKind, PartFault, PartKind
from parsers.advertising import is_advertising
from parsers.archive_entries import Budget
from parsers.archive_system import Library
from parsers.archives import SYSTEM_LIBRARY
from parsers.authentication import authentication_of
from parsers.bounces import failed_recipients, is_notice_only
from parsers.charsets import clean
from parsers.cloud_links import cloud_faults
from parsers.encoded_words import decode_header
from parsers.kinds import kind_of
from parsers.limits import Limits
from parsers.mail_addresses import ADDRESS, Person, people_of
from parsers.mail_files import FileGatherer
from parsers.mail_text import BodyText, from_html, from_plain, own_text, quote_place
from parsers.mime_entity import Entity, parse, raw_header, raw_headers
from parsers.mime_tree import File, Tree, tree_of
from parsers.recognise import Recognised, Signs, intent_of, recognise
from parsers.signatures import claims_of

MAX_TEXT = 20_000
_MAX_HEAD = 1_000_000
_MAX_FIELDS, _MAX_SAME = 2_000, 5
"""Header fields that recognition looks at, and of those with one name."""
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,990})>")
_FORWARD = re.compile(r"\s*(?:fw|fwd|转发|轉寄|转)\s{0,3}[:：]", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class OpenedMail:
    """`contents`: SHA-256 (hex) → bytes of every part."""

    facts: MailFacts
    contents: dict[str, bytes] = field(default_factory=dict)


def open_mail(
    raw: bytes,
    *,
    own_addresses: frozenset[str],
    own_message_id_suffix: str,
    trusted_authserv_id: str,
    limits: Limits,
    receiver_domain: str = "",
    library: Library = SYSTEM_LIBRARY,
) -> OpenedMail:
    """`raw` as facts and files. What cannot be opened is a fault among the facts (`attachment.*`), never an exception.

    `own_addresses` lower case; `own_message_id_suffix` ends our own Message-IDs (`@baosong.example`), "" if unknown;
    `trusted_authserv_id`: whose Authentication-Results count, "" for none's, and `receiver_domain` the registered domain of
    that; `library` reads rar and 7z.
    """
    opener = _Opener(
        own_addresses=own_addresses,
        own_message_id_suffix=own_message_id_suffix,
        trusted_authserv_id=trusted_authserv_id,
        receiver_domain=receiver_domain,
        limits=limits,
        library=library,
    )
    if len(raw) > limits.message_bytes:
        return opener.head_only(
            raw, PartFault(name=WHOLE_MAIL, code="attachment.too_large", limit=limits.message_bytes)
        )
    try:
        return opener.whole(raw)
    except Exception as error:  # noqa: BLE001 - the parsers under us raise undocumented errors on crafted mails
        fault = PartFault(name=WHOLE_MAIL, code="attachment.unreadable", detail=type(error).__name__)
        return opener.head_only(raw, fault)


@dataclass(frozen=True, kw_only=True)
class _Opener:
    own_addresses: frozenset[str]
    own_message_id_suffix: str
    trusted_authserv_id: str
    receiver_domain: str
    limits: Limits
    library: Library

    def whole(self, raw: bytes) -> OpenedMail:
        message = parse(raw)
        budget = Budget(self.limits)
        tree = tree_of(message, budget)
        body = _body(tree)
        gatherer = FileGatherer(self.limits, budget, self.library)
        gatherer.add_all(tree.attached, html="".join(tree.html))
        gatherer.finish()
        subject = decode_header(raw_header(message, "subject"))
        end = len(body.text) if _FORWARD.match(subject) else quote_place(body.text)
        links = cloud_faults(body.links, body.text, end, gatherer.parts)
        facts = self._facts(message, tree, body)
        if facts.kind is MailKind.BOUNCE:
            facts = _as_bounce(facts, message, tree)
        faults = (*gatherer.faults, *links, *tree.faults)
        return OpenedMail(facts=replace(facts, parts=tuple(gatherer.parts), faults=faults), contents=gatherer.contents)

    def head_only(self, raw: bytes, fault: PartFault) -> OpenedMail:
        """The facts of the header alone, for a mail that is too large or breaks its readers."""
        try:
            facts = self._facts(replace(parse(raw[:_MAX_HEAD]), body=b""), Tree(), BodyText(text=""))
        except Exception:  # noqa: BLE001 - as above; the fault that brought us here is reported all the same
            facts = _nothing()
        return OpenedMail(facts=replace(facts, faults=(fault,)))

    def _facts(self, message: Entity, tree: Tree, body: BodyText) -> MailFacts:
        authors = people_of(raw_header(message, "from"))
        sender = next(iter(authors), Person(address="", name=""))
        subject = decode_header(raw_header(message, "subject"))
        own = own_text(body.text)
        signs = Signs(
            sender=sender.address,
            sender_name=sender.name,
            envelope_sender=_envelope(message),
            subject=subject,
            message_id=_message_id(message),
            headers=_decoded_headers(message),
            types=tree.types,
            report_type=_report_type(message),
            text=own,
            brings_files=_brings_files(tree),
        )
        recognised: Recognised = recognise(
            signs, own_addresses=self.own_addresses, own_message_id_suffix=self.own_message_id_suffix
        )
        human = recognised.kind is MailKind.HUMAN
        reply_to = next(iter(people_of(raw_header(message, "reply-to"))), None)
        heard = authentication_of(message.fields, self.trusted_authserv_id, self.receiver_domain)
        sole = sum("@" in each.address for each in authors) == 1 and len(raw_headers(message, "from")) == 1
        return MailFacts(
            message_id=signs.message_id,
            subject=subject,
            sender=sender.address,
            sender_name=sender.name,
            reply_to=reply_to.address if reply_to and reply_to.address else None,
            envelope_sender=signs.envelope_sender,
            to=tuple(person.address for person in people_of(raw_header(message, "to")) if person.address),
            date=_date(message),
            in_thread=_thread(message),
            kind=recognised.kind,
            kind_reason=recognised.reason,
            intent=_intent(signs, in_thread=bool(_thread(message))) if human else Intent.NONE,
            dmarc_failed=heard.failed,
            authentication=replace(heard, sole_author=sole),
            signatures=claims_of(raw_headers(message, "dkim-signature")),
            text=body.text[:MAX_TEXT],
        )


def _intent(signs: Signs, *, in_thread: bool) -> Intent:
    """What a person wants; whoever answers somebody's mail advertises nothing."""
    wanted = intent_of(signs.text, signs.subject)
    if wanted in (Intent.NONE, Intent.QUESTION) and not in_thread:
        return Intent.ADVERTISE if is_advertising(signs, asks=wanted is Intent.QUESTION) else wanted
    return wanted


def _as_bounce(facts: MailFacts, message: Entity, tree: Tree) -> MailFacts:
    """A bounce with whom it did not reach, or a notice that all is well so far."""
    if is_notice_only(tree.reports, facts.subject):
        return replace(facts, kind=MailKind.DELIVERY_NOTICE, kind_reason="nothing failed")
    return replace(facts, failed_recipients=failed_recipients(message, tree.reports, facts.text))


def _date(message: Entity) -> datetime | None:
    """The Date as mail-parser reads it; None where it cannot."""
    field = b"Date: " + b" ".join(raw_header(message, "date").split())
    try:
        return _utc(mailparser.parse_from_bytes(field + b"\r\n\r\n").date)
    except Exception:  # noqa: BLE001 - it raises on real bounces too (AttributeError, 4.8.0); nothing is lost by this
        return None


def _body(tree: Tree) -> BodyText:
    """The plain text, with the links of the HTML; the HTML alone where no plain text stands."""
    html = from_html("\n".join(tree.html))
    plain = from_plain("\n".join(tree.plain))
    if not html.text.strip() or (not html.links and plain.text.strip()):
        return plain if plain.text.strip() else html
    return html


def _brings_files(tree: Tree) -> bool:
    """Whether the sender attached what may be a return; files within an attached mail are somebody else's."""
    own = [kind_of(item.data, item.name) for item in tree.attached if isinstance(item, File) and not item.inline]
    return any(kind.kind is not PartKind.OTHER or kind.candidate_for is not None for kind in own)


def _envelope(message: Entity) -> str | None:
    """The topmost Return-Path: "" for the null sender, None when there is none."""
    values = raw_headers(message, "return-path")
    if not values:
        return None
    match = ADDRESS.search(values[0].decode("latin-1"))
    if match:
        return match[0].lower()
    return values[0].decode("latin-1").strip(" \t\r\n<>").lower()


def _message_id(message: Entity) -> str | None:
    """With its angle brackets; without them as found, None when empty."""
    raw = raw_header(message, "message-id").decode("latin-1")
    match = _MESSAGE_ID.search(raw)
    if match:
        return clean(match[0])
    bare = clean(raw).strip()
    return f"<{bare.strip('<>')[:990]}>" if bare.strip("<>") else None


def _thread(message: Entity) -> tuple[str, ...]:
    """Message-IDs of In-Reply-To and References, each once, at most 200 (the newest)."""
    raw = raw_header(message, "references") + b" " + raw_header(message, "in-reply-to")
    found = dict.fromkeys(clean(match[0]) for match in _MESSAGE_ID.finditer(raw[:200_000].decode("latin-1")))
    return tuple(found)[-200:]


def _decoded_headers(message: Entity) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for name, raw in message.fields[:_MAX_FIELDS]:
        values = headers.setdefault(name, [])
        if len(values) < _MAX_SAME:
            values.append(decode_header(raw))
    return headers


def _report_type(message: Entity) -> str:
    return message.parameter("report-type").lower()


def _utc(date: object) -> datetime | None:
    """mail-parser gives the Date header as a naive UTC time."""
    if not isinstance(date, datetime):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date


def _nothing() -> MailFacts:
    return MailFacts(
        message_id=None,
        subject="",
        sender="",
        sender_name="",
        reply_to=None,
        envelope_sender=None,
        kind=MailKind.HUMAN,
        kind_reason="header could not be read",
    )
