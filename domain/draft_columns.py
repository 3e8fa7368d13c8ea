"""What is asked and answered about one column of a draft: its type, whether it must be filled in, and what its type allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from domain.draft import Choice, DraftColumn, Plain, Question

TYPES: Mapping[str, str] = {
    "text": "文字",
    "number": "数字",
    "date": "日期",
    "choice": "从几个词里选",
    "yes_no": "是或否",
    "phone": "电话",
    "identity_number": "身份证号",
    "credit_code": "统一社会信用代码",
    "unit": "填报单位的名称",
    "code": "代码（有代码表）",
    "pattern": "固定格式的编号",
    "filing_number": "教育部备案号",
}
REQUIRED: Mapping[str, str] = {"yes": "必填", "no": "可以不填", "left_out": "不收这一列"}
TYPE_KEYS: Mapping[str, tuple[str, ...]] = {
    "number": ("integer", "decimals", "min", "max"),
    "date": ("earliest", "latest"),
    "choice": ("choices",),
    "pattern": ("pattern", "example", "called"),
    "code": ("list", "names"),
    "yes_no": ("yes_words", "no_words"),
}
ALWAYS = ("required_if",)
PREFIX = "columns."
FILING: Mapping[str, Plain] = {
    "prefix": "教APP备",
    "suffix": "号",
    "digits": 7,
    "tolerated_digits": [6, 8],
    "provinces": [
        "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44", "45", "46",
        "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
    ],
    "hint": "教APP备1100001号",
}  # fmt: skip
"""The ministry's numbers (two digits of GB/T 2260 and five more)."""


def column_questions(column: DraftColumn) -> Iterator[Question]:
    """Of one column. Those after the first two depend on its type."""
    yield _question(
        column, "type", f"“{column.name}”填的是什么", "choice", column.type,
        choices=tuple(Choice(value=key, text=text) for key, text in TYPES.items()), help=column.why,
    )  # fmt: skip
    standing = "left_out" if not column.kept else "yes" if column.required else "no"
    yield _question(
        column, "required", f"“{column.name}”必须填吗", "choice", standing,
        choices=tuple(Choice(value=key, text=text) for key, text in REQUIRED.items()),
    )  # fmt: skip
    if column.kept:
        yield from _of_type(column)


def _of_type(column: DraftColumn) -> Iterator[Question]:
    more = column.more
    if column.type == "number":
        yield _question(column, "integer", "只能填整数吗", "yes_no", "是" if more.get("integer") else "否")
        yield _question(column, "min", "最小是多少（没有就填“无”）", "number", _shown(more.get("min")))
        yield _question(column, "max", "最大是多少（没有就填“无”）", "number", _shown(more.get("max")))
        if not more.get("integer"):
            yield _question(column, "decimals", "最多几位小数（不限就填“无”）", "number", _shown(more.get("decimals")))
    elif column.type == "date":
        yield _question(column, "earliest", "最早是哪天（不限就填“无”）", "day", _shown(more.get("earliest")))
        help_ = "不能晚于收到的那天，就填“收到”"
        yield _question(column, "latest", "最晚是哪天（不限就填“无”）", "day", _shown(more.get("latest")), help=help_)
    elif column.type == "choice":
        words = more.get("choices")
        shown = [str(each.get("name") if isinstance(each, Mapping) else each) for each in _list(words)]
        yield _question(column, "choices", "有哪些选项（用、隔开）", "text", "、".join(shown))
    elif column.type == "pattern":
        yield _question(
            column, "example", "举一个正确的例子", "text", _text(more.get("example")), help="如 HN-2026-001"
        )
        yield _question(column, "called", "这种编号叫什么", "text", _text(more.get("called")) or column.name)
    elif column.type == "code":
        yield _question(column, "items", "代码表，一行一个：代码 名称", "lines", "")


def _question(
    column: DraftColumn,
    key: str,
    text: str,
    kind: str,
    proposal: str,
    *,
    choices: tuple[Choice, ...] = (),
    help: str = "",
) -> Question:
    return Question(
        key=f"{PREFIX}{column.name}.{key}", text=text, kind=kind, proposal=proposal, choices=choices, help=help,
        about=column.name,
    )  # fmt: skip


def _list(value: Plain) -> Sequence[Plain]:
    return value if isinstance(value, list | tuple) else ()


def _text(value: Plain) -> str:
    return "" if value is None else str(value)


def _shown(value: Plain) -> str:
    return "无" if value is None else "收到" if value == "received" else str(value)


def summary(column: DraftColumn) -> str:
    """What a column may hold, in a few words: 数字，整数，0以上."""
    more, parts = column.more, [TYPES.get(column.type, column.type)]
    if column.type == "number":
        low, high = more.get("min"), more.get("max")
        parts += ["整数"] if more.get("integer") else []
        parts += [
            f"{low}到{high}"
            if low is not None and high is not None
            else f"{low}以上"
            if high is None
            else f"{high}以下"
        ] * (low is not None or high is not None)
    elif column.type == "choice":
        parts = [
            "、".join(
                str(each.get("name") if isinstance(each, Mapping) else each) for each in _list(more.get("choices"))
            )
        ]
    elif column.type == "date":
        parts += [f"{_shown(more['earliest'])}起"] if more.get("earliest") else []
        parts += (
            ["不晚于收到的那天" if more.get("latest") == "received" else f"到{more['latest']}"]
            if more.get("latest")
            else []
        )
    elif column.type == "pattern":
        parts = [f"如{_text(more.get('example'))}"]
    return "，".join(part for part in parts if part)
