"""Whatever a clerk sends: whole mails of many structures and programs go through the worker, and end as the table says."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from domain.submission import State
from storage import inbox, submissions
from tests.builders import RECEIVED
from tests.mailbag import forms_of_mail, kinds_of_mail, packed
from tests.mailbag.goods import reading_before
from tests.mailbag.post import Dialect
from tests.mailbag.table import ALWAYS, Structure, structure
from tests.office import Office, office

STRUCTURES = [
    *(structure(at, name, mails, outcome) for at, (name, mails, outcome) in enumerate(forms_of_mail.LINES)),
    *(
        structure(at, name, mails, *outcome, letters=letters)
        for at, (name, mails, outcome, letters) in enumerate(kinds_of_mail.LINES)
    ),
    *(structure(at, name, mails, *outcome) for at, (name, mails, outcome) in enumerate(packed.LINES)),
]
CASES = [
    pytest.param(each, dialect, marks=[pytest.mark.sqlite] * (number > 0), id=f"{each.name}, {dialect}")
    for each in STRUCTURES
    for number, dialect in enumerate(each.dialects)
]
"""On PostgreSQL in one program's way: how programs write mails is read before any record is made."""


def outcomes(here: Office) -> list[str]:
    """What stands of every submission by receipt, then the dispositions of the mails that are none."""
    with here.app.database.read() as tx:
        cases = sorted(submissions.list_(tx), key=lambda case: case.receipt.rpartition("-")[2] + case.receipt)
        rows = [inbox.load(tx, number) for number in range(1, len(here.box.mails) + 1)]
    found = []
    for case in cases:
        codes = sorted({problem.code for problem in case.problems} - ALWAYS)
        found.append(" ".join([str(case.state), *(codes if case.state is not State.SUPERSEDED else ())]))
    return found + [str(row.disposition) for row in rows if row.disposition != inbox.SUBMISSION]


def deliver(here: Office, each: Structure, dialect: Dialect) -> None:
    """The mails one after the other, each met by a whole pass."""
    reading_before(here)
    for mail in each.mails(dialect):
        here.now = RECEIVED + timedelta(hours=mail.hours)
        here.box.deliver(mail.raw, here.now, mail.folder)
        report = here.run()
        assert report.failures == []


@pytest.mark.parametrize(("each", "dialect"), CASES)
def test_a_mail_ends_as_the_table_says(tmp_path: Path, each: Structure, dialect: Dialect) -> None:
    with office(tmp_path) as here:
        deliver(here, each, dialect)
        assert outcomes(here) == list(each.outcome)
        assert len(here.letters.taken) == each.letters


def test_the_bag_is_large_enough_to_be_believed() -> None:
    """At least 150 mails of 40 structures, each in two programs' ways."""
    assert len(STRUCTURES) >= 75
    assert len({each.name for each in STRUCTURES}) == len(STRUCTURES)
    assert all(len(set(each.dialects)) == 2 for each in STRUCTURES)
    assert {dialect for each in STRUCTURES for dialect in each.dialects} == set(Dialect)
