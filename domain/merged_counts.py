"""What the rows of the merged table add up to: by reporter, by app and by operator.

Names are counted together where a person would see one name written in two ways; every way of writing is told, so that the rows
behind a number are found in the table.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from domain.answers import NO, YES, answer
from domain.checks.lists import APP_KEY, OPERATOR_KEY
from domain.merged import SCHOOL_KEY, MergedRow
from domain.notice import ColumnType, Form
from domain.text import normalise

_APP_END = re.compile(r"(?:app|软件|客户端|平台)$")
_COMPANY_END = re.compile(r"(?:股份)?(?:有限责任公司|有限公司|公司)$")
_QUOTES = "\"'《》<>「」『』[]"


@dataclass(frozen=True, kw_only=True)
class Counted:
    """`spellings`: every way the name is written, the most frequent first. `unclear`: rows that say neither 是 nor 否."""

    name: str
    spellings: tuple[str, ...]
    rows: int
    schools: int
    filed: int
    unfiled: int
    unclear: int


@dataclass(kw_only=True)
class _Group:
    spellings: Counter[str] = field(default_factory=Counter)
    schools: set[tuple[str, str]] = field(default_factory=set)
    answers: Counter[str | None] = field(default_factory=Counter)
    rows: int = 0

    def counted(self) -> Counted:
        spellings = tuple(name for name, _ in sorted(self.spellings.items(), key=lambda each: (-each[1], each[0])))
        return Counted(
            name=spellings[0],
            spellings=spellings,
            rows=self.rows,
            schools=len(self.schools),
            filed=self.answers[YES],
            unfiled=self.answers[NO],
            unclear=self.answers[None],
        )


class Counts:
    """Adds rows up as they pass."""

    def __init__(self, form: Form) -> None:
        places = {column.key: at for at, column in enumerate(form.columns)}
        yes_no = form.of_type(ColumnType.YES_NO)
        self._school = places.get(SCHOOL_KEY)
        self._app, self._operator = places.get(APP_KEY), places.get(OPERATOR_KEY)
        self._filed = (places[yes_no[0].key], yes_no[0]) if yes_no else None
        self._whole = _Group()
        self._reporters: dict[str, _Group] = {}
        self._apps: dict[str, _Group] = {}
        self._operators: dict[str, _Group] = {}

    def add(self, who: str, row: MergedRow) -> None:
        said = answer(row.texts[self._filed[0]], self._filed[1]) if self._filed else None
        school = (who, normalise(row.texts[self._school]).casefold()) if self._school is not None else None
        groups = [(self._whole, ""), (self._reporters.setdefault(who, _Group()), who)]
        if self._app is not None and (app := row.texts[self._app]):
            groups.append((self._apps.setdefault(app_key(app), _Group()), app))
        if self._operator is not None and (operator := row.texts[self._operator]):
            groups.append((self._operators.setdefault(operator_key(operator), _Group()), operator))
        for group, spelling in groups:
            group.rows += 1
            group.spellings[spelling] += 1
            group.answers[said] += 1
            if school:
                group.schools.add(school)

    @property
    def whole(self) -> Counted:
        return self._whole.counted() if self._whole.rows else _NOTHING

    @property
    def reporters(self) -> tuple[Counted, ...]:
        """In the order in which they came."""
        return tuple(group.counted() for group in self._reporters.values())

    @property
    def apps(self) -> tuple[Counted, ...]:
        """Those of most rows first."""
        return _most_first(self._apps)

    @property
    def operators(self) -> tuple[Counted, ...]:
        return _most_first(self._operators)


_NOTHING = Counted(name="", spellings=(), rows=0, schools=0, filed=0, unfiled=0, unclear=0)


def app_key(name: str) -> str:
    """智学网, “智学网”APP and 智学网 app are one; 一起作业（学生端） is not 一起作业."""
    plain = normalise(name).casefold()
    return _APP_END.sub("", plain.strip(_QUOTES)).strip(_QUOTES) or plain


def operator_key(name: str) -> str:
    """科大讯飞 and 科大讯飞股份有限公司 are one."""
    plain = normalise(name).casefold()
    return _COMPANY_END.sub("", plain) or plain


def _most_first(groups: dict[str, _Group]) -> tuple[Counted, ...]:
    return tuple(sorted((group.counted() for group in groups.values()), key=lambda one: (-one.rows, one.name)))
