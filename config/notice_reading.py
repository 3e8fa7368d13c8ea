"""A notice's text as a draft again, to be changed: what a draft has no place for is kept as it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from config.notice_yaml import read_yaml
from domain.draft import Draft, DraftColumn, DraftField, DraftReporter, DraftTable
from domain.draft_texts import guide, title_pattern

_PLAIN = (
    "id", "short", "number", "title", "mailbox", "timezone", "opens", "deadline", "area_code", "cover_required",
)  # fmt: skip
_OF_FORM = {"title", "title_pattern", "header", "columns", "notes", "nil_words", "nil_column", "duplicate_key",
            "placeholder_patterns", "totals", "tables"}  # fmt: skip
_KNOWN = {
    *_PLAIN, "grace_hours", "attachments", "naming", "reporters", "form", "checks", "special_seal_words", "senders", "reminders",
    "wording",
}  # fmt: skip


def draft_of_text(text: str) -> Draft:
    """The draft of a text that `config.notices` takes."""
    data: Any = read_yaml(text).data
    form, naming, wording = data["form"], data["naming"], data["wording"]
    rest: dict[str, Any] = {key: value for key, value in data.items() if key not in _KNOWN}
    if further := {key: value for key, value in form.items() if key not in _OF_FORM}:
        rest["form"] = further
    kinds = {kind: tuple(each["suffixes"]) for kind, each in naming["kinds"].items()}
    draft = Draft(
        **{key: data[key] for key in _PLAIN if key in data},
        grace_hours=float(data["grace_hours"]), attachments=tuple(data.get("attachments", ())),
        prefix=naming.get("prefix", ""), kinds=kinds,
        reporters=tuple(_reporter(each, kinds) for each in data["reporters"]),
        form_title=form["title"], header=tuple(_field(each) for each in form["header"]),
        columns=tuple(_column(each) for each in form["columns"]),
        notes=tuple(form.get("notes", ())), nil_words=tuple(form.get("nil_words", ())),
        duplicate_key=tuple(form.get("duplicate_key", ())),
        placeholder_patterns=tuple(form.get("placeholder_patterns", ())),
        nil_column=form.get("nil_column", ""), totals=form.get("totals") or {},
        tables=tuple(_table(each) for each in form.get("tables", ())), checks=tuple(data.get("checks", ())),
        special_seal_words=tuple(data.get("special_seal_words", ())),
        policy=(data.get("senders") or {}).get("policy", "open"),
        reminders=tuple((each["days_before"], each["at"]) for each in data.get("reminders", ())),
        bureau=wording["bureau"], signature=wording["signature"], contact=wording["contact"], rest=rest,
    )  # fmt: skip
    return _with_own_words(draft, form["title_pattern"], wording["guide"])


def _with_own_words(draft: Draft, pattern: str, told: str) -> Draft:
    """What was not made by the program stays; what was is made anew when it is written."""
    own_pattern = "" if pattern == title_pattern(draft.form_title) else pattern
    return replace(draft, title_pattern=own_pattern, guide="" if told == guide(draft) else told)


def _without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in names}


def _reporter(values: Mapping[str, Any], kinds: Mapping[str, Sequence[str]]) -> DraftReporter:
    more = _without(values, "code", "name", "kind", "aliases", "addresses", "phone")
    aliases = tuple(values.get("aliases", ()))
    if not kinds.get(values["kind"]) and more.get("seal_aliases") == [values["name"], *aliases]:
        more.pop("seal_aliases")  # it is written again
    return DraftReporter(
        code=values["code"], name=values["name"], kind=values["kind"], aliases=aliases,
        addresses=tuple(values.get("addresses", ())), phone=values.get("phone") or "", more=more,
    )  # fmt: skip


def _field(values: Mapping[str, Any]) -> DraftField:
    return DraftField(
        key=values["key"], name=values["name"], type=values.get("type", "text"), aliases=tuple(values.get("aliases", ())),
        more=_without(values, "key", "name", "type", "aliases"),
    )  # fmt: skip


def _column(values: Mapping[str, Any]) -> DraftColumn:
    return DraftColumn(
        key=values["key"], name=values["name"], type=values.get("type", "text"), required=values.get("required", True),
        aliases=tuple(values.get("aliases", ())), samples=tuple(values.get("samples", ())),
        width=float(values.get("width", 12)), person=values.get("person", False),
        more=_without(values, "key", "name", "type", "required", "aliases", "samples", "width", "person"),
    )  # fmt: skip


def _table(values: Mapping[str, Any]) -> DraftTable:
    columns = tuple(_column(each) for each in values["columns"])
    return DraftTable(
        key=values["key"], name=values["name"], columns=columns, more=_without(values, "key", "name", "columns")
    )
