"""Is a mail lost or answered twice when things go wrong? `python -m bench.faults [--kills 500] [--faults 200] [--worlds 2]
[--stores postgresql] [--archive s3]`

The real worker, a process, takes mails from a Dovecot and answers over SMTP. It is killed (SIGKILL) at random instants,
at every boundary of its steps and at every command of both protocols; both servers hang up, refuse, babble and fall
silent at every command; the disk fills, the database is locked, the archive goes away, the clock jumps, the server
numbers its mails anew. After each episode passes without a fault follow, until nothing is left to do, and every mail
must then be archived byte for byte, decided once and answered once. A repeated letter is counted as unavoidable only
where the worker ended between the server's yes and its own note of it, and the provider keeps no sent mail.

On a PostgreSQL server its restarts, its end, its hanging, ended connections, a full disk and lost answers to COMMITs come in
the place of a locked file, and workers of its queue are killed beside a leader; on an object store refusals, lost answers,
damaged bytes and its end in the place of a folder that is gone.

Kills and faults are shared out among several worlds, each with its servers, its disk and its seed.
Exit status 1 when a mail or a letter is lost or doubled, or anything else is found, or the time was up before.
"""

from __future__ import annotations

import argparse
import sys
import time

from bench.arguments import positive


def main() -> int:
    options = _options()
    from bench.faults.parallel import campaigns
    from bench.faults.report import lines

    begun = time.monotonic()
    kills, faults = (_shares(many, options.worlds) for many in (options.kills, options.faults))
    seeds = range(options.seed, options.seed + options.worlds)
    results = campaigns(seeds, kills, faults, minutes=options.minutes, stores=(options.stores, options.archive))
    for line in lines(results, time.monotonic() - begun):
        print(line)
    short = sum(each.kills for each in results) < options.kills or sum(each.faults for each in results) < options.faults
    if short:
        print("the time was up before everything was tried", file=sys.stderr)
    return int(short or any(each.wrong for each in results))


def _shares(many: int, parts: int) -> list[int]:
    return [many // parts + (at < many % parts) for at in range(parts)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=positive, default=500, help="workers to kill (default 500)")
    parser.add_argument("--faults", type=positive, default=200, help="faults to make (default 200)")
    parser.add_argument("--worlds", type=positive, default=2, help="how many at the same time (default 2)")
    parser.add_argument("--stores", choices=("sqlite", "postgresql"), default="sqlite", help="the database")
    parser.add_argument("--archive", choices=("folder", "s3"), default="folder", help="the archive")
    parser.add_argument("--seed", type=int, default=1, help="of the first world's mails, faults and kills (default 1)")
    parser.add_argument("--minutes", type=positive, default=240, help="stop after so long (default 240)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
