"""The command line itself: help, wrong usage, configurations and databases that cannot be used, what `init` writes."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import load_settings
from tests.shell import Shell, attachments
from tests.stores import POSTGRESQL, by_hand

COMMANDS = [
    "demo",
    "init",
    "doctor",
    "run",
    "check",
    "submissions",
    "show",
    "decide",
    "form",
    "replay",
    "audit",
    "notice",
    "db",
]
IMAP = '[mailbox]\nurl = "imaps://a%40example.cn@127.0.0.1:1"\n'
SMTP = '[smtp]\nurl = "smtps://a%40example.cn@127.0.0.1:1"\nsender = "a@example.cn"\n'


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
    assert POSTGRESQL or (toml.parent / "data" / "baosong.db").exists()


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
        ('[storage]\ndatabase = "postgresql://u:secret@h/d"\n', "postgresql+psycopg://"),
        ('[storage]\ndatabase = "postgresql+psycopg://u@h/d?password=secret"\n', "password_file"),
        ('[storage]\ndatabase = "mysql://u:secret@h/d"\n', "sqlite:///FILE"),
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


@pytest.mark.sqlite
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
    with by_hand(toml.parent) as base:
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
    assert load_settings(toml, {}).notices.active == ["puyang-2020-51"]
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


def test_doctor_right_after_init_looks_at_everything(baosong: Shell, tmp_path: Path) -> None:
    """No password file is there yet: that is a finding beside the others, not the end of the report."""
    baosong("init", tmp_path)
    toml = tmp_path / "baosong.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(f'{text}[clamav]\nsocket = "/nonexistent/clamd.ctl"\n', encoding="utf-8")
    ran = baosong("doctor", "--json", "--config", tmp_path / "baosong.toml")
    assert ran.status == 1
    findings = {one["what"]: one for one in ran.document["findings"]}
    assert set(findings) == {
        "configuration", "notices", "database", "archive", "signing", "register", "blacklist", "disk", "memory", "owners", "files",
        "worker", "alarms", "sandbox", "unpacking", "models", "reading", "clamav", "mailbox", "smtp",
    }  # fmt: skip
    assert findings["configuration"]["found"] == str(toml)
    assert {what for what, one in findings.items() if not one["ok"]} - {"disk"} == {"clamav", "mailbox", "smtp"}
    assert "/nonexistent/clamd.ctl: No such file" in findings["clamav"]["found"]
    assert "clamav-daemon" in findings["clamav"]["mend"]
    for one in (findings["mailbox"], findings["smtp"]):
        assert "imap-password: No such file" in one["found"]
        assert one["mend"] == "put the authorization code into it"
