"""How fast is the search, and do SQLite and PostgreSQL answer alike?

`python -m bench.search [--rows 1000000] [--queries 60] [--repeat 3] [--engines sqlite postgresql] [--folder DIR]`

Fills one database of each kind with the same made-up documents (`bench/search_rows.py`) in bulk, then asks both for the 20 newest
hits of texts that were cut out of random documents, with and without a filter, and SQLite also by LIKE and by FTS5's trigrams.
Printed: p50 and p95 by length, bytes a document, and whether both gave the same hits in the same order. A query counts with the
best of `--repeat` runs. Times are those of the processor, ours and the server's, so that other work on the machine does not
count; all is in memory. Databases in `--folder` are kept and used again.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from statistics import quantiles
from typing import Any

from sqlalchemy import func, select, text

from bench.arguments import positive
from bench.search_rows import PER_SUBJECT, returns
from domain.segment import fold
from storage import search_grams
from storage.database import Database, Transaction
from storage.schema_base import metadata
from storage.schema_search import search_documents, search_subjects
from storage.search import Query, find
from storage.search_writing import Entry, document_row, first_number, identifier_rows, rows_of
from tests.servers.postgresql import cluster

_MEMORY = ("shared_buffers=256MB", "maintenance_work_mem=512MB")
_AT_ONCE = 200
"""Subjects that are written together."""
_SLOW = 6
"""Queries of a kind for what goes through the whole table."""
_TRIGRAMS = "CREATE VIRTUAL TABLE trigrams USING fts5(folded, content='search_documents', content_rowid='id', tokenize='trigram')"
_TABLES = ("search_grams", "search_identifiers", "search_documents", "search_subjects")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One query: `group` is the line of the table that it counts in."""

    group: str
    query: Query


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=positive, default=1_000_000)
    parser.add_argument("--queries", type=positive, default=60, help="of each kind")
    parser.add_argument("--repeat", type=positive, default=3)
    parser.add_argument("--engines", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="baosong-search-")))
        cluster_folder = (
            options.folder and options.folder / "pg"
        )  # else its own: the server's user may not look into ours
        bases = {engine: _opened(stack, engine, folder, cluster_folder) for engine in options.engines}
        for engine, base in bases.items():
            _fill(engine, base, options.rows)
        cases = _cases(next(iter(bases.values())), options.queries)
        answers = {engine: _measure(engine, base, cases, options.repeat) for engine, base in bases.items()}
        if "sqlite" in bases:
            _rivals(bases["sqlite"], cases)
    return _compare(cases, answers)


def _opened(stack: ExitStack, engine: str, folder: Path, cluster_folder: Path | None) -> Database:
    folder.mkdir(parents=True, exist_ok=True)
    url = (
        f"sqlite:///{folder / 'search.db'}"
        if engine == "sqlite"
        else stack.enter_context(cluster(cluster_folder, more=_MEMORY))
    )
    base = Database(url)
    stack.callback(base.close)
    return base


def _fill(engine: str, base: Database, rows: int) -> None:
    """Writes the documents, unless they are there."""
    start, used = time.perf_counter(), time.process_time()
    with base.begin() as tx:
        metadata.create_all(tx)
        if tx.execute(select(func.count()).select_from(search_subjects)).scalar_one() == rows // PER_SUBJECT:
            print(f"{engine}: kept from before")
            return
        search_grams.create(tx)
        write = _write_sqlite if engine == "sqlite" else _write_postgresql
        if engine == "postgresql":
            tx.exec_driver_sql("DROP INDEX ix_search_grams_grams")
        made = enumerate(returns(rows), 1)
        while batch := [*islice(made, _AT_ONCE)]:
            write(tx, batch)
        if engine == "postgresql":
            tx.exec_driver_sql(
                "CREATE INDEX ix_search_grams_grams ON search_grams USING gin (grams) WITH (fastupdate = off)"
            )
        else:
            search_grams.purge(tx)
    _analyse(engine, base)
    print(
        f"{engine}: {rows} documents written in {time.perf_counter() - start:.0f} s, of which {time.process_time() - used:.0f} s of our own"
    )


def _analyse(engine: str, base: Database) -> None:
    """PostgreSQL does so by itself, minutes later."""
    if engine == "postgresql":
        with base.read() as tx:
            tx = tx.execution_options(isolation_level="AUTOCOMMIT")
            tx.exec_driver_sql("VACUUM ANALYZE")


def _rows(batch: Iterable[tuple[int, tuple[Any, list[Any]]]]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """Table → its rows."""
    tables: dict[str, list[tuple[Any, ...]]] = {name: [] for name in reversed(_TABLES)}
    epoch = first_number
    for owner, (subject, documents) in batch:
        micro = int(subject.received_at.timestamp()) * 1_000_000
        tables["search_subjects"].append(
            (owner, subject.name, subject.notice, subject.reporter, subject.state, micro, subject.uid, subject.late,
             subject.breach, subject.reviewed)
        )  # fmt: skip
        entries = [Entry(document=one) for one in documents]
        for number, entry, folded, words in rows_of(subject, entries, epoch(subject.received_at)):
            tables["search_documents"].append((*document_row(owner, number, entry, folded).values(),))
            tables["search_grams"].append((number, words))
            tables["search_identifiers"] += [(*row.values(),) for row in identifier_rows(number, entry, folded)]
    yield from tables.items()


def _write_sqlite(tx: Transaction, batch: Sequence[Any]) -> None:
    driver: Any = tx.connection.driver_connection
    for name, rows in _rows(batch):
        columns = "(rowid, grams)" if name == "search_grams" else ""
        values = [(number, " ".join(words)) for number, words in rows] if columns else rows
        places = ", ".join("?" * len(rows[0]))
        driver.executemany(f"INSERT INTO {name} {columns} VALUES ({places})", values)  # noqa: S608


def _write_postgresql(tx: Transaction, batch: Sequence[Any]) -> None:
    driver: Any = tx.connection.driver_connection
    for name, rows in _rows(batch):
        with driver.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as copy:
            for row in rows:
                copy.write_row([search_grams.numbers(value) if isinstance(value, tuple) else value for value in row])


def _cases(base: Database, count: int) -> list[Case]:
    """Texts out of random documents: of one to six Chinese characters, of digits, and whole numbers; then the same filtered."""
    draw = random.Random(7)
    with base.read() as tx:
        c = search_documents.c
        ids = [*tx.execute(select(c.id).where(c.kind == "row").order_by(c.id)).scalars()]
        chosen = draw.sample(ids, min(len(ids), 40 * count))
        wanted = select(c.text).where(c.id.in_(chosen)).order_by(c.id)
        texts = [*tx.execute(wanted).scalars()]
        draw.shuffle(texts)
    cases = []
    for size in range(1, 7):
        found = islice(_cut(draw, texts, size, (0, 1, 2, 3, 4, 6)), count)
        cases += [Case(group=f"{size} characters", query=Query(text=each)) for each in found]
    for size in (3, 4, 6):
        cases += [
            Case(group=f"{size} digits", query=Query(text=each))
            for each in islice(_cut(draw, texts, size, (5,)), count)
        ]
    cases += [Case(group="whole phone", query=Query(text=each.split("\n")[5])) for each in texts[:count]]
    filters = ({"state": "review"}, {"reporter": "SFQ"}, {"late": True}, {"notice": "puyang-2024-51"})
    return cases + [
        Case(group=f"{case.group}, filtered", query=replace(case.query, **filters[at % len(filters)]))
        for at, case in enumerate(cases)
    ]


def _cut(draw: random.Random, texts: Sequence[str], size: int, cells: Sequence[int]) -> Iterator[str]:
    while True:
        cell = fold(draw.choice(texts).split("\n")[draw.choice(cells)])
        if len(cell) >= size:
            at = draw.randrange(len(cell) - size + 1)
            yield cell[at : at + size]


Answer = tuple[int, bool, tuple[int, ...]]


def _measure(engine: str, base: Database, cases: Sequence[Case], repeat: int) -> list[Answer]:
    print(f"\n{engine}\n{'20 newest hits':<28} p50 ms  p95 ms  worst")
    answers: list[Answer] = []
    seconds: dict[str, list[float]] = {}
    with base.read() as tx:
        server = _server(tx)
        for case in cases:
            took, found = _best(lambda query=case.query: find(tx, query), repeat, server)  # type: ignore[misc]
            seconds.setdefault(case.group, []).append(took)
            answers.append((found.total, found.more, tuple(hit.place.number for hit in found.hits)))
        for group, times in seconds.items():
            _print(group, times)
        for name, size in _sizes(tx):
            print(f"{name:<28} {size:6.0f} bytes a document")
    return answers


def _best(run: Callable[[], Any], repeat: int, server: int | None = None) -> tuple[float, Any]:
    """`server`: the process that answers for PostgreSQL."""
    times = []
    for _ in range(repeat):
        start = _used(server)
        found = run()
        times.append(_used(server) - start)
    return min(times), found


def _used(server: int | None) -> float:
    """Seconds of processor time so far (https://docs.kernel.org/scheduler/sched-stats.html)."""
    theirs = int(Path(f"/proc/{server}/schedstat").read_text().split()[0]) if server else 0
    return time.thread_time() + theirs / 1e9


def _server(tx: Transaction) -> int | None:
    """Works alone: parallel helpers are other processes."""
    if tx.dialect.name == "sqlite":
        return None
    tx.exec_driver_sql("SET max_parallel_workers_per_gather = 0")
    return int(tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


def _print(group: str, times: Sequence[float]) -> None:
    cuts = quantiles(times, n=20, method="inclusive") if len(times) > 1 else [times[0]] * 19
    print(f"{group:<28} {1000 * cuts[9]:6.1f}  {1000 * cuts[18]:6.1f}  {1000 * max(times):6.1f}")


def _sizes(tx: Transaction) -> Iterator[tuple[str, float]]:
    count = tx.execute(select(func.count()).select_from(search_documents)).scalar_one()
    for name in _TABLES:
        if tx.dialect.name == "sqlite":
            owned = "SELECT sum(pgsize) FROM dbstat WHERE name = :name OR name LIKE :some"
            some = f"{name}\\_%" if name == "search_grams" else f"%\\_{name}\\_%"
            size = tx.execute(text(f"{owned} ESCAPE '\\'"), {"name": name, "some": some}).scalar() or 0
        else:
            size = tx.execute(select(func.pg_total_relation_size(name))).scalar_one()
        yield name, size / count


def _rivals(base: Database, cases: Sequence[Case]) -> None:
    """The same by LIKE, and by FTS5's trigrams, which find nothing below three characters."""
    with base.begin() as tx:
        if not tx.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'trigrams'").first():
            tx.exec_driver_sql(_TRIGRAMS)
            tx.exec_driver_sql("INSERT INTO trigrams(trigrams) VALUES ('rebuild')")
    like = "SELECT id FROM search_documents WHERE folded LIKE :like ORDER BY id DESC LIMIT 20"
    trigram = "SELECT rowid FROM trigrams WHERE trigrams MATCH :match ORDER BY rowid DESC LIMIT 20"
    groups = dict.fromkeys(case.group for case in cases if "filtered" not in case.group)
    with base.read() as tx:
        for name, statement, count in (("LIKE", like, _SLOW), ("FTS5 trigram", trigram, len(cases))):
            print(f"\nsqlite, {name}, without the count")
            for group in groups:
                folded = [fold(case.query.text) for case in cases if case.group == group][:count]
                if name == "LIKE" or len(folded[0]) >= 3:
                    _print(group, [_rival(tx, statement, each) for each in folded])
        size = tx.execute(text("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'trigrams%'")).scalar() or 0
        count = tx.execute(select(func.count()).select_from(search_documents)).scalar_one()
        print(f"{'FTS5 trigram':<28} {size / count:6.0f} bytes a document")


def _rival(tx: Transaction, statement: str, folded: str) -> float:
    """Seconds; the better of two runs."""
    values = {"like": f"%{folded}%", "match": f'"{folded}"'}
    return _best(lambda: tx.execute(text(statement), values).all(), 2)[0]


def _compare(cases: Sequence[Case], answers: dict[str, list[Answer]]) -> int:
    """Exit status 1 where two databases answer differently."""
    if len(answers) < 2:
        return 0
    one, other = answers.values()
    unlike = [case.query for case, a, b in zip(cases, one, other, strict=True) if a != b]
    print(f"\n{len(cases) - len(unlike)} of {len(cases)} queries: the same hits in the same order")
    for query in unlike[:5]:
        print(f"  differs: {query}")
    return 1 if unlike else 0


if __name__ == "__main__":
    sys.exit(main())
