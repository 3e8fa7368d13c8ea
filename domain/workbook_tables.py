"""The tables of a workbook one after the other: the form's own, its sums, and the further ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.notice import Form
from domain.sheet import Row, Sheet, row_names

SUMS = "totals"


@dataclass(frozen=True, kw_only=True)
class TableRows:
    """`key` and `name` are "" for the form's own table, `SUMS` and 合计 for the rows of sums under it; `label` stands for it in
    addresses; `form` is a form of this table alone."""

    key: str
    name: str
    label: str
    form: Form
    rows: tuple[Row, ...]

    def names(self) -> tuple[str, ...]:
        """Of its rows in addresses, none twice in the whole workbook: `9`, `2-9`; of other tables `t1.2-9`."""
        names = row_names(self.rows)
        return tuple(f"{self.label}.{name}" for name in names) if self.label else names


def tables_in(sheet: Sheet, form: Form) -> Iterator[TableRows]:
    """All that the form has, in its order, also those that are empty."""
    yield TableRows(key="", name="", label="", form=form, rows=sheet.rows)
    if form.totals:
        yield TableRows(key=SUMS, name="合计", label="sum", form=form, rows=sheet.totals)
    for number, table in enumerate(form.tables, 1):
        rows = sheet.tables.get(table.key, ())
        yield TableRows(key=table.key, name=table.name, label=f"t{number}", form=form.of_table(table), rows=rows)
