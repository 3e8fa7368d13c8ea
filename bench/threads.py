"""Two workers of one thread each, or one worker of two? `python -m bench.threads [--count 24] [--cache DIR]`

The same legible pages, decoded beforehand, are read by two processes whose recogniser has one thread, and by one process
whose recogniser has two. Printed: pages a minute of both, and the ratio. Models are loaded before the clock starts.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from bench.arguments import positive
from bench.cover_tasks import notice, readable
from bench.covers import plans
from parsers.cover import read_cover
from parsers.ocr import Recogniser
from samples.maker.cover_files import print_sheets, scan_cover


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=positive, default=24, help="pages (default 24)")
    parser.add_argument("--cache", type=Path, help="folder that keeps printed pages and scans")
    options = parser.parse_args()
    if options.cache:
        return _run(options.count, options.cache)
    with tempfile.TemporaryDirectory(prefix="baosong-threads-") as folder:
        return _run(options.count, Path(folder))


def _run(count: int, cache_folder: Path) -> int:
    legible = [plan for plan in plans(8 * count, tuning=True) if plan.legible and plan.colour][:count]
    sheets = print_sheets([plan.sheet for plan in legible], cache_folder)
    scans = [scan_cover(plan, sheets[plan.sheet.number], cache_folder) for plan in legible]
    two, one = _pages_a_minute(scans, processes=2, threads=1), _pages_a_minute(scans, processes=1, threads=2)
    print(f"2 processes x 1 thread: {two:.1f} pages a minute")
    print(f"1 process x 2 threads:  {one:.1f} pages a minute")
    print(f"ratio {two / one:.2f}")
    return 0


def _pages_a_minute(scans: Sequence[Path], *, processes: int, threads: int) -> float:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        list(pool.map(_read, scans[: 2 * processes], [threads] * 2 * processes))
        begun = time.perf_counter()
        list(pool.map(_read, scans, [threads] * len(scans)))
        return 60 * len(scans) / (time.perf_counter() - begun)


def _read(scan: Path, threads: int) -> int:
    """How many cells were read."""
    names = tuple(column.name for column in notice().form.columns)
    cover = read_cover(readable(scan), recogniser=_recogniser(threads), column_names=names).cover
    return sum(len(page.cells) for page in cover.pages)


@cache
def _recogniser(threads: int) -> Recogniser:
    return Recogniser(threads=threads)


if __name__ == "__main__":
    sys.exit(main())
