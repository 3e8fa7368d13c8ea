"""A child that dies over a file: its sender hears that the file cannot be read, and staff that somebody may mean harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from domain.mail import Intent, MailFacts, MailKind
from ingest import children
from ingest.child import ChildFailed
from ingest.deaths import Death, note_deaths
from storage import tasks
from storage.tasks import Task
from tests.builders import RECEIVED
from tests.mailbag.goods import ReadBefore, book, cover, reading_before
from tests.mailbag.post import Dialect, mail
from tests.office import Office, office, text_of


class Dying(ReadBefore):
    """Dies over every workbook, or while it does another job."""

    def __init__(self, reason: str, over: Any = children.sheet_job) -> None:
        self._reason, self._over = reason, over

    def decode(self, job: Any, *args: Any, **how: Any) -> bytes:
        if job is self._over:
            raise ChildFailed(self._reason, "told to die")
        return super().decode(job, *args, **how)


def noted(here: Office, kind: str = "reader_ended") -> list[Task]:
    with here.app.database.read() as tx:
        return [task for task in tasks.open_(tx) if task.kind == kind]


@pytest.mark.parametrize(
    ("reason", "told"),
    [("crash", "读取程序崩溃"), ("memory", "占用内存过多"), ("time", "用时过长")],
    ids=["crash", "memory", "time"],
)
def test_it_is_a_problem_of_the_file_and_a_task_for_staff(tmp_path: Path, reason: str, told: str) -> None:
    with office(tmp_path) as fresh:
        here = reading_before(fresh)
        here.app._sandbox = Dying(reason)  # type: ignore[assignment]
        workbook = book()
        here.box.deliver(mail(Dialect.QQ_WEB, workbook, cover(workbook)))
        assert here.run().failures == []
        [task] = noted(here)
        assert (task.subject, task.confidential) == ("mail:1", False)
        assert f"“{workbook.name}”（{told}）" in task.text
        assert list(here.cases().values()) == ["rejected"]
        assert workbook.name in text_of(here.letters.taken[0][0])


def test_who_reads_well_is_no_task(tmp_path: Path) -> None:
    with office(tmp_path) as fresh:
        here = reading_before(fresh)
        here.box.deliver(mail(Dialect.QQ_WEB, book()))
        here.run()
        assert noted(here) == []


def test_one_task_for_a_mail_confidential_where_the_mail_is_and_of_bounded_length(tmp_path: Path) -> None:
    facts = MailFacts(
        message_id=None, subject="", sender="", sender_name="", reply_to=None, envelope_sender=None, kind=MailKind.HUMAN,
        intent=Intent.COMPLAINT,
    )  # fmt: skip
    deaths = [Death(file=f"{number}{'长' * 500}", reason="crash") for number in range(40)]
    with office(tmp_path) as here:
        for _ in range(2):
            with here.app.database.begin() as tx:
                note_deaths(tx, 7, facts, deaths, RECEIVED)
        [task] = noted(here)
        assert task.confidential
        assert "等40个文件" in task.text
        assert len(task.text) < 1_500


@pytest.mark.parametrize(
    ("reason", "told"),
    [("time", "用时过长"), ("crash", "读取程序崩溃"), ("error", "程序出错，请告知维护人员")],
    ids=["time", "crash", "error"],
)
def test_a_workbook_that_cannot_be_marked_holds_up_no_letter_and_is_a_task(
    tmp_path: Path, reason: str, told: str
) -> None:
    with office(tmp_path, replies={"return_workbook": True}) as fresh:
        here = reading_before(fresh)
        here.app._sandbox = Dying(reason, over=children.mark_job)  # type: ignore[assignment]
        workbook = book("濮阳县", ("F4", ""))
        here.box.deliver(mail(Dialect.QQ_WEB, workbook, cover(workbook)))
        assert here.run().failures == []
        [task] = noted(here, "marker_ended")
        assert f"“{workbook.name}”（{told}）" in task.text
        assert noted(here) == []
        assert list(here.cases().values()) == ["rejected"]
        assert "F4" in text_of(here.letters.taken[0][0])
