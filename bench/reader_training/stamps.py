"""Tuning crops of seals with other weights: `python -m bench.reader_training.stamps CACHE RESULTS [--weights FILE] [--beside RESULTS]`.

The cases of `bench.seals --tuning` with a stamp, found, read and judged as there. RESULTS keeps a line a case; `--beside` prints two such
files side by side, the older weights' first.
"""

from __future__ import annotations

import json
import pickle
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from bench.reader_training.shared import beside_options
from bench.seal_cases import KINDS, TUNING, Case, make
from bench.seals import ACCEPTED, Result, _tools, judged
from parsers.ocr import Recogniser


def cases(cache: Path, first: int, count: int) -> Iterator[tuple[int, Case]]:
    """The cases of so many seeds that bear a stamp, drawn once."""
    notice, _ = _tools()
    cache.mkdir(parents=True, exist_ok=True)
    for seed in range(first, first + count):
        path = cache / f"{seed}.case"
        if _kind(seed) in ("absent", "print"):
            continue
        if not path.exists():
            path.write_bytes(pickle.dumps(make(seed, notice, TUNING)))
        yield seed, pickle.loads(path.read_bytes())  # noqa: S301 (written by the line above)


def _kind(seed: int) -> str:
    """What `bench.seal_cases.make` draws first, without drawing the page."""
    rng, (notice, _) = random.Random(seed), _tools()
    rng.choice([each for each in notice.reporters if each.seal_names])
    return rng.choices(tuple(KINDS), tuple(KINDS.values()))[0]


def rows(before: dict[int, Result], after: dict[int, Result]) -> Iterator[str]:
    """What became of each kind of stamp, before and after, and every case of which that changed."""
    seeds = sorted({*before} & {*after})
    for kind, legible in [(kind, legible) for kind in KINDS for legible in (True, False)]:
        some = [seed for seed in seeds if before[seed].kind == kind and before[seed].legible is legible]
        if some:
            told = [_sums([of[seed] for seed in some]) for of in (before, after)]
            yield f"{kind + ('' if legible else ', not legible'):<24}{len(some):>4}  {told[0]:<64}|  {told[1]}"
    for seed in seeds:
        one, other = before[seed], after[seed]
        if one.outcome != other.outcome:
            yield f"{seed} {one.kind}, {one.label}, {one.dpi} dpi: {one.name}: {one.named} {one.outcome} -> {other.named} {other.outcome}"


def _sums(some: list[Result]) -> str:
    counts = Counter("accepted" if each.outcome == ACCEPTED else each.outcome for each in some)
    return f"right {sum(each.right for each in some):>3}, harmful {sum(each.harmful for each in some)}, " + ", ".join(
        f"{outcome} {count}" for outcome, count in counts.most_common(3)
    )


def read(path: Path) -> dict[int, Result]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    return {line["seed"]: Result(**line["result"]) for line in lines}


def main() -> int:
    options = beside_options(str(__doc__), count=200)
    if options.beside:
        print(*rows(read(options.results), read(options.beside)), sep="\n")
        return 0
    reader, known = Recogniser(reader=options.weights), read(options.results)
    with options.results.open("a", encoding="utf-8", buffering=1) as out:
        for seed, case in cases(options.cache, options.seed, options.count):
            if seed not in known:
                result = asdict(judged(case, reader))
                out.write(json.dumps({"seed": seed, "result": result}, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
