"""Commands of a collection that comes again: `--notice` names the series or a round."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.office import office
from tests.rounds import FILE, at, collect, statistics
from tests.shell import Shell


@pytest.fixture
def records(toml: Path) -> Path:
    """The configuration of a folder with a return in each of two rounds."""
    toml.write_text(f'[notices]\nactive = ["students"]\ndirectory = "{FILE.parent}"\n', encoding="utf-8")
    with office(toml.parent) as here:
        collect(here)
        for month in (10, 11):
            here.now = at(month, 28)
            title = f"甲县2026年{month}月在校生统计表"
            here.mail(f"m{month}", statistics(title=title, label=str(month)), sender="ax@example.cn")
            here.run()
    return toml


def receipts(baosong: Shell, records: Path, *arguments: str) -> list[str]:
    ran = baosong("submissions", *arguments, "--json", "--config", records)
    assert ran.status == 0, ran.err
    return [one["receipt"] for one in ran.document["submissions"]]


def test_submissions_of_a_series_and_of_a_round(records: Path, baosong: Shell) -> None:
    both = ["XS2611-AX-20261128-01", "XS2610-AX-20261028-01"]
    assert receipts(baosong, records) == both
    assert receipts(baosong, records, "--notice", "STUDENTS") == both
    assert receipts(baosong, records, "--notice", "students-2026-10", "--reporter", "甲县") == both[1:]
    refused = baosong("submissions", "--notice", "students-2026-02", "--config", records)
    assert refused.status == 2 and "active: students" in refused.err


def test_the_search_takes_a_series_too(records: Path, baosong: Shell) -> None:
    for notice, total in (("students", 2), ("students-2026-11", 1), ("students-2026-12", 0)):
        assert (
            baosong("search", "甲县第一小学", "--notice", notice, "--json", "--config", records).document["total"]
            == total
        )


def test_one_round_is_exported_or_reminded_of(records: Path, baosong: Shell, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    ran = baosong("export", out, "--notice", "students-2026-10", "--json", "--config", records)
    assert (ran.document["notice"], ran.document["accepted"]) == ("students-2026-10", 1)
    assert baosong("export", out, "--json", "--config", records).document["notice"].startswith("students-20")
    ran = baosong("remind", "--notice", "students-2026-10", "--json", "--config", records)
    assert [(one["notice"], [each["code"] for each in one["reporters"]]) for one in ran.document["notices"]] == [
        ("students-2026-10", ["BX", "CX"])
    ]
    again = baosong("rejudge", "--dry-run", "--fast", "--notice", "students-2026-11", "--json", "--config", records)
    assert (again.document["examined"], again.document["different"]) == (1, [])


def test_a_form_is_made_for_a_round(records: Path, baosong: Shell, tmp_path: Path) -> None:
    out = tmp_path / "甲县.xlsx"
    assert baosong("form", "甲县", out, "--notice", "students-2027-01", "--config", records).status == 0
    assert openpyxl.load_workbook(out).worksheets[0]["A1"].value == "甲县2027年1月在校生统计表"
    assert baosong("form", "甲县", tmp_path / "b.xlsx", "--config", records).status == 0


def test_senders_are_those_of_the_series(records: Path, baosong: Shell) -> None:
    assert (
        baosong(
            "senders", "confirm", "甲县", "new@example.cn", "--notice", "students-2026-10", "--config", records
        ).status
        == 0
    )
    listed = baosong("senders", "list", "--notice", "students", "--json", "--config", records).document
    assert "new@example.cn" in {one["address"] for one in listed["known"]}


def test_a_hold_wants_a_round(records: Path, baosong: Shell) -> None:
    refused = baosong("retention", "hold", "students", "--reason", "审计", "--config", records)
    assert refused.status != 0 and "has rounds" in refused.err
    assert baosong("retention", "hold", "students-2026-10", "--reason", "审计", "--config", records).status == 0


def test_the_check_of_a_file_lists_its_rounds(baosong: Shell) -> None:
    ran = baosong("notice", "check", FILE)
    assert ran.status == 0 and "11 rounds" in ran.out
    assert "students-2026-11  XS2611    2026-11-25T00:00 to 2026-12-05T23:59  3 reporters  2026年11月" in ran.out
    rounds = baosong("notice", "check", FILE, "--json").document["rounds"]
    assert [one["id"] for one in rounds][:2] == ["students-2026-09", "students-2026-10"]


def test_a_round_whose_returns_are_kept_must_stay_in_its_file(records: Path, baosong: Shell, tmp_path: Path) -> None:
    later = FILE.read_text(encoding="utf-8").replace("first: 2026-09", "first: 2026-11")
    (tmp_path / "students.yaml").write_text(later, encoding="utf-8")
    records.write_text(f'[notices]\nactive = ["students"]\ndirectory = "{tmp_path}"\n', encoding="utf-8")
    ran = baosong("submissions", "--config", records)
    assert ran.status == 2 and "notice students: must have round '2026-10'" in ran.err
