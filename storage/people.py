"""Keyed digests of names and phone numbers, for the ledger: HMAC-SHA-256 (RFC 2104) under a key that is not in the database.

A plain hash of a phone number is guessed back in seconds, since there are but some thousand million of them. Who has the
database alone cannot guess: the key lies in a file of its own. Nor can who has the key, once the case was erased: each digest
is also over the salt of its case, which stands in the record alone and goes with it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from storage.canonical import Json
from storage.errors import Unusable
from storage.papers import PEOPLE_KEY, Papers

_KEY_BYTES = 32


def new_salt() -> str:
    """128 random bits, as hex."""
    return secrets.token_hex(16)


def read_key(papers: Papers) -> bytes:
    """The key beside the archive, made where there is none yet. Raises Unusable for a paper that holds no key."""
    made = f"{secrets.token_hex(_KEY_BYTES)}\n".encode()
    standing = papers.read(PEOPLE_KEY)
    place = papers.locate(PEOPLE_KEY)
    try:
        key = bytes.fromhex((papers.create(PEOPLE_KEY, made) if standing is None else standing).decode("ascii").strip())
    except ValueError as error:
        raise Unusable(
            f"{place}: holds no key; restore the copy of it (or move it away, and a new one is made)"
        ) from error
    if len(key) != _KEY_BYTES:
        raise Unusable(f"{place}: holds no key of {_KEY_BYTES} bytes; restore the copy of it")
    return key


def digests(key: bytes, salt: str, people: Iterable[str]) -> dict[str, Json]:
    """What a ledger body says of the persons in a case: `digests`, sorted so that their order tells nothing, and `key`, by
    which a lost key is known."""
    begun = hmac.new(key, _bytes(f"{salt}\0"), "sha256")  # a hundred thousand are told at once, of one key and salt
    found = []
    for each in set(people):
        digest = begun.copy()
        digest.update(_bytes(each))
        found.append(digest.hexdigest())
    return {"key": hashlib.sha256(key).hexdigest()[:16], "digests": sorted(found)}


def names(body: Mapping[str, Any], key: bytes, salt: str, person: str) -> bool | None:
    """Whether an entry's body has that name or number; None where it cannot be told: entered before this was, or under another
    key."""
    told = body.get("people")
    if not isinstance(told, dict) or told.get("key") != hashlib.sha256(key).hexdigest()[:16] or not salt:
        return None
    return _digest(key, salt, person) in (told.get("digests") or ())


def _digest(key: bytes, salt: str, person: str) -> str:
    return hmac.digest(key, _bytes(f"{salt}\0{person}"), "sha256").hex()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # what a broken file holds is no fault of ours
