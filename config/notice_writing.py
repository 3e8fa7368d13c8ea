"""Writes a draft as a notice file: every key that stands in it is explained in Chinese, and what is read of it again is the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from config.yaml_writing import comment, entry, item, scalar
from domain.draft import Draft, DraftColumn, DraftField, DraftReporter, DraftTable, Plain
from domain.draft_texts import guide, title_pattern

_HEAD = """{title}
本文件就是“通知”本身：谁报、报什么表、何时截止、按什么规则查、回信怎么说。改这里，不改程序。
改完请运行：baosong notice check 本文件。写错的键、重复的代码等会按行号指出。
以“#”开头的是说明。文字里有冒号、井号或以数字、0 开头的代码，请加英文引号。"""

_ABOUT: Mapping[str, str] = {
    "id": "本通知的名字，与文件名相同，定了以后不要再改。",
    "short": "回执号的开头，如 {receipt}，发出后不要再改。",
    "number": "文号和标题。写信来的人提到它们，就知道说的是这份通知。",
    "mailbox": "通知上写的报送邮箱。",
    "opens": "从哪天起收；截止只写日期的，含当天全天，到23:59:59为止；要写到秒也可以。",
    "grace_hours": "只到了电子表或只到了扫描件时，等另一件多少小时。",
    "area_code": "固定电话没写区号时按这个区号。",
    "cover_required": "要不要盖章的扫描件：true 要，false 不要。",
    "attachments": "还要一起报的文件：name 叫什么（文件名里有这个词就认得），kinds 收哪些格式，required: false 表示可以不报。",
    "naming": "单位和公章的写法。每个单位的写法由程序展开：〔prefix〕＋单位名或别名＋后缀，前缀可有可无。\n"
    "公章上必须有后缀；后缀为空（[]）的一类，公章上是什么写在单位的 seal_aliases 里。",
    "reporters": "应报送的单位。code 用在回执号里，kind 是上面 kinds 里的一类；aliases 是别的写法，addresses 是已知的报送邮箱，\n"
    "phone 是联系电话（催报用），都可不写。",
    "form": "要填的表。",
    "special_seal_words": "章上出现这些字，就不是单位公章（“财务专用章”等）。",
    "lists": "代码表。列里写 type: code, list: 表名。",
    "filing_number": "备案号的格式：前缀、位数、开头可以是哪些省级代码（GB/T 2260）。",
    "checks": "本通知自己的规则。rows 是每一行都要成立的式子，列名写在方括号里；when 是在什么情况下才查；\n"
    "at 是标在哪一列；severity: error 退回，warning 只提示，review 转人工核对；message 说错在哪里，advice 说怎么改。",
    "rules": "个别规则在本通知里的轻重。severity: error 退回 / review 人工核对 / warning 提示 / off 不查；since: 从哪天收到的起。",
    "senders": "谁报的才由程序直接办理：open 谁报的都办；known 只办该单位已知邮箱报的；verified 还要经过发件验证。其余的转人工核实。",
    "reminders": "催报：截止前几天（0 是当天）、几点，写给还没有报的单位。不想自动催就写 []。",
    "retention": "本通知的材料保管多少年（从截止日算起）；不写就按程序配置的年数。",
    "wording": "回信里本单位的说法；guide 是报送办法，有人来信问时回给他。",
    "rounds": "定期报送的各期。",
    "bureau_run": "本级直属学校，各自报送。",
    "cover": "盖章扫描件的要求：至少几页，章盖在哪一页。",
}
_ABOUT_FORM: Mapping[str, str] = {
    "title": "{unit} 是标题里写单位名的地方。",
    "title_pattern": "认标题用，由程序按标题写成。",
    "header": "表上方要填的项目。type 见下面各列的说明。",
    "columns": "各列。name 是印在表上的列名；aliases 是填表人会写成的别的列名（不计空格、全半角、大小写和括号里的字）；\n"
    "required: false 可以不填；required_if 是什么情况下必填；samples 是空表示例行的内容，原样留着就是没有填；width 是空表的列宽。\n"
    "type（不写就是文字）：unit 填报单位，phone 电话，number 数字（integer 整数，min、max 范围，decimals 小数位数），\n"
    "date 日期（earliest、latest 范围，received 是收到的那天），choice 选项（choices），yes_no 是或否，identity_number 身份证号，\n"
    "credit_code 统一社会信用代码，code 代码表（list），pattern 固定格式（pattern 正则表达式，example 例子，called 叫什么），\n"
    "filing_number 备案号。",
    "notes": "印在表下的说明。",
    "nil_words": "没有内容可报的单位，在 nil_column 列填其中一个词，或写在表下。",
    "duplicate_key": "这几列都相同的只能报一行。",
    "totals": "合计行：words 是行首的字，columns 是要核对的列，required: true 必须有合计行。",
    "tables": "电子表里别的工作表上的表。",
    "placeholder_patterns": "空表里“XX县”那样的示例，原样留着就是没有填（去掉空格、全角换成半角、字母换成大写后比对）。",
}
_ABREAST = ("title", "deadline")
"""Keys that go with the one before and need no words of their own."""


def notice_data(draft: Draft) -> dict[str, Plain]:
    """What the file says, as plain values in its order."""
    rest = {key: value for key, value in draft.rest.items() if key not in ("form", "wording")}
    data: dict[str, Plain] = {
        "id": draft.id, "short": draft.short, "number": draft.number, "title": draft.title, "mailbox": draft.mailbox,
        "timezone": draft.timezone, "opens": draft.opens, "deadline": draft.deadline, "grace_hours": _number(draft.grace_hours),
        "area_code": draft.area_code or "010", "cover_required": draft.cover_required,
    }  # fmt: skip
    for key in ("opens", "deadline"):
        if not data[key] and "rounds" in rest:
            del data[key]  # each round has its own
    data |= {key: rest.pop(key) for key in ("sheet_required", "cover", "rounds") if key in rest}
    if draft.attachments:
        data["attachments"] = list(draft.attachments)
    kinds: dict[str, Plain] = {kind: {"suffixes": list(suffixes)} for kind, suffixes in draft.kinds.items()}
    data["naming"] = {"prefix": draft.prefix, "kinds": kinds} if draft.prefix else {"kinds": kinds}
    data["reporters"] = [_reporter(each, draft) for each in draft.reporters]
    data |= {key: rest.pop(key) for key in ("bureau_run", "lists") if key in rest}
    data["form"] = _form(draft)
    if draft.checks:
        data["checks"] = list(draft.checks)
    data |= {key: rest.pop(key) for key in ("filing_number",) if key in rest}
    data["special_seal_words"] = list(draft.special_seal_words)
    data |= rest
    data["senders"] = {"policy": draft.policy}
    data["reminders"] = [{"days_before": days, "at": at} for days, at in draft.reminders]
    further = draft.rest.get("wording")
    data["wording"] = {
        "bureau": draft.bureau, "signature": draft.signature or draft.bureau, "contact": draft.contact,
        "guide": draft.guide or guide(draft), **(further if isinstance(further, Mapping) else {}),
    }  # fmt: skip
    return data


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value


def _reporter(one: DraftReporter, draft: Draft) -> dict[str, Plain]:
    made: dict[str, Plain] = {"code": one.code, "name": one.name, "kind": one.kind}
    if one.aliases:
        made["aliases"] = list(one.aliases)
    if not draft.kinds.get(one.kind) and "seal_aliases" not in one.more:
        made["seal_aliases"] = [one.name, *one.aliases]
    made["addresses"] = list(one.addresses)
    if one.phone:
        made["phone"] = one.phone
    return made | dict(one.more)


def _form(draft: Draft) -> dict[str, Plain]:
    further = draft.rest.get("form")
    made: dict[str, Plain] = {
        "title": draft.form_title, "title_pattern": draft.title_pattern or title_pattern(draft.form_title),
        "header": [_field(each) for each in draft.header if each.kept], "columns": [_column(each) for each in draft.asked],
    }  # fmt: skip
    if draft.notes:
        made["notes"] = list(draft.notes)
    if draft.nil_words:
        made |= {"nil_words": list(draft.nil_words), "nil_column": draft.nil_column}
    if draft.duplicate_key:
        made["duplicate_key"] = list(draft.duplicate_key)
    if draft.totals:
        made["totals"] = dict(draft.totals)
    if draft.tables:
        made["tables"] = [_table(each) for each in draft.tables]
    if draft.placeholder_patterns:
        made["placeholder_patterns"] = list(draft.placeholder_patterns)
    return made | dict(further if isinstance(further, Mapping) else {})


def _field(one: DraftField) -> dict[str, Plain]:
    made: dict[str, Plain] = {"key": one.key, "name": one.name}
    if one.type != "text":
        made["type"] = one.type
    if one.aliases:
        made["aliases"] = list(one.aliases)
    return made | dict(one.more)


def _column(one: DraftColumn) -> dict[str, Plain]:
    made: dict[str, Plain] = {"key": one.key, "name": one.name}
    if one.type != "text":
        made["type"] = one.type
    if not one.required:
        made["required"] = False
    made |= dict(one.more)
    if one.aliases:
        made["aliases"] = list(one.aliases)
    if one.samples:
        made["samples"] = list(one.samples)
    if one.width != 12:
        made["width"] = _number(one.width)
    if one.person:
        made["person"] = True
    return made


def _table(one: DraftTable) -> dict[str, Plain]:
    return {"key": one.key, "name": one.name, "columns": [_column(each) for each in one.columns], **one.more}


def notice_text(draft: Draft) -> str:
    """The whole file."""
    title = f"{draft.number}：{draft.title}。" if draft.number else f"{draft.title}。"
    lines = [*comment(_HEAD.format(title=title.replace("\n", " "))), ""]
    spaced = False
    for key, value in notice_data(draft).items():
        block = list(_top(key, value, draft))
        apart = len(block) > 2
        if (apart or spaced) and lines[-1]:
            lines.append("")
        lines += block
        spaced = apart
    return "\n".join(lines) + "\n"


def _top(key: str, value: Plain, draft: Draft) -> Iterator[str]:
    said = _ABOUT.get(key, "").replace("{receipt}", _receipt(draft))
    if said and key not in _ABREAST:
        yield from comment(said)
    if key == "form" and isinstance(value, Mapping):
        yield "form:"
        for inner, each in value.items():
            yield from comment(_ABOUT_FORM.get(inner, ""), 2)
            yield from _listed(inner, each, 2)
    else:
        yield from _listed(key, value, 0)


def _receipt(draft: Draft) -> str:
    """What a receipt will look like."""
    code = draft.reporters[0].code if draft.reporters else "XX"
    return f"{draft.short}-{code}-{draft.deadline[:10].replace('-', '')}-01"


def _listed(key: str, value: Plain, indent: int) -> Iterator[str]:
    """Records one a line, which people compare; all else as it is."""
    records = isinstance(value, Sequence) and not isinstance(value, str) and value and isinstance(value[0], Mapping)
    if records and isinstance(value, Sequence):
        yield " " * indent + f"{scalar(key)}:"
        for each in value:
            yield from item(each, indent + 2)
    else:
        yield from entry(key, value, indent)
