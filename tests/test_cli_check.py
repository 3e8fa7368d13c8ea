"""`baosong check`: files on the disk are checked as if they had been mailed."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.shell import SUBMISSION, Shell, attachments

PROBLEM = {"code", "severity", "file", "sheet", "cell", "field", "value", "message", "advice"}


def test_check_of_a_workbook_alone(baosong: Shell, toml: Path, tmp_path: Path) -> None:
    [sheet] = attachments("10-workbook-alone.eml", tmp_path)
    ran = baosong("check", sheet, "--received-at", "2020-02-27T15:40+08:00", "--json", "--config", toml)
    assert ran.status == 1
    assert set(ran.document) == SUBMISSION - {"receipt"} | {"evidence"}
    assert ran.document["state"] == "incomplete"
    assert [one["code"] for one in ran.document["problems"]] == ["cover.missing"]
    assert set(ran.document["problems"][0]) == PROBLEM
    assert ran.document["row_count"] > 0
    assert ran.document["received_at"] == "2020-02-27T15:40:00+08:00"
    assert ran.document["from"] is None
    plain = baosong("check", sheet, "--received-at", "2020-02-27T15:40+08:00", "--config", toml)
    assert plain.status == 1
    assert "cover.missing" in plain.out


def test_a_time_without_offset_is_of_the_zone_of_the_notice(
    baosong: Shell, toml: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not of the machine's: lists show the notice's zone."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        [sheet] = attachments("10-workbook-alone.eml", tmp_path)
        ran = baosong("check", sheet, "--received-at", "2020-02-28T23:59", "--json", "--config", toml)
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    assert (ran.document["received_at"], ran.document["late"]) == ("2020-02-28T23:59:00+08:00", False)


def test_a_configuration_named_in_the_environment_must_be_there(
    baosong: Shell, tmp_path: Path, toml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [sheet] = attachments("10-workbook-alone.eml", tmp_path)
    monkeypatch.setenv("BAOSONG_CONFIG", str(tmp_path / "nosuch.toml"))
    ran = baosong("check", sheet)
    assert ran.status == 2
    assert "nosuch.toml" in ran.err
    monkeypatch.setenv("BAOSONG_CONFIG", str(toml))
    assert baosong("check", sheet, "--json").document["state"] == "incomplete"


def test_check_needs_no_configuration(baosong: Shell, tmp_path: Path, toml: Path) -> None:
    toml.unlink()
    [sheet] = attachments("10-workbook-alone.eml", tmp_path)
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        ran = baosong("check", sheet, "--json")
    finally:
        os.chdir(here)
    assert ran.document["state"] == "incomplete"
    assert not (tmp_path / "data").exists()


def test_check_of_a_good_pair_is_status_0(baosong: Shell, toml: Path, tmp_path: Path) -> None:
    files = attachments("02-accepted.eml", tmp_path)
    sheet = next(path for path in files if path.suffix == ".xlsx")
    [cover] = [path for path in files if path != sheet]
    at, report = "2020-02-27T15:40+08:00", tmp_path / "报告.html"
    ran = baosong("check", sheet, cover, "--received-at", at, "--json", "--report", report, "--config", toml)
    assert (ran.status, ran.document["state"]) == (0, "accepted")
    evidence_is_in_the_report(ran.document, report.read_text(encoding="utf-8"))
    assert f"report: {report}\n" in ran.err
    assert report.stat().st_mode & 0o777 == 0o600
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".report-")]
    assert set(ran.document["cover"]) == {"pages", "seals", "cells_compared", "cells_matched"}
    assert set(ran.document["cover"]["seals"][0]) == {"page", "text", "confidence", "diameter_mm", "box"}
    assert {file["kind"] for file in ran.document["files"]} == {"sheet", "cover"}


def evidence_is_in_the_report(document: dict[str, Any], page: str) -> None:
    """What the JSON names by hash; it says of no path, since nothing is stored."""
    told = document["evidence"]
    [shown], [seal] = told["pages"], told["seals"]
    for kept in (shown["picture"], seal["picture"], seal["rim_picture"]):
        assert set(kept) == {"sha256"}
        assert kept["sha256"] in page
    assert len(told["cells"]) == document["cover"]["cells_compared"] == page.count('class="box ')
    assert all(0 <= edge <= 1 for cell in told["cells"] for edge in cell["box"])
    assert told["cells_sha256"] in page


@pytest.mark.parametrize(
    ("report", "told"),
    [
        ("nosuch/r.html", "there is no folder"),
        ("r.pdf", "must end in .html"),
        ("here.html", "is a directory"),
        ("in.html", "is one of the files to be checked"),
    ],
)
def test_a_report_that_cannot_be_written_is_wrong_usage(
    baosong: Shell, toml: Path, tmp_path: Path, report: str, told: str
) -> None:
    (tmp_path / "here.html").mkdir()
    (tmp_path / "in.html").write_text("<table></table>", encoding="utf-8")
    ran = baosong("check", tmp_path / "in.html", "--report", tmp_path / report, "--config", toml)
    assert ran.status == 2
    assert told in ran.err
    assert "Traceback" not in ran.err
    assert (tmp_path / "in.html").read_text(encoding="utf-8") == "<table></table>"


def test_a_report_says_that_it_takes_the_place_of_a_file(baosong: Shell, toml: Path, tmp_path: Path) -> None:
    [sheet] = attachments("10-workbook-alone.eml", tmp_path)
    report = tmp_path / "r.html"
    report.write_text("old", encoding="utf-8")
    ran = baosong("check", sheet, "--report", report, "--json", "--config", toml)
    assert (ran.status, ran.document["state"], ran.document["evidence"]) == (1, "incomplete", None)
    assert f"report: {report} (the file that was there is replaced)" in ran.err
    assert "【待补】" in report.read_text(encoding="utf-8")


def test_check_tells_a_file_too_large_by_its_name_and_reads_the_other(
    baosong: Shell, toml: Path, tmp_path: Path
) -> None:
    [sheet] = attachments("10-workbook-alone.eml", tmp_path)
    large = tmp_path / "扫描.pdf"
    with large.open("wb") as file:
        file.write(b"%PDF-1.4\n")
        file.truncate(60 * 1024**2)
    ran = baosong("check", sheet, large, "--json", "--config", toml)
    told = {(one["code"], one["file"]) for one in ran.document["problems"] if one["severity"] == "error"}
    assert ("attachment.too_large", "扫描.pdf") in told
    assert ran.document["reporter"]
    assert ran.document["row_count"] > 0


def test_check_tells_a_nil_return(baosong: Shell, toml: Path, tmp_path: Path) -> None:
    sheet = next(path for path in attachments("15-nil-return.eml", tmp_path) if path.suffix == ".xlsx")
    assert "nil return" in baosong("check", sheet, "--config", toml).out.splitlines()[0]


def test_check_names_a_file_that_is_not_what_it_was_named_as(baosong: Shell, toml: Path, tmp_path: Path) -> None:
    [sheet] = attachments("10-workbook-alone.eml", tmp_path)
    words = tmp_path / "说明.txt"
    words.write_text("各位同事：", encoding="utf-8")
    ran = baosong("check", sheet, words, "--config", toml)
    assert (ran.status, "说明.txt is no scan" in ran.err, "is no workbook" in ran.err) == (1, True, False)
    exchanged = baosong("check", words, sheet, "--config", toml)
    assert (exchanged.status, "is no workbook" in exchanged.err, "is no scan" in exchanged.err) == (1, False, True)


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"PK\x03\x04"])
def test_check_of_a_file_that_is_no_workbook_is_a_finding_not_a_crash(
    baosong: Shell, toml: Path, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "表.xlsx"
    file.write_bytes(content)
    ran = baosong("check", file, "--json", "--config", toml)
    assert ran.status == 1
    assert ran.document["state"] in ("rejected", "incomplete")
    assert ran.document["problems"]
