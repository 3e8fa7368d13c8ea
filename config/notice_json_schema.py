"""The shape of a notice file as JSON Schema, for editors that complete keys and mark faults while one writes."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

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
    return {"$schema": DIALECT, **made, "title": "报送通知"}
