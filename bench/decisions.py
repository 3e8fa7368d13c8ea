"""How often is a mail decided rightly? `python -m bench.decisions [--count 200] [--seed 51001] [--samples] [--verbose]`

Mails are drawn with judging seeds, fonts, layouts, scan ranges and a second workbook library that no reader constant
was taken from. Printed per kind: right state and code set, and altered pages accepted (which must be none). Exit
status 1 when fewer than 98 % are right or an altered page was accepted.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from bench.arguments import positive
from bench.judging import Judge, Verdict
from samples.maker import mix, seals
from samples.maker.cases import Expected, Labelled, build
from samples.maker.desk import Style
from samples.maker.scanner import ScanRange
from samples.maker.workbooks import LayoutRange

JUDGING_SEED = 51001
TARGET = 0.98
_BATCH = 40
_SONG_BOLD = seals.Typeface(path=Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"), index=2)
_SONG = seals.Typeface(path=Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"), index=2)

JUDGING = Style(
    layouts=LayoutRange(
        fonts=(
            ("仿宋", "Noto Serif CJK SC"),
            ("微软雅黑", "WenQuanYi Micro Hei"),
            ("黑体", "WenQuanYi Zen Hei"),
        ),
        headers=("split", "one_line", "cells", "two_rows"),
        sizes=(9, 11, 12, 14),
        width=(0.98, 1.35),
        widest=(17.0, 34.0),
        tops=(0, 1, 2),
        lefts=(0, 1, 2),
        margin=(0.3, 1.0),
        heights=(None, 20.0, 36.0),
        sheets=("附件", "Sheet2", "学习类APP"),
    ),
    scans=ScanRange(
        dpi=(180, 200, 240, 300),
        skew=2.4,
        noise=(1.0, 6.0),
        blur=(0.25, 0.8),
        quality=(55, 88),
        paper=(228, 255),
        contrast=(0.78, 1.0),
        print_scale=(0.92, 1.0),
    ),
    libraries=("openpyxl", "xlsxwriter", "xlsxwriter"),
    rows=(8, 22),
    days=("{y}年{m}月{d}日", "{y}-{m:02d}-{d:02d}", "{y}.{m}.{d}", "{y}/{m}/{d}"),
    typefaces=(_SONG, _SONG_BOLD),
    seal_numbers=0.6,
    seal_turn=25.0,
)


@dataclass(frozen=True, kw_only=True)
class Score:
    """One mail judged: `state_right`, `codes_right` against its label; `fooled` is an altered page accepted."""

    expected: Expected
    verdict: Verdict

    @property
    def state_right(self) -> bool:
        return self.verdict.state in (self.expected.states or (None,))

    @property
    def codes_right(self) -> bool:
        """All codes that must be there are, and no other than those that may.

        A submission in a second right state (a poor page that went to review) needs a reason of its own among `maybe`.
        """
        return self.expected.codes <= self.verdict.codes <= self.expected.codes | self.expected.maybe

    @property
    def right(self) -> bool:
        return self.state_right and self.codes_right

    @property
    def fooled(self) -> bool:
        return self.expected.altered and self.verdict.state == "accepted"


def main() -> int:
    options = _options()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    begun = time.monotonic()
    mails = _samples() if options.samples else _drawn(options.count, options.seed)
    scores: list[Score] = []
    with Judge() as judge:
        for case in _cases(mails):
            verdicts = judge.case([(mail.raw, mail.received_at) for mail in case])
            for mail, verdict in zip(case, verdicts, strict=True):
                scores.append(Score(expected=mail.expected, verdict=verdict))
                _tell(scores[-1], options.verbose)
    return _print(scores, time.monotonic() - begun)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=positive, default=200, help="mails to judge (default 200)")
    parser.add_argument("--seed", type=int, default=JUDGING_SEED)
    parser.add_argument("--samples", action="store_true", help="judge the shipped samples, each by itself, instead")
    parser.add_argument("--verbose", action="store_true", help="print the findings of every wrong mail")
    return parser.parse_args()


def _drawn(count: int, seed: int) -> Iterator[Labelled]:
    """Made in batches, so that judging starts early and the pictures of 200 pages are never held at once."""
    plans = mix.plans(count, seed=seed, style=JUDGING)
    cases = [list(group) for _, group in itertools.groupby(plans, key=lambda plan: plan.case)]
    for start in range(0, len(cases), _BATCH):
        yield from build([plan for case in cases[start : start + _BATCH] for plan in case])


def _samples() -> Iterator[Labelled]:
    """The shipped mails with their labels; those of one reporter and thread stay one case."""
    folder = Path(__file__).parents[1] / "samples"
    labels = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["mails"]
    for label in sorted(labels, key=lambda label: (label["case"], label["received_at"])):
        yield Labelled(
            raw=(folder / "mails" / label["file"]).read_bytes(),
            received_at=datetime.fromisoformat(label["received_at"]),
            folder=label["folder"],
            expected=Expected(
                kind=label["file"],
                states=tuple(label["states"]),
                codes=frozenset(label["codes"]),
                maybe=frozenset(label["codes_may"]),
                reporter=label["reporter"],
                row_count=label["row_count"],
                altered=label["altered"],
            ),
            case=label["case"],
        )


def _cases(mails: Iterable[Labelled]) -> Iterator[list[Labelled]]:
    for _, group in itertools.groupby(mails, key=lambda mail: mail.case):
        yield list(group)


def _tell(score: Score, verbose: bool) -> None:
    """A line for a mail that was decided wrongly."""
    if score.right:
        return
    missing = sorted(score.expected.codes - score.verdict.codes)
    extra = sorted(score.verdict.codes - score.expected.codes - score.expected.maybe)
    print(f"wrong: {score.expected.kind}: {score.verdict.state}; missing {missing}; extra {extra}", flush=True)
    if verbose:
        for line in (*score.verdict.findings, *score.verdict.failures):
            print("   ", line, flush=True)


def _print(scores: Sequence[Score], seconds: float) -> int:
    total, right, state, fooled = (Counter[str]() for _ in range(4))
    for score in scores:
        kind = score.expected.kind
        total[kind] += 1
        right[kind] += score.right
        state[kind] += score.state_right
        fooled[kind] += score.fooled
    print(f"{'kind':<24}{'mails':>6}{'state':>7}{'right':>7}{'altered accepted':>18}")
    for kind in sorted(total):
        print(f"{kind:<24}{total[kind]:>6}{state[kind]:>7}{right[kind]:>7}{fooled[kind]:>18}")
    share = right.total() / max(1, total.total())
    print(f"{'all':<24}{total.total():>6}{state.total():>7}{right.total():>7}{fooled.total():>18}")
    print(f"{share:.1%} right state and code set; {seconds:.0f} s, making the mails included")
    return int(share < TARGET or fooled.total() > 0)


if __name__ == "__main__":
    sys.exit(main())
