"""The real jobs on real protocols under a stopwatch: mails from an IMAP server, replies to an SMTP server."""

from __future__ import annotations

import hashlib
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from bench.provider import Delivery, Provider, serving
from bench.stages import (
    COVER_REST,
    Clock,
    Probe,
    Record,
    measured,
    memory_peak,
    overhead,
    probed,
    unpacked,
)
from config.settings import Settings
from domain.mail import Origin
from ingest.app import App, build
from ingest.configured import mailbox_settings
from ingest.demo import sample_folder
from ingest.mailbox import FetchedMail, Mailbox, Seen
from ingest.passes import PassReport
from ingest.reading import Reader
from ingest.sandbox import Sandbox
from ingest.scheduler import one_pass
from parsers.limits import Limits
from storage import inbox

_WARM_SAMPLE = "02-accepted.eml"
_STAGE_OF_JOB = {
    "open_job": "open mail",
    "sheet_job": "read workbook",
    "decode_job": "decode cover",
    "cover_job": "read cover",
    "mark_job": "marked workbook",
}

PROBES = (
    Probe(owner="ingest.jobs", name="poll", stage="fetch", count=overhead),
    Probe(owner="ingest.jobs", name="receive", stage="archive", count=lambda _app, mails: len(mails)),
    Probe(owner="ingest.reading:Reader", name="read", stage="hand over"),
    Probe(owner="ingest.processing", name="settle", stage="store", key=lambda _app, mail_id, _read: f"mail {mail_id}"),
    Probe(owner="domain.sets", name="similarity", stage="compare"),
    Probe(owner="domain.sets", name="compare", stage="compare"),
    Probe(owner="domain.judge", name="compare_parts", stage="compare"),
    Probe(owner="ingest.pipeline", name="judge", stage="judge"),
    Probe(owner="ingest.letters", name="attachments", stage="letters"),
    Probe(owner="ingest.letters", name="reply", stage="letters"),
    Probe(owner="ingest.letters", name="guide", stage="letters"),
    Probe(owner="ingest.jobs", name="expire_grace", stage="store", count=overhead),
    Probe(owner="ingest.jobs", name="seal", stage="seal ledger"),
    Probe(owner="ingest.sending", name="send", stage="send", count=overhead),
    Probe(
        owner="ingest.sending",
        name="rendered",
        stage="letters",
        key=lambda _app, claimed: f"mail {claimed.row.mail_id}" if claimed.row.mail_id else None,
    ),
    Probe(owner="notifier.smtp:SmtpSender", name="send", stage="send"),
    Probe(owner="ingest.jobs", name="file_mails", stage="file", count=overhead),
    Probe(owner="ingest.mailbox:Mailbox", name="file", stage="file"),
)
"""Where the stages of a mail begin and end in the worker's own process."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A run. `seconds` from the first poll to the last mail filed, warming up not included; `cpu` seconds."""

    records: tuple[Record, ...]
    mails: int
    submissions: int
    replies: int
    failures: tuple[str, ...]
    seconds: float
    unattributed_cpu: float
    """CPU of the worker's process outside any stage: the pools' threads and the jobs' own queues."""
    server_cpu: float
    child_starts: tuple[float, ...]
    """Seconds that each fresh child cost around its job: a free place in the pool, fork, imports, answer."""
    peak: int
    decoder_peak: int
    recogniser_peak: int


class TimedSandbox(Sandbox):
    """The sandbox whose children report what they cost."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        super().__init__(limits)
        self.starts: list[float] = []
        self.decoder_peak = 0
        self.recogniser_peak = 0
        self._watch = clock

    def decode(
        self, job: Callable[..., bytes], *args: object, folder: Path | None = None, seconds: float | None = None
    ) -> bytes:
        with self._watch.stage(_STAGE_OF_JOB[job.__name__]) as frame:
            begun = time.perf_counter()
            (record,), answer = unpacked(super().decode(measured, job, *args, folder=folder, seconds=seconds))
            self.starts.append(time.perf_counter() - begun - record.wall)
            frame.child_cpu, frame.memory = record.cpu, record.memory
            self.decoder_peak = max(self.decoder_peak, record.memory)
        return answer

    def recognise(self, job: Callable[..., bytes], *args: object, files: Sequence[BinaryIO] = ()) -> bytes:
        with self._watch.stage(_STAGE_OF_JOB[job.__name__]) as frame:
            begun = time.perf_counter()
            (record, *inner), answer = unpacked(super().recognise(measured, job, *args, files=files))
            waited = time.perf_counter() - begun - record.wall
            frame.child_cpu, frame.memory = record.cpu, record.memory
            self.recogniser_peak = max(self.recogniser_peak, record.memory)
            rest = record.cpu - sum(each.cpu for each in inner)
            self._watch.add([*inner, Record(stage=COVER_REST, wall=waited, cpu=rest, count=0)])
        return answer


class TimedMailbox(Mailbox):
    """The mailbox whose batches are timed: each mail counts with its even share."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        super().__init__(mailbox_settings(settings, "main"))
        self._watch = clock

    def new_batches(self, folder: str, seen: Seen) -> Iterator[list[FetchedMail]]:
        batches = super().new_batches(folder, seen)
        while True:
            with self._watch.stage("fetch", count=0) as frame:
                batch = next(batches, None)
                frame.count = len(batch or ())
            if batch is None:
                return
            yield batch


def deliveries(count: int, seed: int | None) -> list[list[Delivery]]:
    """`count` mails in rounds that each get an empty store: shipped samples, evenly chosen and repeated in a new
    round, or, with a seed, mails made by the generator (needs LibreOffice and the fonts), all in one round."""
    if seed is not None:
        # In a process of its own: the pictures of the pages would count as memory of the worker.
        with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as maker:
            return [maker.submit(_generated, count, seed).result()]
    samples = _samples()
    rounds = []
    while count > 0:
        size = min(count, len(samples))
        rounds.append([samples[place * len(samples) // size] for place in range(size)])
        count -= size
    return rounds


def _generated(count: int, seed: int) -> list[Delivery]:
    from bench.decisions import JUDGING
    from samples.maker import cases, mix

    made = cases.build(mix.plans(count, seed=seed, style=JUDGING))
    return [Delivery(raw=mail.raw, folder=mail.folder, received_at=mail.received_at) for mail in made]


def _samples() -> list[Delivery]:
    samples = sample_folder()
    if samples is None:
        raise SystemExit("the sample mails are not part of this installation: run from the source tree")
    return [
        Delivery(raw=mail.path.read_bytes(), folder=mail.folder, received_at=mail.received_at) for mail in samples.mails
    ]


def run(rounds: Sequence[Sequence[Delivery]]) -> Measured:
    """Delivers and works off every round; each is one backlog, taken by one pass of the worker."""
    clock = Clock()
    totals = PassReport()
    mails, submissions, seconds, cpu, server_cpu = 0, 0, 0.0, 0.0, 0.0
    with tempfile.TemporaryDirectory(prefix="baosong-bench-") as name, _sandbox(clock) as sandbox:
        for number, round_ in enumerate(rounds, 1):
            folder = Path(name) / f"round{number}"
            folder.mkdir()
            with serving(folder / "letters", round_) as provider:
                app = _app(folder, provider, round_, sandbox, clock)
                begun, begun_cpu = time.perf_counter(), time.process_time()
                with probed(clock, PROBES):
                    report = one_pass(app)
                seconds += time.perf_counter() - begun
                cpu += time.process_time() - begun_cpu
                mails += report.received
                submissions += _submissions(app, round_)
                totals.replies_sent += report.replies_sent
                totals.failures += report.failures
                _close(app)
            server_cpu += provider.cpu
        return Measured(
            records=tuple(clock.records),
            mails=mails,
            submissions=submissions,
            replies=totals.replies_sent,
            failures=tuple(totals.failures),
            seconds=seconds,
            unattributed_cpu=cpu - clock.own_cpu,
            server_cpu=server_cpu,
            child_starts=tuple(sandbox.starts),
            peak=memory_peak(),
            decoder_peak=sandbox.decoder_peak,
            recogniser_peak=sandbox.recogniser_peak,
        )


@contextmanager
def _sandbox(clock: Clock) -> Iterator[TimedSandbox]:
    """A sandbox that is warm: its fork server runs and both recognisers have their models, as in a worker that has
    been up for a while."""
    with tempfile.TemporaryDirectory(prefix="baosong-bench-") as folder, build(Settings(base=Path(folder))) as app:
        sample = sample_folder()
        assert sample is not None
        raw = next(mail.path for mail in sample.mails if mail.path.name == _WARM_SAMPLE).read_bytes()
        with closing(TimedSandbox(app.limits, clock)) as sandbox, ThreadPoolExecutor(max_workers=2) as threads:
            reader = Reader(sandbox, app.notices, app.own, app.limits)
            origin = Origin(
                account="warm", folder="INBOX", uidvalidity=1, uid=1, received_at=sample.mails[0].received_at
            )
            list(threads.map(lambda sha256: reader.read(raw, sha256=sha256, origin=origin), ("a", "b")))
            clock.reset()
            sandbox.starts.clear()
            yield sandbox


def _app(folder: Path, provider: Provider, mails: Sequence[Delivery], sandbox: TimedSandbox, clock: Clock) -> App:
    settings = Settings.model_validate(
        {
            "mailboxes": {"main": {"url": provider.imap_url, "password": provider.password, "login_seconds": 0}},
            "smtp": {"main": {"url": provider.smtp_url, "password": provider.password, "sender": provider.sender}},
            "limits": {"mails_per_sender_per_hour": 0},
            "base": str(folder),
        }
    )
    now = max(mail.received_at for mail in mails) + timedelta(minutes=1)
    app = build(settings, clock=lambda: now, pace_sending=False)
    app.database.upgrade()
    app._sandbox = sandbox
    app._mailboxes = {"main": TimedMailbox(settings, clock)}
    return app


def _submissions(app: App, mails: Sequence[Delivery]) -> int:
    """How many of the mails were dealt with as submissions."""
    with app.database.read() as tx:
        rows = [inbox.by_sha256(tx, hashlib.sha256(mail.raw).hexdigest()) for mail in mails]
    return sum(1 for row in rows if row and row.disposition == inbox.SUBMISSION)


def _close(app: App) -> None:
    """Everything but the sandbox, which serves the next round."""
    for mailbox in app.mailboxes.values():
        mailbox.close()
    app.database.close()
