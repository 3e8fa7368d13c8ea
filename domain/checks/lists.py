"""Rows against the lists in force: the ministry's register of filed apps, and the bureau's blacklist of operators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.answers import YES, answer
from domain.blacklist import By, hit_of
from domain.catalogue import problem
from domain.checks.filing_numbers import Reading, read_filing_number
from domain.checks.header import is_placeholder
from domain.checks.row_cells import names_nothing, place_of
from domain.days import shown_day
from domain.names import Degree, like_apps, like_operators
from domain.notice import Column, ColumnType, Notice
from domain.policy_lists import PolicyLists
from domain.problems import Problem
from domain.register import Entry, Register
from domain.sheet import Row, Sheet

APP_KEY, OPERATOR_KEY = "app", "operator"
"""Keys of the columns that hold what the lists are about."""
_READABLE = (Reading.EXACT, Reading.IRREGULAR, Reading.UNUSUAL_DIGITS)


def check_lists(sheet: Sheet, row: Row, notice: Notice, lists: PolicyLists) -> Iterator[Problem]:
    """What the lists say of one row. Without a register nothing is said of its filing: it is not checked."""
    entries: tuple[Entry, ...] = ()
    if lists.register:
        for column in _numbered(row, notice):
            entries = lists.register.with_number(row.text(column.key))
            yield from _filing(sheet, row, column, notice, lists.register)
    yield from _blacklisted(sheet, row, notice, lists, entries)


def _numbered(row: Row, notice: Notice) -> Iterator[Column]:
    """The columns whose number of this row is meant as one: filed by its own word, and no remark or sample."""
    for column in notice.form.of_type(ColumnType.FILING_NUMBER):
        cell = row.cells.get(column.key)
        if cell is None or cell.fault or names_nothing(cell.text) or is_placeholder(cell.text, notice):
            continue
        key, _ = column.required_if or ("", "")
        if not key or answer(row.text(key), notice.form.column(key)) == YES:
            yield column


def _filing(sheet: Sheet, row: Row, column: Column, notice: Notice, register: Register) -> Iterator[Problem]:
    place, text = place_of(sheet, row, column), row.text(column.key)
    day = shown_day(register.date)
    entries = register.with_number(text)
    if entries:
        entry, variant = _nearest(row, entries)
        if variant is not None:
            yield problem(
                "policy.register_mismatch", place, variant=variant, number=entry.number, registered=entry.app,
                owner=entry.operator, app=_said(row, APP_KEY), operator=_said(row, OPERATOR_KEY), register_date=day,
            )  # fmt: skip
    elif notice.filing is None or read_filing_number(text, notice.filing).reading in _READABLE:
        named = register.of_app(_said(row, APP_KEY), _said(row, OPERATOR_KEY))
        yield problem(
            "policy.not_in_register", place, variant="named" if named else "", register_date=day,
            registered=named.app if named else "", owner=named.operator if named else "", number=named.number if named else "",
        )  # fmt: skip


def _nearest(row: Row, entries: Sequence[Entry]) -> tuple[Entry, str | None]:
    """Of the entries under one number the one that is most like the row, and in what they differ: None in nothing."""
    app, operator = _said(row, APP_KEY), _said(row, OPERATOR_KEY)

    def differs(entry: Entry) -> tuple[bool, bool]:
        """What the row does not say is no difference: that it is missing is told elsewhere."""
        return (
            bool(app) and like_apps(app, entry.app).degree is Degree.DIFFERENT,
            bool(operator) and like_operators(operator, entry.operator).degree is Degree.DIFFERENT,
        )

    best = min(entries, key=lambda entry: sum(differs(entry)))
    variants = {(False, False): None, (True, False): "app", (False, True): "operator", (True, True): ""}
    return best, variants[differs(best)]


def _blacklisted(
    sheet: Sheet, row: Row, notice: Notice, lists: PolicyLists, entries: Sequence[Entry]
) -> Iterator[Problem]:
    app, operator = _said(row, APP_KEY), _said(row, OPERATOR_KEY)
    hit = hit_of(lists.blacklist, operator=operator, app=app, registered=[entry.operator for entry in entries])
    keys = (APP_KEY, OPERATOR_KEY) if hit and hit.by is By.APP else (OPERATOR_KEY, APP_KEY)
    column = next((each for key in keys for each in notice.form.columns if each.key == key and key in row.cells), None)
    if hit is None or column is None:
        return
    yield problem(
        "policy.blacklisted", place_of(sheet, row, column), variant="" if hit.by is By.NAME else str(hit.by),
        operator=hit.entry.operator, since=shown_day(hit.entry.since), why=hit.why, app=app,
    )  # fmt: skip


def _said(row: Row, key: str) -> str:
    """A name that the row gives; "" for a dash or 同上, which name nobody."""
    cell = row.cells.get(key)
    return "" if cell is None or cell.fault or names_nothing(cell.text) else cell.text
