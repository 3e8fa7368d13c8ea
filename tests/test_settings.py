"""Settings: one file and the environment, loud about every wrong key, silent about every secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import SettingsError, load_settings

GOOD = """
[mailbox]
url = "imaps://77222415%40qq.com@imap.qq.com:993/INBOX"
password = "geheim"
[smtp]
url = "smtps://77222415%40qq.com@smtp.qq.com:465"
password = "geheim"
sender = "濮阳市教育信息中心 <77222415@qq.com>"
"""


@pytest.fixture
def write(tmp_path: Path):  # type: ignore[no-untyped-def]
    def _write(text: str) -> Path:
        file = tmp_path / "baosong.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return _write


def test_the_short_tables_stand_for_main(write) -> None:  # type: ignore[no-untyped-def]
    settings = load_settings(write(GOOD), {})
    server = settings.mailboxes["main"].endpoint
    assert (server.host, server.port, server.security, server.username) == (
        "imap.qq.com",
        993,
        "tls",
        "77222415@qq.com",
    )
    assert settings.smtp["main"].envelope == "77222415@qq.com"


@pytest.mark.parametrize(
    ("url", "security"),
    [
        ("imap://u%40x.cn@127.0.0.1:1143/INBOX", "plain"),
        ("imap://u%40x.cn@mail.example.cn/INBOX", "starttls"),
        ("imaps://u%40x.cn@127.0.0.1:1993/INBOX", "tls"),
    ],
)
def test_plain_only_on_loopback(write, url: str, security: str) -> None:  # type: ignore[no-untyped-def]
    settings = load_settings(write(f'[mailbox]\nurl = "{url}"\n'), {})
    assert settings.mailboxes["main"].endpoint.security == security


def test_environment_wins_over_the_file(write) -> None:  # type: ignore[no-untyped-def]
    environment = {
        "BAOSONG_MAILBOX__PASSWORD": "12345",
        "BAOSONG_WEB__PORT": "9000",
        "BAOSONG_STAFF__DIGEST_TO": '["a@example.cn"]',
        "BAOSONG_HOME": "another program's",
        "BAOSONG_CONFIG": "ignored here",
    }
    settings = load_settings(write(GOOD), environment)
    assert settings.mailboxes["main"].secret() == "12345"
    assert settings.web.port == 9000
    assert settings.staff.digest_to == ["a@example.cn"]


def test_secrets_from_files_relative_to_the_configuration(write, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "code").write_text("abcd efgh\n", encoding="utf-8")
    settings = load_settings(write(GOOD.replace('password = "geheim"', 'password_file = "code"')), {})
    assert settings.mailboxes["main"].secret() == "abcd efgh"
    assert settings.database_url == f"sqlite:///{tmp_path / 'data/baosong.db'}"


def test_a_password_from_the_environment_takes_the_place_of_the_shipped_password_file() -> None:
    example = Path(__file__).parents[1] / "config" / "baosong.example.toml"
    settings = load_settings(example, {"BAOSONG_MAILBOX__PASSWORD": "from-env"})
    assert settings.mailboxes["main"].secret() == "from-env"
    assert settings.smtp["main"].password_file is not None


def test_a_password_file_from_the_environment_goes_before_a_password_of_the_file(write, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "code").write_text("from-file", encoding="utf-8")
    settings = load_settings(write(GOOD), {"BAOSONG_MAILBOX__PASSWORD_FILE": "code"})
    assert settings.mailboxes["main"].secret() == "from-file"


def test_the_password_of_the_database_comes_as_the_others_do(write, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "code").write_text("from-file\n", encoding="utf-8")
    text = f'{GOOD}[storage]\ndatabase = "postgresql+psycopg://baosong@db/baosong"\npassword_file = "code"\n'
    assert load_settings(write(text), {}).storage.secret() == "from-file"
    given = {"BAOSONG_STORAGE__PASSWORD": "from-env"}
    assert load_settings(write(text), given).storage.secret() == "from-env"


LONG = GOOD.replace("[mailbox]", "[mailboxes.main]").replace("[smtp]", "[smtp.main]")


@pytest.mark.parametrize("text", [GOOD, LONG])
@pytest.mark.parametrize(("box", "smtp"), [("MAILBOX", "SMTP"), ("MAILBOXES__MAIN", "SMTP__MAIN")])
def test_short_and_long_names_mean_the_same_in_file_and_environment(write, text: str, box: str, smtp: str) -> None:  # type: ignore[no-untyped-def]
    environment = {f"BAOSONG_{box}__PASSWORD": "new", f"BAOSONG_{smtp}__PER_MINUTE": "3"}
    settings = load_settings(write(text), environment)
    assert (list(settings.mailboxes), settings.mailboxes["main"].secret()) == (["main"], "new")
    assert settings.mailboxes["main"].endpoint.host == "imap.qq.com"
    assert (list(settings.smtp), settings.smtp["main"].per_minute) == (["main"], 3)
    assert settings.smtp["main"].secret() == "geheim"


def test_a_second_account_stands_beside_the_short_one(write) -> None:  # type: ignore[no-untyped-def]
    second = LONG.replace("main", "second")
    settings = load_settings(write(GOOD + second), {"BAOSONG_SMTP__SECOND__PASSWORD": "other"})
    assert (list(settings.mailboxes), list(settings.smtp)) == (["main", "second"], ["main", "second"])
    assert [settings.smtp[name].secret() for name in settings.smtp] == ["geheim", "other"]


@pytest.mark.parametrize(
    ("text", "environment", "says"),
    [
        (GOOD + '[mailboxes.main]\npassword = "x"\n', {}, "[mailbox] is short for [mailboxes.main]"),
        (GOOD + '[smtp.main]\npassword = "x"\n', {}, "[smtp] is short for [smtp.main]"),
        (
            GOOD,
            {"BAOSONG_MAILBOX__PASSWORD": "x", "BAOSONG_MAILBOXES__MAIN__PASSWORD": "y"},
            "BAOSONG_MAILBOX__… stands for BAOSONG_MAILBOXES__MAIN__…",
        ),
        (GOOD, {"BAOSONG_WEB__PORT": "1", "BAOSONG_WEB__PORT__X": "1"}, "BAOSONG_WEB__PORT__X"),
    ],
)
def test_what_is_said_twice_is_an_error(write, text: str, environment: dict[str, str], says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SettingsError) as caught:
        load_settings(write(text), environment)
    assert len(caught.value.faults) == 1
    assert says in caught.value.faults[0]


def test_unknown_keys_are_errors_with_a_hint(write) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SettingsError) as caught:
        load_settings(write(GOOD + "[storage]\ndatabse = 'x'\n[notices]\nactiv = []\n"), {})
    assert caught.value.faults == [
        "storage.databse: unknown key; did you mean 'database'?",
        "notices.activ: unknown key; did you mean 'active'?",
    ]


@pytest.mark.parametrize(
    ("text", "environment", "says"),
    [
        (GOOD + '[staff]\ntimezone = "Asia/Shangai"\n', {}, "staff.timezone"),
        (GOOD + '[staff]\ntimezone = "Asia"\n', {}, "staff.timezone"),
        (GOOD + '[staff]\ndigest_to = ["濮阳"]\n', {}, "staff.digest_to.0"),
        (GOOD + '[dkim]\nnameserver = "999.0.0.1"\n', {}, "dkim.nameserver: must be an IPv4 address"),
        (GOOD + '[dkim]\nnameserver = "127.0.0.1:0"\n', {}, "dkim.nameserver: must be an IPv4 address"),
        (GOOD + '[dkim]\nnameserver = "dns.example.cn"\n', {}, "dkim.nameserver: must be an IPv4 address"),
        (GOOD + "[dkim]\nseconds = 0\n", {}, "dkim.seconds"),
        (GOOD, {"BAOSONG_SMTP__SENDER": "濮阳"}, "smtp.main.sender"),
        (GOOD, {"BAOSONG_SMTP__SENDER": "a@b.cn, c@d.cn"}, "smtp.main.sender"),
        (GOOD, {"BAOSONG_SMTP__SENDER": "濮阳, 中心 <a@b.cn>"}, "smtp.main.sender"),
        (GOOD, {"BAOSONG_SMTP__ENVELOPE_SENDER": "濮阳 <a@b.cn>"}, "smtp.main.envelope_sender"),
        (GOOD, {"BAOSONG_SMTP__URL": "smtps://bureau@example.cn"}, "envelope_sender is needed"),
        (
            GOOD,
            {"BAOSONG_MAILBOX__URL": "imaps://bureau:geheim/x@example.cn"},
            "mailboxes.main: url must look like imaps",
        ),
        (GOOD, {"BAOSONG_MAILBOX_PASSWORD": "x"}, "BAOSONG_MAILBOX_PASSWORD: unknown; table and key are parted by two"),
        (GOOD, {"BAOSONG_MAILBX__PASSWORD": "x"}, "mailbx: unknown key; did you mean 'mailbox'?"),
        ('base = "/"\n' + GOOD, {}, "base: unknown key"),
        ('mailbox = "geheim"\n', {"BAOSONG_MAILBOX__PASSWORD": "x"}, "mailboxes.main: must be a table"),
        ("mailboxes = [1]\n", {"BAOSONG_MAILBOX__PASSWORD": "x"}, "mailboxes: must be a table"),
        ("web = 8000\n", {"BAOSONG_WEB__PORT": "1"}, "web: must be a table"),
        ("mailboxes = [1]\n", {}, "mailboxes: "),
        (GOOD, {"BAOSONG_WEB_PORT": "9000"}, "BAOSONG_WEB_PORT: unknown"),
        (GOOD, {"BAOSONG_WEB_PORT": "9000"}, "BAOSONG_WEB_PORT: unknown"),
    ],
)
def test_what_cannot_be_meant_is_an_error(write, text: str, environment: dict[str, str], says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SettingsError) as caught:
        load_settings(write(text), environment)
    assert len(caught.value.faults) == 1
    assert says in caught.value.faults[0]
    assert "geheim" not in caught.value.faults[0]


def test_what_kubernetes_sets_for_our_own_services_is_no_error(write) -> None:  # type: ignore[no-untyped-def]
    links = {
        "SERVICE_HOST": "10.0.0.1",
        "SERVICE_PORT": "8000",
        "SERVICE_PORT_HTTP": "8000",
        "PORT": "tcp://10.0.0.1:8000",
    }
    links |= {f"PORT_8000_TCP{end}": "tcp://10.0.0.1:8000" for end in ("", "_PROTO", "_PORT", "_ADDR")}
    environment = {f"BAOSONG{name}_{key}": value for name in ("", "_WEB") for key, value in links.items()}
    assert load_settings(write(GOOD), environment) == load_settings(write(GOOD), {})


def test_no_fault_repeats_a_secret(write) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SettingsError) as caught:
        load_settings(write(GOOD + "[web]\nport = 'secret-value'\n"), {"BAOSONG_MAILBOX__PASSWORDD": "hush-hush"})
    assert "hush-hush" not in str(caught.value)
    assert "secret-value" not in str(caught.value)
    assert "geheim" not in repr(load_settings(write(GOOD), {}))


@pytest.mark.parametrize(("text", "size"), [('"60 MB"', 60 * 1024**2), ('"512KB"', 512 * 1024), ("1000", 1000)])
def test_sizes_may_carry_a_unit(write, text: str, size: int) -> None:  # type: ignore[no-untyped-def]
    assert load_settings(write(f"[limits]\nmessage_bytes = {text}\n"), {}).limits.message_bytes == size


def test_a_missing_file_says_what_writes_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="baosong init"):
        load_settings(tmp_path / "none.toml", {})


def test_the_example_that_init_writes_is_valid() -> None:
    example = Path(__file__).parents[1] / "config" / "baosong.example.toml"
    settings = load_settings(example, {})
    assert settings.notices.active == ["my-notice"], "init puts the ids of what it copies here"
