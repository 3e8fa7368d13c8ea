"""The morning letter to staff, in facts: what stands, what a person has to do, what changed since the letter before.

Order and wording are `notifier.digest`'s. No phone number of a clerk is in it: the only numbers are those that the notice
gives for its reporters, to be called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.notice import Notice
from domain.row_key import naming_columns
from domain.standings import ReporterStanding, Return, Standing
from domain.submission import State
from domain.versions import Difference, NamedRow


@dataclass(frozen=True, kw_only=True)
class StandingLine:
    """One reporter in the grid. `pending`: the state of a newer return beside the accepted one. `reminded`: how many
    reminders went out to it."""

    name: str
    standing: Standing
    late: bool = False
    pending: State | None = None
    receipt: str | None = None
    version: int | None = None
    at: datetime | None = None
    row_count: int = 0
    phone: str = ""
    addresses: int = 0
    """How many addresses are known, so that it can be written to."""
    reminded: int = 0

    @property
    def missing(self) -> bool:
        """Nothing of it counts or waits for the bureau: it has to be asked."""
        return self.standing in (Standing.MISSING, Standing.REJECTED, Standing.INCOMPLETE)


@dataclass(frozen=True, kw_only=True)
class Need:
    """Something a person has to do. `who` is a reporter's name or "", `phone` its number in the notice, `subject` the receipt
    or `mail:N` that the console's page is of."""

    subject: str
    who: str
    what: str
    since: datetime
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class DecisionLine:
    """What was decided since the letter before: where the submission stood last, and who said so (`""`: the program)."""

    receipt: str
    who: str
    state: State
    at: datetime
    version: int
    row_count: int
    by: str = ""
    late: bool = False
    difference: Difference | None = None
    titles: tuple[str, ...] = ()
    """Chinese names of its errors, or of what a person was asked to look at."""


@dataclass(frozen=True, kw_only=True)
class BreachLine:
    """Rows of one reporter and school that are truthful and break a rule: which app, which rule."""

    who: str
    school: str
    app: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """One notice, by its `id`. `deadline_over`: at the time of writing. `unlisted`: returns of units that are on no list. `called`: what
    tells it from the others in one line. `past`: a round that is over, of which only what was decided is told."""

    id: str
    number: str
    title: str
    timezone: str
    deadline: datetime
    deadline_over: bool
    lines: tuple[StandingLine, ...]
    called: str = ""
    past: bool = False
    unlisted: tuple[StandingLine, ...] = ()
    with_rows: bool = True
    """Its returns have rows; those that are a scan alone have none."""
    schools_unlisted: bool = False
    """The bureau runs schools, and there is no list of them."""
    decisions: tuple[DecisionLine, ...] = ()
    decisions_further: int = 0
    """So many more were decided than are listed."""
    breaches: tuple[BreachLine, ...] = ()
    breaches_further: int = 0
    attention: tuple[BreachLine, ...] = ()
    """Truthful rows that break no rule and are to be looked at (关注)."""

    def count(self, standing: Standing) -> int:
        return sum(1 for line in self.lines if line.standing is standing)

    def decided(self, state: State) -> int:
        """How many of the listed decisions ended so."""
        return sum(1 for line in self.decisions if line.state is state)


@dataclass(frozen=True, kw_only=True)
class Digest:
    """`day` in the staff's zone; `since` is when the letter before was made, None in the first. `polled`: when every
    mailbox had been polled last, None if one never was; `stalled`: that is longer ago than it should be. `received`: mails
    since then. `console`: address of the console, "" where none is configured."""

    day: date
    timezone: str
    made_at: datetime
    since: datetime | None
    polled: datetime | None
    stalled: bool
    received: int
    calls: tuple[Need, ...]
    """Whom to telephone, since a letter did not reach them."""
    needs: tuple[Need, ...]
    sections: tuple[Section, ...]
    console: str = ""
    table_attached: bool = False
    table_too_large: bool = False
    """It should be attached, and is too large for a mail."""

    @property
    def quiet(self) -> bool:
        """Nobody has to do anything today."""
        asked = any(line.missing for section in self.sections if section.deadline_over for line in section.lines)
        return not (self.calls or self.needs or self.stalled or asked)


def standing_line(found: ReporterStanding, *, addresses: int = 0, reminded: int = 0) -> StandingLine:
    """A reporter as the grid shows it."""
    shown = found.counted or found.newest
    return StandingLine(
        name=found.reporter.name,
        standing=found.standing,
        late=found.late,
        pending=found.pending.state if found.pending else None,
        receipt=shown.receipt if shown else None,
        version=shown.version if shown else None,
        at=shown.received_at if shown else None,
        row_count=shown.row_count if shown else 0,
        phone=found.reporter.phone or "",
        addresses=addresses,
        reminded=reminded,
    )


def unlisted_lines(returns: Sequence[Return], names: dict[str, str]) -> tuple[StandingLine, ...]:
    """Returns of nobody on the list, under the names that they give themselves (`names` by receipt)."""
    return tuple(
        StandingLine(
            name=names.get(one.receipt, ""),
            standing=Standing(one.state),
            late=one.late,
            receipt=one.receipt,
            version=one.version,
            at=one.received_at,
            row_count=one.row_count,
        )
        for one in returns
    )


def without_people(told: Difference, notice: Notice) -> Difference:
    """The difference without any name or number of a person: of a changed cell there remains which column it is in, and of a row
    that is known by a person, its number. A digest is kept longer, and read by more, than what it tells of."""
    personal = {column.name for column in notice.form.every_column if column.personal}
    nameless = _rows_are_people(notice)

    def named(row: NamedRow) -> NamedRow:
        return replace(row, names=()) if nameless else row

    changed = tuple(
        replace(
            change,
            row=named(change.row),
            cells=tuple(
                replace(cell, before="", after="") if cell.field in personal else cell for cell in change.cells
            ),
        )
        for change in told.changed
    )
    added, removed = (tuple(named(row) for row in rows) for rows in (told.added, told.removed))
    return replace(told, added=added, removed=removed, changed=changed, sender="")


def _rows_are_people(notice: Notice) -> bool:
    """Whether what names a row may tell of a person: in any table, since which one a row is of is not told."""
    forms = (notice.form, *(notice.form.of_table(table) for table in notice.form.tables))
    return any(column.personal for form in forms for column in naming_columns(form))
