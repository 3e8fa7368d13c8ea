"""DKIM signatures (RFC 6376): what a mail claims, and whether a claim holds with the key that its domain publishes.

Who asks DNS for the key is elsewhere: nothing here uses the network. dkimpy computes; what it leaves to its caller is
decided here: From must be signed, and all of the body.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence

from domain.authentication import Claim

_MAX_CLAIMS, _MAX_FIELD, _MAX_RECORD = 8, 5_000, 1_500
"""Signatures looked at; bytes of one; bytes of a key record (of an RSA key of 8192 bits: some 1,430)."""
_MIN_KEY_BITS = 1024
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?:{_LABEL}\.){{0,20}}{_LABEL}")
_QUIET = logging.getLogger("baosong.dkim")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False  # its messages quote the mail


def claims_of(fields: Sequence[bytes]) -> tuple[Claim, ...]:
    """The signatures of a mail by its DKIM-Signature fields (raw values), topmost first."""
    return tuple(_claim(position, field) for position, field in enumerate(fields[:_MAX_CLAIMS]))


def _claim(position: int, field: bytes) -> Claim:
    tags = _tags(field[:_MAX_FIELD].decode("latin-1"))
    domain, selector = tags.get("d", "").lower().rstrip("."), tags.get("s", "").lower().rstrip(".")
    if len(field) > _MAX_FIELD or not _NAME.fullmatch(domain) or not _NAME.fullmatch(selector):
        return Claim(position=position, domain="", selector="", flaw="cannot be read")
    return Claim(position=position, domain=domain, selector=selector, flaw=_flaw(tags))


def _flaw(tags: Mapping[str, str]) -> str:
    """Why a signature proves nothing about the author or the whole mail, though it may hold."""
    if tags.get("v") != "1":
        return "unknown version"
    if tags.get("a", "").lower() != "rsa-sha256":
        return "algorithm not read here"  # SHA-1 is forbidden (RFC 8301); Ed25519 stands beside an RSA one in practice
    if "l" in tags:
        return "covers only a part of the body"  # what follows could be anybody's (RFC 6376, 8.2)
    if "from" not in {name.strip().lower() for name in tags.get("h", "").split(":")}:
        return "does not cover From"
    return ""


def _tags(field: str) -> dict[str, str]:
    """Tag → value (RFC 6376, 3.2), white space taken out. Of a tag that stands twice the last: dkimpy refuses both."""
    pairs = (each.split("=", 1) for each in field.split(";") if "=" in each)
    return {name.strip(): re.sub(r"\s+", "", value) for name, value in pairs}


def holds(raw: bytes, claim: Claim, record: bytes) -> bool:
    """Whether the signature holds with the key of that TXT record. Never raises: what cannot be computed does not hold."""
    import dkim  # slow to import, and of no use to other children

    if claim.flaw or len(record) > _MAX_RECORD or _is_test_key(record):
        return False
    try:
        verifier = dkim.DKIM(raw, logger=_QUIET, minkey=_MIN_KEY_BITS)
        held = verifier.verify(idx=claim.position, dnsfunc=lambda name, timeout=0: record)
        same = (verifier.domain.lower(), verifier.selector.lower()) == (claim.domain.encode(), claim.selector.encode())
    except Exception:  # noqa: BLE001  beside its own errors it raises what base64, int and regular expressions do
        return False
    return bool(held) and same


def _is_test_key(record: bytes) -> bool:
    """A domain that is still trying DKIM out: its signatures count as none (RFC 6376, 3.6.1)."""
    return "y" in _tags(record.decode("latin-1")).get("t", "").lower().split(":")
