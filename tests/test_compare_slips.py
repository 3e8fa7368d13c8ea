"""A cell that was read otherwise than it stands in the workbook: slips, specks and seals are told from alterations."""

from __future__ import annotations

from dataclasses import replace
from math import log

import pytest

from domain.compare_cells import Expected, judge_cell
from domain.cover import CoverPage
from domain.notice import ColumnType
from tests.compare_pages import (
    KEYS,
    ROWS,
    changed,
    findings,
    lattice,
    page,
    reading,
    sheet,
    verdicts,
    with_reading,
)


def test_a_slip_of_the_recogniser_is_no_difference_and_a_toss_up_is_doubt() -> None:
    def with_phone(share: float) -> CoverPage:
        right, wrong = log(share), log(1 - share)
        phone = ROWS[0][KEYS.index("phone")]
        steps = list(lattice(phone))
        steps[6] = (("8", wrong), (phone[3], right))
        printed = page(changed(ROWS, 0, "phone", phone[:3] + "8" + phone[4:]))
        read = reading(phone[:3] + "8" + phone[4:], read=tuple(steps))
        return with_reading(printed, (1, 5), read)

    assert verdicts(sheet(ROWS), with_phone(0.45)) == {}
    assert verdicts(sheet(ROWS), with_phone(0.10)) == {"F4": "doubtful"}
    assert verdicts(sheet(ROWS), with_phone(0.0001)) == {"F4": "differs"}


@pytest.mark.parametrize(
    ("printed", "confidence", "under_seal", "verdict"),
    [
        ("歌范县", 0.83, True, "match"),
        ("歌范县", 0.99, True, "doubtful"),
        ("歌范县", 0.83, False, "doubtful"),
        ("歌范郾", 0.83, True, "doubtful"),
        ("范27县", 0.97, True, "match"),  # the number at the rim runs between two lines of the cell
        ("范27县", 0.97, False, "differs"),
        ("范2县", 0.97, True, "doubtful"),
    ],
)
def test_the_rest_of_a_seal_is_no_text(printed: str, confidence: float, under_seal: bool, verdict: str) -> None:
    made = page(ROWS)
    made = with_reading(made, (1, 0), reading(printed, confidence), under_seal=under_seal)
    assert verdicts(sheet(ROWS), made).get("A4", "match") == verdict


def test_a_speck_read_beside_a_slip_makes_no_difference_of_it() -> None:
    read = [(("。", -0.02),), (("", -0.001),), (("间", -0.08), ("阎", -2.6)), (("", -0.001),), *lattice("霞")]
    cell = replace(page(ROWS).cells[-1], reading=reading("。间霞", 0.97, tuple(read)))
    assert judge_cell(Expected(address="E4", field="联系人", text="阎霞"), cell, 1).verdict == "match"


@pytest.mark.parametrize(
    ("phone", "printed", "under_seal", "verdict"),
    [
        ("13839301234", "805013839301234", True, "match"),  # the number at the rim beside it
        ("13839301234", "805013839301234", False, "differs"),
        ("1383930123", "13839301234", True, "doubtful"),  # a digit was lost in the workbook
        ("0393-4556020", "教育0393-4556020", True, "match"),
        ("0393-4556020", "10393-4556020", True, "doubtful"),
    ],
)
def test_a_seal_beside_a_phone_is_no_part_of_it(phone: str, printed: str, under_seal: bool, verdict: str) -> None:
    cell = replace(page(ROWS).cells[-1], reading=reading(printed, 0.95), under_seal=under_seal)
    wanted = Expected(address="E4", field="电话", text=phone, type=ColumnType.PHONE)
    assert judge_cell(wanted, cell, 1).verdict == verdict


@pytest.mark.parametrize(
    ("key", "workbook", "printed", "verdict"),
    [
        ("function", "打卡、收作业", "打卡·收作业", "match"),
        ("function", "打卡、收作业", "打卡、收作“业", "match"),  # a speck
        ("app", "微课2.0", "微课20", "differs"),
        ("filing_number", "教APP备4100001号", "教AP备4100001号", "doubtful"),  # of two equal letters one
        ("filing_number", "教APP备4100001号", "教AP备4100011号", "differs"),
        (
            "filing_number",
            "教APP备4100001号",
            "RAPP备4100001号",
            "match",
        ),  # the reading was unsure of that one character
        ("filing_number", "教APP备4100001号", "教APP备4100007号", "doubtful"),
    ],
)
def test_signs_and_slips_are_no_difference_but_digits_are(key: str, workbook: str, printed: str, verdict: str) -> None:
    """Where a single character differs, the recogniser held the expected one nearly as likely (1.6 nats)."""
    differing = [at for at, pair in enumerate(zip(workbook, printed, strict=False)) if pair[0] != pair[1]]
    read = list(lattice(printed))
    if len(workbook) == len(printed):
        read[2 * differing[0]] = ((printed[differing[0]], -0.2), (workbook[differing[0]], -1.8))
    column = KEYS.index(key)
    made = page(changed(ROWS, 0, key, printed))
    made = with_reading(made, (1, column), replace(reading(printed), lines=(tuple(read),)))
    found = verdicts(sheet(changed(ROWS, 0, key, workbook)), made)
    assert found.get(f"{'ABCDEFGHI'[column]}4", "match") == verdict


@pytest.mark.parametrize(
    ("printed", "verdict"),
    [("一教APP备4100000号", "doubtful"), ("教APP备4100000号|", "match"), ("二教APP备4100000号", "differs")],
)
def test_the_rest_of_a_ruling_line_contradicts_nothing(printed: str, verdict: str) -> None:
    book = sheet(ROWS)
    found = findings(book, page(changed(ROWS, 0, KEYS[8], printed)))
    assert next(cell.verdict for cell in found.cells if cell.address == "I4") == verdict


@pytest.mark.parametrize(
    ("key", "workbook", "printed", "at", "verdict"),
    [
        ("phone", "0393-8846549", ")393-8846549", 0, "match"),  # no digit is altered into a bracket
        ("phone", "0393-8846549", "8393-8846549", 0, "doubtful"),
        ("contact", "黄旭", "黃旭", 0, "match"),  # the same letter in another script
        ("contact", "郭堃", "郭鼓", 1, "match"),  # where 鼓 is printed, the recogniser never sees a 堃
        ("contact", "线霞", "钱霞", 0, "doubtful"),  # both common: 钱 was printed for 线 with 3.7 nats to spare
        ("contact", "淼淼", "森淼", 0, "doubtful"),  # where 森 is printed, it nearly sees 淼
        ("contact", "王坤", "王堃", 1, "doubtful"),
    ],
)
def test_a_slip_that_no_alteration_looks_like_is_none(
    key: str, workbook: str, printed: str, at: int, verdict: str
) -> None:
    """The recogniser is quite sure of one character, and holds the expected one for fifty times less likely (4 nats)."""
    read = list(lattice(printed))
    read[2 * at] = ((printed[at], -0.02), (workbook[at], -4.0))
    made = page(changed(ROWS, 0, key, printed))
    column = KEYS.index(key)
    made = with_reading(made, (1, column), reading(printed, 0.97, tuple(read)))
    book = sheet(changed(ROWS, 0, key, workbook))
    assert verdicts(book, made).get(f"{'ABCDEFGHI'[column]}4", "match") == verdict


@pytest.mark.parametrize(("read", "verdict"), [("未", "doubtful"), ("末", "match")])
def test_of_the_nearest_look_alikes_only_what_was_read_passes(read: str, verdict: str) -> None:
    """The print says 未 or 末: of the two the recogniser finds either only a little less likely (0.3 nats)."""
    steps = list(lattice(f"{read}校帮"))
    steps[0] = ((read, log(0.57)), ("末" if read == "未" else "未", log(0.42)))
    book = sheet(changed(ROWS, 0, KEYS[2], "末校帮"))
    made = page(changed(ROWS, 0, KEYS[2], f"{read}校帮"))
    made = with_reading(made, (1, 2), reading(f"{read}校帮", 0.86, tuple(steps)))
    assert verdicts(book, made).get("C4", "match") == verdict


@pytest.mark.parametrize(
    ("speck", "sure", "verdict"),
    [("C", 0.3, "match"), ("C", 0.97, "differs"), ("*", 0.3, "match"), ("7", 0.3, "doubtful"), ("之", 0.3, "doubtful")],
)
def test_latin_letters_and_signs_beside_a_text_that_were_hardly_read_are_specks(
    speck: str, sure: float, verdict: str
) -> None:
    read = (*lattice("智学网"), ((speck, log(sure)),), (("", -0.001),))
    made = page(ROWS)
    made = with_reading(made, (2, 2), reading(f"智学网{speck}", 0.9, read))
    assert verdicts(sheet(ROWS), made).get("C5", "match") == verdict


@pytest.mark.parametrize(
    ("best", "other", "verdict"),
    [
        ("/", "1", "doubtful"),
        ("(", "0", "doubtful"),
        ("*", "版", "doubtful"),
        ("l", "1", "doubtful"),
        ("*", "x", "match"),
    ],
)
def test_what_may_be_an_added_digit_or_character_is_no_speck(best: str, other: str, verdict: str) -> None:
    number = "教APP备1100001号"
    read = (*lattice(number), ((best, log(0.48)), (other, log(0.4))), (("", -0.001),))
    made = page(changed(ROWS, 0, KEYS[-1], number))
    column = len(KEYS) - 1
    made = with_reading(made, (1, column), reading(f"{number}{best}", 0.9, read))
    book = sheet(changed(ROWS, 0, KEYS[-1], number))
    assert verdicts(book, made).get(f"{'ABCDEFGHI'[column]}4", "match") == verdict
