"""Submissions: what is saved comes back whole, and nobody's decision is overwritten unseen."""

from __future__ import annotations

import json
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from domain.cover import Cover, CoverFailure
from domain.sheet import Sheet, SheetFailure
from domain.submission import State, Submission
from ingest.bundle_kit.verify import rows_of
from storage import codec, ledger, submissions
from storage.database import Transaction
from storage.errors import Conflict, NotFound
from tests.storage_values import NOON, cover, database, sha, submission


def _failed() -> Submission:
    whole = submission()
    assert whole.sheet
    assert whole.cover
    sheet = SheetFailure(file="a.xlsx", sha256=sha("s"), code="sheet.wrong_form", missing_columns=("电话",))
    failure = CoverFailure(file="b.pdf", sha256=sha("c"), code="cover.encrypted")
    return replace(
        whole, sheet=replace(whole.sheet, reading=sheet), cover=replace(whole.cover, reading=failure), findings=None
    )


@pytest.mark.parametrize(
    "value",
    [submission(), _failed(), submission(sheet=None), submission(cover=None, findings=None, reporter=None)],
    ids=["whole", "failures", "cover alone", "workbook alone"],
)
def test_what_is_saved_comes_back(tmp_path: Path, value: Submission) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        saved = submissions.save(tx, value, at=NOON)
    with base.read() as tx:
        assert saved == replace(value, row_version=1)
        assert submissions.load(tx, value.receipt) == saved
        (found,) = submissions.standing(tx, "n", value.reporter)
        assert found == (saved if value.findings is None else codec.light(saved))
        assert submissions.load(tx, "none") is None


def _saying(text: str, rows: int) -> Submission:
    """Rows that say this, some of them hidden, on two sheets."""
    whole = submission()
    assert whole.sheet and isinstance(whole.sheet.reading, Sheet)
    row = whole.sheet.reading.rows[0]
    said = [
        replace(
            row, number=number, hidden=number % 7 == 0, sheet="二月" if number > 500 else "",
            cells={key: replace(cell, text=text, address=f"{cell.address[0]}{number}") for key, cell in row.cells.items()},
        )
        for number in range(1, rows + 1)
    ]  # fmt: skip
    book = replace(whole.sheet.reading, rows=tuple(said))
    return replace(whole, sheet=replace(whole.sheet, reading=book), rivals=(whole.sheet,))


@pytest.mark.parametrize("rows", [1, 998, 1001])
@pytest.mark.parametrize("text", ["甲", ',"row_tables":', "\\", '"', "，\n", "}"])
def test_rows_come_back_whatever_they_say_and_however_many_they_are(text: str, rows: int) -> None:
    value = _saying(text, rows)
    packed = codec.pack(value)
    assert packed.cover and packed.findings
    assert (b',"row_tables":[' in zlib.decompress(packed.document.data)) == (rows > 1000)
    assert codec.unpack(packed.document.data, packed.cover.data, packed.findings.data) == value


def test_lists_are_light(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        submissions.save(tx, submission())
        (light,) = submissions.list_(tx)
    assert light.cover
    assert isinstance(light.cover.reading, Cover)
    (page,) = light.cover.reading.pages
    assert page.cells == ()
    assert [(seal.text, seal.rim) for seal in page.seals] == [("濮阳县教育局", None)]
    assert light.findings
    assert (light.row_count, light.findings.compared, light.findings.matched) == (1, 1, 0)


def test_saving_a_light_submission_keeps_the_evidence(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        stored = submissions.save(tx, submission())
        (light,) = submissions.standing(tx, "n", "PYX")
        assert light != stored
        saved = submissions.save(tx, replace(light, state=State.SUPERSEDED))
        again = submissions.load(tx, stored.receipt)
    assert again == replace(stored, state=State.SUPERSEDED, row_version=saved.row_version)


def test_broken_names_stop_nothing(tmp_path: Path) -> None:
    whole = submission()
    assert whole.sheet
    broken = replace(whole.sheet, file=replace(whole.sheet.file, name="a\udcff\x00.xlsx"))
    base = database(tmp_path)
    with base.begin() as tx:
        submissions.save(tx, replace(whole, sheet=broken))
        found = submissions.load(tx, whole.receipt)
        names = tx.execute(text("SELECT name FROM submission_files ORDER BY position")).scalars().all()
    assert found
    assert found.sheet
    assert found.sheet.file.name.startswith("a\ufffd")
    assert names == ["a\ufffd\ufffd.xlsx", "扫描.pdf"]


def test_a_value_json_lacks_is_refused_when_saved(tmp_path: Path) -> None:
    whole = submission()
    assert whole.cover
    page = cover().pages[0]
    wrong = replace(cover(), pages=(replace(page, quality=float("nan")),))
    base = database(tmp_path)
    with base.begin() as tx, pytest.raises(ValueError, match="JSON"):
        submissions.save(tx, replace(whole, cover=replace(whole.cover, reading=wrong)))


def test_every_decision_is_kept_whole(tmp_path: Path) -> None:
    base = database(tmp_path)
    first = submission(state=State.REVIEW)
    with base.begin() as tx:
        entry = ledger.append(tx, "decision", first.receipt, {"state": "review"})
        stored = submissions.save(tx, first, at=NOON, enter=lambda record: entry)
        later = NOON + timedelta(hours=1)
        staff = replace(stored, state=State.REJECTED, decided_by="zhang", reason="印章不清", problems=())
        newer = submissions.save(tx, staff, at=later)
        history = submissions.history(tx, first.receipt)
        assert [(item.at, item.state, item.by, item.reason, item.codes, item.ledger_number) for item in history] == [
            (NOON, State.REVIEW, "machine", "", ("timing.late",), entry),
            (later, State.REJECTED, "zhang", "印章不清", (), None),
        ]
        assert submissions.as_decided(tx, first.receipt, 1) == stored
        assert submissions.as_decided(tx, first.receipt, 2) == newer == submissions.load(tx, first.receipt)
        with pytest.raises(NotFound):
            submissions.as_decided(tx, first.receipt, 3)
        counts = {
            table: tx.execute(text(f"SELECT count(*) FROM {table}")).scalar()  # noqa: S608
            for table in ("submission_rows", "submission_problems", "submission_files", "readings")
        }
        assert counts == {"submission_rows": 1, "submission_problems": 0, "submission_files": 2, "readings": 2}


def test_an_outdated_decision_conflicts(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        stored = submissions.save(tx, submission(state=State.REVIEW))
        submissions.save(tx, replace(stored, state=State.ACCEPTED))
    for outdated in (stored, submission()):
        with pytest.raises(Conflict), base.begin() as tx:
            submissions.save(tx, replace(outdated, state=State.REJECTED))
    with base.read() as tx:
        found = submissions.load(tx, stored.receipt)
        assert found
        assert found.state is State.ACCEPTED
        assert len(submissions.history(tx, stored.receipt)) == 2


def test_of_two_decisions_at_once_one_counts(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        stored = submissions.save(tx, submission(state=State.REVIEW))

    def decide(state: State) -> bool:
        try:
            with base.begin() as tx:
                submissions.save(tx, replace(stored, state=state))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(decide, (State.ACCEPTED, State.REJECTED))) == 1


def test_a_case_moves_on_once(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        assert submissions.case_version(tx, "n", "PYX") == 0
        submissions.advance_case(tx, "n", "PYX", 0)
        submissions.advance_case(tx, "n", "PYX", 1)
        assert submissions.case_version(tx, "n", "PYX") == 2
        for outdated in (0, 1):
            with pytest.raises(Conflict):
                submissions.advance_case(tx, "n", "PYX", outdated)


def test_receipts_are_given_once(tmp_path: Path) -> None:
    base = database(tmp_path)
    day = date(2020, 2, 27)

    def receipt(_: int) -> str:
        with base.begin() as tx:
            return submissions.next_receipt(tx, short="PY51", code="PYX", day=day)

    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(receipt, range(101)))
    assert sorted(given) == sorted({f"PY51-PYX-20200227-{serial:02d}" for serial in range(1, 102)})
    with base.begin() as tx:
        assert submissions.next_receipt(tx, short="PY51", code="XX", day=day) == "PY51-XX-20200227-01"
        assert submissions.next_receipt(tx, short="PY51", code="PYX", day=date(2020, 2, 28)).endswith("20200228-01")


def test_versions_count_per_reporter(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        assert submissions.next_version(tx, "n", "PYX") == 1
        submissions.save(tx, submission(version=4))
        assert submissions.next_version(tx, "n", "PYX") == 5
        assert submissions.next_version(tx, "n", "FX") == 1
        assert submissions.next_version(tx, "other", "PYX") == 1
        assert submissions.next_version(tx, "n", None) == 1


def _many(tx: Transaction, *cases: tuple[str, int, State]) -> None:
    for receipt, minutes, state in cases:
        submissions.save(tx, submission(receipt, minutes=minutes, state=state))


def test_standing_is_newest_first_and_misses_nothing_open(tmp_path: Path) -> None:
    base = database(tmp_path)
    rejected = [(f"R{minute}", minute, State.REJECTED) for minute in range(5, 9)]
    with base.begin() as tx:
        _many(tx, ("A", 1, State.ACCEPTED), ("I", 2, State.INCOMPLETE), ("S", 3, State.SUPERSEDED), *rejected)
        submissions.save(tx, submission("same time", minutes=8, uid=2))
        submissions.save(tx, submission("other", reporter="FX"))
        found = [case.receipt for case in submissions.standing(tx, "n", "PYX", limit=3)]
        assert found == ["same time", "R8", "R7", "I", "A"]
        assert len(submissions.standing(tx, "n", "PYX")) == 8


def test_lists_are_filtered(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        _many(tx, ("A", 0, State.ACCEPTED), ("B", 5, State.REJECTED))
        submissions.save(tx, submission("C", minutes=9, reporter="FX"))

        def receipts(**query: object) -> list[str]:
            return [case.receipt for case in submissions.list_(tx, **query)]  # type: ignore[arg-type]

        assert receipts() == ["C", "B", "A"]
        assert receipts(state=State.ACCEPTED) == ["C", "A"]
        assert receipts(reporter="PYX") == ["B", "A"]
        assert receipts(notice="other") == []
        assert receipts(since=NOON + timedelta(minutes=5)) == ["C", "B"]
        assert receipts(limit=1) == ["C"]


def test_found_by_mail_and_message_id(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        saved = submissions.save(tx, submission(message_ids=("<a>", "<b>", "<a>"), mails=("1" * 64, "2" * 64)))
        assert submissions.by_message_id(tx, "<b>") == (saved,) == submissions.by_mail(tx, "2" * 64)
        assert submissions.by_message_id(tx, "<c>") == () == submissions.by_mail(tx, "3" * 64)


def test_grace_ends_by_its_time(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        submissions.save(tx, submission("I", state=State.INCOMPLETE, grace_ends=NOON))
        submissions.save(tx, submission("J", state=State.INCOMPLETE, grace_ends=NOON - timedelta(hours=1)))
        submissions.save(tx, submission("A", grace_ends=NOON))
        assert submissions.due_grace(tx, NOON - timedelta(microseconds=1)) == ("J",)
        assert submissions.due_grace(tx, NOON) == ("J", "I")
        assert [case.receipt for case in submissions.open_incomplete(tx, "n")] == ["J", "I"]


def test_senders_are_those_of_accepted_submissions(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        stored = submissions.save(tx, submission("A", sender="boss@example.cn"))
        submissions.save(tx, submission("B", state=State.REVIEW, sender="stranger@example.cn"))
        assert submissions.senders(tx, "n", "PYX") == {"a@example.cn", "boss@example.cn"}
        stored = submissions.save(tx, replace(stored, state=State.SUPERSEDED))
        assert submissions.senders(tx, "n", "PYX") == {"a@example.cn", "boss@example.cn"}
        submissions.save(tx, replace(stored, state=State.REJECTED))
        assert submissions.senders(tx, "n", "PYX") == set()
        assert submissions.senders(tx, "n", "FX") == set()


def test_the_checker_of_bundles_reads_the_rows_of_large_records() -> None:
    value = _saying("甲", 1001)
    assert value.sheet and isinstance(value.sheet.reading, Sheet)
    document = json.loads(zlib.decompress(codec.pack(value).document.data))
    assert rows_of(document) == [
        [row.number, {key: cell.text for key, cell in row.cells.items()}] for row in value.sheet.reading.rows
    ]
