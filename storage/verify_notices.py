"""The audit of notices that were published in the console: each version is what the ledger tells of, word by word."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import String, cast, literal

from storage.database import Transaction
from storage.fault import Fault
from storage.notices import CLOSED, PUBLISHED
from storage.schema import notices
from storage.verify_records import NOT_VOUCHED, Told, differing, with_entries, without_rows

_KINDS = (PUBLISHED, CLOSED)


def notice_faults(tx: Transaction) -> Iterator[Fault]:
    """Versions that are not as they were published or closed, and those that are gone or were added."""
    subjects: set[str] = set()
    c = notices.c
    subject = literal("notice:") + c.notice + literal(":") + cast(c.version, String)
    for row, entries in with_entries(tx, notices, subject, _KINDS):
        name = f"notice:{row.notice}:{row.version}"
        subjects.add(name)
        for fault in _faults(row, entries):
            yield Fault(object=name, fault=fault)
    yield from without_rows(tx, _KINDS, subjects)


def _faults(row: Any, entries: list[Told]) -> Iterator[str]:
    if not entries:
        yield NOT_VOUCHED
        return
    if len(entries) > 1:
        yield "published or closed more than once, by the ledger"
    told, body = entries[0], entries[0].body
    facts: dict[str, object] = {key: body.get(key) for key in ("notice", "version", "state", "sha256", "reason")}
    kind = PUBLISHED if row.state == "active" else CLOSED
    if told.kind != kind or differing(row, facts | {"at": told.at, "by": body.get("by")}):
        yield "not as it was published, by the ledger"
    text = row.text if isinstance(row.text, str) else ""
    if hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != body.get("sha256"):
        yield "its text is not the one that was published"
