"""Verifying from within another process: progress, one at a time, what the ledger is told, and what is left of one that was
broken off. And bundles made the same way."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest import evidence
from ingest.auditing import BEGUN, ENDED, MOST_KEPT, SUBJECT, Auditor, runs
from ingest.bundling import LASTS, Bundles
from ingest.evidence import kept
from ingest.heads import heads_in_text
from storage import ledger, ledger_reading, state
from storage.fault import Fault
from storage.progress import Stage
from storage.verify import Verification
from tests.office import Office, office
from tests.stores import POSTGRESQL, by_hand
from tests.test_bundle import RECEIPT, arrive, faults, unpack


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path / "store") as made:
        arrive(made)
        yield made


def verified(here: Office, *, head: str = "") -> None:
    auditor = Auditor(here.app)
    assert auditor.start(heads_in_text(head) if head else (), by="staff:li")
    auditor.wait()


def alter(tmp_path: Path, statement: str) -> None:
    """As somebody does who writes to the file past the program."""
    with by_hand(tmp_path / "store") as base:
        base.execute(statement)


def entries(here: Office) -> list[tuple[str, dict[str, Any]]]:
    with here.app.database.read() as tx:
        found = ledger_reading.newest(tx, SUBJECT, 20)
    return [(entry.kind, ledger.told(entry.body)) for entry in reversed(found)]


class Waiting:
    """A verification that goes on only when it is told to."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, app: Any, heads: Any, *, progress: Any) -> Verification:
        progress(Stage.DECISIONS, 3, 9)
        self.begun.set()
        while not self.go_on.wait(0.01):
            progress(Stage.DECISIONS, 3, 9)
        return Verification(checked=9, faults=())


def test_progress_goes_through_every_stage_to_its_end(here: Office) -> None:
    told: dict[Stage, list[tuple[int, int]]] = {stage: [] for stage in Stage}
    order: list[Stage] = []

    def progress(stage: Stage, done: int, total: int) -> None:
        order.append(stage)
        told[stage].append((done, total))

    assert evidence.verify(here.app, progress=progress).ok
    assert list(dict.fromkeys(order)) == list(Stage)
    for steps in told.values():
        assert [done for done, _ in steps] == sorted(done for done, _ in steps)
        assert steps[-1][0] == steps[-1][1] > 0


def test_what_is_found_is_what_an_audit_without_progress_finds(here: Office, tmp_path: Path) -> None:
    alter(tmp_path, "UPDATE outbox SET kind = 'x'")
    alter(tmp_path, "DELETE FROM ledger_entries WHERE number = 3")
    with_it = evidence.verify(here.app, progress=lambda stage, done, total: None)
    assert with_it == evidence.verify(here.app)
    assert with_it.faults


def test_the_ledger_is_told_of_beginning_and_outcome(here: Office) -> None:
    verified(here)
    (begun, told), (ended, outcome) = entries(here)
    assert (begun, told) == (BEGUN, {"run": outcome["run"], "by": "staff:li", "heads": []})
    assert (ended, outcome["by"], outcome["ok"], outcome["failed"], outcome["faults"]) == (
        ENDED,
        "staff:li",
        True,
        False,
        0,
    )
    [run] = runs(here.app)
    assert run.outcome and run.outcome.ok and run.outcome.faults == ()
    assert run.outcome.checked == evidence.verify(here.app).checked
    here.run()
    assert evidence.verify(here.app).ok, "what was entered is no fault itself"


def test_faults_are_kept_beside_the_ledger_and_believed_by_their_digest_alone(here: Office, tmp_path: Path) -> None:
    alter(tmp_path, "UPDATE submissions SET row_count = 99")
    verified(here)
    [run] = runs(here.app)
    assert run.outcome and run.outcome.faults == evidence.verify(here.app).faults
    assert f"submission:{RECEIPT}" in {fault.object for fault in run.outcome.faults}
    assert "submission" not in str(entries(here)[-1][1]), (
        "the ledger has no words that somebody may have put into a record"
    )
    with here.app.database.begin() as tx:
        stored: Any = state.get(tx, "audit:last")
        stored["faults"] = stored["faults"][1:]
        state.put(tx, "audit:last", stored)
    [run] = runs(here.app)
    assert run.outcome and (run.outcome.ok, run.outcome.faults) == (False, None)
    if POSTGRESQL:
        return  # whose type holds no half a document
    alter(tmp_path, "UPDATE state SET value = '{' WHERE key = 'audit:last'")
    [run] = runs(here.app)
    assert run.outcome and (run.outcome.count > 0, run.outcome.faults) == (True, None)


def test_it_is_held_against_heads_that_others_keep(here: Office) -> None:
    with here.app.database.read() as tx:
        head = ledger.head(tx)
    assert head
    verified(here, head=f"存证：第{head.number}号 {head.hash[:16]}…")
    verified(here, head=f"{head.number}:{'0' * 64}")
    wrong, right = runs(here.app)
    assert right.outcome and right.outcome.ok and right.heads == (f"{head.number}:{head.hash[:16]}",)
    assert wrong.outcome and wrong.outcome.faults == (
        Fault(
            object=f"head:{head.number}", fault=f"differs from the one known from {wrong.heads[0]}: it is another chain"
        ),
    )


def test_there_is_one_at_a_time(here: Office) -> None:
    slow = Waiting()
    auditor = Auditor(here.app, verify=slow)
    assert auditor.start((), by="staff:li")
    assert slow.begun.wait(60)
    assert not auditor.start((), by="staff:wang")
    running = auditor.reached
    assert running and (running[1].stage, running[1].done, running[1].total) == (Stage.DECISIONS, 3, 9)
    slow.go_on.set()
    auditor.wait()
    assert auditor.reached is None
    assert [told["by"] for _, told in entries(here)] == ["staff:li"] * 2
    assert auditor.start((), by="staff:wang")
    auditor.wait()


def test_one_that_is_broken_off_has_no_outcome(here: Office) -> None:
    slow = Waiting()
    auditor = Auditor(here.app, verify=slow)
    assert auditor.start((), by="staff:li")
    assert slow.begun.wait(60)
    auditor.stop()
    assert not auditor.start((), by="staff:li"), "the process ends"
    [run] = runs(here.app)
    assert (run.outcome, run.ended_at, run.by) == (None, None, "staff:li")
    verified(here)
    assert [bool(run.outcome) for run in runs(here.app)] == [True, False]


def test_one_that_fails_says_so(here: Office) -> None:
    def failing(app: Any, heads: Any, *, progress: Any) -> Verification:
        raise ZeroDivisionError

    auditor = Auditor(here.app, verify=failing)
    assert auditor.start((), by="staff:li")
    auditor.wait()
    [run] = runs(here.app)
    assert run.outcome and run.outcome.failed and not run.outcome.ok


def test_of_very_many_faults_the_first_are_kept_and_all_counted(here: Office) -> None:
    many = tuple(Fault(object=f"entry:{number}", fault="missing") for number in range(MOST_KEPT + 5))
    auditor = Auditor(here.app, verify=lambda app, heads, *, progress: Verification(checked=1, faults=many))
    assert auditor.start((), by="staff:li")
    auditor.wait()
    [run] = runs(here.app)
    assert run.outcome and (run.outcome.count, run.outcome.faults) == (len(many), many[:MOST_KEPT])


def case(here: Office) -> Any:
    with here.app.database.read() as tx:
        found = kept(tx, RECEIPT)
    assert found
    return found


def test_a_bundle_is_made_aside_checked_and_gone_when_it_was_taken(here: Office, tmp_path: Path) -> None:
    bundles = Bundles(here.app)
    assert bundles.start(case(here), by="staff:li")
    bundles.wait()
    [job] = bundles.jobs()
    found = bundles.find(job.id)
    assert job.made and not job.runs and found
    _, file = found
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert faults(unpack(file, tmp_path / "out")) == 0
    assert evidence.verify(here.app).ok, "the file is no file of the archive, and no fault of it"
    bundles.forget(job.id)
    assert not file.exists() and bundles.find(job.id) is None and bundles.jobs() == ()


def test_a_bundle_that_nobody_takes_goes_after_an_hour_and_with_the_process(here: Office) -> None:
    bundles = Bundles(here.app)
    files = []
    for _ in range(2):
        assert bundles.start(case(here), by="staff:li")
        bundles.wait()
        found = bundles.find(bundles.jobs()[0].id)
        assert found
        files.append(found[1])
        here.now += LASTS - timedelta(minutes=1)
    assert len(bundles.jobs()) == 1
    assert [file.exists() for file in files] == [False, True]
    bundles.close()
    assert not files[1].exists()


def test_a_bundle_that_cannot_be_made_says_so_and_leaves_nothing(here: Office) -> None:
    (here.app.settings.archive / "HEAD").write_text("nonsense", encoding="utf-8")  # and so nothing is sealed
    bundles = Bundles(here.app)
    assert bundles.start(case(here), by="staff:li")
    bundles.wait()
    [job] = bundles.jobs()
    assert job.failed and not job.runs and bundles.find(job.id) is None
    assert list(here.app.scratch.folder.iterdir()) == []
