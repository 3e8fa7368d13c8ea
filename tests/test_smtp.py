"""Sending: bytes come true, and each way of failing is told apart."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.loopback import LoopbackMail
from notifier.errors import (
    LoginRefusal,
    OutcomeUnknown,
    PermanentRefusal,
    SendError,
    ServerRefusal,
    SetupRefusal,
    TemporaryRefusal,
)
from notifier.smtp import SmtpSender, SmtpSettings
from tests.servers.certificate import Certificate, self_signed
from tests.servers.smtp_fake import PASSWORD, USERNAME, FakeNetEaseSmtp, FakeQQSmtp, FakeRefusing, FakeSmtp

LETTER = b"Subject: a\r\n\r\nhello\r\n"


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def access(port: int, **changes: object) -> SmtpSettings:
    plain = SmtpSettings(
        host="127.0.0.1",
        port=port,
        security="plain",
        username=USERNAME,
        password=PASSWORD,
        per_minute=None,
        sender=f"Bureau <{USERNAME}>",
        envelope_sender=USERNAME,
        timeout=5.0,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


@contextmanager
def sender(port: int, **changes: object) -> Iterator[SmtpSender]:
    with SmtpSender(access(port, **changes)) as open_sender:
        yield open_sender


def test_a_letter_goes_with_its_envelope_after_log_in() -> None:
    with FakeSmtp() as server, sender(server.port) as out:
        out.send(LETTER, "clerk@example.org")
        [taken] = server.taken
        assert (taken.sender, taken.recipient, taken.data) == (USERNAME, "clerk@example.org", LETTER)
        assert len(server.heard("AUTH")) == 1


@pytest.mark.parametrize(
    ("extensions", "password", "log_ins"),
    [(("AUTH PLAIN",), PASSWORD, 1), (("AUTH PLAIN",), "", 0), ((), PASSWORD, 0)],
)
def test_log_in_only_with_a_password_and_where_it_is_offered(
    extensions: tuple[str, ...], password: str, log_ins: int
) -> None:
    class Server(FakeSmtp):
        pass

    Server.extensions = extensions
    with Server() as server, sender(server.port, password=password) as out:
        out.send(LETTER, "clerk@example.org")
        assert len(server.taken) == 1
        assert len(server.heard("AUTH")) == log_ins


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.lists(st.sampled_from([b".", b"..", b"a", b"\r\n", b"\xe4\xb8\xad", b" ", b".\r\n"])).map(b"".join))
def test_any_letter_arrives_as_it_was(smtp_server: FakeSmtp, body: bytes) -> None:
    raw = b"Subject: a\r\n\r\n" + body + b"\r\n"
    with sender(smtp_server.port) as out:
        out.send(raw, "clerk@example.org")
    assert smtp_server.taken[-1].data == raw


@pytest.fixture(scope="module")
def smtp_server() -> Iterator[FakeSmtp]:
    with FakeSmtp() as server:
        yield server


def test_a_real_server_takes_the_same_bytes(tmp_path: Path) -> None:
    raw = b"Subject: a\r\n\r\n.\r\n..b\r\n" + b"x" * 900 + "\r\n中文".encode() + b"\r\n"
    with LoopbackMail(letters_dir=tmp_path, password=PASSWORD, username=USERNAME) as mail:
        mail.add_account("clerk@example.org", "x")
        with sender(mail.smtp_port) as out:
            out.send(raw, "clerk@example.org")
        assert [(letter.sender, letter.recipients, letter.raw) for letter in mail.letters] == [
            (USERNAME, ("clerk@example.org",), raw)
        ]


def test_bare_newlines_become_crlf() -> None:
    with FakeSmtp() as server, sender(server.port) as out:
        out.send(b"Subject: a\n\nb\rc", "clerk@example.org")
        assert server.taken[0].data == b"Subject: a\r\n\r\nb\r\nc\r\n"


def test_one_connection_serves_a_batch_and_is_closed_after() -> None:
    with FakeSmtp() as server:
        with sender(server.port) as out:
            for _ in range(3):
                out.send(LETTER, "clerk@example.org")
            assert (server.connections, len(server.taken)) == (1, 3)
        assert len(server.heard("QUIT")) == 1


def test_letters_are_paced_over_batches() -> None:
    time = Time()
    with FakeSmtp() as server:
        out = SmtpSender(access(server.port, per_minute=6.0), clock=time, sleep=time.sleep)
        out.send(LETTER, "clerk@example.org")
        out.send(LETTER, "clerk@example.org")
        out.close()
        time.now += 4.0
        out.send(LETTER, "clerk@example.org")
        out.close()
    assert time.slept == [pytest.approx(10.0), pytest.approx(6.0)]


REFUSALS = [
    ({"rcpt": b"550 no such user"}, PermanentRefusal, 550),
    ({"rcpt": b"450 mailbox busy"}, TemporaryRefusal, 450),
    ({"rcpt": b"550 Connection frequency limited"}, ServerRefusal, 550),
    ({"rcpt": "550 发信频率过高".encode("gb18030")}, ServerRefusal, 550),
    ({"rcpt": b"421 shutting down"}, ServerRefusal, 421),
    ({"auth": b"454 Temporary authentication failure"}, LoginRefusal, 454),
    ({"data": b"451 later"}, TemporaryRefusal, 451),
    ({"dot": b"554 DT:SPM"}, PermanentRefusal, 554),
    ({"dot": b"452 full"}, TemporaryRefusal, 452),
    ({"mail": b"451 later"}, ServerRefusal, 451),
    ({"mail": b"550 Ip frequency limited"}, ServerRefusal, 550),
    ({"mail": b"553 not yours"}, SetupRefusal, 553),
    ({"connect": b"421 too many connections"}, ServerRefusal, 421),
    ({"connect": b"554 go away"}, ServerRefusal, 554),
    ({"auth": b"535 Login Fail"}, LoginRefusal, 535),
    ({"connect": b""}, ServerRefusal, 0),
    ({"mail": b""}, ServerRefusal, 0),
    ({"rcpt": b""}, ServerRefusal, 0),
    ({"data": b""}, ServerRefusal, 0),
    ({"dot": b""}, OutcomeUnknown, 0),
    ({"dot": b"gibberish"}, OutcomeUnknown, 0),
]


@pytest.mark.parametrize(("replies", "kind", "code"), REFUSALS, ids=[str(row[0]) for row in REFUSALS])
def test_each_way_of_failing(replies: dict[str, bytes], kind: type[SendError], code: int) -> None:
    with FakeRefusing(replies) as server, sender(server.port) as out:
        with pytest.raises(SendError) as caught:
            out.send(LETTER, "clerk@example.org")
        assert (type(caught.value), caught.value.code) == (kind, code)
        assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("replies", [row[0] for row in REFUSALS], ids=[str(row[0]) for row in REFUSALS])
def test_after_a_failure_the_next_letter_goes(replies: dict[str, bytes]) -> None:
    with FakeRefusing(replies, times=1) as server, sender(server.port) as out:
        # The log-in is tried by two mechanisms: one refusal of it is no failure.
        if "auth" not in replies:
            with pytest.raises(SendError):
                out.send(LETTER, "clerk@example.org")
        out.send(LETTER, "next@example.org")
        assert server.taken[-1].recipient == "next@example.org"


@pytest.mark.parametrize("envelope_sender", ["", "other@example.org"])
@pytest.mark.parametrize(("provider", "code"), [(FakeQQSmtp, 501), (FakeNetEaseSmtp, 553)])
def test_providers_take_the_log_in_only_as_sender(provider: type[FakeSmtp], code: int, envelope_sender: str) -> None:
    with provider() as server:
        with sender(server.port, envelope_sender=envelope_sender) as out:
            with pytest.raises(SetupRefusal) as caught:
                out.send(LETTER, "clerk@example.org")
            assert caught.value.code == code
        with sender(server.port) as out:
            out.send(LETTER, "clerk@example.org")
        assert [letter.sender for letter in server.taken] == [USERNAME]


def test_words_in_gbk_are_readable() -> None:
    with (
        FakeQQSmtp() as server,
        sender(server.port, envelope_sender="other@example.org") as out,
        pytest.raises(SetupRefusal, match="发信人地址与登录帐号不一致"),
    ):
        out.send(LETTER, "clerk@example.org")


@pytest.mark.parametrize(
    "address", ["", "no-at", "a b@example.org", "a@b@c", "a@b\r\nRCPT TO:<x@y>", "<a@b.cn>", "@b.cn"]
)
def test_what_is_no_address_never_reaches_the_wire(address: str) -> None:
    with FakeSmtp() as server, sender(server.port) as out:
        with pytest.raises(PermanentRefusal):
            out.send(LETTER, address)
        assert server.heard("RCPT") == []


def test_chinese_addresses() -> None:
    class Utf8(FakeSmtp):
        extensions = (*FakeSmtp.extensions, "SMTPUTF8")

    with FakeSmtp() as server, sender(server.port) as out:
        out.send(LETTER, "clerk@教育.中国")
        assert server.taken[0].recipient == "clerk@xn--wcvs22d.xn--fiqs8s"
        with pytest.raises(PermanentRefusal, match="SMTPUTF8"):
            out.send(LETTER, "李@example.org")
    with Utf8() as server, sender(server.port) as out:
        out.send(LETTER, "李@example.org")
        assert server.taken[0].recipient == "李@example.org"


@pytest.mark.parametrize(("raw", "declared"), [(LETTER, False), (LETTER + b"\xe4\xb8\xad\r\n", True)])
def test_eight_bits_are_declared(raw: bytes, declared: bool) -> None:
    with FakeSmtp() as server, sender(server.port) as out:
        out.send(raw, "clerk@example.org")
        assert ("BODY=8BITMIME" in server.heard("MAIL")[0]) is declared


def test_a_letter_too_large_for_the_server_is_not_begun() -> None:
    with FakeSmtp() as server, sender(server.port) as out:
        with pytest.raises(PermanentRefusal, match="1000000"):
            out.send(LETTER + b"x" * 1_000_000, "clerk@example.org")
        assert server.heard("DATA") == []


def test_nobody_listening_is_temporary() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    with sender(port) as out, pytest.raises(ServerRefusal):
        out.send(LETTER, "clerk@example.org")


def test_plain_is_for_loopback_only_and_secrets_stay_out_of_repr() -> None:
    with sender(25, host="smtp.example.org") as out, pytest.raises(SetupRefusal, match="loopback"):
        out.send(LETTER, "clerk@example.org")
    assert PASSWORD not in repr(access(25))


class Keeper:
    """aiosmtpd handler that keeps what came."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.letters.append(envelope.original_content or b"")
        return "250 OK"


def _let_in(*_: object) -> AuthResult:
    return AuthResult(success=True)


@contextmanager
def tls_server(security: str, certificate: Certificate, keeper: Keeper) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    tls = {"ssl_context": context} if security == "tls" else {"tls_context": context, "require_starttls": True}
    controller = Controller(keeper, hostname="127.0.0.1", port=port, authenticator=_let_in, **tls)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_tls(security: str, tmp_path: Path) -> None:
    certificate, keeper = self_signed(tmp_path), Keeper()
    with tls_server(security, certificate, keeper) as port:
        with sender(port, security=security, ca_file=certificate.certificate) as out:
            out.send(LETTER, "clerk@example.org")
        with sender(port, security=security) as out, pytest.raises(SetupRefusal, match="certificate"):
            out.send(LETTER, "clerk@example.org")
    assert keeper.letters == [LETTER]


def test_starttls_never_goes_on_in_the_clear() -> None:
    with FakeSmtp() as server, sender(server.port, security="starttls") as out:
        with pytest.raises(TemporaryRefusal):
            out.send(LETTER, "clerk@example.org")
        assert server.heard("AUTH") == []
        assert server.taken == []
