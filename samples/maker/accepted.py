"""Returns that must be accepted, some with a warning: one small function a kind, from a desk to its plans."""

from __future__ import annotations

from dataclasses import replace

from samples.maker.cases import Plan
from samples.maker.content import EMPTY_ROW, changed
from samples.maker.desk import Desk


def pdf(desk: Desk) -> list[Plan]:
    """All in order, PDF scan."""
    table = desk.table()
    expected = desk.decided("accepted", "accepted", table=table)
    return desk.returned(expected, table)


def jpg(desk: Desk) -> list[Plan]:
    table = desk.table()
    expected = desk.decided("accepted_jpg", "accepted", table=table)
    return desk.returned(expected, table, kind="jpg")


def tif(desk: Desk) -> list[Plan]:
    table = desk.table()
    expected = desk.decided("accepted_tif", "accepted", table=table)
    return desk.returned(expected, table, kind="tif")


def xls(desk: Desk) -> list[Plan]:
    table = desk.table()
    expected = desk.decided("accepted_xls", "accepted", table=table)
    return [desk.plan(expected, book=desk.book(table, kind="xls"), paper=desk.paper(table))]


def turned(desk: Desk) -> list[Plan]:
    """Laid on the glass the wrong way round."""
    table = desk.table()
    expected = desk.decided("turned", "accepted", table=table)
    turn = {"turn": desk.rng.choice((90, 180, 270))}
    return desk.returned(expected, table, scan=turn)


def photo(desk: Desk) -> list[Plan]:
    """A phone's picture: accepted or reviewed, never rejected for its quality."""
    table = desk.table()
    maybe = frozenset({"cover.low_quality", "cover.seal_unreadable", "cover.seal_suspect"})
    expected = desk.decided("photo", "accepted", table=table, or_states=("review",), maybe=maybe)
    shot = {"photo": True, "perspective": 0.02, "dpi": 220, "quality": 80}
    return desk.returned(expected, table, kind="jpg", scan=shot)


def long_table(desk: Desk) -> list[Plan]:
    """More rows than the first page holds: only those on it can be compared."""
    table = desk.table(desk.rows(42))
    expected = desk.decided("long_table", "accepted", table=table)
    return desk.returned(expected, table)


def late(desk: Desk) -> list[Plan]:
    table = desk.table()
    expected = desk.decided("late", "accepted", "timing.late", table=table)
    return desk.returned(expected, table)


def unfiled(desk: Desk) -> list[Plan]:
    """是否备案 = 否: truthful, accepted, a breach to be listed."""
    rows = desk.rows()
    rows = changed(rows, desk.rng.randrange(len(rows)), filed="否", number="")
    return desk.returned_rows("unfiled", "accepted", rows, "policy.unfiled_app")


def restricted(desk: Desk) -> list[Plan]:
    rows = desk.rows()
    rows = changed(rows, len(rows) - 1, app="抖音", operator="北京微播视界科技有限公司", function="短视频、直播")
    return desk.returned_rows("restricted", "accepted", rows, "policy.restricted_app")


def irregular_number(desk: Desk) -> list[Plan]:
    rows = desk.rows()
    index = desk.rng.randrange(len(rows))
    return desk.returned_rows(
        "irregular_number",
        "accepted",
        changed(rows, index, number=rows[index].number.removesuffix("号")),
        "row.filing_number_irregular",
    )


def service_phone(desk: Desk) -> list[Plan]:
    rows = desk.rows()
    changed_rows = changed(rows, desk.rng.randrange(len(rows)), phone="4008105678")
    return desk.returned_rows("service_phone", "accepted", changed_rows, "row.phone_unusual")


def nil_return(desk: Desk) -> list[Plan]:
    """零报告: a unit that uses no app says so."""
    if desk.rng.random() < 0.5:
        table = desk.table((replace(EMPTY_ROW, unit=desk.county.name, app=desk.rng.choice(("无", "零报告"))),))
    else:
        table = desk.table((), below=("零报告",))
    expected = desk.decided("nil_return", "accepted", table=table, row_count=0)
    return desk.returned(expected, table)
