"""What must be asked before a draft is a notice: the same in the terminal and in the console."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from domain.draft import Choice, Draft, Plain, Question
from domain.draft_columns import column_questions
from domain.draft_reporters import KIND_NAMES, SCHOOL, SUFFIXES, UNIT, Initials, free_code
from domain.draft_rules import said
from domain.draft_texts import table_name

POLICIES = {"open": "谁报来的都直接办理", "known": "只直接办理已知邮箱报来的", "verified": "还要通过发件验证"}


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the one who asks knows already: the day, the mailbox that is read, ids and short codes that are taken, and how to
    make initials of a Chinese text."""

    today: date
    initials: Initials
    mailbox: str = ""
    bureau: str = ""
    taken: frozenset[str] = frozenset()


def questions(draft: Draft, known: Known) -> tuple[Question, ...]:
    """Everything that is asked, in order. What is proposed is what stands in the draft, or what can be told of it."""
    return (
        *_about_notice(draft, known),
        *_about_reporters(draft),
        *_about_table(draft),
        *_about_set(draft),
        *_last(draft, known),
    )


def questions_of_columns(draft: Draft) -> tuple[Question, ...]:
    """Those about each column, which are asked where somebody wants to change one."""
    return tuple(question for column in draft.columns for question in column_questions(column))


def _about_notice(draft: Draft, known: Known) -> Iterator[Question]:
    yield Question(
        key="number",
        text="通知的文号",
        proposal=draft.number,
        help="如 ×教〔2026〕8号；没有文号就写通知的简称",
        about="通知",
    )
    title = draft.title or f"关于报送{table_name(draft)}的通知"
    yield Question(key="title", text="通知的标题", proposal=title, about="通知")
    help_ = "{unit}是填单位名的地方"
    yield Question(key="form_title", text="表的标题", proposal=draft.form_title, help=help_, about="通知")
    yield Question(
        key="bureau", text="发通知的单位", proposal=draft.bureau or known.bureau, help="写在回信的落款处", about="通知"
    )
    yield Question(key="mailbox", text="收材料的邮箱", proposal=draft.mailbox or known.mailbox, about="通知")
    if "rounds" in draft.rest:  # each has days of its own
        return
    yield Question(
        key="opens", text="从哪天起收", kind="day", proposal=draft.opens or known.today.isoformat(), about="通知"
    )
    help_ = "含当天，如 2026-12-05 或 12月5日；要到几点写 12月5日 18:00"
    yield Question(key="deadline", text="截止到哪天", kind="day", proposal=draft.deadline, help=help_, about="通知")


def _about_reporters(draft: Draft) -> Iterator[Question]:
    shown = "\n".join(" ".join((each.code, each.name, *each.addresses, each.phone)).strip() for each in draft.reporters)
    help_ = "一行一个：名称 邮箱 电话（邮箱、电话可以不写，代码不写就自动编）"
    yield Question(key="reporters", text="应报送的单位", kind="lines", proposal=shown, help=help_, about="单位")
    kinds = {each.kind for each in draft.reporters}
    if kinds - {SCHOOL, UNIT}:
        help_ = "报送单位会写在自己名字前面的上级地名，如“××市”；没有就填“无”"
        yield Question(
            key="prefix", text="单位名前面会带的地名", proposal=draft.prefix or "无", help=help_, about="单位"
        )
    for kind in sorted(kinds):
        name = KIND_NAMES.get(kind, kind)
        proposal = "、".join(draft.kinds.get(kind, SUFFIXES.get(kind, ()))) or "无"
        help_ = "用、隔开；公章上就是单位名，就填“无”"
        text = f"{name}的公章，在单位名后面还有什么字"
        yield Question(key=f"suffixes.{kind}", text=text, proposal=proposal, help=help_, about="单位")


def _about_table(draft: Draft) -> Iterator[Question]:
    names = "、".join(each.name for key in draft.duplicate_key if (each := draft.column(key))) or "无"
    help_ = "几列都相同才算重复就都写上，用、隔开；允许重复就填“无”"
    yield Question(key="unique", text="哪一列（几列）不能重复", kind="many", proposal=names, help=help_, about="规则")
    shown = "\n".join(said(check) for check in draft.checks)
    help_ = "一行一条。如：如果“是否住宿”是“是”，则“宿舍号”必填；“男生数”加“女生数”等于“在校生数”"
    yield Question(key="conditions", text="各列之间的规则", kind="lines", proposal=shown, help=help_, about="规则")
    standing = "是" if draft.nil_words or not (draft.totals or draft.id) else "否"
    column = nil_column(draft)
    if column:
        help_ = f"“是”：在“{column}”一栏填“无”或“零报告”"
        yield Question(
            key="nil", text="没有内容的单位可以零报告吗", kind="yes_no", proposal=standing, help=help_, about="规则"
        )


def nil_column(draft: Draft) -> str:
    """Name of the column that may hold the words of a nil return: the first of text that must be filled in."""
    if draft.nil_column and (found := draft.column(draft.nil_column)):
        return found.name
    return next((each.name for each in draft.asked if each.type == "text" and each.required), "")


def _about_set(draft: Draft) -> Iterator[Question]:
    standing = "是" if draft.cover_required else "否"
    yield Question(key="cover", text="要打印首页、盖章、扫描吗", kind="yes_no", proposal=standing, about="材料")
    shown = "\n".join(
        f"{each.get('name')} {' '.join(map(str, _words(each.get('kinds'))))}".strip() for each in draft.attachments
    )
    help_ = "一行一个：名称 格式，如：整改方案 pdf docx；没有就空着"
    yield Question(key="attachments", text="还要报别的文件吗", kind="lines", proposal=shown, help=help_, about="材料")
    if draft.cover_required:
        help_ = "小时；只到了电子表或只到了扫描件时"
        yield Question(
            key="grace_hours",
            text="缺一件时等多久",
            kind="number",
            proposal=f"{draft.grace_hours:g}",
            help=help_,
            about="材料",
        )


def _words(value: Plain) -> Sequence[Plain]:
    return value if isinstance(value, list | tuple) else ()


_PERIOD = re.compile(r"\d{2,4}年?(?:度|[春秋]季(?:学期)?|上半年|下半年|第[一二三四]季度|\d{1,2}月)?")
"""When a table is of says nothing about which it is: 2026年秋季学期食堂情况统计表 is STQK, not 2026NQJX."""


def _last(draft: Draft, known: Known) -> Iterator[Question]:
    days = "、".join(dict.fromkeys(str(days) for days, _ in draft.reminders)) or ("无" if draft.id else "3、1、0")
    help_ = "截止前几天，用、隔开，0是截止当天；不催填“无”"
    yield Question(key="reminders", text="哪几天催没报的单位", proposal=days, help=help_, about="回信")
    choices = tuple(Choice(value=key, text=text) for key, text in POLICIES.items())
    help_ = "不直接办理的转人工核实，不退回"
    yield Question(
        key="policy",
        text="谁报来的直接办理",
        kind="choice",
        proposal=draft.policy,
        choices=choices,
        help=help_,
        about="回信",
    )
    if any(each.type == "phone" for each in draft.asked):
        help_ = "固定电话没写区号时按它，如 010、0371"
        yield Question(key="area_code", text="本地的电话区号", proposal=draft.area_code, help=help_, about="回信")
    yield Question(key="contact", text="回信末尾怎么联系", proposal=draft.contact, about="回信")
    base = "".join(re.findall("[A-Z]", known.initials(_PERIOD.sub("", table_name(draft))).upper()))
    short = draft.short or free_code(base[:4] + known.today.strftime("%y"), lambda text: text, known.taken)
    help_ = "回执号的开头，1到8个大写字母或数字，发出后不要再改"
    yield Question(key="short", text="回执号用的代号", proposal=short, help=help_, about="回信")
    identifier = draft.id or _free_id(f"{base[:8].lower() or 'notice'}-{known.today.year}", known.taken)
    yield Question(key="id", text="通知文件的名字", proposal=identifier, help="小写字母、数字、短横线", about="回信")


def _free_id(base: str, taken: frozenset[str]) -> str:
    return base if base not in taken else next(f"{base}-{n}" for n in range(2, 999) if f"{base}-{n}" not in taken)
