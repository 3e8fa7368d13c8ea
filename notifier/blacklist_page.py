"""The blacklist as the bureau publishes it (measures, article 7): one page of HTML, or a workbook. Nothing else is in it than
operators, their apps, since when and why."""

from __future__ import annotations

from dataclasses import dataclass

from notifier.templating import templates
from notifier.xlsx_content import TableContent
from notifier.xlsx_write import write_table

NAMES = ("APP主办者", "APP名称", "列入日期", "列入原因")
_WIDTHS = (6.0, 32.0, 30.0, 16.0, 44.0)
_ALL_APPS = "该主办者的全部APP"


@dataclass(frozen=True, kw_only=True)
class PublishedRow:
    """One operator. `apps` are names of which it is known that they are its."""

    operator: str
    apps: tuple[str, ...]
    since: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PublishedList:
    """What is published, days already in words."""

    title: str
    publisher: str
    basis: str
    day: str
    rows: tuple[PublishedRow, ...]


def blacklist_html(page: PublishedList) -> str:
    """The page, by itself: no script, nothing is loaded from anywhere."""
    return templates().get_template("blacklist.html").render(page=page, names=NAMES)


def blacklist_xlsx(page: PublishedList) -> bytes:
    """The same as a workbook ready to print. The same arguments give the same bytes."""
    rows = [
        (str(number), row.operator, "、".join(row.apps) or _ALL_APPS, row.since, row.reason)
        for number, row in enumerate(page.rows, 1)
    ]
    notes = [page.basis, f"{page.publisher}  {page.day}".strip()]
    content = TableContent(
        title=page.title, names=("序号", *NAMES), widths=_WIDTHS, rows=rows, notes=[note for note in notes if note]
    )
    return write_table(content, sheet_name="黑名单")
