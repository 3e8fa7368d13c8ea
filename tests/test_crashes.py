"""The process dies at every single step in turn; the passes after it must end with one decision and one reply each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from domain.mail import Intent, Origin
from domain.row_tables import MANY
from ingest import jobs, processing
from ingest.indexing import index_waiting
from ingest.passes import PassReport
from storage import inbox, search_waiting, submissions, tasks
from storage.blobs import BlobStore
from storage.database import Database, Transaction
from storage.inbox import MailStatus
from storage.search import Query, find
from storage.verify import verify
from tests.builders import RECEIVED
from tests.office import Known, Letters, MemoryMailbox, Office, mails, office, settings
from tests.parts import CLERK, STRANGER, scan, workbook
from tests.stores import compiled_once

SHEET = workbook()
RECEIPT = "PY51-PYX-20200227-01"


class Crash(BaseException):
    """Power cut: nothing that handles errors may catch it."""


class Fuse:
    """Blows at the n-th step."""

    def __init__(self, blows_at: int) -> None:
        self._left = blows_at

    def step(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise Crash

    @property
    def blown(self) -> bool:
        return self._left <= 0


class FusedDatabase(Database):
    """May die before a transaction, before its commit, and right after it."""

    def __init__(self, url: str, fuse: Fuse) -> None:
        super().__init__(url)
        self._fuse = fuse

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        self._fuse.step()
        with super().begin() as tx:
            yield tx
            self._fuse.step()
        self._fuse.step()


class FusedBlobs(BlobStore):
    """May die before and after each batch of files."""

    def __init__(self, folder: Path, fuse: Fuse) -> None:
        super().__init__(folder)
        self._fuse = fuse

    def put_many(self, items: Iterable[bytes]) -> list[str]:
        self._fuse.step()
        done = super().put_many(items)
        self._fuse.step()
        return done


class FusedLetters(Letters):
    """May die before the server has a letter and after; as QQ does, the provider keeps a copy in Sent."""

    def __init__(self, fuse: Fuse, provider: Letters, sent: set[str]) -> None:
        super().__init__()
        self._fuse, self._provider, self._sent = fuse, provider, sent

    def send(self, raw: bytes, to: str) -> None:
        self._fuse.step()
        self._provider.send(raw, to)
        self._sent.add(str(message_from_bytes(raw)["Message-ID"]))
        self._fuse.step()


class FusedMailbox(MemoryMailbox):
    """May die before and after a mail is moved."""

    def __init__(self, fuse: Fuse, server: MemoryMailbox) -> None:
        super().__init__()
        self._fuse, self.mails, self.filed, self.sent = fuse, server.mails, server.filed, server.sent

    def file(self, origin: Origin, destination: str) -> bool:
        self._fuse.step()
        done = super().file(origin, destination)
        self._fuse.step()
        return done


Story = Callable[[Office], None]


def two_parts(here: Office) -> None:
    here.mail("m1", SHEET)
    here.mail("m2", scan(SHEET), at=RECEIVED + timedelta(minutes=5))


def question(here: Office) -> None:
    here.mail("m1", sender=STRANGER, intent=Intent.QUESTION)


def through(folder: Path, fuse: Fuse, story: Story, *, server: MemoryMailbox, provider: Letters) -> dict[str, Known]:
    """One pass of a fused process over what the story delivered. → what the reader was told of its mails."""
    with office(folder) as here:
        here.box = server
        story(here)
        here.app.database = compiled_once(FusedDatabase(settings(folder).database_url, fuse))
        here.app.blobs = FusedBlobs(settings(folder).archive, fuse)
        here.app._mailboxes = {"main": FusedMailbox(fuse, server)}  # type: ignore[dict-item]
        here.app._smtp = FusedLetters(fuse, provider, server.sent)  # type: ignore[assignment]
        with suppress(Crash):
            here.run()
        return here.reader.mails


@pytest.mark.parametrize(
    ("story", "states", "replies"),
    [
        (two_parts, ["accepted"], [CLERK]),
        (question, [], [STRANGER]),
    ],
)
def test_whichever_step_is_the_last(tmp_path: Path, story: Story, states: list[str], replies: list[str]) -> None:
    for blows_at in range(1, 999):
        folder = tmp_path / str(blows_at)
        fuse, server, provider = Fuse(blows_at), MemoryMailbox(), Letters()
        told = through(folder, fuse, story, server=server, provider=provider)
        with office(folder) as here:
            here.box, here.letters = server, provider
            here.app._mailboxes = {"main": server}  # type: ignore[dict-item]
            here.app._smtp = FusedLetters(Fuse(0), provider, server.sent)  # type: ignore[assignment]
            here.reader.mails = told
            assert here.run().failures == []
            assert here.run(after=timedelta(minutes=11)).failures == []  # leases of the dead process have ended
            check(here, states, replies, blows_at)
        shutil.rmtree(folder)
        if not fuse.blown:
            return
    pytest.fail("the story never ends")


def check(here: Office, states: list[str], replies: list[str], step: int) -> None:
    assert (step, sorted(here.cases().values())) == (step, states)
    assert (step, sorted(to for _, to in here.letters.taken)) == (step, replies)
    with here.app.database.read() as tx:
        assert [row.status for row in mails(tx)] == [MailStatus.DONE] * len(here.box.mails)
        assert inbox.to_file(tx) == []
        assert (
            verify(tx, here.app.blobs, now=datetime.now(UTC) + timedelta(days=2)).faults == ()
        )  # no file is fresh any more
        assert not any(task.kind == "held" for task in tasks.open_(tx))
        for receipt in here.cases():
            case = submissions.load(tx, receipt)
            assert case is not None
            assert len(submissions.history(tx, receipt)) == len(case.mails)


def test_whichever_step_of_putting_many_rows_into_the_search_is_the_last(tmp_path: Path) -> None:
    many = workbook(*({"school": f"濮阳县第{number}小学"} for number in range(1, MANY + 2)), label="many")
    with office(tmp_path) as here:
        here.mail("m1", many)
        report = PassReport()
        jobs.poll(here.app, report)
        processing.process(here.app, report)
        whole = here.app.database
        for blows_at in (1, 2, 3):
            with here.app.database.begin() as tx:
                if blows_at > 1:
                    search_waiting.note(tx, RECEIPT, 1)
            here.app.database = compiled_once(FusedDatabase(settings(tmp_path).database_url, Fuse(blows_at)))
            with suppress(Crash):
                index_waiting(here.app)
            here.app.database = whole
            put_in = 0 if blows_at == 3 else 1  # after the commit nothing waits any more
            assert (blows_at, index_waiting(here.app)) == (blows_at, put_in)
            with whole.read() as tx:
                assert len(find(tx, Query(text=f"第{MANY + 1}小学")).hits) == 1
