"""`digest` and `remind` on the command line: what they show, and what they send over a real SMTP server."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import RECEIVED
from tests.office import office
from tests.parts import of_unit, scan, workbook
from tests.shell import Shell


@pytest.fixture
def records(toml: Path) -> Path:
    """濮阳县 accepted, 范县 sent back a day later."""
    bad = of_unit("范县", label="bad")
    with office(toml.parent) as here:
        sheet = workbook()
        here.mail("m1", sheet, scan(sheet))
        here.mail("m2", bad, at=RECEIVED + timedelta(days=1))
        here.run()
    return toml


def test_the_digest_is_shown_as_of_now_and_of_a_day(records: Path, baosong: Shell, tmp_path: Path) -> None:
    now = baosong("digest", "--html", tmp_path / "d.html", "--config", records)
    assert now.status == 0
    assert now.out.startswith("【日报】")
    assert "濮阳县　" in now.out
    page = tmp_path / "d.html"
    assert "濮阳县" in page.read_text(encoding="utf-8")
    assert page.stat().st_mode & 0o777 == 0o600
    earlier = baosong("digest", "--date", f"{RECEIVED:%Y-%m-%d}", "--config", records)
    assert earlier.out.startswith(f"【日报】{RECEIVED.month}月{RECEIVED.day}日：已受理1/9，未报8")


@pytest.mark.parametrize("day", ["2999-01-01", "27.2.2020", "tomorrow"])
def test_a_day_that_is_none_is_wrong_usage(records: Path, baosong: Shell, day: str) -> None:
    ran = baosong("digest", "--date", day, "--config", records)
    assert (ran.status, ran.out) == (2, "")


def test_sending_needs_somebody_to_send_to(records: Path, baosong: Shell) -> None:
    ran = baosong("digest", "--send", "--config", records)
    assert ran.status == 1
    assert "staff.digest_to is empty" in ran.err


def test_who_has_not_reported_is_listed(records: Path, baosong: Shell) -> None:
    ran = baosong("remind", "--config", records)
    lines = ran.out.splitlines()
    assert lines[0] == "puyang-2020-51: 8 of 9 have not reported; deadline 2020-02-28 23:59"
    assert len(lines) == 10
    assert lines[4].split() == ["incomplete", "0", "0", "-", "范县"]
    (notice,) = json.loads(baosong("remind", "--json", "--config", records).out)["notices"]
    assert {one["standing"] for one in notice["reporters"]} == {"missing", "incomplete"}
    assert "濮阳县" not in {one["name"] for one in notice["reporters"]}


def test_nobody_is_reminded_before_all_mail_is_read(records: Path, baosong: Shell) -> None:
    servers = (
        '[mailbox]\nurl = "imap://b%40example.org@127.0.0.1:143/INBOX"\npassword = "p"\n'
        '[smtp]\nurl = "smtp://b%40example.org@127.0.0.1:25"\npassword = "p"\nsender = "b@example.org"\n'
    )
    records.write_text(records.read_text(encoding="utf-8") + servers, encoding="utf-8")
    ran = baosong("remind", "--send", "--config", records)
    assert ran.status == 1
    assert "nobody was reminded" in ran.err
