"""Ours side by side with what others use, one after the other: `python -m bench [NAME …]`, or `make bench`.

Each prints its own figures and ratios, and ends with status 1 where a goal was missed; at the end stands what became of each. With names
only those run. Rivals that are not installed are left out by the bench, which says so.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

BENCHES: dict[str, tuple[str, ...]] = {
    "intake": ("bench.intake",),
    "workbooks": ("bench.workbooks", "--rounds", "1"),
    "covers": ("bench.covers", "--compare", "40"),
    "decisions": ("bench.decisions", "--count", "60"),
    "end to end": ("bench.end_to_end",),
    "floor": ("bench.floor",),
    "workers": ("bench.workers", "--count", "24", "--rounds", "1"),
    "growth": ("bench.growth", "--sizes", "1000,20000"),
}
"""Name → module and arguments: sizes at which all of them end within an hour on two cores."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(BENCHES)}")
    names = parser.parse_args().names or list(BENCHES)
    if unknown := [name for name in names if name not in BENCHES]:
        parser.error(f"no such bench: {', '.join(unknown)} (there are {', '.join(BENCHES)})")
    told = []
    for name in names:
        module, *arguments = BENCHES[name]
        print(f"\n== {name}: python -m {' '.join((module, *arguments))}\n", flush=True)
        begun = time.perf_counter()
        status = subprocess.run([sys.executable, "-m", module, *arguments], check=False).returncode
        told.append((name, status, time.perf_counter() - begun))
    print()
    for name, status, seconds in told:
        verdict = {0: "done", 1: "below its goal"}.get(status, f"failed (status {status})")
        print(f"{name:<12}{verdict:<22}{seconds:6.0f} s")
    return int(any(status for _, status, _ in told))


if __name__ == "__main__":
    sys.exit(main())
