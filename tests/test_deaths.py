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
    """Dies over every workbook."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def decode(self, job: Any, *args: Any, **how: Any) -> bytes:
        if job is children.sheet_job:
            raise ChildFailed(self._reason, "told to die")
        return super().decode(job, *args, **how)


def noted(here: Office) -> list[Task]:
    with here.app.database.read() as tx:
        return [task for task in tasks.open_(tx) if task.kind == "reader_ended"]


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
