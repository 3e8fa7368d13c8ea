"""Asking clamd: what a real one says, and every way in which an answer is none that may be believed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from config.tables import ClamavTable, ClamdAddress
from ingest.clamd import EICAR, Clamd
from ingest.errors import NotScanned, ScannerDown
from tests.mail_making import attachment, make_zip, mixed
from tests.servers.clamd import EICAR_NAME, WORD, WORD_NAME, Daemon, clamd
from tests.servers.clamd_fake import (
    Endless,
    ErrorAnswer,
    FakeClamd,
    Garbage,
    HangsUp,
    Nothing,
    OkToAll,
    Says,
    Silent,
    WithoutEnd,
    listening,
)

MEGABYTE = 1024**2


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with clamd() as running:
        yield running


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", None),
        (b"a clean file", None),
        (bytes(MEGABYTE), None),
        (EICAR, EICAR_NAME),
        (make_zip([("a.txt", b"x"), ("b.txt", EICAR)]), EICAR_NAME),
        (mixed(attachment("a.xlsx", make_zip([("b.txt", EICAR)]))), EICAR_NAME),
        (mixed(attachment("a.txt", b"clean"), text=WORD.decode()), WORD_NAME),
        (mixed(attachment("a.txt", b"clean")), None),
    ],
    ids=["empty", "clean", "large", "eicar", "zip", "mail", "body", "clean mail"],
)
def test_a_real_clamd_finds_what_is_there(daemon: Daemon, data: bytes, found: str | None) -> None:
    assert Clamd(daemon.address).scan(data) == found


def test_a_real_clamd_over_tcp(daemon: Daemon) -> None:
    assert Clamd(daemon.tcp).scan(EICAR) == EICAR_NAME
    assert Clamd(daemon.tcp).scan(b"clean") is None


def test_a_real_clamd_tells_its_version(daemon: Daemon) -> None:
    version = Clamd(daemon.address).version()
    assert version.text.startswith("ClamAV ")
    assert version.signatures_at is None  # it has none but those of the test


def test_what_clamd_passes_without_looking_at_it_is_not_clean(daemon: Daemon) -> None:
    """By MaxFileSize (2 MB here) it says OK to anything larger, whatever is in it."""
    scanner = Clamd(daemon.address)
    infected = make_zip([("b.txt", EICAR)]) + bytes(3 * MEGABYTE)
    for data in (infected, bytes(3 * MEGABYTE)):
        with pytest.raises(NotScanned, match="raise MaxFileSize and MaxScanSize"):
            scanner.scan(data)
    assert scanner.scan(bytes(MEGABYTE)) is None


@pytest.mark.parametrize("tcp", [False, True], ids=["unix", "tcp"])
def test_what_clamd_does_not_take_is_not_clean(daemon: Daemon, tcp: bool) -> None:
    """By StreamMaxLength (4 MB here) it hangs up in the middle. Over TCP its words may be lost with the connection."""
    words = "raise StreamMaxLength" + ("|hung up" if tcp else "")
    with pytest.raises((NotScanned, ScannerDown) if tcp else NotScanned, match=words):
        Clamd(daemon.tcp if tcp else daemon.address).scan(bytes(9 * MEGABYTE))


def test_an_outage_and_its_end(tmp_path: Path) -> None:
    with clamd() as daemon:
        scanner = Clamd(daemon.address)
        assert scanner.scan(EICAR) == EICAR_NAME
        daemon.stop()
        with pytest.raises(ScannerDown):
            scanner.scan(EICAR)
        daemon.start()
        assert scanner.scan(EICAR) == EICAR_NAME


@pytest.mark.parametrize(
    ("fake", "words"),
    [
        (OkToAll(), "does not know the EICAR test file"),
        (ErrorAnswer(), "Can't allocate memory ERROR"),
        (Garbage(), "answered .*HTTP"),
        (WithoutEnd(), "hung up"),
        (Nothing(), "hung up"),
        (HangsUp(), "hung up"),
        (Endless(), "hung up"),
        (Silent(), "no answer in time"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, FakeClamd) else "",
)
def test_what_is_no_answer_is_never_clean(fake: FakeClamd, words: str) -> None:
    with listening(fake) as address:
        scanner = Clamd(address, seconds=0.3 if isinstance(fake, Silent) else 20)
        with pytest.raises(ScannerDown, match=words):
            scanner.scan(b"a clean file")
        with pytest.raises(ScannerDown, match=words):
            scanner.check()


@pytest.mark.parametrize(
    "address",
    [
        ClamdAddress(path=Path("/nonexistent/clamd.ctl")),
        ClamdAddress(path=Path("/" + "x" * 200)),
        ClamdAddress(path=Path(__file__)),
        ClamdAddress(host="127.0.0.1", port=1),
    ],
    ids=["no socket", "path too long", "no socket but a file", "refuses"],
)
def test_nobody_listens(address: ClamdAddress) -> None:
    for ask in (lambda: Clamd(address).scan(b"x"), Clamd(address).check, Clamd(address).version):
        with pytest.raises(ScannerDown):
            ask()


@pytest.mark.parametrize(
    "name", ["Heuristics.Limits.Exceeded.MaxFileSize", "Heuristics.Email.ExceedsMaxMIMEPartsPerMessage", "(null)"]
)
def test_a_warning_of_limits_is_no_virus_and_not_clean(name: str) -> None:
    with (
        listening(Says(f"stream: {name} FOUND".encode())) as address,
        pytest.raises(NotScanned, match="did not look at all"),
    ):
        Clamd(address).scan(b"a mail")


@pytest.mark.parametrize("name", ["Heuristics.Phishing.Email.SpoofedDomain", "Heuristics.Encrypted.Zip"])
def test_a_link_or_a_password_is_no_virus(name: str) -> None:
    """Nobody here follows links, and what has a password the readers tell by themselves."""
    with listening(Says(f"stream: {name} FOUND".encode())) as address:
        assert Clamd(address).scan(b"a mail") is None


def test_a_proof_is_asked_for_once_an_hour_and_for_each_larger_size() -> None:
    fake = Says(b"stream: OK")
    now = [0.0]
    with listening(fake) as address:
        scanner = Clamd(address, clock=lambda: now[0])

        def proofs(size: int) -> list[int]:
            """Sizes of the containers that were sent for a scan of so many bytes."""
            fake.streams.clear()
            assert scanner.scan(bytes(size)) is None
            return [len(stream) for stream in fake.streams if EICAR in stream]

        assert len(proofs(10)) == 1
        assert proofs(1000) == []
        [larger] = proofs(MEGABYTE)
        assert larger >= MEGABYTE
        assert proofs(MEGABYTE) == []
        now[0] = 3601.0
        assert len(proofs(10)) == 1


def test_the_day_of_the_signatures() -> None:
    with listening(Says(b"")) as address:
        assert Clamd(address).version().signatures_at == datetime(2023, 10, 18, 9, 49, 14)  # noqa: DTZ001 it has no zone


@pytest.mark.parametrize(
    ("socket", "address"),
    [
        ("", None),
        ("/run/clamav/clamd.ctl", ClamdAddress(path=Path("/run/clamav/clamd.ctl"))),
        ("data/clamd.ctl", ClamdAddress(path=Path("data/clamd.ctl"))),
        ("tcp://127.0.0.1:3310", ClamdAddress(host="127.0.0.1", port=3310)),
        ("tcp://localhost", ClamdAddress(host="localhost", port=3310)),
        ("tcp://[::1]:3311", ClamdAddress(host="::1", port=3311)),
    ],
)
def test_where_a_scanner_may_listen(socket: str, address: ClamdAddress | None) -> None:
    assert ClamavTable(socket=socket).address == address


@pytest.mark.parametrize(
    "socket", ["tcp://10.0.0.7:3310", "tcp://", "http://127.0.0.1:3310", "tcp://127.0.0.1:x", "unix:///run/clamd.ctl"]
)
def test_where_it_may_not(socket: str) -> None:
    """Whole mails would go over the network for anybody to read."""
    with pytest.raises(ValueError, match=r"tcp://127\.0\.0\.1:3310"):
        ClamavTable(socket=socket)
