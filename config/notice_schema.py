"""The shape of a notice file: which keys it may have, and of which kind; `config.notice_build` checks across keys."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from domain.notice import ColumnType

_DAY_OR_MOMENT = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)"
    r"(?P<time>[ T]+(?P<hour>\d\d?):(?P<minute>\d\d)(:(?P<second>\d\d))? *(?P<offset>Z|[+-]\d\d:\d\d)?)?"
)
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")


def _day_or_moment(value: object) -> date | datetime:
    """A day, or a moment with or without offset. One validator, so that a fault is named once."""
    found = _DAY_OR_MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("day", "应为日期（如 2020-02-28）或时刻（如 2020-02-28 18:00:00）")
    part = found.groupdict()
    try:
        day = date(int(part["year"]), int(part["month"]), int(part["day"]))
        if part["time"] is None:
            return day
        written = f"{int(part['hour']):02}:{part['minute']}:{part['second'] or '00'}{part['offset'] or ''}"
        return datetime.combine(day, time.fromisoformat(written))
    except ValueError as fault:
        raise PydanticCustomError("moment", "没有“{value}”这一天或这个时刻", {"value": value}) from fault


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise PydanticCustomError("address", "应为邮箱地址，如 jyj@163.com")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as fault:
        raise PydanticCustomError("pattern", "正则表达式写错了：{reason}", {"reason": str(fault)}) from fault
    return value


def _code(value: str) -> str:
    if not re.fullmatch(r"[A-Z0-9]{1,8}", value):
        raise PydanticCustomError("code", "应为1到8个大写英文字母或数字")
    return value


Text = Annotated[str, Field(min_length=1)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Code = Annotated[str, AfterValidator(_code)]
Address = Annotated[str, AfterValidator(_address)]
DayOrMoment = Annotated[date | datetime, PlainValidator(_day_or_moment)]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KindModel(Model):
    suffixes: list[Text]


class NamingModel(Model):
    prefix: str = ""
    kinds: dict[str, KindModel]


class ReporterModel(Model):
    code: Code
    name: Text
    kind: Text
    aliases: list[Text] = []
    seal_aliases: list[Text] = []
    addresses: list[Address] = []
    phone: str | None = None
    allow_bureau_rows: bool = False


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


class HeaderFieldModel(Model):
    key: Text
    name: Text
    type: ColumnType = ColumnType.TEXT
    aliases: list[Text] = []


class ColumnModel(Model):
    key: Text
    name: Text
    type: ColumnType = ColumnType.TEXT
    aliases: list[Text] = []
    required: bool = True
    required_if: dict[str, str] | None = Field(default=None, min_length=1, max_length=1)
    yes_words: list[Text] = []
    no_words: list[Text] = []
    samples: list[Text] = []
    person: bool = False
    width: Annotated[float, Field(gt=0, le=255)] = 12.0


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
    since: Annotated[date, PlainValidator(_day_or_moment)] | None = None


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
    opens: DayOrMoment
    deadline: DayOrMoment
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
    senders: SendersModel = SendersModel()
    reminders: list[RemindModel] = []
    blacklist: BlacklistModel | None = None
    retention: RetentionModel | None = None
    wording: WordingModel
