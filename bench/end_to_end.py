"""How fast is the whole job, and which stage costs what? `python -m bench.end_to_end [--count 24] [--generated SEED]`

Mails lie in a real IMAP server; the real jobs fetch, read, judge, answer over a real SMTP server and file them, on two
cores. Printed: submissions per minute, and per stage how often, wall and CPU time, share of the whole, and the most
memory its process held. Exit status 1 when a stage that does not read the cover takes more than a tenth of the whole.

Imports little at the top, because every child of the sandbox imports the main module again, as it does `baosong`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bench.arguments import positive
from bench.stages import COVER_REST, Record, Row, Spread, summary

if TYPE_CHECKING:
    from bench.mailroom import Measured

CORES = 2
TENTH = 0.10
STAGES: dict[str, tuple[str, ...]] = {
    "fetch": (),
    "archive": (),
    "open mail": (),
    "read workbook": (),
    "decode cover": (),
    "read cover": (
        "straighten",
        "light and ink",
        "ruling, cells",
        "recognise",
        "seals",
        "load models",
        COVER_REST,
    ),
    "hand over": (),
    "compare": (),
    "judge": (),
    "store": (),
    "letters": ("marked workbook",),
    "seal ledger": (),
    "send": (),
    "file": (),
}
"""The stages in the order in which a mail meets them, each with the parts that are told apart."""
COVER = frozenset({"decode cover", "read cover"})
"""The stages that read the cover, which may take what they need."""
OWN_SUM = frozenset({"read cover"})
"""Stages measured as a whole, so that their parts are already in them; of others the parts are added."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """A row of the table with its shares of all stages' wall and CPU time; `part` of the stage above it."""

    row: Row
    wall: float
    cpu: float
    part: bool

    @property
    def heavy(self) -> bool:
        """A stage beside the cover's that takes more than its tenth, by either clock."""
        return not self.part and self.row.stage not in COVER and max(self.wall, self.cpu) > TENTH


def main() -> int:
    options = _options()
    _two_cores()
    from bench.mailroom import deliveries, run

    _quiet()
    load = os.getloadavg()[0]
    measured = run(deliveries(options.count, options.generated))
    shares = table(measured.records)
    for line in (*_head(measured, load), *_lines(shares), *_foot(measured)):
        print(line)
    heavy = [share for share in shares if share.heavy]
    for share in heavy:
        print(f"more than a tenth: {share.row.stage}: {share.wall:.1%} of wall, {share.cpu:.1%} of CPU time")
    if not heavy:
        print("No stage that does not read the cover takes more than a tenth of the whole.")
    return int(bool(heavy))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=positive, default=24, help="mails to work off (default 24)")
    parser.add_argument(
        "--generated", type=int, metavar="SEED", help="make the mails (needs LibreOffice) instead of taking samples"
    )
    return parser.parse_args()


def _two_cores() -> None:
    """Holds this process and all its children on two cores, whatever the machine has."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


def _quiet() -> None:
    """The jobs' log is not the table."""
    import logging

    from config.logging import configure_logging

    configure_logging(json_lines=False, level=logging.CRITICAL)


def table(records: Sequence[Record]) -> list[Share]:
    """The rows of the table: every stage, whether it occurred or not, and below it its parts."""
    rows = {stage: summary(_joined(records, stage, parts), stage) for stage, parts in STAGES.items()}
    wall = sum(row.wall.total for row in rows.values()) or 1.0
    cpu = sum(row.cpu.total for row in rows.values()) or 1.0
    shares = []
    for stage, parts in STAGES.items():
        below = [summary(records, part) for part in parts]
        for row in (rows[stage], *below):
            shares.append(
                Share(row=row, wall=row.wall.total / wall, cpu=row.cpu.total / cpu, part=row is not rows[stage])
            )
    return shares


def _joined(records: Sequence[Record], stage: str, parts: tuple[str, ...]) -> list[Record]:
    """The records of a stage with those of its parts, unless it was measured as a whole."""
    names = (stage,) if stage in OWN_SUM else (stage, *parts)
    return [replace(record, stage=stage) for record in records if record.stage in names]


def _head(measured: Measured, load: float) -> Iterator[str]:
    minutes = measured.seconds / 60
    yield (
        f"{measured.mails} mails, {measured.submissions} of them submissions, {measured.replies} replies "
        f"in {measured.seconds:.1f} s"
    )
    yield f"{measured.submissions / minutes:.1f} submissions per minute ({measured.mails / minutes:.1f} mails)"
    yield f"on {len(os.sched_getaffinity(0))} cores; load of the machine before the run {load:.2f}"
    yield ""


def _lines(shares: Sequence[Share]) -> Iterator[str]:
    """At most 80 columns."""
    yield f"{'':<17}{'':>4}{'wall, ms':>21}{'CPU, ms':>21}{'share, %':>11}{'MB':>5}"
    heads = "".join(f"{name:>7}" for name in ("mean", "median", "p95"))
    yield f"{'stage':<17}{'n':>4}{heads}{heads}{'wall':>6}{'CPU':>5}{'peak':>5}"
    for share in shares:
        row = share.row
        name = f"  {row.stage}" if share.part else row.stage
        yield (
            f"{name:<17}{row.count:>4}{_times(row, row.wall)}{_times(row, row.cpu)}"
            f"{100 * share.wall:>6.1f}{100 * share.cpu:>5.1f}{row.memory / 1024:>5.0f}"
        )
    yield ""


def _times(row: Row, spread: Spread) -> str:
    if not row.count:
        return f"{'-':>7}" * 3
    return "".join(f"{_ms(seconds):>7}" for seconds in (spread.mean, spread.median, spread.p95))


def _ms(seconds: float) -> str:
    milliseconds = seconds * 1000
    return f"{milliseconds:.0f}" if milliseconds >= 100 else f"{milliseconds:.1f}"


def _foot(measured: Measured) -> Iterator[str]:
    starts = measured.child_starts or (0.0,)
    yield (
        f"peak memory, MB: worker {measured.peak / 1024:.0f}, decoder child {measured.decoder_peak / 1024:.0f}, "
        f"recogniser child {measured.recogniser_peak / 1024:.0f}"
    )
    around = 1000 * statistics.median(starts)
    yield f"{len(measured.child_starts)} fresh children, {around:.0f} ms (median) around the job of each"
    yield f"CPU in no stage: worker {measured.unattributed_cpu:.1f} s, mail servers {measured.server_cpu:.1f} s"
    for failure in measured.failures:
        yield f"failure: {failure}"


if __name__ == "__main__":
    sys.exit(main())
