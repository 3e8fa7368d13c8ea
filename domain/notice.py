"""A notice as data: who reports, on which form, by when, under which rules. Made by `config.notices` from YAML."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.allowed import Allowed
from domain.expression import Kind
from domain.own_rules import OwnRule
from domain.problems import Severity
from domain.round import Round


class ColumnType(StrEnum):
    TEXT = "text"
    UNIT = "unit"  # the reporting unit, as each row repeats it
    PHONE = "phone"
    YES_NO = "yes_no"
    FILING_NUMBER = "filing_number"
    DATE = "date"
    NUMBER = "number"
    CHOICE = "choice"
    IDENTITY_NUMBER = "identity_number"  # GB 11643
    CREDIT_CODE = "credit_code"  # unified social credit code, GB 32100
    CODE = "code"  # of a list of the notice
    PATTERN = "pattern"


VALUE_KINDS = {ColumnType.NUMBER: Kind.NUMBER, ColumnType.DATE: Kind.DAY}
"""What a rule reckons with in a column of a type; of all others the text."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of the table. `key` is the name in code and YAML, `name` the printed header."""

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    type: ColumnType = ColumnType.TEXT
    required: bool = True
    required_if: tuple[str, str] | None = None
    """(key of another column, its value) under which this one is required, e.g. ("filed", "是")."""
    yes_words: tuple[str, ...] = ()
    no_words: tuple[str, ...] = ()
    """Of a yes-or-no column: what is taken for 是 and for 否 beside those words."""
    samples: tuple[str, ...] = ()
    """What the form's sample row holds here."""
    person: bool = False
    """It holds the name of a person."""
    width: float = 12.0
    """Width in the blank form, in Excel characters."""
    allowed: Allowed | None = None
    """What it may hold beyond its type; of a choice, a code or a pattern never None."""

    @property
    def personal(self) -> bool:
        """It tells of a person: their name, how to reach them, or their identity number."""
        return self.person or self.type in (ColumnType.PHONE, ColumnType.IDENTITY_NUMBER)


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The row of sums under the table: the words that mark it, the keys of the columns it sums up."""

    words: tuple[str, ...]
    columns: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class FurtherTable:
    """Another table of the same workbook, on a sheet of its own. `key` and `name` are its names in rules and to people."""

    key: str
    name: str
    columns: tuple[Column, ...]
    duplicate_key: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class HeaderField:
    """A labelled value above the table. `key` is `unit` or `date` where the checks know it."""

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    type: ColumnType = ColumnType.TEXT
    required: bool = True
    allowed: Allowed | None = None


@dataclass(frozen=True, kw_only=True)
class Form:
    """The bureau's form. `title_template` holds `{unit}`; `title_pattern` is a regex with a group `unit`. All rounds of a series have the
    same form: `{round}` in the template, and a group `round` in the pattern, stand for any of them."""

    title_template: str
    title_pattern: str
    header: tuple[HeaderField, ...]
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()
    nil_words: tuple[str, ...] = ()
    placeholder_patterns: tuple[str, ...] = ()
    """Regular expressions that match a value of the form's sample left in (`^XX县`)."""
    nil_column: str = ""
    """Key of the column that may hold a nil word in a nil return."""
    duplicate_key: tuple[str, ...] = ()
    """Keys of the columns that together may stand only once."""
    totals: Totals | None = None
    tables: tuple[FurtherTable, ...] = ()

    def column(self, key: str) -> Column:
        """The column with that key; KeyError if the form has none."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(key)

    @property
    def every_column(self) -> tuple[Column, ...]:
        """Those of its further tables too."""
        return (*self.columns, *(column for table in self.tables for column in table.columns))

    @property
    def phone_names(self) -> frozenset[str]:
        """Names of the columns and of what stands above the table that hold phone numbers."""
        fields: tuple[Column | HeaderField, ...] = (*self.every_column, *self.header)
        return frozenset(field.name for field in fields if field.type is ColumnType.PHONE)

    def title_of(self, unit: str, round_name: str = "") -> str:
        """The title over the table of that unit."""
        return self.title_template.replace("{round}", round_name).replace("{unit}", unit)

    def of_table(self, table: FurtherTable) -> Form:
        """A form of one of its further tables alone: no title, no header, no totals."""
        return replace(
            self, title_pattern="(?!)(?P<unit>)", header=(), columns=table.columns, notes=(), nil_words=(), nil_column="",
            duplicate_key=table.duplicate_key, totals=None, tables=(),
        )  # fmt: skip

    def of_type(self, type_: ColumnType) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.type is type_)


@dataclass(frozen=True, kw_only=True)
class Reporter:
    """Who owes a return. `names`: every way to write the unit; `seal_names`: every text its official seal may carry."""

    code: str
    name: str
    names: tuple[str, ...]
    seal_names: tuple[str, ...]
    addresses: tuple[str, ...] = ()
    row_units: tuple[str, ...] = ()
    """What the unit column of its rows may hold (for a county its names, for a bureau-run school 市直)."""
    bureau_run: bool = False
    phone: str | None = None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A change to how one problem code counts under this notice: `severity` None switches it off."""

    code: str
    severity: Severity | None
    since: date | None = None


class SenderPolicy(StrEnum):
    """Whose returns are decided by machine. All others wait for a person: a sender cannot mend who they are, so nothing is
    rejected for it."""

    OPEN = "open"  # anybody's
    KNOWN = "known"  # those of addresses known for the reporter, whose mail did not fail DMARC
    VERIFIED = "verified"  # those of known addresses, proven by DMARC or DKIM


@dataclass(frozen=True, kw_only=True)
class BureauRun:
    """Units run by the bureau itself (市直), which report alone. `listed` False: no list was imported."""

    row_unit: str
    code: str
    listed: bool


@dataclass(frozen=True, kw_only=True)
class FilingNumbers:
    """How the ministry's filing number looks. `pattern` is the exact form, `hint` an example for advice."""

    pattern: str
    prefix: str
    suffix: str
    digits: int
    tolerated_digits: tuple[int, ...]
    provinces: tuple[str, ...]
    hint: str


@dataclass(frozen=True, kw_only=True)
class RestrictedApp:
    """An app the notice restricts without forbidding it; `names` are matched inside the app column."""

    name: str
    names: tuple[str, ...]
    reminder: str


@dataclass(frozen=True, kw_only=True)
class RemindAt:
    """When those that have not reported are reminded: so many days before the day of the deadline, at that local time."""

    days_before: int
    at: time


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The bureau's own words in letters."""

    bureau: str
    signature: str
    contact: str
    guide: str


@dataclass(frozen=True, kw_only=True)
class BlacklistRule:
    """How the bureau publishes its blacklist, and how many years an operator stands on it at least. `basis`: the sentence
    under the title."""

    title: str = "黑名单"
    publisher: str = ""
    basis: str = ""
    years: int = 2


class SealOn(StrEnum):
    """Which page of a return without a workbook bears the seal."""

    FIRST = "first"
    LAST = "last"
    ANY = "any"


@dataclass(frozen=True, kw_only=True)
class CoverRule:
    """What the stamped scan must be beside a scan. Blank pages are not counted; `max_pages` None: any number.

    `seal_on` is for a notice without a workbook: beside one, the seal stands on the table.
    """

    min_pages: int = 1
    max_pages: int | None = None
    seal_on: SealOn = SealOn.ANY


class FileKind(StrEnum):
    """Kinds of files that a notice may ask for, told by their content."""

    PDF = "pdf"
    IMAGE = "image"
    DOCX = "docx"
    DOC = "doc"
    XLSX = "xlsx"
    XLS = "xls"


@dataclass(frozen=True, kw_only=True)
class AttachmentRule:
    """Another file that a return must bring. `words`: one of them must stand in its name; none: any name will do."""

    key: str
    name: str
    kinds: tuple[FileKind, ...]
    words: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One collection. `deadline` is the last second that is in time, aware."""

    id: str
    short: str
    number: str
    title: str
    mailbox: str
    timezone: str
    opens: datetime
    deadline: datetime
    grace: timedelta
    area_code: str
    form: Form
    reporters: tuple[Reporter, ...]
    bureau_run: BureauRun | None
    special_seal_words: tuple[str, ...]
    filing: FilingNumbers | None
    restricted: tuple[RestrictedApp, ...]
    unfiled_is_breach: bool
    rules: tuple[Rule, ...]
    wording: Wording
    cover_required: bool = True
    sender_policy: SenderPolicy = SenderPolicy.OPEN
    reminders: tuple[RemindAt, ...] = ()
    """Rounds of reminders, earliest first."""
    blacklist: BlacklistRule = BlacklistRule()
    retention_years: int | None = None
    """How long what was received under it is kept; None: as the operator's settings say."""
    own_rules: tuple[OwnRule, ...] = ()
    """What the notice asks beyond the types of its columns (`checks:` in its file)."""
    round: Round | None = None
    """Which round it is, of a collection that comes again."""
    sheet_required: bool = True
    """False: the return is the stamped scan alone, and the form has no columns."""
    cover_rule: CoverRule = CoverRule()
    attachments: tuple[AttachmentRule, ...] = ()
    closed: bool = False
    """Its collection was ended: what still comes is taken as late, and nobody is reminded or shown as missing."""

    @property
    def series(self) -> str:
        """The id of the notice file: the same for all rounds, else the notice's own."""
        return self.round.series if self.round else self.id

    def __hash__(self) -> int:
        """Equal notices have one id. Hashing every name of a province for each look into a cache took longer than looking."""
        return hash(self.id)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def table_name(self) -> str:
        """What is reported, as people call it: the form's title without the unit's name, with the round's."""
        name = self.title_of("").strip()
        return f"{name}（{self.round.name}）" if self.round and self.round.name not in name else name

    def title_of(self, unit: str) -> str:
        """What stands above a unit's table."""
        return self.form.title_of(unit, self.round.name if self.round else "")

    def reporter(self, code: str | None) -> Reporter | None:
        """The reporter of that code; None when there is none such, as for a case of nobody knows whom."""
        return next((reporter for reporter in self.reporters if reporter.code == code), None)
