"""Signed heads: once a day the ledger's head is signed with an Ed25519 key (RFC 8032), for auditors who have no software of ours.

`heads/2026-11-28.json` says which head stood when, and `heads/2026-11-28.sig` is the signature over its bytes, 64 of them:
`openssl pkeyutl -verify -pubin -inkey KEY.pub.pem -rawin -in 2026-11-28.json -sigfile 2026-11-28.sig`. The ledger has both in
an entry `head.signed`, so that a signed head cannot be taken away unseen.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from sqlalchemy import select

from storage import ledger
from storage.canonical import Json, canonical
from storage.database import Transaction, each_row
from storage.durable import sync, write_new
from storage.errors import Mismatch, Unusable
from storage.fault import Fault
from storage.ledger import Head, told
from storage.papers import HEADS, Papers
from storage.schema import ledger_entries, ledger_heads
from storage.types import as_found
from storage.verify import FRESH

SIGNED = "head.signed"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, kw_only=True)
class PublicKey:
    """`name`: SHA-256 of the key as DER (SubjectPublicKeyInfo), lower case hex."""

    name: str
    key: Ed25519PublicKey

    def verifies(self, signature: bytes, data: bytes) -> bool:
        try:
            self.key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """The private key, and what checks its signatures."""

    key: Ed25519PrivateKey
    public: PublicKey


def make_key(path: Path) -> PublicKey:
    """A new key: the private half (PEM, PKCS #8, for its owner alone) at `path`, the public one beside it as `<path>.pub`.
    Raises FileExistsError rather than lose an old one."""
    key = Ed25519PrivateKey.generate()
    public = Path(f"{path}.pub")
    if public.exists():
        raise FileExistsError(f"{public}: is there already")
    write_new(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    write_new(public, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)).chmod(0o644)
    sync(path.parent)
    return _named(key.public_key())


def load_signing_key(path: Path) -> SigningKey:
    """Raises Unusable, with the mend, for what is no Ed25519 key or can be read by others."""
    try:
        mode, data = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}; `baosong audit key {path}` makes a key") from error
    if stat.S_IMODE(mode) & 0o077:
        raise Unusable(f"{path}: others may read it: chmod 600 {path}")
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Unusable(f"{path}: no unencrypted private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Unusable(f"{path}: not an Ed25519 key: openssl genpkey -algorithm ed25519 makes one")
    return SigningKey(key=key, public=_named(key.public_key()))


def load_public_key(path: Path) -> PublicKey:
    """Raises Unusable for what is no public Ed25519 key in PEM."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Unusable(f"{path}: no public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise Unusable(f"{path}: not an Ed25519 key")
    return _named(key)


def sign_head(tx: Transaction, papers: Papers, key: SigningKey, day: date, now: datetime) -> bool:
    """Signs the head that stands, unless that day has one; whether it did. What a crash broke off is gone on with.

    Raises Mismatch where a paper of that day speaks of a head that this ledger does not have: it is never signed.
    """
    head, name = ledger.head(tx), f"{HEADS}/{day.isoformat()}"
    if head is None or _entered(tx, day):
        return False
    data = papers.create(f"{name}.json", _statement(head, key, day, now))
    facts = _facts(data)
    if facts.get("date") != day.isoformat() or facts.get("key") != key.public.name or not _has(tx, facts):
        place = papers.locate(f"{name}.json")
        raise Mismatch(f"{place}: not of this ledger or key, and no signed head of the ledger: move it away")
    signature = key.key.sign(data)
    papers.replace(f"{name}.sig", signature)
    body: dict[str, Json] = {
        "date": day.isoformat(),
        "number": facts["number"],
        "hash": facts["hash"],
        "key": key.public.name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "signature": base64.b64encode(signature).decode(),
    }
    ledger.append(tx, SIGNED, f"head:{day.isoformat()}", body, at=now)
    return True


def _statement(head: Head, key: SigningKey, day: date, now: datetime) -> bytes:
    """What is signed: canonical JSON, one line, nothing behind it."""
    facts: dict[str, Json] = {
        "at": now.astimezone(UTC).isoformat(),
        "date": day.isoformat(),
        "hash": head.hash,
        "key": key.public.name,
        "number": head.number,
    }
    return canonical(facts).encode()


def signed_files(tx: Transaction) -> list[str]:
    """Names of the files of the signed heads that the ledger tells of."""
    days = [str(body.get("date")) for body in _bodies(tx)]
    return [f"{day}{end}" for day in days if _DAY.fullmatch(day) for end in (".json", ".sig")]


@dataclass(kw_only=True)
class SignedHeads:
    """What an audit finds of them. `unchecked`: so many are signed with another key than those given."""

    faults: tuple[Fault, ...] = ()
    unchecked: int = 0


def check_signed_heads(tx: Transaction, papers: Papers, keys: Sequence[PublicKey], *, strict: bool) -> SignedHeads:
    """Every signed head must stand as the ledger tells, and be of this ledger. With `strict` it is a fault that one is by
    none of the keys, else only counted: a key may have been changed."""
    known = {key.name: key for key in keys}
    faults: list[Fault] = []
    unchecked = 0
    wanted = set()
    for body in _bodies(tx):
        day = str(body.get("date"))
        wanted |= {f"{day}.json", f"{day}.sig"}
        faults += [Fault(object=f"signed:{day}", fault=fault) for fault in _one(tx, papers, body)]
        key = known.get(str(body.get("key")))
        if key is None:
            unchecked += 1
            if strict:
                faults.append(
                    Fault(object=f"signed:{day}", fault=f"signed with a key that was not given: {body.get('key')}")
                )
        elif not _is_signed(papers, day, key):
            faults.append(Fault(object=f"signed:{day}", fault="the signature is not of that key over that statement"))
    # A fresh one may have been signed since this audit began.
    there = [name for name, written_at in papers.listed(HEADS) if not _is_fresh(written_at)]
    faults += [
        Fault(object=f"signed:{name}", fault="extra: the ledger does not tell of it")
        for name in there
        if name not in wanted
    ]
    return SignedHeads(faults=tuple(faults), unchecked=unchecked)


def _one(tx: Transaction, papers: Papers, body: Mapping[str, Any]) -> Iterator[str]:
    day = str(body.get("date"))
    data, signature = _kept(papers, day)
    if data is None or signature is None:
        yield "missing, though the ledger tells of it"
        return
    if hashlib.sha256(data).hexdigest() != body.get("sha256") or signature != _decoded(body.get("signature")):
        yield "not what the ledger has of it"
    if not _has(tx, _facts(data)):
        yield "speaks of a head that the ledger does not have"


def _is_signed(papers: Papers, day: str, key: PublicKey) -> bool:
    data, signed = _kept(papers, day)
    return data is not None and signed is not None and key.verifies(signed, data)


def _kept(papers: Papers, day: str) -> tuple[bytes | None, bytes | None]:
    """Statement and signature of a day. What was put into a record as its day may be no name."""
    if not _DAY.fullmatch(day):
        return None, None
    return papers.read(f"{HEADS}/{day}.json"), papers.read(f"{HEADS}/{day}.sig")


def _is_fresh(written_at: datetime) -> bool:
    return abs(datetime.now(UTC) - written_at) <= FRESH


def _bodies(tx: Transaction) -> Iterator[Mapping[str, Any]]:
    entry = ledger_entries.c
    for body in each_row(tx, select(*as_found(entry.body)).where(entry.kind == SIGNED).order_by(entry.id)).scalars():
        yield told(body)


def _entered(tx: Transaction, day: date) -> bool:
    return any(entry.kind == SIGNED for entry in ledger.entries_of(tx, f"head:{day.isoformat()}"))


def _has(tx: Transaction, facts: Mapping[str, Any]) -> bool:
    number, c = facts.get("number"), ledger_heads.c
    if not isinstance(number, int):
        return False
    hash_ = tx.execute(select(c.hash).where(c.number == number)).scalar()
    return hash_ is not None and Head(number=number, hash=hash_) == Head(number=number, hash=str(facts.get("hash")))


def _facts(data: bytes) -> Mapping[str, Any]:
    try:
        facts = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _decoded(text: object) -> bytes | None:
    try:
        return base64.b64decode(str(text), validate=True)
    except binascii.Error:
        return None


def _named(key: Ed25519PublicKey) -> PublicKey:
    name = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    return PublicKey(name=name, key=key)
