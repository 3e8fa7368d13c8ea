"""The provider on loopback: what it delivers, keeps and refuses, and that it ends with its block."""

from __future__ import annotations

import imaplib
import smtplib
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.loopback import HOST, LoopbackMail
from tests.servers.account import Account

LETTER = b"Subject: a\r\n\r\nhello\r\n"


def test_a_letter_is_kept_delivered_and_copied_to_sent(tmp_path: Path) -> None:
    with LoopbackMail(letters_dir=tmp_path) as mail:
        mail.add_account("clerk@example.org", "clerks-own")
        with smtplib.SMTP(HOST, mail.smtp_port) as smtp:
            smtp.login(mail.username, mail.password)
            smtp.sendmail(mail.username, ["clerk@example.org", "elsewhere@example.net"], LETTER)
        clerk = Account(port=mail.imap_port, username="clerk@example.org", password="clerks-own")
        bureau = Account(port=mail.imap_port, username=mail.username, password=mail.password)
        assert [raw for _, raw in clerk.mails("INBOX")] == [LETTER]
        assert [raw for _, raw in bureau.mails("Sent Messages")] == [LETTER]
        assert bureau.mails("INBOX") == []
    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())] == [LETTER]


def test_what_is_appended_has_its_time_and_flags(tmp_path: Path) -> None:
    received = datetime(2020, 2, 27, 7, 40, tzinfo=UTC)
    with LoopbackMail(letters_dir=tmp_path, folders=["Junk"]) as mail:
        uid = mail.append(LETTER, received_at=received, folder="Junk", flags=[b"\\Seen"])
        with imaplib.IMAP4(HOST, mail.imap_port) as client:
            client.login(mail.username, mail.password)
            client.select("Junk")
            _, [answer] = client.uid("FETCH", str(uid), "(INTERNALDATE FLAGS)")
        assert b"27-Feb-2020 07:40:00 +0000" in answer
        assert b"\\Seen" in answer


def test_a_wrong_password_is_refused(tmp_path: Path) -> None:
    with LoopbackMail(letters_dir=tmp_path) as mail:
        with imaplib.IMAP4(HOST, mail.imap_port) as client, pytest.raises(imaplib.IMAP4.error):
            client.login(mail.username, "wrong")
        with smtplib.SMTP(HOST, mail.smtp_port) as smtp, pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login(mail.username, "wrong")


def test_nothing_listens_after_the_block_even_with_clients_left(tmp_path: Path) -> None:
    with LoopbackMail(letters_dir=tmp_path) as mail:
        left = [socket.create_connection((HOST, port)) for port in (mail.imap_port, mail.smtp_port)]
    for client, port in zip(left, (mail.imap_port, mail.smtp_port), strict=True):
        client.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, port))


def test_two_providers_live_side_by_side(tmp_path: Path) -> None:
    with LoopbackMail(letters_dir=tmp_path / "one") as one, LoopbackMail(letters_dir=tmp_path / "two") as two:
        one.append(LETTER)
        other = Account(port=two.imap_port, username=two.username, password=two.password)
        assert other.mails("INBOX") == []
