"""The shape of a reporting unit in a notice file."""

from __future__ import annotations

from pydantic import BaseModel

from config.notice_values import STRICT, Address, Code, Text


class Model(BaseModel):
    model_config = STRICT


class ReporterModel(Model):
    code: Code
    name: Text
    kind: Text
    aliases: list[Text] = []
    seal_aliases: list[Text] = []
    addresses: list[Address] = []
    phone: str | None = None
    allow_bureau_rows: bool = False
