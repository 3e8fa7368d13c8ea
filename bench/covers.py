"""Can the reader of covers be fooled? `python -m bench.covers [--count 1000] [--seed N] [--tuning] [--records FILE]`

Covers are printed by LibreOffice from workbooks in ten faces, stamped, spoilt as scanners, phones and folders spoil them,
and read and judged by the real readers and domain: 1,000 pages are 250 workbooks with 4 scans each (another seal, scan
and spoiling every time; see `samples.maker.covers`). Of each page its true pair is judged, eight pairs with the workbook
altered by one character on the same reading, and, where the page was printed from an altered workbook, that pair too.
*Legible* is the maker's word (150 dpi and more, JPEG quality 50 and more, skew up to 3°, no faint or smudged seal).

Judging seeds draw other faces, wider ranges and other pages than `--tuning` does; no constant of the readers was taken
from them. `--records FILE` keeps a JSON line a page and reads only what the file lacks: remove it when a reader was
changed. `--compare N` sets ours beside RapidOCR and Tesseract on N pages instead. Exit status 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

from bench import cover_figures, cover_records
from bench.arguments import positive
from bench.cover_reading import read_page
from bench.cover_records import PageRecord
from bench.cover_tasks import Task, measured, notice
from samples.maker.cover_files import SheetFiles, print_sheets, scan_cover
from samples.maker.cover_ranges import JUDGING, TUNING
from samples.maker.covers import CoverPlan, cover_plan

JUDGING_SEED = 81000
TUNING_SEED = 61000
_CHUNK = 20
_MEMORY_MB = 700
"""Most resident memory of a child that has read all its pages (the product renews its children after 200 covers)."""


def main() -> int:
    options = _options()
    if options.cache:
        return _run(options, options.cache)
    with tempfile.TemporaryDirectory(prefix="baosong-covers-") as folder:
        return _run(options, Path(folder))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=positive, default=1000, help="pages (default 1000)")
    parser.add_argument("--seed", type=int, help="first seed")
    parser.add_argument("--tuning", action="store_true", help="the pages that constants may be taken from")
    parser.add_argument("--processes", type=positive, default=2)
    parser.add_argument("--cache", type=Path, help="folder that keeps printed pages and scans")
    parser.add_argument("--records", type=Path, help="file that keeps what was read of each page")
    parser.add_argument("--compare", type=int, default=0, help="pages to read by other programs too")
    parser.add_argument("--verbose", action="store_true", help="name every page that went wrong, with its cells")
    return parser.parse_args()


def plans(count: int, *, tuning: bool, seed: int | None = None) -> list[CoverPlan]:
    """The plans of a run in order of seed."""
    first = seed if seed is not None else TUNING_SEED if tuning else JUDGING_SEED
    return [cover_plan(each, TUNING if tuning else JUDGING) for each in range(first, first + count)]


def _run(options: argparse.Namespace, cache: Path) -> int:
    wanted = plans(options.compare or options.count, tuning=options.tuning, seed=options.seed)
    if options.compare:
        from bench.rivals import compare_readers  # loads what the bench proper does not need

        return compare_readers(wanted, cache)
    known = {each.seed: each for each in cover_records.read(options.records)} if options.records else {}
    missing = [plan for plan in wanted if plan.seed not in known]
    for record in read_all(missing, cache, options.processes):
        known[record.seed] = record
        if options.records:
            cover_records.write(options.records, [record])
    return report([known[plan.seed] for plan in wanted], verbose=options.verbose)


def read_all(wanted: Sequence[CoverPlan], cache: Path, processes: int) -> Iterator[PageRecord]:
    """The records of the plans in order; makes what the cache lacks first, chunk by chunk, each in its own children."""
    if not wanted:
        return
    sheets = print_sheets([plan.sheet for plan in wanted], cache)
    context, begun = multiprocessing.get_context("spawn"), time.monotonic()
    with (
        ProcessPoolExecutor(processes, mp_context=context) as makers,
        ProcessPoolExecutor(1, mp_context=context) as decoders,
        ProcessPoolExecutor(processes, mp_context=context) as readers,
    ):
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            files = [sheets[plan.sheet.number] for plan in chunk]
            scans = list(makers.map(scan_cover, chunk, files, repeat(cache)))
            yield from readers.map(read_page, map(_task, chunk, files, scans), decoders.map(measured, scans))
            done, spent = start + len(chunk), time.monotonic() - begun
            print(f"{done} of {len(wanted)} pages, {spent / done:.1f} s each", file=sys.stderr, flush=True)


def _task(plan: CoverPlan, sheet: SheetFiles, scan: Path) -> Task:
    return Task(plan=plan, sheet=sheet, scan=scan)


def report(records: Sequence[PageRecord], *, verbose: bool) -> int:
    """Prints everything; 1 when a goal is missed."""
    if verbose:
        for record in records:
            for line in cover_figures.faults(record):
                print(line)
    for rows in (cover_figures.class_rows, cover_figures.altered_rows, cover_figures.seal_rows):
        print()
        print(*rows(records), sep="\n")
    seconds = sorted(record.seconds for record in records)
    memory, decoder = (
        max(sizes) for sizes in zip(*((each.memory_mb, each.decoder_mb) for each in records), strict=True)
    )
    print(
        f"\n{len(records)} pages, {seconds[len(seconds) // 2]:.2f} CPU s to decode and read a page (median); at most "
        f"{memory} MB in a child that reads and judges, {decoder} MB in one that decodes\n"
    )
    goals = cover_figures.goals(records, notice())
    print(*goals, sep="\n")
    fits = memory <= _MEMORY_MB
    print(f"{'ok  ' if fits else 'MISS'}  greatest resident memory of a reading child: {memory} MB  <= {_MEMORY_MB} MB")
    return int(not fits or not all(goal.met for goal in goals))


if __name__ == "__main__":
    sys.exit(main())
