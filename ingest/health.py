"""Is it well? Told from the database and the disk alone, so that any process can answer for the worker.

An *outage* is what keeps every county from being served, or evidence from being kept: a monitoring system shall wake
somebody. What waits for a person in working hours (a held mail, a task, a single refused log-in) is only named.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ingest import outages
from ingest.app import App
from ingest.outages import POLL, PROCESS, SEND, STALLED, Failing
from storage import ledger, state, vitals
from storage.canonical import Json
from storage.database import Transaction
from storage.deadline import within
from storage.errors import Mismatch, StorageError, Unavailable

DISK_LOW = 2 * 1024**3
"""Bytes. Below, somebody should look in working hours."""
BEAT_SECONDS = 15.0
LATE_BEAT = timedelta(minutes=3)
"""A worker that has not noted for so long that it is alive is not: a write may wait 30 s for another, a few times over."""
_WORKER = "worker"
_LOOK_SECONDS = 5
"""A monitoring system waits hardly longer, and the work itself asks an object store for a minute."""


@dataclass(frozen=True, kw_only=True)
class Beat:
    """The worker's last note that it is alive. `stages` as `Stages.snapshot`."""

    at: datetime
    started: datetime
    stages: dict[str, Json]


@dataclass(frozen=True, kw_only=True)
class Reason:
    """`code` for programs, `text` in English for people; neither holds an address or a name."""

    code: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Health:
    """`outages` make it ill; `attention` names what a person should see to."""

    at: datetime
    outages: tuple[Reason, ...]
    attention: tuple[Reason, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.outages


@dataclass(frozen=True, kw_only=True)
class Disk:
    what: str
    folder: Path
    free: int


def note_beat(app: App, started: datetime) -> None:
    """The worker is alive, and so long its stages took."""
    with app.database.begin() as tx:
        now = app.clock()
        value: dict[str, Json] = {
            "at": now.isoformat(),
            "started": started.isoformat(),
            "stages": app.stages.snapshot(),
        }
        state.put(tx, _WORKER, value, at=now)


def last_beat(tx: Transaction) -> Beat | None:
    value = state.get(tx, _WORKER)
    if not isinstance(value, dict):
        return None
    stages = value.get("stages")
    return Beat(
        at=datetime.fromisoformat(str(value["at"])),
        started=datetime.fromisoformat(str(value["started"])),
        stages=stages if isinstance(stages, dict) else {},
    )


def disks(app: App) -> tuple[Disk, ...]:
    """The disks of this machine that records are written to, each once, under the name of the first that lies on it."""
    file = app.database.file
    places = ({"database": file.parent} if file else {}) | dict([app.blobs.disk])
    found: dict[int, Disk] = {}
    for what, folder in places.items():
        there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
        device = there.stat().st_dev
        found.setdefault(device, Disk(what=what, folder=there, free=shutil.disk_usage(there).free))
    return tuple(found.values())


def full_disks(app: App) -> tuple[Disk, ...]:
    """Those with less left than `limits.free_bytes`: the next mails with their pages may not fit, so none is fetched."""
    return tuple(disk for disk in disks(app) if disk.free < app.settings.limits.free_bytes)


def look(app: App) -> Health:
    """Never raises for what it is asked about: a database that cannot be read is an outage as well."""
    now = app.clock()
    full = full_disks(app)
    low = [disk for disk in disks(app) if disk.free < DISK_LOW and disk not in full]
    try:
        fits = _fits(app)
        with app.database.read() as tx:
            out, seen_to = _of_records(app, tx, now)
    except (StorageError, OSError) as error:
        text = f"the database cannot be read: {type(error).__name__}"
        fits, out, seen_to = [Reason(code="database", text=text)], [], []
    return Health(
        at=now,
        outages=(*fits, *out, *(Reason(code="disk_full", text=room_words(disk)) for disk in full)),
        attention=(*seen_to, *(Reason(code="disk_low", text=room_words(disk)) for disk in low)),
    )


def _fits(app: App) -> list[Reason]:
    """In a view of its own, opened after the paper was read: a head sealed meanwhile would be none of an older view."""
    try:
        found = within(_LOOK_SECONDS, lambda: ledger.find_head(app.blobs.papers), "the archive")
    except Unavailable:
        return [Reason(code="archive", text="the archive does not serve; `baosong doctor` says what is wrong with it")]
    try:
        with app.database.read() as tx:
            ledger.check_head(tx, found)
    except Mismatch:
        return [Reason(code="ledger_head", text="database and archive/HEAD do not fit; see `baosong audit verify`")]
    return []


def _of_records(app: App, tx: Transaction, now: datetime) -> tuple[list[Reason], list[Reason]]:
    out, seen_to = _of_worker(tx, now), list[Reason]()
    for failing in outages.all_(tx, app):
        reason = Reason(code=f"{_CODES[failing.stage]}_stalled", text=_words(failing, now))
        (out if failing.is_outage(now) else seen_to).append(reason)
    out += _never_polled(app, tx, now)
    waiting = vitals.backlog(tx)
    if waiting.held:
        seen_to.append(Reason(code="held", text=f"{waiting.held} mail(s) are held; `baosong show mail:N` says why"))
    if waiting.tasks:
        seen_to.append(Reason(code="tasks", text=f"{waiting.tasks} task(s) wait for staff"))
    return out, seen_to


def _of_worker(tx: Transaction, now: datetime) -> list[Reason]:
    beat = last_beat(tx)
    if beat is None:
        return [Reason(code="worker", text="no worker has run on this database yet")]
    if now - beat.at > LATE_BEAT:
        return [Reason(code="worker", text=f"the worker gave no sign of life for {_ago(beat.at, now)}")]
    return []


def _never_polled(app: App, tx: Transaction, now: datetime) -> list[Reason]:
    """A mailbox whose last word is old, though nobody noted a failure: the worker was not running."""
    found = []
    for account in app.settings.mailboxes:
        heard, longest = outages.last_reached(tx, account), max(STALLED, outages.usual_pause(app, account))
        if outages.of(tx, POLL, account) is None and (heard is None or now - heard >= longest):
            when = f"for {_ago(heard, now)}" if heard else "yet"
            found.append(Reason(code="polling_stalled", text=f"mailbox {account}: not polled {when}"))
    return found


_CODES = {POLL: "polling", PROCESS: "processing", SEND: "sending"}


def _words(failing: Failing, now: datetime) -> str:
    since = f"for {_ago(failing.since, now)}"
    refused = (
        f"; log-in refused {failing.refused} time(s): has the authorization code expired?" if failing.refused else ""
    )
    if failing.stage == PROCESS:
        return f"mails wait and none was decided {since}"
    if failing.stage == POLL:
        return f"mailbox {failing.place}: no poll succeeded {since}{refused}"
    return (
        f"smtp {failing.place}: no letter went out {since}{refused}" if failing.place else f"no letter went out {since}"
    )


def room_words(disk: Disk) -> str:
    return f"{disk.free / 1024**2:.0f} MiB are free on the disk of the {disk.what}"


def _ago(then: datetime, now: datetime) -> str:
    minutes = max(0, int((now - then).total_seconds() // 60))
    return f"{minutes} min" if minutes < 180 else f"{minutes // 60} h"
