"""What a column may hold, as one line that people write: 整数，0到500; 小学、初中; 2026-01-01到收到."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from domain.column_answers import answer_column
from domain.draft import Draft, DraftColumn, Plain, WrongAnswer

_BETWEEN = re.compile(r"(\S+?)\s*(?:到|至|~|—|－)\s*(\S+)")
_NUMBER = r"-?\d+(?:\.\d+)?"
HINTS: Mapping[str, str] = {
    "number": "如：整数，0到500",
    "date": "如：2026-01-01到收到",
    "choice": "如：小学、初中、高中",
    "pattern": "一个正确的例子",
    "code": "代码表请在文字里改",
}


def detail(column: DraftColumn) -> str:
    """The line for what stands in the draft."""
    more = column.more
    if column.type == "number":
        low, high = more.get("min"), more.get("max")
        parts = ["整数"] if more.get("integer") else []
        parts += [f"{more['decimals']}位小数"] if more.get("decimals") is not None else []
        if low is not None and high is not None:
            parts.append(f"{low}到{high}")
        elif low is not None or high is not None:
            parts.append(f"{low}以上" if high is None else f"{high}以下")
        return "，".join(parts)
    if column.type == "date":
        first, last = more.get("earliest"), "收到" if more.get("latest") == "received" else more.get("latest")
        return (
            f"{first or ''}到{last or ''}".strip("到")
            if first and last
            else f"{first}起"
            if first
            else f"到{last}"
            if last
            else ""
        )
    if column.type == "choice":
        return "、".join(_word(each) for each in _list(more.get("choices")))
    return str(more.get("example") or "") if column.type == "pattern" else ""


def _list(value: Plain) -> list[Plain]:
    return list(value) if isinstance(value, list | tuple) else []


def _word(choice: Plain) -> str:
    return str(choice.get("name")) if isinstance(choice, Mapping) else str(choice)


def with_detail(draft: Draft, key: str, text: str) -> Draft:
    """The draft with what the line says of the column of that key. Raises WrongAnswer."""
    column = draft.column(key)
    if column is None or not column.kept or text.strip() == detail(column):
        return draft
    said = _of_number(text) if column.type == "number" else _of_date(text) if column.type == "date" else {}
    if column.type == "choice":
        said = {"choices": text}
    elif column.type == "pattern":
        said = {"example": text} | ({} if column.more.get("called") else {"called": column.name})
    if column.type in ("number", "date"):
        draft = draft.with_column(replace(column, more=_bare(column.more)))
    for what, value in said.items():
        draft = answer_column(draft, f"columns.{column.key}.{what}", value)
    return draft


def _bare(more: Mapping[str, Plain]) -> dict[str, Plain]:
    return {key: value for key, value in more.items() if key in ("required_if", "yes_words", "no_words")}


def _of_number(text: str) -> dict[str, str]:
    said: dict[str, str] = {}
    for part in (each.strip() for each in re.split(r"[，,；;\s]+", text) if each.strip()):
        if part == "整数":
            said["integer"] = "是"
        elif found := re.fullmatch(r"(\d{1,2})位小数", part):
            said["decimals"] = found[1]
        elif (found := re.fullmatch(rf"({_NUMBER})\s*(?:到|至|~|—|－|-)\s*({_NUMBER})", part)) is not None:
            said |= {"min": found[1], "max": found[2]}
        elif found := re.fullmatch(rf"(?:≥|>=)?({_NUMBER})(?:以上|起)?", part):
            said["min"] = found[1]
        elif found := re.fullmatch(rf"(?:≤|<=)?({_NUMBER})以下|(?:≤|<=)({_NUMBER})", part):
            said["max"] = found[1] or found[2]
        else:
            raise WrongAnswer(f"看不懂“{part}”。数字的范围写成：整数，0到500；或：2位小数，0以上。")
    return said


def _of_date(text: str) -> dict[str, str]:
    plain = text.strip()
    if not plain:
        return {}
    if found := _BETWEEN.fullmatch(plain):
        return {"earliest": found[1], "latest": found[2]}
    if plain.endswith("起"):
        return {"earliest": plain.removesuffix("起")}
    if plain.startswith(("到", "至")):
        return {"latest": plain[1:]}
    raise WrongAnswer(f"看不懂“{plain}”。日期的范围写成：2026-01-01到2026-12-31；或：到收到（不晚于收到的那天）。")
