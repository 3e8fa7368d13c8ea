"""The blacklist: how an entry stands on a day, what of a row hits it, and how surely."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.blacklist import Blacklisted, By, Lift, Standing, hit_of

ENTRY = Blacklisted(
    id=1,
    operator="杭州小舟智能科技有限公司",
    aliases=("小舟在线",),
    apps=("小舟口算",),
    since=date(2020, 3, 1),
    reason="查证属实",
)
LIFTED = replace(ENTRY, lift=Lift(on=date(2022, 6, 1), reason="整改合格"))
REVOKED = replace(ENTRY, lift=Lift(on=date(2020, 4, 1), reason="列入有误", mistake=True))


@pytest.mark.parametrize(
    ("entry", "day", "holds", "standing"),
    [
        (ENTRY, date(2020, 2, 29), False, Standing.LISTED),
        (ENTRY, date(2020, 3, 1), True, Standing.LISTED),
        (ENTRY, date(2022, 2, 28), True, Standing.LISTED),
        (ENTRY, date(2022, 3, 1), True, Standing.MAY_APPLY),  # the clock alone ends nothing
        (ENTRY, date(2032, 3, 1), True, Standing.MAY_APPLY),
        (LIFTED, date(2022, 5, 31), True, Standing.LIFTED),
        (LIFTED, date(2022, 6, 1), False, Standing.LIFTED),
        (REVOKED, date(2020, 3, 15), False, Standing.REVOKED),
    ],
)
def test_how_an_entry_stands_on_a_day(entry: Blacklisted, day: date, holds: bool, standing: Standing) -> None:
    assert (entry.holds(day), entry.standing(day, 2)) == (holds, standing)


def test_two_years_from_a_leap_day_end_on_the_first_of_march() -> None:
    assert replace(ENTRY, since=date(2020, 2, 29)).may_apply_from(2) == date(2022, 3, 1)
    assert replace(ENTRY, since=date(2020, 2, 29)).may_apply_from(4) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("operator", "app", "registered", "by", "why"),
    [
        ("杭州小舟智能科技有限公司", "别的", [], By.NAME, ""),
        ("小舟智能科技（杭州）有限责任公司", "别的", [], By.NAME, ""),
        ("小舟在线", "别的", [], By.NAME, ""),
        ("另一公司", "别的", ["杭州小舟智能科技有限公司"], By.REGISTERED, ""),
        ("另一公司", "小舟口算APP", [], By.APP, ""),
        ("杭州小舟网络科技有限公司", "别的", [], By.LIKENESS, "字号都是“小舟”"),
        ("上海小舟智能科技有限公司", "别的", [], By.LIKENESS, "名称相同，地区不同"),
        ("杭州大舟文化传播有限公司", "大舟口算", [], None, ""),
        ("", "", [], None, ""),
    ],
)
def test_what_of_a_row_hits(operator: str, app: str, registered: list[str], by: By | None, why: str) -> None:
    hit = hit_of([ENTRY], operator=operator, app=app, registered=registered)
    assert (hit.by if hit else None, hit.why if hit else "") == (by, why)


def test_the_surest_hit_counts_whichever_entry_it_is_of() -> None:
    alike = replace(ENTRY, id=2, operator="杭州小舟网络科技有限公司", aliases=(), apps=())
    hit = hit_of([alike, ENTRY], operator="杭州小舟智能科技有限公司", app="")
    assert hit is not None
    assert (hit.entry.id, hit.by) == (1, By.NAME)
