"""Notices that are published in the console: in force everywhere without a restart, in all their versions before an audit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cli.doctor import _notices
from config.notice_writing import notice_text
from config.notices import NoticeError, notices_of_text
from domain import rounds
from domain.draft import Draft, DraftColumn, DraftField, DraftReporter
from ingest import published
from ingest.app import build
from ingest.errors import Permanent
from ingest.reading import Reader
from storage import ledger, notices
from storage.errors import NotFound
from storage.schema import notices as table
from storage.verify import verify
from tests.builders import NOTICE, RECEIVED
from tests.office import Office, office
from tests.parts import scan, workbook

DRAFT = Draft(
    id="canteens", short="ST", number="×教〔2020〕9号", title="关于报送食堂情况的通知", mailbox="bureau@example.org", opens="2020-02-01",
    deadline="2020-03-31", area_code="0393", cover_required=False, kinds={"county": ("教育局",)},
    reporters=(DraftReporter(code="JX", name="甲县", kind="county"),),
    form_title="{unit}食堂情况统计表", header=(DraftField(key="unit", name="填报单位", type="unit"),),
    columns=(DraftColumn(key="school", name="学校"), DraftColumn(key="meals", name="就餐人数", type="number")), bureau="某市教育局",
)  # fmt: skip
TEXT = notice_text(DRAFT)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made


def put(here: Office, text: str = TEXT, *, after: int = 0) -> notices.Edition:
    return published.publish(here.app, text, after=after, reason="新的收集", by="staff:zhang")


def ids(here: Office) -> list[str]:
    return [notice.id for notice in here.app.notices]


def test_it_is_served_at_once_behind_those_of_files_and_in_its_newest_version(here: Office) -> None:
    reader = Reader(here.app.sandbox, here.app.notices, here.app.own, here.app.limits)
    here.app._reader = reader
    edition = put(here)
    assert (edition.version, edition.state, ids(here)) == (1, "active", [NOTICE.id, "canteens"])
    assert [notice.id for notice in reader._notices] == ids(here)
    put(here, notice_text(replace(DRAFT, deadline="2020-04-30")), after=1)
    assert ids(here) == [NOTICE.id, "canteens"] and here.app.notice("canteens").deadline.month == 4
    with here.app.database.read() as tx:
        assert [each.version for each in notices.editions(tx, "canteens")] == [2, 1]
        entries = [entry for n in (1, 2) for entry in ledger.entries_of(tx, f"notice:canteens:{n}")]
    assert [entry.kind for entry in entries] == ["notice.published"] * 2
    assert here.app.blobs.get(edition.sha256) == TEXT.encode()


def test_another_process_takes_it_before_its_next_pass(here: Office, tmp_path: Path) -> None:
    with build(here.app.settings) as other:
        published.refresh(other)
        put(here)
        assert "canteens" not in [notice.id for notice in other.notices]
        published.refresh(other)
        assert "canteens" in [notice.id for notice in other.notices]
        before = other.notices
        published.refresh(other)
        assert other.notices is before
    here.app.published = replace(here.app.published, newest=0)
    here.run()
    assert ids(here) == [NOTICE.id, "canteens"]


def test_a_closed_one_is_not_shown_and_still_served(here: Office) -> None:
    put(here)
    published.close(here.app, "canteens", reason="收齐了", by="staff:zhang")
    assert here.app.notice("canteens").closed and "canteens" not in [
        each.id for each in rounds.current(here.app.notices, here.now)
    ]
    with pytest.raises(NotFound):
        published.close(here.app, "canteens", reason="再来", by="staff:zhang")
    put(here, after=2)
    assert not here.app.notice("canteens").closed


def test_what_cannot_stand_beside_the_others_is_refused(here: Office) -> None:
    put(here)
    refused = {
        notice_text(replace(DRAFT, id=NOTICE.id)): "文件里的通知要在文件里改",
        notice_text(replace(DRAFT, id="other")): "“ST”已经给了",
        notice_text(replace(DRAFT, short="OTHER")): "已经有叫“canteens”的通知",
    }
    for text, told in refused.items():
        with pytest.raises(published.NotAllowed) as error:
            put(here, text)
        assert told in str(error.value)
    with pytest.raises(published.NotAllowed, match="发出后不能再改"):
        put(here, notice_text(replace(DRAFT, short="OTHER")), after=1)
    with pytest.raises(published.Outdated):
        put(here, after=2)
    with pytest.raises(NoticeError):
        put(here, TEXT.replace("type: number", "type: numbers"), after=1)


def test_a_text_without_a_folder_names_no_file(here: Office) -> None:
    with pytest.raises(NoticeError) as told:
        notices_of_text(TEXT.replace("form:\n", "lists:\n  codes: {file: /etc/passwd}\nform:\n"), "x")
    assert told.value.faults == ("第38行 lists.codes.file：这里不能用文件，请把内容直接写进来（schools 或 items）",)
    with pytest.raises(NoticeError):
        notices_of_text(
            TEXT.replace("form:\n", "bureau_run: {row_unit: 市直, code: SZ, schools_file: ../a.csv}\nform:\n"), "x"
        )


def test_a_file_of_the_same_id_goes_before_and_one_that_no_longer_fits_is_left_out(here: Office) -> None:
    put(here)
    with here.app.database.begin() as tx:
        notices.publish(tx, NOTICE.id, TEXT, after=0, reason="-", by="staff:zhang", at=here.now)
        notices.publish(tx, "broken", "id: [", after=0, reason="-", by="staff:zhang", at=here.now)
    published.refresh(here.app)
    assert ids(here) == [NOTICE.id, "canteens"]
    finding = _notices(here.app)
    assert (
        not finding.ok
        and f"not served: {NOTICE.id}: a file of the same id goes before it; broken: version 1" in finding.found
    )
    assert [(series, why.partition(":")[0]) for series, why in here.app.published.hidden] == [
        (NOTICE.id, "a file of the same id goes before it"), ("broken", "version 1 cannot be used"),
    ]  # fmt: skip


TAMPERED = {
    "its rules": (table.update().values(text="id: canteens"), "its text is not the one that was published"),
    "its state": (table.update().values(state="closed"), "not as it was published, by the ledger"),
    "its reason": (table.update().values(reason="别的"), "not as it was published, by the ledger"),
    "when": (table.update().values(at=RECEIVED + timedelta(days=1)), "not as it was published, by the ledger"),
    "gone": (table.delete(), "missing, though the ledger tells of it"),
    "its version": (table.update().values(version=7), "no ledger entry vouches for it"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_found(here: Office, what: str) -> None:
    put(here)
    change, told = TAMPERED[what]
    with here.app.database.begin() as tx:
        assert verify(tx, here.app.blobs).ok
        tx.execute(change)
    with here.app.database.read() as tx:
        assert told in [fault.fault for fault in verify(tx).faults]


def test_before_the_first_notice_mails_are_kept_and_wait(here: Office) -> None:
    served, here.app.notices = here.app.notices, ()
    sheet = workbook()
    here.mail("early", sheet, scan(sheet))
    assert here.run(after=timedelta(days=1)).failures == []
    assert here.status("early") == "new" and here.cases() == {}
    with pytest.raises(Permanent, match="no notice is active yet"):
        _ = here.app.any_notice
    here.app.notices = served
    assert here.run().failures == []
    assert list(here.cases().values()) == ["accepted"]
