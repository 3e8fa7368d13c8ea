"""The shape of a notice file: which keys it may have, and of which kind; `config.notice_build` checks across keys."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from config.notice_values import STRICT, Address, Code, Day, DayOrMoment, Pattern, Text
from config.reporter_schema import ReporterModel
from config.round_schema import RoundsModel
from config.rule_schema import CheckModel, ListModel, TotalsModel, ValueModel


class Model(BaseModel):
    model_config = STRICT


class KindModel(Model):
    suffixes: list[Text]


class NamingModel(Model):
    prefix: str = ""
    kinds: dict[str, KindModel]


class SchoolModel(Model):
    code: Code
    name: Text
    aliases: list[Text] = []
    addresses: list[Address] = []
    phone: str | None = None


class BureauRunModel(Model):
    row_unit: Text
    code: Code
    schools: list[SchoolModel] | None = None
    schools_file: str | None = None


class HeaderFieldModel(ValueModel):
    key: Text
    name: Text
    aliases: list[Text] = Field(default=[])
    required: bool = True


class ColumnModel(ValueModel):
    key: Text
    name: Text
    aliases: list[Text] = Field(default=[])
    required: bool = True
    required_if: dict[str, str] | None = Field(default=None, min_length=1, max_length=1)
    yes_words: list[Text] = Field(default=[])
    no_words: list[Text] = Field(default=[])
    samples: list[Text] = Field(default=[])
    person: bool = False
    width: Annotated[float, Field(gt=0, le=255)] = 12.0


class TableModel(Model):
    """A further table of the workbook, on a sheet of its own."""

    key: Text
    name: Text
    columns: Annotated[list[ColumnModel], Field(min_length=2)]
    duplicate_key: list[str] = []
    required: bool = True


class FormModel(Model):
    title: Text
    title_pattern: Pattern
    header: list[HeaderFieldModel]
    columns: list[ColumnModel]
    notes: list[str] = []
    nil_words: list[Text] = []
    nil_column: str = ""
    duplicate_key: list[str] = []
    placeholder_patterns: list[Pattern] = []
    totals: TotalsModel | None = None
    tables: list[TableModel] = []


class FilingNumberModel(Model):
    prefix: Text
    suffix: str
    digits: Annotated[int, Field(ge=3, le=20)]
    tolerated_digits: list[int] = []
    provinces: Annotated[list[Text], Field(min_length=1)]
    hint: Text


class RestrictedAppModel(Model):
    name: Text
    names: Annotated[list[Text], Field(min_length=1)]
    reminder: Text


class RuleModel(Model):
    code: Text
    severity: Literal["error", "review", "warning", "off"]
    since: Day | None = None


class SendersModel(Model):
    policy: Literal["open", "known", "verified"] = "open"


class RetentionModel(Model):
    years: Annotated[int, Field(ge=1, le=100)]


class RemindModel(Model):
    """A round of reminders: so many days before the day of the deadline, at that local time."""

    days_before: Annotated[int, Field(ge=0, le=90)]
    at: time


class BlacklistModel(Model):
    title: Text
    publisher: Text
    basis: str = ""
    years: Annotated[int, Field(ge=1, le=100)] = 2


class WordingModel(Model):
    bureau: Text
    signature: Text
    contact: Text
    guide: Text


class CoverModel(Model):
    min_pages: Annotated[int, Field(ge=1, le=30)] = 1
    max_pages: Annotated[int, Field(ge=1, le=200)] | None = None
    seal_on: Literal["first", "last", "any"] | None = None


class AttachmentModel(Model):
    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    name: Text
    kinds: Annotated[list[Literal["pdf", "image", "docx", "doc", "xlsx", "xls"]], Field(min_length=1)]
    words: list[Text] = []
    required: bool = True


class NoticeModel(Model):
    """A whole notice file."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    short: Code
    number: Text
    title: Text
    mailbox: Address
    timezone: Text
    opens: DayOrMoment | None = None
    deadline: DayOrMoment | None = None
    rounds: RoundsModel | None = None
    grace_hours: Annotated[float, Field(ge=0)]
    area_code: Annotated[str, Field(pattern=r"^0\d{2,3}$")]
    cover_required: bool = True
    sheet_required: bool = True
    cover: CoverModel | None = None
    attachments: list[AttachmentModel] = []
    naming: NamingModel
    reporters: list[ReporterModel]
    bureau_run: BureauRunModel | None = None
    form: FormModel
    filing_number: FilingNumberModel | None = None
    unfiled_is_breach: bool = False
    restricted_apps: list[RestrictedAppModel] = []
    special_seal_words: list[Text] = []
    rules: list[RuleModel] = []
    lists: dict[str, ListModel] = {}
    checks: list[CheckModel] = []
    senders: SendersModel = SendersModel()
    reminders: list[RemindModel] = []
    blacklist: BlacklistModel | None = None
    retention: RetentionModel | None = None
    wording: WordingModel
