"""A notice that is being made: what is proposed, asked and answered before there is a file. `config.notice_writing` makes the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

Plain: TypeAlias = "str | bool | int | float | Sequence[Plain] | Mapping[str, Plain] | None"
"""What a notice file is made of."""


@dataclass(frozen=True, kw_only=True)
class DraftColumn:
    """A column as it would stand in the notice. `more`: further keys of its type, as the file has them (choices, min, max, …)."""

    key: str
    name: str
    type: str = "text"
    required: bool = True
    aliases: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    width: float = 12.0
    person: bool = False
    more: Mapping[str, Plain] = field(default_factory=dict)
    kept: bool = True
    """False: the form has it, the notice does not ask for it (序号)."""
    why: str = ""
    """Why this type is proposed, in Chinese."""


@dataclass(frozen=True, kw_only=True)
class DraftField:
    """A labelled value above the table."""

    key: str
    name: str
    type: str = "text"
    aliases: tuple[str, ...] = ()
    more: Mapping[str, Plain] = field(default_factory=dict)
    kept: bool = True


@dataclass(frozen=True, kw_only=True)
class DraftReporter:
    """Who shall report. `kind`: a key of the draft's `kinds`."""

    code: str
    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    phone: str = ""
    more: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DraftTable:
    """A further table of the workbook, on a sheet of its own."""

    key: str
    name: str
    columns: tuple[DraftColumn, ...]
    more: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Everything a notice file says. Days are text as the file has them; "" and empty where nothing is known yet."""

    id: str = ""
    short: str = ""
    number: str = ""
    title: str = ""
    mailbox: str = ""
    timezone: str = "Asia/Shanghai"
    opens: str = ""
    deadline: str = ""
    grace_hours: float = 48
    area_code: str = ""
    cover_required: bool = True
    attachments: tuple[Mapping[str, Plain], ...] = ()
    prefix: str = ""
    kinds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reporters: tuple[DraftReporter, ...] = ()
    form_title: str = ""
    """With `{unit}`."""
    title_pattern: str = ""
    """Of a notice that has one of its own; "": made of the title."""
    header: tuple[DraftField, ...] = ()
    columns: tuple[DraftColumn, ...] = ()
    notes: tuple[str, ...] = ()
    nil_words: tuple[str, ...] = ()
    nil_column: str = ""
    duplicate_key: tuple[str, ...] = ()
    placeholder_patterns: tuple[str, ...] = ()
    totals: Mapping[str, Plain] = field(default_factory=dict)
    tables: tuple[DraftTable, ...] = ()
    checks: tuple[Mapping[str, Plain], ...] = ()
    special_seal_words: tuple[str, ...] = ()
    reminders: tuple[tuple[int, str], ...] = ()
    """(days before, "09:00")."""
    policy: str = "open"
    bureau: str = ""
    signature: str = ""
    contact: str = "如有疑问，请直接回复本邮件。"
    guide: str = ""
    """"": made of the rest."""
    rest: Mapping[str, Plain] = field(default_factory=dict)
    """Keys of a notice that nobody is asked about here, as the file has them; those of its form under `form`."""

    @property
    def asked(self) -> tuple[DraftColumn, ...]:
        """The columns that the notice will have."""
        return tuple(column for column in self.columns if column.kept)

    def column(self, name: str) -> DraftColumn | None:
        """By printed name or key."""
        return next((each for each in self.columns if name in (each.name, each.key)), None)

    def with_column(self, changed: DraftColumn) -> Draft:
        return replace(self, columns=tuple(changed if each.key == changed.key else each for each in self.columns))


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of the answers a question takes: `value` as it is kept, `text` as it is shown."""

    value: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """What has to be asked. `kind`: text, lines, day, yes_no, choice, many (names joined by 、), number. `proposal` is what
    Enter takes, as it would be typed. `about`: the part of the notice that it belongs to; of a column, its name."""

    key: str
    text: str
    kind: str = "text"
    proposal: str = ""
    choices: tuple[Choice, ...] = ()
    help: str = ""
    about: str = ""


class WrongAnswer(ValueError):
    """An answer that cannot be taken. The message says in Chinese what is wanted."""
