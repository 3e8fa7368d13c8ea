"""A notice's rules in plain words, made from the notice alone: what the program asks of a return, in the order people fill it in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.catalogue import called
from domain.days import shown_day
from domain.expression_words import words
from domain.notice import Column, ColumnType, Notice, SenderPolicy
from domain.numbers import shown
from domain.own_rules import OwnRule, RowCount
from domain.problems import Severity
from domain.round import Comparison
from domain.set_in_words import set_rules, waiting, what
from domain.value_words import value_words

_TYPES = {
    ColumnType.TEXT: "文字",
    ColumnType.UNIT: "填报单位的名称",
    ColumnType.PHONE: "11位手机号，或固定电话",
    ColumnType.YES_NO: "“是”或“否”",
    ColumnType.DATE: "日期",
    ColumnType.NUMBER: "数字，不带单位",
    ColumnType.CHOICE: "规定的词之一",
    ColumnType.IDENTITY_NUMBER: "18位身份证号",
    ColumnType.CREDIT_CODE: "18位统一社会信用代码",
    ColumnType.CODE: "代码表里的代码",
    ColumnType.PATTERN: "规定的写法",
}
_SENDERS = {
    SenderPolicy.OPEN: "任何邮箱报来的都直接办理；不认识的邮箱会提示核对。",
    SenderPolicy.KNOWN: "只直接办理已知邮箱报来的；其余的转人工核实，不退回。",
    SenderPolicy.VERIFIED: "只直接办理已知邮箱报来、并通过发件验证的；其余的转人工核实，不退回。",
}
_SEVERITIES = {
    Severity.ERROR: "退回",
    Severity.REVIEW: "转人工核对",
    Severity.WARNING: "只提示，照常受理",
    None: "不检查",
}


@dataclass(frozen=True, kw_only=True)
class ColumnWords:
    name: str
    required: str
    content: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    title: str
    text: str


def columns(notice: Notice) -> tuple[ColumnWords, ...]:
    return tuple(
        ColumnWords(name=each.name, required=_required(notice, each), content=_content(notice, each))
        for each in notice.form.columns
    )


def _required(notice: Notice, column: Column) -> str:
    if column.required_if:
        key, value = column.required_if
        return f"{notice.form.column(key).name}填“{value}”时必填"
    return "必填" if column.required else "可以不填"


def _shown(words: Iterable[str]) -> str:
    """Without signs beyond Unicode's first plane, which many computers have no font for: they are taken all the same."""
    return "、".join(word for word in words if all(ord(letter) < 0x10000 for letter in word))


def _content(notice: Notice, column: Column) -> str:
    if column.type is ColumnType.FILING_NUMBER:
        return f"教育部备案号，如{notice.filing.hint}" if notice.filing else "备案号"
    if column.type is ColumnType.YES_NO and (column.yes_words or column.no_words):
        marks = [
            f"{said}算“{word}”"
            for word, said in (("是", _shown(column.yes_words)), ("否", _shown(column.no_words)))
            if said
        ]
        return f"“是”或“否”（{'，'.join(marks)}）" if marks else _TYPES[column.type]
    return value_words(column) or ("联系人姓名" if column.person else _TYPES[column.type])


def rules(notice: Notice, years: int) -> tuple[Rule, ...]:
    """`years`: how long records are kept where the notice does not say."""
    return tuple(Rule(title=title, text=text) for title, text in _rules(notice, years))


def _rules(notice: Notice, years: int) -> Iterator[tuple[str, str]]:
    form = notice.form
    yield "报什么", what(notice)
    fields = "、".join(field.name for field in form.header if field.required)
    filled = f"{fields}都要{'填' if notice.sheet_required else '写明'}，" if fields else ""
    yield "表头" if notice.sheet_required else "标题", f"{filled}标题写“{notice.title_of('单位名')}”。"
    yield from set_rules(notice)
    if form.nil_words:
        where = f"在“{form.column(form.nil_column).name}”一栏或表下" if form.nil_column else "在表下"
        said, stamped = "或".join(f"“{word}”" for word in form.nil_words), "盖章" if notice.cover_required else ""
        yield "没有可报的", f"{where}填{said}，同样{stamped}报送。"
    if form.totals:
        summed = "、".join(form.column(key).name for key in form.totals.columns)
        told = ("要有", "") if form.totals.required else ("有", "的")
        yield "合计行", f"表下{told[0]}“{form.totals.words[0]}”行{told[1]}，{summed}的合计要与各行加起来的相同。"
    for table in form.tables:
        yield "附表", f"“{table.name}”单独占一张工作表，{'必须填写' if table.required else '可以不填'}。"
    if form.duplicate_key:
        yield "不能重复", f"{'、'.join(form.column(key).name for key in form.duplicate_key)}都相同的只报一行。"
    if notice.cover_required:
        yield from _seal(notice)
    if notice.round and notice.round.comparison.key:
        yield from _compared(notice, notice.round.comparison)
    lacking = waiting(notice)
    if lacking:
        yield lacking
    yield "迟报", "截止以后报来的照收，注明迟报。"
    if notice.filing and notice.unfiled_is_breach:
        yield "未备案的", "如实填“否”的照常受理，同时列为违规，供处理。"
    for app in notice.restricted:
        yield f"使用{app.name}的", f"照常受理，并提醒：{app.reminder}。"
    yield "谁来报", _SENDERS[notice.sender_policy]
    yield from _own_rules(notice)
    yield "保管", f"全部材料从截止日起保管{notice.retention_years or years}年。"


def _seal(notice: Notice) -> Iterator[tuple[str, str]]:
    words = "、".join(notice.special_seal_words[:4])
    yield "公章", f"盖填报单位的公章。带有“{words}”等字样的专用章不算；盖别的单位的章会被退回。看不清的转人工核对。"


def _compared(notice: Notice, comparison: Comparison) -> Iterator[tuple[str, str]]:
    """What is held against the round before."""
    by = "、".join(notice.form.column(key).name for key in comparison.key)
    said = ["上期有、本期没有的会提示"] if comparison.missing else []
    for jump in comparison.jumps:
        least = f"、且不少于{shown(jump.at_least)}" if jump.at_least else ""
        said.append(f"{notice.form.column(jump.column).name}相差超过{shown(jump.percent)}%{least}的会提示")
    if said:
        yield "与上期比较", f"按{by}与本单位上一期已受理的材料比较：{'；'.join(said)}。属实的不用改。"


def _own_rules(notice: Notice) -> Iterator[tuple[str, str]]:
    for rule in notice.rules:
        since = f"，从{shown_day(rule.since)}收到的起" if rule.since else ""
        yield "专门规定", f"{called(rule.code, notice.own_rules)}：{_SEVERITIES[rule.severity]}{since}。"
    for own in notice.own_rules:
        yield own.name, f"{asked(own, notice)}{_counts(own)}{own.why}"


def asked(rule: OwnRule, notice: Notice) -> str:
    """What a rule of the notice's own asks: `在校生数应等于男生数＋女生数。`"""
    if rule.message and rule.rows is None and rule.whole is None:
        return rule.message
    columns = {column.key: column.name for table in _tables(notice) for column in table}
    when = f"{words(rule.when)}的，" if rule.when else ""
    if node := rule.rows or rule.whole:
        return f"{when}{words(node)}。"
    if rule.sorted_by:
        return f"各行按{'、'.join(columns[key] for key in rule.sorted_by)}从小到大排列。"
    if rule.unique:
        return f"{'、'.join(columns[key] for key in rule.unique)}不能重复。"
    return "".join(_row_counts(rule, notice))


def _tables(notice: Notice) -> Iterator[tuple[Column, ...]]:
    yield notice.form.columns
    for table in notice.form.tables:
        yield table.columns


def _row_counts(rule: OwnRule, notice: Notice) -> Iterator[str]:
    counts = rule.row_count or RowCount()
    for who, one in (("", counts), *counts.of):
        reporter = notice.reporter(who)
        told = [f"至少{one.least}行"] if one.least is not None else []
        told += [f"最多{one.most}行"] if one.most is not None else []
        if told:
            yield f"{reporter.name if reporter else ''}{'，'.join(told)}。"


def _counts(rule: OwnRule) -> str:
    said = f"不符合的{_SEVERITIES[rule.severity]}"
    if rule.since:
        return f"{said}，从{shown_day(rule.since)}收到的起；此前只提示。"
    return f"{said}。"
