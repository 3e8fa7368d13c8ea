"""The merged workbook of a notice: the table of all that counts, who has reported, problems, breaches, counts, and sources.

Values in, bytes out: the same values give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from domain.merged import Merged, MergedReturn, MergedRow, row_address
from domain.merged_counts import Counts
from domain.notice import Column, Notice
from domain.standings import STANDINGS_NAMED, ReporterStanding, Return, Standing, tally
from domain.submission import Role
from notifier.digest_grid import PENDING
from notifier.merged_columns import BREACHES, PAGE, PROBLEMS, SOURCE, SOURCES, STATUS, Table
from notifier.merged_counts import write_counts
from notifier.merged_masks import Masks
from notifier.merged_sheet import Book, Head, Link, MergedSheet, Value, new_book, sheet_names
from notifier.plain import one_line

_TABLE, _COUNTS = "汇总表", "统计"
_OWN = (_TABLE, STATUS.name, PROBLEMS.name, BREACHES.name, SOURCES.name, _COUNTS)
"""Names of sheets that every merged workbook has."""
_ROLES = {Role.SHEET: "电子表", Role.COVER: "盖章扫描件", Role.OTHER: "其他"}
_UNKNOWN = "不知是哪个单位"
_TITLE, _NOTE, _LONG_NOTE = 34, 20, 44
"""Heights in points."""


@dataclass(frozen=True, kw_only=True)
class _Sheets:
    """`further`: of the form's further tables, by their key."""

    table: MergedSheet
    further: Mapping[str, MergedSheet]
    problems: MergedSheet
    breaches: MergedSheet
    sources: MergedSheet


def write_merged(merged: Merged, returns: Iterable[MergedReturn]) -> bytes:
    """The workbook. `returns`: those of `merged.current`, in that order; each is passed on and not kept."""
    target = BytesIO()
    if not merged.notice.sheet_required:
        return _write_without_rows(merged, returns)
    notice, counts, masks = merged.notice, Counts(merged.notice.form), Masks(merged)
    with new_book(target, f"{notice.table_name}（汇总）", local(merged.made_at, notice)) as book:
        table = _begin_table(book, merged, _TABLE, f"{notice.table_name}（汇总）", notice.form.columns)
        names = sheet_names([one.name for one in notice.form.tables], taken=_OWN)
        further = {
            one.key: _begin_table(book, merged, name, f"{one.name}（汇总）", one.columns)
            for one, name in zip(notice.form.tables, names, strict=True)
        }
        _write_status(book, merged)
        sheets = _Sheets(
            table=table, further=further, problems=_begin(book, PROBLEMS), breaches=_begin(book, BREACHES),
            sources=_begin(book, SOURCES),
        )  # fmt: skip
        for one in returns:
            _write_return(sheets, merged, counts, masks, one)
        for sheet in (table, *further.values()):
            sheet.finish(4)
        for sheet in (sheets.problems, sheets.breaches, sheets.sources):
            sheet.finish(3)
        write_counts(book, _COUNTS, counts, tally(merged.standings), STANDINGS_NAMED)
    return target.getvalue()


def _write_without_rows(merged: Merged, returns: Iterable[MergedReturn]) -> bytes:
    """Where a return is a stamped scan alone: who reported, the problems, and the files."""
    target, notice, masks = BytesIO(), merged.notice, Masks(merged)
    with new_book(target, f"{notice.table_name}（汇总）", local(merged.made_at, notice)) as book:
        _write_status(book, merged)
        problems, sources = _begin(book, PROBLEMS), _begin(book, SOURCES)
        for one in returns:
            _write_problems(problems, masks, one)
            _write_files(sources, merged, one)
        problems.finish(3)
        sources.finish(3)
    return target.getvalue()


def local(at: datetime, notice: Notice) -> datetime:
    """The time of the notice's zone, which a workbook has no place for."""
    return at.astimezone(notice.zone).replace(tzinfo=None)


def _begin_table(book: Book, merged: Merged, name: str, title: str, columns: Sequence[Column]) -> MergedSheet:
    own = tuple(Head(name=column.name, width=column.width) for column in columns)
    source = (*SOURCE, PAGE) if merged.console else SOURCE
    sheet = book.sheet(name, (*own, *source), len(own))
    sheet.band(title, "title", _TITLE)
    sheet.band(_told(merged), "note", _LONG_NOTE)
    sheet.groups((("各单位所报内容", len(own)), ("出处（核对用，不打印）", len(source))))
    sheet.head()
    return sheet


def _told(merged: Merged) -> str:
    """As of when, of how many, and which state of the ledger vouches for it."""
    notice = merged.notice
    listed = sum(1 for one in merged.standings if one.counted)
    strangers = len(merged.counted) - listed
    parts = [
        notice.number,
        f"截至{local(merged.made_at, notice):%Y年%m月%d日 %H:%M}",
        f"应报{len(merged.standings)}个单位，已受理{listed}个" + (f"，名单外{strangers}个" if strangers else ""),
        *([f"共{merged.row_count}行"] if notice.sheet_required else []),
    ]
    if notice.bureau_run and not notice.bureau_run.listed:
        parts.append("市直未建名单，无法统计缺报")
    if merged.masked:
        parts.append("电话已隐去中间几位")
    if merged.nameless:
        parts.append("姓名略去")
    if merged.head_hash:
        parts.append(f"存证：第{merged.head_number}号 {merged.head_hash[:16]}")
    return "；".join(parts) + "。"


def _write_status(book: Book, merged: Merged) -> None:
    sheet = book.sheet(STATUS.name, STATUS.columns, STATUS.printed)
    counted = "，".join(f"{STANDINGS_NAMED[each]}{number}" for each, number in tally(merged.standings).items())
    sheet.band(STATUS.title, "title", _TITLE)
    sheet.band(f"应报{len(merged.standings)}个单位：{counted}。", "note", _NOTE)
    sheet.head()
    for number, one in enumerate(merged.standings, 1):
        sheet.line(_status(number, one, merged.notice))
    for number, stranger in enumerate(merged.strangers, len(merged.standings) + 1):
        name = one_line(merged.names.get(stranger.receipt, "")) or _UNKNOWN
        facts = _facts(stranger, merged.notice)
        sheet.line((number, name, STANDINGS_NAMED[Standing(stranger.state)], *facts, "不在名单上"))
    sheet.finish(3)


def _status(number: int, found: ReporterStanding, notice: Notice) -> tuple[Value, ...]:
    shown = found.counted or found.newest
    told = []
    if found.counted and not found.counted.row_count and notice.sheet_required:
        told.append("零报告")
    if found.pending:
        told.append(PENDING[found.pending.state])
    facts = _facts(shown, notice) if shown else ("", None, None, None, "")
    return (number, found.reporter.name, STANDINGS_NAMED[found.standing], *facts, "，".join(told))


def _facts(one: Return, notice: Notice) -> tuple[Value, ...]:
    at = local(one.received_at, notice)
    return ("迟报" if one.late else "", one.version, one.row_count, at, one.receipt)


def _begin(book: Book, told: Table) -> MergedSheet:
    sheet = book.sheet(told.name, told.columns, told.printed)
    sheet.band(told.title, "title", _TITLE)
    sheet.band(told.note, "note", _NOTE)
    sheet.head()
    return sheet


def _write_return(sheets: _Sheets, merged: Merged, counts: Counts, masks: Masks, one: MergedReturn) -> None:
    who = one_line(one.who) or _UNKNOWN
    at = local(one.received_at, merged.notice)

    def line(row: MergedRow, table: str = "") -> Sequence[Value]:
        page = _page(merged, one.receipt, row)
        return (*masks.row(row.texts, table), who, one.receipt, one.version, at, *_place(row), *page)

    for row in one.rows:
        counts.add(who, row)
        sheets.table.line(line(row))
    for key, sheet in sheets.further.items():
        for row in one.further[key]:
            sheet.line(line(row, key))
    _write_problems(sheets.problems, masks, one)
    for breach in one.breaches:
        sheets.breaches.line((who, *masks.breach(breach), one.receipt, breach.sheet, breach.cell))
    _write_files(sheets.sources, merged, one)


def _write_problems(sheet: MergedSheet, masks: Masks, one: MergedReturn) -> None:
    who = one_line(one.who) or _UNKNOWN
    for problem in one.problems:
        told = masks.problem(problem)
        sheet.line((who, STANDINGS_NAMED[Standing(one.state)], *told, one.receipt, problem.file, problem.sheet))


def _write_files(sheet: MergedSheet, merged: Merged, one: MergedReturn) -> None:
    who, at = one_line(one.who) or _UNKNOWN, local(one.received_at, merged.notice)
    for file in one.files:
        seals = "；".join(one.seals) if file.kind is Role.COVER else ""
        kind = _ROLES[file.kind]
        sheet.line((who, one.receipt, one.version, at, kind, file.name, file.size, seals, file.sha256, file.mail))


def _page(merged: Merged, receipt: str, row: MergedRow) -> tuple[Value, ...]:
    """Where the row is shown beside its place on the scan, made of nothing that anybody reported."""
    return (Link(address=f"{merged.console}{row_address(receipt, row.source.name)}"),) if merged.console else ()


def _place(row: MergedRow) -> tuple[Value, ...]:
    source, box = row.source, row.source.place
    place = f"左{box.x0:.0%} 上{box.y0:.0%} 右{box.x1:.0%} 下{box.y1:.0%}" if box else ""
    return (source.file, source.sheet, source.row, source.scan, source.page or None, place)
