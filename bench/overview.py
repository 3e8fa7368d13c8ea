"""How long does the overview take over many returns? `python -m bench.overview [--returns 25000] [--reporters 160] [--rounds 30]`

A province's notice: so many returns of so many units, of each unit one accepted, most others superseded by it, some sent back, a few in
review. (25,000 returns of forty rows are a million rows; the overview asks for no row, so that each has one here.) The page is asked
for by who may see most, without a network between. Told are the median and the 95th percentile, of the processor's time and of the
clock's. Exit status 1 when the processor's 95th percentile is over 100 ms.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy import Table, insert, select

from bench.arguments import positive
from bench.export import app_on, notice_of
from bench.visitor import admitted
from domain.submission import State
from ingest.app import App
from storage import submissions
from storage.schema_submissions import submission_history
from storage.schema_submissions import submissions as submissions_table
from tests.builders import RECEIVED
from tests.merged_samples import case

GOAL_MS = 100.0
_AT_ONCE = 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--returns", type=positive, default=25_000)
    parser.add_argument("--reporters", type=positive, default=160)
    parser.add_argument("--rounds", type=positive, default=30)
    options = parser.parse_args()
    notice = notice_of(options.reporters)
    with tempfile.TemporaryDirectory(prefix="baosong-overview-") as name, app_on(Path(name), notice) as app:
        app.database.upgrade()
        _fill(app, options.returns)
        return _told(list(_asked(app, options.rounds)), options.returns, options.reporters)


def _fill(app: App, number: int) -> None:
    """Copies of one submission under other receipts, the newest of each unit accepted."""
    codes = [reporter.code for reporter in app.notices[0].reporters]
    with app.database.begin() as tx:
        submissions.save(tx, case({}, receipt="PY51-R1-20200227-01", reporter=codes[0]))
        [row] = tx.execute(select(submissions_table)).mappings()
        [past] = tx.execute(select(submission_history)).mappings()
        made = list(_states(codes, number))
        for start in range(0, len(made), _AT_ONCE):
            batch = made[start : start + _AT_ONCE]
            _copy(tx, submissions_table, row, batch)
            _copy(tx, submission_history, past, [one | {"state": _first(one["state"])} for one in batch])


def _copy(tx: Any, table: Table, row: Any, changes: list[dict[str, Any]]) -> None:
    names = set(table.c.keys())
    rows = [dict(row) | {key: value for key, value in one.items() if key in names} for one in changes]
    tx.execute(insert(table), rows)


def _states(codes: list[str], number: int) -> Iterator[dict[str, Any]]:
    for at in range(number - 1, 0, -1):
        newest = at < len(codes)
        state = State.ACCEPTED if newest else State.REJECTED if at % 4 == 0 else State.SUPERSEDED
        if at % 1000 == 0:
            state = State.REVIEW
        yield {
            "receipt": f"PY51-{codes[at % len(codes)]}-20200227-{at + 1}",
            "reporter": codes[at % len(codes)],
            "state": state,
            "received_at": RECEIVED - timedelta(minutes=at),
        }


def _first(state: State) -> State:
    """What was decided at first."""
    return State.ACCEPTED if state is State.SUPERSEDED else state


def _asked(app: App, rounds: int) -> Iterator[tuple[float, float]]:
    """→ milliseconds of the processor and of the clock; the first round warms up."""
    browser = admitted(app)
    for round_ in range(rounds + 1):
        processor, clock = time.process_time(), time.perf_counter()
        browser.get("/").raise_for_status()
        if round_:
            yield 1000 * (time.process_time() - processor), 1000 * (time.perf_counter() - clock)


def _told(times: list[tuple[float, float]], number: int, reporters: int) -> int:
    print(f"overview over {number} returns of {reporters} units, {len(times)} times")
    for name, values in zip(("processor", "clock"), zip(*times, strict=True), strict=True):
        print(f"{name:<10} median {median(values):6.1f} ms   p95 {quantiles(values, n=20)[-1]:6.1f} ms")
    return int(quantiles([processor for processor, _ in times], n=20)[-1] > GOAL_MS)


if __name__ == "__main__":
    sys.exit(main())
