"""The kinds of mail and how each must be decided: one small function a kind, from a desk to its plans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from samples.maker import content
from samples.maker.cases import Plan
from samples.maker.content import AppRow, changed
from samples.maker.desk import Desk
from samples.maker.mails import Draft
from samples.maker.workbooks import Table

Kind = Callable[[Desk], list[Plan]]


def accepted(desk: Desk) -> list[Plan]:
    """All in order, PDF scan."""
    table = desk.table()
    expected = desk.decided("accepted", "accepted", table=table)
    return [desk.plan(expected, book=desk.book(table), paper=desk.paper(table))]


def accepted_jpg(desk: Desk) -> list[Plan]:
    table = desk.table()
    expected = desk.decided("accepted_jpg", "accepted", table=table)
    return [desk.plan(expected, book=desk.book(table), paper=desk.paper(table, kind="jpg"))]


def accepted_tif(desk: Desk) -> list[Plan]:
    table = desk.table()
    expected = desk.decided("accepted_tif", "accepted", table=table)
    return [desk.plan(expected, book=desk.book(table), paper=desk.paper(table, kind="tif"))]


def accepted_xls(desk: Desk) -> list[Plan]:
    table = desk.table()
    expected = desk.decided("accepted_xls", "accepted", table=table)
    return [desk.plan(expected, book=desk.book(table, kind="xls"), paper=desk.paper(table))]


def turned(desk: Desk) -> list[Plan]:
    """Laid on the glass the wrong way round."""
    table = desk.table()
    expected = desk.decided("turned", "accepted", table=table)
    turn = {"turn": desk.rng.choice((90, 180, 270))}
    return [desk.plan(expected, book=desk.book(table), paper=desk.paper(table, scan=turn))]


def photo(desk: Desk) -> list[Plan]:
    """A phone's picture: accepted or reviewed, never rejected for its quality."""
    table = desk.table()
    maybe = frozenset({"cover.low_quality", "cover.seal_unreadable", "cover.seal_suspect"})
    expected = desk.decided("photo", "accepted", table=table, or_states=("review",), maybe=maybe)
    shot = {"photo": True, "perspective": 0.02, "dpi": 220, "quality": 80}
    return [desk.plan(expected, book=desk.book(table), paper=desk.paper(table, kind="jpg", scan=shot))]


def long_table(desk: Desk) -> list[Plan]:
    """More rows than the first page holds: only those on it can be compared."""
    table = desk.table(desk.rows(42))
    expected = desk.decided("long_table", "accepted", table=table)
    return [desk.plan(expected, book=desk.book(table), paper=desk.paper(table))]


def late(desk: Desk) -> list[Plan]:
    table = desk.table()
    expected = desk.decided("late", "accepted", "timing.late", table=table)
    return [desk.plan(expected, book=desk.book(table), paper=desk.paper(table))]


def unfiled(desk: Desk) -> list[Plan]:
    """是否备案 = 否: truthful, accepted, a breach to be listed."""
    rows = desk.rows()
    rows = changed(rows, desk.rng.randrange(len(rows)), filed="否", number="")
    return _rows(desk, "unfiled", "accepted", rows, "policy.unfiled_app")


def restricted(desk: Desk) -> list[Plan]:
    rows = desk.rows()
    rows = changed(rows, len(rows) - 1, app="抖音", operator="北京微播视界科技有限公司", function="短视频、直播")
    return _rows(desk, "restricted", "accepted", rows, "policy.restricted_app")


def irregular_number(desk: Desk) -> list[Plan]:
    rows = desk.rows()
    index = desk.rng.randrange(len(rows))
    return _rows(
        desk,
        "irregular_number",
        "accepted",
        changed(rows, index, number=rows[index].number.removesuffix("号")),
        "row.filing_number_irregular",
    )


def service_phone(desk: Desk) -> list[Plan]:
    rows = desk.rows()
    changed_rows = changed(rows, desk.rng.randrange(len(rows)), phone="4008105678")
    return _rows(desk, "service_phone", "accepted", changed_rows, "row.phone_unusual")


def nil_return(desk: Desk) -> list[Plan]:
    """零报告: a unit that uses no app says so."""
    if desk.rng.random() < 0.5:
        table = desk.table((replace(_EMPTY, unit=desk.county.name, app=desk.rng.choice(("无", "零报告"))),))
    else:
        table = desk.table((), below=("零报告",))
    expected = desk.decided("nil_return", "accepted", table=table, row_count=0)
    return [desk.plan(expected, book=desk.book(table), paper=desk.paper(table))]


def bad_cells(desk: Desk) -> list[Plan]:
    """Four different faults in one table."""
    rows = desk.rows(12)
    rows = changed(rows, 2, phone="1383930")
    rows = changed(rows, 4, number="")
    rows = changed(rows, 7, school=rows[6].school, app=rows[6].app, operator=rows[6].operator, number=rows[6].number)
    rows = changed(rows, 9, contact="")
    codes = ("row.phone_invalid", "row.filing_number_missing", "row.duplicate", "row.required")
    return _rows(desk, "bad_cells", "rejected", rows, *codes)


def bad_phone(desk: Desk) -> list[Plan]:
    rows = desk.rows()
    wrong = desk.rng.choice(("1383930", "139393012345", "12345678901", "13839301234/13839305678"))
    return _rows(
        desk, "bad_phone", "rejected", changed(rows, desk.rng.randrange(len(rows)), phone=wrong), "row.phone_invalid"
    )


def bad_number(desk: Desk) -> list[Plan]:
    rows = desk.rows()
    wrong = desk.rng.choice(("豫ICP备12345678号", "教APP备9900001号", "正在办理"))
    return _rows(
        desk,
        "bad_number",
        "rejected",
        changed(rows, desk.rng.randrange(len(rows)), number=wrong),
        "row.filing_number_invalid",
    )


def unexpected_number(desk: Desk) -> list[Plan]:
    rows = changed(desk.rows(), 3, filed="否")
    return _rows(desk, "unexpected_number", "rejected", rows, "row.filing_number_unexpected", "policy.unfiled_app")


def bad_yes_no(desk: Desk) -> list[Plan]:
    return _rows(desk, "bad_yes_no", "rejected", changed(desk.rows(), 2, filed="部分"), "row.filed_invalid")


def foreign_unit(desk: Desk) -> list[Plan]:
    other = "范县" if desk.county.name != "范县" else "台前县"
    return _rows(desk, "foreign_unit", "rejected", changed(desk.rows(), 3, unit=other), "row.unit_mismatch")


def sample_row(desk: Desk) -> list[Plan]:
    """The form's sample row left in."""
    return _rows(desk, "sample_row", "rejected", (_SAMPLE, *desk.rows()), "row.placeholder")


def bad_date(desk: Desk) -> list[Plan]:
    table = desk.table(day="2020年2月30日")
    expected = desk.decided("bad_date", "rejected", "header.date_invalid", table=table)
    return [desk.plan(expected, book=desk.book(table), paper=desk.paper(table))]


def wrong_seal(desk: Desk) -> list[Plan]:
    """Another county's seal."""
    other = desk.rng.choice([c for c in content.COUNTIES if c is not desk.county])
    return _stamped(desk, "wrong_seal", "cover.seal_mismatch", name=other.seals[0])


def no_seal(desk: Desk) -> list[Plan]:
    table = desk.table()
    expected = desk.decided("no_seal", "rejected", "cover.unstamped", table=table)
    return [desk.plan(expected, book=desk.book(table), paper=desk.paper(table, stamp=None))]


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
    return [desk.plan(expected, book=desk.book(table), paper=desk.paper(table, scan={"mode": mode, "dpi": 200}))]


def born_digital(desk: Desk) -> list[Plan]:
    """The workbook saved as PDF with a picture of the seal pasted in."""
    table = desk.table()
    expected = desk.decided("born_digital", "rejected", "cover.not_a_scan", table=table)
    return [desk.plan(expected, book=desk.book(table), paper=desk.paper(table, exported=True))]


def encrypted(desk: Desk) -> list[Plan]:
    return _harmed(desk, "encrypted", "sheet.encrypted")


def truncated(desk: Desk) -> list[Plan]:
    return _harmed(desk, "truncated", "sheet.unreadable")


def wrong_form(desk: Desk) -> list[Plan]:
    """The right page, but another table attached by mistake."""
    table = desk.table()
    rows = tuple(
        replace(
            _EMPTY,
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


def in_two_mails(desk: Desk) -> list[Plan]:
    """The workbook alone, then the scan in a second mail."""
    table = desk.table()
    first = desk.decided("incomplete", "incomplete", "cover.missing", table=table, final="accepted")
    second = desk.decided("completed", "accepted", table=table)
    letter = desk.letter()
    after = desk.later(hours=desk.rng.uniform(2, 20))
    answer = _reply(after, letter.subject, "刚才忘了发盖章扫描件，现补上。", letter.message_id)
    return [
        desk.plan(first, book=desk.book(table), letter=letter),
        after.plan(second, paper=after.paper(table), letter=answer),
    ]


def corrected(desk: Desk) -> list[Plan]:
    """An accepted return, then a corrected one in the same thread, which supersedes it."""
    table = desk.table()
    rows = changed(table.rows, 1, contact=content.contact(desk.rng), phone=content.mobile(desk.rng))
    after = desk.later(hours=desk.rng.uniform(3, 22))
    better = replace(table, rows=rows)
    letter = desk.letter()
    answer = _reply(after, letter.subject, "第2所学校的联系人有变动，更正后重新上报，以此为准。", letter.message_id)
    first = desk.decided("to_be_corrected", "accepted", table=table, final="superseded")
    return [
        desk.plan(first, book=desk.book(table), paper=desk.paper(table), letter=letter),
        after.plan(
            after.decided("corrected", "accepted", table=better),
            book=after.book(better),
            paper=after.paper(better),
            letter=answer,
        ),
    ]


_EMPTY = AppRow(unit="", school="", app="", operator="", contact="", phone="", function="", filed="", number="")
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


def _rows(desk: Desk, kind: str, state: str, rows: tuple[AppRow, ...], *codes: str) -> list[Plan]:
    table = desk.table(rows)
    expected = desk.decided(kind, state, *codes, table=table)
    return [desk.plan(expected, book=desk.book(table), paper=desk.paper(table))]


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


def _reply(desk: Desk, subject: str, text: str, to: str) -> Draft:
    return desk.letter(
        subject=f"回复：{subject}", text=text, in_reply_to=to, references=(to,), delay=timedelta(seconds=9)
    )
