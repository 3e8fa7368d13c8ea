"""A draft is written as a file that is read as the same again, whatever stands in it."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from config.notice_reading import draft_of_text
from config.notice_writing import notice_data, notice_text
from config.notice_yaml import read_yaml
from config.notices import check_notice, load_notice, load_notices, notice_file, notices_of_text, shipped_notices
from config.yaml_writing import entry, flow
from domain.draft import Draft, DraftColumn, DraftField, DraftReporter
from domain.draft_json import as_json, of_json
from domain.drafting import Known
from domain.text import normalise
from web.draft_forms import Taken, rows, sections, taken

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
NUMBERS = st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT
KEYS = st.text("abc_是1:-", min_size=1, max_size=5)
PLAIN: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
ODD = (
    "是", "no", "Off", "~", "null", "1e3", "0371", "2026-11-28", "12:30", "0x1f", "a: b", "a #b", "- a", "？", "*甲", "&甲", "!甲", "%",
    "@甲",
    "`", "{unit}表", "[甲]", "“甲”：乙", "甲\n\n乙\n", " 甲", "甲 ", "甲\t乙", "\u2028", "\ufeff甲", "\x85",
    "=", "<<", "1_000", "\\d+", "it's\\", '"', "𠮷",
)  # fmt: skip


def lines(key: str, value: Any) -> Any:
    document = read_yaml("\n".join(entry(key, value)) + "\n")
    assert not document.faults, (document.faults, entry(key, value))
    return document.data


@settings(max_examples=300, deadline=None)
@given(KEYS, PLAIN)
def test_what_is_written_is_read_again(key: str, value: Any) -> None:
    assert lines(key, value) == {key: value}


def test_what_yaml_takes_for_something_else_is_quoted() -> None:
    for text in ODD:
        assert lines("k", text) == {"k": text} and lines("k", [text, {text: text}]) == {"k": [text, {text: text}]}
        assert read_yaml(flow({"k": [text]})).data == {"k": [text]}


def test_a_text_of_several_lines_stands_as_a_block() -> None:
    assert entry("guide", "一：\n二 #。\n") == ["guide: |", "  一：", "  二 #。"]
    assert entry("guide", "一\n二", 2)[0] == "  guide: |-"


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=12).filter(
    lambda text: bool(normalise(text)) and not set(text) & set('{}[]“”"「」')
)
SPECS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("text", {}), ("phone", {}), ("yes_no", {"yes_words": ["√"]}), ("date", {"earliest": "2020-01-31", "latest": "received"}),
    ("number", {"min": 0, "max": 100, "integer": True}), ("number", {"decimals": 2}), ("choice", {"choices": ["甲", "乙"]}),
    ("identity_number", {}), ("credit_code", {}), ("pattern", {"pattern": "[A-Z]{2}\\-[0-9]+", "example": "AB-1", "called": "编号"}),
)  # fmt: skip


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    names = draw(st.lists(WORDS, min_size=6, max_size=9, unique_by=lambda text: normalise(text).casefold()))
    columns = []
    for number, name in enumerate(names[3:], 1):
        kind, more = draw(st.sampled_from(SPECS))
        columns.append(
            DraftColumn(
                key=f"c{number}", name=name, type=kind, more=more, required=draw(st.booleans()), person=draw(st.booleans()),
                samples=tuple(draw(st.lists(WORDS, max_size=2))), width=draw(st.sampled_from((12.0, 8.5, 30.0))),
                kept=number == 1 or draw(st.booleans()),
            )
        )  # fmt: skip
    units = draw(st.lists(st.text("甲乙丙丁戊己庚辛壬癸", min_size=2, max_size=6), min_size=1, max_size=4, unique=True))
    kind = draw(st.sampled_from(("county", "school")))
    return Draft(
        id="some-2026", short="S26", number=names[0], title=names[1], mailbox="a@b.cn", opens="2026-11-28",
        deadline=draw(st.sampled_from(("2026-12-05", "2026-12-05 18:00:00"))), grace_hours=draw(st.sampled_from((0, 48, 1.5))),
        area_code="0371", cover_required=draw(st.booleans()),
        prefix=draw(st.sampled_from(("", "某市"))), kinds={"county": ("教育局",), "school": ()},
        reporters=tuple(
            DraftReporter(code=f"R{at}", name=f"{unit}县", kind=kind, addresses=("x@y.cn",) * draw(st.integers(0, 1)))
            for at, unit in enumerate(units)
        ),
        form_title="{unit}" + names[2], header=(DraftField(key="unit", name="填报单位", type="unit"),), columns=tuple(columns),
        notes=tuple(draw(st.lists(TEXT, max_size=3))), nil_words=("无",), nil_column=columns[0].key,
        duplicate_key=(columns[0].key,), special_seal_words=("财务",), reminders=((3, "09:00"),), bureau=draw(WORDS),
        contact=draw(WORDS), guide=draw(st.just("") | WORDS), checks=(),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(drafts())
def test_a_draft_is_read_as_what_was_written(draft: Draft) -> None:
    text = notice_text(draft)
    assert read_yaml(text).data == notice_data(draft)
    again = draft_of_text(text)
    assert notice_data(again) == notice_data(draft) and notice_text(again) == text
    assert of_json(as_json(draft)) == draft
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "some-2026.yaml"
        file.write_text(text, encoding="utf-8")
        assert check_notice(file) == []
        notice = load_notice(file)
    kept = [each for each in draft.columns if each.kept]
    assert [(each.key, each.name, str(each.type), each.required) for each in notice.form.columns] == [
        (each.key, each.name, each.type, each.required) for each in kept
    ]
    assert [each.name for each in notice.reporters] == [each.name for each in draft.reporters]
    assert notice.form.notes == draft.notes and notice.wording.contact == draft.contact
    assert all(each.seal_names for each in notice.reporters)


def test_every_key_that_is_written_is_explained() -> None:
    draft = Draft(id="a", short="A", number="甲", title="乙", deadline="2026-12-05", form_title="{unit}表")
    draft = replace(
        draft, attachments=({"name": "方案"},), checks=({"id": "r1", "name": "x"},), totals={"words": ["合计"]}
    )
    written = notice_text(draft).splitlines()
    for number, line in enumerate(written):
        key = line.partition(":")[0]
        if line and not line.startswith((" ", "#")) and key not in ("title", "timezone", "deadline"):
            assert written[number - 1].startswith("#"), line


def test_every_shipped_notice_is_the_same_as_a_draft_and_back() -> None:
    for identifier in shipped_notices():
        text = notice_file(identifier).read_text(encoding="utf-8")
        draft = draft_of_text(text)
        assert notices_of_text(notice_text(draft), identifier) == load_notices(identifier)


def test_a_page_that_is_sent_as_it_was_shown_changes_no_shipped_notice() -> None:
    known = Known(today=date(2026, 11, 28), initials=lambda text: "X")
    for identifier in shipped_notices():
        draft = draft_of_text(notice_file(identifier).read_text(encoding="utf-8"))
        asked = [each for one in sections(draft, known, published=True) for each in one.questions]
        sent = {f"q.{each.key}": each.proposal for each in asked if each.key != "nil"} | {
            "q.nil": "是" if draft.nil_words else "否"
        }
        for row in rows(Taken(draft=draft)):
            sent |= {f"{row.field}.{what}": getattr(row, what) for what in ("name", "type", "required", "detail")}
        made = taken(draft, lambda name, sent=sent: sent.get(name, ""), known, published=True)  # type: ignore[misc]
        assert (identifier, made.faults) == (identifier, {})
        assert notice_data(made.draft) == notice_data(draft)
