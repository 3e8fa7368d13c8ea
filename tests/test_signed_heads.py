"""Daily signed heads: whoever has the public key can check them with openssl, and the audit finds what does not fit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from config.settings import SettingsError
from ingest import evidence, jobs
from storage import ledger, signing
from storage.errors import Mismatch, Unusable
from storage.papers import FolderPapers
from storage.signing import load_public_key, load_signing_key, make_key
from tests.office import Office, office
from tests.parts import scan, workbook
from tests.shell import Shell
from tests.storage_values import NOON, database

DAY = timedelta(days=1)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    make_key(tmp_path / "key.pem")
    return tmp_path / "key.pem"


def work(here: Office, days: int = 3, first: int = 0) -> None:
    for number in range(first, first + days):
        sheet = workbook({"app": f"app {number}"}, label=str(number))
        here.mail(f"m{number}", sheet, scan(sheet, label=f"scan {number}"))
        here.run(after=DAY)


@pytest.fixture
def signed(tmp_path: Path, key: Path, toml: Path) -> Path:
    """The configuration of a store with signed heads of several days."""
    with office(tmp_path, ledger={"signing_key": "key.pem"}) as here:
        work(here)
    toml.write_text('[ledger]\nsigning_key = "key.pem"\n', encoding="utf-8")
    return toml


def heads(folder: Path) -> list[Path]:
    return sorted((folder / "data" / "archive" / "heads").glob("*.json"))


def openssl_says(statement: Path, public: Path) -> bool:
    """The command that the runbook gives to auditors."""
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in", statement,
               "-sigfile", statement.with_suffix(".sig")]  # fmt: skip
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_each_day_has_one_signed_head_that_openssl_verifies(signed: Path, key: Path) -> None:
    [*statements] = heads(signed.parent)
    assert len(statements) == 3
    for statement in statements:
        assert openssl_says(statement, Path(f"{key}.pub"))
        facts = json.loads(statement.read_bytes())
        assert (facts["date"], len(facts["hash"])) == (statement.stem, 64)
    altered = statements[0]
    altered.write_bytes(altered.read_bytes().replace(b'"number":', b'"number":1'))
    assert not openssl_says(altered, Path(f"{key}.pub"))


def test_a_key_that_openssl_made_serves_as_well(tmp_path: Path) -> None:
    made = tmp_path / "made.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", made], check=True)
    made.chmod(0o600)
    with office(tmp_path, ledger={"signing_key": "made.pem"}) as here:
        work(here, 2)
        public = subprocess.run(["openssl", "pkey", "-in", made, "-pubout"], check=True, capture_output=True).stdout
        (tmp_path / "made.pub").write_bytes(public)
        assert evidence.verify(here.app, keys=[load_public_key(tmp_path / "made.pub")]).faults == ()
    assert all(openssl_says(statement, tmp_path / "made.pub") for statement in heads(tmp_path))


def test_the_audit_checks_them_with_the_configured_key_or_one_given(signed: Path, key: Path, baosong: Shell) -> None:
    ran = baosong("audit", "verify", "--config", signed)
    assert (ran.status, "note" in ran.err) == (0, False)
    assert baosong("audit", "verify", "--key", f"{key}.pub", "--config", signed).status == 0


def test_a_key_that_was_changed_is_a_note_and_where_one_is_demanded_a_fault(
    signed: Path, tmp_path: Path, baosong: Shell
) -> None:
    make_key(tmp_path / "other.pem")
    signed.write_text('[ledger]\nsigning_key = "other.pem"\n', encoding="utf-8")
    ran = baosong("audit", "verify", "--config", signed)
    assert (ran.status, "not checked" in ran.err) == (0, True)
    ran = baosong("audit", "verify", "--key", tmp_path / "other.pem.pub", "--config", signed)
    assert (ran.status, "a key that was not given" in ran.err) == (1, True)
    both = ["--key", tmp_path / "other.pem.pub", "--key", tmp_path / "key.pem.pub"]
    assert baosong("audit", "verify", *both, "--config", signed).status == 0


def flip(statement: Path) -> None:
    data = bytearray(statement.read_bytes())
    data[20] ^= 1
    statement.write_bytes(data)


def forge_signature(statement: Path) -> None:
    statement.with_suffix(".sig").write_bytes(b"x" * 64)


def lose_signature(statement: Path) -> None:
    statement.with_suffix(".sig").unlink()


def add_day(statement: Path) -> None:
    """Long ago: a fresh one may be of a signing that goes on."""
    added = statement.with_name("2001-01-01.json")
    shutil.copyfile(statement, added)
    os.utime(added, (10**9, 10**9))


@pytest.mark.parametrize("alter", [flip, forge_signature, lose_signature, add_day, Path.unlink])
def test_what_is_altered_removed_or_added_is_named(signed: Path, baosong: Shell, alter: Callable[[Path], None]) -> None:
    alter(heads(signed.parent)[1])
    ran = baosong("audit", "verify", "--json", "--config", signed)
    assert ran.status == 1
    assert all(fault["object"].startswith("signed:") for fault in ran.document["faults"])


def test_signed_heads_of_a_chain_that_was_made_anew_tell(signed: Path, baosong: Shell) -> None:
    base = database(signed.parent)
    with base.begin() as tx:
        tx.execute(text("UPDATE ledger_entries SET at = at + 1 WHERE number = 1"))
        tx.execute(text("UPDATE ledger_entries SET number = NULL, leaf = NULL"))
        tx.execute(text("DELETE FROM ledger_heads"))
        head = ledger.seal(tx)
    base.close()
    assert head
    ledger.write_head(FolderPapers(signed.parent / "data" / "archive"), head)
    ran = baosong("audit", "verify", "--config", signed)
    assert (ran.status, "speaks of a head that the ledger does not have" in ran.err) == (1, True)


def test_what_a_crash_broke_off_is_gone_on_with_and_what_is_not_ours_is_never_signed(tmp_path: Path, key: Path) -> None:
    base, folder, pair = database(tmp_path), tmp_path / "heads", load_signing_key(key)
    papers = FolderPapers(tmp_path)
    with base.begin() as tx:
        ledger.append(tx, "k", "s", {})
        ledger.seal(tx)
        assert signing.sign_head(tx, papers, pair, NOON.date(), NOON)
        ledger.seal(tx)
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}
    for lost in (".sig", ".json"):
        with base.begin() as tx:
            tx.execute(text("DELETE FROM ledger_entries WHERE kind = 'head.signed'"))
            for path in folder.glob(f"*{lost}"):
                path.unlink()
            assert signing.sign_head(tx, papers, pair, NOON.date(), NOON)
        if lost == ".sig":
            assert {path.name: path.read_bytes() for path in folder.iterdir()} == kept
    planted = folder / f"{(NOON + DAY).date()}.json"
    planted.write_bytes(next(iter(kept.values())))
    with base.begin() as tx, pytest.raises(Mismatch, match="move it away"):
        signing.sign_head(tx, papers, pair, (NOON + DAY).date(), NOON)


def test_a_planted_statement_stops_no_sealing(tmp_path: Path, key: Path) -> None:
    with office(tmp_path, ledger={"signing_key": "key.pem"}) as here:
        (tmp_path / "data" / "archive" / "heads").mkdir(parents=True)
        work(here, 1)
        day = (here.now + DAY).date().isoformat()
        (tmp_path / "data" / "archive" / "heads" / f"{day}.json").write_text("{}")
        work(here, 1, first=1)
        assert len(here.letters.taken) == 2
        jobs.seal(here.app)


def test_a_key_that_others_may_read_or_that_is_none_ends_the_start(tmp_path: Path, key: Path) -> None:
    key.chmod(0o640)
    with pytest.raises(Unusable, match="chmod 600"):
        load_signing_key(key)
    with office(tmp_path, ledger={"signing_key": "key.pem"}) as here, pytest.raises(SettingsError, match="chmod 600"):
        here.run()
    for wrong in (b"", b"-----BEGIN PRIVATE KEY-----\n", Path(f"{key}.pub").read_bytes()):
        key.write_bytes(wrong)
        key.chmod(0o600)
        with pytest.raises(Unusable, match="PEM"):
            load_signing_key(key)
    with pytest.raises(Unusable, match="audit key"):
        load_signing_key(tmp_path / "none.pem")


def test_the_command_makes_a_key_and_never_writes_over_one(tmp_path: Path, baosong: Shell) -> None:
    file = tmp_path / "k.pem"
    ran = baosong("audit", "key", file)
    assert (ran.status, file.stat().st_mode & 0o777) == (0, 0o600)
    assert load_signing_key(file).public.name in ran.out
    before = file.read_bytes()
    assert baosong("audit", "key", file).status == 1
    assert file.read_bytes() == before


@pytest.mark.sqlite
def test_signed_heads_are_backed_up_and_restored(signed: Path, tmp_path: Path, baosong: Shell) -> None:
    assert baosong("backup", tmp_path / "copies", "--config", signed).status == 0
    (tmp_path / "new").mkdir()
    shutil.copyfile(signed, tmp_path / "new" / "baosong.toml")
    shutil.copyfile(tmp_path / "key.pem", tmp_path / "new" / "key.pem")
    (tmp_path / "new" / "key.pem").chmod(0o600)
    ran = baosong("restore", tmp_path / "copies", "--config", tmp_path / "new" / "baosong.toml")
    assert ran.status == 0, ran.err
    assert [path.read_bytes() for path in heads(tmp_path / "new")] == [path.read_bytes() for path in heads(tmp_path)]
