"""What a bureau's blank form says: its title, labelled fields, table and notes. Read by `parsers.blank_form`, made into a notice
by `domain.proposals`."""

from __future__ import annotations

from dataclasses import dataclass

UNIT, ROUND = "{unit}", "{round}"
"""Where the title has a place for the unit that reports, and for the period that is reported."""


@dataclass(frozen=True, kw_only=True)
class BlankField:
    """A labelled value above or below the table: `填报单位：`. `value`: what stands behind it in the blank form."""

    label: str
    address: str
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class BlankColumn:
    """A column. `lines`: its head from above, a name that is merged over several columns first."""

    lines: tuple[str, ...]
    address: str
    """Of the lowest cell of its head."""
    width: float = 12.0
    """In Excel characters."""
    number_format: str = "General"
    choices: tuple[str, ...] = ()
    """Words of its drop-down."""
    least: str = ""
    most: str = ""
    """Bounds that the form itself sets: a number, or a day as 2026-09-01."""
    kind: str = ""
    """Of those bounds: whole, decimal, date or "" where there are none."""
    samples: tuple[str, ...] = ()
    """What the sample rows hold here."""
    hidden: bool = False

    @property
    def name(self) -> str:
        """The whole head on one line: 学生数-男."""
        return "-".join(self.lines)


@dataclass(frozen=True, kw_only=True)
class BlankTable:
    """A sheet that holds a table. `title` has `{unit}` and `{round}` where it had XX县 and 2026年X月."""

    sheet: str
    title: str = ""
    period: str = ""
    """What stood where `{round}` is."""
    fields: tuple[BlankField, ...] = ()
    columns: tuple[BlankColumn, ...] = ()
    side: tuple[str, ...] = ()
    """What is printed in the first column of each row that is to be filled in."""
    totals: str = ""
    """The word at the front of a row of sums (合计)."""
    notes: tuple[str, ...] = ()
    signatures: tuple[BlankField, ...] = ()
    """填表人, 审核人 and the like under the table."""
    measure: str = ""
    """What numbers are counted in, as the corner says it (单位：人)."""


@dataclass(frozen=True, kw_only=True)
class BlankForm:
    """What was read of a file: the sheet that is filled in, further sheets with tables, and what was not understood."""

    file: str
    main: BlankTable
    further: tuple[BlankTable, ...] = ()
    unclear: tuple[str, ...] = ()
    """Chinese sentences for whoever made the form."""


@dataclass(frozen=True, kw_only=True)
class BlankFailure:
    """A file in which no form was found. `why` in English for the log, `told` in Chinese for whoever gave it."""

    why: str
    told: str
