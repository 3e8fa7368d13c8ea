"""Several machines over one PostgreSQL: all process, one leads, another takes its place."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ingest.app import App
from ingest.configured import limits_of, own_identity
from ingest.members import Member
from storage import ledger, submissions, tasks
from storage.blobs import BlobStore
from storage.database import Database
from storage.errors import Busy
from storage.verify import verify
from tests.builders import NOTICE, RECEIVED
from tests.office import KnowingReader, Letters, MemoryMailbox, settings
from tests.parts import of_unit, scan
from tests.servers.postgresql import FEW, Databases, cluster
from tests.shell import Shell
from tests.waiting import PATIENCE, wait

UNITS = ("濮阳县", "范县", "台前县", "清丰县", "南乐县", "华龙区")


@pytest.fixture(scope="module")
def server() -> Iterator[Databases]:
    with cluster(more=FEW) as url:
        yield Databases(url)


@dataclass
class Province:
    """One mailbox, one database and one archive; machines by the dozen."""

    folder: Path
    url: str
    box: MemoryMailbox = field(default_factory=MemoryMailbox)
    letters: Letters = field(default_factory=Letters)
    reader: KnowingReader = field(default_factory=KnowingReader)
    stack: ExitStack = field(default_factory=ExitStack)

    def machine(self, reader: Any = None, places: int = 2) -> App:
        made = settings(self.folder, storage={"database": self.url}, staff={"digest_at": "23:59:59"})
        app = App(
            settings=made,
            notices=(replace(NOTICE, reminders=()),),
            database=Database(made.database_url),
            blobs=BlobStore(made.archive),
            own=own_identity(made),
            limits=limits_of(made),
            clock=lambda: RECEIVED,
            pace_sending=False,
            places=places,
            _reader=reader or self.reader,
            _mailboxes={"main": self.box},  # type: ignore[dict-item]
            _smtp=self.letters,  # type: ignore[arg-type]
        )
        self.stack.callback(app.close)
        app.database.upgrade()
        return app

    def mails(self, units: tuple[str, ...], label: str = "") -> None:
        for unit in units:
            sheet = of_unit(unit, label=f"{unit} {label}")
            seal = f"{unit}教育局"
            self.box.deliver(
                self.reader.tell(f"{unit} {label}", sheet, scan(sheet, label=f"scan of {unit} {label}", seal=seal))
            )

    def decided(self, app: App) -> dict[str, str]:
        with app.database.read() as tx:
            return {case.receipt: str(case.state) for case in submissions.list_(tx)}


@pytest.fixture
def province(tmp_path: Path, server: Databases, request: pytest.FixtureRequest) -> Iterator[Province]:
    name = f"p{abs(hash(request.node.name)):x}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    made = Province(folder=tmp_path, url=server.url(name))
    with made.stack:
        yield made


@contextmanager
def running(app: App, **more: Any) -> Iterator[Member]:
    assert app.queue is not None
    member = Member(app=app, queue=app.queue, try_seconds=0.3, **more)
    thread = threading.Thread(target=member.run)
    thread.start()
    try:
        yield member
    finally:
        member.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


@dataclass
class Meeting:
    """A reader that waits until another machine reads as well."""

    reader: KnowingReader
    barrier: threading.Barrier
    met: bool = False

    def read(self, raw: bytes, **more: Any) -> Any:
        if not self.met:
            self.met = True
            self.barrier.wait()
        return self.reader.read(raw, **more)


def test_all_process_and_each_mail_is_decided_and_answered_once(province: Province) -> None:
    barrier = threading.Barrier(2, timeout=PATIENCE)
    leader, other = (province.machine(Meeting(province.reader, barrier), places=1) for _ in range(2))
    province.mails(UNITS)
    with running(leader), running(other, may_lead=False):
        wait(lambda: len(province.letters.taken) == len(UNITS))
    assert sorted(province.decided(leader).values()) == ["accepted"] * len(UNITS)
    assert len(province.letters.taken) == len({to for _, to in province.letters.taken}) or len(
        province.letters.taken
    ) == len(UNITS)
    assert sorted(uid for uid, _ in province.box.filed) == list(range(1, len(UNITS) + 1))
    with leader.database.begin() as tx:
        ledger.seal(tx, at=RECEIVED)
    with leader.database.read() as tx:
        assert verify(tx, leader.blobs).faults == ()


def test_mails_of_one_unit_on_two_machines_leave_one_accepted(province: Province) -> None:
    leader, other = province.machine(), province.machine()
    for number in range(6):
        province.mails(UNITS[:1], label=str(number))
    with running(leader), running(other, may_lead=False):
        wait(lambda: len(province.decided(leader)) == 6 and not leader.queue.handed_out())  # type: ignore[union-attr]
    assert sorted(province.decided(leader).values()) == ["accepted", *["superseded"] * 5]


def test_a_worker_as_a_process_works_until_it_is_told_to_end(province: Province, tmp_path: Path) -> None:
    leader = province.machine()
    file = tmp_path / "baosong.toml"
    account = 'url = "imap://bureau%40example.org@127.0.0.1:1/INBOX"'
    file.write_text(f'[mailbox]\n{account}\n[storage]\ndatabase = "{province.url}"\n', encoding="utf-8")
    command = [sys.executable, "-c", "from cli.main import main; main()", "worker", "--config", str(file)]
    worker = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert worker.stderr
    assert any("member_started" in line for line in worker.stderr)
    assert _is_member(leader)
    worker.send_signal(signal.SIGTERM)
    said = worker.communicate(timeout=PATIENCE)[1]
    assert worker.returncode == 0 and "member_stopped" in said


@pytest.mark.sqlite
def test_on_sqlite_no_further_machine_can_help(toml: Path, baosong: Shell) -> None:
    ran = baosong("worker", "--config", toml)
    assert ran.status == 2
    assert "workers share a PostgreSQL server; on SQLite `baosong run` does it all" in ran.err


def test_another_leads_when_the_leader_ends(province: Province) -> None:
    first, second = province.machine(), province.machine()
    province.mails(UNITS[:1])
    with running(second) as standing_by:
        with running(first):
            wait(lambda: len(province.decided(first)) == 1)
        province.mails(UNITS[1:2])
        wait(lambda: len(province.decided(second)) == 2)
        assert not standing_by.stopping.is_set()
    assert set(province.decided(second).values()) == {"accepted"}


def test_who_must_be_alone_waits_for_all_and_keeps_all_away(province: Province) -> None:
    app, other = province.machine(), province.machine()
    with running(app, may_lead=False), pytest.raises(Busy, match="another member"):
        wait(lambda: _is_member(other))
        with other.database.nobody_at_work():
            pytest.fail("beside somebody at work")
    with other.database.nobody_at_work():
        assert app.queue is not None
        with pytest.raises(Busy, match="another member"):
            Member(app=app, queue=app.queue).run()


def _is_member(app: App) -> bool:
    try:
        with app.database.nobody_at_work():
            return False
    except Busy:
        return True


def test_what_the_queue_lost_is_handed_out_again(province: Province, server: Databases) -> None:
    leader = province.machine()
    province.mails(UNITS[:3])
    name = province.url.rpartition("/")[2].partition("?")[0]
    assert leader.queue is not None
    leader.queue.prepare(leader.database)
    leader.queue.hand_out({1: 0, 2: 0})
    with server.connect(name) as hand:
        hand.execute("TRUNCATE procrastinate.procrastinate_jobs CASCADE")
    with running(leader):
        wait(lambda: len(province.decided(leader)) == 3)


def test_a_mail_that_fails_for_a_while_is_tried_again_and_tells_nobody_twice(province: Province) -> None:
    leader = province.machine()
    province.mails(UNITS[:2])
    province.reader.raising[UNITS[0] + " "] = [RuntimeError("unforeseen")]
    with running(leader):
        wait(lambda: bool(province.letters.taken) and _held(leader))
    assert len(province.letters.taken) == len(province.decided(leader)) == 1


def _held(app: App) -> bool:
    with app.database.read() as tx:
        return [task.kind for task in tasks.open_(tx)] == ["held"]
