"""Secrets and personal data: after a whole run at the lowest log level, neither log nor ledger names anybody; and whatever the
umask, what was written can be read by its owner alone."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from storage import people
from storage.papers import FolderPapers
from tests.shell import SAMPLES
from tests.whole_demo import whole_demo

pytestmark = [pytest.mark.timeout(600), pytest.mark.sqlite]
"""The run took 210 s on two cores that eight other programs were busy on."""
_HASH = re.compile(r"[0-9a-f]{32,}")
"""Of hashes and our own Message-IDs: eleven digits within one are no number of anybody's."""
MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


@dataclass(frozen=True, kw_only=True)
class Whole:
    """What the demo's run said and left, and the rows of it."""

    folder: Path
    log: str
    documents: list[dict[str, Any]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    made = whole_demo(tmp_path_factory)
    with closing(sqlite3.connect(made.folder / "data/baosong.db")) as base:
        rows = [json.loads(cells) for (cells,) in base.execute("SELECT cells FROM submission_rows")]
    return Whole(folder=made.folder, log=made.log, documents=rows)


def persons(whole: Whole) -> set[str]:
    """Every name, number and address of the samples."""
    found = {row[key] for row in whole.documents for key in ("contact", "phone") if row.get(key)}
    for path in SAMPLES.glob("*.eml"):
        message = message_from_bytes(path.read_bytes(), policy=default)
        for header in ("From", "Reply-To", "Return-Path"):
            found |= set(re.findall(r"[\w.+-]+@[\w.-]+", str(message[header] or "")))
        found |= {each.display_name for each in message["From"].addresses}
        found |= {str(message["Subject"]), str(message["Message-ID"])}
        found |= {name for part in message.walk() if (name := part.get_filename())}
    return {each for each in found if len(each) > 1}


def lines_of(whole: Whole, query: str) -> Iterator[str]:
    with closing(sqlite3.connect(whole.folder / "data/baosong.db")) as base:
        yield from (str(row[0]) for row in base.execute(query))


def test_the_run_says_something(whole: Whole) -> None:
    assert whole.log.count("mail_settled") >= 26
    assert len(persons(whole)) > 100
    assert sum(bool(MOBILE.fullmatch(each)) for each in persons(whole)) > 20


def test_the_log_names_nobody(whole: Whole) -> None:
    assert [each for each in persons(whole) if each in whole.log] == []
    assert MOBILE.findall(whole.log) == []


def test_the_ledger_names_nobody(whole: Whole) -> None:
    told = "\n".join(lines_of(whole, "SELECT kind || ' ' || subject || ' ' || body FROM ledger_entries"))
    assert len(told) > 10_000
    own = {each for each in persons(whole) if "@" not in each}  # a letter's own Message-ID may be its subject
    assert [each for each in own if each in told] == []
    assert MOBILE.findall(_HASH.sub("", told)) == []


def test_the_ledger_has_no_plain_hash_of_anybody(whole: Whole) -> None:
    told = "\n".join(lines_of(whole, "SELECT body FROM ledger_entries"))
    plain = [hashlib.sha256(each.encode("utf-8", "surrogatepass")).hexdigest() for each in persons(whole)]
    assert [each for each in plain if each in told] == []


def test_the_ledger_has_keyed_digests_of_them(whole: Whole) -> None:
    """Every decision with rows names its persons by digests that nobody can make without key and salt."""
    bodies = [
        json.loads(body)
        for body in lines_of(whole, "SELECT body FROM ledger_entries WHERE kind = 'submission.decided'")
    ]
    told = [body["people"]["digests"] for body in bodies]
    assert any(len(digests) >= 10 for digests in told)
    assert len({body["people"]["key"] for body in bodies}) == 1
    key = people.read_key(FolderPapers(whole.folder / "data/archive"))
    unsalted = {people.digests(key, "", [each])["digests"][0] for each in persons(whole)}  # type: ignore[index]
    assert not unsalted & {digest for digests in told for digest in digests}


def test_nothing_that_was_written_can_be_read_by_others(whole: Whole) -> None:
    paths = [whole.folder, *whole.folder.rglob("*")]
    assert len(paths) > 300
    assert {path.name for path in paths} >= {"baosong.db", "HEAD", "people.key", "index.html", "spool", "tmp"}
    assert [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_letters_show_no_whole_number(whole: Whole) -> None:
    """What goes out by mail is masked; the marked workbooks are the sender's own."""
    texts = []
    for path in (whole.folder / "replies").glob("*.eml"):
        message = message_from_bytes(path.read_bytes(), policy=default)
        texts += [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
        texts.append(str(message["Subject"]))
    assert len(texts) > 40
    assert [found for text in texts for found in MOBILE.findall(text)] == []


def test_tasks_for_staff_show_no_whole_number(whole: Whole) -> None:
    texts = list(lines_of(whole, "SELECT text FROM tasks"))
    assert texts
    assert [found for text in texts for found in MOBILE.findall(text)] == []
