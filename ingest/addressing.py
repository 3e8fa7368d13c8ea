"""To whom a reply goes: never to a machine, never where a stranger points it (spec section 5, fine print)."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from publicsuffixlist import PublicSuffixList

from domain.mail import MailFacts

FREEMAIL = frozenset(
    (
        *("qq.com", "vip.qq.com", "foxmail.com", "163.com", "126.com", "yeah.net", "vip.163.com", "vip.126.com"),
        *("188.com", "139.com", "189.cn", "wo.cn", "sina.com", "sina.cn", "vip.sina.com", "sohu.com", "21cn.com"),
        *("tom.com", "aliyun.com", "263.net", "outlook.com", "hotmail.com", "live.com", "live.cn", "msn.com"),
        *("gmail.com", "yahoo.com", "icloud.com", "me.com"),
    )
)
"""Providers where anyone may open a mailbox: a shared domain proves nothing about who owns the other address."""

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


def registrable_domain(address: str) -> str | None:
    """The part of an address's domain that somebody registered (`x@mail.py.edu.cn` → `py.edu.cn`), by the PSL."""
    _, _, domain = address.rpartition("@")
    return _suffixes().privatesuffix(domain.lower().rstrip(".")) if domain else None


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _answerable(address: str, own: Collection[str]) -> bool:
    local, at, domain = address.lower().partition("@")
    if not at or not local or not domain or address.lower() in own:
        return False
    return not _UNANSWERED.search(local)
