"""What `submissions`, `show` and `decide` say of what stands in the records."""

from __future__ import annotations

import os
import pwd
import unicodedata
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cli.common import acting
from storage import outbox
from tests.builders import RECEIVED, seal
from tests.office import office, raw_mail
from tests.parts import CLERK, of_unit, scan, workbook
from tests.shell import Shell

SHEET = workbook()
FIRST, SECOND = "PY51-PYX-20200227-01", "PY51-PYX-20200227-02"


@pytest.fixture
def records(toml: Path) -> Path:
    """The configuration of a folder with a superseded, a late and a rejected submission."""
    bad = workbook({"phone": "1383930"}, {"contact": "王小红"}, label="bad")
    other = of_unit("范县", label="fan")
    with office(toml.parent) as here:
        here.mail("m1", SHEET, scan(SHEET))
        here.mail("m2", workbook({"contact": "王小红"}, label="new"), scan(workbook({"contact": "王小红"}), label="s2"),
                  at=RECEIVED + timedelta(hours=1))  # fmt: skip
        unread = scan(other, label="fan scan", seal="")
        pages = tuple(replace(page, seals=(seal("", legible=False, confidence=0.1),)) for page in unread.pages)
        here.mail("m3", other, replace(unread, pages=pages), at=RECEIVED + timedelta(days=3))
        here.mail("m4", bad, scan(bad, label="s4"), at=RECEIVED + timedelta(days=4, microseconds=1))
        here.run()
    return toml


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def test_the_list_fits_80_columns_and_names_the_reporter(records: Path, baosong: Shell) -> None:
    lines = baosong("submissions", "--config", records).out.splitlines()
    assert lines[0].split() == ["receipt", "state", "received", "ver", "rows", "err", "late", "reporter"]
    assert len(lines) == 5
    assert all(columns(line) <= 80 for line in lines)
    assert {line.split()[-1] for line in lines[1:]} == {"濮阳县", "范县"}
    assert [" late " in line for line in lines[1:]] == [True, True, False, False]


@pytest.mark.parametrize("name", ["PYX", "pyx", "濮阳县", "濮阳市濮阳县", "濮阳县教育局"])
def test_a_reporter_is_found_by_code_or_name(records: Path, baosong: Shell, name: str) -> None:
    for notice in ("puyang-2020-51", "PUYANG-2020-51"):
        ran = baosong("submissions", "--reporter", name, "--notice", notice, "--json", "--config", records)
        assert {one["reporter"]["code"] for one in ran.document["submissions"]} == {"PYX"}


@pytest.mark.parametrize(
    ("option", "value", "told"), [("--reporter", "北京", "PYX 濮阳县"), ("--notice", "nix", "puyang-2020-51")]
)
def test_an_unknown_reporter_or_notice_is_wrong_usage(
    records: Path, baosong: Shell, option: str, value: str, told: str
) -> None:
    ran = baosong("submissions", option, value, "--config", records)
    assert ran.status == 2
    assert value in ran.err
    assert told in ran.err


def test_show_tells_everything_within_80_columns(records: Path, baosong: Shell) -> None:
    receipt = next(
        one["receipt"]
        for one in baosong("submissions", "--state", "rejected", "--json", "--config", records).document["submissions"]
    )
    ran = baosong("show", receipt.lower(), "--config", records)
    assert ran.status == 0
    assert all(columns(line) <= 80 for line in ran.out.splitlines())
    flat = " ".join(ran.out.split())
    for told in (receipt, "rejected", "puyang-2020-51", "late", f"from {CLERK}", "2020-03-02 15:40:00", "濮阳县.xlsx Sheet1 F5",
                 "row.phone_invalid", "科大讯飞", "王小红", "seal 濮阳县教育局 42.0 mm", "rejected by machine",
                 "timing.late"):  # fmt: skip
        assert told in flat, told
    assert ".000001" not in ran.out


def test_show_tells_what_superseded_it_and_a_seal_that_was_not_read(records: Path, baosong: Shell) -> None:
    assert f"superseded by {SECOND}" in baosong("show", FIRST, "--config", records).out
    listed = baosong("submissions", "--reporter", "范县", "--json", "--config", records).document["submissions"]
    assert "(not read)" in baosong("show", listed[0]["receipt"], "--config", records).out


def test_show_tells_what_differs_from_the_version_before(records: Path, baosong: Shell) -> None:
    ran = baosong("show", SECOND, "--config", records)
    assert all(columns(line) <= 80 for line in ran.out.splitlines())
    assert f"difference from {FIRST} (v1): 0 added, 0 removed, 1 changed" in ran.out
    assert "~5 濮阳县第一中学 | 智学网 E5 联系人: 李晓明 -> 王小红" in " ".join(ran.out.split())
    assert "difference" not in baosong("show", FIRST, "--config", records).out
    found = baosong("show", SECOND, "--json", "--config", records).document["evidence"]["difference"]
    assert (found["receipt"], found["version"], found["added"], found["removed"]) == (FIRST, 1, [], [])
    [cell] = found["changed"][0]["cells"]
    assert (cell["field"], cell["before"], cell["after"], cell["after_cell"]) == ("联系人", "李晓明", "王小红", "E5")
    first = baosong("show", FIRST, "--json", "--config", records).document
    assert first["evidence"]["difference"] is None


def letters(folder: Path) -> int:
    with office(folder) as here, here.app.database.read() as tx:
        return sum(len(outbox.of_receipt(tx, receipt)) for receipt in here.cases())


def test_a_verdict_that_stands_is_not_given_twice(records: Path, baosong: Shell) -> None:
    def decide(receipt: str, verdict: str) -> tuple[int, str]:
        ran = baosong("decide", receipt, verdict, "--reason", "原件已核对", "--config", records)
        return ran.status, ran.err

    assert decide(SECOND, "accept")[0] == 0  # the machine's own acceptance may be confirmed
    before = letters(records.parent)
    status, said = decide(SECOND.lower(), "accept")
    assert status == 1
    assert f"{SECOND} is already accepted by staff:" in said
    assert letters(records.parent) == before
    assert decide(SECOND, "reject")[0] == 0
    assert decide(SECOND, "reject")[0] == 1
    assert decide(FIRST, "accept")[0] == 0  # nothing newer is accepted now
    assert decide(SECOND, "accept")[0] == 0
    status, said = decide(FIRST, "accept")
    assert (status, f"superseded by {SECOND}" in said) == (1, True)


@pytest.mark.parametrize(("since", "count"), [("2020-02-27T15:41", 0), ("2020-02-27T15:39", 1), ("2020-02-27", 1)])
def test_since_without_offset_is_of_the_zone_of_the_staff(baosong: Shell, toml: Path, since: str, count: int) -> None:
    with office(toml.parent) as here:
        here.mail("m1", workbook())
        here.run()
    ran = baosong("submissions", "--since", since, "--json", "--config", toml)
    assert len(ran.document["submissions"]) == count


def test_the_environment_does_not_say_who_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "somebody-else")
    monkeypatch.setenv("USER", "somebody-else")
    assert acting() == f"staff:{pwd.getpwuid(os.geteuid()).pw_name}"


def test_decide_names_what_a_rejected_one_had_replaced(tmp_path: Path, toml: Path, baosong: Shell) -> None:
    sheet = workbook()
    with office(tmp_path) as here:
        here.mail("m1", sheet, scan(sheet))
        here.run()
        here.now += timedelta(hours=1)
        new = workbook({"contact": "王五"}, label="new")
        here.mail("m2", new, scan(new, label="new scan"))
        here.run()
        first, second = sorted(here.cases())
    ran = baosong("decide", second, "reject", "--reason", "印章系伪造", "--config", toml)
    assert ran.status == 0
    assert first in ran.err


def test_a_held_mail_is_shown_with_its_traceback_and_its_file(baosong: Shell, tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1")
        here.reader.raising["m1"] = [ZeroDivisionError("a fault of ours")]
        [failure] = here.run().failures
    assert "`baosong show mail:1`" in failure
    toml = tmp_path / "baosong.toml"
    toml.write_text("", encoding="utf-8")
    shown = baosong("show", "mail:1", "--json", "--config", toml)
    assert (shown.status, shown.document["status"], shown.document["mail"]) == (0, "held", 1)
    assert "a fault of ours" in shown.document["error"]
    assert shown.document["received_at"].endswith("+08:00")  # as staff see times, not as the machine runs
    file = Path(shown.document["file"])
    assert file.read_bytes() == raw_mail("m1")
    plain = baosong("show", "mail:1", "--config", toml)
    assert f"baosong replay {file}" in plain.out
    assert "ZeroDivisionError" in plain.out
    assert baosong("show", "mail:2", "--config", toml).status == 1
    assert baosong("show", "mail:x", "--config", toml).status == 2


def test_a_notice_that_is_no_longer_active_is_named(baosong: Shell, tmp_path: Path) -> None:
    """Submissions outlive the list of active notices: one line, no traceback."""
    with office(tmp_path) as here:
        sheet = workbook()
        here.mail("m1", sheet, scan(sheet))
        here.run()
    baosong("init", tmp_path / "other")
    notice = tmp_path / "other" / "notices" / "puyang-2020-51.yaml"
    text = notice.read_text(encoding="utf-8").replace("id: puyang-2020-51", "id: another")
    notice.with_name("another.yaml").write_text(text, encoding="utf-8")
    toml = tmp_path / "baosong.toml"
    toml.write_text(f'[notices]\nactive = ["another"]\ndirectory = "{notice.parent}"\n', encoding="utf-8")
    ran = baosong("submissions", "--config", toml)
    assert ran.status == 2
    assert "puyang-2020-51" in ran.err
    assert "Traceback" not in ran.err
