"""The audit of the lists that rows are checked against: imported registers and their entries, the blacklist."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import String, cast, literal, select

from storage.blacklist import ADDED, LIFTED
from storage.database import Transaction, each_row
from storage.fault import Fault
from storage.registers import IMPORTED, digest_of
from storage.schema import blacklist, register_entries, registers
from storage.types import as_found
from storage.verify_records import NOT_VOUCHED, Told, differing, last, with_entries, without_rows

_BLACKLIST = (ADDED, LIFTED)


def register_faults(tx: Transaction) -> Iterator[Fault]:
    """Registers that are not those that were imported, by themselves or in an entry, and those that are gone or were added."""
    found = _digests(tx)
    subjects: set[str] = set()
    subject = literal("register:") + cast(registers.c.version, String)
    for row, entries in with_entries(tx, registers, subject, (IMPORTED,), key="version"):
        name = f"register:{row.version}"
        subjects.add(name)
        imported = last(entries, IMPORTED)
        if imported is None:
            yield Fault(object=name, fault=NOT_VOUCHED)
            continue
        body = imported.body
        expected: dict[str, object] = {key: body.get(key) for key in ("dated", "sha256", "count", "digest")}
        if differing(row, expected | {"imported_at": imported.at, "imported_by": body.get("by")}):
            yield Fault(object=name, fault="not as it was imported, by the ledger")
        if found.pop(row.version, digest_of(())) != body.get("digest"):
            yield Fault(object=name, fault="its entries are not those that were imported")
    for version in sorted(found, key=str):
        yield Fault(object=f"register:{version}", fault="entries of a register that is not there")
    yield from without_rows(tx, (IMPORTED,), subjects)


def _digests(tx: Transaction) -> dict[object, str]:
    """Version → digest of its entries as they stand; "" where they are not numbered one by one."""
    c = register_entries.c
    query = select(*as_found(*c)).order_by(c.register, c.position)
    found: dict[object, str] = {}
    for version, group in groupby(each_row(tx, query), key=lambda row: row.register):
        rows = list(group)
        whole = [row.position for row in rows] == list(range(1, len(rows) + 1))
        texts = [(row.filing_number, row.app, row.operator) for row in rows]
        plain = all(isinstance(text, str) for row in texts for text in row)
        found[version] = digest_of(texts) if whole and plain else ""
    return found


def blacklist_faults(tx: Transaction) -> Iterator[Fault]:
    """Entries of the blacklist that are not as they were entered or lifted, and those that are gone or were added."""
    subjects: set[str] = set()
    subject = literal("blacklist:") + cast(blacklist.c.id, String)
    for row, entries in with_entries(tx, blacklist, subject, _BLACKLIST):
        name = f"blacklist:{row.id}"
        subjects.add(name)
        for fault in _listed(row, entries):
            yield Fault(object=name, fault=fault)
    yield from without_rows(tx, _BLACKLIST, subjects)


def _listed(row: Any, entries: list[Told]) -> Iterator[str]:
    added, lifted = last(entries, ADDED), last(entries, LIFTED)
    if sum(each.kind == ADDED for each in entries) > 1 or sum(each.kind == LIFTED for each in entries) > 1:
        yield "entered or lifted more than once, by the ledger"
    if added is None:
        yield NOT_VOUCHED
        return
    body = added.body
    facts: dict[str, object] = {key: body.get(key) for key in ("operator", "aliases", "apps", "since", "reason")}
    if differing(row, facts | {"added_at": added.at, "added_by": body.get("by")}):
        yield "not as it was entered, by the ledger"
    end = lifted.body if lifted else {}
    lift: dict[str, object] = {key: end.get(key) for key in ("lifted_on", "mistake", "lift_reason")}
    if differing(row, lift | {"lifted_at": lifted.at if lifted else None, "lifted_by": end.get("by")}):
        yield "not lifted as the ledger says"
