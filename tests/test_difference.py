"""The difference between versions on its way: stored, vouched for, and told to whom it may be told."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.mail import Intent
from domain.masking import mask_phone_field
from domain.submission import Submission
from domain.versions import CellChange, Difference, NamedRow, RowChange
from ingest import verdicts
from notifier.versions import changes
from storage import codec, submissions, tasks
from storage.verify import verify
from tests.builders import NOTICE
from tests.letter_samples import samples
from tests.office import Office, office, only_case, text_of
from tests.parts import CLERK, STRANGER, of_unit, scan, workbook
from tests.stores import by_hand

SHEET = workbook()
SCAN = scan(SHEET)
NEW = workbook({"contact": "王五"}, {}, label="new", name="新.xlsx")
NEW_SCAN = scan(NEW, label="new scan")
GREY = scan(NEW, label="grey", colour=False)
LETTER = samples()["accepted"]
DIFFERENCE = Difference(receipt="PY51-PYX-20200226-01", version=1, sender=CLERK)
HOUR = timedelta(hours=1)
FIRST, SECOND, THIRD = (f"PY51-PYX-20200227-0{number}" for number in (1, 2, 3))


def case_of(here: Office, receipt: str) -> Submission:
    with here.app.database.read() as tx:
        case = submissions.load(tx, receipt)
    assert case is not None
    return case


def newest_text(here: Office) -> str:
    return text_of(here.letters.taken[-1][0])


def two_versions(here: Office, **facts: str) -> None:
    here.mail("m1", SHEET, SCAN)
    here.run()
    here.mail("m2", NEW, NEW_SCAN, **facts)
    here.run(after=HOUR)


def test_it_is_kept_told_and_vouched_for(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        two_versions(here)
        found = case_of(here, SECOND).difference
        assert found is not None
        assert (found.receipt, len(found.added), len(found.removed), len(found.changed)) == (FIRST, 1, 0, 1)
        assert f"与第1版（回执 {FIRST}）相比：新增1行，修改1行" in newest_text(here)
        assert "E5 联系人由“李晓明”改为“王五”" in newest_text(here)
        assert case_of(here, FIRST).difference is None
        with here.app.database.read() as tx:
            assert verify(tx, here.app.blobs).ok


def test_an_altered_difference_is_named_by_the_audit(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        two_versions(here)
    with by_hand(tmp_path) as base:
        for table in ("submissions", "submission_history"):
            query = f"SELECT document FROM {table} WHERE receipt = ?"  # noqa: S608
            document = base.execute(query, (SECOND,)).fetchone()[0]
            forged = zlib.compress(zlib.decompress(document).replace("李晓明".encode(), "李大明".encode()))
            base.execute(f"UPDATE {table} SET document = ? WHERE receipt = ?", (forged, SECOND))  # noqa: S608
    with office(tmp_path) as here, here.app.database.read() as tx:
        faults = [str(fault.fault) for fault in verify(tx, here.app.blobs).faults]
    assert any("its facts, workbook and problems" in fault for fault in faults)


def test_a_record_from_before_there_were_differences_still_loads(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        two_versions(here)
        record = codec.pack(case_of(here, SECOND)).document
        text = zlib.decompress(record.data)
        start = text.index(b'"difference":')
        end = text.index(b'"row_version":')
        assert codec.unpack(zlib.compress(text[:start] + text[end:]), None, None).difference is None


def test_the_same_rows_in_another_order_are_no_change(tmp_path: Path) -> None:
    one, other = {"school": "濮阳县甲小学"}, {"school": "濮阳县乙小学"}
    before, after = workbook(one, other), workbook(other, one, label="sorted")
    with office(tmp_path) as here:
        here.mail("m1", before, scan(before))
        here.mail("m2", after, scan(after, label="s2"), at=here.now + HOUR)
        here.run()
        assert here.cases() == {FIRST: "superseded", SECOND: "accepted"}
        assert "（无变化）" in newest_text(here).splitlines()[0]
        assert f"与第1版（回执 {FIRST}）相比：无变化" in newest_text(here)


def test_a_resend_tells_no_difference_again(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        two_versions(here)
        here.mail("m3", NEW, NEW_SCAN)
        here.run(after=HOUR)
        assert "相比" not in newest_text(here)


def test_one_that_comes_late_to_judgement_and_replaces_nothing_has_none(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m2", NEW, NEW_SCAN, at=here.now + HOUR)
        here.run()
        here.mail("m1", SHEET, SCAN, at=here.now)
        here.run(after=HOUR)
        assert here.cases() == {FIRST: "accepted", SECOND: "superseded"}
        assert case_of(here, SECOND).difference is None


def test_what_a_doubtful_one_would_change_is_there_for_whoever_decides(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", NEW, GREY, at=here.now + HOUR)
        here.run()
        waiting = case_of(here, SECOND)
        assert waiting.difference is not None
        assert "相比" not in newest_text(here)
        verdicts.decide(here.app, SECOND, accept=True, reason="原件已核对", by="staff:a")
        here.run(after=HOUR)
        assert "相比：新增1行，修改1行" in newest_text(here)


def test_the_values_of_anothers_workbook_are_not_told(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        two_versions(here, sender=STRANGER)
        assert case_of(here, SECOND).state == "review"  # a stranger would replace it
        verdicts.decide(here.app, SECOND, accept=True, reason="已电话核实", by="staff:a")
        here.run(after=HOUR)
        told = {to: text_of(raw) for raw, to in here.letters.taken}
        assert "相比：新增1行，修改1行" in told[STRANGER]
        assert "E5 联系人改为“王五”" in told[STRANGER]
        assert "李晓明" not in told[STRANGER].split("相比")[1]
        assert "相比" not in told[CLERK]
        assert "王五" not in told[CLERK]


def test_what_is_restored_is_compared_with_what_had_replaced_it(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        two_versions(here)
        verdicts.decide(here.app, SECOND, accept=False, reason="印章系伪造", by="staff:a")
        verdicts.decide(here.app, FIRST, accept=True, reason="以此为准", by="staff:a")
        here.run(after=HOUR)
        text = next(text_of(raw) for raw, _ in reversed(here.letters.taken) if FIRST in text_of(raw).splitlines()[1])
        assert f"与第2版（回执 {SECOND}）相比：删除1行，修改1行" in text
        assert "E5 联系人由“王五”改为“李晓明”" in text


def test_staff_confirming_what_stands_changes_nothing_of_its_difference(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        two_versions(here)
        before = case_of(here, SECOND).difference
        verdicts.decide(here.app, SECOND, accept=True, reason="属实", by="staff:a")
        assert case_of(here, SECOND).difference == before


def test_another_reporters_return_is_no_earlier_version(tmp_path: Path) -> None:
    fan = of_unit("范县", label="fan")
    with office(tmp_path) as here:
        here.mail("m1", fan, scan(fan, label="fan scan", seal="范县教育局"))
        here.mail("m2", SHEET, SCAN, at=here.now + HOUR)
        here.run()
        assert case_of(here, FIRST).difference is None


def withdrawals(here: Office) -> list[str]:
    with here.app.database.read() as tx:
        return [task.text for task in tasks.open_(tx) if task.kind == "withdraw"]


def test_please_withdraw_is_a_task_that_names_what_it_may_be_about(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", intent=Intent.WITHDRAW)
        here.run()
        assert here.cases() == {FIRST: "accepted"}
        assert withdrawals(here) == [f"来信要求撤回报送材料（可能是回执{FIRST}），请人工处理。"]


def test_please_withdraw_beside_the_same_files_is_not_lost(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", SHEET, SCAN, intent=Intent.WITHDRAW)
        here.run()
        assert only_case(here).state == "accepted"
        [text] = withdrawals(here)
        assert FIRST in text


@pytest.mark.parametrize(("readings", "tasks_"), [((NEW, NEW_SCAN), 0), ((NEW,), 1)])
def test_a_correction_needs_no_withdrawal_and_half_of_one_does(
    tmp_path: Path, readings: tuple[object, ...], tasks_: int
) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", *readings, intent=Intent.WITHDRAW, at=here.now + HOUR)  # type: ignore[arg-type]
        here.run()
        assert len(withdrawals(here)) == tasks_


def cell(field: str, before: str, after: str) -> CellChange:
    return CellChange(field=field, before=before, after=after, before_cell="F5", after_cell="F6")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (cell("联系人", "李晓明", "王五"), "F6 联系人由“李晓明”改为“王五”"),
        (cell("联系人", "", "王五"), "F6 联系人由空改为“王五”"),
        (cell("备案号", "教APP备4100001号", ""), "F6 备案号由“教APP备4100001号”改为空"),
        (cell("电话", "13812345678", "13812245679"), "F6 电话第6位由3改为2，第11位由8改为9（138****5679）"),
        (cell("电话", "13812345678", "13987654321"), "F6 电话由138****5678改为139****4321"),
        (cell("电话", "0393-1234567", "0393-9876567"), "F6 电话第5位由1改为9，第6位由2改为8，第7位由3改为7，第8位由4改为6（0393-*****67）"),
        (cell("电话", "0393-1234567", "0393-98765467"), "F6 电话由0393-*****67改为0393-******67"),
        (cell("电话", "", "13812345678"), "F6 电话由空改为138****5678"),
        (cell("联系人", "李 13812345678", "王\n五"), "F6 联系人由“李 138****5678”改为“王 五”"),
        (cell("主要功能", "短", "长" * 99), f"F6 主要功能由“短”改为“{'长' * 39}…”"),
    ],
)  # fmt: skip
def test_what_a_letter_says_of_a_changed_cell(change: CellChange, told: str) -> None:
    row = RowChange(row=NamedRow(number=6), before=5, cells=(change,))
    found = replace(DIFFERENCE, changed=(row,))
    section = changes(replace(LETTER, difference=found), NOTICE)
    assert section is not None
    assert section.lines[0].text == f"第6行：{told}。"


@given(
    st.sampled_from(["13812345678", "0393-1234567", "1381234567"]),
    st.text(st.sampled_from("0123456789- 转/"), max_size=14),
)
def test_no_phone_number_is_whole_in_what_differs(before: str, after: str) -> None:
    rows = [
        RowChange(row=NamedRow(number=6), before=5, cells=(cell("电话", *pair),))
        for pair in ((before, after), (after, before))
    ]
    section = changes(replace(LETTER, difference=replace(DIFFERENCE, changed=tuple(rows))), NOTICE)
    assert section is not None
    assert before not in "".join(line.text for line in section.lines) or mask_phone_field(before) == before


def test_a_long_list_begins_with_what_may_be_lost_by_mistake() -> None:
    rows = tuple(NamedRow(number=number) for number in range(5, 35))
    found = replace(DIFFERENCE, added=rows, removed=rows[:3])
    section = changes(replace(LETTER, difference=found), NOTICE)
    assert section is not None
    assert [line.tag for line in section.lines] == ["删除"] * 3 + ["新增"] * 17
    assert section.notes[0] == "这里列出其中20行，其余13行从略。"
