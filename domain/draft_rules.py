"""Rules of a notice's own as people say them: 如果“是否住宿”是“是”，则“宿舍号”必填. Made into what a notice file has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

from domain.draft import Draft, DraftColumn, Plain, WrongAnswer

_QUOTED = r"[“\"「]([^”\"」]{1,60})[”\"」]"
_IF = re.compile(
    rf"(?:如果|若|当)\s*{_QUOTED}\s*(?:是|为|填|=|等于)\s*{_QUOTED}\s*(?:时|的)?\s*[，,、]?\s*(?:则|那么|就)?\s*[，,]?\s*(.+)"
)
_THEN = re.compile(rf"{_QUOTED}\s*(.+)")
_FILLED = re.compile(r"(?:必须|应当?|要|得)?(?:必填|填写?|不能为空|不得为空|不为空)")
_EMPTY = re.compile(r"(?:必须|应当?|要|得)?(?:不填|为空|空着|不得填写?|不能填写?)")
_RELATION = re.compile(
    r"(?:必须|应当?|要|得)?\s*(不大于|不超过|小于等于|≤|<=|不小于|不少于|不低于|大于等于|≥|>=|大于|超过|>|小于|少于|<|不等于|不是|≠|等于|是|为|=)\s*(.+)"
)
_SIGNS = {
    "不大于": "≤", "不超过": "≤", "小于等于": "≤", "≤": "≤", "<=": "≤", "不小于": "≥", "不少于": "≥", "不低于": "≥", "大于等于": "≥",
    "≥": "≥", ">=": "≥", "大于": ">", "超过": ">", ">": ">", "小于": "<", "少于": "<", "<": "<", "不等于": "≠", "不是": "≠", "≠": "≠",
    "等于": "=", "是": "=", "为": "=", "=": "=",
}  # fmt: skip
_SUM = re.compile(rf"{_QUOTED}((?:\s*(?:加|＋|\+|减|－|-)\s*{_QUOTED})*)\s*(?:应|必须|要)?\s*(.+)")
_ADD = {"加": "+", "＋": "+", "+": "+", "减": "-", "－": "-", "-": "-"}
_TERM = re.compile(r"[“\"「][^”\"」]{1,60}[”\"」]|\d+(?:\.\d+)?|[加＋+减－-]|\S")
_EXAMPLES = "写法如：如果“是否住宿”是“是”，则“宿舍号”必填；“男生数”加“女生数”等于“在校生数”；“已用”不大于“总数”。"


def with_rule(draft: Draft, line: str) -> Draft:
    """The draft with one more rule. Raises WrongAnswer, with how rules are written."""
    text = line.strip().rstrip("。；;")
    if found := _IF.fullmatch(text):
        return _conditional(draft, text, found[1], found[2], found[3])
    if re.search(r"[“\"「]", text):
        return _with_check(draft, text, _expression(draft, text, line))
    raise WrongAnswer(f"看不懂“{line}”。{_EXAMPLES}")


def _conditional(draft: Draft, text: str, first: str, value: str, rest: str) -> Draft:
    known = _column(draft, first)
    allowed = _choices(known)
    if allowed and value not in allowed:
        raise WrongAnswer(f"“{first}”只能填{'、'.join(allowed)}，没有“{value}”。")
    then = _THEN.fullmatch(rest.strip())
    if then is None:
        raise WrongAnswer(f"看不懂“{rest}”。{_EXAMPLES}")
    target, what = _column(draft, then[1]), then[2].strip()
    if _FILLED.fullmatch(what):
        if not target.more.get("required_if") and target is not known:
            more: dict[str, Plain] = {**target.more, "required_if": {known.key: value}}
            return draft.with_column(replace(target, required=False, more=more))
        return _with_check(draft, text, f"已填([{target.name}])", when=f'[{known.name}] = "{value}"', at=target.key)
    when = f'[{known.name}] = "{value}"'
    if _EMPTY.fullmatch(what):
        return _with_check(draft, text, f"空([{target.name}])", when=when, at=target.key)
    return _with_check(draft, text, _expression(draft, rest, text), when=when, at=target.key)


def _expression(draft: Draft, text: str, line: str) -> str:
    """“男生数”加“女生数”等于“在校生数” → [男生数] + [女生数] = [在校生数]."""
    found = _SUM.fullmatch(text.strip())
    relation = _RELATION.fullmatch(found[4].strip()) if found else None
    if found is None or relation is None:
        raise WrongAnswer(f"看不懂“{line}”。{_EXAMPLES}")
    left = _terms(draft, f"“{found[1]}”{found[2]}")
    return f"{left} {_SIGNS[relation[1]]} {_terms(draft, relation[2])}"


def _terms(draft: Draft, text: str) -> str:
    """Columns in quotes, joined by 加 and 减; a number; or a word in quotes that is no column."""
    parts = [found for found in _TERM.findall(text.strip()) if found.strip()]
    if "".join(parts) != "".join(text.split()) and "".join(parts) != text.strip():
        raise WrongAnswer(f"看不懂“{text}”。{_EXAMPLES}")
    if len(parts) == 1 and (quoted := re.fullmatch(_QUOTED, parts[0])) and not draft.column(quoted[1]):
        return f'"{quoted[1]}"'
    made = []
    for place, part in enumerate(parts):
        quoted = re.fullmatch(_QUOTED, part)
        if (place % 2 == 1) is not (part in _ADD):
            raise WrongAnswer(f"看不懂“{text}”。{_EXAMPLES}")
        made.append(_ADD[part] if part in _ADD else f"[{_column(draft, quoted[1]).name}]" if quoted else part)
    return " ".join(made)


def _column(draft: Draft, name: str) -> DraftColumn:
    found = draft.column(name)
    if found is None or not found.kept:
        raise WrongAnswer(f"“{name}”不是这张表的列。{_known(draft, name)}")
    return found


def _known(draft: Draft, name: str) -> str:
    names = [column.name for column in draft.asked]
    close = get_close_matches(name.strip("“”"), names, n=1, cutoff=0.5)
    return f"是不是想写“{close[0]}”？" if close else f"有这些列：{'、'.join(names)}。"


def _choices(column: DraftColumn) -> tuple[str, ...]:
    if column.type == "yes_no":
        return ("是", "否")
    words = column.more.get("choices")
    return tuple(str(each) for each in words) if column.type == "choice" and isinstance(words, list | tuple) else ()


def _with_check(draft: Draft, text: str, rows: str, *, when: str = "", at: str = "") -> Draft:
    used = {str(check.get("id")) for check in draft.checks}
    identifier = next(f"r{number}" for number in range(1, 1000) if f"r{number}" not in used)
    check: dict[str, Plain] = {"id": identifier, "name": _short(text), "rows": rows}
    check |= {key: value for key, value in (("when", when), ("at", at)) if value}
    check |= {"severity": "error", "message": f"应符合：{text}。", "advice": "请核对这一行后改正。"}
    return replace(draft, checks=(*draft.checks, check))


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:38]}……"


def said(check: Mapping[str, Plain]) -> str:
    """A rule as it was said."""
    return str(check.get("name") or check.get("message") or check.get("rows") or "")
