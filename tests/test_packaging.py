"""The units of systemd: what the worker cannot do without must stay in them, whatever else is shut."""

from __future__ import annotations

from configparser import RawConfigParser
from pathlib import Path

import pytest

from config.layers import of_environment
from config.settings import Settings

PACKAGING = Path(__file__).parents[1] / "packaging"


class Lines(dict[str, str]):
    """Keys that stand several times, as in units, are kept all."""

    def __setitem__(self, key: str, value: str) -> None:
        if key in self and isinstance(value, list):
            value = [*self[key], *value]  # type: ignore[assignment]
        super().__setitem__(key, value)


def unit(name: str) -> dict[str, list[str]]:
    parser = RawConfigParser(strict=False, dict_type=Lines, comment_prefixes=("#",), delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((PACKAGING / name).read_text(encoding="utf-8"))
    return {key: str(value).split("\n") for key, value in parser["Service"].items()}


def words(lines: list[str]) -> set[str]:
    return {word for line in lines for word in line.split()}


def test_the_signal_reaches_the_worker_alone_and_the_work_in_hand_is_finished() -> None:
    found = unit("baosong.service")
    assert (found["KillMode"], found["Restart"]) == (["mixed"], ["on-failure"])
    assert found["RestartPreventExitStatus"] == ["2"]
    assert found["TimeoutStopSec"] == ["10min"]


def test_systemd_watches_over_it() -> None:
    found = unit("baosong.service")
    assert (found["Type"], found["NotifyAccess"]) == (["notify"], ["main"])
    assert found["WatchdogSec"] == ["2min"]


def test_the_walls_of_the_children_can_be_raised() -> None:
    found = unit("baosong.service")
    assert found["NoNewPrivileges"] == ["yes"]
    assert {"seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"} <= words(
        found["SystemCallFilter"]
    )
    assert "AF_UNIX" in words(found["RestrictAddressFamilies"])
    assert "ProcSubset" not in found


@pytest.mark.parametrize("name", ["baosong.service", "baosong-doctor.service"])
def test_the_passwords_are_credentials_that_the_settings_understand(name: str) -> None:
    found = unit(name)
    given = dict(line.split("=", 1) for line in found["Environment"])
    layer = of_environment(given, {"mailbox", *Settings.model_fields})
    assert layer.faults == ()
    for table in (layer.data["mailboxes"]["main"], layer.data["smtp"]["main"]):
        assert table == {"password_file": "%d/imap-password"}
    assert found["LoadCredential"] == ["imap-password:/etc/baosong/imap-password"]
    assert found["ReadWritePaths"] == ["/srv/baosong/data"]


def test_the_console_has_fewer_rights_than_the_worker_and_no_password_of_a_mailbox() -> None:
    found, worker = unit("baosong-web.service"), unit("baosong.service")
    assert found["ExecStart"] == ["/srv/baosong/.venv/bin/baosong web"]
    assert not {"LoadCredential", "Environment"} & set(found)
    for name in ("NoNewPrivileges", "CapabilityBoundingSet", "ProtectSystem", "ReadWritePaths", "UMask", "User"):
        assert found[name] == worker[name]
    # The mails that people open are read by children that wall themselves in as the worker's do.
    assert words(found["SystemCallFilter"]) == words(worker["SystemCallFilter"])
    assert found["RestartPreventExitStatus"] == ["2"]
