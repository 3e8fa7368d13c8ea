"""The page of a submission on what differs from the version before."""

from __future__ import annotations

from dataclasses import replace

from domain.submission import State
from tests.letter_samples import CHANGED, COLLEAGUE, SAME
from tests.test_report import page_of, parsed, submission, words


def test_what_differs_from_the_version_before_is_shown_row_by_row_unmasked() -> None:
    page = page_of(submission(state=State.ACCEPTED, version=2, difference=CHANGED))
    assert "与第1版（回执PY51-PYX-20200226-01）相比：新增2行，删除1行，修改3行。" in words(page)
    rows = parsed(page).xpath("//table[contains(@class, 'versions')]/tbody/tr")
    said = [[str(cell.text_content()).strip() for cell in row.findall("td")] for row in rows]
    assert said[:3] == [
        ["删除", "原第9行", "整行", "濮阳县第九小学，小猿搜题", "（没有）"],
        ["修改", "第7行（原第8行）　濮阳县第7小学，智学网", "E7 联系人", "李晓明", "王小红"],
        ["修改", "第7行（原第8行）　濮阳县第7小学，智学网", "F7 电话", "13812340011", "13812340017"],
    ]
    assert said[4:6] == [
        ["修改", "第12行　濮阳县第12小学，智学网", "G12 主要功能", "（空）", "作业"],
        ["修改", "第12行　濮阳县第12小学，智学网", "I12 备案号", "教APP备4100001号", "（空）"],
    ]
    assert said[-1] == ["新增", "第52行", "整行", "（没有）", "濮阳县第三中学，作业帮"]


def test_a_version_without_a_difference_says_so_and_names_another_sender() -> None:
    told = words(page_of(submission(version=2, difference=replace(SAME, sender=COLLEAGUE))))
    assert f"与第1版（回执PY51-PYX-20200226-01，由{COLLEAGUE}报送）相比：无变化。" in told
    assert "与第1版" not in words(page_of(submission()))
