"""Does one county that sends thousands delay the others? `python -m bench.fairness [--flood 10000] [--others 20]`

A store is given the mails of one writer, a workbook each, and then, received after all of them, the complete returns of others, each from
an address of its own. One process works off the backlog, two at a time, until the others have their replies. Told are when each of them
was decided, beside the same returns without the flood and with turns alone (no limit an hour), and how long they would have waited in
order of arrival (the flood's own pace, measured in the same run, times its size). Exit status 1 when one of
them waits longer than a minute more than without the flood.

Imports little at the top, because every child of the sandbox imports the main module again.
"""

from __future__ import annotations

import argparse
import statistics
import sys

from bench.arguments import positive

GOAL = 60.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flood", type=positive, default=10_000, help="mails of the one writer (default 10000)")
    parser.add_argument("--others", type=positive, default=20, help="returns of others (default 20)")
    parser.add_argument(
        "--limit",
        type=int,
        default=60,
        help="mails an hour of one writer that take their turn (default 60, as delivered)",
    )
    options = parser.parse_args()
    from bench.flood import waited

    ways = {
        "no flood": (0, options.limit),
        "turns alone": (options.flood, 0),
        "with limit": (options.flood, options.limit),
    }
    found = {}
    for name, (flood, limit) in ways.items():
        found[name] = one = waited(flood, options.others, mails_an_hour=limit)
        median, last = statistics.median(one.seconds), max(one.seconds)
        told = f"{name:<12} decided after {median:6.1f} s (median), {last:6.1f} s (last)"
        print(f"{told}; {one.flood} of the flood meanwhile", flush=True)
    quiet, flooded = found["no flood"], found["with limit"]
    longer = max(flooded.seconds) - max(quiet.seconds)
    pace = max(0.0, longer) / max(flooded.flood, 1)
    more = f"in order of arrival they would have waited {pace * options.flood / 60:.0f} minutes more"
    print(f"{more}; so it was {longer:.1f} s")
    return int(longer > GOAL)


if __name__ == "__main__":
    sys.exit(main())
