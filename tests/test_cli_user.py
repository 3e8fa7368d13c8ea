"""`baosong user` and `baosong web`, as an operator types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import load_settings
from ingest import users
from ingest.app import build
from ingest.users import Attempt, Denied, Opened
from storage.sessions import Lifetime
from tests.shell import Shell
from tests.stores import environment
from tests.test_console_security import MINUTE

PASSWORD = "violet kettle lantern"


def logs_in(toml: Path, name: str, password: str) -> bool:
    with build(load_settings(toml, environment(toml.parent))) as app:
        answer = users.log_in(
            app,
            Attempt(name=name, password=password, address="127.0.0.1"),
            Lifetime(idle=MINUTE, whole=MINUTE),
        )
    assert isinstance(answer, Opened | Denied)
    return isinstance(answer, Opened)


def test_there_is_no_account_at_first(baosong: Shell, toml: Path) -> None:
    assert baosong("user", "list", "--config", toml, "--json").document == {"accounts": []}


def test_an_account_is_made_by_a_password_of_a_file(baosong: Shell, toml: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n", encoding="utf-8")
    made = baosong(
        "user", "add", "zhang", "--role", "admin", "--name", "张敏", "--password-file", tmp_path / "password",
        "--config", toml,
    )  # fmt: skip
    assert (made.status, made.out, made.err) == (0, "", "added zhang (admin)\n")
    assert logs_in(toml, "zhang", PASSWORD)
    [account] = baosong("user", "list", "--config", toml, "--json").document["accounts"]
    assert (account["name"], account["shown"], account["role"], account["disabled"]) == (
        "zhang",
        "张敏",
        "admin",
        False,
    )
    assert account["last_login"]


def test_a_made_password_is_alone_on_stdout(baosong: Shell, toml: Path) -> None:
    made = baosong("user", "add", "zhang", "--role", "staff", "--generate", "--config", toml)
    assert logs_in(toml, "zhang", made.out.rstrip("\n"))
    new = baosong("user", "password", "zhang", "--generate", "--config", toml)
    assert new.out != made.out
    assert not logs_in(toml, "zhang", made.out.rstrip("\n"))
    assert logs_in(toml, "zhang", new.out.rstrip("\n"))


def test_a_disabled_account_logs_in_no_more_until_it_is_enabled(baosong: Shell, toml: Path) -> None:
    password = baosong("user", "add", "zhang", "--role", "staff", "--generate", "--config", toml).out.strip()
    assert baosong("user", "disable", "zhang", "--config", toml).status == 0
    assert not logs_in(toml, "zhang", password)
    assert "disabled" in baosong("user", "list", "--config", toml).out
    assert baosong("user", "enable", "zhang", "--config", toml).status == 0
    assert logs_in(toml, "zhang", password)


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("add", "zhang", "--role", "staff", "--password-file", "short"), 1, "12 characters at least"),
        (("add", "Zhang", "--role", "staff", "--generate"), 2, "2 to 40"),
        (("add", "zhang", "--role", "boss", "--generate"), 2, "admin"),
        (("add", "li", "--role", "staff", "--generate"), 1, "there is an account li already"),
        (("disable", "nobody"), 1, "there is no account nobody"),
        (("password", "nobody", "--generate"), 1, "there is no account nobody"),
    ],
)
def test_what_cannot_be_is_said(
    baosong: Shell, toml: Path, tmp_path: Path, arguments: tuple[str, ...], status: int, says: str
) -> None:
    (tmp_path / "short").write_text("short\n", encoding="utf-8")
    baosong("user", "add", "li", "--role", "staff", "--generate", "--config", toml)
    given = [str(tmp_path / each) if each == "short" else each for each in arguments]
    ran = baosong("user", *given, "--config", toml)
    assert ran.status == status
    assert says in ran.err


def test_the_console_is_not_served_in_the_clear_to_others(baosong: Shell, toml: Path) -> None:
    toml.write_text('[web]\nhost = "0.0.0.0"\n', encoding="utf-8")
    ran = baosong("web", "--config", toml)
    assert ran.status == 2
    assert "in the clear" in ran.err


@pytest.mark.parametrize(
    "url", ["http://baosong.example.cn", "https://", "https://a.cn/console", "https://u@a.cn", "a.cn"]
)
def test_the_url_is_https_and_nothing_but_an_origin(baosong: Shell, toml: Path, url: str) -> None:
    toml.write_text(f'[web]\nurl = "{url}"\n', encoding="utf-8")
    ran = baosong("web", "--config", toml)
    assert (ran.status, "https address without a path" in ran.err) == (2, True)
