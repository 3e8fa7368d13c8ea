"""The units of systemd: what the worker cannot do without must stay in them, whatever else is shut."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from importlib.metadata import distribution
from pathlib import Path

import pytest
import yaml

from cli.main import _COMMANDS
from config.layers import of_environment
from config.settings import Settings

UNITS = Path(__file__).parents[1] / "deploy" / "systemd"


class Lines(dict[str, str]):
    """Keys that stand several times, as in units, are kept all."""

    def __setitem__(self, key: str, value: str) -> None:
        if key in self and isinstance(value, list):
            value = [*self[key], *value]  # type: ignore[assignment]
        super().__setitem__(key, value)


def unit(name: str) -> dict[str, list[str]]:
    parser = RawConfigParser(strict=False, dict_type=Lines, comment_prefixes=("#",), delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((UNITS / name).read_text(encoding="utf-8"))
    return {key: str(value).split("\n") for key, value in parser["Service"].items()}


def words(lines: list[str]) -> set[str]:
    return {word for line in lines for word in line.split()}


def test_the_signal_reaches_the_worker_alone_and_the_work_in_hand_is_finished() -> None:
    found = unit("baosong.service")
    assert (found["KillMode"], found["Restart"]) == (["mixed"], ["on-failure"])
    assert found["RestartPreventExitStatus"] == ["2"]
    assert found["TimeoutStopSec"] == ["10min"]


@pytest.mark.parametrize("name", ["baosong.service", "baosong-worker.service", "baosong-web.service"])
def test_a_reader_that_the_kernel_ends_does_not_end_the_service(name: str) -> None:
    """systemd's default is to stop a unit of which the kernel ended any process."""
    assert unit(name)["OOMPolicy"] == ["continue"]


def test_doctor_has_the_memory_of_the_service() -> None:
    assert unit("baosong-doctor.service")["MemoryMax"] == unit("baosong.service")["MemoryMax"]


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


RIGHTS = {
    "User": "baosong",
    "Group": "baosong",
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "RestrictSUIDSGID": "yes",
}
HARDENING = RIGHTS | {
    "ProtectSystem": "strict",
    "ReadWritePaths": "/srv/baosong/data",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "UMask": "0077",
    "LimitCORE": "0",
    "MemoryMax": "4G",
    "TasksMax": "128",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "RestrictRealtime": "yes",
    "RestrictNamespaces": "yes",
    "ProtectProc": "invisible",
    "ProtectClock": "yes",
    "ProtectHostname": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectControlGroups": "yes",
    "RemoveIPC": "yes",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
    "SystemCallArchitectures": "native",
}


@pytest.mark.parametrize(("name", "value"), HARDENING.items())
def test_the_service_may_do_no_more_than_it_needs(name: str, value: str) -> None:
    """Once and with no other line beside it, since a later one would widen or replace it."""
    assert unit("baosong.service")[name] == [value]


def test_calls_for_the_privileged_and_for_keyrings_are_refused() -> None:
    found = unit("baosong.service")
    assert found["SystemCallFilter"][:2] == ["@system-service", "~@privileged @keyring"]
    given_back = words(found["SystemCallFilter"][2:])
    assert given_back == {"seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "capset"}
    assert found["SystemCallErrorNumber"] == ["EPERM"]


@pytest.mark.parametrize("name", sorted(path.name for path in UNITS.glob("*.service")))
def test_no_unit_has_more_rights_than_the_worker(name: str) -> None:
    found = unit(name)
    assert {key: found.get(key) for key in RIGHTS} == {key: [value] for key, value in RIGHTS.items()}
    assert not {"SupplementaryGroups", "DynamicUser", "PermissionsStartOnly"} & found.keys()
    assert not [line for line in found["ExecStart"] if not line.startswith("/")], "a prefix that gives rights back"


def systemd() -> str:
    """`systemd-analyze`: in CI it is there (Makefile, DEBIAN)."""
    found = shutil.which("systemd-analyze")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("systemd-analyze is not installed")
    return found


@pytest.mark.parametrize("name", ["baosong.service", "baosong-worker.service", "baosong-doctor.service"])
def test_systemd_finds_nothing_wrong_with_a_unit(tmp_path: Path, name: str) -> None:
    """But that the program does not lie there on this machine, and has no such user."""
    text = (UNITS / name).read_text(encoding="utf-8").replace("/srv/baosong/.venv/bin/baosong", "/bin/true")
    (tmp_path / name).write_text(text, encoding="utf-8")
    ran = subprocess.run([systemd(), "verify", str(tmp_path / name)], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")


def test_the_unit_is_as_tight_as_it_was() -> None:
    command = [systemd(), "security", "--offline=true", "--threshold=20", str(UNITS / "baosong.service")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0, "an exposure above 2.0"


def allowed(lines: list[str]) -> set[str]:
    """The calls that the filters of a unit leave, after systemd's own list of each group (systemd.exec(5))."""
    left = {"execve"} | _calls("@default")
    for line in lines:
        names = {name for word in line.lstrip("~").split() for name in _calls(word)}
        left = left - names if line.startswith("~") else left | names
    return left


def _calls(word: str) -> set[str]:
    if not word.startswith("@"):
        return {word}
    told = subprocess.run([systemd(), "syscall-filter", "--no-pager", word], capture_output=True, text=True, check=True)
    words = [line.strip() for line in told.stdout.splitlines()[1:]]
    return {name for each in words if each and not each.startswith("#") for name in _calls(each)}


def test_behind_the_units_filter_of_system_calls_the_children_raise_their_walls_and_read() -> None:
    """The filter as systemd would make it, round a process that does what the worker does with a mail. What else the unit
    shuts (namespaces, families of sockets, memory that is written and run) is not raised here."""
    names = sorted(allowed(unit("baosong.service")["SystemCallFilter"]))
    assert "mount" not in names
    command = [sys.executable, "-m", "tests.unit_filter", *names]
    ran = subprocess.run(command, cwd=UNITS.parents[1], capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines() == ["gaps: ", "gaps: ", "a workbook and a page were read"], ran.stderr


def test_the_console_has_fewer_rights_than_the_worker_and_no_password_of_a_mailbox() -> None:
    found, worker = unit("baosong-web.service"), unit("baosong.service")
    assert found["ExecStart"] == ["/srv/baosong/.venv/bin/baosong web"]
    assert not {"LoadCredential", "Environment"} & set(found)
    for name in ("NoNewPrivileges", "CapabilityBoundingSet", "ProtectSystem", "ReadWritePaths", "UMask", "User"):
        assert found[name] == worker[name]
    # The mails that people open are read by children that wall themselves in as the worker's do.
    assert words(found["SystemCallFilter"]) == words(worker["SystemCallFilter"])
    assert found["RestartPreventExitStatus"] == ["2"]


def test_a_further_machine_has_the_workers_rights_and_no_password_of_a_mailbox() -> None:
    found, leader = unit("baosong-worker.service"), unit("baosong.service")
    own = {"ExecStart", "LoadCredential", "Environment"}
    assert {key: value for key, value in found.items() if key not in own} == {
        key: value for key, value in leader.items() if key not in own
    }
    assert found["ExecStart"] == ["/srv/baosong/.venv/bin/baosong worker --places 2"]
    layer = of_environment(
        dict(line.split("=", 1) for line in found["Environment"]), {"mailbox", *Settings.model_fields}
    )
    assert layer.faults == () and set(layer.data) == {"storage", "s3"}


DEBIANS_PYTHON = (3, 11, 2)
"""Of Debian 12, whose own Python the runbook installs with."""


def test_every_pinned_package_installs_on_debians_python() -> None:
    lock = (UNITS.parents[1] / "requirements.lock").read_text(encoding="utf-8")
    for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE):
        wanted = distribution(name).metadata["Requires-Python"] or ""
        least = [tuple(map(int, bound.split("."))) for bound in re.findall(r">=?\s*(\d[\d.]*\d)", wanted)]
        assert all(bound <= DEBIANS_PYTHON for bound in least), f"{name}: {wanted}"


COMPOSE = yaml.safe_load((UNITS.parent / "compose.yaml").read_text(encoding="utf-8"))
OURS = [name for name, service in COMPOSE["services"].items() if service["image"] == "baosong"]


@pytest.mark.parametrize("name", OURS)
def test_a_container_gives_a_command_with_settings_that_are_understood(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["command"][0] in _COMMANDS
    layer = of_environment(service["environment"], {"mailbox", *Settings.model_fields})
    assert layer.faults == ()
    files = {Path(path).name for path in service["environment"].values() if path.startswith("/run/secrets/")}
    assert files == set(service["secrets"]) <= set(COMPOSE["secrets"])
    assert service["cap_drop"] == ["ALL"] and service["read_only"] and service["stop_grace_period"] == "10m"


def test_debians_own_compose_takes_the_file() -> None:
    """Version 1.29, which knows no `name` at the top."""
    assert {key for key in COMPOSE if not key.startswith("x-")} == {"services", "volumes", "secrets"}


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_container_starts_again_with_its_machine(name: str) -> None:
    """`on-failure` does not."""
    assert COMPOSE["services"][name]["restart"] == "unless-stopped"


def test_the_console_answers_beyond_its_own_container() -> None:
    """A published port leads to an address of the container that is not its loopback."""
    assert COMPOSE["services"]["web"]["environment"]["BAOSONG_WEB__HOST"] == "0.0.0.0"


def test_the_image_has_what_the_program_needs_and_not_what_its_tests_do() -> None:
    lines = (UNITS.parent / "Dockerfile").read_text(encoding="utf-8")
    assert "--constraint requirements.lock ." in lines and "-r requirements.lock" not in lines


def test_only_who_leads_has_the_password_of_the_mailbox() -> None:
    assert [name for name in OURS if "imap-password" in COMPOSE["services"][name]["secrets"]] == ["lead"]
