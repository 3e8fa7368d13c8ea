"""Entries of the ledger in words: every kind that the program enters has some, and every field is shown as what it is."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from web.entry_wording import KINDS, fields, kind_words, subject_link, subject_words, who_words

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("storage", "ingest", "web", "cli")


def kinds_in(path: Path) -> Iterator[str]:
    """What a module enters: the second argument of `ledger.append` and `access.note`, a text, or a name that it has."""
    source = path.read_text(encoding="utf-8")
    if "ledger.append" not in source and "access.note" not in source:
        return
    module: ModuleType = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in (
            "ledger.append",
            "ledger.append_all",
            "access.note",
        ):
            continue
        start = "access." if ast.unparse(node.func) == "access.note" else ""
        kind = node.args[1]
        if isinstance(kind, ast.Constant):
            yield f"{start}{kind.value}"
        elif isinstance(kind, ast.Name | ast.Attribute):
            found: object = module
            for part in ast.unparse(kind).split("."):
                found = getattr(found, part, None)
            if isinstance(found, str):
                yield f"{start}{found}"


ENTERED = sorted({kind for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") for kind in kinds_in(path)})


def test_the_program_was_looked_into() -> None:
    assert {"mail.received", "submission.decided", "access.case", "audit.ended", "retention.erased"} <= set(ENTERED)
    assert len(ENTERED) > 30


@pytest.mark.parametrize("kind", ENTERED)
def test_every_kind_has_words(kind: str) -> None:
    assert kind in KINDS


def test_a_kind_of_a_later_version_is_shown_as_it_is() -> None:
    assert (kind_words("later.kind"), kind_words("")) == ("later.kind", "（读不出来）")


@pytest.mark.parametrize(
    ("subject", "words", "link"),
    [
        ("PY51-PYX-20200227-01", "PY51-PYX-20200227-01", "/cases/PY51-PYX-20200227-01"),
        ("mail:" + "ab" * 32, "来信 abababababababab", ""),
        ("letter:<a@b.cn>", "回复 <a@b.cn>", ""),
        ("//evil.example", "//evil.example", ""),
        ("", "（读不出来）", ""),
    ],
)
def test_what_an_entry_is_about(subject: str, words: str, link: str) -> None:
    assert (subject_words(subject), subject_link(subject)) == (words, link)


def test_fields_are_told_as_what_they_are() -> None:
    told = fields(
        {"ok": True, "failed": False, "count": 1, "error": None, "reason": "", "heads": ["a", "b"], "place": {"uid": 7},
         "files": [{"kind": "sheet", "size": 0}], "later": {"x": [1, True]}, "blobs": []}
    )  # fmt: skip
    assert [(field.name, field.lines) for field in told] == [
        ("全部相符", ("是",)),
        ("没有完成", ("否",)),
        ("数量", ("1",)),
        ("差错", ("（无）",)),
        ("理由", ("（空）",)),
        ("对照的存证号", ("a", "b")),
        ("收到的位置", ("UID：7",)),
        ("文件", ("类别：sheet，字节数：0",)),
        ("later", ("x：1，是",)),
        ("所含存档文件", ()),
    ]


def test_who_acted() -> None:
    assert [who_words(by) for by in ("staff:zhang", "machine", "digest", "")] == ["zhang", "程序", "每日通报", ""]
