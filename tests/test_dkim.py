"""Our own look at DKIM signatures: real signatures, a real DNS server on loopback, the real sandbox."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from cli.doctor_mail import look_at_senders
from domain.authentication import Authentication, Claim, OwnCheck
from domain.mail import Origin
from domain.notice import SenderPolicy
from ingest.app import build
from ingest.authenticity import SignatureCheck, aligned
from ingest.dns_keys import KeyFinder, NoAnswer
from ingest.sandbox import Sandbox
from parsers.limits import Limits
from parsers.signatures import claims_of, holds
from tests.builders import NOTICE, RECEIVED
from tests.mail_making import PDF, attachment, mixed, opened
from tests.office import office, settings
from tests.servers.dns import DnsServer

MAIL = mixed(attachment("扫描.pdf", PDF), headers="Date: Thu, 27 Feb 2020 15:40:00 +0800\r\nTo: bureau@example.org\r\n")
DOMAIN, KEY_NAME = "qq.com", "s201512._domainkey.qq.com"


@cache
def pair() -> tuple[bytes, bytes]:
    """A private key as PEM, and its record."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return private, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def signed(raw: bytes = MAIL, *, domain: str = DOMAIN, selector: str = "s201512", **how: Any) -> bytes:
    """`raw` with a signature on top; `how` as dkimpy takes it."""
    return bytes(dkim.sign(raw, selector.encode(), domain.encode(), pair()[0], **how)) + raw


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits()) as made:
        yield made


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer() as made:
        made.texts[KEY_NAME] = pair()[1]
        yield made


def checked(raw: bytes, sandbox: Sandbox, keys: KeyFinder, folder: Path) -> Authentication:
    path = folder / "mail.eml"
    path.write_bytes(raw)
    return SignatureCheck(sandbox, keys).of(aligned(opened(raw).facts), path)


def test_a_signature_of_froms_domain_proves_the_author(server: DnsServer, sandbox: Sandbox, tmp_path: Path) -> None:
    found = checked(signed(), sandbox, KeyFinder(server.address), tmp_path)
    assert (found.own, found.own_domain, found.proven) == (OwnCheck.PASS, "qq.com", True)
    assert server.asked == [KEY_NAME]


CHANGED = signed().replace(b"attachment", b"attachMent")
OTHERS = signed(domain="evil.example")


@pytest.mark.parametrize(
    ("raw", "own", "asked"),
    [
        pytest.param(MAIL, OwnCheck.NONE, 0, id="no signature"),
        pytest.param(CHANGED, OwnCheck.FAIL, 1, id="changed on the way"),
        pytest.param(signed().replace("张三".encode(), "李四".encode()), OwnCheck.FAIL, 1, id="From changed"),
        pytest.param(OTHERS, OwnCheck.NONE, 0, id="a signature of another domain"),
        pytest.param(signed(OTHERS), OwnCheck.PASS, 1, id="two signatures"),
        pytest.param(signed(CHANGED), OwnCheck.PASS, 1, id="an old one that broke beside a new one"),
        pytest.param(signed(domain="mail.qq.com"), OwnCheck.FAIL, 1, id="of a subdomain without a key"),
        pytest.param(signed(length=True), OwnCheck.NONE, 0, id="of a part of the body"),
        pytest.param(signed(length=True) + b"more", OwnCheck.NONE, 0, id="of a part of the body and more below"),
        pytest.param(signed(selector="test"), OwnCheck.FAIL, 1, id="a key on trial"),
        pytest.param(signed(selector="long"), OwnCheck.FAIL, 1, id="a record beyond measure"),
        pytest.param(signed(selector="rubbish"), OwnCheck.FAIL, 1, id="a record that is none"),
        pytest.param(signed(selector="dead"), OwnCheck.NOT_CHECKED, 1, id="its name server fails"),
        pytest.param(b"From: x <x@evil.example>\r\n" + signed(), OwnCheck.NONE, 0, id="another From on top"),
        pytest.param(signed() .replace(b"\r\n\r\n", b"\r\nFrom: x <x@evil.example>\r\n\r\n", 1), OwnCheck.NONE, 0, id="another From below"),
    ],
)  # fmt: skip
def test_what_a_signature_is_worth(
    raw: bytes, own: OwnCheck, asked: int, server: DnsServer, sandbox: Sandbox, tmp_path: Path
) -> None:
    key = pair()[1]
    server.failing.add("dead._domainkey.qq.com")
    server.texts |= {
        "test._domainkey.qq.com": key.replace(b"k=rsa", b"k=rsa; t=s:y"),
        "long._domainkey.qq.com": key + b" " * 2000,
        "rubbish._domainkey.qq.com": b"v=spf1 -all",
    }
    found = checked(raw, sandbox, KeyFinder(server.address), tmp_path)
    assert (found.own, len(set(server.asked))) == (own, asked)
    assert found.proven is (own is OwnCheck.PASS)


def test_a_dead_name_server_costs_its_time_once(server: DnsServer, sandbox: Sandbox, tmp_path: Path) -> None:
    server.silent.add(KEY_NAME)
    now = [0.0]
    keys = KeyFinder(server.address, 0.2, clock=lambda: now[0])
    for _ in range(3):
        found = checked(signed(), sandbox, keys, tmp_path)
        assert (found.own, found.failed, found.proven) == (OwnCheck.NOT_CHECKED, False, False)
    assert len(server.asked) == 1
    server.silent.clear()
    now[0] += 61
    assert checked(signed(), sandbox, keys, tmp_path).own is OwnCheck.PASS


def test_a_mail_made_to_keep_us_busy_is_not_checked(server: DnsServer, sandbox: Sandbox, tmp_path: Path) -> None:
    claim = b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=qq.com; s=s201512; h=from; bh=AAAA; b=AAAA\r\n"
    raw = claim + b"From: a@qq.com\r\n\r\n" + b" " * 500_000 + b"x"
    path = tmp_path / "mail.eml"
    path.write_bytes(raw)
    check = SignatureCheck(sandbox, KeyFinder(server.address), computing=2.0)
    assert check.of(aligned(opened(raw).facts), path).own is OwnCheck.NOT_CHECKED


def test_a_name_server_that_is_not_there_is_no_answer() -> None:
    with DnsServer() as gone:
        address = gone.address
    claim = Claim(position=0, domain="qq.com", selector="s")
    keys = KeyFinder(address, 0.2)
    with pytest.raises(NoAnswer):
        keys.record(claim, keys.clock() + 0.2)


def test_keys_are_asked_for_once_as_long_as_they_hold(server: DnsServer, sandbox: Sandbox, tmp_path: Path) -> None:
    keys = KeyFinder(server.address)
    assert [checked(signed(), sandbox, keys, tmp_path).own for _ in range(3)] == [OwnCheck.PASS] * 3
    assert server.asked == [KEY_NAME]


@pytest.mark.parametrize(
    ("field", "flaw"),
    [
        ("v=1; a=rsa-sha256; d=QQ.com; s=S1; h=Date:From", ""),
        ("v=1; a=rsa-sha1; d=qq.com; s=s1; h=from", "algorithm not read here"),
        ("v=1; a=ed25519-sha256; d=qq.com; s=s1; h=from", "algorithm not read here"),
        ("v=2; a=rsa-sha256; d=qq.com; s=s1; h=from", "unknown version"),
        ("v=1; a=rsa-sha256; d=qq.com; s=s1; h=from; l=0", "covers only a part of the body"),
        ("v=1; a=rsa-sha256; d=qq.com; s=s1; h=to:subject", "does not cover From"),
        ("v=1; a=rsa-sha256; d=qq..com; s=s1; h=from", "cannot be read"),
        ("v=1; a=rsa-sha256; d=qq.com; s=a b/../c\0; h=from", "cannot be read"),
        ("v=1; a=rsa-sha256; d=qq.com; h=from", "cannot be read"),
        ("v=1; a=rsa-sha256; d=qq.com; s=s1; h=from; x=" + "1" * 6000, "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_claims(field: str, flaw: str) -> None:
    [claim] = claims_of([field.encode()])
    assert claim.flaw == flaw
    assert (claim.domain, claim.selector) == (("", "") if flaw == "cannot be read" else ("qq.com", "s1"))


@pytest.mark.parametrize(
    "raw", [b"", b" x\r\n", b"DKIM-Signature\r\n", b"\xff: \xff\r\n\r\n", b"DKIM-Signature: v=1; a\r\n\r\n"]
)
def test_a_broken_mail_holds_nothing(raw: bytes) -> None:
    assert not holds(raw, Claim(position=0, domain="qq.com", selector="s1"), pair()[1])


def test_only_the_first_signatures_are_looked_at(server: DnsServer, sandbox: Sandbox, tmp_path: Path) -> None:
    """A mail that bears hundreds must not make us ask DNS hundreds of times."""
    raw = MAIL
    for number in range(30):
        raw = b"DKIM-Signature: v=1; a=rsa-sha256; d=qq.com; s=n%d; h=from; bh=AAAA; b=AAAA\r\n" % number + raw
    assert checked(raw, sandbox, KeyFinder(server.address), tmp_path).own is OwnCheck.FAIL
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("tables", "policy", "silent", "found"),
    [
        ({}, SenderPolicy.OPEN, False, []),
        ({}, SenderPolicy.KNOWN, False, [("senders", True)]),
        ({"dkim": True}, SenderPolicy.VERIFIED, False, [("DKIM keys", False)]),
        ({"dkim": True}, SenderPolicy.OPEN, True, [("DKIM keys", True)]),
    ],
)
def test_doctor_says_whether_anything_can_prove_a_sender(
    tables: dict[str, bool], policy: SenderPolicy, silent: bool, found: list[tuple[str, bool]], server: DnsServer,
    tmp_path: Path,
) -> None:  # fmt: skip
    server.silent |= {"baosong-doctor._domainkey.qq.com"} if silent else set()
    dkim_table = {"verify": True, "nameserver": server.address, "seconds": 0.3} if tables else {}
    with office(tmp_path, dkim=dkim_table) as here:
        here.app.notices = (replace(NOTICE, sender_policy=policy),)
        assert [(each.what, bool(each.mend)) for each in look_at_senders(here.app)] == found


def test_the_reader_looks_at_signatures_where_configured(server: DnsServer, tmp_path: Path) -> None:
    """Through the settings and the whole reader, as the worker has it."""
    origin = Origin(account="main", folder="INBOX", uidvalidity=1, uid=1, received_at=RECEIVED)
    for verify, own in ((True, OwnCheck.PASS), (False, OwnCheck.OFF)):
        made = settings(tmp_path, dkim={"verify": verify, "nameserver": server.address})
        with build(made) as app:
            read = app.reader.read(signed(), sha256="a" * 64, origin=origin)
            facts = read.incoming.facts
            assert (facts.authentication.own, facts.dmarc_failed) == (own, False)
            assert [part.sender.authentication.own for part in read.incoming.covers] == [own]
