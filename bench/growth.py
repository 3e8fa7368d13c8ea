"""Does a mail take longer where many are stored?

`python -m bench.growth [--sizes 1000,100000,1000000] [--mails 20] [--rounds 5] [--server]`

A store of each size on SQLite (`--server`: PostgreSQL, Debian's, fsync on) is filled with copies of one return that was taken in, decided
and answered: its rows in every table but the search's, a thousand returns a notice. Then new mails are taken in, judged and entered
by the real jobs, some in each store in turn: a slow minute of the machine is everybody's. They were read beforehand, since
reading knows no store. Told are milliseconds a mail (of the clock, and of this process), medians of the rounds, and ratios to the
smallest store. Exit status 1 when a mail takes more than 1.2 times what it takes there.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, select

from bench.arguments import positive
from config.logging import configure_logging
from ingest import jobs, processing
from ingest.passes import PassReport
from storage.database import Transaction
from storage.schema_base import metadata
from tests.office import Office, office
from tests.parts import of_unit, scan
from tests.servers.postgresql import Databases, cluster

GOAL = 1.2
UNITS = ("濮阳县", "范县", "台前县", "清丰县", "南乐县", "华龙区")
_AT_ONCE, _A_NOTICE = 1000, 1000
_LEFT = {"state", "ledger_heads", "cases", "receipt_counters", "polls", "readings", "correspondents", "known_addresses"}
"""Tables that do not grow with the returns, or that a copy would break."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """The rows of one return, by table, and what of them names it."""

    rows: Mapping[str, list[dict[str, Any]]]
    receipt: str
    mail: str


@dataclass(frozen=True, kw_only=True)
class Store:
    """A store with so many returns, and what a mail took in each round: milliseconds of the clock, and of this process."""

    size: int
    here: Office
    clock: list[float]
    own: list[float]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,100000,1000000", help="returns stored, ascending")
    parser.add_argument("--mails", type=positive, default=20, help="mails that are measured in each store and round")
    parser.add_argument("--rounds", type=positive, default=5)
    parser.add_argument("--server", action="store_true", help="on PostgreSQL")
    options = parser.parse_args()
    configure_logging(json_lines=False, level=logging.CRITICAL)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="baosong-growth-")))
        server = _server(stack) if options.server else None
        stores = [_filled(stack, folder / str(size), size, server, options.mails) for size in _sizes(options.sizes)]
        print(f"load of the machine before the rounds {os.getloadavg()[0]:.2f}", flush=True)
        for number in range(1 + options.rounds):
            for store in stores:
                clock, own = _worked(store.here, f"round {number}", options.mails)
                if number:  # the first finds nothing in the caches of disk and database
                    store.clock.append(clock)
                    store.own.append(own)
        return _told(stores)


def _sizes(text: str) -> list[int]:
    return [int(size) for size in text.split(",")]


def _server(stack: ExitStack) -> Databases:
    return Databases(stack.enter_context(cluster(more=("fsync=on", "shared_buffers=1GB"))))


def _filled(stack: ExitStack, folder: Path, size: int, server: Databases | None, mails: int) -> Store:
    """A new store of that size; what is done once in a process or store is done."""
    folder.mkdir()
    storage = {}
    if server:
        name = f"growth{size}"
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        storage = {"storage": {"database": server.url(name)}}
    here = stack.enter_context(office(folder, **storage))
    here.app.database.upgrade()
    _deliver(here, "first", 1)
    here.run()
    with here.app.database.read() as tx:
        template = _template(tx)
    _worked(here, "warm", mails)
    begun = time.perf_counter()
    _fill(here, template, 1, size)
    if server:  # as autovacuum does where they came in a year
        with closing(server.connect(f"growth{size}")) as connection:
            connection.execute("VACUUM (ANALYZE)")
    print(f"{size:>9} returns, filled in {time.perf_counter() - begun:.0f} s", flush=True)
    return Store(size=size, here=here, clock=[], own=[])


def _told(stores: Sequence[Store]) -> int:
    first, worst = stores[0], 0.0
    for store in stores:
        clock, own = statistics.median(store.clock), statistics.median(store.own)
        by_clock = [mine / least for mine, least in zip(store.clock, first.clock, strict=True)]
        by_own = [mine / least for mine, least in zip(store.own, first.own, strict=True)]
        worst = max(worst, statistics.median(by_clock))
        print(
            f"{store.size:>9} returns: {clock:6.1f} ms a mail, {statistics.median(by_clock):.2f} times"
            f" ({min(by_clock):.2f}-{max(by_clock):.2f}); of this process {own:6.1f} ms, {statistics.median(by_own):.2f} times"
        )
    return int(worst > GOAL)


def _deliver(here: Office, label: str, count: int) -> None:
    for number in range(count):
        unit = UNITS[number % len(UNITS)]
        name = f"{label} {number}"
        sheet = of_unit(unit, label=name)
        here.mail(
            name,
            sheet,
            scan(sheet, label=f"scan of {name}", seal=f"{unit}教育局"),
            sender=f"{number % len(UNITS)}@example.cn",
        )


def _worked(here: Office, label: str, count: int) -> tuple[float, float]:
    """→ milliseconds a mail, of the clock and of this process."""
    _deliver(here, label, count)
    report = PassReport()
    clock, own = time.perf_counter(), time.process_time()
    jobs.poll(here.app, report)
    processing.process(here.app, report)
    clock, own = time.perf_counter() - clock, time.process_time() - own
    assert report.received == count and not report.failures, report
    here.run()  # letters, filing, sealing: not to be met by the next
    return 1000 * clock / count, 1000 * own / count


def _template(tx: Transaction) -> Template:
    rows = {
        table.name: [dict(row) for row in tx.execute(select(table)).mappings()]
        for table in metadata.sorted_tables
        if table.name not in _LEFT and not table.name.startswith("search")
    }
    return Template(
        rows={name: each for name, each in rows.items() if each},
        receipt=rows["submissions"][0]["receipt"],
        mail=rows["mails"][0]["sha256"],
    )


def _fill(here: Office, template: Template, stored: int, size: int) -> None:
    for start in range(stored, size, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, size))
        with here.app.database.begin() as tx:
            for table in metadata.sorted_tables:
                if found := template.rows.get(table.name):
                    _put(tx, table, [row for number in numbers for row in _copies(table, found, template, number)])


def _put(tx: Transaction, table: Table, rows: list[dict[str, Any]]) -> None:
    """An insert; into PostgreSQL by COPY, which takes a third of the time."""
    if tx.dialect.name == "sqlite":
        tx.execute(insert(table), rows)
        return
    columns = [column for column in table.c if column.name in rows[0]]
    bound = [column.type.dialect_impl(tx.dialect).bind_processor(tx.dialect) or _same for column in columns]
    driver: Any = tx.connection.driver_connection
    names = ", ".join(f'"{column.name}"' for column in columns)
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            values = [row[column.name] for column in columns]
            copy.write_row([None if value is None else bind(value) for bind, value in zip(bound, values, strict=True)])


def _same(value: Any) -> Any:
    return value


_BEYOND = 10_000_000
"""Ids of copies begin here: no new one of the product comes among them, nor below. They lay in a mailbox of another numbering: what a
poll asks for is what came since."""
_APART = timedelta(seconds=30)
"""Letters of the copies went out in the year before, not all on one day."""


def _copies(table: Table, rows: list[dict[str, Any]], template: Template, number: int) -> Iterator[dict[str, Any]]:
    """The rows as another return's. Numbers of the ledger are negative: those that are sealed go on where they were."""
    receipt = f"{template.receipt}-{number}"
    mail = hashlib.sha256(f"{number}".encode()).hexdigest()
    keys = {column.name for column in table.c}
    for place, row in enumerate(rows):
        new = {key: _renamed(value, template, receipt, mail) for key, value in row.items()}
        changes = {
            "id": -(number * 100 + place),
            "number": -(number * 100 + place) if table.name == "ledger_entries" else row.get("number"),
            "mail_id": -(number * 100),
            "ledger_entry": -(number * 100),
            "uid": _BEYOND + number,
            "uidvalidity": _BEYOND,
            "sent_at": row["sent_at"] - _APART * (number + 1) if row.get("sent_at") else None,
            "notice": row.get("notice") if number < _A_NOTICE else f"notice-{number // _A_NOTICE}",
            "message_id": f"<{number}.{place}.{table.name}@example.cn>",
            "state": "superseded" if table.name == "submissions" else row.get("state"),
        }
        yield new | {key: value for key, value in changes.items() if key in keys and row.get(key) is not None}


def _renamed(value: Any, template: Template, receipt: str, mail: str) -> Any:
    return value.replace(template.receipt, receipt).replace(template.mail, mail) if isinstance(value, str) else value


if __name__ == "__main__":
    sys.exit(main())
