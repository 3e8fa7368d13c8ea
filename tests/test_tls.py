"""The lines to the mail servers: whoever holds one gets no password, neither by taking STARTTLS away, nor with a certificate
of another name, nor by an old version of TLS. The servers are real; between them and us stands `tests/servers/middle.py`."""

from __future__ import annotations

import base64
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.errors import CertificateRefused, ConnectionLost
from ingest.mailbox import Mailbox, MailboxSettings
from notifier.errors import SendError, SetupRefusal
from notifier.smtp import SmtpSender, SmtpSettings
from tests.servers.certificate import Certificate, self_signed
from tests.servers.dovecot import PASSWORD as SECRET
from tests.servers.dovecot import dovecot
from tests.servers.middle import Middle
from tests.servers.smtp_fake import FakeSmtp
from tests.test_smtp import Keeper, tls_server

pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")

USER = "bureau@example.org"

LETTER = b"Subject: a\r\n\r\nhello\r\n"
Way = tuple[str, str]
"""Protocol and security."""


@dataclass(frozen=True, kw_only=True)
class Servers:
    """Real ones that offer TLS from the start (`tls`) and STARTTLS, with a certificate for 127.0.0.1. Ports by protocol."""

    certificate: Certificate
    smtp: Certificate
    ports: dict[Way, int]

    def trusted(self, protocol: str) -> Path:
        return (self.certificate if protocol == "imap" else self.smtp).certificate


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    keeper, smtp = Keeper(), self_signed(tmp_path_factory.mktemp("smtp"))
    with (
        dovecot() as (account, certificate),
        tls_server("tls", smtp, keeper) as smtps,
        tls_server("starttls", smtp, keeper) as starttls,
    ):
        ports = {
            ("imap", "tls"): account.tls_port, ("imap", "starttls"): account.port,
            ("smtp", "tls"): smtps, ("smtp", "starttls"): starttls,
        }  # fmt: skip
        yield Servers(certificate=certificate, smtp=smtp, ports=ports)


def log_in(protocol: str, security: str, port: int, trusted: Path, host: str = "127.0.0.1") -> None:
    """As the worker does: a poll over IMAP, a letter over SMTP."""
    if protocol == "imap":
        box = Mailbox(
            MailboxSettings(
                account="main", host=host, port=port, security=security, username=USER, password=SECRET,
                login_seconds=0.0, timeout=10.0, ca_file=trusted,
            )
        )  # fmt: skip
        try:
            assert "INBOX" in box.folders()
        finally:
            box.close()
        return
    access = SmtpSettings(
        host=host, port=port, security=security, username=USER, password=SECRET, per_minute=None, sender=USER,
        envelope_sender=USER, timeout=10.0, ca_file=trusted,
    )  # fmt: skip
    with SmtpSender(access) as out:
        out.send(LETTER, "clerk@example.org")


@contextmanager
def nothing_heard(middle: Middle) -> Iterator[None]:
    """Within, the one between hears commands in the clear at most, and nothing of a log-in or a letter."""
    yield
    heard = bytes(middle.heard)
    assert heard, "the client never came by"
    plain = base64.b64encode(f"\0{USER}\0{SECRET}".encode())
    words = (SECRET.encode(), base64.b64encode(SECRET.encode()), plain, b"LOGIN", b"AUTH", b"MAIL FROM", b"hello\r\n")
    assert [word for word in words if word in heard] == []


def without_starttls(said: bytes) -> bytes:
    """As some routers and thieves do: the word has the same length, and means nothing."""
    return said.replace(b"STARTTLS", b"XXXXXXXX")


def logged_in_already(said: bytes) -> bytes:
    """A greeting after which IMAP has no STARTTLS any more: a client that goes on hands its commands to the one between."""
    return said.replace(b"* OK", b"* PREAUTH", 1)


AGREED = {"imap": "{tag} OK go on\r\n", "smtp": "220 go on\r\n"}
ALL: list[Way] = [(protocol, security) for protocol in ("imap", "smtp") for security in ("tls", "starttls")]
IN_THE_CLEAR = {
    "imap-stripped": ("imap", {"bend": without_starttls}),
    "smtp-stripped": ("smtp", {"bend": without_starttls}),
    "imap-refused": ("imap", {"answer": "{tag} NO not now\r\n"}),
    "smtp-refused": ("smtp", {"answer": "454 not now\r\n"}),
    "imap-agreed-and-not-done": ("imap", {"answer": AGREED["imap"]}),
    "smtp-agreed-and-not-done": ("smtp", {"answer": AGREED["smtp"]}),
    "imap-logged-in-already": ("imap", {"bend": logged_in_already}),
}


@pytest.mark.parametrize("way", ALL)
def test_over_an_honest_line_the_log_in_succeeds_and_cannot_be_heard(servers: Servers, way: Way) -> None:
    """Without this the refusals below could have any cause."""
    with Middle(servers.ports[way]) as middle, nothing_heard(middle):
        log_in(*way, middle.port, servers.trusted(way[0]))


@pytest.mark.parametrize("way", IN_THE_CLEAR)
def test_starttls_never_goes_on_in_the_clear(servers: Servers, way: str) -> None:
    protocol, bent = IN_THE_CLEAR[way]
    refused = pytest.raises((ConnectionLost, SendError))
    with Middle(servers.ports[protocol, "starttls"], **bent) as middle, nothing_heard(middle), refused:  # type: ignore[arg-type]
        log_in(protocol, "starttls", middle.port, servers.trusted(protocol))


@pytest.mark.parametrize("way", ALL)
def test_a_certificate_of_another_name_is_refused(servers: Servers, way: Way) -> None:
    """The chain is good and trusted; 127.0.0.2 does not stand in it."""
    refused = pytest.raises((CertificateRefused, SetupRefusal), match=r"certificate of 127\.0\.0\.2 refused")
    with Middle(servers.ports[way], host="127.0.0.2") as middle, nothing_heard(middle), refused:
        log_in(*way, middle.port, servers.trusted(way[0]), host="127.0.0.2")


def speaking(certificate: Certificate, version: ssl.TLSVersion) -> ssl.SSLContext:
    """Of a server that knows this version alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    return context


class StartTls(FakeSmtp):
    """Offers it, and leaves the rest to the one between."""

    extensions = (*FakeSmtp.extensions, "STARTTLS")

    def on_auth(self, user: str, password: str) -> bytes:
        return b"235 ok" if (user, password) == (USER, SECRET) else b"535 Error: authentication failed"


@contextmanager
def knowing_only(version: ssl.TLSVersion, certificate: Certificate, servers: Servers, way: Way) -> Iterator[int]:
    """A server with this version of TLS alone, before the real one without any. → its port."""
    protocol, security = way
    answer = AGREED[protocol] if security == "starttls" else ""
    with StartTls() as plain:
        target = plain.port if protocol == "smtp" else servers.ports["imap", "starttls"]
        with Middle(target, answer=answer, context=speaking(certificate, version)) as middle:
            yield middle.port


@pytest.mark.parametrize("way", ALL)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken(servers: Servers, tmp_path: Path, way: Way, version: ssl.TLSVersion) -> None:
    own = self_signed(tmp_path)
    with knowing_only(version, own, servers, way) as port:
        log_in(*way, port, own.certificate)


@pytest.mark.parametrize("way", ALL)
def test_nothing_before_tls_1_2_is_spoken(servers: Servers, tmp_path: Path, way: Way) -> None:
    own = self_signed(tmp_path)
    with knowing_only(ssl.TLSVersion.TLSv1_1, own, servers, way) as port, pytest.raises((ConnectionLost, SendError)):
        log_in(*way, port, own.certificate)


def test_who_allows_the_old_version_can_speak_it_with_that_server(servers: Servers, tmp_path: Path) -> None:
    """So the refusal above is ours, and not the lack of a cipher."""
    own = self_signed(tmp_path)
    lax = ssl.create_default_context(cafile=str(own.certificate))
    lax.set_ciphers("ALL:@SECLEVEL=0")
    lax.minimum_version = ssl.TLSVersion.TLSv1_1
    with (
        knowing_only(ssl.TLSVersion.TLSv1_1, own, servers, ("smtp", "tls")) as port,
        socket.create_connection(("127.0.0.1", port), timeout=10) as line,
        lax.wrap_socket(line, server_hostname="127.0.0.1") as client,
    ):
        assert client.version() == "TLSv1.1"
