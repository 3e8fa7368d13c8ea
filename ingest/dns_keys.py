"""Asks DNS for the key of a DKIM signature, within a time that no mail is held up by."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import dns.exception
import dns.rdatatype
import dns.resolver

from domain.authentication import Claim

_ONE_TRY = 2.0
_SILENCE = 60.0
_REMEMBERED = 1_000


class NoAnswer(Exception):
    """DNS gave no answer in time, or none that says anything: the signature is not checked."""


class KeyFinder:
    """Key records by DNS, kept as long as they may be. Thread-safe.

    A domain that gave no answer is not asked again for a minute: a dead name server, its own or ours, costs each mail of
    that domain its time only once.
    """

    def __init__(self, nameserver: str = "", seconds: float = 5.0, clock: Callable[[], float] = time.monotonic) -> None:
        """`nameserver`: `127.0.0.1` or `127.0.0.1:53`, "" for the machine's own. `seconds` for all keys of one mail."""
        self._nameserver = nameserver
        self.seconds = seconds
        self.clock = clock
        self._resolver: dns.resolver.Resolver | None = None
        self._silent: dict[str, float] = {}
        self._lock = threading.Lock()

    def record(self, claim: Claim, until: float) -> bytes | None:
        """The key record of a signature, None where its domain has none. `until`: when to give up, by `clock`.

        Raises NoAnswer.
        """
        left = until - self.clock()
        if left <= 0 or self._is_silent(claim.domain):
            raise NoAnswer(claim.domain)
        name = f"{claim.selector}._domainkey.{claim.domain}."
        try:
            answer = self._ready().resolve(name, "TXT", raise_on_no_answer=False, lifetime=left, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.YXDOMAIN):
            return None
        except (dns.exception.DNSException, OSError) as error:
            self._note_silence(claim.domain)
            raise NoAnswer(claim.domain) from error
        return next((b"".join(one.strings) for one in answer.rrset or ()), None)

    def _ready(self) -> dns.resolver.Resolver:
        """Raises a DNSException where the machine has no resolver."""
        with self._lock:
            if self._resolver is None:
                self._resolver = _resolver(self._nameserver)
            return self._resolver

    def _is_silent(self, domain: str) -> bool:
        with self._lock:
            return self._silent.get(domain, 0.0) > self.clock()

    def _note_silence(self, domain: str) -> None:
        with self._lock:
            if len(self._silent) >= _REMEMBERED:
                self._silent.clear()
            self._silent[domain] = self.clock() + _SILENCE


def _resolver(nameserver: str) -> dns.resolver.Resolver:
    made = dns.resolver.Resolver(configure=not nameserver)
    if nameserver:
        host, _, port = nameserver.partition(":")
        made.nameservers = [host]
        made.port = int(port or 53)
    made.timeout = _ONE_TRY
    made.cache = dns.resolver.LRUCache(_REMEMBERED)
    return made
