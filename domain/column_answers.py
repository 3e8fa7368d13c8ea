"""What an answer about one column makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from domain.draft import Draft, DraftColumn, Plain, WrongAnswer
from domain.draft_columns import ALWAYS, FILING, PREFIX, REQUIRED, TYPE_KEYS, TYPES
from domain.proposals import number
from domain.text import normalise


def answer_column(draft: Draft, key: str, text: str) -> Draft:
    """`key`: columns.<name>.<what>. Raises WrongAnswer."""
    name, _, what = key.removeprefix(PREFIX).rpartition(".")
    column = draft.column(name)
    if column is None:
        names = "、".join(each.name for each in draft.columns)
        raise WrongAnswer(f"表里没有“{name}”这一列。有这些列：{names}。")
    if what not in _ANSWERS:
        raise WrongAnswer(f"“{name}”没有“{what}”这一项可答；有：{'、'.join(_ANSWERS)}。")
    changed = _ANSWERS[what](column, text.strip())
    draft = draft.with_column(changed)
    if what == "type" and changed.type == "filing_number" and "filing_number" not in draft.rest:
        return replace(draft, rest={**draft.rest, "filing_number": FILING})
    if what == "items":
        lists = draft.rest.get("lists")
        known = lists if isinstance(lists, Mapping) else {}
        return replace(draft, rest={**draft.rest, "lists": {**known, changed.name: {"items": _items(text)}}})
    return draft


def _type(column: DraftColumn, text: str) -> DraftColumn:
    found = next((key for key, shown in TYPES.items() if text in (key, shown)), None)
    if found is None:
        raise WrongAnswer(f"没有“{text}”这一类，请从这些里选：{'、'.join(TYPES.values())}。")
    kept = {key: value for key, value in column.more.items() if key in (*TYPE_KEYS.get(found, ()), *ALWAYS)}
    return replace(column, type=found, more=kept, person=column.person and found == "text")


def _required(column: DraftColumn, text: str) -> DraftColumn:
    found = next((key for key, shown in REQUIRED.items() if text in (key, shown)), None)
    found = {"是": "yes", "否": "no", "不收": "left_out", "可不填": "no"}.get(text, found)
    if found is None:
        raise WrongAnswer("请填“必填”“可以不填”或“不收这一列”。")
    return replace(column, kept=found != "left_out", required=found == "yes")


def _with(column: DraftColumn, key: str, value: Plain) -> DraftColumn:
    more = {name: old for name, old in column.more.items() if name != key}
    return replace(column, more=more if value is None else {**more, key: value})


def yes(text: str) -> bool:
    """Of an answer to a question that is answered by yes or no. Raises WrongAnswer."""
    if text.lower() in ("是", "y", "yes", "true", "要", "对", "1"):
        return True
    if text.lower() in ("否", "n", "no", "false", "不要", "不", "不是", "0"):
        return False
    raise WrongAnswer("请填“是”或“否”。")


def _integer(column: DraftColumn, text: str) -> DraftColumn:
    whole = yes(text)
    return _with(_with(column, "integer", whole or None), "decimals", None if whole else column.more.get("decimals"))


def _bound(key: str) -> Callable[[DraftColumn, str], DraftColumn]:
    def bound(column: DraftColumn, text: str) -> DraftColumn:
        if text in ("", "无", "不限"):
            return _with(column, key, None)
        if not re.fullmatch(r"-?\d{1,15}(\.\d{1,6})?", text):
            raise WrongAnswer(f"“{text}”不是数字。请填一个数，如 0；没有就填“无”。")
        value = number(text)
        if key == "decimals" and (not isinstance(value, int) or not 0 <= value <= 10):
            raise WrongAnswer("小数位数请填0到10的整数。")
        other = column.more.get("max" if key == "min" else "min")
        if key != "decimals" and isinstance(other, int | float) and (value > other if key == "min" else value < other):
            raise WrongAnswer(
                f"最小的数（{value if key == 'min' else other}）比最大的数（{other if key == 'min' else value}）还大，请改正。"
            )
        return _with(column, key, value)

    return bound


def _day(key: str) -> Callable[[DraftColumn, str], DraftColumn]:
    def day(column: DraftColumn, text: str) -> DraftColumn:
        if text in ("", "无", "不限"):
            return _with(column, key, None)
        if text in ("收到", "received"):
            return _with(column, key, "received")
        value = read_day(text).isoformat()
        other = column.more.get("latest" if key == "earliest" else "earliest")
        if isinstance(other, str) and other != "received" and (value > other if key == "earliest" else value < other):
            raise WrongAnswer("最早的日期比最晚的日期还晚，请改正。")
        return _with(column, key, value)

    return day


def read_day(text: str, today: date | None = None) -> date:
    """2026-12-05, 2026年12月5日, 2026.12.5; with `today` also 12月5日, the next one. Raises WrongAnswer."""
    found = re.fullmatch(r"(?:(\d{4})\s*[-年./]\s*)?(\d{1,2})\s*[-月./]\s*(\d{1,2})\s*日?", text.strip())
    if found and (found[1] or today):
        try:
            day = date(int(found[1] or today.year if today else found[1]), int(found[2]), int(found[3]))
        except ValueError as error:
            raise WrongAnswer(f"没有“{text}”这一天。") from error
        if not found[1] and today and day < today:
            return day.replace(year=today.year + 1)
        return day
    raise WrongAnswer(f"“{text}”不是日期。请写成 2026-12-05 或 2026年12月5日。")


def _choices(column: DraftColumn, text: str) -> DraftColumn:
    words = [each.strip() for each in re.split(r"[、,，;；\n/]+", text) if each.strip()]
    if len(words) < 2:
        raise WrongAnswer("至少要有两个选项，用、隔开，如：小学、初中、高中。")
    twice = next((word for word in words if words.count(word) > 1), None)
    if twice:
        raise WrongAnswer(f"选项“{twice}”写了两次。")
    return _with(column, "choices", list(words))


def _example(column: DraftColumn, text: str) -> DraftColumn:
    if not text:
        raise WrongAnswer("请举一个正确的例子，如 HN-2026-001，程序按它的样子检查。")
    return _with(_with(column, "example", text), "pattern", pattern_of(normalise(text)))


def pattern_of(example: str) -> str:
    """What looks like the example: digits for digits, capitals for capitals, as many of each; all else as it is."""
    parts = re.findall(r"[0-9]+|[A-Z]+|[a-z]+|[\u3400-\u9fff]+|.", example)
    made = []
    for part in parts:
        kind = next((kind for kind in ("[0-9]", "[A-Z]", "[a-z]") if re.fullmatch(f"{kind}+", part)), None)
        made.append(f"{kind}{{{len(part)}}}" if kind else re.escape(part))
    return "".join(made)


def _called(column: DraftColumn, text: str) -> DraftColumn:
    if not text:
        raise WrongAnswer("请写这种编号叫什么，如“学籍号”。")
    return _with(column, "called", text)


def _pattern(column: DraftColumn, text: str) -> DraftColumn:
    try:
        re.compile(text)
    except re.error as error:
        raise WrongAnswer(f"格式写错了：{error}。不会写的话，只填一个例子就行。") from error
    return _with(column, "pattern", text)


def _items(text: str) -> list[Plain]:
    items: list[Plain] = []
    codes: set[str] = set()
    for line in (line.strip() for line in text.splitlines() if line.strip()):
        found = re.fullmatch(r"(\S+?)[\s,，、\t]+(.+)", line)
        if found is None:
            raise WrongAnswer(f"代码表里“{line[:40]}”看不懂。一行写一个：代码 名称。")
        if found[1] in codes:
            raise WrongAnswer(f"代码“{found[1]}”写了两次。")
        codes.add(found[1])
        items.append({"code": found[1], "name": found[2].strip()})
    if not items:
        raise WrongAnswer("请把代码表贴进来，一行一个：代码 名称。")
    return items


def _code_items(column: DraftColumn, text: str) -> DraftColumn:
    _items(text)
    return _with(column, "list", column.name)


def _aliases(column: DraftColumn, text: str) -> DraftColumn:
    words = (each.strip() for each in re.split(r"[、,，;；\n]+", text))
    return replace(column, aliases=tuple(dict.fromkeys(word for word in words if word and word != column.name)))


def _name(column: DraftColumn, text: str) -> DraftColumn:
    if not text:
        raise WrongAnswer("列名不能空着。")
    return replace(column, name=text, aliases=tuple(dict.fromkeys((*column.aliases, column.name))))


def _person(column: DraftColumn, text: str) -> DraftColumn:
    return replace(column, person=yes(text))


_ANSWERS: Mapping[str, Callable[[DraftColumn, str], DraftColumn]] = {
    "type": _type, "required": _required, "integer": _integer, "min": _bound("min"), "max": _bound("max"),
    "decimals": _bound("decimals"), "earliest": _day("earliest"), "latest": _day("latest"), "choices": _choices,
    "example": _example, "called": _called, "pattern": _pattern, "items": _code_items, "aliases": _aliases,
    "name": _name, "person": _person,
}  # fmt: skip
