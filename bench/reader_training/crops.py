"""Crops as the recogniser gets them, with their truth: `python -m bench.reader_training.crops lines|seals OUT --seed N --count N`.

*Lines*: sheets of random texts in one face, stamped now and then, scanned as the tuning covers are, the ink taken off, lines found and
cut as in the cells of a page. *Seals*: stamps of random names, scanned, unrolled from their gap as the reader of seals does it.
A crop is kept as the network's input, 48 pixels high, grey (all three channels are the same). `--held-out` prints in a face that is
not trained with; `--words` takes a dictionary such as jieba's `dict.txt`. Faces, fonts and ranges of the judging benches are not used.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

import cv2

from bench.reader_training.lines import line_crops
from bench.reader_training.rims import seal_crops
from bench.reader_training.shared import HELD_OUT_LINES, HELD_OUT_SEALS, Crop, faces_of, save
from bench.reader_training.words import Words


def _made(kind: str, seed: int, count: int, *, held_out: bool, fonts: Path | None, words: Words | None) -> list[Crop]:
    rng = random.Random(f"reader training {kind} {seed}{' held out' if held_out else ''}")
    made: list[Crop] = []
    while len(made) < count:
        if kind == "lines":
            faces = HELD_OUT_LINES if held_out else faces_of(fonts)
            found = list(line_crops(rng, rng.choice(faces), words))
            rng.shuffle(found)
            made += found[:150]
        else:
            made += seal_crops(rng, HELD_OUT_SEALS if held_out else faces_of(fonts), words)
    return made[:count]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("lines", "seals"))
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=62000)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--files", type=int, default=1, help="files of so many crops, from seeds that follow")
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--fonts", type=Path, help="a folder with more Chinese fonts to train with")
    parser.add_argument("--words", type=Path, help="a dictionary: of three texts one has its words in true order")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    words = Words(options.words) if options.words else None
    options.out.mkdir(parents=True, exist_ok=True)
    for seed in range(options.seed, options.seed + options.files):
        path = options.out / f"{options.kind}{'-held' if options.held_out else ''}-{seed}.npz"
        if not path.exists():
            made = _made(options.kind, seed, options.count, held_out=options.held_out, fonts=options.fonts, words=words)
            save(path, made)
            print(path, file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
