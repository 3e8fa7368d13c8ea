"""The catalogue holds every code of the product's contract, and the page in docs says the same."""

from __future__ import annotations

import string

import pytest

from docs.make_problems import PAGE, page
from domain.catalogue import CATALOGUE, LISTED_AT_MOST, capped, problem
from domain.masking import mask_called, mask_mobiles, mask_phone, mask_phone_field, mask_phones
from domain.problems import Place, Severity

CODES = {
    Severity.ERROR: """
        sheet.missing cover.missing sheet.unreadable sheet.encrypted sheet.wrong_form sheet.no_rows sheet.ambiguous
        cover.unreadable cover.encrypted cover.wrong_form cover.not_a_scan cover.unstamped cover.seal_mismatch
        cover.seal_wrong_kind cover.content_mismatch header.unit_missing header.unit_unknown header.date_missing
        header.date_invalid header.placeholder header.conflict row.required row.unit_mismatch row.phone_invalid
        row.filed_invalid row.filing_number_missing row.filing_number_invalid row.filing_number_unexpected
        row.duplicate row.placeholder row.formula_error row.number_invalid row.number_range row.date_invalid row.date_range
        row.choice_invalid row.identity_invalid row.credit_code_invalid row.code_unknown row.code_name row.pattern_invalid
        header.value_missing header.value_invalid table.totals_missing table.totals_mismatch table.missing
        attachment.malware attachment.bomb attachment.too_large attachment.unreadable attachment.cloud_link
        cover.too_few_pages cover.too_many_pages cover.wrong_document attachment.missing""",
    Severity.REVIEW: """
        cover.electronic_seal cover.seal_unreadable cover.colourless cover.seal_suspect cover.low_quality
        header.unit_unlisted mail.takeover mail.foreign_part""",
    Severity.WARNING: """
        sheet.odd_format sheet.hidden_rows sheet.left_out sheet.macros row.phone_unusual row.multiple_apps row.filing_number_irregular
        round.missing_row round.jump round.not_current
        policy.unfiled_app policy.blacklisted policy.not_in_register policy.register_mismatch policy.restricted_app
        timing.late mail.unchanged mail.unknown_sender mail.sender_unverified attachment.unsupported""",
}
DETAILS = {
    name: f"〈{name}〉"
    for entry in CATALOGUE.values()
    for words in (entry.words, *entry.variants.values())
    for template in (words.message, words.advice)
    for _, name, _, _ in string.Formatter().parse(template)
    if name and name not in ("file", "sheet", "cell", "field", "value")
}
PLACE = Place(file="a.xlsx", sheet="Sheet1", cell="C7", field="电话", value="值")


def test_every_code_has_its_severity() -> None:
    wanted = {code: severity for severity, codes in CODES.items() for code in codes.split()}
    assert {code: entry.severity for code, entry in CATALOGUE.items()} == wanted


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_wording_is_whole(code: str) -> None:
    for variant in ("", *CATALOGUE[code].variants):
        made = problem(code, PLACE, variant=variant, **DETAILS)  # type: ignore[arg-type]
        for text in (made.message, made.advice):
            assert text.endswith("。")
            assert "{" not in text
            assert not any(mark in text for mark in (",", "?", "!", ";", "。。", "  "))
        assert (made.file, made.cell, made.value) == ("a.xlsx", "C7", "值")


def test_the_page_in_docs_is_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python docs/make_problems.py"
    assert all(f"### `{code}` " in page() for code in CATALOGUE)


def test_a_severity_can_be_given() -> None:
    made = problem("attachment.unsupported", PLACE, severity=Severity.ERROR, variant="sheet")
    assert made.severity is Severity.ERROR
    with pytest.raises(KeyError):
        problem("row.unknown", PLACE)


@pytest.mark.parametrize(("found", "listed", "total"), [(49, 49, None), (50, 50, None), (51, 50, 51), (700, 50, 700)])
def test_a_code_is_listed_fifty_times_with_its_total(found: int, listed: int, total: int | None) -> None:
    problems = [problem("row.required", Place(file="a.xlsx", cell=f"C{n}", field="学校")) for n in range(found)]
    other = problem("timing.late", Place(), received="a", deadline="b")
    kept = capped([*problems, other])
    assert len(kept) == listed + 1 and kept[-1] == other
    assert [each.total for each in kept[:-1]] == [None] * (listed - 1) + [total]
    assert [each.cell for each in kept[:-1]] == [f"C{n}" for n in range(listed)]
    assert LISTED_AT_MOST == 50
    assert capped(kept) == kept


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("13912345678", "139****5678"),
        ("139-1234-5678", "139-****-5678"),
        ("0393-8812345", "0393-*****45"),
        ("010-88123456", "010-******56"),
        ("1383930", "1383930"),
        ("8812345", "*****45"),
        ("（0393）8812345", "（0393）*****45"),
        ("１３９１２３４５６７８", "１３９****５６７８"),
        ("李老师", "李老师"),
        ("", ""),
    ],
)
def test_one_phone_is_masked(text: str, masked: str) -> None:
    assert mask_phone(text) == masked


def test_phones_in_a_sentence_are_masked() -> None:
    told = "李老师13912345678/0393-8812345，教APP备4100001号"
    assert mask_phones(told) == "李老师139****5678/0393-*****45，教APP备4100001号"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("138-1234-5678/139-8765-4321", "138-****-5678/139-****-4321"),
        ("138 1234 56789", "138 **** *6789"),
        ("李明13800001111或8812345", "李明138****1111或*****45"),
        ("0393-8812345转801", "0393-*****45转801"),
        ("1383930", "1383930"),
        ("138,1234,5678", "138,****,5678"),
        ("138，1234，5678", "138，****，5678"),
        ("1381234、5678", "138****、5678"),
        ("138/1234/5678", "138/****/5678"),
        ("881、2345", "***、**45"),
        ("138，1234，5678转801", "138，****，***8转801"),
        ("+86 138-1234-5678", "+86 138-****-5678"),
        ("８６１３８１２３４５６７８", "８６１３８****５６７８"),
    ],
)
def test_a_phone_column_shows_no_number_whole(text: str, masked: str) -> None:
    assert mask_phone_field(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("一中 138 1234 5678 智学网", "一中 138 **** 5678 智学网"),
        ("138-1234-5678/139-8765-4321", "138-****-5678/139-****-4321"),
        ("13800001111 13900002222", "138****1111 139****2222"),
        ("15 13800001111", "15 138****1111"),
        ("电话0393 8812345", "电话0393 *****45"),
        ("电话881-2345", "电话***-**45"),
        ("教APP备41000012号，教APP备 3400001 号", "教APP备41000012号，教APP备 3400001 号"),
        ("2020-02-27至2020年3月1日，共46行", "2020-02-27至2020年3月1日，共46行"),
        ("138 - 1234 - 5678", "138 - **** - 5678"),
        ("138_1234_5678，138～1234～5678", "138_****_5678，138～****～5678"),
        ("8613812345678，+86 13812345678", "86138****5678，+86 138****5678"),
        ("2020-2021学年语文，20200228", "2020-2021学年语文，20200228"),
        ("教APP备：4100007，教App各4100007，教APP备: 4100007", "教APP备：4100007，教App各4100007，教APP备: 4100007"),
        ("2020-2345，20201345", "20**-**45，20****45"),
    ],
)
def test_numbers_in_a_sentence(text: str, masked: str) -> None:
    assert mask_phones(text) == masked


@pytest.mark.parametrize("text", ["138 - 1234 - 5678", "138_1234_5678", "8613812345678", "138\n1234\n5678"])
def test_no_mobile_in_a_message_stays_whole(text: str) -> None:
    assert "1234" not in mask_mobiles(f"一中{text}，见表")
    assert "1234" not in mask_called(f"一中{text}，见表")


@pytest.mark.parametrize("text", ["8812345", "20200228", "2020-2021", "4100007"])
def test_bare_numbers_stay_where_no_phone_is_expected(text: str) -> None:
    assert mask_called(text) == text
