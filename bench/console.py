"""How long do the console's pages take to make? `python -m bench.console [--rounds 20] [--folder DIR]`

The demo's mails are taken in and decided (or DIR holds what they became, from an earlier run), then every page is asked for in
turn, by who may see most, without a network between. Told are the median and the longest, of the processor's time and of the
clock's; the first round warms up and does not count. Exit status 1 when a page takes more than a second of the processor.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench.arguments import positive
from bench.visitor import admitted
from ingest.app import App, build
from ingest.demo import run_demo, sample_folder
from storage import submissions
from tests.office import settings

LONGEST_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A page that was made: seconds of the processor and of the clock, and its bytes."""

    processor: float
    clock: float
    size: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=positive, default=20)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    samples = sample_folder()
    if samples is None:
        print("the samples are not installed", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="baosong-console-") as name:
        folder = options.folder or Path(name)
        if not (folder / "data").exists():
            run_demo(folder, samples, lambda day, count: None)
        now = max(mail.received_at for mail in samples.mails) + timedelta(minutes=9)
        with build(settings(folder), clock=lambda: now) as app:
            return _told(_measured(app, options.rounds))


def _measured(app: App, rounds: int) -> dict[str, list[Asked]]:
    """Page → every time it was asked for."""
    app.database.upgrade()
    browser = admitted(app)
    found: dict[str, list[Asked]] = defaultdict(list)
    for number in range(rounds + 1):
        for label, path in _pages(app):
            processor, clock = time.process_time(), time.perf_counter()
            answer = browser.get(path)
            asked = Asked(
                processor=time.process_time() - processor,
                clock=time.perf_counter() - clock,
                size=len(answer.content),
            )
            answer.raise_for_status()
            if number:
                found[label].append(asked)
    return found


def _pages(app: App) -> Iterator[tuple[str, str]]:
    with app.database.read() as tx:
        cases = submissions.list_(tx)
    largest = max((case for case in cases if case.pictures), key=lambda case: (case.row_count, case.receipt))
    yield from (("overview", "/"), ("review queue", "/queue"), ("tasks", "/tasks"), ("a mail", "/mails/1"))
    yield f"submission, {largest.row_count} rows", f"/cases/{largest.receipt}"
    yield "picture of a page", f"/cases/{largest.receipt}/pictures/{largest.pictures[0]}"
    yield "letters of a decision", f"/live/decided/{largest.receipt}"


def _told(found: dict[str, list[Asked]]) -> int:
    print("| page | processor, median | longest | clock, median | size |\n| --- | --- | --- | --- | --- |")
    for label, asked in found.items():
        processor = [each.processor * 1000 for each in asked]
        clock = statistics.median(each.clock * 1000 for each in asked)
        print(
            f"| {label} | {statistics.median(processor):.0f} ms | {max(processor):.0f} ms | {clock:.0f} ms | "
            f"{asked[0].size / 1024:.0f} kB |"
        )
    return int(any(each.processor > LONGEST_SECONDS for asked in found.values() for each in asked))


if __name__ == "__main__":
    sys.exit(main())
