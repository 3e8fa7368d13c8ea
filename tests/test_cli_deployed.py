"""The commands over real servers, in a process of their own, as they are deployed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from domain.submission import State
from ingest.loopback import LoopbackMail
from tests import stores
from tests.office import BUREAU, PASSWORD
from tests.shell import SAMPLES, SUBMISSION, Ran, Shell, attachments

PASS = {"received", "accepted", "rejected", "incomplete", "review", "ignored", "replies_sent"}
MAILS = ("05-locked-workbook", "07-wrong-form", "08-question", "10-workbook-alone", "22-complaint", "25-newsletter")


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A finished `run --once` with its folder."""

    toml: Path
    first: Ran
    second: Ran
    letters: int


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
            f'sender = "濮阳市教育信息中心 <{BUREAU}>"\n{stores.toml(folder)}',
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


def test_logs_name_nobody(deployed: Deployed, baosong: Shell) -> None:
    """Nothing of the mails' headers, cells or files stands in the log; stdout holds the one document only."""
    assert "mail_settled" in deployed.first.err
    secrets = set()
    for name in MAILS:
        message = message_from_bytes((SAMPLES / f"{name}.eml").read_bytes(), policy=default)
        secrets |= {str(message["Subject"]), message["From"].addresses[0].addr_spec, str(message["Message-ID"])}
        secrets |= {message["From"].addresses[0].display_name} - {""}
        secrets |= {part.get_filename() for part in message.walk() if part.get_filename()}
    for one in baosong("submissions", "--json", "--config", deployed.toml).document["submissions"]:
        rows = baosong("show", one["receipt"], "--json", "--config", deployed.toml).document["rows"]
        secrets |= {row["cells"][key]["text"] for row in rows for key in ("school", "contact", "phone", "operator")}
    assert len(secrets) > 20
    log = deployed.first.err + deployed.second.err
    assert [secret for secret in secrets if len(secret) > 1 and secret in log] == []


def test_submissions_and_show_speak_the_json_of_the_contract(deployed: Deployed, baosong: Shell) -> None:
    listed = baosong("submissions", "--json", "--config", deployed.toml).document["submissions"]
    assert len(listed) == 3
    assert all(set(one) == SUBMISSION for one in listed)
    receipt = next(one["receipt"] for one in listed if one["row_count"])
    shown = baosong("show", receipt, "--json", "--config", deployed.toml).document
    assert set(shown) == SUBMISSION | {"rows", "history", "evidence"}
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


def wrongly(deployed: Deployed, folder: Path) -> Path:
    """A store of its own with a wrong password."""
    made = folder / "baosong.toml"
    there = deployed.toml.read_text(encoding="utf-8").replace(PASSWORD, "wrong")
    made.write_text(there.replace(stores.url_of(deployed.toml.parent), stores.url_of(folder)), encoding="utf-8")
    return made


def test_doctor_names_what_to_mend(deployed: Deployed, baosong: Shell, tmp_path: Path) -> None:
    good = baosong("doctor", "--json", "--config", deployed.toml)
    assert (good.status, good.document["ok"]) == (0, True)
    told = {one["what"]: one["found"] for one in good.document["findings"]}
    assert "已处理" in told["folders"] and "待人工" in told["folders"]
    assert told["sent mail"] == "main: Sent Messages keeps our letters"
    assert "a workbook and a page were read" in {one["found"] for one in good.document["findings"]}
    wrong = wrongly(deployed, tmp_path)
    bad = baosong("doctor", "--json", "--config", wrong)
    assert bad.status == 1
    assert {one["what"] for one in bad.document["findings"] if not one["ok"]} == {"mailbox", "smtp"}
    assert all(one["mend"] for one in bad.document["findings"] if not one["ok"])


def test_a_mailbox_that_refuses_is_status_1_and_named(baosong: Shell, deployed: Deployed, tmp_path: Path) -> None:
    wrong = wrongly(deployed, tmp_path)
    ran = baosong("run", "--once", "--json", "--config", wrong)
    assert (ran.status, ran.document["received"]) == (1, 0)
    assert "main" in ran.err
