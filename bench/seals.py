"""How surely is a seal read? `python -m bench.seals [--count 6600] [--seed 71001] [--processes 2] [--tuning] [--verbose]`

Crops of 126 mm round a stamp (or red marks, or nothing) are drawn, scanned (150-300 dpi) and read and judged by the real
reader and check, beside a rule of thumb (red mask, ring). Printed, with 95 % intervals (Wilson): by kind what the judgement
was, by class of own stamps and of marks how many were right, and how many stamps the rule finds. Judging seeds use
typefaces, diameters and scans that no constant was taken from; `--tuning` uses the others. `--scores FILE.csv` keeps a line
a crop as it is judged: what it was, what became of it, how well the own name and the best other one fit (for ROC curves).
Exit status 1 when a stamp that is not the reporter's counts as theirs.
"""

from __future__ import annotations

import argparse
import csv
import math
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path

from bench.arguments import positive
from bench.seal_cases import JUDGING, KINDS, TUNING, Case, make
from bench.seal_rule import finds_seal
from config.notices import load_notice
from domain.checks.cover_stamp import Stamped, check_seals
from domain.cover import Cover, CoverPage, PageKind, Seal, SealKind
from domain.notice import Notice
from domain.seals import judge_seal
from parsers import quality
from parsers.ocr import Recogniser
from parsers.seals import read_seals, shows_grey_seal

JUDGING_SEED = 71001
TUNING_SEED = 5000
ACCEPTED = "accepted"
_REVIEW = ("seal_unreadable", "seal_suspect", "colourless", "low_quality")
_RIGHT = {
    "own": (ACCEPTED,),
    "another's": ("seal_mismatch",),
    "strange": ("seal_mismatch",),
    "near": ("seal_mismatch",),
    "special": ("seal_wrong_kind",),
    "absent": ("unstamped", "colourless"),
    "print": ("seal_suspect", "unstamped"),
}
_COLUMNS = (ACCEPTED, *_REVIEW, "seal_mismatch", "seal_wrong_kind", "unstamped")


@dataclass(frozen=True, kw_only=True)
class Result:
    """One case judged. `outcome` is `accepted` or the code of the problem; `named` the rim as read.

    `found`: a seal was seen where it was pressed (anywhere, of a case without one). `own_score` and `other_score`: how the
    best of the reporter's names and of all others' fit the rim (nats, 0 the best), None where nothing was read.
    """

    kind: str
    label: str
    legible: bool
    dpi: int
    name: str
    outcome: str
    named: str
    found: bool
    called: bool
    """A seal that could be read was seen."""
    rule: bool
    seconds: float
    own_score: float | None
    other_score: float | None

    @property
    def right(self) -> bool:
        return self.outcome in _RIGHT[self.kind]

    @property
    def harmful(self) -> bool:
        """Another's stamp, or none, counted as the reporter's."""
        return self.outcome == ACCEPTED and self.kind not in ("own", "print")


@cache
def _tools() -> tuple[Notice, Recogniser]:
    return load_notice("puyang-2020-51"), Recogniser(threads=1)


def judged(case: Case, reader: Recogniser | None = None) -> Result:
    """Read and judge one case as a page of a cover would be. `reader`: another recogniser (a study of other weights)."""
    notice, recogniser = _tools()
    recogniser = reader or recogniser
    rgb, dpi = case.rgb, float(case.dpi)
    begun = time.perf_counter()
    found = read_seals(rgb, dpi=dpi, page=1, recogniser=recogniser)
    seconds = time.perf_counter() - begun
    stamped = any(seal.kind is not SealKind.OTHER for seal in found)
    colour = quality.has_colour(rgb) and (stamped or not shows_grey_seal(rgb, dpi=dpi))
    here = [seal for seal in found if seal.kind is not SealKind.OTHER and _at(seal, case)]
    best = max(here, key=lambda seal: seal.confidence, default=None)
    verdict = judge_seal(best, case.reporter, notice.reporters, notice.special_seal_words) if best else None
    return Result(
        kind=case.kind,
        label=case.label,
        legible=case.legible,
        dpi=case.dpi,
        name=case.name,
        outcome=_outcome(case, found, notice, colour=colour),
        named=best.text if best else "",
        found=bool(here),
        called=any(seal.legible for seal in here),
        rule=finds_seal(rgb, dpi=dpi),
        seconds=seconds,
        own_score=verdict.score if verdict else None,
        other_score=verdict.other if verdict else None,
    )


def _outcome(case: Case, found: Sequence[Seal], notice: Notice, *, colour: bool) -> str:
    page = CoverPage(
        number=1, kind=PageKind.SCAN, colour=colour, quality=1.0, dpi=float(case.dpi), photo=False, turned=0,
        skew_degrees=0.0, columns=5, seals=tuple(found),
    )  # fmt: skip
    cover = Cover(file="", sha256="", pages=(page,), page_count=1)
    stamped = Stamped(cover=cover, page=page, own=page.seals)
    problems = [each.code for each in check_seals(stamped, [case.reporter], notice, legible=True)]
    return problems[0].removeprefix("cover.") if problems else ACCEPTED


def _at(seal: Seal, case: Case) -> bool:
    """Whether the seal lies where the stamp was pressed; anywhere where none was."""
    if case.kind in ("absent", "print"):
        return True
    side = case.side_mm
    x, y = (seal.box.x0 + seal.box.x1) / 2 * side, (seal.box.y0 + seal.box.y1) / 2 * side
    return math.hypot(x - case.centre[0], y - case.centre[1]) < 16.0


def _judged_seed(task: tuple[int, bool]) -> Result:
    seed, tuning = task
    return judged(make(seed, _tools()[0], TUNING if tuning else JUDGING))


def main() -> int:
    options = _options()
    first = options.seed if options.seed is not None else (TUNING_SEED if options.tuning else JUDGING_SEED)
    tasks = [(seed, options.tuning) for seed in range(first, first + options.count)]
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        coming = pool.imap(_judged_seed, tasks, chunksize=8)
        results = list(_kept(coming, options.scores) if options.scores else coming)
    for line in _report(results):
        print(line)
    if options.verbose:
        for each in results:
            if not each.right:
                print(f"{each.kind}, {each.label}, {each.dpi} dpi: {each.name} read as {each.named}: {each.outcome}")
    return int(any(each.harmful for each in results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=positive, default=6600)
    parser.add_argument("--seed", type=int, help=f"first seed, {JUDGING_SEED} unless told")
    parser.add_argument("--processes", type=positive, default=1)
    parser.add_argument("--tuning", action="store_true", help="the typefaces and scans that constants were taken from")
    parser.add_argument("--scores", type=Path, help="CSV file for a line a crop with its scores")
    parser.add_argument("--verbose", action="store_true", help="name every case that was not judged rightly")
    return parser.parse_args()


def _kept(results: Iterable[Result], path: Path) -> Iterator[Result]:
    """Pass the results on, each also as a line of a CSV file as soon as it is there."""
    with path.open("w", newline="", encoding="utf-8", buffering=1) as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Result)])
        writer.writeheader()
        for each in results:
            writer.writerow(asdict(each))
            yield each


def _report(results: Sequence[Result]) -> Iterator[str]:
    yield f"{'stamped':<22}{'crops':>6}{'right':>18}  " + "".join(f"{column[-10:]:>11}" for column in _COLUMNS)
    for kind in KINDS:
        for legible in (True, False):
            some = [each for each in results if each.kind == kind and each.legible is legible]
            if some:
                counts = Counter(each.outcome for each in some)
                share = interval(sum(each.right for each in some), len(some))
                title = kind if legible else f"{kind}, not legible"
                yield f"{title:<22}{len(some):>6}{share:>18}  " + "".join(f"{counts[each]:>11}" for each in _COLUMNS)
    yield ""
    yield from _by_class(results)
    yield ""
    yield from _goals(results)


def _by_class(results: Sequence[Result]) -> Iterator[str]:
    """Legible own stamps and unstamped crops by class."""
    yield f"{'class':<22}{'crops':>6}{'found':>18}{'right':>18}{'review':>18}{'rule of thumb':>18}"
    for kind, legible in (("own", True), ("own", False), ("absent", True)):
        some = [each for each in results if each.kind == kind and each.legible is legible]
        for label in sorted({each.label for each in some}):
            these = [each for each in some if each.label == label]
            counts = (
                sum(each.found for each in these),
                sum(each.right for each in these),
                sum(each.outcome in _REVIEW for each in these),
                sum(each.rule for each in these),
            )
            title = label if legible else f"{label}, not legible"
            yield f"{title:<22}{len(these):>6}" + "".join(f"{interval(count, len(these)):>18}" for count in counts)


def _goals(results: Sequence[Result]) -> Iterator[str]:
    """The figures that the reader is held to."""
    own = [each for each in results if each.kind == "own" and each.legible]
    named = [each for each in results if each.kind in ("own", "another's") and each.legible]
    absent = [each for each in results if each.kind == "absent"]
    wrong = [each for each in results if each.kind not in ("own", "absent", "print")]
    real = [each for each in results if each.label == "as_real"]
    figures = (
        ("legible own stamps found", sum(each.found for each in own), len(own)),
        ("legible reporters' stamps: right reporter", sum(each.right for each in named), len(named)),
        ("  wrong reporter, or an own stamp rejected", sum(_misnamed(each) for each in named), len(named)),
        ("unstamped: a legible seal seen", sum(each.called for each in absent), len(absent)),
        ("unstamped: sent to a person", sum(each.outcome in _REVIEW[:2] for each in absent), len(absent)),
        ("wrong stamps taken for the reporter's", sum(each.harmful for each in wrong), len(wrong)),
        ("stamps as real: found", sum(each.found for each in real), len(real)),
        ("  by the rule of thumb", sum(each.rule for each in real), len(real)),
        ("  rule of thumb, unstamped", sum(each.rule for each in absent), len(absent)),
    )
    for title, good, of in figures:
        yield f"{title:<46}{good:>6} of {of:<6}{interval(good, of):>18}"
    yield f"{sum(each.seconds for each in results) / max(len(results), 1):.2f} s a crop"


def _misnamed(each: Result) -> bool:
    """A reporter's stamp judged surely and wrongly."""
    return not each.right and each.outcome not in _REVIEW


def interval(good: int, of: int) -> str:
    """Share with the 95 % interval of Wilson (1927), in per cent."""
    if not of:
        return "-"
    share, z = good / of, 1.96
    centre = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{share:.1%} {max(0.0, centre - half):.1%}-{min(1.0, centre + half):.1%}".replace("%", "")


if __name__ == "__main__":
    sys.exit(main())
