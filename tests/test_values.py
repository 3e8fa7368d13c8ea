"""Values by their type, and the notice's own rules: a workbook as a clerk sends it in, (cell, code) out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from config.notices import load_notice
from domain.catalogue import called
from domain.checks import check_sheet
from domain.identify import reporter_of
from domain.numbers import read_number, shown
from domain.problems import Problem, Severity
from domain.registered_numbers import Slip, credit_check, credit_code_slip, identity_check, identity_slip
from domain.sheet import Sheet
from parsers.workbook import read_workbook
from tests.forms import as_bytes

NOTICE = load_notice(Path(__file__).parent / "resources/notices/typed.yaml")
RECEIVED = datetime(2026, 9, 9, 2, tzinfo=UTC)
LATER = datetime(2026, 12, 2, 2, tzinfo=UTC)
NAMES = [column.name for column in NOTICE.form.columns]
PUPIL, OTHER = "41010119900307123", "41010119850612456"
PUPIL, OTHER = PUPIL + identity_check(PUPIL), OTHER + identity_check(OTHER)
CREDIT = "12410100416048123" + credit_check("12410100416048123")
ROWS: tuple[dict[str, object], ...] = (
    {
        "学校代码": "4101001", "学校名称": "乙县第一小学", "学校类别": "小学", "男生数": 60, "女生数": 58, "在校生数": 118,
        "巩固率": 99.5, "建校日期": date(1958, 9, 1), "校长身份证号": PUPIL, "统一社会信用代码": CREDIT, "学籍号": "G4109",
        "是否寄宿": "否", "床位数": None,
    },
    {
        "学校代码": "4101002", "学校名称": "乙县第二中学", "学校类别": "初中", "男生数": "1,200", "女生数": 1000, "在校生数": 2200,
        "巩固率": None, "建校日期": "1962年9月1日", "校长身份证号": OTHER, "统一社会信用代码": CREDIT, "学籍号": "Ｇ4110",
        "是否寄宿": "是", "床位数": 800,
    },
)  # fmt: skip
TEACHERS = (("乙县第一小学", "李明", 41), ("乙县第二中学", "王芳", 35))
TOTALS = ("合 计", None, None, 1260, 1058, 2318)


def workbook(
    *changes: Mapping[str, object], totals: tuple[object, ...] | None = TOTALS, teachers: object = TEACHERS, total: object = 2318,
) -> bytes:  # fmt: skip
    """Two schools, one change a school. `teachers` None: without that sheet."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["乙县在校生情况表"])
    sheet.append(["填报单位：乙县", None, None, "填报时间：2026年9月8日", None, None, "在校生总数：", total])
    sheet.append(NAMES)
    for at, row in enumerate(ROWS):
        values = row | (changes[at] if at < len(changes) else {})
        sheet.append([values[name] for name in NAMES])
    if totals:
        sheet.append(list(totals))
    if teachers is not None:
        further = book.create_sheet("名册")
        further.append(["学校名称", "姓名", "年龄"])
        for each in teachers:  # type: ignore[attr-defined]
            further.append(list(each))
    return as_bytes(book)


def read(data: bytes) -> Sheet:
    found = read_workbook(data, name="表.xlsx", sha256="0" * 64, form=NOTICE.form, area_code=NOTICE.area_code)
    assert isinstance(found, Sheet), found
    return found


def problems(data: bytes, at: datetime = RECEIVED) -> tuple[Problem, ...]:
    sheet = read(data)
    return check_sheet(sheet, NOTICE, reporter_of(sheet, None, NOTICE).reporter, at)


def told(data: bytes, at: datetime = RECEIVED) -> list[tuple[str | None, str]]:
    return [(each.cell, each.code) for each in problems(data, at)]


def test_a_right_return_has_no_problem() -> None:
    assert told(workbook()) == []
    sheet = read(workbook())
    assert [len(sheet.rows), len(sheet.totals), len(sheet.tables["teachers"])] == [2, 1, 2]


VALUES: list[tuple[dict[str, object], list[tuple[str, str]]]] = [
    ({"男生数": "六十"}, [("D4", "row.number_invalid")]),
    ({"男生数": "60人"}, [("D4", "row.number_invalid")]),
    ({"男生数": 60.5}, [("D4", "row.number_invalid")]),
    ({"男生数": -1, "女生数": 119}, [("D4", "row.number_range"), ("E6", "table.totals_mismatch")]),
    ({"男生数": "/"}, [("D4", "row.required")]),
    ({"男生数": None}, [("D4", "row.required")]),
    ({"巩固率": 100.01}, [("G4", "row.number_range")]),
    ({"巩固率": "99.555"}, [("G4", "row.number_invalid")]),
    ({"巩固率": "/"}, []),
    ({"巩固率": "９９．５"}, []),
    ({"学校类别": "高中"}, [("C4", "row.choice_invalid")]),
    ({"学校类别": " 小 学"}, []),
    ({"建校日期": "1958年"}, [("H4", "row.date_invalid")]),
    ({"建校日期": "1958年2月30日"}, [("H4", "row.date_invalid")]),
    ({"建校日期": "1899年12月31日"}, [("H4", "row.date_range")]),
    ({"建校日期": "2026年9月10日"}, [("H4", "row.date_range")]),
    ({"校长身份证号": PUPIL[:-1] + ("1" if PUPIL[-1] != "1" else "2")}, [("I4", "row.identity_invalid")]),
    ({"校长身份证号": "410101900307123"}, [("I4", "row.identity_invalid")]),
    ({"校长身份证号": 410101199003071230}, [("I4", "row.identity_invalid")]),
    ({"统一社会信用代码": CREDIT[:-1] + ("0" if CREDIT[-1] != "0" else "1")}, [("J4", "row.credit_code_invalid")]),
    ({"统一社会信用代码": "1241010041604812"}, [("J4", "row.credit_code_invalid")]),
    ({"学校代码": "4101009"}, [("A4", "row.code_unknown"), ("A5", "rule.order")]),
    ({"学校名称": "乙县第三小学"}, [("B4", "row.code_name")]),
    ({"学籍号": "4109"}, [("K4", "row.pattern_invalid")]),
    ({"是否寄宿": "住"}, [("L4", "row.filed_invalid")]),
    ({"是否寄宿": "是"}, [("M4", "rule.beds")]),
    ({"男生数": 60.5}, [("D4", "row.number_invalid")]),
    ({"在校生数": 120}, [("F6", "table.totals_mismatch"), ("F4", "rule.sum"), (None, "rule.header")]),
    ({"校长身份证号": OTHER}, [("I5", "rule.once")]),
]


@pytest.mark.parametrize(("change", "expected"), VALUES)
def test_values(change: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert told(workbook(change)) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (workbook(totals=None), [(None, "table.totals_missing")]),
        (workbook(totals=("合计", None, None, 1260, None, 2318)), [("E6", "table.totals_mismatch")]),
        (
            workbook(teachers=None),
            [(None, "table.missing"), (None, "rule.teachers"), ("B4", "rule.staffed"), ("B5", "rule.staffed")],
        ),
        (workbook(teachers=TEACHERS[:1]), [(None, "rule.teachers"), ("B5", "rule.staffed")]),
        (workbook(teachers=(*TEACHERS, ("乙县第二中学", "赵", 17))), [("C4", "row.number_range"), ("B4", "rule.each")]),
        (workbook(total=2300), [(None, "rule.header")]),
        (workbook(total=None), []),
        (workbook(total="很多"), [("H2", "header.value_invalid")]),
    ],
)
def test_tables_and_header(data: bytes, expected: list[tuple[str | None, str]]) -> None:
    assert told(data) == expected


def test_a_rule_warns_before_its_day_and_rejects_from_it_on() -> None:
    data = workbook({"建校日期": "2026年9月1日"})
    assert [each.severity for each in problems(data) if each.code == "rule.young"] == [Severity.WARNING]
    assert [each.severity for each in problems(data, LATER) if each.code == "rule.young"] == [Severity.ERROR]


def test_words_say_what_stands_there() -> None:
    [_, sum_, whole] = problems(workbook({"在校生数": 120}))
    assert sum_.message == "应当在校生数等于男生数＋女生数；现在在校生数是120，男生数＋女生数是118。"
    assert whole.message.endswith("现在在校生数合计是2320，表头的在校生总数是2318。")
    [beds] = problems(workbook({"是否寄宿": "是"}))
    assert beds.message == "寄宿学校应有床位，乙县第一小学的床位数是“”。"
    assert called(beds.code, NOTICE.own_rules) == "床位"
    [identity] = problems(workbook({"校长身份证号": PUPIL[:17] + "A"}))
    assert PUPIL[6:14] not in identity.message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,200", Decimal(1200)), ("12,00", None), ("１２", Decimal(12)), ("-3.50", Decimal("-3.5")), ("3.", None), ("", None),
        ("0.30000000000000004", Decimal("0.3")), ("118.00000000000001", Decimal(118)), ("1.2E3", Decimal(1200)), ("１．５人", None),
    ],
)  # fmt: skip
def test_numbers(text: str, value: Decimal | None) -> None:
    assert read_number(text) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_a_number_that_is_shown_is_read_again(value: Decimal) -> None:
    assert read_number(shown(value)) == value


_DAYS = st.dates(min_value=date(1901, 1, 1), max_value=date(2026, 1, 1))


@given(born=_DAYS, tail=st.integers(0, 999), place=st.integers(0, 16), digit=st.integers(0, 9))
def test_identity_numbers_are_those_of_the_standard(born: date, tail: int, place: int, digit: int) -> None:
    """GB 11643, against an implementation by others (python-stdnum, which knows no day of today)."""
    front = f"410101{born:%Y%m%d}{tail:03}"
    number = front + identity_check(front)
    assert ric.calc_check_digit(number) == number[-1]
    assert identity_slip(number, date(2026, 9, 9)) is None
    changed = number[:place] + str(digit) + number[place + 1 :]
    assert (identity_slip(changed, date(2026, 9, 9)) is None) == (changed == number)


@given(st.from_regex(r"\A[159Y][1239][0-9]{6}[0-9ABCDEFGHJKLMNPQRTUWXY]{9}\Z"), st.data())
def test_credit_codes_are_those_of_the_standard(front: str, data: st.DataObject) -> None:
    """GB 32100, against python-stdnum."""
    code = front + credit_check(front)
    assert uscc.calc_check_digit(code) == code[-1]
    assert credit_code_slip(code) is None
    place = data.draw(st.integers(0, 17))
    letter = data.draw(st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
    changed = code[:place] + letter + code[place + 1 :]
    assert (credit_code_slip(changed) is None) == (changed == code)


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("", Slip.LENGTH), ("4101011990030712", Slip.LENGTH), ("410101900307123", Slip.OLD), ("4.10101199003071E+17", Slip.ROUNDED),
        ("410101199003071000", Slip.ROUNDED), ("4101011990O3071234", Slip.SIGNS), ("010101199003071234", Slip.REGION),
        ("410101199002301234", Slip.DAY), ("410101202701011234", Slip.DAY),
    ],
)  # fmt: skip
def test_slips_of_identity_numbers(text: str, slip: Slip) -> None:
    assert identity_slip(text, date(2026, 9, 9)) is slip


def test_time_of_receipt_is_the_notices_own() -> None:
    """Just after midnight there, the day before in UTC."""
    early = datetime(2026, 9, 9, 16, 30, tzinfo=UTC)
    assert told(workbook({"建校日期": "2026年9月10日"}), early) == [("H4", "rule.young")]
    assert told(workbook({"建校日期": "2026年9月10日"}), early - timedelta(hours=1)) == [("H4", "row.date_range")]
