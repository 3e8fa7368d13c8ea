"""What a notice file may say of the parts of a return, and what of it contradicts itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.notices import SHIPPED, check_notice
from domain.notice import AttachmentRule, CoverRule, FileKind, SealOn
from domain.rules_in_words import columns, rules
from tests.builders import NOTICE
from tests.documents import SAFETY

PUYANG = (SHIPPED / "puyang-2020-51.yaml").read_text(encoding="utf-8")
REPORT = (Path(__file__).parent / "resources" / "notices" / "safety-2026.yaml").read_text(encoding="utf-8")
COVER = "cover: {min_pages: 3, max_pages: 20, seal_on: last}"


def test_what_a_report_says_of_its_parts() -> None:
    assert (SAFETY.sheet_required, SAFETY.cover_required, SAFETY.form.columns) == (False, True, ())
    assert SAFETY.cover_rule == CoverRule(min_pages=3, max_pages=20, seal_on=SealOn.LAST)
    assert SAFETY.attachments[0] == AttachmentRule(
        key="plan", name="整改方案", kinds=(FileKind.DOCX, FileKind.PDF), words=("整改方案",)
    )
    assert (NOTICE.sheet_required, NOTICE.cover_rule, NOTICE.attachments) == (True, CoverRule(), ())


@pytest.mark.parametrize(
    ("text", "change", "to", "fault"),
    [
        (REPORT, "sheet_required: false", "sheet_required: true", "form.columns：至少要有一项"),
        (REPORT, "columns: []", "columns: [{key: a, name: 甲}]", "form.columns：sheet_required 是 false 时没有表格"),
        (REPORT, "sheet_required: false", "sheet_required: false\ncover_required: false", "电子表和扫描件不能都不要"),
        (REPORT, "columns: []", "columns: []\n  nil_words: [无]", "form.nil_words：sheet_required 是 false"),
        (REPORT, COVER, "cover: {min_pages: 9, max_pages: 3}", "cover.max_pages：不能少于 min_pages"),
        (REPORT, COVER, "cover: {seal_on: middle}", "cover.seal_on：只能是 first、last、any"),
        (REPORT, COVER, "cover: {min_page: 3}", "是不是想写“min_pages”"),
        (REPORT, "key: photos", "key: plan", "attachments[1].key：“plan”写了两次"),
        (REPORT, "kinds: [image]", "kinds: [jpg]", "attachments[1].kinds[0]：只能是"),
        (REPORT, "kinds: [image]", "kinds: []", "attachments[1].kinds：至少要有一项"),
        (PUYANG, "cover_required: true", "cover: {seal_on: last}\ncover_required: true", "cover.seal_on：只用于不要电子表的通知"),
        (PUYANG, "cover_required: true", "cover: {min_pages: 2}\ncover_required: false", "cover：写了 cover"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_told_with_line_and_key(
    tmp_path: Path, text: str, change: str, to: str, fault: str
) -> None:
    file = tmp_path / "notice.yaml"
    assert change in text
    file.write_text(text.replace(change, to, 1), encoding="utf-8")
    told = check_notice(file)
    assert any(fault in each and each.startswith("第") for each in told), told


def test_a_notice_with_a_workbook_may_ask_for_more_pages_and_files(tmp_path: Path) -> None:
    file = tmp_path / "notice.yaml"
    more = "cover: {min_pages: 2}\nattachments: [{key: plan, name: 汇报, kinds: [docx], required: false}]\ncover_required: true"
    file.write_text(PUYANG.replace("cover_required: true", more, 1), encoding="utf-8")
    assert check_notice(file) == []


def test_the_rules_in_words_say_what_must_come() -> None:
    told = {rule.title: rule.text for rule in rules(SAFETY, 10)}
    assert "不要电子表" in told["报什么"]
    assert told["扫描件页数"] == "至少3页，最多20页，空白页不算。"
    assert "公章盖在最后一页" in told["扫描件"]
    assert told["整改方案"].startswith("必须一并报送：Word文档（.docx）或PDF")
    assert told["现场照片"].startswith("有就一并报送")
    assert columns(SAFETY) == ()
    assert "扫描件页数" not in {rule.title for rule in rules(NOTICE, 10)}
