"""The shape of a notice file as JSON Schema, for editors that complete keys and mark faults while one writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from config.notice_keys import KEYS
from config.notice_schema import NoticeModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Schema(GenerateJsonSchema):
    """Names and kinds; `title`s that only repeat the key are left out."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a notice file. Editors find it by a comment in the file's first line:
    `# yaml-language-server: $schema=notice.schema.json`."""
    made = NoticeModel.model_json_schema(by_alias=True, schema_generator=_Schema)
    for name, shape in [("NoticeModel", made), *made["$defs"].items()]:
        shape.pop("title", None)
        shape.pop("description", None)  # a docstring, which is for developers
        if choices := shape.get("properties", {}).get("choices"):  # a bare word is a choice too
            choices["items"] = {"anyOf": [{"type": "string", "minLength": 1}, choices["items"]]}
        for key, said in KEYS.get(name, {}).items():
            shape["properties"][key] = _described(shape["properties"][key], said)
    return {"$schema": DIALECT, "title": "报送通知", **made}


def _described(shape: dict[str, Any], said: str) -> dict[str, Any]:
    return {**shape, "description": said}


def keys() -> Iterator[tuple[str, str, str]]:
    """(model, key, what it is for) of every key, in the order of the models."""
    made = json_schema()
    for name, shape in [("NoticeModel", made), *made["$defs"].items()]:
        for key, value in shape.get("properties", {}).items():
            yield name, key, str(value.get("description", ""))
