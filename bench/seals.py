"""How surely is a seal read? `python -m bench.seals [--count 400] [--seed 71001] [--tuning] [--verbose]`

Seals are drawn, pressed over a printed table, scanned (150-300 dpi, skew, noise, blur, JPEG) and read by the real reader,
one on a page. Printed: what each amounts to for the reporter it should belong to, with 95 % intervals (Wilson), and by
resolution how many names were read letter for letter. Judging seeds use typefaces that no constant was taken from;
`--tuning` uses the others. Exit status 1 when a special or strange seal counts as the reporter's, or an own one as strange.
"""

from __future__ import annotations

import argparse
import io
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from config.notices import load_notice
from domain.notice import Notice, Reporter
from domain.seal_finding import SealFinding
from domain.seals import judge_seal
from parsers.ocr import Recogniser
from parsers.seals import read_seals
from samples.maker import scanner
from samples.maker.seals import Typeface, draw_seal, stamp

JUDGING_SEED = 71001
_FONTS = Path("/usr/share/fonts")
TUNING = (
    Typeface(path=_FONTS / "truetype/arphic/uming.ttc"),
    Typeface(path=_FONTS / "truetype/arphic/ukai.ttc"),
    Typeface(path=_FONTS / "opentype/noto/NotoSansCJK-Regular.ttc", index=2),
)
JUDGING = (
    Typeface(path=_FONTS / "opentype/noto/NotoSerifCJK-Regular.ttc", index=2),
    Typeface(path=_FONTS / "opentype/noto/NotoSerifCJK-Bold.ttc", index=2),
    Typeface(path=_FONTS / "truetype/wqy/wqy-zenhei.ttc"),
)
STRANGE = (
    "濮阳市教育局", "安阳市教育局", "滑县教育局", "长垣县教育体育局", "内黄县教体局", "清河县教育局", "南召县教育体育局",
    "濮阳市第一高级中学", "范县财政局", "南乐县人民政府",
)  # fmt: skip
"""Names of no reporter: other places' bureaus, the bureau's own, and other offices of the same county."""
SPECIAL = ("财务专用章", "合同专用章", "发票专用章")
SCANS = scanner.ScanRange(
    dpi=(150, 170, 200, 240, 300), skew=2.0, noise=(1.0, 6.5), blur=(0.25, 0.85), quality=(50, 88), paper=(225, 255),
    contrast=(0.75, 1.0),
)  # fmt: skip
_KINDS = {"own": 6, "another's": 2, "strange": 2, "special": 2, "none": 2}
_RIGHT = {
    "own": SealFinding.THEIRS,
    "another's": SealFinding.ANOTHERS,
    "strange": SealFinding.ANOTHERS,
    "special": SealFinding.SPECIAL,
    "none": None,
}
_A4_INCHES = (8.27, 11.69)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A scanned page (H×W×3), what is stamped on it and for whom."""

    kind: str
    rgb: np.ndarray
    dpi: int
    reporter: Reporter
    name: str


def make(seed: int, notice: Notice, faces: Sequence[Typeface]) -> Case:
    """The same seed gives the same page."""
    rng = random.Random(seed)
    sealed = [each for each in notice.reporters if each.seal_names]
    reporter = rng.choice(sealed)
    kind = rng.choices(tuple(_KINDS), tuple(_KINDS.values()))[0]
    owner = rng.choice([each for each in sealed if each.code != reporter.code]) if kind == "another's" else reporter
    name = rng.choice(STRANGE if kind == "strange" else owner.seal_names)
    page = _printed(rng, reporter.name, rng.choice(faces))
    if kind != "none":
        digits = "4109" + "".join(rng.choice("0123456789") for _ in range(9))
        seal = draw_seal(
            name,
            rng=rng,
            bottom=rng.choice(SPECIAL) if kind == "special" else "",
            number="" if kind == "special" or rng.random() < 0.4 else digits,
            typeface=rng.choice(faces),
            gaps=rng.uniform(0.1, 0.4),
            rotation=rng.uniform(-25, 25),
            diameter_mm=rng.choice((38, 40, 42, 42, 45)),
        )
        page = stamp(page, seal, (66 + rng.uniform(-8, 8), 46 + rng.uniform(-8, 8)))
    settings = SCANS.draw(rng)
    buffer = io.BytesIO()
    scanner.scan(page, settings).save(buffer, "JPEG", quality=settings.quality)
    return Case(
        kind=kind, rgb=np.asarray(Image.open(buffer).convert("RGB")), dpi=settings.dpi, reporter=reporter, name=name
    )


def _printed(rng: random.Random, unit: str, face: Typeface) -> Image.Image:
    """The upper part of an A4 page at 300 dpi with 填报单位 and a few ruled rows, and blank paper below."""
    page = Image.new("RGB", (round(_A4_INCHES[0] * 300), round(_A4_INCHES[1] * 300)), "white")
    pen, font = ImageDraw.Draw(page), face.sized(rng.choice((36, 42, 50)))
    top = rng.randint(250, 450)
    pen.text((300, top), f"填报单位：{unit}（盖章）", font=font, fill=0)
    for row in range(6):
        y = top + 90 + row * 80
        pen.line((150, y, 2300, y), fill=0, width=3)
        words = rng.choice(("中心小学", "第一初级中学", "实验小学"))
        pen.text((330, y + 15), f"{words}   钉钉   13839301234   教APP备4100001号", font=font, fill=0)
    return page


@dataclass(kw_only=True)
class Tally:
    """Counts of a run."""

    findings: Counter[tuple[str, str]]
    exact: Counter[int]
    read: Counter[int]
    seconds: float = 0.0
    harmful: int = 0


def main() -> int:
    options = _options()
    notice, recogniser = load_notice("puyang-2020-51"), Recogniser(threads=1)
    faces = TUNING if options.tuning else JUDGING
    tally = Tally(findings=Counter(), exact=Counter(), read=Counter())
    for seed in range(options.seed, options.seed + options.count):
        _judge(make(seed, notice, faces), notice, recogniser, tally, verbose=options.verbose)
    return _print(tally, options.count)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=JUDGING_SEED)
    parser.add_argument("--tuning", action="store_true", help="the typefaces that constants were taken from")
    parser.add_argument("--verbose", action="store_true", help="name every seal that was not judged rightly")
    return parser.parse_args()


def _judge(case: Case, notice: Notice, recogniser: Recogniser, tally: Tally, *, verbose: bool) -> None:
    begun = time.perf_counter()
    found = read_seals(case.rgb, dpi=float(case.dpi), page=1, recogniser=recogniser)
    tally.seconds += time.perf_counter() - begun
    seal = max(found, key=lambda each: each.confidence, default=None)
    finding = judge_seal(seal, case.reporter, notice.reporters, notice.special_seal_words).kind if seal else None
    tally.findings[case.kind, finding.value if finding else "no seal"] += 1
    if case.kind not in ("none", "special"):
        tally.read[case.dpi] += 1
        tally.exact[case.dpi] += bool(seal and seal.text == case.name)
    theirs = finding is SealFinding.THEIRS
    tally.harmful += theirs if case.kind != "own" else finding in (SealFinding.ANOTHERS, SealFinding.SPECIAL, None)
    if verbose and finding != _RIGHT[case.kind]:
        print(
            f"{case.kind}: {case.name} read as {(seal.text, seal.bottom) if seal else None}: {finding}, {case.dpi} dpi"
        )


def _print(tally: Tally, count: int) -> int:
    columns = [*(finding.value for finding in SealFinding), "no seal"]
    print(f"{'stamped':<12}{'pages':>7}{'right':>18}  " + "".join(f"{column:>11}" for column in columns))
    for kind, right in _RIGHT.items():
        row = [tally.findings[kind, column] for column in columns]
        good = tally.findings[kind, right.value if right else "no seal"]
        share = _interval(good, sum(row))
        print(f"{kind:<12}{sum(row):>7}{share:>18}  " + "".join(f"{value:>11}" for value in row))
    for dpi in sorted(tally.read):
        exact, read = tally.exact[dpi], tally.read[dpi]
        print(f"{dpi} dpi: {exact} of {read} names letter for letter ({_interval(exact, read)})")
    print(f"{tally.seconds / count:.2f} s a page; {tally.harmful} harmful")
    return int(tally.harmful > 0)


def _interval(good: int, of: int) -> str:
    """Share with the 95 % interval of Wilson (1927), in per cent."""
    if not of:
        return "-"
    share, z = good / of, 1.96
    centre = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{share:.1%} {max(0.0, centre - half):.1%}-{min(1.0, centre + half):.1%}".replace("%", "")


if __name__ == "__main__":
    sys.exit(main())
