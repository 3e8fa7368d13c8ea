"""Retention: what has been kept long enough is erased by a person's word, a tombstone stays, and the audit holds it to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import SettingsError
from ingest import jobs, processing, retention
from ingest.evidence import verify
from ingest.mailbox import FetchedMail
from ingest.passes import PassReport
from storage import inbox, tasks
from storage import retention as records
from storage.errors import Busy
from storage.senders import KnownAddress, confirm
from tests.builders import NOTICE, RECEIVED
from tests.office import KnowingReader, Office, office
from tests.parts import CLERK, of_unit, scan, workbook
from tests.shell import Shell
from tests.stores import by_hand, copied, dump

OWNER = "濮阳市教育信息中心"
LATER = RECEIVED.replace(year=RECEIVED.year + 11)
SHEET = workbook({"contact": "王小红", "phone": "13912345678"})
OTHER = of_unit("范县", label="fan")


@dataclass(frozen=True, kw_only=True)
class Past:
    """What was done eleven years ago: made once, since every test begins with it."""

    folder: Path
    reader: KnowingReader
    mails: list[FetchedMail]


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """Two returns, one superseded, one of another unit, and a question, all answered."""
    folder = tmp_path_factory.mktemp("past")
    with office(folder, retention={"owner": OWNER}) as made:
        made.mail("m1", SHEET, scan(SHEET))
        made.mail("m2", workbook({"contact": "李大明"}, label="new"), scan(workbook({"contact": "李大明"}), label="s2"),
                  at=RECEIVED + timedelta(hours=1))  # fmt: skip
        made.mail("m3", OTHER, scan(OTHER, label="fan scan", seal="范县教育局"),
                  at=RECEIVED + timedelta(hours=2), sender="fx@example.cn")  # fmt: skip
        made.mail("q1", at=RECEIVED + timedelta(hours=3), sender="asks@example.cn")
        made.run()
        return Past(folder=folder, reader=made.reader, mails=made.box.mails)


@pytest.fixture
def here(tmp_path: Path, past: Past) -> Iterator[Office]:
    copied(past.folder, tmp_path)
    with office(tmp_path, retention={"owner": OWNER}) as made:
        made.reader.mails |= past.reader.mails
        made.box.mails += past.mails
        made.box.delivered = len(past.mails)
        made.now = LATER
        yield made


def receipts(here: Office) -> list[str]:
    return sorted(here.cases())


def erase(here: Office) -> retention.Erased:
    return retention.erase(here.app, before=None, by="staff:test")


def faults(here: Office) -> list[str]:
    return [f"{fault.object}: {fault.fault}" for fault in verify(here.app).faults]


def test_nothing_is_due_before_its_time(here: Office) -> None:
    here.now = RECEIVED + timedelta(days=3650)
    assert retention.due(here.app) == ()
    assert erase(here) == retention.Erased(cases=0, mails=0, files=0)
    assert len(receipts(here)) == 3


def test_the_time_counts_from_the_deadline_where_that_is_later(here: Office) -> None:
    assert NOTICE.deadline > RECEIVED
    here.now = records.after_years(NOTICE.deadline, 10) - timedelta(seconds=1)
    assert [each.name for each in retention.due(here.app)] == ["mail:4"]  # belongs to no notice
    here.now += timedelta(seconds=1)
    assert {each.name for each in retention.due(here.app)} == {"mail:4", *receipts(here)}


def test_a_notice_may_set_its_own_time(here: Office) -> None:
    here.app.notices = (replace(NOTICE, retention_years=30),)
    assert [each.name for each in retention.due(here.app)] == ["mail:4"]


def test_29_february_ends_on_1_march() -> None:
    assert records.after_years(datetime(2020, 2, 29, tzinfo=UTC), 10) == datetime(2030, 3, 1, tzinfo=UTC)


def test_what_is_due_goes_and_the_audit_is_content(here: Office, tmp_path: Path) -> None:
    before = receipts(here)
    secrets = ["王小红", "李大明", "13912345678", CLERK, "asks@example.cn", "fx@example.cn"]
    assert CLERK in "".join(dump(tmp_path))
    done = erase(here)
    assert (done.cases, done.mails) == (3, 4)
    assert done.files > 4
    assert receipts(here) == []
    assert sorted((tmp_path / "data/archive/blobs").rglob("?" * 64)) == []
    here.app.database.close()
    assert not [secret for secret in secrets if secret in "".join(dump(tmp_path))]
    for file in (tmp_path / "data").glob("baosong.db*"):
        data = file.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in data]
    found = verify(here.app)
    assert found.faults == ()
    assert {stone.subject for stone in found.erased if not stone.subject.startswith("mail:")} == set(before)
    assert all(stone.number for stone in found.erased)  # sealed: under the head that stands in HEAD


def test_erasing_again_does_nothing_more(here: Office) -> None:
    erase(here)
    assert erase(here) == retention.Erased(cases=0, mails=0, files=0)
    assert faults(here) == []


def test_without_an_owner_nothing_is_erased(here: Office) -> None:
    here.app.settings = here.app.settings.model_copy(
        update={"retention": here.app.settings.retention.model_copy(update={"owner": " "})}
    )
    with pytest.raises(SettingsError, match=r"retention\.owner"):
        erase(here)
    assert len(receipts(here)) == 3


def test_while_a_worker_runs_nothing_is_erased(here: Office) -> None:
    with here.app.database.sole_worker(), pytest.raises(Busy):
        erase(here)
    assert len(receipts(here)) == 3


@pytest.mark.parametrize("what", ["receipt", "notice", "mail"])
def test_a_hold_keeps_until_it_is_released(here: Office, what: str) -> None:
    receipt = next(each for each in receipts(here) if "-FX-" in each)
    name = {"receipt": receipt, "notice": NOTICE.id, "mail": "mail:3"}[what]
    subject = retention.subject_of(here.app, name)
    assert retention.hold(here.app, subject, by="staff:test", reason="审计")
    assert not retention.hold(here.app, subject, by="staff:test", reason="again")
    erase(here)
    assert receipt in receipts(here)
    assert faults(here) == []
    with here.app.database.read() as tx:
        kept = inbox.load(tx, 3)
    assert here.app.blobs.has(kept.sha256)
    assert retention.release(here.app, subject, by="staff:test", reason="审计结束")
    assert not retention.release(here.app, subject, by="staff:test", reason="again")
    erase(here)
    assert receipts(here) == []
    assert faults(here) == []


def test_what_is_open_or_unsent_is_not_erased(tmp_path: Path) -> None:
    with office(tmp_path, retention={"owner": OWNER}) as here:
        here.mail("m1", SHEET)  # a workbook without its cover
        here.run()
        here.now = RECEIVED.replace(year=2031)
        assert [each.waits for each in retention.due(here.app)] == ["still incomplete"]
        assert erase(here).cases == 0
        assert faults(here) == []


def test_a_file_that_another_case_needs_stays(tmp_path: Path) -> None:
    """One mail with the sets of two reporters: it stays until both are due."""
    with office(tmp_path, retention={"owner": OWNER}) as here:
        here.mail("m1", SHEET, scan(SHEET), OTHER, scan(OTHER, label="fan scan", seal="范县教育局"))
        here.run()
        here.now = LATER
        _, two = receipts(here)
        retention.hold(here.app, two, by="staff:test", reason="审计")
        assert (erase(here).cases, receipts(here)) == (1, [two])
        with here.app.database.read() as tx:
            assert here.app.blobs.has(inbox.load(tx, 1).sha256)
        assert faults(here) == []
        retention.release(here.app, two, by="staff:test", reason="审计结束")
        erase(here)
        assert sorted((tmp_path / "data/archive/blobs").rglob("?" * 64)) == []
        assert faults(here) == []


def test_files_left_by_a_crash_are_named_and_then_taken(here: Office) -> None:
    """The records go first. Whoever dies before the files are gone leaves what a tombstone names."""
    kept = {name: here.app.blobs.get(name) for name in here.app.blobs.names()}
    erase(here)
    here.app.blobs.put_many(list(kept.values())[:2])
    assert sum("stands, though it is said to be erased" in fault for fault in faults(here)) == 2
    assert erase(here).files == 2
    assert faults(here) == []


def test_an_erased_mail_that_is_seen_again_is_not_kept_again(here: Office) -> None:
    erase(here)
    again = replace(here.box.mails[0], origin=replace(here.box.mails[0].origin, uidvalidity=2))
    assert jobs.receive(here.app, [again]) == 0
    processing.process(here.app, PassReport())
    jobs.seal(here.app)
    assert list(here.app.blobs.names()) == []
    assert faults(here) == []


def test_the_same_files_sent_anew_are_a_new_case(here: Office) -> None:
    erase(here)
    here.mail("m9", SHEET, scan(SHEET))
    here.run()
    assert len(receipts(here)) == 1
    assert faults(here) == []


def test_staff_are_told_once_a_day_and_the_worker_erases_nothing(here: Office) -> None:
    here.run()
    with here.app.database.read() as tx:
        (task,) = [each for each in tasks.open_(tx) if each.kind == retention.TASK]
    assert OWNER in task.text
    assert "4件" in task.text
    assert len(receipts(here)) == 3
    erase(here)
    assert retention.TASK not in here.tasks()


def _alter(folder: Path, *statements: str) -> None:
    with by_hand(folder) as base:
        for statement in statements:
            base.execute(statement)


def test_records_that_are_gone_without_a_tombstone_are_a_fault(here: Office, tmp_path: Path) -> None:
    _alter(
        tmp_path,
        "DELETE FROM submission_rows", "DELETE FROM submission_problems", "DELETE FROM submission_files",
        "DELETE FROM submission_mails", "DELETE FROM submission_message_ids", "DELETE FROM submission_senders",
        "DELETE FROM submission_history", "DELETE FROM submissions",
    )  # fmt: skip
    assert sum("is not in the records" in fault for fault in faults(here)) >= 3


def _stone(here: Office, subject: str, **changes: object) -> None:
    """An erasure that nobody may enter: the record still stands, or was not due."""
    rule = records.Rule(years=10, since=NOTICE.deadline, owner=OWNER, by="staff:x", notice=NOTICE.id)
    with here.app.database.begin() as tx:
        files = changes.pop("files", ())
        records.bury(tx, subject, replace(rule, **changes), covers=(), files=files, at=here.now)  # type: ignore[arg-type]
    jobs.seal(here.app)


def test_a_tombstone_of_what_still_stands_is_a_fault(here: Office) -> None:
    receipt = receipts(here)[0]
    _stone(here, receipt)
    assert f"erased:{receipt}: {receipt} stands, though it is said to be erased" in faults(here)


def test_a_tombstone_may_name_no_file_of_what_stands(here: Office, tmp_path: Path) -> None:
    with here.app.database.read() as tx:
        mail = inbox.load(tx, 3).sha256
    _stone(here, receipts(here)[1], files=(mail,))
    assert any(f"names the file {mail}, which what stands refers to" in fault for fault in faults(here))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"years": 20}, "erased before its time"),
        ({"since": RECEIVED - timedelta(days=400)}, "its time is counted from before it was received"),
        ({"owner": ""}, "nobody answers for it"),
    ],
    ids=["early", "counted early", "nobody"],
)
def test_an_erasure_against_the_rule_is_a_fault(here: Office, changes: dict[str, object], told: str) -> None:
    receipt = receipts(here)[0]
    _stone(here, receipt, **changes)
    assert f"erased:{receipt}: {told}" in faults(here)


def test_an_erasure_under_a_hold_is_a_fault(here: Office) -> None:
    receipt = receipts(here)[0]
    retention.hold(here.app, f"notice:{NOTICE.id}", by="staff:test", reason="审计")
    _stone(here, receipt)
    retention.release(here.app, f"notice:{NOTICE.id}", by="staff:test", reason="审计结束")
    assert f"erased:{receipt}: erased while it was on hold" in faults(here)


def test_an_erasure_of_what_never_was_is_a_fault(here: Office) -> None:
    _stone(here, "PY51-XX-20200227-99")
    assert "erased:PY51-XX-20200227-99: the ledger does not know what was erased" in faults(here)


def test_an_altered_tombstone_is_named(here: Office, tmp_path: Path) -> None:
    erase(here)
    _alter(
        tmp_path,
        "UPDATE ledger_entries SET body = replace(body, '\"years\":10', '\"years\":1') WHERE kind = 'retention.erased'",
    )
    assert any(fault.startswith("entry:") and fault.endswith("altered") for fault in faults(here))


@pytest.fixture
def erased(toml: Path) -> Path:
    with toml.open("a", encoding="utf-8") as file:
        file.write(f'\n[retention]\nowner = "{OWNER}"\n')
    with office(toml.parent, retention={"owner": OWNER}) as here:
        here.mail("m1", SHEET, scan(SHEET))
        here.run()
    return toml


def test_the_commands_say_what_they_do(erased: Path, baosong: Shell) -> None:
    """By the real clock: the return came in 2020 and the notice's time is over in 2030."""
    receipt = baosong("submissions", "--json", "--config", erased).document["submissions"][0]["receipt"]
    if datetime.now(UTC) < records.after_years(NOTICE.deadline, 10):
        text = erased.read_text(encoding="utf-8").replace("[retention]", "[retention]\nyears = 1")
        erased.write_text(text, encoding="utf-8")
    assert receipt in baosong("retention", "due", "--config", erased).out
    refused = baosong("retention", "erase", "--config", erased)
    assert (refused.status, "say --yes" in refused.err) == (1, True)
    held = baosong("retention", "hold", receipt, "--reason", "审计", "--config", erased)
    assert held.status == 0
    assert "waits: on hold" in baosong("retention", "due", "--config", erased).out
    assert "审计" in baosong("retention", "list", "--config", erased).out
    assert "0 submissions" in baosong("retention", "erase", "--yes", "--config", erased).out
    assert baosong("retention", "release", receipt, "--reason", "审计结束", "--config", erased).status == 0
    assert "1 submissions, 1 mails" in baosong("retention", "erase", "--yes", "--config", erased).out
    shown = baosong("show", receipt.lower(), "--config", erased)
    assert shown.status == 0
    assert f"{receipt}  已按规定销毁" in shown.out
    assert OWNER in shown.out
    assert baosong("show", receipt, "--json", "--config", erased).document["fate"] == "erased_by_rule"
    assert "已按规定销毁" in baosong("submissions", "--config", erased).out
    audit = baosong("audit", "verify", "--json", "--config", erased)
    assert audit.status == 0
    assert audit.document["ok"] is True
    assert receipt in [each["object"] for each in audit.document["erased_by_rule"]]
    assert "erased_by_rule: 1 submissions, 1 mails" in baosong("audit", "verify", "--config", erased).out
    mail = baosong("show", "mail:1", "--config", erased).out
    assert "已按规定销毁" in mail
    assert "file " not in mail


def test_unknown_names_and_empty_reasons_are_refused(erased: Path, baosong: Shell) -> None:
    assert baosong("retention", "hold", "nix", "--reason", "x", "--config", erased).status == 1
    assert baosong("retention", "hold", "mail:99", "--reason", "x", "--config", erased).status == 1
    assert baosong("retention", "hold", "mail:1", "--reason", " ", "--config", erased).status == 2


def test_addresses_that_were_confirmed_by_a_submission_go_with_it(here: Office, tmp_path: Path) -> None:
    receipt = next(each for each in receipts(here) if "-FX-" in each)
    known = KnownAddress(
        notice=NOTICE.id, reporter="FX", address="fx@example.cn", receipt=receipt, confirmed_at=here.now, confirmed_by="staff:test"
    )  # fmt: skip
    with here.app.database.begin() as tx:
        assert confirm(tx, known)
    assert faults(here) == []
    erase(here)
    assert faults(here) == []
    assert "fx@example.cn" not in "".join(dump(tmp_path))
