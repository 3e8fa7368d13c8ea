"""Reads what the trusted receiver found of a mail: its Authentication-Results (RFC 8601), and nobody else's.

Anyone can write such a field, also under the receiver's name. Three things keep strangers out:
- only the topmost field of the trusted name is believed, and what stands in the same hop below it in bad words alone;
- its good words count only above everything that the sender wrote: fields of the message itself, and Received fields of
  servers that are not the receiver's. A bad word is believed wherever it stands: nobody forges one against himself;
- comments and quoted strings can carry no result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.authentication import Authentication, Method, Result, Verdict

_MAX_VALUE, _MAX_VERDICTS, _MAX_FIELDS = 20_000, 20, 500
_OF_THE_SENDER = frozenset(
    ("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references",
     "mime-version", "content-type", "content-transfer-encoding", "dkim-signature")
)  # fmt: skip
"""Fields that the receiver never writes: what stands below the first of them may be the sender's."""
_QUOTED = "\0"
"""Stands for every character of a quoted string that could part or name anything."""
_RESULT = re.compile(r"\s*(spf|dkim|dmarc)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(smtp|header|policy)\s*\.\s*([a-z-]+)\s*=\s*([^\s;]+)", re.IGNORECASE)
_SAYS_DOMAIN = {
    Method.SPF: ("smtp.mailfrom", "smtp.helo"),
    Method.DKIM: ("header.d", "header.i"),
    Method.DMARC: ("header.from",),
}
_BY = re.compile(r"\bby\s+([\w.-]+)", re.IGNORECASE | re.ASCII)
_RESULTS = frozenset(Result)


@dataclass(frozen=True, kw_only=True)
class Results:
    """One Authentication-Results field."""

    authserv_id: str
    verdicts: tuple[Verdict, ...] = ()


def authentication_of(
    fields: Sequence[tuple[str, bytes]], trusted_authserv_id: str, receiver_domain: str = ""
) -> Authentication:
    """What the trusted receiver says, of the header's fields (lower-case name, raw value), topmost first.

    `receiver_domain` is the registered domain of the trusted name, whose servers write Received fields above it. Without
    a trusted name all such fields are ignored. `Verdict.aligned` is left for who knows the registered domains.
    """
    trusted = trusted_authserv_id.strip().lower()
    found: list[Verdict] = []
    heard, in_place = False, True
    for name, raw in fields[:_MAX_FIELDS] if trusted else ():
        if name == "authentication-results":
            results = read_results(raw.decode("latin-1"))
            if results.authserv_id != trusted:
                continue
            found += _believed(results.verdicts, found, good_words=in_place and not heard)
            heard = True
        elif name in _OF_THE_SENDER or name == "received":
            if heard:
                break
            in_place = in_place and name == "received" and _is_by(raw, trusted, receiver_domain)
    return Authentication(receiver=trusted if heard else "", verdicts=tuple(found[:_MAX_VERDICTS]))


def _believed(verdicts: Sequence[Verdict], above: Sequence[Verdict], *, good_words: bool) -> Iterator[Verdict]:
    """Of a method the topmost field that speaks of it decides."""
    spoken = {each.method for each in above}
    for each in verdicts:
        if each.method not in spoken and (good_words or each.result is not Result.PASS):
            yield each


def _is_by(received: bytes, trusted: str, receiver_domain: str) -> bool:
    """Whether a Received field says that the receiver wrote it. Hops within a provider often name an address (Gmail: `by
    2002:a05:…`) or a bare host; servers that take mail in from others name themselves."""
    by = _BY.search(_flat(received[:_MAX_VALUE].decode("latin-1")))
    host = by[1].lower().rstrip(".") if by else ""
    if "." not in host or host.replace(".", "").isdigit():
        return bool(host)
    return host == trusted or (bool(receiver_domain) and f".{host}".endswith(f".{receiver_domain}"))


def read_results(value: str) -> Results:
    """One field's value. Never raises: what cannot be read says nothing."""
    first, *statements = _flat(value[:_MAX_VALUE]).split(";")
    words = first.split()
    verdicts = (_verdict(statement) for statement in statements)
    return Results(
        authserv_id=words[0].lower() if words else "", verdicts=tuple(each for each in verdicts if each)[:_MAX_VERDICTS]
    )


def _verdict(statement: str) -> Verdict | None:
    match = _RESULT.match(statement)
    if match is None:
        return None
    method, word = Method(match[1].lower()), match[2].lower()
    said = {f"{kind}.{name}".lower(): value for kind, name, value in _PROPERTY.findall(statement[match.end() :])}
    value = next((said[key] for key in _SAYS_DOMAIN[method] if key in said), "")
    domain = value.rpartition("@")[2].strip("<>.,").lower()
    return Verdict(method=method, result=Result(word) if word in _RESULTS else Result.OTHER, domain=domain)


def _flat(value: str) -> str:
    """`value` on one line, without comments; of quoted strings what could part or name anything is made unreadable."""
    kept: list[str] = []
    depth = 0
    quoted = escaped = False
    for character in value:
        if escaped:
            escaped = False
            kept.append(_QUOTED if quoted else "")
        elif character == "\\" and (depth or quoted):
            escaped = True
        elif quoted:
            quoted = character != '"'
            kept.append("" if not quoted else character if character.isalnum() or character in ".-@" else _QUOTED)
        elif character == '"' and not depth:
            quoted = True
        elif character == "(":
            depth += 1
            kept.append(" ")
        elif character == ")" and depth:
            depth -= 1
        elif not depth:
            kept.append(" " if character in "\r\n\t" else character)
    return "".join(kept)
