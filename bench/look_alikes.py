"""Which characters does the recogniser nearly take for which? `python -m bench.look_alikes [--judging] [--write]`

Every character of GB/T 2312 is printed in names of people and schools, in faces and scans of the tuning set, and read. For
each that was read rightly, the characters that came near it are kept with their deficit (nats below the one read): so much
and no more speaks against a workbook that has *them* where the page has *it*. `--write` makes `domain/look_alike_pairs.py` of
what was found; `--judging` prints in other faces and counts how many characters would pass there for one that is printed,
with one threshold for all and with those of the table.
"""

from __future__ import annotations

import argparse
import io
import math
import random
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from bench.arguments import positive
from domain.compare_cells import MATCH_TEXT
from domain.cover import Lattice
from domain.look_alikes import bound
from domain.text import normalise
from parsers import quality
from parsers.cells import PRINT_STRETCH
from parsers.ocr import Recogniser
from parsers.print_lines import Area, crop
from samples.maker import scanner
from samples.maker.typefaces import Typeface

_DPI, _WIDTH, _HEIGHT = 300, 3400, 2400
_ON_A_SHEET = 500
_CONTEXTS = ("王{}", "李{}华", "赵{}", "{}庄镇小学", "白{}乡初级中学", "陈永{}")
_FONTS = Path("/usr/share/fonts")
_TUNED = (
    Typeface(path=_FONTS / "truetype/arphic/uming.ttc"),
    Typeface(path=_FONTS / "truetype/arphic/ukai.ttc"),
    Typeface(path=_FONTS / "opentype/noto/NotoSansCJK-Regular.ttc", index=2),
    Typeface(path=_FONTS / "truetype/droid/DroidSansFallbackFull.ttf"),
    Typeface(path=_FONTS / "truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf"),
)
"""The last two are no faces that the recogniser was taught with: in those it tells look-alikes better than in others."""
_JUDGED = (
    Typeface(path=_FONTS / "opentype/noto/NotoSerifCJK-Regular.ttc", index=2),
    Typeface(path=_FONTS / "opentype/noto/NotoSerifCJK-Bold.ttc", index=2),
    Typeface(path=_FONTS / "opentype/noto/NotoSansCJK-Bold.ttc", index=2),
    Typeface(path=_FONTS / "truetype/wqy/wqy-zenhei.ttc"),
    Typeface(path=_FONTS / "truetype/wqy/wqy-microhei.ttc"),
)
_SCANS = scanner.ScanRange(
    dpi=(150, 150, 200, 300), skew=0.3, noise=(1.0, 5.5), blur=(0.3, 0.75), quality=(52, 86), paper=(232, 254),
    contrast=(0.8, 1.0),
)  # fmt: skip
FAR = 8.6
"""Nats beyond which nothing is kept: such a pair is not known for looking alike."""
_LINE, _GROUP = 56, 40
"""Characters in a line of the table that is written, and in one group."""
_TIERS = ((1.4, "NEAREST"), (3.0, "NEAR"), (FAR, "FAR"))


@dataclass(frozen=True, kw_only=True)
class Word:
    """One word to print; `of` is the character that is looked at."""

    of: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet of words in one face, and what the scanner's chances are drawn from."""

    words: tuple[Word, ...]
    face: Typeface
    seed: int


def characters() -> tuple[str, str]:
    """The characters of both levels of GB/T 2312: 3,755 common ones by sound, 3,008 others by radical."""
    rows = [[bytes((row, cell)).decode("gb2312", "ignore") for cell in range(0xA1, 0xFF)] for row in range(0xB0, 0xF8)]
    return "".join("".join(row) for row in rows[:40]), "".join("".join(row) for row in rows[40:])


def sheets(faces: Sequence[Typeface], *, times: int) -> Iterator[Sheet]:
    """Every character in every face, common ones `times` times."""
    common, others = characters()
    for number, face in enumerate(faces):
        rng = random.Random(f"look-alikes {face.path.name} {face.index}")
        words = [Word(of=each, text=rng.choice(_CONTEXTS).format(each)) for each in common * times + others]
        rng.shuffle(words)
        for start in range(0, len(words), _ON_A_SHEET):
            part = tuple(words[start : start + _ON_A_SHEET])
            yield Sheet(words=part, face=face, seed=100_000 * number + start)


def read_sheet(sheet: Sheet) -> list[tuple[str, dict[str, float]]]:
    """For each word read rightly its character, and what came near it, with the deficit."""
    rng = random.Random(sheet.seed)
    settings = _SCANS.draw(rng)
    size = round(rng.uniform(8.0, 12.0) * _DPI / 72)
    page, places = _printed(sheet, size)
    even, matrix = _scanned(page, settings)
    high = size * settings.dpi / _DPI
    crops = [crop(even, _carried(matrix, box), high) for _, box in places]
    lines = _recogniser().read_lines(crops, stretch=PRINT_STRETCH)
    pairs = zip((word for word, _ in places), lines, strict=True)
    return [(word.of, near(line.lattice, word.of)) for word, line in pairs if normalise(line.text) == word.text]


def near(lattice: Lattice, of: str) -> dict[str, float]:
    """Ideographs that came near `of` where it was read, by the least deficit."""
    found: dict[str, float] = {}
    for step in lattice:
        if not step or step[0][0] != of:
            continue
        for other, log in step[1:]:
            if "\u4e00" <= other <= "\u9fff" and step[0][1] - log < FAR:
                found[other] = min(found.get(other, math.inf), round(step[0][1] - log, 2))
    return found


@cache
def _recogniser() -> Recogniser:
    return Recogniser()


def _printed(sheet: Sheet, size: int) -> tuple[Image.Image, list[tuple[Word, tuple[float, float, float, float]]]]:
    page, font = Image.new("RGB", (_WIDTH, _HEIGHT), "white"), sheet.face.sized(size)
    pen, x, y, places = ImageDraw.Draw(page), 20.0, 20.0, []
    for word in sheet.words:
        box = pen.textbbox((x, y), word.text, font=font)
        if box[2] + 30 > _WIDTH:
            x, y = 20.0, y + round(size * 1.8)
            box = pen.textbbox((x, y), word.text, font=font)
        if box[3] + 30 > _HEIGHT:
            break
        pen.text((x, y), word.text, font=font, fill=0)
        places.append((word, box))
        x = box[2] + round(size * 1.1)
    return page, places


def _scanned(page: Image.Image, settings: scanner.Scan) -> tuple[np.ndarray, np.ndarray]:
    """The page in even light, and the matrix that carries places on paper onto it."""
    still = replace(settings, offset=(0.0, 0.0), print_scale=1.0, dust=0)
    buffer = io.BytesIO()
    scanner.scan(page, still, dpi=_DPI).save(buffer, "JPEG", quality=still.quality)
    rgb = np.asarray(Image.open(buffer).convert("RGB"))
    ratio = still.dpi / _DPI
    matrix = cv2.getRotationMatrix2D((_WIDTH / 2, _HEIGHT / 2), still.skew, ratio)
    matrix[0, 2] += round(_WIDTH * ratio) / 2 - _WIDTH / 2
    matrix[1, 2] += round(_HEIGHT * ratio) / 2 - _HEIGHT / 2
    return quality.even_light(quality.without_red(rgb)), matrix


def _carried(matrix: np.ndarray, box: tuple[float, float, float, float]) -> Area:
    left, top, right, bottom = box
    corners = np.array([(left, top, 1), (right, top, 1), (right, bottom, 1), (left, bottom, 1)]) @ matrix.T
    x0, y0 = np.floor(corners.min(axis=0)).astype(int)
    x1, y1 = np.ceil(corners.max(axis=0)).astype(int)
    return Area(x0=int(x0), y0=int(y0), x1=int(x1), y1=int(y1))


Pairs = dict[tuple[str, str], float]
"""(character that the workbook may have, character on the page) → least deficit seen."""


def collected(faces: Sequence[Typeface], *, times: int, processes: int) -> tuple[Pairs, int]:
    """All that came near anything, and how many words were read rightly."""
    least: Pairs = {}
    right = 0
    plan = list(sheets(faces, times=times))
    with ProcessPoolExecutor(processes) as pool:
        for done, found in enumerate(pool.map(read_sheet, plan), 1):
            right += len(found)
            for of, others in found:
                for other, deficit in others.items():
                    least[other, of] = min(least.get((other, of), math.inf), deficit)
            print(f"{done} of {len(plan)} sheets", file=sys.stderr, flush=True)
    return least, right


def tiers(least: Pairs) -> dict[str, dict[str, str]]:
    """The pairs that are kept by the name of their tier: workbook's character → those on the page.

    Rare characters on the page are kept only where they are nearer than the threshold for what is known to look alike.
    """
    common, others = map(set, characters())
    kept: dict[str, dict[str, str]] = {name: {} for _, name in _TIERS}
    for (wanted, read), deficit in sorted(least.items()):
        rare = _TIERS[1][0] if wanted in common or wanted in others else 0.0
        reach = FAR if read in common else rare
        if deficit < reach:
            name = next(name for limit, name in _TIERS if deficit < limit)
            kept[name][wanted] = kept[name].get(wanted, "") + read
    return kept


def _module(kept: dict[str, dict[str, str]]) -> str:
    lines = [
        '"""Characters that the recogniser nearly takes for one another: see `domain.look_alikes`.',
        "",
        "Made by `python -m bench.look_alikes --write`. Each group is a character that a workbook may have and, behind it, those",
        'on a page that were read nearly as it.\n"""',
    ]
    for name, groups in kept.items():
        parts = [
            one + others[at : at + _GROUP] for one, others in groups.items() for at in range(0, len(others), _GROUP)
        ]
        lines += ["", f'{name} = """', *_wrapped(parts), '"""']
    return "\n".join(lines) + "\n"


def _wrapped(groups: Sequence[str]) -> Iterator[str]:
    line = ""
    for group in groups:
        if line and len(line) + len(group) >= _LINE:
            yield line
            line = ""
        line = f"{line} {group}".strip()
    yield line


def _report(least: Pairs, right: int) -> Iterator[str]:
    """How many characters would pass for a printed one, a thousand prints."""
    common = set(characters()[0])
    for title, of in (("common", common), ("other", set(characters()[1]))):
        some = {pair: deficit for pair, deficit in least.items() if pair[1] in of}
        alone = sum(deficit <= MATCH_TEXT for deficit in some.values())
        table = sum(deficit <= bound(*pair) for pair, deficit in some.items())
        yield f"pairs that pass for a {title} character: {alone} with {MATCH_TEXT} nats for all, {table} with the table"
    yield f"{right} words read rightly"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--judging", action="store_true", help="faces that the table was not made from")
    parser.add_argument("--times", type=positive, default=2, help="prints of each common character in each face")
    parser.add_argument("--processes", type=positive, default=2)
    parser.add_argument("--write", action="store_true", help="write domain/look_alike_pairs.py")
    options = parser.parse_args()
    faces = _JUDGED if options.judging else _TUNED
    least, right = collected(faces, times=options.times, processes=options.processes)
    print(*_report(least, right), sep="\n")
    if options.write:
        path = Path(__file__).parents[1] / "domain" / "look_alike_pairs.py"
        path.write_text(_module(tiers(least)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
