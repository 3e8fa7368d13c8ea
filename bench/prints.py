"""Is a print of a seal told from ink, and a screen from paper? `python -m bench.prints [--tuning] [--inked 1500] [--printed 300]
[--screens 80] [--sheets 160] [--seed N] [--processes 1] [--verbose]`

Seals in ink of every class of wear, some over tinted cells, and printed pictures of seals (laser dots and lines of 111 to 212 to the
inch, droplets of inkjets) are scanned at 150-300 dpi, photographed, sent on or kept without loss, and looked at by the real
finder of seals; whole sheets of paper are scanned or photographed, and pages photographed from screens. Printed, with 95 %
intervals: which share of each is told, by resolution and by quality of the JPEG. Judging seeds draw other printers, screens, inks
and scans than `--tuning`. The pictures are handed to the finders as they are; the product first shrinks photographs of more than
3,600 pixels, and draws the pages of a PDF anew.
Exit status 1 when more than two in a thousand legible inked seals, or of sheets, are called what they are not.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench import print_cases, sheet_cases
from bench.arguments import positive
from bench.intervals import Share
from bench.print_cases import SCREENS
from parsers.ocr import Line
from parsers.screen_photo import shows_screen
from parsers.seals import read_seals
from parsers.straighten import deskew, upright

JUDGING_SEED, TUNING_SEED = 940_000, 0
_MOST_FALSE = 0.002
_DPI = ((0, 140, "below 140 dpi"), (140, 185, "140-185 dpi"), (185, 260, "185-260 dpi"), (260, 999, "260-300 dpi"))
_QUALITY = ((0, 60, "JPEG below 60"), (60, 80, "JPEG 60-79"), (80, 100, "JPEG 80-94"), (100, 101, "no loss"))


class Blind:
    """A reader that reads nothing: what is measured here does not depend on the name."""

    def read_lines(self, crops: Sequence[NDArray[np.uint8]], *, stretch: float = 1.0) -> list[Line]:
        return [Line(text="", confidence=0.0, lattice=()) for _ in crops]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was made, and what it was called: `signs` of the seals found, or `screen`."""

    seed: int
    kind: str
    label: str
    dpi: float
    quality: int
    photo: bool
    legible: bool
    found: bool
    signs: tuple[str, ...]
    seconds: float

    @property
    def called(self) -> bool:
        return bool(self.signs)


@dataclass(frozen=True, kw_only=True)
class Task:
    seed: int
    kind: str
    """`inked`, `printed`, `screen` or `sheet`."""
    tuning: bool


def judged(task: Task) -> Result:
    return _seal(task) if task.kind in ("inked", "printed") else _sheet(task)


def _seal(task: Task) -> Result:
    of = print_cases.TUNING if task.tuning else print_cases.JUDGING
    case = print_cases.make(task.seed, of, printed=task.kind == "printed")
    page = deskew(upright(case.rgb))
    begun = time.perf_counter()
    found = read_seals(page.rgb, dpi=None if case.photo else case.dpi, page=1, recogniser=Blind())
    seconds = time.perf_counter() - begun
    signs = tuple(seal.suspect for seal in found if seal.suspect)
    return Result(
        seed=task.seed, kind=case.kind, label=case.label, dpi=case.dpi, quality=case.quality, photo=case.photo,
        legible=case.legible, found=bool(found), signs=signs, seconds=seconds,
    )  # fmt: skip


def _sheet(task: Task) -> Result:
    case = sheet_cases.make(task.seed, on_screen=task.kind == "screen", tuning=task.tuning)
    begun = time.perf_counter()
    signs = ("screen",) if shows_screen(case.rgb) else ()
    seconds = time.perf_counter() - begun
    return Result(
        seed=task.seed, kind=task.kind, label=case.label, dpi=case.dpi, quality=case.quality, photo=case.photo, legible=True,
        found=True, signs=signs, seconds=seconds,
    )  # fmt: skip


def main() -> int:
    options = _options()
    first = options.seed if options.seed is not None else TUNING_SEED if options.tuning else JUDGING_SEED
    counts = {"inked": options.inked, "printed": options.printed, "screen": options.screens, "sheet": options.sheets}
    tasks = [
        Task(seed=seed, kind=kind, tuning=options.tuning)
        for kind, count in counts.items()
        for seed in range(first, first + count)
    ]
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        results = list(pool.imap(judged, tasks, chunksize=4))
    print(*report(results), sep="\n")
    if options.verbose:
        print(*(f"{each}" for each in results if each.called != _rightly(each)), sep="\n")
    return int(any((share.value or 0.0) > _MOST_FALSE for share in false_alarms(results).values()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inked", type=int, default=1500, help="seals in ink")
    parser.add_argument("--printed", type=int, default=300, help="printed pictures of seals")
    parser.add_argument("--screens", type=int, default=80, help="pages photographed from a screen")
    parser.add_argument(
        "--sheets", type=int, default=160, help="sheets of paper, half of them scanned, half photographed"
    )
    parser.add_argument("--seed", type=int, help=f"first seed, {JUDGING_SEED} unless told")
    parser.add_argument("--processes", type=positive, default=1)
    parser.add_argument("--tuning", action="store_true", help="what constants were taken from")
    parser.add_argument("--verbose", action="store_true", help="name every case that was not told")
    return parser.parse_args()


def false_alarms(results: Sequence[Result]) -> dict[str, Share]:
    """Of legible inked seals that were found, and of sheets: how many are called what they are not."""
    inked = [each for each in results if each.kind == "ink" and each.legible and each.found]
    sheets = [each for each in results if each.kind == "sheet"]
    return {"legible inked seals": _called(inked), "sheets of paper": _called(sheets)}


def report(results: Sequence[Result]) -> Iterator[str]:
    """Shares called printed (or a screen) by kind, resolution and quality, and how long it took."""
    for name, share in false_alarms(results).items():
        yield f"false alarms, {name:<28}{share}"
    for kind in ("ink", *SCREENS, "screen", "sheet"):
        some = [each for each in results if each.kind == kind and each.found]
        if some:
            yield ""
            yield f"{kind:<26}{_called(some)}"
            yield from _rows(some)
    yield from _crossed([each for each in results if each.kind in ("dots", "lines") and each.found and not each.photo])
    seals = [each.seconds for each in results if each.kind in ("ink", *SCREENS)]
    sheets = [each.seconds for each in results if each.kind in ("screen", "sheet")]
    for name, spent in (("to find and look at a seal", seals), ("to look at a sheet", sheets)):
        if spent:
            yield f"\n{float(np.median(spent)) * 1000:.0f} ms {name} (median)"


def _rows(results: Sequence[Result]) -> Iterator[str]:
    yield from _row("photographs", [each for each in results if each.photo])
    scans = [each for each in results if not each.photo] or results
    for low, high, name in _DPI:
        yield from _row(name, [each for each in scans if low <= each.dpi < high])
    for low, high, name in _QUALITY:
        yield from _row(name, [each for each in results if low <= each.quality < high])
    for label in sorted({each.label for each in results}):
        yield from _row(label, [each for each in results if each.label == label])


def _crossed(results: Sequence[Result]) -> Iterator[str]:
    """Scanned prints by laser: told of all, by resolution across and quality down."""
    if not results:
        return
    yield ""
    yield f"{'laser, scanned':<16}" + "".join(f"{name:>16}" for _, _, name in _DPI)
    for least, beyond, quality in _QUALITY:
        some = [each for each in results if least <= each.quality < beyond]
        columns = [[each for each in some if low <= each.dpi < high] for low, high, _ in _DPI]
        told = (f"{_called(these).good} of {len(these)}" if these else "-" for these in columns)
        yield f"{quality:<16}" + "".join(f"{each:>16}" for each in told)


def _row(name: str, some: Sequence[Result]) -> Iterator[str]:
    if some:
        yield f"  {name:<24}{_called(some)}"


def _called(results: Sequence[Result]) -> Share:
    return Share(good=sum(each.called for each in results), of=len(results))


def _rightly(each: Result) -> bool:
    return each.kind not in ("ink", "sheet")


if __name__ == "__main__":
    sys.exit(main())
