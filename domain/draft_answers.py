"""What an answer makes of a draft, and what is said where it cannot be taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from domain.addresses import canonical
from domain.column_answers import answer_column, read_day, yes
from domain.draft import Draft, Plain, WrongAnswer
from domain.draft_reporters import SUFFIXES, reporters_of_text
from domain.draft_rules import said, with_rule
from domain.drafting import POLICIES, Known, nil_column
from domain.text import normalise

_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")
_MOMENT = re.compile(r"(.+?日?)\s+(\d{1,2})[:：时点](\d{2})?分?")
_FORMATS = ("xlsx", "xls", "pdf", "docx", "doc", "jpg", "png", "zip")


def answered(draft: Draft, answers: Mapping[str, object], known: Known) -> Draft:
    """The draft with all of these answers: key → text, number, yes or no, list of lines, or a table of the same. Columns first:
    rules speak of them. Raises WrongAnswer for the first that cannot be taken."""
    flat = dict(flattened(answers))
    for key in sorted(flat, key=lambda key: (rank(key), list(flat).index(key))):
        draft = answer(draft, key, flat[key], known)
    return draft


def rank(key: str) -> int:
    if key.startswith("columns."):
        return 0 if key.endswith((".type", ".required")) else 1
    return 2 if key == "reporters" else 3


def flattened(answers: Mapping[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    """`{columns: {人数: {max: 9}}}` → `columns.人数.max`, "9"."""
    for key, value in answers.items():
        if isinstance(value, Mapping):
            yield from flattened(value, f"{before}{key}.")
        elif isinstance(value, list | tuple):
            between = (
                "、" if key in ("unique", "reminders", "choices", "aliases") or before.startswith("suffixes") else "\n"
            )
            yield f"{before}{key}", between.join(map(str, value))
        elif isinstance(value, bool):
            yield f"{before}{key}", "是" if value else "否"
        elif isinstance(value, datetime):
            yield f"{before}{key}", value.strftime("%Y-%m-%d %H:%M")
        else:
            yield f"{before}{key}", str(value)


def answer(draft: Draft, key: str, text: str, known: Known) -> Draft:
    """The draft with one answer, as it was typed. Raises WrongAnswer, whose message says what is wanted."""
    text = text.strip()
    if key.startswith("columns."):
        return answer_column(draft, key, text)
    if key.startswith("suffixes."):
        kind = key.removeprefix("suffixes.")
        return replace(draft, kinds={**draft.kinds, kind: _suffixes(text)})
    if key not in _ANSWERS:
        raise WrongAnswer(f"没有“{key}”这个问题；有：{'、'.join(_ANSWERS)}。")
    return _ANSWERS[key](draft, text, known)


def _suffixes(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in re.split(r"[、,，\s]+", text) if each.strip() and each != "无")


def _filled(field: str, called: str) -> Callable[[Draft, str, Known], Draft]:
    def take(draft: Draft, text: str, known: Known) -> Draft:
        if not text:
            raise WrongAnswer(f"{called}不能空着。")
        if len(text) > 500 or "\n" in text:
            raise WrongAnswer(f"{called}请写成一行，不超过500字。")
        changes: Any = {field: text}
        return replace(draft, **changes)

    return take


def _form_title(draft: Draft, text: str, known: Known) -> Draft:
    if not text.replace("{unit}", "").strip():
        raise WrongAnswer("表的标题不能空着，如：{unit}教师统计表。")
    if re.search(r"[{}]", text.replace("{unit}", "").replace("{round}", "")):
        raise WrongAnswer("标题里的大括号只能写 {unit}，表示单位名的位置。")
    return replace(draft, form_title=text if "{unit}" in text else "{unit}" + text, title_pattern="")


def _bureau(draft: Draft, text: str, known: Known) -> Draft:
    draft = _filled("bureau", "发通知的单位")(draft, text, known)
    return replace(draft, signature=draft.signature or text)


def _mailbox(draft: Draft, text: str, known: Known) -> Draft:
    if not _ADDRESS.fullmatch(text):
        raise WrongAnswer(
            "收材料的邮箱应如 12345678@qq.com。" if text else "收材料的邮箱不能空着，应如 12345678@qq.com。"
        )
    return replace(draft, mailbox=canonical(text))


def _moment(text: str, today: date) -> str:
    if not text:
        raise WrongAnswer("请写日期，如 2026-12-05 或 2026年12月5日。")
    found = _MOMENT.fullmatch(text)
    if not found:
        return read_day(text, today).isoformat()
    hour, minute = int(found[2]), int(found[3] or 0)
    if hour > 23 or minute > 59:
        raise WrongAnswer(f"没有“{found[2]}:{found[3] or '00'}”这个时刻，请写成 18:00 那样。")
    return f"{read_day(found[1], today).isoformat()} {hour:02}:{minute:02}:00"


def _opens(draft: Draft, text: str, known: Known) -> Draft:
    moment = _moment(text, known.today)
    if draft.deadline and moment[:10] > draft.deadline[:10]:
        raise WrongAnswer(f"开始的日期晚于截止日期（{draft.deadline}）。")
    return replace(draft, opens=moment)


def _deadline(draft: Draft, text: str, known: Known) -> Draft:
    moment = _moment(text, known.today)
    if draft.opens and moment[:10] < draft.opens[:10]:
        raise WrongAnswer(f"截止日期早于开始的日期（{draft.opens}）。请写{draft.opens}以后的日期。")
    return replace(draft, deadline=moment)


def _reporters(draft: Draft, text: str, known: Known) -> Draft:
    made = reporters_of_text(text, known.initials)
    kinds = {each.kind: draft.kinds.get(each.kind, SUFFIXES[each.kind]) for each in made}
    return replace(draft, reporters=made, kinds={**kinds, **draft.kinds})


def _prefix(draft: Draft, text: str, known: Known) -> Draft:
    return replace(draft, prefix="" if text == "无" else text)


def _unique(draft: Draft, text: str, known: Known) -> Draft:
    names = [each.strip() for each in re.split(r"[、,，;；]+", text) if each.strip() and each.strip() != "无"]
    keys = []
    for name in names:
        column = draft.column(name)
        if column is None or not column.kept:
            raise WrongAnswer(
                f"表里没有“{name}”这一列。有这些列：{'、'.join(each.name for each in draft.asked)}；允许重复就填“无”。"
            )
        keys.append(column.key)
    return replace(draft, duplicate_key=tuple(dict.fromkeys(keys)))


def _conditions(draft: Draft, text: str, known: Known) -> Draft:
    """All rules as they shall be: those that stand and are said again stay as they are."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and line.strip() != "无"]
    standing = {normalise(said(check)): check for check in draft.checks}
    kept = tuple(standing[normalise(line)] for line in lines if normalise(line) in standing)
    draft = replace(draft, checks=kept)
    for line in lines:
        if normalise(line) not in standing:
            draft = with_rule(draft, line)
    return draft


def _nil(draft: Draft, text: str, known: Known) -> Draft:
    column = next((each for each in draft.asked if each.name == nil_column(draft)), None)
    if not yes(text) or column is None:
        return replace(draft, nil_words=(), nil_column="")
    return replace(draft, nil_words=draft.nil_words or ("无", "零报告"), nil_column=column.key)


def _cover(draft: Draft, text: str, known: Known) -> Draft:
    return replace(draft, cover_required=yes(text))


def _attachments(draft: Draft, text: str, known: Known) -> Draft:
    made: list[Mapping[str, Plain]] = []
    for number, line in enumerate((each.strip() for each in text.splitlines()), 1):
        if not line or line == "无":
            continue
        name, *kinds = re.split(r"[\s,，、;；]+", line)
        kinds = [kind.lower().lstrip(".") for kind in kinds if kind]
        wrong = next((kind for kind in kinds if kind not in _FORMATS), None)
        if wrong:
            raise WrongAnswer(f"“{wrong}”不是文件格式；可以写：{'、'.join(_FORMATS)}。")
        made.append({"key": f"a{number}", "name": name, "kinds": list(kinds or ("pdf", "docx")), "required": True})
    return replace(draft, attachments=tuple(made))


def _grace(draft: Draft, text: str, known: Known) -> Draft:
    if not re.fullmatch(r"\d{1,4}(\.\d+)?", text):
        raise WrongAnswer("请填小时数，如 48；不等就填 0。")
    return replace(draft, grace_hours=float(text))


def _reminders(draft: Draft, text: str, known: Known) -> Draft:
    words = [each for each in re.split(r"[、,，\s]+", text) if each and each != "无"]
    if not all(re.fullmatch(r"\d{1,2}", word) and int(word) <= 90 for word in words):
        raise WrongAnswer("请填截止前几天，0到90，用、隔开，如：3、1、0；不催就填“无”。")
    days = sorted({int(word) for word in words}, reverse=True)
    return replace(draft, reminders=tuple((each, "08:30" if each == 0 else "09:00") for each in days))


def _policy(draft: Draft, text: str, known: Known) -> Draft:
    found = next((key for key, shown in POLICIES.items() if text in (key, shown)), None)
    if found is None:
        raise WrongAnswer(f"请从这些里选：{'；'.join(POLICIES.values())}。")
    return replace(draft, policy=found)


def _area_code(draft: Draft, text: str, known: Known) -> Draft:
    if not re.fullmatch(r"0\d{2,3}", text):
        raise WrongAnswer("电话区号应是0开头的三位或四位数字，如 010、0371。")
    return replace(draft, area_code=text)


def _short(draft: Draft, text: str, known: Known) -> Draft:
    if not re.fullmatch(r"[A-Z0-9]{1,8}", text.upper()):
        raise WrongAnswer("代号应是1到8个英文字母或数字，如 JS26。")
    if text.upper() in known.taken:
        raise WrongAnswer(f"“{text.upper()}”已经给了别的通知，请换一个。")
    return replace(draft, short=text.upper())


def _id(draft: Draft, text: str, known: Known) -> Draft:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", text):
        raise WrongAnswer("名字只能用小写英文字母、数字和短横线，如 jiaoshi-2026。")
    if text in known.taken:
        raise WrongAnswer(f"已经有叫“{text}”的通知，请换一个。")
    return replace(draft, id=text)


def _guide(draft: Draft, text: str, known: Known) -> Draft:
    return replace(draft, guide=text)


_ANSWERS: Mapping[str, Callable[[Draft, str, Known], Draft]] = {
    "number": _filled("number", "文号"), "title": _filled("title", "通知的标题"), "form_title": _form_title, "bureau": _bureau,
    "mailbox": _mailbox, "opens": _opens, "deadline": _deadline, "reporters": _reporters, "prefix": _prefix, "unique": _unique,
    "conditions": _conditions, "nil": _nil, "cover": _cover, "attachments": _attachments, "grace_hours": _grace,
    "reminders": _reminders, "policy": _policy, "area_code": _area_code, "contact": _filled("contact", "联系办法"),
    "short": _short, "id": _id, "guide": _guide, "signature": _filled("signature", "落款"),
}  # fmt: skip
