"""How long the merged workbook of many rows takes, and how much memory: `python -m bench.export [--rows 100000] [--reporters 100]`.

Fills a database with accepted submissions (apps, operators, schools and breaches in plenty, comparisons as a page gives them),
then writes the workbook in a process of its own.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bench.arguments import positive
from config.settings import load_settings
from domain.masking import Viewer
from domain.notice import Notice, Reporter
from domain.submission import Submission
from ingest.app import App, build
from ingest.export import export
from storage import submissions
from tests.builders import NOTICE, UNFILED, findings, verdict
from tests.merged_samples import case

_APPS, _OPERATORS, _UNFILED_EACH = 400, 250, 7
_PRINTED_ROWS = 25


@dataclass(frozen=True, kw_only=True)
class Figures:
    rows: int
    size: int
    seconds: float
    work: float
    """Seconds of CPU."""
    peak_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=positive, default=100_000, help="rows in all (default 100000)")
    parser.add_argument("--reporters", type=positive, default=100, help="that they are of (default 100)")
    arguments = parser.parse_args()
    notice = notice_of(arguments.reporters)
    with tempfile.TemporaryDirectory(prefix="baosong-bench-") as name:
        with app_on(Path(name), notice) as app:
            app.database.upgrade()
            _fill(app, notice, arguments.rows)
        # A fresh process: the peak is of the export alone, and of what any command imports.
        with get_context("spawn").Pool(1) as pool:
            made = pool.apply(_measured, (name, arguments.reporters))
    print(
        f"{made.rows} rows of {arguments.reporters} reporters: {made.seconds:.1f} s ({made.work:.1f} s of CPU), "
        f"{made.peak_mb:.0f} MB at most, a file of {made.size / 1e6:.1f} MB"
    )


def _measured(folder: str, reporters: int) -> Figures:
    notice = notice_of(reporters)
    with app_on(Path(folder), notice) as app:
        begun, worked = perf_counter(), process_time()
        made = export(app, notice, Viewer.LEADERSHIP)
        seconds, work = perf_counter() - begun, process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Figures(rows=made.rows, size=len(made.data), seconds=seconds, work=work, peak_mb=peak)


def app_on(folder: Path, notice: Notice) -> App:
    app = build(load_settings(None, environment={}).model_copy(update={"base": folder}))
    app.notices = (notice,)
    return app


def notice_of(reporters: int) -> Notice:
    made = tuple(
        Reporter(code=f"R{number}", name=f"第{number}县", names=(f"第{number}县",), seal_names=())
        for number in range(1, reporters + 1)
    )
    return replace(NOTICE, reporters=made)


def _fill(app: App, notice: Notice, rows: int) -> None:
    each = -(-rows // len(notice.reporters))
    for number, one in enumerate(notice.reporters):
        made = min(each, rows - number * each)
        if made > 0:
            with app.database.begin() as tx:
                submissions.save(tx, _case(one, number, made))


def _case(one: Reporter, number: int, rows: int) -> Submission:
    made = case(
        *_changes(one, number, rows), receipt=f"PY51-{one.code}-20200227-01", reporter=one.code, findings=_compared()
    )
    return replace(made, opened_at=made.opened_at + timedelta(seconds=number))


def _changes(one: Reporter, number: int, rows: int) -> Iterator[dict[str, Any]]:
    for row in range(rows):
        app = (number * 31 + row) % _APPS
        values = {
            "unit": one.name,
            "school": f"{one.name}第{row // 3 + 1}小学",
            "app": f"学习软件{app}号",
            "operator": f"北京第{app % _OPERATORS}教育科技有限公司",
            "function": "作业布置、批改，课堂互动",
        }
        yield values | (UNFILED if row % _UNFILED_EACH == 0 else {})


def _compared() -> Any:
    cells = [
        verdict(address=f"{column}{5 + row}", box=verdict().box)
        for row in range(_PRINTED_ROWS)
        for column in "ABCDEFGHI"
    ]
    return findings(*cells)


if __name__ == "__main__":
    main()
