"""A mail provider in a process of its own, so that neither its time nor its memory is counted as the worker's."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

from ingest.loopback import LoopbackMail

_START_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A mail to be put into `folder` of the mailbox, received at `received_at` (aware)."""

    raw: bytes
    folder: str
    received_at: datetime


@dataclass(kw_only=True)
class Provider:
    """The servers as the worker sees them; `cpu` seconds of their process once it ended."""

    imap_url: str
    smtp_url: str
    password: str
    sender: str
    cpu: float = 0.0


@contextmanager
def serving(letters: Path, mails: Sequence[Delivery]) -> Iterator[Provider]:
    """The provider with `mails` in its folders; its letters go to `letters`. Raises TimeoutError."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, letters, list(mails)), daemon=True)
    process.start()
    try:
        if not ours.poll(_START_SECONDS):
            raise TimeoutError("the mail servers did not start")
        provider: Provider = ours.recv()
        yield provider
        ours.send(None)
        provider.cpu = ours.recv()
    finally:
        process.join(10)
        if process.is_alive():
            process.kill()


def _serve(connection: Connection, letters: Path, mails: Sequence[Delivery]) -> None:
    """The life of the servers' process: mails in, URLs out, serve until told to stop, tell CPU seconds."""
    with LoopbackMail(letters_dir=letters) as provider:
        for mail in mails:
            provider.append(mail.raw, received_at=mail.received_at, folder=mail.folder)
        begun = _cpu()
        sender = f"Bureau <{provider.username}>"
        ready = Provider(
            imap_url=provider.imap_url, smtp_url=provider.smtp_url, password=provider.password, sender=sender
        )
        connection.send(ready)
        connection.recv()
        connection.send(_cpu() - begun)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
