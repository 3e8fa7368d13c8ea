"""To whom a reply goes: never to a machine, never where a stranger points it (spec section 5, fine print)."""

from __future__ import annotations

import re
from collections.abc import Collection

from domain.mail import MailFacts
from ingest.domains import FREEMAIL, registrable_domain

_UNANSWERED = re.compile(r"(?:no|do[-_.]?not|dont)[-_.]?reply|^(?:mailer-?daemon|postmaster|bounces?(?![a-z]))")


def reply_to(facts: MailFacts, known: Collection[str], own: Collection[str]) -> tuple[str, ...]:
    """The addresses to answer, or none when there is none that may be answered (then staff are told).

    Reply-To counts only when known for the reporter or in From's own registrable domain and that is no freemail
    provider. When DMARC failed, only the known addresses are written to, each of them; else there is one.
    """
    if facts.dmarc_failed:
        candidates = sorted(known)
    else:
        chosen = facts.reply_to if facts.reply_to and _reply_to_counts(facts, known) else facts.sender
        candidates = [chosen]
    return tuple(address for address in candidates if _answerable(address, own))


def _reply_to_counts(facts: MailFacts, known: Collection[str]) -> bool:
    if facts.reply_to in known:
        return True
    domain = registrable_domain(facts.sender)
    return bool(domain) and domain not in FREEMAIL and registrable_domain(facts.reply_to or "") == domain


def _answerable(address: str, own: Collection[str]) -> bool:
    local, at, domain = address.lower().partition("@")
    if not at or not local or not domain or address.lower() in own:
        return False
    return not _UNANSWERED.search(local)
