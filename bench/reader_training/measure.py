"""Two files of weights on held-out crops: `python -m bench.reader_training.measure FILE.npz… [--weights NEW.onnx …]`.

The published weights come first. By class of crop: read to the letter; read surely (every letter 0.9 and more) and rightly, and surely and
wrongly; what the judge says of the true text, and how many altered texts (one character exchanged, dropped or added) it would let
pass; and the share of true texts below the deficit at which none, 0.1 % and 1 % of the altered ones pass. Of seals: names to the
letter, own names that fit (-6.5 nats), and names with one letter exchanged that fit.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from bench.reader_training.shared import PUBLISHED, Crop, load
from bench.reader_training.texts import _LIKE_PU, character
from domain.alignment import deficit
from domain.compare_cells import Expected, verdict_of
from domain.cover import TextReading
from domain.look_alike_pairs import NEAR, NEAREST
from domain.look_alikes import is_common
from domain.seals import _FITS, _aligned
from domain.text import normalise
from parsers.cells import reading
from parsers.ocr import FLOOR, Line, Recogniser
from samples.maker.alterations import DIGIT_KINDS, LETTER_KINDS, change

_SURE = 0.9


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One crop as read with some weights. `altered` are (digits or letters, verdict, deficit)."""

    label: str
    right: bool
    sure: bool
    verdict: str
    deficit: float
    altered: tuple[tuple[str, str, float], ...]


@cache
def _near() -> dict[str, str]:
    """What a workbook may have where the page has the key: pairs that come near, both ways."""
    found: dict[str, str] = {}
    for group in (NEAREST + NEAR).split():
        for read in group[1:]:
            found[read] = found.get(read, "") + group[0]
    return found


def alterations(text: str, seed: str) -> list[tuple[str, str]]:
    """(digits or letters, altered text): one of each kind that the text allows, and one look-alike of the product's table."""
    rng = random.Random(seed)
    kinds = [rng.choice(DIGIT_KINDS), "digit_look_alike", rng.choice(LETTER_KINDS), "letter_look_alike"]
    made = [("digits" if kind in DIGIT_KINDS else "letters", change(rng, text, kind)) for kind in kinds]
    places = [at for at, letter in enumerate(text) if letter in _near()]
    if places:
        at = rng.choice(places)
        made.append(("alike", text[:at] + rng.choice(_near()[text[at]]) + text[at + 1 :]))
    return [(kind, other) for kind, other in made if other and normalise(other) != normalise(text)]


def judged(crop: Crop, line: Line) -> Judged:
    """What the judge makes of a line of a cell, and of altered texts beside it."""
    seal = crop.label.startswith("stamped")
    said = reading([line])
    verdict, score = _verdict(crop.text, said, seal)
    others = [(kind, *_verdict(text, said, seal)) for kind, text in alterations(crop.text, crop.text)]
    return Judged(
        label=crop.label, right=normalise(line.text) == normalise(crop.text), sure=line.least >= _SURE, verdict=verdict,
        deficit=score, altered=tuple(others),
    )  # fmt: skip


def _verdict(text: str, said: TextReading, seal: bool) -> tuple[str, float]:
    verdict, _ = verdict_of(Expected(address="", field="", text=text), said, under_seal=seal)
    return verdict, min(deficit(said.lines, said.floor, text), 99.0)


def line_rows(all_: Sequence[Judged]) -> Iterator[str]:
    """A row a class."""
    for label in (*sorted({each.label for each in all_}), "all"):
        some = [each for each in all_ if label in (each.label, "all")]
        told = [verdict for each in some for _, verdict, _ in each.altered]
        row = (
            _share([each.right for each in some]),
            _share([each.right and each.sure for each in some]),
            _share([not each.right and each.sure for each in some]),
            _share([each.verdict == "match" for each in some]),
            _share([each.verdict == "differs" for each in some]),
            f"{sum(each == 'match' for each in told)}/{len(told)}",
        )
        yield f"{label:<14}{len(some):>5}" + "".join(f"{each:>13}" for each in row)
    for kind in ("digits", "letters", "alike"):
        false = np.array([score for each in all_ for what, _, score in each.altered if what == kind])
        if not false.size:
            continue  # a face without digits
        true = np.array([each.deficit for each in all_ if any(what == kind for what, _, _ in each.altered)])
        passed = sum(verdict == "match" for each in all_ for what, verdict, _ in each.altered if what == kind)
        shares = [f"{(true < np.quantile(false, share)).mean():.3f}" for share in (0.0, 0.001, 0.01)]
        yield f"{kind}: {passed} of {len(false)} pass the judge; true below the deficit of 0, 0.1, 1 % false: {', '.join(shares)}"


def seal_rows(crops: Sequence[Crop], lines: Sequence[Line]) -> Iterator[str]:
    """A row a class of seal: names to the letter, own and altered names that fit."""
    rows: dict[str, list[tuple[bool, bool, bool, int, int]]] = {}
    for crop, line in zip(crops, lines, strict=True):
        read = line.text.replace(" ", "")
        own = _aligned(line.lattice, crop.text, FLOOR) >= _FITS
        near = [_aligned(line.lattice, name, FLOOR) for name in near_names(crop.text)]
        fits = sum(score >= _FITS for score in near)
        wrong = read != crop.text and line.least >= _SURE
        for label in (crop.label.removesuffix(" again"), "all " + crop.label.split()[0]):
            rows.setdefault(label, []).append((read == crop.text, own, wrong, fits, len(near)))
    for label, told in sorted(rows.items()):
        right, own, wrong, fits, near = (sum(each) for each in zip(*told, strict=True))
        count = len(told)
        yield f"{label:<28}{count:>5}{right / count:>9.3f}{own / count:>9.3f}{wrong / count:>9.3f}{fits:>7}/{near}"


def near_names(name: str) -> list[str]:
    """Names with one letter exchanged: for a look-alike where there is one, for another rare letter, for any."""
    rng = random.Random(name)
    made = []
    for _ in range(2):
        at = rng.randrange(len(name))
        pool = _near().get(name[at], "") or (_LIKE_PU if not is_common(name[at]) else "") or character(rng)
        made.append(name[:at] + rng.choice(pool) + name[at + 1 :])
        at = rng.randrange(len(name))
        made.append(name[:at] + character(rng) + name[at + 1 :])
    return [each for each in made if each != name]


def _share(flags: Sequence[bool]) -> str:
    return f"{sum(flags) / max(len(flags), 1):.3f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--weights", type=Path, nargs="*", default=[])
    parser.add_argument("--most", type=int, default=10**6, help="crops of each file")
    options = parser.parse_args()
    for path in options.files:
        crops = load(path)[: options.most]
        for weights in (PUBLISHED, *options.weights):
            lines = Recogniser(reader=weights).read_lines([crop.pixels for crop in crops])
            print(f"\n{path.name}, {weights.name}")
            if path.name.startswith("seals"):
                print(f"{'class':<28}{'crops':>5}{'letter':>9}{'own fits':>9}{'sure bad':>9}{'near fit':>11}")
                print(*seal_rows(crops, lines), sep="\n", flush=True)
            else:
                titles = ("to letter", "sure right", "sure wrong", "true match", "true differs", "false match")
                print(f"{'class':<14}{'crops':>5}" + "".join(f"{each:>13}" for each in titles))
                print(*line_rows([judged(*each) for each in zip(crops, lines, strict=True)]), sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
