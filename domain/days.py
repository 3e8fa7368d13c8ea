"""A day as people in this country write it."""

from __future__ import annotations

from datetime import date


def shown_day(day: date) -> str:
    """2020年2月20日"""
    return f"{day.year}年{day.month}月{day.day}日"
