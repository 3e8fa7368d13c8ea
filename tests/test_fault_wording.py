"""Whatever an audit finds has words of its own on the console: found in the audits' source, so that a new finding shows here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.fault import Fault
from web.fault_wording import fault_words, grouped, has_words, object_words

ROOT = Path(__file__).resolve().parents[1]
AUDITS = [
    *sorted((ROOT / "storage").glob("verify*.py")),
    ROOT / "storage" / "signing.py",
    ROOT / "ingest" / "evidence.py",
]


def text_of(node: ast.expr | None) -> str:
    """A string as it may come out; "" for what is none."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    return ""


def faults_in(path: Path) -> Iterator[str]:
    """What is said of a fault: as `fault=…`, by a generator of findings, or put together before."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        said = isinstance(node, ast.keyword) and node.arg == "fault"
        made = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("fault", "NOT_VOUCHED")
        if said or made or isinstance(node, ast.Yield):
            yield text_of(getattr(node, "value", None))


FOUND = sorted({fault for path in AUDITS for fault in faults_in(path) if len(fault) > 1})


def test_the_audits_were_looked_into() -> None:
    assert len(FOUND) > 70
    assert {"missing", "altered", "no ledger entry vouches for it"} <= set(FOUND)


@pytest.mark.parametrize("fault", FOUND)
def test_every_fault_has_words(fault: str) -> None:
    assert has_words(fault)
    assert "{" not in fault_words(fault) and fault_words(fault).endswith("。")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(object="decision:R-1/2", fault="not what the ledger vouches for: the reading of its cover, the seals of its cover"),
         "与存证所记的不同：扫描件的读数、印章的读数。"),
        (Fault(object="head:9", fault="missing: known from 9:ab, but the ledger ends at 7: its end was cut off, or it is an older copy"),
         "存证里没有这个号：存证只到第7号，后面的被截去，或者这是一份旧的数据库。"),
        (Fault(object="entry:3", fault="a finding of a later version"), "与存证不符。"),
        (Fault(object="entry:3", fault="altered {0} {parts}"), "与存证不符。"),
    ],
)  # fmt: skip
def test_words_say_what_the_line_says(fault: Fault, words: str) -> None:
    [group] = grouped([fault])
    assert (group.words, group.faults[0].line) == (words, f"{fault.object}: {fault.fault}")


@pytest.mark.parametrize(
    ("name", "words", "link"),
    [
        ("entry:7", "存证第7号", ""),
        ("mail:12", "来信第12号", "/mails/12"),
        ("submission:PY51-PYX-20200227-01", "材料 PY51-PYX-20200227-01", "/cases/PY51-PYX-20200227-01"),
        ("decision:PY51-PYX-20200227-01/2", "材料 PY51-PYX-20200227-01 的第2次决定", "/cases/PY51-PYX-20200227-01"),
        ("outbox.mail_id", "数据表 outbox.mail_id", ""),
        ("mail:{0}{parts}", "来信 {0}{parts}", ""),
    ],
)
def test_what_it_is_about_is_named_and_linked(name: str, words: str, link: str) -> None:
    [group] = grouped([Fault(object=name, fault="altered")])
    assert (object_words(name), group.faults[0].link) == (words, link)
