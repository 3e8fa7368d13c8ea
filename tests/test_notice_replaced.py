"""A running collection is changed: deadline, column, rule, reporter. What would differ is told, and what was given stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from samples.examples import FOLDER, LABELS_FILE
from tests.shell import Shell
from tests.stores import toml

MAILS = [
    label["file"]
    for label in json.loads(LABELS_FILE.read_text(encoding="utf-8"))["mails"]
    if label["notice"] == "staff-roster"
]
SHIPPED = Path(__file__).parent.parent / "config/notices/staff-roster.yaml"
Change = Callable[[str], str]


@pytest.fixture
def running(tmp_path: Path, baosong: Shell) -> Iterator[Running]:
    yield Running(tmp_path, baosong)


class Running:
    """A bureau that has taken in three rosters: accepted, rejected, in review."""

    def __init__(self, folder: Path, baosong: Shell) -> None:
        self.folder, self.baosong = folder, baosong
        self.file = folder / "notices/staff-roster.yaml"
        self.file.parent.mkdir()
        self.file.write_text(SHIPPED.read_text(encoding="utf-8"), encoding="utf-8")
        self.config = folder / "baosong.toml"
        self.config.write_text(
            '[notices]\nactive = ["staff-roster"]\ndirectory = "notices"\n' + toml(folder), encoding="utf-8"
        )
        self.run("db", "upgrade")
        self.run("replay", *(str(FOLDER / name) for name in MAILS))
        self.before = self.standing()

    def run(self, *words: str) -> Any:
        return self.baosong(*words, "--config", str(self.config))

    def standing(self) -> dict[str, str]:
        told = json.loads(self.run("submissions", "--json").out)["submissions"]
        return {each["receipt"]: each["state"] for each in told}

    def change(self, change: Change) -> None:
        before = self.file.read_text(encoding="utf-8")
        after = change(before)
        assert after != before
        self.file.write_text(after, encoding="utf-8")
        assert self.run("notice", "check", str(self.file)).status == 0

    def effect(self) -> dict[str, tuple[str, set[str]]]:
        """Receipt → what it would be, and the codes that would be new."""
        told = json.loads(self.run("rejudge", "--dry-run", "--json").out)
        return {
            one["receipt"]: (one["machine_now"], {each["code"] for each in one["gained"]}) for one in told["different"]
        }


def replaced(old: str, new: str) -> Change:
    return lambda text: text.replace(old, new, 1)


_NEW_COLUMN = "    - {key: phone, name: 联系电话"
_RULE = "checks:\n  - {id: late_start, name: 参加工作, rows: 参加工作日期 ≥ 2012-01-01, severity: error}\n"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (replaced("deadline: 2026-10-31", "deadline: 2026-10-15"), "timing.late"),
        (replaced(_NEW_COLUMN, f"    - {{key: title, name: 职称}}\n{_NEW_COLUMN}"), "sheet.wrong_form"),
        (replaced("checks:\n", _RULE), "rule.late_start"),
        (
            replaced("  - {code: JX, name: 甲县, kind: county, addresses: [renshi-jx@example.cn]}\n", ""),
            "header.unit_unknown",
        ),
    ],
    ids=["deadline", "column", "rule", "reporter"],
)
def test_what_would_differ_is_told_and_what_stands_stands(running: Running, change: Change, code: str) -> None:
    assert running.effect() == {}
    [accepted] = [receipt for receipt, state in running.before.items() if state == "accepted"]
    running.change(change)
    assert code in running.effect()[accepted][1]
    assert running.standing() == running.before
    shown = json.loads(running.run("show", accepted, "--json").out)
    assert (shown["state"], shown["receipt"]) == ("accepted", accepted)
    assert json.loads(running.run("audit", "verify", "--json").out)["ok"]
