"""Does a mail take longer where many are stored? `python -m bench.growth [--sizes 1000,100000,1000000] [--mails 60] [--server]`

A store on SQLite (`--server`: PostgreSQL, Debian's, fsync on) is filled with copies of one return that was taken in, decided and
answered: its rows in every table but the search's, a thousand returns a notice. At each size new mails are taken in, judged and
entered by the real jobs; they were read beforehand, since reading knows no store. Told are milliseconds a mail (of the clock, and of this
process), and the ratio to the smallest store. Exit status 1 when a mail takes more than 1.2 times what it did there.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,100000,1000000", help="returns stored, ascending")
    parser.add_argument("--mails", type=positive, default=60, help="mails that are measured at each size")
    parser.add_argument("--server", action="store_true", help="on PostgreSQL")
    options = parser.parse_args()
    configure_logging(json_lines=False, level=logging.CRITICAL)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="baosong-growth-")))
        storage = {}
        if options.server:
            server = Databases(stack.enter_context(cluster(more=("fsync=on", "shared_buffers=1GB"))))
            server.execute("CREATE DATABASE growth TEMPLATE template0 ENCODING 'UTF8'")
            storage = {"storage": {"database": server.url("growth")}}
        here = stack.enter_context(office(folder, **storage))
        here.app.database.upgrade()
        return _measured(here, [int(size) for size in options.sizes.split(",")], options.mails)


def _measured(here: Office, sizes: list[int], mails: int) -> int:
    _deliver(here, "first", 1)
    here.run()
    with here.app.database.read() as tx:
        template = _template(tx)
    _worked(here, "warm", mails)
    stored, first, worst = 1, 0.0, 0.0
    for size in sizes:
        begun = time.perf_counter()
        _fill(here, template, stored, size)
        stored = size
        filled = time.perf_counter() - begun
        clock, own = _worked(here, f"at {size}", mails)
        first = first or own
        worst = max(worst, own / first)
        print(
            f"{size:>9} returns: {clock:6.1f} ms a mail, {own:6.1f} of this process, {own / first:.2f} times (filled in {filled:.0f} s)"
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
                    tx.execute(
                        insert(table), [row for number in numbers for row in _copies(table, found, template, number)]
                    )


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
