"""Returns that must be rejected or shown to a person: one small function a kind, from a desk to its plans."""

from __future__ import annotations

from dataclasses import replace

from samples.maker import content
from samples.maker.cases import Plan
from samples.maker.content import EMPTY_ROW, AppRow, changed
from samples.maker.desk import Desk
from samples.maker.workbooks import Table

_SAMPLE = AppRow(
    unit="XX县",
    school="XX学校",
    app="XXAPP",
    operator="XX公司",
    contact="张三",
    phone="13XXXXXXXXX",
    function="",
    filed="是",
    number="教APP备420000X号",
)


def bad_cells(desk: Desk) -> list[Plan]:
    """Four different faults in one table."""
    rows = desk.rows(12)
    rows = changed(rows, 2, phone="1383930")
    rows = changed(rows, 4, number="")
    rows = changed(rows, 7, school=rows[6].school, app=rows[6].app, operator=rows[6].operator, number=rows[6].number)
    rows = changed(rows, 9, contact="")
    codes = ("row.phone_invalid", "row.filing_number_missing", "row.duplicate", "row.required")
    return desk.returned_rows("bad_cells", "rejected", rows, *codes)


def bad_phone(desk: Desk) -> list[Plan]:
    rows = desk.rows()
    wrong = desk.rng.choice(("1383930", "139393012345", "12345678901", "13839301234/13839305678"))
    return desk.returned_rows(
        "bad_phone", "rejected", changed(rows, desk.rng.randrange(len(rows)), phone=wrong), "row.phone_invalid"
    )


def bad_number(desk: Desk) -> list[Plan]:
    rows = desk.rows()
    wrong = desk.rng.choice(("豫ICP备12345678号", "教APP备9900001号", "正在办理"))
    return desk.returned_rows(
        "bad_number",
        "rejected",
        changed(rows, desk.rng.randrange(len(rows)), number=wrong),
        "row.filing_number_invalid",
    )


def unexpected_number(desk: Desk) -> list[Plan]:
    rows = changed(desk.rows(), 3, filed="否")
    return desk.returned_rows(
        "unexpected_number", "rejected", rows, "row.filing_number_unexpected", "policy.unfiled_app"
    )


def bad_yes_no(desk: Desk) -> list[Plan]:
    return desk.returned_rows("bad_yes_no", "rejected", changed(desk.rows(), 2, filed="部分"), "row.filed_invalid")


def foreign_unit(desk: Desk) -> list[Plan]:
    other = "范县" if desk.county.name != "范县" else "台前县"
    return desk.returned_rows("foreign_unit", "rejected", changed(desk.rows(), 3, unit=other), "row.unit_mismatch")


def sample_row(desk: Desk) -> list[Plan]:
    """The form's sample row left in."""
    return desk.returned_rows("sample_row", "rejected", (_SAMPLE, *desk.rows()), "row.placeholder")


def bad_date(desk: Desk) -> list[Plan]:
    table = desk.table(day="2020年2月30日")
    expected = desk.decided("bad_date", "rejected", "header.date_invalid", table=table)
    return desk.returned(expected, table)


def wrong_seal(desk: Desk) -> list[Plan]:
    """Another county's seal."""
    other = desk.rng.choice([c for c in content.COUNTIES if c is not desk.county])
    return _stamped(desk, "wrong_seal", "cover.seal_mismatch", name=other.seals[0])


def no_seal(desk: Desk) -> list[Plan]:
    table = desk.table()
    expected = desk.decided("no_seal", "rejected", "cover.unstamped", table=table)
    return desk.returned(expected, table, stamp=None)


def finance_seal(desk: Desk) -> list[Plan]:
    return _stamped(desk, "finance_seal", "cover.seal_wrong_kind", bottom="财务专用章", number="")


def altered_digit(desk: Desk) -> list[Plan]:
    """One digit of one phone was changed in the workbook after printing."""
    rows = desk.rows(12)
    index = desk.rng.randrange(7, 12)
    phone = rows[index].phone
    place = desk.rng.randrange(len(phone) - 6, len(phone))
    digit = desk.rng.choice([d for d in "0123456789" if d != phone[place]])
    later = changed(rows, index, phone=phone[:place] + digit + phone[place + 1 :])
    return _altered(desk, "altered_digit", rows, later)


def altered_name(desk: Desk) -> list[Plan]:
    rows = desk.rows(12)
    index = desk.rng.randrange(7, 12)
    names = [name for name in (content.contact(desk.rng) for _ in range(9)) if name[0] != rows[index].contact[0]]
    return _altered(desk, "altered_name", rows, changed(rows, index, contact=names[0]))


def row_added(desk: Desk) -> list[Plan]:
    """A row stands in the middle of the workbook that is not on the page."""
    rows = desk.rows(13)
    return _altered(desk, "row_added", (*rows[:8], *rows[9:]), rows)


def black_and_white(desk: Desk) -> list[Plan]:
    table = desk.table()
    mode = desk.rng.choice(("grey", "bw"))
    expected = desk.decided(
        "black_and_white", "review", "cover.colourless", table=table, maybe=frozenset({"cover.low_quality"})
    )
    return desk.returned(expected, table, scan={"mode": mode, "dpi": 200})


def born_digital(desk: Desk) -> list[Plan]:
    """The workbook saved as PDF with a picture of the seal pasted in."""
    table = desk.table()
    expected = desk.decided("born_digital", "rejected", "cover.not_a_scan", table=table)
    return desk.returned(expected, table, exported=True)


def encrypted(desk: Desk) -> list[Plan]:
    return _harmed(desk, "encrypted", "sheet.encrypted")


def truncated(desk: Desk) -> list[Plan]:
    return _harmed(desk, "truncated", "sheet.unreadable")


def wrong_form(desk: Desk) -> list[Plan]:
    """The right page, but another table attached by mistake."""
    table = desk.table()
    rows = tuple(
        replace(
            EMPTY_ROW,
            unit=str(i + 1),
            school=row.school,
            app=str(312 + 17 * i),
            operator=str(24 + i),
            contact="0",
            phone="0",
        )
        for i, row in enumerate(table.rows)
    )
    other = Table(
        title=f"{desk.county.name}中小学返校人员统计表",
        unit=desk.county.name,
        day=table.day,
        rows=rows,
        columns=("序号", "学校名称", "返校学生数", "返校教师数", "体温异常人数", "隔离人数", "备注"),
    )
    return _unread(desk, "wrong_form", "sheet.wrong_form", table, other)


def _stamped(desk: Desk, kind: str, code: str, **seal: str) -> list[Plan]:
    table = desk.table()
    paper = desk.paper(table, stamp=replace(desk.stamp(), **seal))  # type: ignore[arg-type] # text fields only
    return [desk.plan(desk.decided(kind, "rejected", code, table=table), book=desk.book(table), paper=paper)]


def _altered(desk: Desk, kind: str, printed: tuple[AppRow, ...], mailed: tuple[AppRow, ...]) -> list[Plan]:
    table = desk.table(mailed)
    expected = desk.decided(kind, "rejected", "cover.content_mismatch", table=table, altered=True)
    return [desk.plan(expected, book=desk.book(table), paper=desk.paper(replace(table, rows=printed)))]


def _harmed(desk: Desk, kind: str, code: str) -> list[Plan]:
    table = desk.table()
    return _unread(desk, kind, code, table, table, harm=kind)


def _unread(desk: Desk, kind: str, code: str, printed: Table, mailed: Table, harm: str = "") -> list[Plan]:
    """A workbook that cannot be read: who reports is known from the page at best."""
    expected = replace(
        desk.decided(kind, "rejected", code, table=mailed, row_count=0),
        codes=frozenset({code}),
        maybe=frozenset({"mail.unknown_sender"}),
    )
    return [desk.plan(expected, book=desk.book(mailed, harm=harm), paper=desk.paper(printed))]
