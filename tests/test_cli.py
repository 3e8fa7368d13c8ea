"""The commands as an operator meets them: exit statuses, JSON of the contract, one clear line for what is wrong."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from domain.submission import State
from ingest.loopback import LoopbackMail
from tests.office import BUREAU, PASSWORD, office, raw_mail
from tests.parts import scan, workbook
from tests.shell import Ran, Shell

SAMPLES = Path(__file__).parents[1] / "samples" / "mails"
SUBMISSION = {
    "receipt", "nil_return", "notice", "reporter", "state", "late", "received_at", "message_ids", "from", "row_count",
    "files", "cover", "problems",
}  # fmt: skip
PROBLEM = {"code", "severity", "file", "sheet", "cell", "field", "value", "message", "advice"}
PASS = {"received", "accepted", "rejected", "incomplete", "review", "ignored", "replies_sent"}
COMMANDS = [
    "demo",
    "init",
    "doctor",
    "run",
    "check",
    "submissions",
    "show",
    "decide",
    "replay",
    "audit",
    "notice",
    "db",
]


def attachments(mail: str, folder: Path) -> list[Path]:
    """The files of a sample mail."""
    message = message_from_bytes((SAMPLES / mail).read_bytes(), policy=default)
    paths = []
    for part in message.walk():
        name = part.get_filename()
        if name:
            paths.append(folder / name)
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            paths[-1].write_bytes(data)
    return paths


def test_help_lists_every_command_and_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as end:\n    assert not end.code\n"
        "print('\\n'.join(sorted(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert all(command in done.stdout for command in COMMANDS)
    imported = set(done.stderr.splitlines())
    assert not imported & {"numpy", "cv2", "onnxruntime", "sqlalchemy", "openpyxl", "imapclient", "apscheduler"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(baosong: Shell, command: str) -> None:
    below = {"audit": ["verify"], "notice": ["check"], "db": ["upgrade"]}.get(command, [])
    ran = baosong(command, *below, "--help")
    assert ran.status == 0
    assert "Example: baosong" in ran.out
    assert "--config" in ran.out


@pytest.mark.parametrize("group", [[], ["audit"], ["notice"], ["db"]])
def test_groups_have_an_example_too_and_cut_no_line(baosong: Shell, group: list[str]) -> None:
    ran = baosong(*group, "--help")
    assert ran.status == 0
    assert "Example: baosong" in ran.out
    assert "..." not in ran.out.partition("Commands:")[2]


def test_the_demo_takes_no_folder_that_holds_a_store(baosong: Shell, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    ran = baosong("demo", "--once", "--dir", tmp_path)
    assert ran.status == 2
    assert str(tmp_path) in ran.err


def test_commands_that_read_no_cover_do_not_import_the_recogniser(toml: Path) -> None:
    script = (
        "import sys\nfrom cli.main import main\n"
        f"try:\n    main(['submissions', '--config', {str(toml)!r}])\nexcept SystemExit as end:\n    assert not end.code\n"
        "print('\\n'.join(sorted(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert not set(done.stdout.splitlines()) & {"cv2", "onnxruntime", "rapidocr"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "nonsense"),
        (["submissions", "--state", "good"], "--state"),
        (["submissions", "--since", "yesterday"], "2020-02-27T15:40:00+08:00"),
        (["submissions", "--since", "0001-01-01"], "between the years"),
        (["check", __file__, "--received-at", "9999-12-31T23:59"], "between the years"),
        (["replay", __file__, "--received-at", "1969-12-31"], "between the years"),
        (["check"], "SHEET"),
        (["check", "missing.xlsx"], "missing.xlsx"),
        (["replay", "missing.eml"], "missing.eml"),
        (["show"], "RECEIPT"),
        (["decide", "R", "perhaps", "--reason", "x"], "perhaps"),
        (["decide", "R", "accept"], "--reason"),
        (["decide", "R", "accept", "--reason", " "], "--reason"),
        (["run", "--json"], "--once"),
        (["run", "--once"], "[mailbox]"),
    ],
)
def test_wrong_usage_is_status_2_and_says_what(baosong: Shell, toml: Path, arguments: list[str], says: str) -> None:
    ran = baosong("--config", toml, *arguments)
    assert ran.status == 2
    assert says in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("before", [True, False])
def test_config_stands_before_or_after_the_command(baosong: Shell, toml: Path, before: bool) -> None:
    arguments = ["--config", toml, "submissions", "--json"] if before else ["submissions", "--json", "--config", toml]
    ran = baosong(*arguments)
    assert (ran.status, ran.document) == (0, {"submissions": []})
    assert (toml.parent / "data" / "baosong.db").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "baosong.toml"),
        ("[mailbx]\nurl = 1\n", "mailbx"),
        ('[notices]\nactive = ["nowhere"]\n', "nowhere"),
        ('[mailbox]\nurl = "http://x"\n', "imap"),
        ("not toml", "toml"),
        ('[storage]\ndatabase = ""\n', "storage.database"),
        ('[storage]\ndatabase = "nonsense"\n', "storage.database"),
        ('[storage]\ndatabase = ":memory:"\n', "storage.database"),
        ('[storage]\ndatabase = "sqlite:///:memory:"\n', "in memory"),
        ('[storage]\ndatabase = "postgresql+psycopg://u:secret@h/d"\n', "only sqlite:///FILE"),
        ('[storage]\ndatabase = "mysql://u:secret@h/d"\n', "only sqlite:///FILE"),
        ('[storage]\ndatabase = "sqlite:///x.db?mode=ro"\n', "after a ?"),
        ('[storage]\ndatabase = "sqlite:///file:y.db?mode=ro&uri=true"\n', "after a ?"),
    ],
)
def test_a_wrong_configuration_is_status_2_and_one_clear_line(
    baosong: Shell, tmp_path: Path, content: str | None, says: str
) -> None:
    file = tmp_path / "baosong.toml"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    ran = baosong("submissions", "--config", file)
    assert ran.status == 2
    assert says in ran.err
    assert "Traceback" not in ran.err
    assert len(ran.err.strip().splitlines()) <= 2
    assert "secret" not in ran.err
    assert not list(tmp_path.glob("*.db*"))


IMAP = '[mailbox]\nurl = "imaps://a%40example.cn@127.0.0.1:1"\n'
SMTP = '[smtp]\nurl = "smtps://a%40example.cn@127.0.0.1:1"\nsender = "a@example.cn"\n'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (IMAP + 'password_file = "code"\n' + SMTP + 'password = "x"\n', "mailboxes.main.password_file"),
        (IMAP + 'password = "x"\n' + SMTP + 'password_file = "code"\n', "smtp.main.password_file"),
        (IMAP + 'password_file = "empty"\n' + SMTP + 'password = "x"\n', "mailboxes.main.password_file: is empty"),
        (IMAP + SMTP + 'password = "x"\n', "mailboxes.main.password: is empty"),
        (IMAP + 'password = "x"\n' + SMTP, "smtp.main.password: is empty"),
        (IMAP + 'password = "x"\n', "[smtp]"),
        (SMTP + 'password = "x"\n', "[mailbox]"),
    ],
)
@pytest.mark.parametrize("once", [[], ["--once"]])
def test_run_does_not_start_without_what_a_log_in_needs(
    baosong: Shell, tmp_path: Path, content: str, says: str, once: list[str]
) -> None:
    """A worker that polls or sends nothing must not look as if it ran."""
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    file = tmp_path / "baosong.toml"
    file.write_text(content, encoding="utf-8")
    ran = baosong("run", *once, "--config", file)
    assert (ran.status, ran.out) == (2, "")
    assert says in ran.err
    assert len(ran.err.strip().splitlines()) == 1


@pytest.mark.parametrize("arguments", [["show"], ["decide", "--reason", "x", "--"]])
def test_an_unknown_receipt_is_status_1(baosong: Shell, toml: Path, arguments: list[str]) -> None:
    tail = ["accept"] if arguments[0] == "decide" else []
    ran = baosong("--config", toml, *arguments, "PY51-PYX-20200227-99", *tail)
    assert ran.status == 1
    assert "PY51-PYX-20200227-99" in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_a_database_that_cannot_be_opened_is_one_line(baosong: Shell, toml: Path) -> None:
    (toml.parent / "data").mkdir()
    (toml.parent / "data" / "baosong.db").write_bytes(b"no database" * 1000)
    ran = baosong("submissions", "--config", toml)
    assert ran.status == 1
    assert "database" in ran.err
    assert len(ran.err.strip().splitlines()) == 1


@pytest.mark.parametrize("where", ["afile/b.db", "afile/deep/b.db", "adir", "foreign.db"])
def test_a_database_that_is_in_the_wrong_place_is_named(baosong: Shell, toml: Path, where: str) -> None:
    folder = toml.parent
    (folder / "afile").write_text("x", encoding="utf-8")
    (folder / "adir").mkdir()
    with sqlite3.connect(folder / "foreign.db") as base:
        base.execute("CREATE TABLE mails (id INTEGER)")
    toml.write_text(f'[storage]\ndatabase = "sqlite:///{where}"\n', encoding="utf-8")
    ran = baosong("submissions", "--config", toml)
    assert ran.status == 1
    assert ran.err.startswith(f"baosong: database {folder / where}: ")
    assert "Errno" not in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert where != "foreign.db" or "another program's" in ran.err


def test_output_is_utf_8_whatever_the_locale(toml: Path, tmp_path: Path) -> None:
    [sheet] = attachments("10-workbook-alone.eml", tmp_path)
    script = "from cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "check", sheet, "--config", toml],
        env=os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "盖章" in done.stdout.decode()
    assert b"Traceback" not in done.stderr


def test_a_database_of_a_newer_version_is_one_line(baosong: Shell, toml: Path) -> None:
    baosong("db", "upgrade", "--config", toml)
    with sqlite3.connect(toml.parent / "data" / "baosong.db") as base:
        base.execute("UPDATE alembic_version SET version_num = '9999'")
    ran = baosong("submissions", "--config", toml)
    assert ran.status == 1
    assert "newer" in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_init_writes_what_the_other_commands_read(baosong: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert baosong("init", folder).status == 0
    toml, notice = folder / "baosong.toml", folder / "notices" / "puyang-2020-51.yaml"
    assert toml.stat().st_mode & 0o077 == 0
    assert baosong("notice", "check", notice).status == 0
    assert baosong("db", "upgrade", "--config", toml).status == 0
    assert baosong("db", "upgrade", "--config", toml).out.startswith("schema ")
    again = baosong("init", folder)
    assert again.status == 1
    assert "exists already" in again.err


def test_notice_check_names_line_and_key(baosong: Shell, tmp_path: Path) -> None:
    baosong("init", tmp_path)
    notice = tmp_path / "notices" / "puyang-2020-51.yaml"
    text = notice.read_text(encoding="utf-8")
    notice.write_text(text + "\nunheard_of: 1\n", encoding="utf-8")
    ran = baosong("notice", "check", notice)
    assert ran.status == 1
    assert "unheard_of" in ran.err
    assert str(text.count("\n") + 2) in ran.err
    listed = baosong("notice", "check", notice, "--json")
    assert (listed.status, listed.document["ok"]) == (1, False)
    assert baosong("notice", "check", tmp_path / "none.yaml").status in (1, 2)


def test_check_of_a_workbook_alone(baosong: Shell, toml: Path, tmp_path: Path) -> None:
    [sheet] = attachments("10-workbook-alone.eml", tmp_path)
    ran = baosong("check", sheet, "--received-at", "2020-02-27T15:40+08:00", "--json", "--config", toml)
    assert ran.status == 1
    assert set(ran.document) == SUBMISSION - {"receipt"} | {"rows"}
    assert ran.document["state"] == "incomplete"
    assert [one["code"] for one in ran.document["problems"]] == ["cover.missing"]
    assert set(ran.document["problems"][0]) == PROBLEM
    assert ran.document["row_count"] == len(ran.document["rows"]) > 0
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


@pytest.mark.parametrize(("since", "count"), [("2020-02-27T15:41", 0), ("2020-02-27T15:39", 1), ("2020-02-27", 1)])
def test_since_without_offset_is_of_the_zone_of_the_staff(baosong: Shell, toml: Path, since: str, count: int) -> None:
    with office(toml.parent) as here:
        here.mail("m1", workbook())
        here.run()
    ran = baosong("submissions", "--since", since, "--json", "--config", toml)
    assert len(ran.document["submissions"]) == count


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
    ran = baosong("check", sheet, cover, "--received-at", "2020-02-27T15:40+08:00", "--json", "--config", toml)
    assert (ran.status, ran.document["state"]) == (0, "accepted")
    assert set(ran.document["cover"]) == {"pages", "seals", "cells_compared", "cells_matched"}
    assert set(ran.document["cover"]["seals"][0]) == {"page", "text", "confidence", "diameter_mm", "box"}
    assert {file["kind"] for file in ran.document["files"]} == {"sheet", "cover"}


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


# A whole run over real servers, in a process of its own, as it is deployed.


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A finished `run --once` with its folder."""

    toml: Path
    first: Ran
    second: Ran
    letters: int


MAILS = ("05-locked-workbook", "07-wrong-form", "08-question", "10-workbook-alone", "22-complaint", "25-newsletter")


def command(*arguments: object) -> Ran:
    script = "from cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
    )
    return Ran(status=done.returncode, out=done.stdout, err=done.stderr)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("deployed")
    with LoopbackMail(letters_dir=folder / "letters", username=BUREAU, password=PASSWORD) as provider:
        listing = json.loads((SAMPLES.parent / "expected.json").read_text(encoding="utf-8"))["mails"]
        for entry in listing:
            if entry["file"].removesuffix(".eml") in MAILS:
                at = datetime.fromisoformat(entry["received_at"])
                provider.append((SAMPLES / entry["file"]).read_bytes(), received_at=at)
        toml = folder / "baosong.toml"
        toml.write_text(
            f'[mailbox]\nurl = "{provider.imap_url}"\npassword = "{PASSWORD}"\nlogin_seconds = 0\n'
            f'[smtp]\nurl = "{provider.smtp_url}"\npassword = "{PASSWORD}"\nper_minute = 6000\n'
            f'sender = "濮阳市教育信息中心 <{BUREAU}>"\n',
            encoding="utf-8",
        )
        first, second = (command("run", "--once", "--json", "--config", toml) for _ in range(2))
        yield Deployed(toml=toml, first=first, second=second, letters=len(provider.letters))


def test_run_once_tells_what_it_did(deployed: Deployed) -> None:
    assert (deployed.first.status, set(deployed.first.document)) == (0, PASS)
    # The workbook alone is long past its grace time, so the same pass says so.
    assert deployed.first.document | {"incomplete": 0} == {
        "received": 6, "accepted": 0, "rejected": 3, "incomplete": 0, "review": 0, "ignored": 3,
        "replies_sent": deployed.letters,
    }  # fmt: skip


def test_a_second_run_does_nothing(deployed: Deployed) -> None:
    assert (deployed.second.status, deployed.second.document) == (0, dict.fromkeys(PASS, 0))


def test_logs_name_nobody(deployed: Deployed) -> None:
    """Nothing of the mails' headers, cells or files stands in the log; stdout holds the one document only."""
    assert "mail_settled" in deployed.first.err
    secrets = set()
    for name in MAILS:
        message = message_from_bytes((SAMPLES / f"{name}.eml").read_bytes(), policy=default)
        secrets |= {str(message["Subject"]), message["From"].addresses[0].addr_spec, str(message["Message-ID"])}
        secrets |= {message["From"].addresses[0].display_name} - {""}
        secrets |= {part.get_filename() for part in message.walk() if part.get_filename()}
    rows = command("check", *_sheet_of(deployed), "--json", "--config", deployed.toml).document["rows"]
    secrets |= {row["cells"][key]["text"] for row in rows for key in ("school", "contact", "phone", "operator")}
    assert len(secrets) > 20
    log = deployed.first.err + deployed.second.err
    assert [secret for secret in secrets if len(secret) > 1 and secret in log] == []


def _sheet_of(deployed: Deployed) -> list[Path]:
    return attachments("10-workbook-alone.eml", deployed.toml.parent)


def test_submissions_and_show_speak_the_json_of_the_contract(deployed: Deployed, baosong: Shell) -> None:
    listed = baosong("submissions", "--json", "--config", deployed.toml).document["submissions"]
    assert len(listed) == 3
    assert all(set(one) == SUBMISSION for one in listed)
    receipt = next(one["receipt"] for one in listed if one["row_count"])
    shown = baosong("show", receipt, "--json", "--config", deployed.toml).document
    assert set(shown) == SUBMISSION | {"rows", "history"}
    assert [entry["state"] for entry in shown["history"]] == ["incomplete", "rejected"]
    assert shown["late"] is False
    plain = baosong("show", receipt, "--config", deployed.toml)
    assert plain.status == 0
    assert receipt in plain.out
    assert baosong("submissions", "--config", deployed.toml).out.count("\n") == 1 + 3
    for state in State:
        found = baosong("submissions", "--state", state, "--json", "--config", deployed.toml).document["submissions"]
        assert all(one["state"] == state for one in found)
    since = ["--since", "2030-01-01T00:00+08:00"]
    assert baosong("submissions", *since, "--json", "--config", deployed.toml).document == {"submissions": []}


def test_audit_verify_recomputes_and_names_what_was_altered(deployed: Deployed, baosong: Shell) -> None:
    good = baosong("audit", "verify", "--json", "--config", deployed.toml)
    assert (good.status, good.document["ok"], good.document["faults"]) == (0, True, [])
    assert good.document["checked"] > 20
    blob = next(path for path in sorted((deployed.toml.parent / "data" / "archive").rglob("*")) if len(path.name) == 64)
    kept = blob.read_bytes()
    blob.chmod(0o600)
    blob.write_bytes(b"x" * len(kept))
    try:
        bad = baosong("audit", "verify", "--json", "--config", deployed.toml)
    finally:
        blob.write_bytes(kept)
    assert (bad.status, bad.document["ok"]) == (1, False)
    assert blob.name in bad.document["faults"][0]["object"]


def test_decide_and_replay(deployed: Deployed, baosong: Shell) -> None:
    listed = baosong("submissions", "--json", "--config", deployed.toml).document["submissions"]
    receipt = next(one["receipt"] for one in listed if one["row_count"])
    ran = baosong("decide", receipt, "accept", "--reason", "原件已核对", "--json", "--config", deployed.toml)
    assert (ran.status, ran.document["state"], ran.document["receipt"]) == (0, "accepted", receipt)
    known = baosong("replay", SAMPLES / "10-workbook-alone.eml", "--config", deployed.toml)
    assert (known.status, known.out.split()[0]) == (0, "known")
    assert f"accepted {receipt}" in known.out
    [scan_] = [path for path in attachments("17-no-seal.eml", deployed.toml.parent) if path.suffix == ".pdf"]
    refused = baosong("replay", scan_, "--config", deployed.toml)
    assert (refused.status, refused.out.split()[0]) == (1, "refused")
    assert f"{scan_}: no mail" in refused.err
    new = baosong("replay", SAMPLES / "06-damaged-workbook.eml", "--json", "--config", deployed.toml)
    assert (new.status, set(new.document)) == (0, PASS | {"mails"})
    assert (new.document["received"], new.document["rejected"]) == (1, 1)
    [told] = new.document["mails"]
    assert (told["outcome"], told["disposition"]) == ("new", "submission")
    assert [one["state"] for one in told["submissions"]] == ["rejected"]


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


def test_doctor_names_what_to_mend(deployed: Deployed, baosong: Shell, tmp_path: Path) -> None:
    good = baosong("doctor", "--json", "--config", deployed.toml)
    assert (good.status, good.document["ok"]) == (0, True)
    told = {one["what"]: one["found"] for one in good.document["findings"]}
    assert "已处理" in told["folders"] and "待人工" in told["folders"]
    assert told["sent mail"] == "main: Sent Messages keeps our letters"
    assert "a workbook and a page were read" in {one["found"] for one in good.document["findings"]}
    wrong = tmp_path / "baosong.toml"
    wrong.write_text(deployed.toml.read_text(encoding="utf-8").replace(PASSWORD, "wrong"), encoding="utf-8")
    bad = baosong("doctor", "--json", "--config", wrong)
    assert bad.status == 1
    assert {one["what"] for one in bad.document["findings"] if not one["ok"]} == {"mailbox", "smtp"}
    assert all(one["mend"] for one in bad.document["findings"] if not one["ok"])


def test_doctor_right_after_init_looks_at_everything(baosong: Shell, tmp_path: Path) -> None:
    """No password file is there yet: that is a finding beside the others, not the end of the report."""
    baosong("init", tmp_path)
    with (tmp_path / "baosong.toml").open("a", encoding="utf-8") as file:
        file.write('[clamav]\nsocket = "/run/clamd"\n')
    ran = baosong("doctor", "--json", "--config", tmp_path / "baosong.toml")
    assert ran.status == 1
    findings = {one["what"]: one for one in ran.document["findings"]}
    assert set(findings) == {
        "configuration", "notices", "database", "archive", "sandbox", "models", "reading", "mailbox", "smtp",
    }  # fmt: skip
    assert "clamav.socket" in findings["configuration"]["found"]
    assert findings["configuration"]["mend"]
    assert {what for what, one in findings.items() if not one["ok"]} - {"archive"} == {"mailbox", "smtp"}
    for one in (findings["mailbox"], findings["smtp"]):
        assert "imap-password: No such file" in one["found"]
        assert one["mend"] == "put the authorization code into it"


def test_a_mailbox_that_refuses_is_status_1_and_named(baosong: Shell, deployed: Deployed, tmp_path: Path) -> None:
    wrong = tmp_path / "baosong.toml"
    wrong.write_text(deployed.toml.read_text(encoding="utf-8").replace(PASSWORD, "wrong"), encoding="utf-8")
    ran = baosong("run", "--once", "--json", "--config", wrong)
    assert (ran.status, ran.document["received"]) == (1, 0)
    assert "main" in ran.err


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
