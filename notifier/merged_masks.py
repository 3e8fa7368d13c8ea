"""What the reader of a merged workbook sees of rows, problems and breaches: whole phone numbers, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from domain.catalogue import called
from domain.masking import mask_address, mask_called, mask_phone_field, mask_phones
from domain.merged import Breach, Merged
from domain.notice import Column, ColumnType
from domain.problems import Problem, Severity
from notifier.merged_sheet import Value

_SEVERITIES = {Severity.ERROR: "错误", Severity.REVIEW: "待核", Severity.WARNING: "提醒"}


class Masks:
    """Made once for a workbook. A phone number may have slipped into any column."""

    def __init__(self, merged: Merged) -> None:
        self._masked, form = merged.masked, merged.notice.form
        self._persons = {column.name for column in form.every_column if column.person} if merged.nameless else set()
        self._tables = {table.key: self._of(table.columns) for table in form.tables} | {"": self._of(form.columns)}
        self._rules = merged.notice.own_rules
        self._phones = form.phone_names

    def _of(self, columns: Sequence[Column]) -> list[Callable[[str], str]]:
        return [
            _left_out if column.name in self._persons else self._mask(phone=column.type is ColumnType.PHONE)
            for column in columns
        ]

    def row(self, texts: Sequence[str], table: str = "") -> list[str]:
        """A row of the form's own table, or of the further one with that key."""
        return [mask(text) for mask, text in zip(self._tables[table], texts, strict=True)]

    def problem(self, problem: Problem) -> tuple[Value, ...]:
        """Severity, name, cell, column, what is wrong, how to mend it, how many there are."""
        message = problem.message
        if self._masked:
            if problem.value:
                mask = self._mask(phone=problem.field in self._phones)
                message = message.replace(problem.value, mask(problem.value))
            message = mask_address(mask_phones(message))
        name, severity = called(problem.code, self._rules), _SEVERITIES[problem.severity]
        if problem.field in self._persons:
            message = f"{name}。"
        return (severity, name, problem.cell, problem.field, message, problem.advice, problem.total)

    def breach(self, breach: Breach) -> tuple[Value, ...]:
        """School, app, operator, rule, whether it is a breach, and what is told of it."""
        mask = self._mask(phone=False)
        kind = "关注" if breach.attention else "违规"
        return (mask(breach.school), mask(breach.app), mask(breach.operator), breach.rule, kind, mask(breach.told))

    def _mask(self, *, phone: bool) -> Callable[[str], str]:
        if not self._masked:
            return str
        return mask_phone_field if phone else mask_called


def _left_out(text: str) -> str:
    return "（略）" if text else ""
