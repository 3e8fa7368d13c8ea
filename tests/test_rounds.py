"""Rounds of a collection: how a text names one, which one a moment falls in, which ones are shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.notice import Notice
from domain.round import Round
from domain.rounds import before, current, latest, of_series, round_at, round_named_in, round_of, series_of
from tests.builders import NOTICE
from tests.rounds import ROUNDS, ZONE, at, the

NOVEMBER = at(11, 27)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(lambda value: value.replace(tzinfo=ZONE))  # noqa: DTZ001


def named(*names: tuple[str, ...], every: timedelta = timedelta(days=90)) -> tuple[Notice, ...]:
    """Rounds of these names and aliases, one after the other from September 2026 on."""
    return tuple(
        replace(
            NOTICE, id=f"n-{index}", short=f"N{index}", opens=at(9, 1) + index * every, deadline=at(9, 20) + index * every,
            round=Round(series="n", short="N", key=str(index), name=name, index=index, aliases=tuple(aliases)),
        )
        for index, (name, *aliases) in enumerate(names)
    )  # fmt: skip


QUARTERS = named(("2026年第三季度",), ("2026年第四季度",), ("2027年第一季度",), ("2027年第二季度",))
TERMS = named(("2026年秋季学期",), ("2027年春季学期",), ("2027年秋季学期",), every=timedelta(days=180))
YEARS = named(("2026年",), ("2027年",), every=timedelta(days=365))
OWN = named(("摸底", "第一次"), ("复查", "第二次"), ("复查之后", "回头看"))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("甲县2026年11月在校生统计表", "2026-11"),
        ("甲县２０２６年１１月在校生统计表", "2026-11"),
        ("甲县 2026 年 11 月 在校生统计表", "2026-11"),
        ("二〇二六年十一月", "2026-11"),
        ("二○二六年十月份", "2026-10"),
        ("26年9月", "2026-09"),
        ("2026-11", "2026-11"),
        ("2026.10报表", "2026-10"),
        ("2026/09", "2026-09"),
        ("202612.xlsx", "2026-12"),
        ("11月报表", "2026-11"),
        ("八月", "2027-08"),
        ("元月", "2027-01"),
        ("9月份", "2026-09"),
        ("1-11月", "2026-11"),
        ("2026年11月（11月25日报）", "2026-11"),
        ("甲县第十一中学10月", "2026-10"),
        ("回执 XS2610-AX-20261103-01", "2026-10"),
        ("Re: XS2609-AX-20261001-01 11月", "2026-09"),
        ("2026年11月5日", None),
        ("2026-11-05", None),
        ("20261105", None),
        ("11月5日报送", None),
        ("2025年11月", None),
        ("2027年2月", None),  # left out
        ("13月", None),
        ("9月至11月", None),
        ("2026年10月和2026年11月", None),
        ("第四季度", None),
        ("2026年度", None),
        ("甲县在校生统计表", None),
        ("", None),
    ],
)
def test_a_month_is_named(text: str, key: str | None) -> None:
    found = round_named_in(text, ROUNDS, NOVEMBER)
    assert (found.id if found else None) == (f"students-{key}" if key else None)


def test_a_month_without_its_year_is_the_nearest() -> None:
    later = tuple(
        replace(
            notice, id=f"{notice.id}-b", short="Y" + notice.short[1:], opens=notice.opens + timedelta(days=365),
            deadline=notice.deadline + timedelta(days=365),
            round=replace(notice.round, index=20 + at_, name=notice.round.name.replace("2027", "2028").replace("2026", "2027")),
        )
        for at_, notice in enumerate(ROUNDS)
        if notice.round
    )  # fmt: skip
    both = (*ROUNDS, *later)
    assert round_named_in("11月", both, at(12, 20)) == the("2026-11")
    assert round_named_in("11月", both, at(11, 20, year=2027)) == later[2]
    assert round_named_in("10月", both, at(9, 1)) == the("2026-10")


@pytest.mark.parametrize(
    ("rounds", "text", "index"),
    [
        (QUARTERS, "2026年第四季度", 1),
        (QUARTERS, "2026年四季度统计表", 1),
        (QUARTERS, "2026Q3", 0),
        (QUARTERS, "2027年1季度", 2),
        (QUARTERS, "第二季度", 3),
        (QUARTERS, "2026年10月", None),
        (TERMS, "2026年秋季学期", 0),
        (TERMS, "2026年秋", 0),
        (TERMS, "2026—2027学年第一学期", 0),
        (TERMS, "2026-2027学年度第二学期", 1),
        (TERMS, "2027年春季", 1),
        (TERMS, "春季学期", 1),
        (TERMS, "第一学期", 0),
        (TERMS, "上学期", None),  # the last one, or the first of two
        (YEARS, "2026年度统计表", 0),
        (YEARS, "2027学年", 1),
        (YEARS, "2026年11月", None),
        (OWN, "摸底统计", 0),
        (OWN, "第二次", 1),
        (OWN, "复查之后的表", 2),
        (OWN, "复查表", 1),
        (OWN, "第一次和第二次", None),
    ],
)
def test_other_rounds_are_named(rounds: tuple[Notice, ...], text: str, index: int | None) -> None:
    found = round_named_in(text, rounds, NOVEMBER)
    assert (found.round.index if found and found.round else None) == index


@given(st.text(max_size=60) | st.text(alphabet="二〇六一十年月第季度学期秋春0123456789-./QXS 报", max_size=40), MOMENTS)
def test_any_text_names_one_round_or_none(text: str, near: datetime) -> None:
    for rounds in (ROUNDS, QUARTERS, TERMS, YEARS, OWN):
        assert round_named_in(text, rounds, near) in (*rounds, None)


@pytest.mark.parametrize("notice", ROUNDS, ids=lambda notice: str(notice.id))
def test_what_is_printed_on_a_form_names_its_round(notice: Notice) -> None:
    for text in (notice.title_of("甲县"), notice.table_name, notice.title, f"{notice.short}-AX-20261103-01"):
        assert round_named_in(text, ROUNDS, NOVEMBER) == notice


@pytest.mark.parametrize(
    ("moment", "key"),
    [
        (at(3, 1), "2026-09"),  # before the first
        (at(9, 25, 0), "2026-09"),
        (at(10, 5, 23), "2026-09"),
        (at(10, 10), "2026-09"),  # between two
        (at(10, 25, 0), "2026-10"),
        (the("2026-10").deadline, "2026-10"),
        (the("2026-10").deadline.replace(microsecond=900_000), "2026-10"),
        (at(11, 27), "2026-11"),
        (at(2, 1, year=2027), "2027-01"),
        (at(1, 1, year=2030), "2027-08"),
    ],
)
def test_a_moment_falls_in_a_round(moment: datetime, key: str) -> None:
    assert round_at(ROUNDS, moment).id == f"students-{key}"


def test_of_rounds_that_overlap_the_one_that_ends_first_takes_it() -> None:
    first, second = (replace(notice, opens=at(9, 1)) for notice in named(("甲",), ("乙",)))
    assert round_at((first, second), at(9, 15)) == first
    assert round_at((replace(first, deadline=at(12, 30)), second), at(9, 15)).id == second.id


@given(MOMENTS)
def test_every_moment_has_exactly_one_round(moment: datetime) -> None:
    found = round_at(ROUNDS, moment)
    assert sum(notice == found for notice in ROUNDS) == 1
    if any(notice.opens <= moment <= notice.deadline for notice in ROUNDS):
        assert found.opens <= moment <= found.deadline


@given(
    MOMENTS, st.sampled_from(["", "11月", "2026年9月", "报送"]), st.sampled_from([None, "students-2026-12", "other"])
)
def test_what_is_named_goes_before_the_thread_and_that_before_the_time(
    moment: datetime, text: str, thread: str | None
) -> None:
    found = round_of(ROUNDS, ["", text], moment, thread)
    expected = {"11月": the("2026-11"), "2026年9月": the("2026-09")}.get(text)
    answered = the("2026-12") if thread == "students-2026-12" else None
    assert found == (expected or answered or round_at(ROUNDS, moment))


@pytest.mark.parametrize(
    ("now", "keys"),
    [
        (at(9, 1), "2026-09"),  # nothing has opened
        (at(9, 30), "2026-09"),
        (at(10, 24), "2026-09"),  # over, and the next has not opened
        (at(10, 25), "2026-10"),
        (at(11, 4), "2026-10"),
        (at(8, 30, year=2027), "2027-08"),
        (at(1, 1, year=2030), "2027-08"),
    ],
)
def test_which_rounds_are_shown(now: datetime, keys: str) -> None:
    assert [notice.id for notice in current((NOTICE, *ROUNDS), now)] == [
        NOTICE.id,
        *(f"students-{key}" for key in keys.split()),
    ]


def test_a_round_stays_for_a_week_after_its_deadline_beside_the_next() -> None:
    weekly = named(("甲",), ("乙",), every=timedelta(days=22))
    opened = weekly[1].opens
    assert current(weekly, opened) == weekly
    assert current(weekly, weekly[0].deadline + timedelta(days=7, seconds=-1)) == weekly
    assert current(weekly, weekly[0].deadline + timedelta(days=7)) == weekly[1:]


@given(MOMENTS)
def test_a_series_always_shows_a_round(now: datetime) -> None:
    assert latest(ROUNDS, now) in current(ROUNDS, now)


def test_rounds_of_a_series_stand_in_their_order() -> None:
    mixed = (*ROUNDS[::-1], NOTICE)
    assert of_series(mixed, "students") == ROUNDS
    assert of_series(mixed, NOTICE.id) == (NOTICE,)
    assert series_of(mixed) == ("students", NOTICE.id)
    assert [before(mixed, notice) for notice in ROUNDS] == [None, *ROUNDS[:-1]]
    assert before(mixed, NOTICE) is None
