"""Dates as people write them in a form."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.dates import from_serial, read_date

DAY = date(2020, 2, 27)
TABLE = [
    ("2020年2月27日", DAY),
    ("2020年02月27日", DAY),
    (" 2020 年 2 月 27 日 ", DAY),
    ("２０２０年２月２７日", DAY),
    ("2020-02-27", DAY),
    ("2020-2-27", DAY),
    ("2020/2/27", DAY),
    ("2020.2.27", DAY),
    ("2020.02.27.", DAY),
    ("20200227", DAY),
    ("20年2月27日", DAY),
    ("2020年2月27号", DAY),
    ("2020-02-27 00:00:00", DAY),
    ("2020年2月27日（星期四）", DAY),
    ("二〇二〇年二月二十七日", DAY),
    ("二○二○年二月二十七日", DAY),
    ("二零二零年二月廿七日", DAY),
    ("二O二O年十二月三十一日", date(2020, 12, 31)),
    ("二〇二〇年十月十日", date(2020, 10, 10)),
    ("2020年2月29日", date(2020, 2, 29)),
    ("2020年2月二十七日", DAY),
    ("2020年二月27日", DAY),
    ("二0二0年二月二十七日", DAY),
    ("二〇二〇年〇二月二七日", DAY),
    ("２０２０．２．２７", DAY),
    ("2020、2、27", DAY),
    ("2020，2，27", DAY),
    ("2020。2。27", DAY),
    ("2020\\2\\27", DAY),
    ("2020 2 27", DAY),
    ("2020—2—27", DAY),
    ("2020.02.27日", DAY),
    ("2020年2月27", DAY),
    ("公元2020年2月27日", DAY),
    ("2020年2月27日 15:30", DAY),
    ("2020-02-27T15:30:00", DAY),
    ("2020年2月27日15时30分", DAY),
    ("2020年2月27日下午3点", DAY),
    ("2020年2月27日上午", DAY),
    ("20200227 15:30", DAY),
    ("2020/2/27 3:30 PM", DAY),
    ("2020年02月", None),
    ("2020年2月27日至28日", None),
    ("2020.2.27-2.28", None),
    ("02/27/2020", None),
    ("2020 2 27 5", None),
    ("二〇二〇年二月", None),
    ("2020年2月30日", None),
    ("2019年2月29日", None),
    ("2020年13月1日", None),
    ("2020年X月X日", None),
    ("2020年2月", None),
    ("2月27日", None),
    ("二〇二〇年十十月一日", None),
    ("", None),
    ("昨天", None),
    ("2020年2月27日 濮阳县", None),
]


@pytest.mark.parametrize(("text", "day"), TABLE)
def test_table(text: str, day: date | None) -> None:
    assert read_date(text) == day


def test_serials() -> None:
    assert from_serial(43888) == DAY
    assert from_serial(43888.75) == DAY
    assert from_serial(43888 - 1462, epoch_1904=True) == DAY
    assert from_serial(2020) is None


@given(st.dates(date(1960, 1, 1), date(2100, 1, 1)))
def test_every_day_is_read_back(day: date) -> None:
    for text in (f"{day.year}年{day.month}月{day.day}日", day.isoformat(), f"{day:%Y%m%d}"):
        assert read_date(text) == day
    assert from_serial((day - date(1899, 12, 30)) // timedelta(days=1)) == day


@given(st.text(alphabet="〇一二三十廿卅年月日0123456789.-/ :", max_size=120))
def test_any_text_has_an_answer(text: str) -> None:
    assert read_date(text) is None or isinstance(read_date(text), date)
