"""What truthful rows say against the notice's policy: told to the reporter, listed to staff, never a rejection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from domain.answers import NO, answer
from domain.catalogue import problem
from domain.checks.alike import places_where
from domain.checks.lists import APP_KEY, OPERATOR_KEY, check_lists
from domain.checks.row_cells import place_of
from domain.checks.samples import is_sample_row
from domain.notice import ColumnType, Notice, RestrictedApp
from domain.policy_lists import NO_LISTS, PolicyLists
from domain.problems import Problem
from domain.sheet import Row, Sheet
from domain.text import normalise, remembered

_SEPARATORS = re.compile(r"[,;/|+&\n]|和|及|与")
_GENERIC_END = re.compile(r"(?:app|软件|客户端|平台)$")
_BRACKETED = re.compile(r"[(\[][^()\[\]]*[)\]]")


def check_policy(sheet: Sheet, notice: Notice, lists: PolicyLists = NO_LISTS) -> Iterator[Problem]:
    """Row by row: unfiled apps, apps with a reminder, what the register and the blacklist say."""

    def of_row(row: Row) -> Iterator[Problem]:
        if notice.unfiled_is_breach:
            yield from _unfiled(sheet, row, notice)
        yield from _restricted(sheet, row, notice)
        yield from check_lists(sheet, row, notice, lists)

    for at in places_where(sheet.rows, _keys(notice), lambda row: any(True for _ in of_row(row))):
        if not is_sample_row(sheet.rows[at], notice):
            yield from of_row(sheet.rows[at])


def _keys(notice: Notice) -> tuple[str, ...]:
    """Columns of which any may matter here."""
    answers, numbers = notice.form.of_type(ColumnType.YES_NO), notice.form.of_type(ColumnType.FILING_NUMBER)
    beside = (column.required_if[0] for column in numbers if column.required_if)
    return tuple(dict.fromkeys((APP_KEY, OPERATOR_KEY, *(one.key for one in (*answers, *numbers)), *beside)))


def _unfiled(sheet: Sheet, row: Row, notice: Notice) -> Iterator[Problem]:
    for column in notice.form.of_type(ColumnType.YES_NO):
        cell = row.cells.get(column.key)
        if cell and not cell.fault and answer(cell.text, column) == NO:
            yield problem("policy.unfiled_app", place_of(sheet, row, column), app=row.text(APP_KEY))


def _restricted(sheet: Sheet, row: Row, notice: Notice) -> Iterator[Problem]:
    cell = row.cells.get(APP_KEY)
    if cell is None or cell.fault or not cell.text:
        return
    column = notice.form.column(APP_KEY)
    for app in notice.restricted:
        if names_app(cell.text, app):
            yield problem("policy.restricted_app", place_of(sheet, row, column), reminder=app.reminder)
            return


def names_app(text: str, app: RestrictedApp) -> bool:
    """Whether the app itself is named, alone or in a list: 抖音、快手APP yes, 西瓜创客 is another product."""
    return not _bare_names(app.names).isdisjoint(_pieces(text))


@lru_cache(maxsize=1024)
def _bare_names(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_bare, names))


@remembered(4096)
def _pieces(text: str) -> frozenset[str]:
    """The text, and each part of it where it is a list, as names are compared."""
    folded = normalise(text).casefold()
    return frozenset(map(_bare, (folded, *_SEPARATORS.split(folded))))


def _bare(name: str) -> str:
    """Without what is in brackets and a generic last word: 抖音（直播）APP is 抖音."""
    return _GENERIC_END.sub("", _BRACKETED.sub("", normalise(name).casefold()))
