"""What is stored of every decision is what the ledger vouches for; whatever is altered, removed or added is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from domain.cover import Cover, CoverPage, PageCell, SealKind, TextReading
from domain.submission import State, Submission
from storage import codec, ledger, schema, submissions
from storage.database import Database, Transaction
from storage.verify import Verification, verify
from tests.storage_values import NOON, cover, database, decide, submission

RECEIPT = submission().receipt
FIRST, LAST, STANDING = f"decision:{RECEIPT}/1", f"decision:{RECEIPT}/2", f"submission:{RECEIPT}"
LATER = NOON + timedelta(hours=1)
OLDER = frozenset({"record"})
OLDEST = frozenset({"record", "evidence"})


def kept(folder: Path, *, before: frozenset[str] = frozenset()) -> Database:
    """A submission that went to review on one comparison and was rejected by staff, each decision sealed."""
    base = database(folder)
    with base.begin() as tx:
        first = decide(tx, submission(state=State.REVIEW), before=before)
        ledger.seal(tx)
        [light] = submissions.list_(tx)
        assert light != first
        staff = replace(light, state=State.REJECTED, decided_by="staff:zhang", reason="印章不清")
        decide(tx, staff, at=LATER, before=before)
        ledger.seal(tx)
    return base


def audit(base: Database, *statements: str) -> Verification:
    with base.begin() as tx:
        for statement in statements:
            tx.execute(text(statement))
        return verify(tx)


def named(found: Verification) -> set[str]:
    return {fault.object for fault in found.faults}


@pytest.mark.parametrize("before", [frozenset(), OLDER, OLDEST])
def test_what_was_stored_and_left_alone_has_no_fault(tmp_path: Path, before: frozenset[str]) -> None:
    found = audit(kept(tmp_path, before=before))
    assert (found.faults, found.older) == ((), 2 if before else 0)


@pytest.mark.parametrize(
    ("statement", "objects"),
    [
        ("UPDATE submissions SET state = 'accepted'", {STANDING}),
        ("UPDATE submissions SET version = 9", {STANDING}),
        ("UPDATE submissions SET reporter = 'FX'", {STANDING}),
        ("UPDATE submissions SET late = NOT late", {STANDING}),
        ("UPDATE submissions SET decided_at = decided_at - 1", {STANDING}),
        ("UPDATE submissions SET document = 'x'", {STANDING}),
        ("UPDATE submissions SET cover_reading = NULL", {STANDING}),
        ("UPDATE submissions SET findings = cover_reading", {STANDING}),
        ("UPDATE submission_history SET document = 'x' WHERE row_version = 1", {FIRST}),
        ("UPDATE submission_history SET state = 'accepted' WHERE row_version = 1", {FIRST}),
        ("UPDATE submission_history SET reason = '' WHERE row_version = 2", {LAST}),
        ("UPDATE submission_history SET \"by\" = 'staff:li' WHERE row_version = 2", {LAST}),
        ("UPDATE submission_history SET codes = '[]' WHERE row_version = 1", {FIRST}),
        ("UPDATE submission_history SET at = at + 1 WHERE row_version = 1", {FIRST}),
        ("UPDATE submission_history SET findings = NULL WHERE row_version = 1", {FIRST}),
        ("UPDATE submission_history SET ledger_entry = NULL WHERE row_version = 1", {FIRST, STANDING}),
        ("UPDATE submission_history SET ledger_entry = 1", {LAST, STANDING}),
        ("DELETE FROM submission_history WHERE row_version = 1", {STANDING}),
        ("UPDATE submission_rows SET cells = '{}'", {STANDING}),
        ("UPDATE submission_rows SET hidden = NOT hidden", {STANDING}),
        ("DELETE FROM submission_problems", {STANDING}),
        ("UPDATE submission_problems SET message = '无'", {STANDING}),
        ("UPDATE submission_files SET size = 8", {STANDING}),
        ("UPDATE submission_mails SET sha256 = '00'", {STANDING}),
        ("DELETE FROM submission_message_ids", {STANDING}),
        ("INSERT INTO submission_senders SELECT receipt, 'b@example.cn' FROM submissions", {STANDING}),
        ("INSERT INTO readings VALUES ('00', '00')", {"reading:00"}),
        ("UPDATE readings SET data = 'x'", {FIRST, LAST}),
        pytest.param(
            "UPDATE submission_history SET codes = 'x' WHERE row_version = 1", {FIRST}, marks=pytest.mark.sqlite
        ),
        pytest.param("UPDATE submission_history SET at = 'x' WHERE row_version = 1", {FIRST}, marks=pytest.mark.sqlite),
        pytest.param("UPDATE submission_rows SET cells = 'x'", {STANDING}, marks=pytest.mark.sqlite),
        pytest.param("UPDATE submissions SET decided_at = 'z'", {STANDING}, marks=pytest.mark.sqlite),
    ],
)
def test_whatever_is_altered_is_named(tmp_path: Path, statement: str, objects: set[str]) -> None:
    assert named(audit(kept(tmp_path), statement)) == objects


def test_two_decisions_on_one_entry_are_named_and_so_is_the_entry_that_lost_its_own(tmp_path: Path) -> None:
    found = audit(kept(tmp_path), "UPDATE submission_history SET ledger_entry = 1")
    assert [fault.fault for fault in found.faults if fault.object == STANDING] == [
        "entry 1 tells of one decision, the records of 2",
        "entry 2 tells of a decision that is not in the records",
    ]


@pytest.mark.parametrize("change", ["kind = 'mail.received'", "subject = 'PY51-FX-20200227-01'", "body = '[]'"])
def test_an_entry_of_something_else_or_nothing_vouches_for_no_decision(tmp_path: Path, change: str) -> None:
    """That the entry was altered, the chain says; the decision must not pass for vouched for by it."""
    found = audit(kept(tmp_path), f"UPDATE ledger_entries SET {change} WHERE number = 1")  # noqa: S608
    told = [(fault.object, fault.fault) for fault in found.faults]
    assert ("entry:1", "altered") in told
    assert (FIRST, "no ledger entry vouches for it") in told
    assert found.older == 0


@pytest.mark.parametrize("before", [frozenset(), OLDER, OLDEST])
@pytest.mark.parametrize("change", [{"state": State.ACCEPTED}, {"reporter": "FX"}, {"version": 2}], ids=str)
def test_a_decision_told_otherwise_everywhere_but_in_the_ledger_is_named(
    tmp_path: Path, before: frozenset[str], change: dict[str, Any]
) -> None:
    """Document and columns agree with each other: of the oldest entries, what they say is all that can differ."""
    base = kept(tmp_path, before=before)
    with base.begin() as tx:
        case = submissions.load(tx, RECEIPT)
        assert case
        forged_document = codec.pack(replace(case, **change)).document.data
        for table, where in (("submissions", ""), ("submission_history", "WHERE row_version = 2")):
            columns = [name for name in change if name in schema.metadata.tables[table].c]
            put = ", ".join(f"{name} = :{name}" for name in ("document", *columns))
            statement = text(f"UPDATE {table} SET {put} {where}")  # noqa: S608
            tx.execute(statement, {"document": forged_document} | {name: change[name] for name in columns})
        found = verify(tx)
    assert named(found) == {LAST}
    assert found.faults[0].fault == "not what the ledger says of it"


def test_a_submission_without_any_decision_is_named(tmp_path: Path) -> None:
    assert STANDING in named(audit(kept(tmp_path), "DELETE FROM submission_history"))


def test_a_submission_put_back_to_an_earlier_decision_is_named(tmp_path: Path) -> None:
    columns = {name: name for name in ("state", "row_version", "document", "cover_reading", "findings")}
    columns["decided_at"] = "at"
    back = (f"{now} = (SELECT {then} FROM submission_history WHERE row_version = 1)" for now, then in columns.items())  # noqa: S608
    assert named(audit(kept(tmp_path), f"UPDATE submissions SET {', '.join(back)}")) == {STANDING}  # noqa: S608


def test_a_submission_removed_with_all_its_decisions_is_missed(tmp_path: Path) -> None:
    base = kept(tmp_path)
    tables = ("rows", "problems", "files", "mails", "message_ids", "senders", "history")
    gone = [f"DELETE FROM submission_{table}" for table in tables]  # noqa: S608
    found = audit(base, *gone, "DELETE FROM submissions", "DELETE FROM readings")
    assert [(fault.object, fault.fault.partition(" tells")[0]) for fault in found.faults] == [
        (STANDING, "entry 1"),
        (STANDING, "entry 2"),
        ("receipt_counters:PY51-PYX-20200227", "not at the last receipt that was given"),
    ]


def page_of(read: Cover) -> CoverPage:
    [page] = read.pages
    return page


def another_alternative(read: Cover) -> Cover:
    """The recogniser's second guess at a character is a little likelier: no picture, cell or seal shows it."""
    page = page_of(read)
    [cell] = page.cells
    [lattice] = cell.reading.lines
    lines = (((*lattice[0][:1], ("", -3.25)), *lattice[1:]),)
    return replace(read, pages=(replace(page, cells=(replace(cell, reading=replace(cell.reading, lines=lines)),)),))


def another_rim(read: Cover) -> Cover:
    page = page_of(read)
    [seal] = page.seals
    return replace(read, pages=(replace(page, seals=(replace(seal, rim=None),)),))


def another_kind(read: Cover) -> Cover:
    page = page_of(read)
    [seal] = page.seals
    return replace(read, pages=(replace(page, seals=(replace(seal, kind=SealKind.OTHER),)),))


def another_resolution(read: Cover) -> Cover:
    return replace(read, pages=(replace(page_of(read), dpi=201.0),))


def of_colour(read: Cover) -> Cover:
    return replace(read, pages=(replace(page_of(read), colour=False),))


def another_name(read: Cover) -> Cover:
    page = page_of(read)
    [seal] = page.seals
    return replace(read, pages=(replace(page, seals=(replace(seal, text="清丰县教育局"),)),))


FORGERIES = [another_alternative, another_rim, another_kind, another_resolution, of_colour, another_name]


def forged(case: Submission, forge: Callable[[Cover], Cover]) -> codec.Packed:
    assert case.cover
    assert isinstance(case.cover.reading, Cover)
    made = codec.pack(replace(case, cover=replace(case.cover, reading=forge(case.cover.reading)))).cover
    assert made
    return made


def in_place(tx: Transaction, made: codec.Packed) -> None:
    """Other bytes under the digest that stood."""
    changed = text("UPDATE readings SET data = :data WHERE digest = (SELECT cover_reading FROM submissions)")
    assert tx.execute(changed, {"data": made.data}).rowcount == 1


def under_its_own_digest(tx: Transaction, made: codec.Packed) -> None:
    """As whoever knows how readings are kept would do it."""
    tx.execute(text("INSERT INTO readings VALUES (:digest, :data)"), {"digest": made.digest, "data": made.data})
    for table in ("submissions", "submission_history"):
        tx.execute(text(f"UPDATE {table} SET cover_reading = :digest"), {"digest": made.digest})  # noqa: S608
    tx.execute(text("DELETE FROM readings WHERE digest NOT IN (SELECT cover_reading FROM submissions "
                    "UNION SELECT findings FROM submissions)"))  # fmt: skip


@pytest.mark.parametrize("put", [in_place, under_its_own_digest])
@pytest.mark.parametrize("forge", FORGERIES)
def test_any_change_of_a_reading_is_named_at_every_decision_that_rests_on_it(
    tmp_path: Path, forge: Callable[[Cover], Cover], put: Callable[[Transaction, codec.Packed], None]
) -> None:
    base = kept(tmp_path)
    with base.begin() as tx:
        case = submissions.load(tx, RECEIPT)
        assert case
        put(tx, forged(case, forge))
        found = verify(tx)
    assert named(found) == {FIRST, LAST}
    assert all("the reading of its cover" in fault.fault for fault in found.faults)
    assert all(("the seals" in fault.fault) is (forge is another_name) for fault in found.faults)


@pytest.mark.parametrize(("forge", "seen"), [(another_name, {FIRST, LAST}), (another_alternative, set())])
def test_entries_from_before_vouch_for_pictures_seals_and_cells_alone(
    tmp_path: Path, forge: Callable[[Cover], Cover], seen: set[str]
) -> None:
    """The second one shows what the ledger could not tell then, and still cannot of a decision of that time."""
    base = kept(tmp_path, before=OLDER)
    with base.begin() as tx:
        case = submissions.load(tx, RECEIPT)
        assert case
        under_its_own_digest(tx, forged(case, forge))
        assert named(verify(tx)) == seen


def test_a_decision_after_entries_from_before_vouches_for_all(tmp_path: Path) -> None:
    base = kept(tmp_path, before=OLDER)
    with base.begin() as tx:
        [case] = submissions.list_(tx)
        decide(tx, replace(case, state=State.ACCEPTED), at=LATER)
        whole = submissions.load(tx, RECEIPT)
        assert whole
        assert verify(tx).older == 2
        under_its_own_digest(tx, forged(whole, another_alternative))
        assert named(verify(tx)) == {f"decision:{RECEIPT}/3"}


_NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(st.text(max_size=2), _NUMBERS), max_size=4), _NUMBERS)
def test_a_reading_keeps_its_digest_through_every_storing(step: list[tuple[str, float]], dpi: float) -> None:
    """Fractions come back as they were, to the last bit: a decision on a light submission stores the same reading again."""
    read = cover()
    page = page_of(read)
    reading = TextReading(text="", confidence=dpi, lines=((tuple(step),),))
    cell = PageCell(row=0, column=0, box=page.cells[0].box, reading=reading)
    pages = (replace(page, cells=(cell,), dpi=dpi),)
    case = submission()
    assert case.cover
    made = replace(case, cover=replace(case.cover, reading=replace(read, pages=pages)))
    once = codec.pack(made)
    assert once.cover
    assert once.findings
    again = codec.pack(codec.unpack(once.document.data, once.cover.data, once.findings.data))
    assert again == once
    assert codec.digest_of(once.cover.data) == once.cover.digest
