"""`/metrics`: the records in numbers, as Prometheus reads them. The only module that knows prometheus_client.

All of it is computed from the database when it is asked for, so any process may serve it. No label holds an address, a
name or a receipt: mailboxes and senders go by their names in the configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from ingest import outages
from ingest.app import App
from ingest.health import Beat, disks, last_beat, look
from ingest.stages import BUCKETS
from storage import vitals
from storage.canonical import Json

_BOUNDS = (*(f"{bound:g}" for bound in BUCKETS), "+Inf")


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page as it goes over the wire."""

    media: str
    body: bytes


def metrics_page(app: App, accept: str = "") -> Page:
    """In the format that the Accept header asks for. Raises Unavailable when the database cannot be read."""
    registry = CollectorRegistry()
    registry.register(_Records(app))
    encode, media = choose_encoder(accept)
    return Page(media=media, body=encode(registry))


class _Records(Collector):
    def __init__(self, app: App) -> None:
        self._app = app

    def describe(self) -> list[Metric]:
        """Nothing, so that registering asks the database nothing."""
        return []

    def collect(self) -> Iterable[Metric]:
        now = self._app.clock()
        with self._app.database.read() as tx:
            totals, waiting, beat = vitals.totals(tx), vitals.waiting(tx, now), last_beat(tx)
            behind = vitals.backlog(tx).behind
            failing = {(one.stage, one.place): one.since for one in outages.all_(tx, self._app)}
            reached = {name: outages.last_reached(tx, name) for name in self._app.settings.mailboxes}
        yield from _totals(totals)
        text = "Mails beyond what their senders may send in an hour, which wait behind all others; counted as new, too."
        yield GaugeMetricFamily("baosong_mails_behind", text, value=behind)
        yield from _ages(waiting, now)
        yield _ages_of("poll_age", "Since the mailbox last gave all or some of what it has.", "mailbox", reached, now)
        yield _failing(outages.places(self._app), failing, now)
        yield from _worker(beat, now)
        free = {disk.what: disk.free for disk in disks(self._app)}
        yield _gauges(
            "disk_free_bytes", "Free on the disk of the database, and of the archive if that is another.", "of", free
        )
        healthy = look(self._app).ok
        yield GaugeMetricFamily("baosong_healthy", "1 while /healthz answers 200.", value=float(healthy))


def _totals(totals: vitals.Totals) -> Iterator[Metric]:
    received = sum(totals.mails.values())
    yield CounterMetricFamily("baosong_mails_received", "Mails taken in, each once.", value=received)
    yield _counters("mails_settled", "Mails that have their disposition.", "disposition", totals.dispositions)
    yield _counters("decisions", "Decisions on submissions, each change of one counted.", "state", totals.decisions)
    letters = {status: count for status, count in totals.letters.items() if status != "waiting"}
    yield _counters("letters", "Letters that are sent, failed for good or withdrawn.", "status", letters)
    yield CounterMetricFamily("baosong_ledger_entries", "Sealed entries of the ledger.", value=totals.ledger_entries)
    waiting = {status: totals.mails.get(status, 0) for status in ("new", "held")}
    yield _gauges("mails_waiting", "Mails to be decided (new), and set aside for a person (held).", "status", waiting)
    yield GaugeMetricFamily(
        "baosong_outbox_waiting", "Letters that wait to be sent.", value=totals.letters.get("waiting", 0)
    )
    yield _gauges("tasks_open", "What staff have to do, confidential tasks left out.", "kind", totals.open_tasks)


def _ages(waiting: vitals.Waiting, now: datetime) -> Iterator[Metric]:
    for name, of, text in (
        (
            "queue_age",
            waiting.oldest_mail,
            "Since the oldest mail that is not decided yet, and not behind all others, was taken in; 0 without one.",
        ),
        ("outbox_age", waiting.oldest_letter, "Since the oldest letter that waits was written; 0 without one."),
    ):
        yield GaugeMetricFamily(f"baosong_{name}_seconds", text, value=_age(of, now))


def _worker(beat: Beat | None, now: datetime) -> Iterator[Metric]:
    """Nothing of a worker that never ran: an absent series is not an age of 0."""
    if beat is None:
        return
    yield GaugeMetricFamily(
        "baosong_worker_age_seconds", "Since the worker noted that it is alive.", value=_age(beat.at, now)
    )
    yield GaugeMetricFamily(
        "baosong_worker_start_time_seconds", "When it began (Unix time).", value=beat.started.timestamp()
    )
    stages = HistogramMetricFamily(
        "baosong_stage_seconds", "What the worker's stages took since it began.", labels=["stage"]
    )
    for stage, told in beat.stages.items():
        buckets, seconds = _histogram(told)
        stages.add_metric([stage], buckets, seconds)
    yield stages


def _histogram(told: Json) -> tuple[list[tuple[str, float]], float]:
    assert isinstance(told, dict) and isinstance(told["counts"], list)  # noqa: S101 written by `Stages.snapshot`
    counts = accumulate(float(str(count)) for count in told["counts"])
    return list(zip(_BOUNDS, counts, strict=True)), float(str(told["milliseconds"])) / 1000


def _failing(
    places: Iterable[tuple[str, str]], since: Mapping[tuple[str, str], datetime], now: datetime
) -> GaugeMetricFamily:
    """With a 0 for what works, so that a rule needs no `or`."""
    text = "Since polling, processing or sending last worked, where it does not; else 0."
    made = GaugeMetricFamily("baosong_failing_seconds", text, labels=["stage", "place"])
    for stage, place in places:
        made.add_metric([stage, place], _age(since.get((stage, place)), now))
    return made


def _ages_of(
    name: str, text: str, label: str, times: Mapping[str, datetime | None], now: datetime
) -> GaugeMetricFamily:
    made = GaugeMetricFamily(f"baosong_{name}_seconds", text, labels=[label])
    for value, at in times.items():
        if at is not None:
            made.add_metric([value], _age(at, now))
    return made


def _counters(name: str, text: str, label: str, counts: Mapping[str, int]) -> CounterMetricFamily:
    made = CounterMetricFamily(f"baosong_{name}", text, labels=[label])
    for value, count in sorted(counts.items()):
        made.add_metric([value], count)
    return made


def _gauges(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    made = GaugeMetricFamily(f"baosong_{name}", text, labels=[label])
    for value, count in sorted(values.items()):
        made.add_metric([value], count)
    return made


def _age(at: datetime | None, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds()) if at else 0.0
