"""`export` and the table of the digest: of the records as they stand, for its owner alone, and told to the ledger."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from domain.masking import Viewer
from ingest import digest, digest_tables, export
from ingest.evidence import verify
from ingest.verdicts import decide
from notifier.digest import view
from storage import ledger, returns, state, submissions
from storage.codec import is_light
from storage.errors import Unusable
from tests.builders import NOTICE, RECEIVED, UNFILED, seal
from tests.office import Office, office
from tests.parts import file_of, of_unit, printed, scan, workbook
from tests.shell import Shell

HOUR = timedelta(hours=1)
SHEET = workbook({}, UNFILED)


def arrive(here: Office) -> None:
    """One that counts and one that replaces it, one that waits, and two schools that are on no list, one of them decided."""
    here.mail("first", SHEET, scan(SHEET))
    here.run()
    newer = workbook({}, UNFILED, {"app": "=1+1"}, label="newer")
    here.mail("newer", newer, scan(newer, label="newer scan"), at=RECEIVED + HOUR)
    other = of_unit("范县", label="fx")
    here.mail("faint", other, file_of(printed(other, seal(legible=False)), label="faint"))
    here.run(after=2 * HOUR)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        arrive(made)
        yield made


def table(data: bytes) -> list[list[object]]:
    sheet = openpyxl.load_workbook(BytesIO(data))["汇总表"]
    return [list(row) for row in sheet.iter_rows(min_row=5, values_only=True)]


def test_only_what_counts_now_is_in_the_table(here: Office) -> None:
    made = export.export(here.app, NOTICE, Viewer.OPERATOR)
    assert [(row[2], row[10]) for row in table(made.data)] == [
        ("智学网", "PY51-PYX-20200227-02"), ("智学网", "PY51-PYX-20200227-02"), ("=1+1", "PY51-PYX-20200227-02"),
    ]  # fmt: skip
    assert (made.rows, made.accepted, made.reporters) == (3, 1, 9)


def test_a_decision_of_staff_brings_its_rows_in(here: Office) -> None:
    decide(here.app, "PY51-FX-20200227-01", accept=True, reason="看清了", by="staff:zhang")
    rows = table(export.export(here.app, NOTICE, Viewer.OPERATOR).data)
    assert [row[9] for row in rows] == ["濮阳县"] * 3 + ["范县"]


def test_schools_on_no_list_all_count_when_staff_accepted_them(here: Office) -> None:
    for name in ("濮阳市第八中学", "濮阳市第九中学"):
        school = workbook({"unit": "市直", "school": name}, label=name, unit=name, title=f"{name}学习类APP统计备案表")
        here.mail(name, school, scan(school, label=f"{name} scan", seal=name))
    here.run(after=HOUR)
    waiting = [receipt for receipt, stands in here.cases().items() if stands == "review" and "-XX-" in receipt]
    assert len(waiting) == 2
    for receipt in waiting:
        decide(here.app, receipt, accept=True, reason="局属学校", by="staff:zhang")
    made = export.export(here.app, NOTICE, Viewer.OPERATOR)
    assert sorted(str(row[9]) for row in table(made.data)[3:]) == ["濮阳市第九中学", "濮阳市第八中学"]
    with here.app.database.read() as tx:
        assert made.rows == sum(one.row_count for one in returns.accepted(tx, NOTICE.id)) == 5


def test_rows_come_with_the_comparison_and_without_the_covers(here: Office) -> None:
    with here.app.database.read() as tx:
        [case] = submissions.compared(tx, ["PY51-PYX-20200227-02", "no such receipt"])
    assert is_light(case)
    assert case.findings and case.findings.cells


def test_more_rows_than_a_sheet_holds_are_refused_and_none_is_lost(here: Office) -> None:
    with pytest.raises(Unusable, match="3 rows are more than one sheet holds"):
        export.export(here.app, NOTICE, Viewer.OPERATOR, most=2)


def test_the_command_writes_a_private_file_and_tells_the_ledger(toml: Path, baosong: Shell, tmp_path: Path) -> None:
    with office(toml.parent) as made:
        arrive(made)
    file = tmp_path / "汇总.xlsx"
    old = os.umask(0)
    try:
        ran = baosong("export", file, "--for", "leadership", "--json", "--config", toml)
    finally:
        os.umask(old)
    told = ran.document
    assert (ran.status, told["rows"], told["accepted"], told["reporters"]) == (0, 3, 1, 9)
    assert told["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [str(row[5]) for row in table(file.read_bytes())] == ["139****5678"] * 3
    again = baosong("export", file, "--config", toml)
    assert "3 rows of 1 of 9 reporters (the file that was there is replaced)" in again.out
    assert [str(row[5]) for row in table(file.read_bytes())] == ["13912345678"] * 3
    with office(toml.parent) as made:
        with made.app.database.begin() as tx:
            ledger.seal(tx)
            entries = ledger.entries_of(tx, f"notice:{NOTICE.id}")
        bodies = [json.loads(entry.body) for entry in entries]
        assert [entry.kind for entry in entries] == ["access.export"] * 2
        assert [(body["viewer"], body["rows"]) for body in bodies] == [("leadership", 3), ("operator", 3)]
        assert bodies[0]["sha256"] == told["sha256"] and bodies[0]["by"].startswith("staff:")
        assert [fault for fault in verify(made.app).faults if fault.object != "HEAD"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["table.csv"], "must end in .xlsx"),
        (["nowhere/table.xlsx"], "there is no folder"),
        (["table.xlsx", "--for", "press"], "is not one of"),
        (["table.xlsx", "--notice", "other"], "no active notice has the id"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_read(
    toml: Path, baosong: Shell, tmp_path: Path, arguments: list[str], said: str
) -> None:
    ran = baosong("export", tmp_path / arguments[0], *arguments[1:], "--config", toml)
    assert ran.status == 2 and said in ran.err


@pytest.fixture
def with_table(tmp_path: Path) -> Iterator[Office]:
    staff = {"digest_to": ["duty@example.org", "chief@example.org"], "digest_attaches_table": True}
    with office(tmp_path, staff=staff) as made:
        arrive(made)
        yield made


def attached(raw: bytes) -> list[tuple[str, bytes]]:
    message = message_from_bytes(raw, policy=default)
    return [(str(part.get_filename()), part.get_content()) for part in message.iter_attachments()]


def digests(here: Office) -> list[bytes]:
    return [raw for raw, to in here.letters.taken if to in ("duty@example.org", "chief@example.org")]


def test_the_digest_carries_the_masked_table_when_asked_to(with_table: Office) -> None:
    with_table.now = with_table.now.replace(hour=23, minute=59, second=59)
    with_table.run()
    first, second = digests(with_table)
    [(name, data)] = attached(first)
    assert name == "PY51-学习类APP统计备案表汇总-20200227.xlsx"
    assert attached(second) == [(name, data)]
    assert [(row[4], row[5]) for row in table(data)] == [("（略）", "139****5678")] * 3
    assert "附：已受理材料的汇总表" in str(message_from_bytes(first, policy=default).get_body(("plain",)).get_content())  # type: ignore[union-attr]
    with with_table.app.database.read() as tx:
        entry = ledger.entries_of(tx, f"notice:{NOTICE.id}")[-1]
        assert state.keys(tx, "digest:table:") == frozenset()
    assert json.loads(entry.body)["sha256"] == hashlib.sha256(data).hexdigest()
    assert verify(with_table.app).ok


def test_a_table_too_large_for_a_mail_is_left_out_and_that_is_said(with_table: Office) -> None:
    found = digest_tables.made(with_table.app, with_table.now.date(), largest=1000)
    assert found == digest_tables.Tables(too_large=True)
    with with_table.app.database.read() as tx:
        told = digest.gather(with_table.app, tx, with_table.now)
    assert "汇总表太大，没有附上" in view(replace(told, table_too_large=True)).closing


def test_a_table_that_a_crash_left_is_taken_up_again(with_table: Office) -> None:
    day = with_table.now.astimezone(NOTICE.zone).date()
    [left] = digest_tables.made(with_table.app, day).attachments
    with_table.now += timedelta(minutes=5)
    digest.put(with_table.app)
    with_table.run()
    [(_, data)] = attached(digests(with_table)[0])
    assert hashlib.sha256(data).hexdigest() == left.sha256
    with_table.now += timedelta(minutes=5)
    digest.put(with_table.app, again=True)
    with_table.run()
    [(_, data)] = attached(digests(with_table)[-1])
    assert hashlib.sha256(data).hexdigest() != left.sha256
