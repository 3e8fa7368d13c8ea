"""How the page of a submission stands to the record: what vouches for it, what was decided, and what is judged anew."""

from __future__ import annotations

import pytest

from domain.checks.cover_content import difference
from domain.cover import Box
from domain.submission import About
from notifier.report import Evidence, Proof, Vouched, render_report
from tests import builders
from tests.builders import NOTICE, RECEIVED
from tests.letter_samples import HEAD
from tests.test_report import PICTURES, page_of, parsed, submission, words

RECORD = {"document": "6" * 64, "cover": "7" * 64, "findings": None}
UNSURE, DIFFERS, LESS, UNSEALED = "查不到与这项决定相符的记录", "所记的不同", "没有记其余的读数", "尚未封存"
VOUCHED_FOR = "原件、图像和记录都按SHA-256存档并记入存证"


def with_proof(proof: Proof) -> str:
    evidence = Evidence(pictures=PICTURES, proof=proof)
    return words(render_report(submission(), NOTICE, evidence, made_at=RECEIVED, stored=True))


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize(
    ("vouched", "differs", "told"),
    [
        (Vouched.WHOLE, (), {VOUCHED_FOR}),
        (Vouched.WHOLE, ("cover",), {VOUCHED_FOR, DIFFERS}),
        (Vouched.PARTS, (), {VOUCHED_FOR, LESS}),
        (Vouched.PARTS, ("seals",), {VOUCHED_FOR, LESS, DIFFERS}),
        (Vouched.NOTHING, (), {UNSURE}),
    ],
)
def test_the_page_says_for_how_much_of_it_the_ledger_vouches(
    vouched: Vouched, differs: tuple[str, ...], told: set[str], sealed: bool
) -> None:
    head = {"head_number": HEAD[0], "head_hash": HEAD[1]} if sealed else {}
    page = with_proof(Proof(vouched=vouched, record=RECORD, differs=differs, **head))
    assert "扫描件读数（识别结果、页面和印章）" + "7" * 64 in page
    expected = told | ({UNSEALED} if not sealed and vouched is not Vouched.NOTHING else set())
    assert {each for each in (UNSURE, DIFFERS, LESS, UNSEALED, VOUCHED_FOR) if each in page} == expected


def test_what_differs_is_named() -> None:
    page = with_proof(Proof(vouched=Vouched.WHOLE, record=RECORD, differs=("cover", "findings")))
    assert "现存的记录与存证所记的不同：扫描件读数（识别结果、页面和印章）、比对结果。" in page


@pytest.mark.parametrize("stored", [True, False])
def test_the_words_beside_a_seal_are_told_from_what_was_decided(stored: bool) -> None:
    """They are judged anew by today's program and notice; of files that are only checked both are the same."""
    page = words(page_of(submission(), stored=stored))
    assert ("由现行版本的程序按现行通知判断，供核对时参考；作出决定时的认定，以上面记录的问题为准" in page) is stored
    assert ("印章归属由现行版本程序判断，以下列问题为准" in page) is stored
    assert UNSURE not in words(page_of(submission(), stored=False))


def test_each_row_that_stands_on_the_page_alone_leads_to_its_own_box() -> None:
    """None of them has an address in the workbook, so that is no name for them; and one has no place on the page."""
    [name] = {column.name for column in NOTICE.form.columns if column.key == "app"}
    boxes = (Box(x0=0.1, y0=0.3, x1=0.9, y1=0.35), None, Box(x0=0.1, y0=0.4, x1=0.9, y1=0.45))
    rows = [
        builders.verdict("differs", "", f"第{number}小学", address="", field=name, box=box, about=About.EXTRA_ROW)
        for number, box in enumerate(boxes, 1)
    ]
    shown = builders.verdict("differs", "智学网", "智学", address="C5", field=name, box=builders.BOX)
    told = [difference("扫描.pdf", each, "Sheet1", NOTICE.form, page="") for each in (*rows, shown)]
    page = parsed(page_of(submission(*rows, shown, problems=tuple(told))))
    links = {
        str(div.text_content()): div.xpath("string(.//a/@href)")
        for div in page.xpath("//div[contains(@class, 'problem')]")
    }
    leads = {
        each.read: next(link for words_of, link in links.items() if f"{each.read}" in words_of)
        for each in (*rows, shown)
    }
    assert leads == {"第1小学": "#b1", "第2小学": "", "第3小学": "#b3", "智学": "#b4"}
    for read, box in leads.items():
        assert not box or read in str(page.get_element_by_id(box[1:]).text_content())
