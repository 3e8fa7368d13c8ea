"""The mailbox over two real IMAP servers, pymap and Dovecot: the same contract for both."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ingest.errors import CertificateRefused, ConnectionLost, LoginRefused, Permanent, Transient
from ingest.imap import NEWEST_SENT
from ingest.loopback import LoopbackMail
from ingest.mailbox import Mailbox, MailboxSettings
from ingest.troubles import BATCH_BYTES
from tests.servers.account import Account
from tests.servers.certificate import Certificate
from tests.servers.dovecot import dovecot
from tests.servers.ledger import Ledger
from tests.servers.proxy import CuttingProxy

CHINA = timezone(timedelta(hours=8))
_numbers = itertools.count(1)


def letter(subject: str = "a", body: bytes = b"hello") -> bytes:
    head = f"Message-ID: <{subject}@test>\r\nSubject: {subject}\r\n\r\n"
    return head.encode() + body + b"\r\n"


@pytest.fixture(scope="module")
def dovecot_server() -> Iterator[tuple[Account, Certificate]]:
    with dovecot() as running:
        yield running


@pytest.fixture(params=["pymap", "dovecot"])
def account(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Account]:
    """A fresh, empty account with a Junk folder."""
    if request.param == "dovecot":
        server: Account = request.getfixturevalue("dovecot_server")[0]
        yield replace(server, username=f"user{next(_numbers)}@example.org")
        return
    with LoopbackMail(letters_dir=tmp_path) as mail:
        yield Account(port=mail.imap_port, username=mail.username, password=mail.password)


def settings(account: Account, **changes: object) -> MailboxSettings:
    plain = MailboxSettings(
        account="main",
        host=account.host,
        port=account.port,
        security="plain",
        username=account.username,
        password=account.password,
        login_seconds=0.0,
        timeout=10.0,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.fixture
def mailbox(account: Account) -> Iterator[Mailbox]:
    box = Mailbox(settings(account))
    yield box
    box.close()


def test_only_what_is_new_comes_and_comes_once(account: Account, mailbox: Mailbox) -> None:
    ledger = Ledger()
    account.append(letter("one"))
    account.append(letter("two"))
    assert [mail.raw for mail in ledger.take(mailbox)] == [letter("one"), letter("two")]
    assert ledger.take(mailbox) == []
    account.append(letter("three"))
    assert [mail.raw for mail in ledger.take(mailbox)] == [letter("three")]


def test_past_the_end_the_last_mail_does_not_come_again(account: Account, mailbox: Mailbox) -> None:
    ledger = Ledger()
    account.append(letter())
    [mail] = ledger.take(mailbox)
    # By now the poll asks from the UID after the last one, where servers answer `n:*` with the last.
    assert [ledger.take(mailbox) for _ in range(3)] == [[], [], []]
    assert ledger.polls[-1] == mail.origin.uid + 1


def test_a_mail_that_was_not_recorded_comes_again(account: Account, mailbox: Mailbox) -> None:
    ledger = Ledger()
    for name in ("one", "two", "three"):
        account.append(letter(name))
    first = next(ledger.taking(mailbox))  # then the caller dies
    assert first.raw == letter("one")
    assert [mail.raw for mail in ledger.take(mailbox)] == [letter("two"), letter("three")]


@pytest.mark.parametrize(
    "raw",
    [
        letter(body=bytes(byte for byte in range(1, 256) if byte not in b"\r\n")),
        b"Subject: =?gb2312?B?x+u82w==?=\r\n\r\n\xb1\xb8\xb0\xb8\xb1\xed\r\n",
        b"no header at all",
        b"Subject: {5}\r\n\r\na {12}\r\n)\r\n* 1 FETCH (FLAGS ())\r\nA1 OK\r\n",
        letter(body=b"x" * 3_000_000),
    ],
    ids=["all bytes", "gbk", "headless", "looks like protocol", "large"],
)
def test_bytes_come_true(account: Account, mailbox: Mailbox, raw: bytes) -> None:
    account.append(raw)
    [mail] = Ledger().take(mailbox)
    assert mail.raw == raw
    assert mail.size_announced == len(raw)
    assert not (mail.oversize or mail.short)


def test_time_of_receipt_is_the_servers_with_its_offset(account: Account, mailbox: Mailbox) -> None:
    received = datetime(2020, 2, 28, 23, 59, 59, tzinfo=CHINA)
    account.append(b"Date: Wed, 1 Jan 2020 00:00:00 +0000\r\n\r\nx\r\n", received_at=received)
    [mail] = Ledger().take(mailbox)
    assert mail.origin.received_at == received
    assert mail.origin.received_at.utcoffset() is not None


def test_reading_leaves_the_mail_unread(account: Account, mailbox: Mailbox) -> None:
    account.append(letter())
    [mail] = Ledger().take(mailbox)
    assert "\\Seen" not in mail.flags
    assert b"\\Seen" not in account.mails("INBOX")[0][0]


def test_junk_is_polled_too(account: Account, mailbox: Mailbox) -> None:
    ledger = Ledger()
    account.append(letter("junk"), folder="Junk")
    account.append(letter("inbox"))
    assert mailbox.folders() == ("INBOX", "Junk")
    found = [mail for folder in mailbox.folders() for mail in ledger.take(mailbox, folder)]
    assert [(mail.origin.folder, mail.raw) for mail in found] == [("INBOX", letter("inbox")), ("Junk", letter("junk"))]


@pytest.mark.parametrize(("destination", "folder"), [("done", "已处理"), ("failed", "待人工")])
def test_filing_moves_to_a_folder_that_is_made(
    account: Account, mailbox: Mailbox, destination: str, folder: str
) -> None:
    ledger = Ledger()
    account.append(letter("stays"))
    account.append(letter("goes"))
    _, goes = ledger.take(mailbox)
    assert mailbox.file(goes.origin, destination)  # type: ignore[arg-type]
    [(flags, raw)] = account.mails(folder)
    assert raw == letter("goes")
    assert b"\\Seen" in flags
    assert [raw for _, raw in account.mails("INBOX")] == [letter("stays")]
    assert ledger.take(mailbox) == []


def test_filing_twice_or_what_is_gone_is_no_error(account: Account, mailbox: Mailbox) -> None:
    ledger = Ledger()
    account.append(letter("one"))
    account.append(letter("two"))
    one, two = ledger.take(mailbox)
    assert mailbox.file(one.origin, "done")
    assert not mailbox.file(one.origin, "done")
    account.remove("INBOX", two.origin.uid)
    assert not mailbox.file(two.origin, "done")
    assert len(account.mails("已处理")) == 1


def test_filing_between_two_mails_of_one_poll(account: Account, mailbox: Mailbox) -> None:
    for name in ("one", "two", "three"):
        account.append(letter(name, body=b"x" * 5_000_000))  # a batch each
    ledger = Ledger()
    names = []
    for mail in ledger.taking(mailbox):
        names.append(mail.raw[:20])
        assert mailbox.file(mail.origin, "done")
    assert len(names) == 3
    assert account.mails("INBOX") == []


def test_a_new_uidvalidity_brings_everything_again(account: Account, mailbox: Mailbox) -> None:
    ledger = Ledger()
    account.append(letter("before"), folder="Junk")
    [before] = ledger.take(mailbox, "Junk")
    account.recreate("Junk")
    account.append(letter("before"), folder="Junk")
    account.append(letter("after"), folder="Junk")
    mailbox.close()  # the folder was deleted under the open session, which servers answer in different ways
    again = ledger.take(mailbox, "Junk")
    assert [mail.raw for mail in again] == [letter("before"), letter("after")]
    assert {mail.origin.uidvalidity for mail in again}.isdisjoint({before.origin.uidvalidity})
    assert not mailbox.file(before.origin, "done")  # that number means another mail now


def test_chinese_folder_names(account: Account) -> None:
    for name in ("来信", "垃圾邮件", "归档"):
        account.create(name)
    account.append(letter("in"), folder="来信")
    account.append(letter("junk"), folder="垃圾邮件")
    box = Mailbox(settings(account, inbox="来信", junk_folder="垃圾邮件", done_folder="归档"))
    ledger = Ledger()
    assert box.folders()[:2] == ("来信", "垃圾邮件")
    [mail] = ledger.take(box, "来信")
    assert box.file(mail.origin, "done")
    assert [raw for _, raw in account.mails("归档")] == [letter("in")]
    box.close()


def test_three_hundred_mails_in_batches(account: Account, mailbox: Mailbox) -> None:
    with account.client() as client:
        for number in range(300):
            client.append("INBOX", "", '"01-Mar-2020 08:00:00 +0800"', letter(str(number)))
    found = Ledger().take(mailbox)
    assert [mail.raw for mail in found] == [letter(str(number)) for number in range(300)]
    assert [mail.origin.uid for mail in found] == sorted({mail.origin.uid for mail in found})


def test_oversize_comes_as_its_header(account: Account) -> None:
    account.append(letter("small"))
    account.append(letter("huge", body=b"x" * 20_000))
    account.append(letter("last"))
    box = Mailbox(settings(account, message_bytes=10_000))
    found = {mail.origin.uid: mail for mail in Ledger().take(box)}
    small, huge, last = (found[uid] for uid in sorted(found))
    assert (small.oversize, huge.oversize, last.oversize) == (False, True, False)
    assert huge.raw == letter("huge").partition(b"hello")[0]
    assert huge.size_announced > 20_000
    box.close()


def test_the_session_stays_open_between_polls(account: Account) -> None:
    with CuttingProxy(account.port) as proxy:
        box = Mailbox(settings(replace(account, port=proxy.port)))
        ledger = Ledger()
        for number in range(3):
            account.append(letter(str(number)))
            assert len(ledger.take(box)) == 1
        assert proxy.connections == 1
        box.close()


def test_reconnects_after_the_server_closed_the_connection(account: Account) -> None:
    with CuttingProxy(account.port) as proxy:
        box = Mailbox(settings(replace(account, port=proxy.port)))
        ledger = Ledger()
        account.append(letter("before"))
        assert len(ledger.take(box)) == 1
        proxy.cut()
        account.append(letter("after"))
        assert [mail.raw for mail in ledger.take(box)] == [letter("after")]
        assert proxy.connections == 2
        box.close()


def test_a_break_in_the_middle_of_a_poll_loses_nothing(account: Account) -> None:
    with CuttingProxy(account.port) as proxy:
        box = Mailbox(settings(replace(account, port=proxy.port)))
        for name in ("one", "two", "three"):
            account.append(letter(name, body=b"x" * 5_000_000))
        ledger = Ledger()
        polling = ledger.taking(box)
        got = [next(polling)]
        proxy.cut()
        with suppress(ConnectionLost):  # where it breaks in the midst of a fetch: the next poll has the rest
            for mail in polling:
                got.append(mail)
        got.extend(ledger.take(box))
        assert [mail.raw.split(b"@")[0] for mail in got] == [
            b"Message-ID: <one",
            b"Message-ID: <two",
            b"Message-ID: <three",
        ]
        box.close()


def test_a_silent_server_ends_in_transient(account: Account) -> None:
    with CuttingProxy(account.port) as proxy:
        box = Mailbox(settings(replace(account, port=proxy.port), timeout=0.3, login_seconds=100.0))
        account.append(letter())
        assert box.folders()
        proxy.mute = True
        with pytest.raises(Transient) as caught:
            Ledger().take(box)
        assert 0 < caught.value.retry_after <= 100


def test_wrong_password_is_refused_without_telling_it(account: Account) -> None:
    box = Mailbox(settings(account, password="wrong-and-secret"))
    with pytest.raises(LoginRefused) as caught:
        box.folders()
    chain: list[BaseException] = [caught.value]
    while (earlier := chain[-1].__cause__) is not None:
        chain.append(earlier)
    assert not any("wrong-and-secret" in f"{exc!s}{exc!r}" for exc in chain)
    assert "wrong-and-secret" not in repr(box.settings) + repr(box.settings.access)
    assert caught.value.retry_after > 0


def test_nobody_listening_is_transient() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    with pytest.raises(ConnectionLost):
        Mailbox(settings(Account(port=port, username="u", password="p"))).folders()


def test_plain_is_for_loopback_only() -> None:
    with pytest.raises(Permanent, match="loopback"):
        Mailbox(settings(Account(host="imap.example.org", port=143, username="u", password="p"))).folders()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_tls(dovecot_server: tuple[Account, Certificate], security: str) -> None:
    server, certificate = dovecot_server
    account = replace(server, username=f"user{next(_numbers)}@example.org")
    account.append(letter())
    port = account.tls_port if security == "tls" else account.port
    secure = settings(account, port=port, security=security)
    box = Mailbox(replace(secure, ca_file=certificate.certificate))
    assert len(Ledger().take(box)) == 1
    box.close()
    with pytest.raises(CertificateRefused):
        Mailbox(secure).folders()


def test_wait_ends_early_when_something_comes(account: Account, mailbox: Mailbox) -> None:
    mailbox.folders()
    sender = threading.Timer(0.3, account.append, (letter(),))
    sender.start()
    told = mailbox.wait(20.0)
    sender.join()
    assert told
    assert len(Ledger().take(mailbox)) == 1


def test_wait_ends_when_stopped_and_polling_goes_on(account: Account, mailbox: Mailbox) -> None:
    mailbox.folders()
    stop = threading.Event()
    stop.set()
    assert not mailbox.wait(20.0, stop)
    account.append(letter())
    assert len(Ledger().take(mailbox)) == 1


def test_filing_from_another_thread_does_not_wait_for_idle_to_end(account: Account, mailbox: Mailbox) -> None:
    account.append(letter())
    [mail] = Ledger().take(mailbox)
    stop = threading.Event()
    waiting = threading.Thread(target=mailbox.wait, args=(60.0, stop))
    waiting.start()
    assert mailbox.file(mail.origin, "done")
    assert waiting.is_alive()
    stop.set()
    waiting.join()


def test_batches_fit_in_memory(account: Account, mailbox: Mailbox) -> None:
    ledger = Ledger()
    for name in ("one", "two", "three"):
        account.append(letter(name, body=b"x" * 3_000_000))
    sizes = [[mail.size_announced for mail in batch] for batch in mailbox.new_batches("INBOX", ledger)]
    assert [len(batch) for batch in sizes] == [2, 1]
    assert all(sum(batch) <= BATCH_BYTES for batch in sizes)


def test_a_connection_that_breaks_in_idle_ends_the_wait(account: Account) -> None:
    with CuttingProxy(account.port) as proxy:
        box = Mailbox(settings(replace(account, port=proxy.port)))
        box.folders()
        cut = threading.Timer(0.3, proxy.cut)
        cut.start()
        assert box.wait(20.0)  # poll now: only a poll can tell what happened
        cut.join()
        account.append(letter())
        assert len(Ledger().take(box)) == 1
        box.close()


def test_sent_letters_are_found_among_the_newest(account: Account, mailbox: Mailbox) -> None:
    with account.client() as client:
        client.create('"Sent Messages"')  # refused where it stands already
    assert not mailbox.find_sent("<reply-1@test>")
    with account.client() as client:
        for number in range(NEWEST_SENT + 10):
            client.append('"Sent Messages"', "", "", letter(f"reply-{number}"))
    assert mailbox.find_sent(f"<reply-{NEWEST_SENT + 9}@test>")
    assert mailbox.find_sent("<reply-10@test>")
    assert not mailbox.find_sent("<reply-9@test>")  # older than the newest
    assert not mailbox.find_sent("<never@test>")


def test_folders_below_a_personal_namespace(tmp_path: Path) -> None:
    with dovecot(prefix="INBOX.", separator=".") as (account, _):
        account.append(letter())
        box = Mailbox(settings(account))
        ledger = Ledger()
        assert box.folders() == ("INBOX", "INBOX.Junk")
        [mail] = ledger.take(box)
        assert box.file(mail.origin, "done")
        assert [raw for _, raw in account.mails("INBOX.已处理")] == [letter()]
        box.close()


def test_received_at_survives_pickling(account: Account, mailbox: Mailbox) -> None:
    import pickle

    account.append(letter(), received_at=datetime(2020, 2, 27, 7, 40, tzinfo=UTC))
    [mail] = Ledger().take(mailbox)
    assert pickle.loads(pickle.dumps(mail.origin)) == mail.origin  # noqa: S301 - our own bytes
