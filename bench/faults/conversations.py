"""Faults of conversations: at every command of IMAP and SMTP, everything that can come instead of a good answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.faults.imap_proxy import CONNECT
from bench.faults.rules import Action
from bench.faults.sink import BODY, DOT

IMAP_VERBS = (
    CONNECT, "CAPABILITY", "LOGIN", "ID", "NOOP", "LIST", "SELECT", "SEARCH", "FETCH sizes", "FETCH body", "FETCH flags",
    "STORE", "MOVE", "LOGOUT",
)  # fmt: skip
SMTP_VERBS = (CONNECT, "EHLO", "MAIL", "RCPT", "DATA", BODY, DOT, "NOOP", "QUIT")
LONG_SILENCES = (("imap", "SELECT"), ("imap", "FETCH body"), ("imap", "MOVE"), ("smtp", "MAIL"), ("smtp", DOT))
"""Each costs the worker's whole patience (30 s, 60 s), so only here."""


@dataclass(frozen=True, kw_only=True)
class Broken:
    """One way in which a conversation goes wrong. `often`: also at all later commands of that kind in the pass."""

    server: str
    verb: str
    action: Action
    reply: bytes = b""
    often: bool = False

    @property
    def kind(self) -> str:
        """As the report names it."""
        told = self.reply.split(b" ")[0].decode() if self.action is Action.ANSWER else str(self.action)
        if told[:1] in "45" and len(told) == 3:
            told = f"{told[0]}xx" if told != "421" else told
        return f"{self.server.upper()} {told}"


def broken() -> Iterator[Broken]:
    yield from _imap()
    yield from _smtp()


def silences() -> Iterator[Broken]:
    for server, verb in LONG_SILENCES:
        yield Broken(server=server, verb=verb, action=Action.SILENCE)


def _imap() -> Iterator[Broken]:
    for verb in IMAP_VERBS:
        yield Broken(server="imap", verb=verb, action=Action.CUT_BEFORE)
        yield Broken(server="imap", verb=verb, action=Action.BYE)
        yield Broken(server="imap", verb=verb, action=Action.GARBAGE)
        if verb == CONNECT:
            continue
        yield Broken(server="imap", verb=verb, action=Action.CUT_AFTER)
        for often in (False, True):
            yield Broken(server="imap", verb=verb, action=Action.ANSWER, reply=b"NO not now", often=often)
        yield Broken(server="imap", verb=verb, action=Action.ANSWER, reply=b"BAD what?")
        if verb not in ("LOGIN", "STORE", "MOVE", "LOGOUT"):  # there it would be a lie, and no fault
            yield Broken(server="imap", verb=verb, action=Action.EMPTY)
            yield Broken(server="imap", verb=verb, action=Action.UNTRUE)
        if verb.startswith("FETCH"):
            yield Broken(server="imap", verb=verb, action=Action.CUT_WITHIN)


def _smtp() -> Iterator[Broken]:
    for verb in SMTP_VERBS:
        yield Broken(server="smtp", verb=verb, action=Action.CUT_BEFORE)
        yield Broken(server="smtp", verb=verb, action=Action.GARBAGE)
        if verb == BODY:
            continue
        yield Broken(server="smtp", verb=verb, action=Action.ANSWER, reply=b"421 closing")
        yield Broken(server="smtp", verb=verb, action=Action.CUT_AFTER)
        for often in (False, True):
            yield Broken(server="smtp", verb=verb, action=Action.ANSWER, reply=b"451 not now", often=often)
        yield Broken(server="smtp", verb=verb, action=Action.ANSWER, reply=b"554 no such thing")
