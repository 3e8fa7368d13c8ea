"""The table of a search's hits, for people who open it in Excel or WPS. No text becomes a formula in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from domain.submission import State
from notifier.subjects import MARKS
from notifier.xlsx_content import TableContent
from notifier.xlsx_write import write_table

HEADINGS = ("回执", "单位", "状态", "收到时间", "位置", "内容")
_TITLE = "检索结果"
_WIDTHS = (26.0, 14.0, 10.0, 17.0, 22.0, 90.0)
_MAILS = {
    "question": "来信咨询", "withdraw": "要求撤回", "junk": "垃圾邮件", "precheck": "预检", "complaint": "投诉举报",
}  # fmt: skip
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def state_word(state: str) -> str:
    """In the words of our letters."""
    if state in frozenset(State):
        return MARKS[State(state)]
    return _MAILS.get(state, "自动邮件" if state.startswith("ignored.") else state)


def hits_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """In UTF-8 with a mark, which Excel needs."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    writer.writerows([safe(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig", "replace")


def safe(value: str) -> str:
    """Excel computes a cell of a .csv that begins like a formula; an apostrophe before it makes it text."""
    return f"'{value}" if value.lstrip().startswith(_DANGEROUS) or value.startswith(_DANGEROUS) else value


def hits_xlsx(rows: Sequence[Sequence[str]], notes: Sequence[str] = ()) -> bytes:
    """The same as .xlsx, with `notes` below."""
    content = TableContent(title=_TITLE, names=HEADINGS, widths=_WIDTHS, rows=rows, notes=notes)
    return write_table(content, sheet_name=_TITLE)
