"""What a blank form lets us propose: for each column a type, by its name, drop-down and number format, and for each label its key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from domain.blank_form import ROUND, UNIT, BlankColumn, BlankField, BlankForm, BlankTable
from domain.draft import Draft, DraftColumn, DraftField, DraftTable, Plain
from domain.text import normalise

_KEYS = {
    "学校": "school", "学校名称": "school", "姓名": "name", "性别": "sex", "联系人": "contact", "联系电话": "phone", "电话": "phone",
    "手机号": "phone", "手机号码": "phone",
    "身份证号": "identity", "身份证号码": "identity", "备注": "remark", "年级": "grade", "班级": "class",
    "金额": "amount", "数量": "count", "日期": "day", "地址": "address", "是否备案": "filed", "备案号": "filing_number", "项目": "item",
    "在校生数": "pupils", "男生数": "boys", "女生数": "girls", "教师数": "teachers", "班级数": "classes", "统一社会信用代码": "credit_code",
    "出生日期": "born", "职务": "post", "职称": "rank", "学历": "education", "民族": "nation",
}  # fmt: skip
_ALIASES = {
    "phone": ("电话", "联系电话", "联系方式", "手机", "手机号", "手机号码", "电话号码"),
    "name": ("姓名", "名字"),
    "school": ("学校", "学校名称", "学校全称"),
    "contact": ("联系人", "联系人姓名"),
    "remark": ("备注", "说明"),
    "identity": ("身份证号", "身份证号码", "公民身份号码", "身份证"),
}
_SERIAL = re.compile(r"序号|编号|序|行次|行号|No\.?", re.IGNORECASE)
_UNIT = re.compile(
    r"(?:填报|上报|报送|填表|所属|所在)?(?:单位|县区|区县|县\(区\)|县\(市,区\)|县市区)(?:名称)?|(?:填报|上报|报送)(?:单位|学校)名?称?"
)
_UNIT_LABEL = re.compile(
    r"(?:(?:填报|上报|报送|填表|报表|申报|统计|编报)?(?:单位|学校|县区|区县|县\(区\))(?:名称|全称)?|所属县区)"
)
_DATE_LABEL = re.compile(r"(?:填报|上报|报送|填表|制表|统计|申报|编报|报出)?(?:日期|时间|年月日)")
_OPTIONAL = re.compile(r"备注|说明$|^其[他它]$|附注|(?:选填)|可不填|如有|曾用名")
_BRACKETED = re.compile(r"[(\[][^()\[\]]*[)\]]")
_TYPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("identity_number", re.compile(r"身份证|公民身份号")),
    ("credit_code", re.compile(r"统一社会信用代码|信用代码")),
    ("phone", re.compile(r"电话|手机|联系方式|联系号码")),
    ("yes_no", re.compile(r"^是否|^有无|是否|\(是/否\)|\(是否\)")),
    ("date", re.compile(r"日期|(?<!工作)(?<!任职)(?<!毕业)(?<!入职)时间$|年月日")),
    ("number", re.compile(
        r"(?:人|次|台|套|册|件|班|户|项|间|辆|份|总|个|学时|课时|天|门|学位|床位|用水|用电|间)数$|数量|人数|金额|面积|经费|费用|单价|总价|价格|支出|收入|年龄|"
        r"比例|占比|百分比|率$|得分|分数|预算数|执行数|合计|小计|总计|(?<![系序指参次函倍])数$|费$|(?:男|女|在校|学|教|幼|毕业|寄宿|招)(?:生|师|儿)?数$|人次|学时|课时|(?<!排)(?<!位)名额|用水量|用电量|容量|"
        r"\((?:人|元|万元|个|所|平方米|㎡|m2|台|套|册|间|%|次)\)"
    )),
)  # fmt: skip
_PERSON = re.compile(r"姓名|联系人|负责人|校长|教师$|驾驶员|司机|监护人|家长|班主任|填表人|校医|指导教师|检查人")
_INTEGER = re.compile(
    r"(?:人|次|台|套|册|件|班|户|项|间|辆|份|个|名|门|天|生|师|儿)数|人数|数量|\((?:人|个|所|台|套|册|间|次)\)|年龄|人次|名额"
)
_PARTS = re.compile(r"男|女")


def proposed(form: BlankForm) -> Draft:
    """A draft of everything the form tells; what it does not tell is asked (`domain.drafting.questions`)."""
    main = form.main
    columns = _columns(main)
    title = _title(main)
    return Draft(
        form_title=title,
        header=tuple(_header(main.fields)),
        columns=columns,
        notes=main.notes,
        duplicate_key=_duplicate_key(columns),
        totals=_totals(main, columns),
        tables=tuple(_table(number, each) for number, each in enumerate(form.further, 1)),
        checks=tuple(_sums(main, columns)),
        placeholder_patterns=_PLACEHOLDERS,
        special_seal_words=_SPECIAL,
    )


def with_names(title: str, names: Iterable[str]) -> Draft:
    """A draft for a form that nobody made yet: of the names of its columns alone, with unit and day above them."""
    columns = tuple(BlankColumn(lines=(name,), address="") for name in dict.fromkeys(names))
    fields = (BlankField(label="填报单位", address=""), BlankField(label="填报时间", address=""))
    main = BlankTable(sheet="", title=title, fields=fields, columns=columns)
    return proposed(BlankForm(file="", main=main))


_PLACEHOLDERS = (
    r"^[X×]{2,}(县|区|市|学校|小学|中学|幼儿园|单位|公司)",
    r"^20[\dX×]{2}年[X×]{1,2}月",
    r"月[X×]{1,2}日",
    r"^1\d?[X×]{5,}",
)
_SPECIAL = (
    "专用章", "财务", "合同", "发票", "办公室", "教务处", "教导处", "政教处", "总务处", "后勤", "学籍", "档案",
    "工会", "团委", "党支部",
)  # fmt: skip


def _title(table: BlankTable) -> str:
    """With `{unit}`, which a notice must have: in front where the form has no place for it. A period that was written out stays."""
    period = table.period if re.search(r"\d", table.period) else ""
    title = table.title.replace(ROUND, period) or "统计表"
    return title if UNIT in title else UNIT + title


def period_title(table: BlankTable) -> str:
    """The title with `{round}` for a collection that comes again."""
    return table.title if UNIT in table.title else UNIT + table.title


def _header(fields: Iterable[BlankField]) -> Iterator[DraftField]:
    taken: set[str] = set()
    for number, field in enumerate(fields, 1):
        name = _BRACKETED.sub("", normalise(field.label))
        key = "unit" if _UNIT_LABEL.fullmatch(name) else "date" if _DATE_LABEL.fullmatch(name) else f"h{number}"
        if key in taken or not name:
            continue
        taken.add(key)
        type_ = key if key in ("unit", "date") else type_of_name(name)
        aliases = tuple(each for each in _HEADER_ALIASES.get(key, ()) if each != name)
        yield DraftField(key=key, name=name, type=type_, aliases=aliases)


_HEADER_ALIASES = {
    "unit": ("填报单位", "上报单位", "报送单位", "填表单位", "填报单位名称"),
    "date": ("填报时间", "填报日期", "上报时间", "上报日期", "填表时间", "填表日期", "报送时间", "报送日期"),
}


def _columns(table: BlankTable) -> tuple[DraftColumn, ...]:
    made: list[DraftColumn] = []
    last_lines = [normalise(each.lines[-1]) for each in table.columns]
    names: set[str] = set()
    for number, column in enumerate(table.columns, 1):
        name = column.name
        if normalise(name).casefold() in names:
            name = f"{name}{number}"
        names.add(normalise(name).casefold())
        alone = last_lines.count(normalise(column.lines[-1])) == 1
        made.append(_column(column, name, _key(name, number, made), table, alone=alone))
    return _distinct(made)


def _key(name: str, number: int, made: Iterable[DraftColumn]) -> str:
    key = _KEYS.get(_BRACKETED.sub("", normalise(name)), "")
    return key if key and key not in {each.key for each in made} else f"c{number}"


def _column(column: BlankColumn, name: str, key: str, table: BlankTable, *, alone: bool) -> DraftColumn:
    type_, why, more = _type(column, name, table)
    compared = normalise(name)
    if type_ == "unit":
        key = "unit"
    aliases = list(_ALIASES.get(key, ()))
    aliases += ["".join(column.lines)] if len(column.lines) > 1 else []
    aliases += [column.lines[-1]] if len(column.lines) > 1 and alone else []
    bare = _BRACKETED.sub("", compared)
    aliases += [bare] if bare and bare != compared else []
    return DraftColumn(
        key=key, name=name, type=type_, why=why, more=more,
        required=not (_OPTIONAL.search(compared) or column.hidden or _SERIAL.fullmatch(compared)),
        aliases=tuple(dict.fromkeys(aliases)), samples=column.samples, width=round(min(max(column.width, 6.0), 60.0), 1),
        person=type_ == "text" and bool(_PERSON.search(compared)) and not compared.endswith(("数", "率")),
        kept=not _SERIAL.fullmatch(compared) and not column.hidden,
    )  # fmt: skip


def _type(column: BlankColumn, name: str, table: BlankTable) -> tuple[str, str, dict[str, Plain]]:
    """Type, why in Chinese, and further keys. What the form itself says goes before what a name suggests."""
    compared = normalise(name)
    if column.choices:
        if set(column.choices) == {"是", "否"}:
            return "yes_no", "下拉选项是“是”“否”", {}
        return "choice", "表里有下拉选项", {"choices": list(column.choices)}
    first = next((each for each in table.columns if not _SERIAL.fullmatch(normalise(each.lines[-1]))), None)
    if table.side and column == first and len(set(table.side)) == len(table.side) and not _UNIT.fullmatch(compared):
        return "choice", "表里已印好每行的名称", {"choices": list(table.side)}
    if column.kind in ("whole", "decimal") or column.kind == "date":
        return _bounded(column)
    if _UNIT.fullmatch(compared) and not table.side:
        return "unit", "列名是填报单位", {}
    type_ = type_of_name(compared)
    if type_ != "text":
        return type_, "按列名", _number_keys(column, compared) if type_ == "number" else {}
    if re.search(r"y.*d|[年日]", column.number_format, re.IGNORECASE):
        return "date", "单元格是日期格式", {}
    if re.fullmatch(r"[#,]*0(?:\.0+)?%?_? ?", column.number_format):
        return "number", "单元格是数值格式", _number_keys(column, compared)
    return "text", "", {}


def _bounded(column: BlankColumn) -> tuple[str, str, dict[str, Plain]]:
    low, high = ("earliest", "latest") if column.kind == "date" else ("min", "max")
    more: dict[str, Plain] = {"integer": True} if column.kind == "whole" else {}
    for key, text in ((low, column.least), (high, column.most)):
        if text:
            more[key] = text if column.kind == "date" else number(text)
    return ("date" if column.kind == "date" else "number"), "表里限定了范围", more


def number(text: str) -> int | float:
    """A number as a notice file has it."""
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)


def _number_keys(column: BlankColumn, compared: str) -> dict[str, Plain]:
    more: dict[str, Plain] = {"min": 0}
    places = re.search(r"0\.(0+)", column.number_format)
    if places:
        more["decimals"] = len(places[1])
    elif (
        _INTEGER.search(compared)
        or bool(re.search(r"(?:数|次)\((?:处|人次|人|个|项|次|份|起|件|条|座|辆|所)\)$", compared))
        or (column.lines[-1] in ("男", "女", "小计", "合计") and "金额" not in compared)
    ):
        more["integer"] = True
    return more


def type_of_name(name: str) -> str:
    """The type that a column's name suggests; text where it suggests none."""
    compared = normalise(name)
    bare = _BRACKETED.sub("", compared)  # 隐患数(处) is a number as 隐患数 is
    found = next((type_ for type_, pattern in _TYPES if pattern.search(compared) or pattern.search(bare)), "text")
    if found == "text" and re.search(r"-(?:男|女|合计|小计|总计)$", compared):
        return "number"
    return found


def _distinct(columns: Iterable[DraftColumn]) -> tuple[DraftColumn, ...]:
    """Each with aliases that are no other column's name or alias: who would be meant?"""
    made = list(columns)
    counted: dict[str, int] = {}
    for each in made:
        for text in {normalise(label).casefold() for label in (each.name, *each.aliases)}:
            counted[text] = counted.get(text, 0) + 1

    def own(column: DraftColumn) -> tuple[str, ...]:
        name = normalise(column.name).casefold()
        kept = {normalise(alias).casefold(): alias for alias in column.aliases}
        return tuple(alias for text, alias in kept.items() if text != name and counted[text] == 1)

    return tuple(replace(each, aliases=own(each)) for each in made)


def _duplicate_key(columns: Iterable[DraftColumn]) -> tuple[str, ...]:
    """A person by the identity number, a thing by a code of its own: what may stand once."""
    return next(((each.key,) for each in columns if each.kept and each.type in ("identity_number", "credit_code")), ())


def _totals(table: BlankTable, columns: Iterable[DraftColumn]) -> dict[str, Plain]:
    numbers: list[Plain] = [each.key for each in columns if each.kept and each.type == "number"]
    if not table.totals or not numbers:
        return {}
    return {"words": [table.totals], "columns": numbers, "required": False}


def _table(number: int, table: BlankTable) -> DraftTable:
    return DraftTable(key=f"t{number}", name=table.sheet, columns=tuple(each for each in _columns(table) if each.kept))


def _sums(table: BlankTable, columns: Iterable[DraftColumn]) -> Iterator[Mapping[str, Plain]]:
    """A sum that the head itself says: 在校生-合计 over 在校生-男 and 在校生-女."""
    groups: dict[str, list[DraftColumn]] = {}
    for blank, column in zip(table.columns, columns, strict=True):
        if len(blank.lines) > 1 and column.type == "number" and column.kept:
            groups.setdefault("-".join(blank.lines[:-1]), []).append(column)
    for at, members in enumerate(groups.values(), 1):
        whole = [each for each in members if re.search(r"-(?:合计|小计|总计|计|总数)$", normalise(each.name))]
        parts = [each for each in members if each not in whole]
        if len(whole) == 1 and len(parts) > 1 and all(_PARTS.search(each.name) for each in parts):
            yield _sum_check(f"sum{at}", whole[0], parts)


def _sum_check(identifier: str, whole: DraftColumn, parts: list[DraftColumn]) -> Mapping[str, Plain]:
    """The check that the parts make the whole, in the words of a notice file."""
    return {
        "id": identifier,
        "name": f"{'加'.join(f'“{each.name}”' for each in parts)}等于“{whole.name}”",
        "rows": f"[{whole.name}] = " + " + ".join(f"[{each.name}]" for each in parts),
        "at": whole.key,
        "severity": "error",
        "message": f"{'加'.join(f'“{each.name}”' for each in parts)}应等于“{whole.name}”。",
        "advice": f"请核对这{'两三四五六七八九十'[len(parts) - 1] if len(parts) < 10 else '几'}个数。",
    }
