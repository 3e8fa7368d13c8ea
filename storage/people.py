"""Keyed digests of names and phone numbers, for the ledger: HMAC-SHA-256 (RFC 2104) under a key that is not in the database.

A plain hash of a phone number is guessed back in seconds, since there are but some thousand million of them. Who has the
database alone cannot guess: the key lies in a file of its own. Nor can who has the key, once the case was erased: each digest
is also over the salt of its case, which stands in the record alone and goes with it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from storage.canonical import Json
from storage.durable import private_folder, sync, write_new
from storage.errors import Unusable

_KEY_BYTES = 32


def new_salt() -> str:
    """128 random bits, as hex."""
    return secrets.token_hex(16)


def read_key(path: Path) -> bytes:
    """The key in the file, made where there is none yet. Raises Unusable for a file that holds no key."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        return _made(path)
    except ValueError as error:
        raise Unusable(
            f"{path}: holds no key; restore the copy of it (or move it away, and a new one is made)"
        ) from error
    if len(key) != _KEY_BYTES:
        raise Unusable(f"{path}: holds no key of {_KEY_BYTES} bytes; restore the copy of it")
    return key


def _made(path: Path) -> bytes:
    """Written aside and linked, so that of two processes one wins, and the other reads a whole key."""
    private_folder(path.parent)
    aside = write_new(
        path.with_name(f".{path.name}.{secrets.token_hex(8)}"), f"{secrets.token_hex(_KEY_BYTES)}\n".encode()
    )
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
    sync(path.parent)
    return bytes.fromhex(path.read_text(encoding="ascii").strip())


def digests(key: bytes, salt: str, people: Iterable[str]) -> dict[str, Json]:
    """What a ledger body says of the persons in a case: `digests`, sorted so that their order tells nothing, and `key`, by
    which a lost key is known."""
    found: list[Json] = [*sorted(_digest(key, salt, each) for each in set(people))]
    return {"key": hashlib.sha256(key).hexdigest()[:16], "digests": found}


def names(body: Mapping[str, Any], key: bytes, salt: str, person: str) -> bool | None:
    """Whether an entry's body has that name or number; None where it cannot be told: entered before this was, or under another
    key."""
    told = body.get("people")
    if not isinstance(told, dict) or told.get("key") != hashlib.sha256(key).hexdigest()[:16] or not salt:
        return None
    return _digest(key, salt, person) in (told.get("digests") or ())


def _digest(key: bytes, salt: str, person: str) -> str:
    text = f"{salt}\0{person}".encode("utf-8", "surrogatepass")  # what a broken file holds is no fault of ours
    return hmac.new(key, text, hashlib.sha256).hexdigest()
