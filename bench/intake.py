"""How fast are mails taken in? `python -m bench.intake [--count 10000] [--rounds 5] [--seed 1] [--folder DIR]`

A Dovecot on loopback holds the mails. In every round each of these takes all of them, in turn and in another order:
IMAPClient alone, which throws them away (*bare*; *lean* without the debug text IMAPClient makes of every answer), *ours*
(`ingest.jobs.poll`: archived, recorded and durable), *mbsync* and *getmail*, left out where they are not installed. Ours
is then looked at: every mail once and byte for byte, and what a poll costs that finds nothing new. Exit status 1 when
that is not so, or a goal is missed: at most 0.6 times mbsync's time and 1.7 times the bare fetch's, medians of the rounds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from imapclient import IMAPClient
from sqlalchemy import func, select

from bench.arguments import positive
from bench.intake_clients import Taken, Target, application
from bench.intake_mails import LARGE_EVERY, mails
from bench.intake_rivals import GETMAIL_MAILS, RivalFailed, getmail, mbsync
from ingest.jobs import poll
from ingest.passes import PassReport
from storage.schema import ledger_entries, mail_locations
from storage.schema import mails as mail_rows
from storage.verify import verify
from tests.servers.dovecot import dovecot
from tests.servers.proxy import CuttingProxy

APPENDED_AT_ONCE = 500
OF_MBSYNC, OF_BARE = 0.6, 1.7
POLL_COMMANDS = 8
"""NOOP and LIST, and for INBOX and Junk each NOOP, SELECT and UID SEARCH."""
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What lies in the mailbox: SHA-256 (hex) of its mails, and their bytes in all."""

    hashes: frozenset[str]
    size: int


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="baosong-intake-", dir=options.folder) as name, dovecot() as (account, _):
        Path(name).chmod(0o755)  # getmail runs as somebody else
        target = Target(port=account.port, username=account.username, password=account.password, folder=Path(name))
        filled = fill(target, options.count, options.seed)
        clients = _clients()
        _away(target, "bare", clients["bare"])  # Dovecot makes its index, the mails come into the page cache
        rounds, faults = [], list[str]()
        for number in range(options.rounds):
            rounds.append(_round(target, clients, number, filled, faults))
        for line in (*_head(options, filled, target), *table(rounds)):
            print(line)
        faults += _quiet_polls(target, filled)
    faults += missed(rounds)
    for fault in faults:
        print(f"MISSED: {fault}")
    return int(bool(faults))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=positive, default=10_000, help="mails in the mailbox (default 10000)")
    parser.add_argument("--rounds", type=positive, default=5, help="how often each client takes them (default 5)")
    parser.add_argument("--seed", type=int, default=1, help="of the mails (default 1)")
    parser.add_argument(
        "--folder", type=Path, help="where to write: the disk that is measured (default: for temporary files)"
    )
    return parser.parse_args()


def fill(target: Target, count: int, seed: int) -> Filled:
    """Puts the mails into INBOX, many an APPEND (RFC 3502): one by one, Dovecot looks through its folder each time."""
    hashes: set[str] = set()
    size = 0
    made = mails(count, seed)
    with IMAPClient("127.0.0.1", target.port, ssl=False) as client:
        client.login(target.username, target.password)
        while batch := list(islice(made, APPENDED_AT_ONCE)):
            client.multiappend("INBOX", [{"msg": mail.raw, "date": mail.received_at} for mail in batch])
            hashes.update(hashlib.sha256(mail.raw).hexdigest() for mail in batch)
            size += sum(len(mail.raw) for mail in batch)
    return Filled(hashes=frozenset(hashes), size=size)


Client = Callable[[Target], Taken]


def _clients() -> dict[str, Client]:
    """The clients there are, by name; a rival that is not installed is told of on stderr."""
    clients: dict[str, Client] = {name: _own(name) for name in ("bare", "lean", "ours")}
    for name, package, client in (("mbsync", "isync", mbsync), ("getmail", "getmail6", getmail)):
        if shutil.which(name):
            clients[name] = client
        else:
            print(f"{name} is left out: Debian's package {package} is not installed", file=sys.stderr)
    return clients


def _own(name: str) -> Client:
    def run(target: Target) -> Taken:
        command = [sys.executable, "-m", "bench.intake_clients", name]
        place = [str(target.port), target.username, target.password, str(target.folder)]
        done = subprocess.run([*command, *place], stdout=subprocess.PIPE, check=True)
        return Taken(**json.loads(done.stdout))

    return run


def _round(
    target: Target, clients: dict[str, Client], number: int, filled: Filled, faults: list[str]
) -> dict[str, Taken]:
    """One run of each, beginning with another client each time. Faults of ours are added to `faults`."""
    names = list(clients)
    start = number % len(names)
    taken = {}
    for name in names[start:] + names[:start]:
        try:
            taken[name], told = _away(target, name, clients[name], filled)
        except RivalFailed as error:
            print(f"round {number + 1}: {error}", file=sys.stderr)
            continue
        faults += told
        print(f"round {number + 1}: {name} {taken[name].seconds:.1f} s", file=sys.stderr)
    return taken


def _away(target: Target, name: str, client: Client, filled: Filled | None = None) -> tuple[Taken, list[str]]:
    """Runs a client in a folder that goes away again; what others left to be written is written first."""
    folder = target.folder / name
    folder.mkdir()
    os.sync()
    try:
        taken = client(replace(target, folder=folder))
        faults = []
        if filled and taken.mails != len(filled.hashes) and name != "getmail":
            faults.append(f"{name} took {taken.mails} of {len(filled.hashes)} mails")
        if filled and name == "ours":
            faults += kept(replace(target, folder=folder), filled)
    finally:
        shutil.rmtree(folder)
    if filled and name == "getmail":
        taken = replace(taken, seconds=taken.seconds * len(filled.hashes) / taken.mails)
    return taken, faults


def kept(target: Target, filled: Filled) -> list[str]:
    """What is wrong with archive and database after all mails were taken; nothing if each is there once, byte for byte."""
    with application(target) as app, app.database.read() as tx:
        faults = [f"{fault}" for fault in verify(tx, app.blobs).faults]
        recorded = frozenset(tx.execute(select(mail_rows.c.sha256)).scalars())
        wrong = [sha256 for sha256 in recorded if hashlib.sha256(app.blobs.get(sha256)).hexdigest() != sha256]
        rows = {
            table.name: int(tx.execute(select(func.count()).select_from(table)).scalar() or 0)
            for table in (mail_rows, mail_locations, ledger_entries)
        }
    if recorded != filled.hashes or wrong:
        faults.append(f"{len(filled.hashes - recorded)} mails are not recorded as sent, {len(wrong)} not archived so")
    return faults + [f"{many} rows in {name}" for name, many in rows.items() if many != len(filled.hashes)]


def _quiet_polls(target: Target, filled: Filled) -> Iterator[str]:
    """Takes all mails over a proxy that notes the commands, then polls twice more and prints what that took."""
    folder = target.folder / "quiet"
    folder.mkdir()
    with CuttingProxy(target.port) as proxy, application(replace(target, port=proxy.port, folder=folder)) as app:
        poll(app, PassReport())
        for which in ("a poll that finds nothing new", "and one more"):
            sent, begun = len(proxy.sent), time.perf_counter()
            report = PassReport()
            poll(app, report)
            commands = [line.split(" ", 1)[1] for line in proxy.sent[sent:].decode().splitlines()]
            print(
                f"{which}: {len(commands)} commands, {1000 * (time.perf_counter() - begun):.0f} ms: {'; '.join(commands)}"
            )
            if report.received or report.failures or len(commands) > POLL_COMMANDS:
                yield f"{which}: {report.received} mails, {len(commands)} commands, {report.failures}"


def _head(options: argparse.Namespace, filled: Filled, target: Target) -> Iterator[str]:
    kind = subprocess.run(["stat", "-f", "-c", "%T", str(target.folder)], stdout=subprocess.PIPE, text=True, check=True)
    large = sum(1 for number in range(options.count) if number % LARGE_EVERY == LARGE_EVERY // 2)
    yield (
        f"{len(filled.hashes)} mails, {filled.size / 1e6:.0f} MB: {options.count - large} of 5 to 50 kB, {large} of 1 to 2 MB; "
        f"{options.rounds} rounds on {kind.stdout.strip()}"
    )
    yield f"{len(os.sched_getaffinity(0))} cores, load of the machine {os.getloadavg()[0]:.1f}"
    yield ""


def table(rounds: Sequence[dict[str, Taken]]) -> Iterator[str]:
    """Medians of the rounds; ratios are of the same round, with the least and the most of them."""
    yield f"{'':<8}{'seconds':>9}{'CPU, s':>8}{'peak, MB':>10}{'grown, MB':>11}{'of bare':>21}{'of mbsync':>21}"
    for name in dict.fromkeys(name for taken in rounds for name in taken):
        runs = [taken[name] for taken in rounds if name in taken]
        grown = [(run.peak - run.early) / _MEGABYTE for run in runs if run.early]
        yield (
            f"{name:<8}{_median(run.seconds for run in runs):>9.1f}{_median(run.cpu for run in runs):>8.1f}"
            f"{_median(run.peak / _MEGABYTE for run in runs):>10.0f}{f'{_median(grown):.1f}' if grown else '-':>11}"
            f"{_ratio(rounds, name, 'bare'):>21}{_ratio(rounds, name, 'mbsync'):>21}"
        )
    later = _median(taken["ours"].own_files for taken in rounds)
    yield f"Later, before ours reads them, it gives each mail a file of its own: {later:.1f} s."
    yield f"getmail takes {GETMAIL_MAILS} mails only; its seconds are scaled to all, CPU and memory are not."


def missed(rounds: Sequence[dict[str, Taken]]) -> Iterator[str]:
    """The goals of speed that the medians of the ratios do not reach; one without its rival is none."""
    for other, most in (("mbsync", OF_MBSYNC), ("bare", OF_BARE)):
        ratios = _ratios(rounds, "ours", other)
        if ratios and statistics.median(ratios) > most:
            yield f"ours takes {statistics.median(ratios):.2f} times the time of {other}; {most} is the goal"


def _ratios(rounds: Sequence[dict[str, Taken]], name: str, other: str) -> list[float]:
    return [taken[name].seconds / taken[other].seconds for taken in rounds if name in taken and other in taken]


def _ratio(rounds: Sequence[dict[str, Taken]], name: str, other: str) -> str:
    ratios = _ratios(rounds, name, other)
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})" if ratios else "-"


def _median(values: Iterator[float] | Sequence[float]) -> float:
    return statistics.median(values)


if __name__ == "__main__":
    sys.exit(main())
