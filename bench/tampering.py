"""Is every alteration of a store found? `python -m bench.tampering [--count 40] [--seed 1]`

Fills a store by the real pipeline, then alters it in one place, audits it, and puts it back: `--count` times for every
column (another value, or two rows' values exchanged) and every way with a file of the archive, and every table (a row removed
or added, all from one on, or all). Printed per column: tried and found. Exit status 1 when one was not found that is not in
`NO_EVIDENCE`.
"""

from __future__ import annotations

import argparse
import logging
import random
import re
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import JSON, Column, LargeBinary, Table, UniqueConstraint, text
from sqlalchemy.exc import SQLAlchemyError

from bench.arguments import positive
from bench.tampering_files import file_alterations
from bench.tampering_store import fill
from storage.database import Database, Transaction
from storage.schema import ledger_entries
from storage.schema_base import metadata
from storage.verify import verify

NO_EVIDENCE = {
    "ledger_entries.id": "a handle: where a record refers to it, the reference is checked",
    "mails.lane": "whose turn it takes while it waits", "mails.surplus": "that it waits behind others",
    "mails.attempts": "how often it was tried", "mails.not_before": "when it is tried next",
    "mails.error": "the last trouble, for the operator", "mails.status": "between new and held: it waits either way, and is seen",
    "mail_locations.id": "a handle nothing refers to for long", "mail_locations.filed_at": "what was done on the mail server",
    "mail_locations.filed_how": "what was done on the mail server",
    "outbox.id": "a handle: tasks name it in words", "outbox.not_before": "when it is tried next",
    "outbox.leased_until": "who tries it now", "outbox.attempts": "how often it was tried",
    "outbox.error": "the provider's last words, for staff",
    "tasks.note": "words of staff, which may name persons, whose hashes can be guessed",
    "state": "times of log-ins, counters, what was told once: what they steer shows in the records",
    "polls": "when each mailbox was had whole; what it decided stands in decisions",
    "outbox.domain": "whose budget a letter came out of",
    "correspondents": "whom our letters reach: mails and bounces, which are vouched for, say it anew",
    "users.shown": "how pages greet somebody; the name of a person, who is told by the name of the account",
    "users.seen_at": "when somebody logged in last: the ledger has each log-in",
    "sessions": "who is logged in now: the ledger has each that was opened and closed",
    "browsers": "in which browsers somebody logged in: nothing is let in for it",
    "login_failures": "how long whoever guesses has to wait",
    "search_subjects": "derived: what is found is shown as its record has it", "search_documents": "derived from records and mails",
    "search_identifiers": "derived from records and mails",
    "cases": "a counter against two decisions at once",
}  # fmt: skip
"""Columns, and whole tables, that carry no evidence, and why. All others must be found, whatever is done to them."""

_NONSENSE = ("x", "", 7, -1, 2**62, 1.5, b"\xff", "[" * 99, None)


@dataclass
class Score:
    """How many alterations of a place were tried and found; `missed` says how those were that were not."""

    tried: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    def add(self, place: str, how: str, found: bool) -> None:
        self.tried[place] += 1
        self.found[place] += found
        if not found and not reason_for(place):
            self.missed.append(f"{place}: {how}")


def reason_for(place: str) -> str:
    """Why a place carries no evidence; empty where it does."""
    return NO_EVIDENCE.get(place) or NO_EVIDENCE.get(re.split(r"[. ]", place)[0], "")


class _PutBack(Exception):
    """Ends a transaction whose work must not stay."""


@dataclass
class Tampering:
    """Alters a filled database inside a transaction, audits it there, and rolls back."""

    base: Database
    draw: random.Random

    def try_table(self, table: Table, count: int, score: Score) -> None:
        for column in table.c:
            for turn in range(count):
                act = self._value if turn % 3 < 2 else self._exchange
                self._try(table, f"{table.name}.{column.name}", partial(act, column=column), score)
        for rows in (self._remove, self._double, self._cut, self._empty):
            for _ in range(max(1, count // 4)):
                self._try(table, f"{table.name} (rows)", partial(rows, table=table), score)

    def _try(self, table: Table, place: str, alter: Callable[[Transaction], str | None], score: Score) -> None:
        """One alteration. What the database itself refuses, and what changes nothing, does not count."""
        try:
            with self.base.begin() as tx:
                tx.exec_driver_sql("PRAGMA defer_foreign_keys=ON")  # checked at the end, which never comes
                before = self._content(tx, table)
                how = _attempt(tx, alter)
                if how is not None and self._content(tx, table) != before:
                    score.add(place, how, not verify(tx).ok)
                raise _PutBack  # noqa: TRY301  what rolls the transaction back is an exception
        except _PutBack:
            pass

    def _content(self, tx: Transaction, table: Table) -> list[str]:
        return sorted(map(repr, tx.execute(text(f"SELECT * FROM {table.name}"))))  # noqa: S608

    def _rows(self, tx: Transaction, table: Table, column: str = "rowid") -> list[tuple[int, Any]]:
        query = text(f'SELECT rowid, "{column}" FROM {table.name} ORDER BY rowid')  # noqa: S608
        return [(row[0], row[1]) for row in tx.execute(query)]

    def _put(self, tx: Transaction, column: Column[Any], row: int, value: object) -> None:
        statement = text(f'UPDATE {column.table.name} SET "{column.name}" = :value WHERE rowid = :row')  # noqa: S608
        tx.execute(statement, {"value": value, "row": row})

    def _value(self, tx: Transaction, column: Column[Any]) -> str | None:
        rows = self._rows(tx, column.table, column.name)
        if not rows:
            return None
        row, before = self.draw.choice(rows)
        after = self.draw.choice([*self._near(before), *_NONSENSE, self.draw.choice(rows)[1]])
        if _same(column, before, after):
            return None
        self._put(tx, column, row, after)
        kept = dict(self._rows(tx, column.table, column.name)).get(row, after)
        return None if _same(column, before, kept) else f"row {row}: {before!r:.40} → {after!r:.40}"

    def _near(self, value: object) -> Iterator[object]:
        """Values a little off: one letter, one bit, one more, one less, a piece cut off."""
        if isinstance(value, int | float):
            yield from (value + 1, value - 1, 1 - value, value * 2)
        elif isinstance(value, str) and value:
            at = self.draw.randrange(len(value))
            yield from (value[:at] + "9" + value[at + 1 :], value[:-1], value + " ", value.swapcase())
        elif isinstance(value, bytes) and value:
            at = self.draw.randrange(len(value))
            yield value[:at] + bytes([value[at] ^ 1 << self.draw.randrange(8)]) + value[at + 1 :]
            yield from (value[:-1], value + b"\0", value[: len(value) // 2])

    def _exchange(self, tx: Transaction, column: Column[Any]) -> str | None:
        rows = self._rows(tx, column.table, column.name)
        if len(rows) < 2:
            return None
        (one, first), (two, second) = self.draw.sample(rows, 2)
        if _same(column, first, second):
            return None
        for row, value in ((one, -(2**40)), (two, first), (-(2**40) if column.name == "id" else one, second)):
            self._put(tx, column, row, value)
        return f"rows {one} and {two} exchanged"

    def _remove(self, tx: Transaction, table: Table) -> str | None:
        rows = self._rows(tx, table)
        if not rows:
            return None
        row, _ = self.draw.choice(rows)
        tx.execute(text(f"DELETE FROM {table.name} WHERE rowid = :row"), {"row": row})  # noqa: S608
        return f"row {row} removed"

    def _cut(self, tx: Transaction, table: Table) -> str | None:
        rows = self._rows(tx, table)
        if not rows:
            return None
        row, _ = self.draw.choice(rows)
        tx.execute(text(f"DELETE FROM {table.name} WHERE rowid >= :row"), {"row": row})  # noqa: S608
        return f"cut off from row {row} on"

    def _empty(self, tx: Transaction, table: Table) -> str | None:
        return "emptied" if tx.execute(text(f"DELETE FROM {table.name}")).rowcount else None  # noqa: S608

    def _double(self, tx: Transaction, table: Table) -> str | None:
        """A row once more, with other values where the database wants them unique."""
        rows = self._rows(tx, table)
        if not rows:
            return None
        if table is ledger_entries:  # nothing tells how often a mail was held
            held = text("SELECT rowid FROM ledger_entries WHERE kind = 'mail.held'")
            rows = [row for row in rows if row[0] not in tx.execute(held).scalars().all()]
        row, _ = self.draw.choice(rows)
        values = dict(tx.execute(text(f"SELECT * FROM {table.name} WHERE rowid = :row"), {"row": row}).one()._mapping)  # noqa: S608
        names = [column.name for column in table.c]
        for column in table.c:
            if column.name in ("id", "number", "leaf"):
                values[column.name] = None
            elif column.unique or column.primary_key or _in_unique(column):
                values[column.name] = _another(values[column.name])
        names = [name for name in names if name != "id"]
        quoted, places = ", ".join(f'"{name}"' for name in names), ", ".join(f":{name}" for name in names)
        tx.execute(text(f"INSERT INTO {table.name} ({quoted}) VALUES ({places})"), values)  # noqa: S608
        return f"row {row} added once more"


def _attempt(tx: Transaction, alter: Callable[[Transaction], str | None]) -> str | None:
    """How it was altered; None where the database takes no such value there."""
    try:
        return alter(tx)
    except (SQLAlchemyError, OverflowError):
        return None


def _in_unique(column: Column[Any]) -> bool:
    wide = [each for each in column.table.constraints if isinstance(each, UniqueConstraint)]
    return any(column.name in each.columns and column.name != "receipt" for each in wide)


def _another(value: object) -> object:
    return value + 10**6 if isinstance(value, int) else f"{value}x" if isinstance(value, str) else value


def _same(column: Column[Any], before: object, after: object) -> bool:
    """Equal, or written otherwise with the same content: white space in JSON, bits that fill up the last byte of a stream."""
    if before == after and type(before) is type(after):
        return True
    if isinstance(column.type, JSON) and isinstance(before, str) and isinstance(after, str):
        return before.split() == after.split()
    if not isinstance(column.type, LargeBinary) or not isinstance(before, bytes) or not isinstance(after, bytes):
        return False
    return _unpacked(before) == _unpacked(after) is not None


def _unpacked(data: bytes) -> bytes | None:
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(data)
    except zlib.error:
        return None
    return plain if stream.eof and not stream.unused_data else None


def tamper(folder: Path, tables: Sequence[Table], *, count: int, seed: int) -> Score:
    """Alters a store that `fill` made, `count` times for every column of these tables."""
    score = Score()
    base = Database(f"sqlite:///{folder / 'data' / 'baosong.db'}")
    try:
        with base.read() as tx:
            assert verify(tx).ok, "the store must be well before it is altered"
        for table in tables:
            Tampering(base, random.Random(f"{seed}/{table.name}")).try_table(table, count, score)
    finally:
        base.close()
    return score


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=positive, default=40)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="baosong-") as folder:
        fill(Path(folder))
        score = tamper(Path(folder), list(metadata.sorted_tables), count=given.count, seed=given.seed)
        file_alterations(Path(folder), count=given.count, seed=given.seed, add=score.add)
    for place in score.tried:
        print(f"{place:<38} {score.tried[place]:>6} {score.found[place]:>6}  {reason_for(place)}".rstrip())
    print(f"{'all':<38} {score.tried.total():>6} {score.found.total():>6}")
    for line in score.missed:
        print(f"NOT FOUND  {line}")
    return 1 if score.missed else 0


if __name__ == "__main__":
    sys.exit(main())
