"""`baosong form`: the blank form of a reporter, of all of them, and what is said of wrong input."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from notifier.blank_form import blank_form, blank_form_of_school
from tests.builders import NOTICE, reporter
from tests.shell import Shell

ROOT = Path(__file__).parents[1]
SENT_BACK = Path(__file__).parent / "resources" / "form"


@pytest.mark.parametrize("called", ["PYX", "pyx", "濮阳县", "濮阳市濮阳县教育局"])
def test_the_form_of_a_reporter_by_code_or_any_name(called: str, baosong: Shell, toml: Path, tmp_path: Path) -> None:
    out = tmp_path / "表.xlsx"
    ran = baosong("form", called, out, "--config", toml)
    assert (ran.status, ran.err) == (0, "")
    assert "濮阳县 (PYX)" in ran.out and str(out) in ran.out
    assert out.read_bytes() == blank_form(NOTICE, reporter())
    assert [file.name for file in tmp_path.iterdir() if file != toml] == ["表.xlsx"]


def test_it_needs_no_configuration_and_takes_another_notice(baosong: Shell, tmp_path: Path) -> None:
    shipped = ROOT / "config" / "notices" / "puyang-2020-51.yaml"
    other = tmp_path / "other.yaml"
    text = shipped.read_text(encoding="utf-8").replace("short: PY51 ", "short: PY52 ")
    other.write_text(text.replace("濮阳县", "甲县").replace("puyang-2020-51", "other"), encoding="utf-8")
    out = tmp_path / "甲县.xlsx"
    assert baosong("form", "甲县", out, "--notice", other).status == 0
    assert "甲县" in str(openpyxl.load_workbook(out).worksheets[0]["A1"].value)
    assert baosong("form", "濮阳县", tmp_path / "b.xlsx", "--notice", other).status == 2


def test_standard_output_is_the_workbook_and_nothing_else() -> None:
    script = "import sys; from cli.main import main; main(['form', 'FX', '-'])"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, cwd=ROOT)
    assert (ran.stdout, ran.stderr) == (blank_form(NOTICE, reporter("FX")), b"")


def test_an_existing_file_is_kept_unless_forced(baosong: Shell, toml: Path, tmp_path: Path) -> None:
    out = tmp_path / "表.xlsx"
    out.write_bytes(b"theirs")
    ran = baosong("form", "PYX", out, "--config", toml)
    assert ran.status == 1 and "exists already" in ran.err and out.read_bytes() == b"theirs"
    assert baosong("form", "PYX", out, "--force", "--config", toml).status == 0
    assert out.read_bytes() == blank_form(NOTICE, reporter())


def test_a_file_for_every_reporter(baosong: Shell, toml: Path, tmp_path: Path) -> None:
    folder = tmp_path / "空白表" / "51号"
    ran = baosong("form", "--all", folder, "--config", toml)
    assert (ran.status, ran.err) == (0, "")
    files = {file.name: file for file in folder.iterdir()}
    assert set(files) == {f"{each.code}-{each.name}.xlsx" for each in NOTICE.reporters} | {"SZ-市直.xlsx"}
    assert files["FX-范县.xlsx"].read_bytes() == blank_form(NOTICE, reporter("FX"))
    for file in list(files.values())[4:]:
        file.unlink()
    again = baosong("form", "--all", folder, "--config", toml)
    assert again.status == 1 and len(again.err.splitlines()) == 4 and len(list(folder.iterdir())) == 4
    assert baosong("form", "--all", folder, "--force", "--config", toml).status == 0


@pytest.mark.parametrize("called", ["市直", "sz"])
@pytest.mark.parametrize("school", ["", "濮阳市第九中学"])
def test_the_form_of_a_school_of_no_list(called: str, school: str, baosong: Shell, toml: Path, tmp_path: Path) -> None:
    out = tmp_path / "表.xlsx"
    ran = baosong("form", called, out, *(["--unit", school] if school else []), "--config", toml)
    assert (ran.status, ran.err) == (0, "")
    assert f"{school} (市直)" in ran.out if school else "市直, the school's name left blank" in ran.out
    assert out.read_bytes() == blank_form_of_school(NOTICE, school)
    sheet = openpyxl.load_workbook(out).worksheets[0]
    assert sheet["A1"].value == f"{school}学习类APP统计备案表"
    assert str(sheet["A2"].value).replace(" ", "") == f"填报单位：{school}（盖章）"
    assert "每一行都填“市直”。" in [each.prompt for each in sheet.data_validations.dataValidation]


def test_a_school_on_the_list_gets_its_own_form(baosong: Shell, tmp_path: Path) -> None:
    text = (ROOT / "config" / "notices" / "puyang-2020-51.yaml").read_text(encoding="utf-8")
    listing = "  schools: [{code: SZ01, name: 濮阳市第一高级中学, addresses: []}]\n"
    listed = tmp_path / "puyang-2020-51.yaml"
    listed.write_text(text.replace("  row_unit: 市直\n", f"  row_unit: 市直\n{listing}"), encoding="utf-8")
    out = tmp_path / "表.xlsx"
    ran = baosong("form", "市直", out, "--unit", "濮阳市第一高级中学", "--notice", listed)
    assert (ran.status, ran.err) == (0, "")
    assert "濮阳市第一高级中学 (SZ01)" in ran.out
    assert baosong("form", "--all", tmp_path / "all", "--notice", listed).status == 0
    assert not (tmp_path / "all" / "SZ-市直.xlsx").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["濮羊县", "a.xlsx"], "nearest: 濮阳县 (PYX)"),
        (["PYZ", "a.xlsx"], "nearest: 濮阳县 (PYX)"),
        (["§§", "a.xlsx"], "baosong form --all FOLDER"),
        (["濮阳市第九中学", "a.xlsx"], "baosong form 市直 OUT.xlsx --unit NAME"),
        (["PYX", "a.xlsx", "--unit", "濮阳市第九中学"], "--unit goes with 市直: PYX has a form of its own"),
        (["市直", "a.xlsx", "--unit", " "], "the school's name"),
        (["--all", "b", "--unit", "濮阳市第九中学"], "not with --all"),
        (["PYX", "f.txt"], "f.txt: the form is an Excel workbook; give a name that ends in .xlsx"),
        (["PYX", "xlsx"], "ends in .xlsx"),
        (["PYX"], "OUT.xlsx"),
        ([], "--all FOLDER"),
        (["PYX", "a.xlsx", "--all", "b"], "either"),
        (["PYX", "."], "directory"),
        (["PYX", "a.xlsx", "--notice", "nosuch"], "nosuch"),
    ],
)
def test_wrong_input_is_status_2_and_writes_nothing(
    arguments: list[str], told: str, baosong: Shell, toml: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = baosong("form", *arguments, "--config", toml)
    assert ran.status == 2 and told in ran.err
    assert list(tmp_path.iterdir()) == [toml]


def test_a_folder_that_is_not_there_is_named_and_leaves_nothing(baosong: Shell, toml: Path, tmp_path: Path) -> None:
    ran = baosong("form", "PYX", tmp_path / "nosuch" / "a.xlsx", "--config", toml)
    assert ran.status == 1 and "a.xlsx cannot be written" in ran.err and ".part" not in ran.err


def test_a_notice_without_reporters_has_no_forms(baosong: Shell, tmp_path: Path) -> None:
    text = (ROOT / "config" / "notices" / "puyang-2020-51.yaml").read_text(encoding="utf-8")
    start, end = text.index("reporters:\n"), text.index("# 市直学校（局属学校）")
    empty = tmp_path / "puyang-2020-51.yaml"
    empty.write_text(f"{text[:start]}reporters: []\n{text[end:]}", encoding="utf-8")
    ran = baosong("form", "--all", tmp_path / "forms", "--notice", empty)
    assert ran.status == 1 and "no reporters" in ran.err and not (tmp_path / "forms").exists()


def test_a_form_that_was_filled_in_printed_stamped_and_scanned_is_accepted(
    baosong: Shell, toml: Path, tmp_path: Path
) -> None:
    report = tmp_path / "报告.html"
    ran = baosong(
        "check", SENT_BACK / "filled.xlsx", SENT_BACK / "scan.pdf", "--received-at", "2020-02-27T15:40+08:00", "--json",
        "--report", report, "--config", toml,
    )  # fmt: skip
    assert (ran.status, ran.document["state"], ran.document["reporter"]["code"]) == (0, "accepted", "HLQ")
    assert ran.document["row_count"] == 15 and [each["text"] for each in ran.document["cover"]["seals"]] != []
    assert ran.document["cover"]["cells_matched"] == ran.document["cover"]["cells_compared"] > 100
    assert "表上二维码：PY51-HLQ" in report.read_text(encoding="utf-8")
