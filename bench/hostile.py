"""What does a harmful mail cost, and does the next one suffer? `python -m bench.hostile [--scale N] [--corpus FOLDER] [NAME …]`

Every case of `tests.hostile.cases` (or those whose name holds a NAME), then every file below FOLDER (what is no mail goes as
an attachment of one), is read as the worker reads it, within the limits as delivered. Printed for each: what its sender is
told, the peak memory of its children, the seconds it took, and the seconds until a small good mail after it was read.
Covers are decoded; the recogniser, which sees nothing but pixels, is left out. `--mails N` instead lets the worker settle
N small mails, and prints its memory as it goes. Exit status 1 where an outcome is none of those expected, the reader failed,
or a good mail was not read.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.arguments import positive


def main() -> int:
    options = _options()
    # Not above: every child imports this module anew, as the one that was started.
    from bench.hostile_reading import measure, measure_memory

    if options.mails:
        return measure_memory(options.mails)
    return measure(options.names, options.scale, options.corpus)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--scale", type=positive, default=10, help="size of the cases; the suite has 1 (default 10)")
    parser.add_argument("--corpus", type=Path, metavar="FOLDER")
    parser.add_argument("--mails", type=positive, metavar="N")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
