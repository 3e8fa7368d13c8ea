"""Proofs out of the ledger for whoever has no access to it: entries, the way from each to its head, and the chain of heads from
there to the newest."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from storage.canonical import Json
from storage.database import Transaction
from storage.ledger import Entry, entries_of, microseconds
from storage.merkle import audit_path
from storage.schema import ledger_entries, ledger_heads


@dataclass(frozen=True, kw_only=True)
class Proven:
    """`entries`: as JSON, each with the number of its `head` and its Merkle `path` (hex). `heads`: as JSON, each following the one
    before it. `unsealed`: so many entries no head covers yet."""

    entries: tuple[Mapping[str, Json], ...]
    heads: tuple[Mapping[str, Json], ...]
    unsealed: int


def proven(tx: Transaction, subjects: Collection[str]) -> Proven:
    """All entries of these subjects, in the order of the ledger."""
    found = [entry for subject in dict.fromkeys(subjects) for entry in entries_of(tx, subject)]
    sealed = sorted((entry for entry in found if entry.number is not None), key=lambda entry: entry.number or 0)
    heads = _heads(tx, sealed[0].number or 0) if sealed else ()
    trees: dict[int, list[bytes]] = {}
    told = []
    for entry in sealed:
        head = next(one for one in heads if one.number >= (entry.number or 0))
        if head.number not in trees:
            trees = {head.number: _leaves(tx, head)}  # entries come in order: the trees before are done with
        told.append(_entry(entry, head, trees[head.number]))
    return Proven(entries=tuple(told), heads=tuple(map(_head, heads)), unsealed=len(found) - len(sealed))


def _heads(tx: Transaction, number: int) -> tuple[Any, ...]:
    """From the one that covers that entry."""
    c = ledger_heads.c
    return tuple(tx.execute(select(ledger_heads).where(c.number >= number).order_by(c.number)))


def _leaves(tx: Transaction, head: Any) -> list[bytes]:
    c = ledger_entries.c
    within = (c.number > head.number - head.count) & (c.number <= head.number)
    return [bytes.fromhex(leaf) for leaf in tx.execute(select(c.leaf).where(within).order_by(c.number)).scalars()]


def _entry(entry: Entry, head: Any, leaves: list[bytes]) -> Mapping[str, Json]:
    index = (entry.number or 0) - (head.number - head.count) - 1
    return {
        "number": entry.number,
        "at": microseconds(entry.at),
        "kind": entry.kind,
        "subject": entry.subject,
        "body": entry.body,
        "head": head.number,
        "path": [node.hex() for node in audit_path(leaves, index)],
    }


def _head(row: Any) -> Mapping[str, Json]:
    return {
        "number": row.number,
        "previous": row.previous,
        "root": row.root,
        "count": row.count,
        "at": microseconds(row.at),
        "hash": row.hash,
    }
