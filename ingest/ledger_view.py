"""Entries of the ledger as the console shows them: what is for few is left out, what staff wrote is masked by who looks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.mail import Intent
from domain.masking import Viewer, mask_address, sees_all, words_for
from storage import ledger
from storage.ledger_reading import Found

_WRITTEN = frozenset(("reason", "lift_reason", "before"))
"""Keys under which bodies have what persons wrote, all else being codes, hashes and names of companies and accounts."""
_CONFIDENTIAL = frozenset((Intent.COMPLAINT,))


@dataclass(frozen=True, kw_only=True)
class EntryShown:
    """`facts` is the body, {} where it cannot be read or is for few (`secret`); `text` the whole entry as JSON, as its hash is
    computed of it but for white space, and `masked` says that it is not, since something is masked."""

    entry: Found
    facts: Mapping[str, Any]
    text: str
    secret: bool
    masked: bool

    @property
    def by(self) -> str:
        return str(self.facts.get("by", ""))


def shown(entry: Found, viewer: Viewer, *, all_secrets: bool) -> EntryShown:
    """`all_secrets`: for whom tip-offs are."""
    facts = ledger.told(entry.body)
    if is_secret(facts) and not all_secrets:
        return EntryShown(entry=entry, facts={}, text="", secret=True, masked=True)
    mask = _unmasked if sees_all(viewer) else _mask(viewer)
    covered = {key: _covered(value, mask) if key in _WRITTEN else value for key, value in facts.items()}
    masked = covered != facts
    return EntryShown(entry=entry, facts=covered, text=_text(entry, covered, masked), secret=False, masked=masked)


def is_secret(facts: Mapping[str, Any]) -> bool:
    """Whether an entry tells that a mail is a complaint or tip-off."""
    said = {facts.get("disposition"), facts.get("reason")} if "disposition" in facts else set()
    return facts.get("confidential") is True or bool(_CONFIDENTIAL & said)


def _text(entry: Found, facts: Mapping[str, Any], masked: bool) -> str:
    """The body stands in it as the text that is hashed."""
    body = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if masked else entry.body
    at = ledger.microseconds(entry.at) if entry.at else None
    told = {"at": at, "body": body, "kind": entry.kind, "number": entry.number, "subject": entry.subject}
    return json.dumps(told, ensure_ascii=False, indent=1)


def _mask(viewer: Viewer) -> Callable[[str], str]:
    return lambda text: mask_address(words_for(viewer)(text))


def _unmasked(text: str) -> str:
    return text


def _covered(value: object, mask: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return mask(value)
    return [_covered(each, mask) for each in value] if isinstance(value, list) else value
