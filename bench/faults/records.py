"""What the harness reads of the worker's database, from outside: plain SQL, read only, by no code of the product."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg


@dataclass(frozen=True, kw_only=True)
class Left:
    """What is not done yet. All zero: the worker has nothing left to do."""

    unread: int
    unsent: int
    unfiled: int

    @property
    def nothing(self) -> bool:
        return not (self.unread or self.unsent or self.unfiled)


class Records:
    """Each call opens the database anew, as the file may have been away meanwhile."""

    def __init__(self, database: Path, server: str | None = None) -> None:
        """`server`: where a database on PostgreSQL is that stands in place of the file, as libpq takes it."""
        self._database = database
        self._server = server

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        if self._server:
            with psycopg.connect(self._server) as server:
                return server.execute(query.replace("?", "%s").encode(), values or None).fetchall()
        if not self._database.exists():
            return []
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=60)) as base:
            return base.execute(query, values).fetchall()

    def one(self, query: str, *values: Any) -> int:
        return int(self.rows(query, *values)[0][0])

    def left(self) -> Left:
        filing = """select count(*) from mail_locations l join mails m on m.id = l.mail_id
            left join dispositions d on d.mail_id = m.id
            where l.filed_at is null and (d.disposition = 'submission' or m.status = 'held')"""
        return Left(
            unread=self.one("select count(*) from mails where status = 'new'"),
            unsent=self.one("select count(*) from outbox where status = 'waiting'"),
            unfiled=self.one(filing),
        )

    def mails(self) -> dict[str, tuple[str, str | None]]:
        """SHA-256 → status and disposition."""
        query = "select m.sha256, m.status, d.disposition from mails m left join dispositions d on d.mail_id = m.id"
        return {sha256: (status, disposition) for sha256, status, disposition in self.rows(query)}

    def letters(self) -> dict[str, str]:
        """Message-ID → status."""
        return dict(self.rows("select message_id, status from outbox"))

    def decisions(self) -> Counter[str]:
        """SHA-256 of a mail → how many decisions the ledger says it caused."""
        return Counter(json.loads(body)["cause"] for body in self._bodies("submission.decided"))

    def open_tasks(self) -> Counter[str]:
        return Counter(kind for (kind,) in self.rows("select kind from tasks where closed_at is null"))

    def _bodies(self, kind: str) -> Iterator[str]:
        return (body for (body,) in self.rows("select body from ledger_entries where kind = ?", kind))
