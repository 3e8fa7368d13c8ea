"""What `bench.intake` runs in processes of their own, so that the memory of each is its own.

`python -m bench.intake_clients bare|lean|ours PORT USER PASSWORD FOLDER` takes one mailbox and prints `Taken` as JSON.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.app import App

MANY = 100
"""Mails a FETCH of the bare client."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a client did. `seconds` from before it connects until all is durable; memory in bytes."""

    mails: int
    seconds: float
    cpu: float
    peak: int
    early: int = 0
    """Resident when a tenth of the mails was had: what `peak` has above it grew with the number of mails."""
    own_files: float = 0.0
    """Seconds that ours takes later, before mails are read, to give each a file of its own."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A mailbox on loopback, in the clear, and the empty folder a client may write to."""

    port: int
    username: str
    password: str
    folder: Path


def main(arguments: Sequence[str]) -> int:
    client, port, username, password, folder = arguments
    target = Target(port=int(port), username=username, password=password, folder=Path(folder))
    taken = {"bare": bare, "lean": lean, "ours": ours}[client](target)
    print(json.dumps(asdict(taken)))
    return 0


def lean(target: Target) -> Taken:
    """As `bare`, but for the text of every answer that IMAPClient has made for its debug log, as ours is."""
    return bare(target, debug=0)


def bare(target: Target, *, debug: int | None = None) -> Taken:
    """All mails fetched with IMAPClient and thrown away."""
    from imapclient import IMAPClient

    begun, cpu = time.perf_counter(), time.process_time()
    early = had = 0
    with IMAPClient("127.0.0.1", target.port, ssl=False) as client:
        client._imap.debug = client._imap.debug if debug is None else debug
        client.login(target.username, target.password)
        client.select_folder("INBOX", readonly=True)
        uids = client.search("ALL")
        for start in range(0, len(uids), MANY):
            had += len(client.fetch(uids[start : start + MANY], ["BODY.PEEK[]"]))
            early = early or (resident() if had * 10 >= len(uids) else 0)
    return Taken(
        mails=had, seconds=time.perf_counter() - begun, cpu=time.process_time() - cpu, peak=peak(), early=early
    )


def ours(target: Target) -> Taken:
    """`ingest.jobs.poll`, as `baosong run` calls it, with archive and database in the folder."""
    from ingest import jobs
    from ingest.passes import PassReport

    with application(target) as app:
        marks: list[tuple[int, int]] = []

        def noted() -> bool:
            marks.append((report.received, resident()))
            return False

        report = PassReport()
        begun, cpu = time.perf_counter(), time.process_time()
        jobs.poll(app, report, noted)
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
        if report.failures:
            raise SystemExit("; ".join(report.failures))
        early = next((memory for had, memory in marks if had * 10 >= report.received), 0)
        most, begun = peak(), time.perf_counter()
        app.blobs.unspool()
        own_files = time.perf_counter() - begun
        return Taken(mails=report.received, seconds=seconds, cpu=cpu, peak=most, early=early, own_files=own_files)


def application(target: Target) -> App:
    """The product over this mailbox, its database made; logs only what is critical, as to a file nobody waits for."""
    from config.logging import configure_logging
    from config.settings import Settings
    from ingest.app import build

    configure_logging(json_lines=False, level=logging.CRITICAL)
    url = f"imap://{target.username.replace('@', '%40')}@127.0.0.1:{target.port}"
    box = {"url": url, "password": target.password, "login_seconds": 0}
    app = build(Settings.model_validate({"mailboxes": {"main": box}, "base": str(target.folder)}))
    app.database.upgrade()
    return app


def resident() -> int:
    """Bytes of this process in memory now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak(process: int | str = "self") -> int:
    """Most bytes a process had in memory since its program began."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return (
        int(next((line.split()[1] for line in lines if line.startswith("VmHWM")), "0")) * 1024
    )  # 0: it has just ended


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
