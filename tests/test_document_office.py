"""Returns that are a stamped scan alone, with another file beside it, in a whole office that collects a workbook too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from domain.cover import Cover, CoverPage
from domain.mail import Part, PartKind
from domain.masking import Viewer
from domain.submission import State, Submission
from ingest import blank_forms, verdicts
from ingest.case_json import submission_json
from ingest.case_view import show
from ingest.digest import gather, letter
from ingest.errors import CannotAccept
from ingest.export import export
from ingest.rejudge import rejudge
from notifier.letters import render
from storage import submissions
from tests.documents import SAFETY, paper, plan, report, unread
from tests.office import Office, office, only_case, text_of
from tests.parts import codes, scan, sha, workbook

HOUR = timedelta(hours=1)
PLAN = plan()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        made.app.notices = (*made.app.notices, SAFETY)
        yield made


def send(here: Office, name: str, *readings: Any, parts: tuple[Any, ...] = (), **facts: Any) -> None:
    """A mail about the report; files of no kind we read come with their fault, as from the reader."""
    faults = tuple(unread(part) for part in parts if part.kind == "other")
    here.mail(name, *readings, notice=SAFETY, parts=parts, faults=faults, **facts)
    here.run()
    here.now += HOUR


def case(here: Office, receipt: str) -> Submission:
    with here.app.database.read() as tx:
        found = submissions.load(tx, receipt)
    assert found is not None
    return found


def last_text(here: Office) -> str:
    return text_of(here.letters.taken[-1][0])


def test_a_whole_return_is_accepted_and_its_letter_speaks_of_no_workbook(here: Office) -> None:
    send(here, "a", report(), parts=(PLAN,))
    made = only_case(here)
    assert (made.state, made.reporter, made.notice, made.row_count) == (State.ACCEPTED, "PYX", "safety-2026", 0)
    assert made.receipt.startswith("AQ26-PYX-")
    assert [each.key for each in made.attached] == ["plan"]
    text = last_text(here)
    assert "共3页" in text
    assert "整改方案，已收存" in text
    assert "印章：濮阳县教育局（清晰）" in text
    assert "电子表" not in text
    assert "attachment.unsupported" not in codes(made)


@pytest.mark.parametrize(
    ("cover", "code"),
    [
        (report(pages=2, on=2), "cover.too_few_pages"),
        (report(on=1), "cover.unstamped"),
        (report(unit="濮阳县", lines=["关于放假的通知", "各学校：现将放假安排通知如下。"]), "cover.wrong_document"),
    ],
)
def test_what_is_wrong_with_the_scan_rejects_it(here: Office, cover: Cover, code: str) -> None:
    send(here, "a", cover, parts=(PLAN,), sender="clerk@example.cn")
    made = only_case(here)
    assert made.state is State.REJECTED
    assert code in codes(made)
    assert "电子表" not in last_text(here)


def test_a_missing_attachment_is_waited_for_and_completes_the_case(here: Office) -> None:
    send(here, "a", report())
    waiting = only_case(here)
    assert (waiting.state, codes(waiting) & {"attachment.missing"}) == (State.INCOMPLETE, {"attachment.missing"})
    text = last_text(here)
    assert "还缺整改方案" in text
    assert "盖章扫描件不用重发" in text
    send(here, "b", parts=(PLAN,))
    done = only_case(here)
    assert (done.receipt, done.state) == (waiting.receipt, State.ACCEPTED)
    assert done.received_at > waiting.received_at
    assert PLAN.sha256 in {file.sha256 for file in done.files}


def test_what_never_comes_is_rejected_when_its_time_is_over(here: Office) -> None:
    send(here, "a", report())
    here.run(after=timedelta(hours=60))
    assert only_case(here).state is State.REJECTED
    assert "缺整改方案。请直接回复本邮件，把盖章的扫描件和整改方案一并发来" in last_text(here)


def test_a_missing_attachment_beside_another_fault_is_no_reason_to_wait(here: Office) -> None:
    send(here, "a", report(by=None))
    made = only_case(here)
    assert made.state is State.REJECTED
    assert codes(made) >= {"cover.unstamped", "attachment.missing"}


def test_the_very_same_files_are_no_second_return(here: Office) -> None:
    send(here, "a", report(), parts=(PLAN,))
    send(here, "b", report(), parts=(PLAN,))
    assert list(here.cases().values()) == ["accepted"]
    assert "完全相同" in last_text(here)


def test_a_newer_scan_takes_the_place_of_the_older(here: Office) -> None:
    send(here, "a", report(), parts=(PLAN,))
    first = only_case(here).receipt
    send(here, "b", report(label="newer", pages=4, on=4), parts=(PLAN,))
    states = here.cases()
    [second] = set(states) - {first}
    assert (states[first], states[second]) == ("superseded", "accepted")
    assert case(here, second).version == 2
    verdicts.decide(here.app, second, accept=False, reason="页数不对", by="staff:王")
    assert (
        verdicts.decide(here.app, first, accept=True, reason="恢复", by="staff:王").submission.state is State.ACCEPTED
    )


@pytest.mark.parametrize("brought", ["workbook", "docx"])
def test_what_is_no_scan_is_told_clearly(here: Office, brought: str) -> None:
    letter = plan("自查报告.docx", label="report docx")
    if brought == "workbook":
        send(here, "a", workbook())
    else:
        send(here, "a", parts=(letter,))
    made = only_case(here)
    assert made.state is State.REJECTED
    text = last_text(here)
    said = "本次报送的是盖章的扫描件，不要电子表" if brought == "workbook" else "不是PDF或图片，无法作为扫描件读取"
    assert said in text
    assert "空白表" not in text
    with pytest.raises(CannotAccept):
        verdicts.decide(here.app, made.receipt, accept=True, reason="可以", by="staff:王")


def test_two_counties_reports_in_one_mail_are_two_returns(here: Office) -> None:
    theirs = report(unit="清丰县", by="清丰县教育局", label="theirs", name="清丰县.pdf")
    send(here, "a", report(), theirs, parts=(plan("清丰县整改方案.docx", label="plan of theirs"),))
    assert {case(here, each).reporter: case(here, each).state for each in here.cases()} == {
        "PYX": State.INCOMPLETE, "QFX": State.ACCEPTED,
    }  # fmt: skip


def test_pages_in_several_pictures_are_one_report(here: Office) -> None:
    whole = report()
    pictures = [
        Cover(file=f"报告{number}.jpg", sha256=sha(f"picture {number}"), page_count=1,
              pages=(alone(whole, number),))
        for number in (1, 3, 2)
    ]  # fmt: skip
    send(here, "a", *pictures, parts=(PLAN,))
    made = only_case(here)
    assert made.state is State.ACCEPTED
    assert made.cover is not None
    assert [file.name for file in made.cover.files] == ["报告1.jpg", "报告2.jpg", "报告3.jpg"]


def alone(cover: Cover, number: int) -> CoverPage:
    """The page as that of a picture."""
    page = cover.pages[number - 1]
    return replace(page, number=1, seals=tuple(replace(seal, page=1) for seal in page.seals))


def test_photographs_asked_for_are_no_pages_of_the_report(here: Office) -> None:
    photos = [
        replace(report(label=f"photo {at}"), file=f"现场照片{at}.jpg", pages=(paper(lines=()),), page_count=1)
        for at in (1, 2)
    ]
    parts = [
        Part(name=one.file, kind=PartKind.COVER, media="image/jpeg", sha256=one.sha256, size=9, position=at)
        for at, one in enumerate(photos)
    ]
    loose = replace(report(label="loose"), file="IMG_1.jpg", pages=(paper(lines=()),), page_count=1)
    send(here, "a", report(), *photos, loose, parts=(PLAN, *parts))
    made = only_case(here)
    assert (made.state, made.cover and made.cover.files[1:]) == (State.ACCEPTED, ())
    assert [each.key for each in made.attached] == ["plan", "photos", "photos"]


def test_a_precheck_without_a_scan_speaks_of_no_workbook(here: Office) -> None:
    send(here, "a", parts=(PLAN,), subject="预检")
    text = last_text(here)
    assert "没有附盖章扫描件" in text
    assert "电子表" not in text and "{" not in text


def test_a_precheck_files_nothing_and_says_how_many_pages_there_are(here: Office) -> None:
    send(here, "a", report(), parts=(PLAN,), subject="预检 校园安全自查报告")
    assert here.cases() == {}
    assert "没有发现错误，共3页" in last_text(here)
    send(here, "b", report(), subject="预检")
    assert "扫描件没有发现错误，共3页；没有附整改方案" in last_text(here)


def test_both_notices_run_side_by_side(here: Office) -> None:
    sheet = workbook()
    here.mail("w", sheet, scan(sheet))
    here.run()
    send(here, "a", report(), parts=(PLAN,))
    assert sorted(receipt[:4] for receipt in here.cases()) == ["AQ26", "PY51"]
    assert set(here.cases().values()) == {"accepted"}


def test_what_is_shown_and_exported_of_it(here: Office) -> None:
    send(here, "a", report(), parts=(PLAN,))
    made = only_case(here)
    document = submission_json(made, SAFETY)
    assert (document["row_count"], document["cover"]["pages"]) == (0, 3)
    shown = show(here.app, made.receipt, Viewer.OPERATOR)
    assert shown is not None
    [mark] = shown.values["seals"]
    assert (mark.page, mark.good) == (3, True)
    book = openpyxl.load_workbook(BytesIO(export(here.app, SAFETY, Viewer.OPERATOR).data))
    assert book.sheetnames == ["报送情况", "问题", "来源文件"]
    assert [cell.value for cell in book["来源文件"]["F"]].count("整改方案.docx") == 1
    assert blank_forms.offered(SAFETY) == {}
    with pytest.raises(KeyError):
        blank_forms.of_code(SAFETY, "PYX")


def test_judged_again_it_stands_as_it_was(here: Office) -> None:
    send(here, "a", report())
    send(here, "b", parts=(PLAN,))
    for fast in (True, False):
        [again] = rejudge(here.app, SAFETY, fast=fast)
        assert (again.failed, again.differs) == ("", False)


def test_the_digest_tells_it_without_rows(here: Office) -> None:
    send(here, "a", report(), parts=(PLAN,))
    with here.app.database.read() as tx:
        told = gather(here.app, tx, here.now)
    text = render(letter(here.app, told, to="x@example.cn"), here.app.notices[0], head_number=None, head_hash=None).text
    assert "校园安全自查报告" in text
    assert "零报告" not in text
    assert "行" not in text.partition("校园安全自查报告")[2].partition("退回")[0].replace("银行", "")
