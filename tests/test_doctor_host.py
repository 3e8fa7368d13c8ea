"""What doctor sees on its own machine, and that every fault comes with its mend within a terminal's width."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click
import pytest

from cli.doctor import wrapped
from cli.doctor_host import look_at_alarms, look_at_disks, look_at_owners, look_at_worker
from cli.findings import Finding, guarded
from ingest import health
from ingest.errors import CertificateRefused, ConnectionLost, LoginRefused
from ingest.health import note_beat
from notifier.errors import LoginRefusal, ServerRefusal, SetupRefusal
from storage.database import Database
from tests.office import Office, office
from tests.shell import Shell
from tests.stores import url_of


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    """In a context of the command line, which names the configuration."""
    context = click.Context(click.Command("doctor"), obj={"config": tmp_path / "baosong.toml"})
    with office(tmp_path) as made, context:
        if made.app.database.file:
            made.app.database.file.chmod(0o600)  # a copy, which has not kept its mode
        made.run()
        yield made


@pytest.mark.sqlite
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_that_root_made_is_named(here: Office, tmp_path: Path) -> None:
    os.chown(tmp_path / "data" / "baosong.db", 65534, -1)
    found = look_at_owners(here.app)
    assert (found.ok, "the worker cannot write to it" in found.found) == (False, True)
    assert found.mend.startswith("chown -R root: ")


def test_a_full_disk_is_named(here: Office) -> None:
    assert look_at_disks(here.app).ok
    first = "database" if here.app.database.file else "archive"
    assert [disk.what for disk in health.disks(here.app)] == [first], "the archive lies on the same one"


def test_a_worker_is_seen_by_its_lock_and_its_sign_of_life(here: Office) -> None:
    assert (look_at_worker(here.app).ok, "none is at work" in look_at_worker(here.app).found) == (True, True)
    with here.app.database.sole_worker():
        assert (look_at_worker(here.app).ok, "yet" in look_at_worker(here.app).found) == (False, True)
        note_beat(here.app, here.now)
        assert look_at_worker(here.app).found == "at work"
        here.now += timedelta(minutes=4)
        silent = look_at_worker(here.app)
        assert (silent.ok, "no sign of life since 2020-02-27" in silent.found) == (False, True)


def test_asking_for_a_worker_makes_nothing_and_holds_nothing(tmp_path: Path) -> None:
    base = Database(url_of(tmp_path))
    assert not base.worker_holds()
    assert not (tmp_path / "data").exists()
    with base.sole_worker():
        assert base.worker_holds()
    assert not base.worker_holds()


def test_without_addresses_nobody_hears_an_alarm(here: Office) -> None:
    assert "digest_to" in look_at_alarms(here.app).mend
    staff = here.app.settings.staff.model_copy(update={"digest_to": ["a@example.cn"]})
    here.app.settings = here.app.settings.model_copy(update={"staff": staff})
    assert look_at_alarms(here.app).mend == ""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionLost("cannot reach"), "firewall"),
        (ServerRefusal(0, "cannot reach"), "firewall"),
        (CertificateRefused("no"), "certificate"),
        (SetupRefusal(0, "certificate of h refused"), "certificate"),
        (LoginRefused("no"), "授权码"),
        (LoginRefusal(535, "no"), "授权码"),
        (ServerRefusal(421, "busy"), "check [smtp] url"),
    ],
    ids=["imap-away", "smtp-away", "imap-tls", "smtp-tls", "imap-code", "smtp-code", "smtp-busy"],
)
def test_each_way_a_server_fails_has_its_own_mend(error: Exception, words: str) -> None:
    def check() -> Finding:
        raise error

    found = guarded("smtp", check)
    assert (found.ok, words in found.mend) == (False, True)


def test_an_upgrade_under_a_worker_of_another_version_is_refused(tmp_path: Path, baosong: Shell, toml: Path) -> None:
    base = Database(url_of(tmp_path))
    base.upgrade()
    with base.begin() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    with base.sole_worker():
        ran = baosong("doctor", "--json", "--config", toml)
    [found] = [one for one in ran.document["findings"] if one["what"] == "database"]
    assert (found["ok"], "finish the upgrade" in found["mend"]) == (False, True)
    assert base.revision() == "0001"
    base.close()


def test_lines_fit_a_terminal_and_stay_whole_for_a_pipe() -> None:
    text = "free: 72.5 GiB on the disk of the database, 72.5 GiB on the disk of the temporary files, and more of it"
    lines = wrapped(" disk           ", text, 80, before=4).splitlines()
    assert len(lines) == 2
    assert len(lines[0]) + 4 <= 80 >= len(lines[1])
    assert lines[1].startswith(" " * 20 + lines[1].strip()[0])
    assert wrapped(" disk  ", text, None) == " disk  " + text
