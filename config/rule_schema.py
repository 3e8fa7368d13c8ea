"""The shape of what a notice file says of values and rules: types of columns with what belongs to them, code lists, totals, further tables,
rules of its own; `config.rule_build` checks across keys."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from config.notice_values import STRICT, Day, Pattern, Text, day_or_moment
from domain.notice import ColumnType


class Model(BaseModel):
    model_config = STRICT


class ChoiceModel(Model):
    name: Text = Field(description="选项，按表上的写法")
    aliases: list[Text] = Field(default=[], description="也照收的其他写法")

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: object) -> object:
        """A bare word is a choice without other ways to write it."""
        return {"name": value} if isinstance(value, str) else value


def _latest(value: object) -> object:
    return value if value == "received" else day_or_moment(value)


Latest = Annotated[
    date | Literal["received"],
    PlainValidator(_latest),
    WithJsonSchema({"type": "string", "description": "日期，或 received"}),
]
Amount = Annotated[Decimal, WithJsonSchema({"type": "number"})]


class ValueModel(Model):
    """What a column or a header field may hold, by its type."""

    type: ColumnType = Field(default=ColumnType.TEXT, description="填什么")
    integer: bool = Field(default=False, description="number：只能是整数")
    decimals: Annotated[int, Field(ge=0, le=10)] | None = Field(default=None, description="number：最多几位小数")
    least: Amount | None = Field(default=None, alias="min", description="number：最小的数")
    most: Amount | None = Field(default=None, alias="max", description="number：最大的数")
    earliest: Day | None = Field(default=None, description="date：最早的日期")
    latest: Latest | None = Field(default=None, description="date：最晚的日期；received 是收到的那一天")
    choices: list[ChoiceModel] = Field(default=[], description="choice：可以选的词")
    code_list: Text | None = Field(default=None, alias="list", description="code：lists 里哪一张代码表")
    names: Text | None = Field(default=None, description="code：代码的名称填在哪一列（列的key）")
    pattern: Pattern | None = Field(
        default=None, description="pattern：整格要符合的正则表达式（去掉空格、全角换成半角后比对）"
    )
    called: Text | None = Field(default=None, description="pattern：这样的值叫什么")
    example: Text | None = Field(default=None, description="pattern：一个写对的例子")


class ListItemModel(Model):
    code: Text
    name: str = ""


class ListModel(Model):
    file: Text | None = Field(default=None, description="CSV文件名，表头：代码,名称")
    items: list[ListItemModel] | None = Field(default=None, description="直接写在这里的代码和名称")


class TotalsModel(Model):
    words: Annotated[list[Text], Field(min_length=1)] = Field(default=["合计", "总计"], description="标明合计行的词")
    columns: Annotated[list[Text], Field(min_length=1)] = Field(description="要合计的列（列名或key）")
    required: bool = Field(default=False, description="是不是一定要有合计行")


class RowCountModel(Model):
    least: Annotated[int, Field(ge=0)] | None = Field(default=None, alias="min", description="最少几行")
    most: Annotated[int, Field(ge=0)] | None = Field(default=None, alias="max", description="最多几行")


class RowCountsModel(RowCountModel):
    of: dict[str, RowCountModel] = Field(default={}, description="个别单位另有规定的：代码 → min、max")


def _id(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", value):
        raise PydanticCustomError("id", "应为小写英文字母开头的代号，如 students")
    return value


Words = Annotated[str, AfterValidator(str.strip)]


class CheckModel(Model):
    id: Annotated[str, AfterValidator(_id)] = Field(description="代号；问题代码是 rule.代号，发布后不要再改")
    name: Text = Field(description="这条规则叫什么")
    rows: Text | None = Field(default=None, description="每一行都要成立的条件，如 在校生数 = 男生数 + 女生数")
    whole: Text | None = Field(default=None, alias="table", description="整张表要成立的条件，如 合计(在校生数) ≥ 100")
    sorted_by: list[Text] = Field(default=[], alias="sorted", description="各行要按这几列从小到大排")
    unique: list[Text] = Field(default=[], description="这几列合起来不能重复")
    row_count: RowCountsModel | None = Field(default=None, description="行数")
    when: Text | None = Field(default=None, description="只有这个条件成立时才查")
    at: Text | None = Field(default=None, description="标红哪一列；不写就是规则里的第一列")
    of: Text | None = Field(default=None, description="说的是哪一张附表（form.tables 的名称或key）；不写就是主表")
    severity: Literal["error", "warning", "review"] = Field(
        default="error", description="error 退回，warning 提示，review 人工核对"
    )
    since: Day | None = Field(default=None, description="从哪天收到的起算；此前只提示")
    message: Words = Field(default="", description="哪里不对；{列名} 换成那一格的内容；不写就由程序按规则写")
    advice: Words = Field(default="", description="怎么改")
    why: Words = Field(default="", description="为什么要查，写给填表人看")
    right: Words = Field(default="", description="对的例子")
    wrong: Words = Field(default="", description="错的例子")
