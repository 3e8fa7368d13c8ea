"""What `show` says of the ledger entry behind a submission: gone or altered, from before, of another decision, or in order."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from domain.submission import State
from ingest import jobs
from ingest.evidence import kept, kept_evidence
from notifier.report import Vouched
from storage import ledger
from tests import storage_values
from tests.office import Office, office, only_case
from tests.parts import scan, workbook
from tests.shell import Ran, Shell
from tests.stores import POSTGRESQL, blob, by_hand

SHEET = workbook()
RECEIPT = "PY51-PYX-20200227-01"
_WITHOUT, _ANOTHER = (
    ("(body::jsonb - 'record')::text", "jsonb_set(body::jsonb, '{record}', '[1]')::text")
    if POSTGRESQL
    else ("json_remove(body, '$.record')", "json_set(body, '$.record', json('[1]'))")
)
DECISION = f"(SELECT id FROM ledger_entries WHERE kind = '{ledger.DECIDED}')"  # noqa: S608
UNSURE, LESS = "存证中查不到与这项决定相符的记录", "没有记其余的读数"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    """An office where one submission was decided."""
    (tmp_path / "baosong.toml").write_text("", encoding="utf-8")
    with office(tmp_path) as made:
        made.mail("m1", SHEET, scan(SHEET))
        made.run()
        yield made


def shown(baosong: Shell, folder: Path) -> tuple[Ran, str]:
    """What the command did, and the page it wrote."""
    page = folder / "r.html"
    ran = baosong("show", RECEIPT, "--report", page, "--json", "--config", folder / "baosong.toml")
    return ran, page.read_text(encoding="utf-8")


def test_of_an_honest_decision_nothing_is_said(here: Office, tmp_path: Path, baosong: Shell) -> None:
    ran, page = shown(baosong, tmp_path)
    assert (ran.status, UNSURE in page, LESS in page) == (0, False, False)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE submission_history SET ledger_entry = NULL",
        "UPDATE submission_history SET ledger_entry = 1",  # that of the mail
        "UPDATE submission_history SET ledger_entry = 999",
        "DELETE FROM submission_history",
        f"DELETE FROM ledger_entries WHERE id = {DECISION}",  # noqa: S608
        f"UPDATE ledger_entries SET kind = 'mail.received' WHERE id = {DECISION}",  # noqa: S608
        f"UPDATE ledger_entries SET subject = 'PY51-FX-20200227-01' WHERE id = {DECISION}",  # noqa: S608
        pytest.param(f"UPDATE ledger_entries SET at = 'x' WHERE id = {DECISION}", marks=pytest.mark.sqlite),  # noqa: S608
        f"UPDATE ledger_entries SET body = 'x' WHERE id = {DECISION}",  # noqa: S608
        f"UPDATE ledger_entries SET body = '[]' WHERE id = {DECISION}",  # noqa: S608
        f"UPDATE ledger_entries SET body = {_WITHOUT} WHERE id = {DECISION}",  # noqa: S608
        f"UPDATE ledger_entries SET body = {_ANOTHER} WHERE id = {DECISION}",  # noqa: S608
    ],
)
def test_an_entry_that_is_gone_or_altered_is_an_alarm_and_never_passes_for_an_old_one(
    here: Office, tmp_path: Path, baosong: Shell, statement: str
) -> None:
    with by_hand(tmp_path) as file:
        assert file.execute(statement).rowcount == 1
    ran, page = shown(baosong, tmp_path)
    assert ran.status == 1
    assert f"submission:{RECEIPT}: no ledger entry vouches for its last decision" in ran.err
    assert (UNSURE in page, LESS in page, "尚未封存" in page) == (True, False, False)


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE submissions SET document = {blob(bytes(1))}",  # noqa: S608
        "UPDATE submissions SET document = 'x'",
        f"UPDATE submissions SET document = {blob(zlib.compress(b'{}'))}",  # noqa: S608
        "UPDATE readings SET data = 'x'",
        pytest.param("UPDATE submission_history SET at = 'x'", marks=pytest.mark.sqlite),
        f"UPDATE submission_history SET at = {2**62}",  # noqa: S608
        pytest.param("UPDATE submission_history SET codes = 'x'", marks=pytest.mark.sqlite),
        pytest.param("UPDATE submission_history SET codes = CAST(x'ff' AS TEXT)", marks=pytest.mark.sqlite),
        "UPDATE submission_history SET state = 'x'",
    ],
)
def test_a_record_that_cannot_be_read_is_said_to_be_so(
    here: Office, tmp_path: Path, baosong: Shell, statement: str
) -> None:
    with by_hand(tmp_path) as file:
        assert file.execute(statement).rowcount >= 1
    ran = baosong("show", RECEIPT, "--config", tmp_path / "baosong.toml")
    assert (ran.status, ran.out) == (1, "")
    [line] = ran.err.splitlines()
    assert f"{RECEIPT}: its record cannot be read" in line
    assert "`baosong audit verify` names what is altered" in line


def entered_as(here: Office, *, kind: str = ledger.DECIDED, subject: str = RECEIPT, **changes: Any) -> None:
    """The decision gets another entry, sealed as an honest one; None takes something out of its body."""
    with here.app.database.begin() as tx:
        [before] = [each for each in ledger.entries_of(tx, RECEIPT) if each.kind == ledger.DECIDED]
        body = {name: value for name, value in (ledger.told(before.body) | changes).items() if value is not None}
        entry = ledger.append(tx, kind, subject, body, at=before.at)
        tx.execute(text("UPDATE submission_history SET ledger_entry = :entry"), {"entry": entry})
    jobs.seal(here.app)


@pytest.mark.parametrize(
    ("changes", "less", "differs"),
    [
        ({"record": None}, True, []),
        ({"record": None, "evidence": None}, True, []),
        ({"record": None, "evidence": None, "state": "review"}, True, ["document"]),
        ({"record": None, "evidence": {"pictures": [], "seals": "0", "cells": "0"}}, True, ["seals", "cells"]),
        ({"record": None, "evidence": [1]}, True, ["pictures", "seals", "cells"]),
        ({"record": [1]}, False, ["document", "cover", "findings"]),
        ({"record": "x"}, False, ["document", "cover", "findings"]),
        ({"version": 2}, False, ["document"]),
    ],
    ids=str,
)
def test_what_an_entry_has_is_compared_whatever_it_has(
    here: Office, tmp_path: Path, baosong: Shell, changes: dict[str, Any], less: bool, differs: list[str]
) -> None:
    entered_as(here, **changes)
    ran, page = shown(baosong, tmp_path)
    assert ran.status == (1 if differs else 0)
    named = [line.split(": ")[-1].split()[0] for line in ran.err.splitlines() if "not what the ledger has" in line]
    assert named == differs
    assert (LESS in page, UNSURE in page, "现存的记录与存证所记的不同" in page) == (less, False, bool(differs))


@pytest.mark.parametrize("other", [{"kind": "mail.received"}, {"subject": "PY51-FX-20200227-01"}], ids=str)
def test_an_honest_entry_of_something_else_vouches_for_nothing(
    here: Office, tmp_path: Path, baosong: Shell, other: dict[str, Any]
) -> None:
    entered_as(here, **other)
    ran, page = shown(baosong, tmp_path)
    assert (ran.status, UNSURE in page) == (1, True)


def test_a_decision_that_comes_meanwhile_does_not_accuse_what_was_read_before_it(here: Office) -> None:
    with here.app.database.read() as tx:
        found = kept(tx, RECEIPT)
    assert found
    later = replace(only_case(here), state=State.REJECTED, decided_by="staff:li", reason="印章不清")
    with here.app.database.begin() as tx:
        storage_values.decide(tx, later, at=here.now + timedelta(hours=1))
    proof = kept_evidence(here.app, found).proof
    assert (proof.vouched, proof.differs, len(found.history)) == (Vouched.WHOLE, (), 1)
    with here.app.database.read() as tx:
        after = kept(tx, RECEIPT)
    assert after
    assert (after.case.state, after.proof.differs, len(after.history)) == (State.REJECTED, (), 2)


def test_what_stands_in_the_ledger_is_shown_of_a_submission_without_a_cover_too(tmp_path: Path, baosong: Shell) -> None:
    (tmp_path / "baosong.toml").write_text("", encoding="utf-8")
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.run()
        with here.app.database.read() as tx:
            [entry] = [each for each in ledger.entries_of(tx, RECEIPT) if each.kind == ledger.DECIDED]
    document = baosong("show", RECEIPT, "--json", "--config", tmp_path / "baosong.toml").document
    assert document["cover"] is None
    assert sorted(document["evidence"]) == ["authorship", "difference", "record"]
    assert document["evidence"]["record"] == ledger.told(entry.body)["record"]
    assert document["evidence"]["record"]["document"]
