"""Evidence of a cover from the mail to the auditor: kept before the decision, vouched for by it, and missed when gone."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from domain.cover import Box, Cover
from domain.mail import Intent
from domain.submission import Submission
from ingest import jobs
from storage import codec, ledger
from storage.canonical import canonical
from storage.verify import verify
from storage.vouching import cells_sha256, recorded, seals_sha256, vouched
from tests import builders, storage_values
from tests.office import Office, office, only_case
from tests.parts import scan, workbook
from tests.shell import Shell
from tests.stores import blob

PAGE, SEAL, RIM = b"\xff\xd8\xff page", b"\xff\xd8\xff seal", b"\x89PNG\r\n\x1a\n rim"
STRAY = b"\xff\xd8\xff of another scan"
RECEIPT = "PY51-PYX-20200227-01"
BOX = Box(x0=0.25, y0=0.5, x1=0.375, y1=0.5625)
CONFIGURATION = """
[mailbox]
url = "imap://bureau%40example.org@127.0.0.1:9/INBOX"
[smtp]
url = "smtp://bureau%40example.org@127.0.0.1:9"
sender = "bureau@example.org"
"""


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def pictured(of: Cover) -> Cover:
    """The cover as if pictures had been made of it."""
    [page] = of.pages
    cells = tuple(replace(cell, upright=BOX) for cell in page.cells)
    seals = tuple(replace(seal, picture=sha(SEAL), rim_picture=sha(RIM), upright=BOX) for seal in page.seals)
    return replace(of, pages=(replace(page, picture=sha(PAGE), cells=cells, seals=seals),))


SHEET = workbook()
SCAN = pictured(scan(SHEET))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    """An office where one submission with pictures was decided."""
    with office(tmp_path) as made:
        made.reader.pictures = {sha(data): data for data in (PAGE, SEAL, RIM, STRAY)}
        made.mail("m1", SHEET, SCAN)
        made.run()
        yield made


def body(here: Office) -> dict[str, Any]:
    with here.app.database.read() as tx:
        entry = [entry for entry in ledger.entries_of(tx, RECEIPT) if entry.kind == "submission.decided"][-1]
    told = json.loads(entry.body)
    assert isinstance(told, dict)
    return told


def faults(here: Office) -> list[tuple[str, str]]:
    """As an auditor finds them long after."""
    with here.app.database.read() as tx:
        found = verify(tx, here.app.blobs, now=here.now + timedelta(days=9000)).faults
    return [(fault.object, fault.fault) for fault in found]


def test_pictures_are_kept_and_vouched_for_and_those_of_no_submission_are_not(here: Office) -> None:
    assert [here.app.blobs.get(sha(data)) for data in (PAGE, SEAL, RIM)] == [PAGE, SEAL, RIM]
    assert not here.app.blobs.has(sha(STRAY))
    case = only_case(here)
    assert case.cover and isinstance(case.cover.reading, Cover)
    assert body(here)["evidence"] == {
        "pictures": [sha(PAGE), sha(SEAL), sha(RIM)],
        "seals": seals_sha256(case.cover.reading),
        "cells": cells_sha256(case.findings),
    }
    assert body(here)["record"] == recorded(codec.pack(case))
    assert {sha(PAGE), sha(SEAL), sha(RIM)} <= set(body(here)["blobs"])
    assert faults(here) == []


def test_the_ledger_says_nothing_of_the_cells_themselves(here: Office) -> None:
    case = only_case(here)
    assert case.findings
    assert not any(cell.expected in json.dumps(body(here)["evidence"]) for cell in case.findings.cells)


def test_of_a_complaint_no_picture_is_kept(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.reader.pictures = {sha(data): data for data in (PAGE, SEAL, RIM)}
        blank = replace(SCAN, pages=(replace(SCAN.pages[0], cells=(), lines=(), seals=()),))
        here.mail("m1", blank, intent=Intent.COMPLAINT)
        here.run()
        assert here.cases() == {}
        assert not any(here.app.blobs.has(name) for name in here.reader.pictures)


def altered(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1] + b"!")


@pytest.mark.parametrize(("do", "fault"), [(altered, "altered"), (Path.unlink, "missing")])
@pytest.mark.parametrize("picture", [PAGE, SEAL, RIM])
def test_a_picture_altered_or_deleted_is_named(
    here: Office, picture: bytes, do: Callable[[Path], None], fault: str
) -> None:
    do(here.app.blobs.file(sha(picture)))
    assert faults(here) == [(f"blob:{sha(picture)}", fault)]


def another_reading(case: Submission) -> str:
    """One compared cell says something else, in the readings that `show` shows."""
    assert case.findings
    first, *rest = case.findings.cells
    forged = replace(case.findings, cells=(replace(first, read="伪造"), *rest))
    return _stored("findings", codec.pack(replace(case, findings=forged)).findings)


def another_picture(case: Submission) -> str:
    """The page's picture is another one of the archive."""
    assert case.cover and isinstance(case.cover.reading, Cover)
    [page] = case.cover.reading.pages
    forged = replace(case.cover.reading, pages=(replace(page, picture=sha(SEAL)),))
    return _stored("cover_reading", codec.pack(replace(case, cover=replace(case.cover, reading=forged))).cover)


def another_seal(case: Submission) -> str:
    """The seal says another name."""
    assert case.cover and isinstance(case.cover.reading, Cover)
    [page] = case.cover.reading.pages
    seals = tuple(replace(seal, text="清丰县教育局") for seal in page.seals)
    forged = replace(case.cover.reading, pages=(replace(page, seals=seals),))
    return _stored("cover_reading", codec.pack(replace(case, cover=replace(case.cover, reading=forged))).cover)


def no_readings(_: Submission) -> str:
    return f"UPDATE readings SET data = {blob(bytes(1))}"  # noqa: S608


def _stored(column: str, reading: codec.Packed | None) -> str:
    assert reading
    return f"UPDATE readings SET data = {blob(reading.data)} WHERE digest = (SELECT {column} FROM submissions)"  # noqa: S608


@pytest.mark.parametrize(
    ("forge", "wrong"),
    [
        (another_reading, "the comparison of cover and workbook, the table of compared cells"),
        (another_picture, "the reading of its cover, the pictures of its cover"),
        (another_seal, "the reading of its cover, the seals of its cover"),
        (
            no_readings,
            "the reading of its cover, the comparison of cover and workbook, the pictures of its cover, "
            "the seals of its cover, the table of compared cells",
        ),
    ],
)
def test_readings_that_are_not_those_decided_on_are_named(
    here: Office, forge: Callable[[Submission], str], wrong: str
) -> None:
    statement = forge(only_case(here))
    with here.app.database.begin() as tx:
        tx.execute(text(statement))
    assert faults(here) == [(f"decision:{RECEIPT}/1", f"not what the ledger vouches for: {wrong}")]


def test_a_decision_from_before_evidence_was_kept_is_no_fault(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, scan(SHEET))
        here.run()
        assert body(here)["evidence"]["pictures"] == []
        with here.app.database.begin() as tx:
            for number, told in tx.execute(text("SELECT id, body FROM ledger_entries")).all():
                kept = {key: value for key, value in json.loads(told).items() if key not in ("evidence", "record")}
                change = text("UPDATE ledger_entries SET body = :body WHERE id = :id")
                tx.execute(change, {"id": number, "body": canonical(kept)})
        assert all(fault == "altered" for _, fault in faults(here))  # the entry; not what it says of the submission


def test_every_later_decision_vouches_for_the_same_evidence(here: Office) -> None:
    """Also one that was made on a submission without its readings: superseded by the next one."""
    before = body(here)["evidence"]
    other = workbook({"app": "钉钉"}, label="second")
    here.mail("m2", other, scan(other, label="second scan"))
    here.run(after=timedelta(hours=1))
    assert here.cases()[RECEIPT] == "superseded"
    assert (body(here)["state"], body(here)["evidence"]) == ("superseded", before)
    assert faults(here) == []


def test_documents_from_before_pictures_were_kept_are_read() -> None:
    case = storage_values.submission()
    packed = codec.pack(case)
    assert packed.cover and packed.findings

    def old(data: bytes) -> bytes:
        """Without the fields that came with evidence."""
        plain = json.loads(zlib.decompress(data), object_hook=lambda each: {
            key: value for key, value in each.items()
            if key not in ("picture", "rim_picture", "form_code") and not (key in ("upright", "box") and value is None)
        })  # fmt: skip
        return zlib.compress(json.dumps(plain).encode())

    read = codec.unpack(old(packed.document.data), old(packed.cover.data), old(packed.findings.data))
    assert read == case
    assert vouched(read)["pictures"] == []


def test_the_hash_of_the_table_is_the_same_before_and_after_storing() -> None:
    """Also of text that no database takes."""
    odd = builders.verdict(
        "doubtful", expected="a\x00\ud800b", read="é\u202e", score=-1 / 3, box=Box(x0=0, y0=0.1, x1=1 / 3, y1=1)
    )
    case = replace(storage_values.submission(), findings=builders.findings(odd))
    packed = codec.pack(case)
    assert packed.cover and packed.findings
    assert vouched(codec.unpack(packed.document.data, packed.cover.data, packed.findings.data)) == vouched(case)
    assert vouched(codec.unpack(packed.document.data, None, None)) == vouched(case)  # light


def seals_of_json(document: dict[str, Any]) -> bytes:
    """As the runbook tells an auditor to hash what `show --json` says of seals."""
    rows = [
        {
            **seal,
            "confidence": f"{seal['confidence']:.3f}",
            "diameter_mm": seal["diameter_mm"] and f"{seal['diameter_mm']:.1f}",
            "box": [f"{edge:.4f}" for edge in seal["box"]],
            "picture": kept["picture"] and kept["picture"]["sha256"],
            "rim_picture": kept["rim_picture"] and kept["rim_picture"]["sha256"],
        }
        for seal, kept in zip(document["cover"]["seals"], document["evidence"]["seals"], strict=True)
    ]
    return json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def cells_of_json(cells: list[dict[str, Any]]) -> bytes:
    """As the runbook tells an auditor to hash what `show --json` says of cells."""
    rows = [
        {**cell, "score": f"{cell['score']:.4f}", "box": cell["box"] and [f"{edge:.5f}" for edge in cell["box"]]}
        for cell in cells
    ]
    return json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_show_points_to_the_evidence(here: Office, tmp_path: Path, baosong: Shell) -> None:
    (tmp_path / "baosong.toml").write_text(CONFIGURATION, encoding="utf-8")
    document = baosong("show", RECEIPT, "--json", "--config", tmp_path / "baosong.toml").document
    told = document["evidence"]
    [page], [seal] = told["pages"], told["seals"]
    for kept, data in ((page["picture"], PAGE), (seal["picture"], SEAL), (seal["rim_picture"], RIM)):
        assert kept["sha256"] == sha(data)
        assert Path(kept["path"]).read_bytes() == data
    assert len(told["cells"]) == document["cover"]["cells_compared"]
    assert sum(cell["verdict"] == "match" for cell in told["cells"]) == document["cover"]["cells_matched"]
    phone = next(cell for cell in told["cells"] if cell["cell"] == "F5")
    assert phone == {
        "cell": "F5", "field": "电话", "expected": "13912345678", "read": "13912345678", "score": 0.0,
        "verdict": "match", "page": 1, "box": [0.25, 0.5, 0.375, 0.5625],
    }  # fmt: skip
    assert sha(cells_of_json(told["cells"])) == told["cells_sha256"] == body(here)["evidence"]["cells"]
    assert told["record"] == body(here)["record"]
    assert sha(seals_of_json(document)) == told["seals_sha256"] == body(here)["evidence"]["seals"]


def test_a_mail_has_no_report(tmp_path: Path, baosong: Shell) -> None:
    ran = baosong("show", "mail:1", "--report", tmp_path / "r.html")
    assert (ran.status, "give its receipt" in ran.err) == (2, True)


def test_a_report_of_a_submission_names_what_is_lost(here: Office, tmp_path: Path, baosong: Shell) -> None:
    (tmp_path / "baosong.toml").write_text(CONFIGURATION, encoding="utf-8")
    file = tmp_path / "r.html"
    here.app.blobs.file(sha(SEAL)).unlink()
    ran = baosong("show", RECEIPT, "--report", file, "--json", "--config", tmp_path / "baosong.toml")
    assert ran.status == 1
    assert f"blob:{sha(SEAL)}: missing or altered" in ran.err
    assert f"report: {file}" in ran.err
    assert ran.document["receipt"] == RECEIPT
    assert "印章1：留存的图像缺失或已被改动" in file.read_text(encoding="utf-8")
    assert sha(PAGE) in file.read_text(encoding="utf-8")
    with here.app.database.read() as tx:
        entry = next(each for each in ledger.entries_of(tx, RECEIPT) if each.kind == "submission.decided")
        head = ledger.covers(tx, entry.id)
    assert head
    assert f"第{head.number}号" in file.read_text(encoding="utf-8")
    assert head.hash in file.read_text(encoding="utf-8")


def test_a_report_of_an_altered_submission_says_so(here: Office, tmp_path: Path, baosong: Shell) -> None:
    (tmp_path / "baosong.toml").write_text(CONFIGURATION, encoding="utf-8")
    statement = another_reading(only_case(here))
    with here.app.database.begin() as tx:
        tx.execute(text(statement))
    ran = baosong("show", RECEIPT, "--report", tmp_path / "r.html", "--config", tmp_path / "baosong.toml")
    assert ran.status == 1
    assert f"submission:{RECEIPT}: findings is not what the ledger has" in ran.err
    assert "现存的记录与存证所记的不同：比对结果。" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_the_audit_says_of_how_much_the_ledger_vouches_for_less(here: Office, tmp_path: Path, baosong: Shell) -> None:
    (tmp_path / "baosong.toml").write_text(CONFIGURATION, encoding="utf-8")
    command = ("audit", "verify", "--json", "--config", tmp_path / "baosong.toml")
    assert "note:" not in baosong(*command).err
    with here.app.database.begin() as tx:
        storage_values.decide(
            tx,
            storage_values.submission("PY51-FX-20200227-01", cover=None, findings=None),
            before=frozenset({"record"}),
        )
    jobs.seal(here.app)
    ran = baosong(*command)
    assert (ran.status, ran.document["faults"]) == (0, [])
    assert "did not vouch yet for all that was read: 1 " in ran.err
