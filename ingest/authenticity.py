"""Who wrote a mail, as far as its domain vouches: whose domain each result is about, and our own look at the signature."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import structlog

from domain.authentication import Authentication, Claim, Method, OwnCheck, Verdict
from domain.mail import MailFacts
from ingest import children
from ingest.child import ChildFailed
from ingest.dns_keys import KeyFinder, NoAnswer
from ingest.domains import registrable_domain
from ingest.errors import Transient
from ingest.sandbox import Sandbox

log = structlog.get_logger(__name__)

_COMPUTING_SECONDS = 10.0
_MOST = 2
"""Signatures of From's domain that are looked at; mail providers write one, some two."""


def aligned(facts: MailFacts) -> MailFacts:
    """The facts with what each of the receiver's results says about From (RFC 7489, 3.1: relaxed)."""
    own = registrable_domain(facts.sender)
    verdicts = tuple(replace(each, aligned=_is_about(each, own)) for each in facts.authentication.verdicts)
    return replace(facts, authentication=replace(facts.authentication, verdicts=verdicts))


def _is_about(verdict: Verdict, own: str | None) -> bool:
    """DMARC is about From by its nature; where it names a domain, that must be the one that we read."""
    if not verdict.domain:
        return verdict.method is Method.DMARC
    return own is not None and registrable_domain(verdict.domain) == own


class SignatureCheck:
    """Our own look at DKIM signatures. It never raises and never holds a mail up for long: what cannot be found out in
    time is "not checked"."""

    def __init__(self, sandbox: Sandbox, keys: KeyFinder, *, computing: float = _COMPUTING_SECONDS) -> None:
        """`computing`: seconds for one signature. A body of 100 kB of spaces keeps dkimpy busy for half a minute."""
        self._sandbox = sandbox
        self._keys = keys
        self._computing = computing

    def of(self, facts: MailFacts, path: Path) -> Authentication:
        """`path` holds the whole mail."""
        own = registrable_domain(facts.sender)
        claims = [each for each in facts.signatures if not each.flaw and registrable_domain(each.domain) == own]
        if own is None or not claims or not facts.authentication.sole_author:
            return replace(facts.authentication, own=OwnCheck.NONE)
        checked = self._first_that_holds(claims[:_MOST], path)
        return replace(facts.authentication, own=checked, own_domain=claims[0].domain)

    def _first_that_holds(self, claims: Iterable[Claim], path: Path) -> OwnCheck:
        until = self._keys.clock() + self._keys.seconds
        found = OwnCheck.FAIL
        for claim in claims:
            try:
                record = self._keys.record(claim, until)
                if record and self._holds(claim, record, path):
                    return OwnCheck.PASS
            except (NoAnswer, ChildFailed, Transient) as error:
                log.warning("signature_not_checked", domain=claim.domain, reason=type(error).__name__)
                found = OwnCheck.NOT_CHECKED
        return found

    def _holds(self, claim: Claim, record: bytes, path: Path) -> bool:
        answer = self._sandbox.decode(
            children.signature_job, str(path), claim, record, folder=path.parent, seconds=self._computing
        )
        return answer == children.HOLDS
