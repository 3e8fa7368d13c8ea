"""`tasks`: what is open is listed, what is done is closed once, and what is confidential is shown to who asks for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.common import acting
from storage import ledger, tasks
from tests.office import office
from tests.parts import scan, workbook
from tests.shell import Shell


@pytest.fixture
def records(toml: Path) -> Path:
    with office(toml.parent) as here:
        sheet = workbook()
        here.mail("m1", sheet, scan(sheet))
        here.run()
        with here.app.database.begin() as tx:
            tasks.add(tx, "bounce", "PY51-PYX-20200227-01", "回复被退回，请打电话告知。")
            tasks.add(tx, "complaint", "mail:7", "有一封举报来信。", confidential=True)
    return toml


def test_open_tasks_are_listed_and_confidential_ones_when_asked_for(records: Path, baosong: Shell) -> None:
    shown = baosong("tasks", "list", "--config", records).out
    assert "bounce" in shown
    assert "回复被退回" in shown
    assert "举报" not in shown
    found = json.loads(baosong("tasks", "list", "--confidential", "--json", "--config", records).out)["tasks"]
    assert [(one["kind"], one["confidential"]) for one in found] == [("bounce", False), ("complaint", True)]


def test_a_closed_task_is_gone_and_the_ledger_knows_who_closed_it(records: Path, baosong: Shell) -> None:
    assert baosong("tasks", "close", "1", "--note", "已告知", "--config", records).status == 0
    ran = baosong("tasks", "list", "--config", records)
    assert (ran.status, ran.out) == (0, "")
    with office(records.parent) as here, here.app.database.read() as tx:
        entries = ledger.entries_of(tx, "task:1")
    assert [entry.kind for entry in entries] == [tasks.OPENED, tasks.CLOSED]
    assert acting() in str(entries[1].body)
    assert "已告知" not in str(entries[1].body)


def test_a_number_that_is_none_is_said(records: Path, baosong: Shell) -> None:
    ran = baosong("tasks", "close", "99", "--config", records)
    assert (ran.status, ran.out) == (1, "")
    assert "no task has the number 99" in ran.err
