"""The notice file: what the shipped one means, and that a wrong one is refused with line and key."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.notices import SHIPPED, NoticeError, check_notice, load_notice, shipped_notices
from domain.problems import Severity

TEXT = (SHIPPED / "puyang-2020-51.yaml").read_text(encoding="utf-8")
NOTICE = load_notice("puyang-2020-51")


def line_of(text: str, fragment: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if fragment in line)


def test_identity_and_window() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    assert (NOTICE.id, NOTICE.short, NOTICE.number) == ("puyang-2020-51", "PY51", "濮教指〔2020〕51号")
    assert NOTICE.opens == datetime(2020, 2, 25, tzinfo=shanghai)
    assert NOTICE.deadline == datetime(2020, 2, 28, 23, 59, 59, tzinfo=shanghai)
    assert NOTICE.grace == timedelta(hours=48)
    assert NOTICE.mailbox == "77222415@qq.com"
    assert shipped_notices() == ("puyang-2020-51", "safety-inspection", "staff-roster", "students-monthly")


def test_reporters() -> None:
    codes = {reporter.code: reporter.name for reporter in NOTICE.reporters}
    assert codes == {
        "PYX": "濮阳县", "QFX": "清丰县", "NLX": "南乐县", "FX": "范县", "TQX": "台前县", "HLQ": "华龙区",
        "JKQ": "濮阳经济技术开发区", "GYQ": "濮阳工业园区", "SFQ": "濮阳市城乡一体化示范区",
    }  # fmt: skip
    assert NOTICE.bureau_run is not None
    assert (NOTICE.bureau_run.row_unit, NOTICE.bureau_run.listed) == ("市直", False)


@pytest.mark.parametrize(
    ("code", "names", "seals", "no_seals"),
    [
        ("FX", ["范县", "濮阳市范县", "范县教体局"], ["濮阳市范县教育和体育局", "范县教育局"], ["范县", "濮阳市范县"]),
        ("JKQ", ["经开区", "濮阳市经开区"], ["濮阳经济技术开发区社会事业局", "濮阳市开发区教育局"], ["经开区"]),
        ("SFQ", ["城乡一体化示范区", "濮阳示范区"], ["濮阳市城乡一体化示范区社会事业局"], ["濮阳市城乡一体化示范区"]),
    ],
)
def test_names_are_expanded(code: str, names: list[str], seals: list[str], no_seals: list[str]) -> None:
    reporter = NOTICE.reporter(code)
    assert reporter is not None
    assert set(names) | set(seals) <= set(reporter.names)
    assert set(seals) <= set(reporter.seal_names)
    assert not set(no_seals) & set(reporter.seal_names)
    assert "社会事业局" not in "".join(NOTICE.reporters[0].names)
    assert len(set(reporter.names)) == len(reporter.names)


def test_form() -> None:
    form = NOTICE.form
    keys = ["unit", "school", "app", "operator", "contact", "phone", "function", "filed", "filing_number"]
    assert [column.key for column in form.columns] == keys
    assert [field.key for field in form.header] == ["unit", "date"]
    assert [column.key for column in form.columns if not column.required] == ["function", "filing_number"]
    assert form.column("filing_number").required_if == ("filed", "是")
    assert form.duplicate_key == ("school", "app")
    assert len(form.notes) == 4
    assert re.search(form.title_pattern, "濮阳县学习类APP统计备案表")["unit"] == "濮阳县"  # type: ignore[index]
    assert NOTICE.filing is not None
    assert re.fullmatch(NOTICE.filing.pattern, NOTICE.filing.hint)


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "notice.yaml"
    path.write_text(text, encoding="utf-8")
    return path


FAULTS = [
    # what is replaced, by what, the line's fragment in the changed file, what the fault says
    ("area_code:", "aera_code:", "aera_code:", "aera_code：不认识的键。是不是想写“area_code”"),
    ("nil_column: app", "nil_colum: app", "nil_colum: app", "form.nil_colum：不认识的键。是不是想写“nil_column”"),
    ("short: PY51", "short: [PY51]", "short:", "short：应为文字"),
    ("deadline: 2020-02-28", "deadline: 月底", "deadline:", "deadline：应为日期"),
    ("deadline: 2020-02-28", "deadline: 2020-02-20", "deadline:", "deadline：截止时间早于开始时间"),
    ("deadline: 2020-02-28", "deadline: 2020-02-30", "deadline:", "deadline：没有“2020-02-30”这一天"),
    ("deadline: 2020-02-28", "deadline: 2020-02-28 25:00", "deadline:", "deadline：没有“2020-02-28 25:00”这一天或这个时刻"),
    ("rules: []", "rules: [{code: timing.late, severity: error, since: 2020-13-01}]", "rules:", "rules[0].since：没有"),
    ("kind: county, addresses: []", "kind: county, addresses: [abc]", "code: PYX", "reporters[0].addresses[0]：应为邮箱地址"),
    ("mailbox: 77222415@qq.com", "mailbox: qq.com", "mailbox:", "mailbox：应为邮箱地址"),
    ("timezone: Asia/Shanghai", "timezone: 北京", "timezone:", "timezone：没有“北京”这个时区"),
    ("grace_hours: 48", "grace_hours: 两天", "grace_hours", "grace_hours：应为数字"),
    ("cover_required: true", "cover_required: 要", "cover_required", "cover_required：应为 true 或 false"),
    ("{code: QFX,", "{code: PYX,", "{code: PYX, name: 清丰", "reporters[1].code：代码“PYX”已经给了濮阳县"),
    ("aliases: [清丰]", "aliases: [清丰, 范县]", "name: 范县", "也是清丰县的写法"),
    ("name: 范县, kind: county", "name: 范县, kind: city", "kind: city", "reporters[3].kind：naming.kinds 里没有“city”"),
    ("type: phone", "type: phon", "type: phon", "form.columns[5].type：只能是"),
    ("required_if: {filed: 是}", "required_if: {filled: 是}", "key: filing_number", "没有“filled”这一列"),
    ("nil_column: app", "nil_column: ap", "nil_column: ap", "form.nil_column：没有“ap”这一列"),
    ("duplicate_key: [school, app]", "duplicate_key: [shool]", "duplicate_key", "form.duplicate_key[0]：没有“shool”"),
    ("(?P<unit>", "(?P<nit>", "title_pattern", "form.title_pattern：要有名为 unit 的组"),
    ("'^1\\d?[X×]{5,}'", "'^1('", "'^1('", "form.placeholder_patterns[3]：正则表达式写错了"),
    ("hint: 教APP备4100001号", "hint: 教APP备9900001号", "hint:", "filing_number.hint：这个例子不符合"),
    ("rules: []", "rules: [{code: row.phone, severity: error}]", "rules:", "rules[0].code：没有“row.phone”这个问题代码"),
    ("rules: []", "rules: [{code: row.duplicate, severity: eror}]", "rules:", "是不是想写“error”"),
    ("short: PY51", "short: PY51\nshort: PY52", "short: PY52", "short：这个键写了两次"),
    ("  contact: 如有疑问", "  #contact: 如有疑问", "wording:", "wording.contact：缺这一项"),
    ("area_code: \"0393\"", "area_code: 393", "area_code", "area_code：应为文字（数字"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "fragment", "said"), FAULTS)
def test_a_fault_names_line_and_key(tmp_path: Path, old: str, new: str, fragment: str, said: str) -> None:
    assert TEXT.count(old) >= 1
    changed = TEXT.replace(old, new, 1)
    told = check_notice(write(tmp_path, changed))
    fitting = [fault for fault in told if said in fault]
    assert fitting, told
    if "required_if" not in new:
        assert fitting[0].startswith(f"第{line_of(changed, fragment)}行 "), fitting


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2020-02-28", "2020-02-28T23:59:59+08:00"),
        ('"2020-2-28"', "2020-02-28T23:59:59+08:00"),
        ("2020-02-28 18:00", "2020-02-28T18:00:00+08:00"),
        ("2020-02-28 18:00:30", "2020-02-28T18:00:30+08:00"),
        ("2020-02-28T18:00:00Z", "2020-02-29T02:00:00+08:00"),
        ("2020-02-28 18:00:00 +09:00", "2020-02-28T17:00:00+08:00"),
    ],
)
def test_days_and_moments(tmp_path: Path, written: str, meant: str) -> None:
    text = TEXT.replace("deadline: 2020-02-28", f"deadline: {written}")
    assert load_notice(write(tmp_path, text)).deadline.isoformat() == meant


def test_every_fault_is_listed_at_once(tmp_path: Path) -> None:
    changed = TEXT.replace("short: PY51", "shrt: PY51").replace("type: phone", "type: phon")
    with pytest.raises(NoticeError) as raised:
        load_notice(write(tmp_path, changed))
    assert len(raised.value.faults) == 3  # unknown key, missing key, unknown type
    assert all(fault.startswith("第") for fault in raised.value.faults)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "文件是空的"),
        (b"id: [1", "YAML写法有误"),
        ("title: 关于印发的通知".encode("gb18030"), "UTF-8"),
        (b"- a\n- b\n", "应为一组"),
        (b"title: !!int x\n", "YAML写法有误"),
    ],
)
def test_what_is_no_notice_at_all(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "notice.yaml"
    path.write_bytes(data)
    assert said in check_notice(path)[0]


def test_unknown_notices_name_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(NoticeError, match="puyang-2020-51"):
        load_notice("kaifeng-2021-1", tmp_path)
    with pytest.raises(NoticeError, match="打不开"):
        load_notice(f"{tmp_path}/none")
    assert "打不开" in check_notice(tmp_path / "none.yaml")[0]


def test_a_folder_of_notices_goes_before_the_shipped(tmp_path: Path) -> None:
    (tmp_path / "puyang-2020-51.yaml").write_text(TEXT.replace("grace_hours: 48", "grace_hours: 24"), encoding="utf-8")
    assert load_notice("puyang-2020-51", tmp_path).grace == timedelta(hours=24)
    (tmp_path / "other.yaml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(NoticeError, match="应与文件名一致"):
        load_notice("other", tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_bureau_run_schools_from_csv(tmp_path: Path, encoding: str) -> None:
    csv = "代码,名称,别名,邮箱,电话\nSZ01,濮阳市第一高级中学,市一高；一高,yigao@163.com,0393-4411111\nSZ02,濮阳市实验中学,,,\n"
    (tmp_path / "schools.csv").write_text(csv, encoding=encoding)
    text = TEXT.replace("  code: SZ  ", "  schools_file: schools.csv\n  code: SZ  ")
    notice = load_notice(write(tmp_path, text))
    school = notice.reporter("SZ01")
    assert school is not None and notice.bureau_run is not None
    assert notice.bureau_run.listed
    assert school.bureau_run and school.row_units == ("市直",)
    assert {"濮阳市第一高级中学", "第一高级中学", "市一高", "一高"} <= set(school.seal_names)
    assert school.addresses == ("yigao@163.com",)


def test_a_wrong_list_of_schools_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text("代码,名称\nSZ01,濮阳市第一高级中学\n,濮阳市实验中学\n", encoding="utf-8")
    text = TEXT.replace("  code: SZ  ", "  schools_file: schools.csv\n  code: SZ  ")
    told = check_notice(write(tmp_path, text))
    assert len(told) == 1
    assert told[0].startswith(f"第{line_of(text, 'schools_file: schools.csv')}行 ") or "schools_file" in told[0]
    assert "第3行：code缺这一项" in told[0]


def test_a_list_of_schools_with_a_wrong_address(tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text("代码,名称,邮箱\nSZ01,濮阳市第一高级中学,一高\n", encoding="utf-8")
    text = TEXT.replace("  code: SZ  ", "  schools_file: schools.csv\n  code: SZ  ")
    [told] = check_notice(write(tmp_path, text))
    assert "第2行：addresses[0]应为邮箱地址" in told


def test_rules_change_severity_from_a_day(tmp_path: Path) -> None:
    rules = "rules: [{code: row.phone_unusual, severity: off}, {code: timing.late, severity: error, since: 2020-03-01}]"
    notice = load_notice(write(tmp_path, TEXT.replace("rules: []", rules)))
    assert [rule.severity for rule in notice.rules] == [None, Severity.ERROR]


def test_shipped_notice_has_no_faults() -> None:
    assert check_notice(SHIPPED / "puyang-2020-51.yaml") == []
