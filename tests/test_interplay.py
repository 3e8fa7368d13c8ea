"""What only meets in the whole: a notice's policy on senders, the receiver's word, our own look at signatures and the virus
scanner, for mails that lie on a real IMAP server and letters that a real SMTP server takes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from functools import cache
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from domain.authentication import OwnCheck
from domain.notice import Notice, SenderPolicy
from domain.submission import State, Submission
from ingest import senders, verdicts
from ingest.app import App, build
from ingest.evidence import verify
from ingest.loopback import LoopbackMail
from ingest.scheduler import one_pass
from samples.maker.mails import File
from storage import inbox, ledger, quarantine, submissions, tasks
from tests.builders import NOTICE, RECEIVED, reporter
from tests.mailbag.goods import ReadBefore, book, cover
from tests.mailbag.post import CLERK, Dialect, mail
from tests.office import PASSWORD, settings, text_of
from tests.servers.account import Account
from tests.servers.clamd import WORD, WORD_NAME, clamd
from tests.servers.dns import DnsServer
from tests.stores import fresh

PYX = reporter("PYX")
LISTED = "office@pyx.example"
STRANGER = "someone@qq.com"
RECEIVER = "mx.example.org"
BOOK = book()
NEWER = book("濮阳县", ("F4", "13700001112"))
HOUR = timedelta(hours=1)


@dataclass
class Bureau:
    """The worker on its folder, its provider, and a clock."""

    app: App
    provider: LoopbackMail
    now: datetime = RECEIVED

    def take(self, raw: bytes) -> None:
        """A mail arrives an hour later and is worked on."""
        self.now += HOUR
        self.provider.append(raw, received_at=self.now)
        assert one_pass(self.app).failures == []

    def newest(self) -> Submission:
        with self.app.database.read() as tx:
            found = submissions.load(tx, max(submissions.list_(tx), key=lambda case: case.receipt).receipt)
        assert found is not None
        return found

    def letters(self) -> list[tuple[str, bytes]]:
        """(recipient, bytes) of what the SMTP server took since the last look."""
        taken = [
            (to, letter.raw)
            for letter in self.provider.letters
            for to in letter.recipients
            if b"auto-generated" not in letter.raw  # reminders, which come by the clock
        ]
        self.provider.letters.clear()
        return taken

    def tasks(self) -> dict[str, str]:
        with self.app.database.read() as tx:
            return {task.kind: task.text for task in tasks.open_(tx)}


def notice(policy: SenderPolicy) -> Notice:
    """With one address listed for the county."""
    listed = tuple(replace(each, addresses=(LISTED,)) if each.code == PYX.code else each for each in NOTICE.reporters)
    return replace(NOTICE, sender_policy=policy, reporters=listed)


@contextmanager
def bureau(folder: Path, policy: SenderPolicy, **tables: Any) -> Iterator[Bureau]:
    """Scans were read beforehand; all else is as it is deployed."""
    with LoopbackMail(letters_dir=folder / "letters", password=PASSWORD) as provider:
        box = {"url": provider.imap_url, "password": PASSWORD, "login_seconds": 0, "trusted_authserv_id": RECEIVER}
        made = settings(folder, provider, mailboxes={"main": box}, replies={"return_workbook": True}, **tables)
        with build(made, pace_sending=False) as app:
            app.notices = (notice(policy),)
            app._sandbox = ReadBefore()  # type: ignore[assignment]
            fresh(app.database)
            here = Bureau(app=app, provider=provider)
            app.clock = lambda: here.now
            yield here


def returns(sender: str, *, of: File = BOOK, seed: int = 1, results: str = "", **draft: Any) -> bytes:
    """A good return; `results`: what the receiver found of its sender."""
    raw = mail(Dialect.FOXMAIL, of, cover(of), sender=sender, seed=seed, **draft)
    return (f"Authentication-Results: {RECEIVER}; {results}\r\n".encode() if results else b"") + raw


def codes(case: Submission) -> set[str]:
    return {problem.code for problem in case.problems}


@cache
def pair() -> tuple[bytes, bytes]:
    """A private key as PEM, and its record."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return private, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def signed(raw: bytes, sender: str) -> bytes:
    return bytes(dkim.sign(raw, b"s1", sender.rpartition("@")[2].encode(), pair()[0])) + raw


@pytest.fixture
def names() -> Iterator[DnsServer]:
    with DnsServer() as server:
        for sender in (CLERK, STRANGER):
            server.texts[f"s1._domainkey.{sender.rpartition('@')[2]}"] = pair()[1]
        yield server


def test_known_lets_a_strangers_return_wait_until_staff_vouch_for_its_address(tmp_path: Path) -> None:
    with bureau(tmp_path, SenderPolicy.KNOWN) as here:
        here.take(returns(STRANGER))
        waiting = here.newest()
        assert (waiting.state, codes(waiting)) == (State.REVIEW, {"mail.unknown_sender"})
        [(to, raw)] = here.letters()
        assert (to, "【待核】" in str(message_from_bytes(raw, policy=default)["Subject"])) == (STRANGER, True)
        assert "review" in here.tasks()
        verdicts.decide(here.app, waiting.receipt, accept=True, reason="已电话核实", by="staff:a", learn_sender=True)
        one_pass(here.app)
        [(to, raw)] = here.letters()
        assert (to, "【受理】" in str(message_from_bytes(raw, policy=default)["Subject"])) == (STRANGER, True)
        here.take(returns(STRANGER, of=NEWER, seed=2))
        fresh = here.newest()
        assert (fresh.state, codes(fresh), fresh.version) == (State.ACCEPTED, set(), 2)
        assert verify(here.app).ok


def test_known_accepts_an_address_that_was_confirmed_beforehand(tmp_path: Path) -> None:
    with bureau(tmp_path, SenderPolicy.KNOWN) as here:
        assert senders.confirm(here.app, here.app.notices[0], PYX, CLERK, by="staff:a")
        here.take(returns(CLERK))
        assert (here.newest().state, codes(here.newest())) == (State.ACCEPTED, set())
        assert [to for to, _ in here.letters()] == [CLERK]


@pytest.mark.parametrize("policy", list(SenderPolicy))
def test_what_failed_dmarc_is_answered_at_the_known_address_alone(tmp_path: Path, policy: SenderPolicy) -> None:
    """From says the clerk, Reply-To a thief: neither hears of it."""
    with bureau(tmp_path, policy) as here:
        forged = b"Reply-To: thief@evil.example\r\n" + returns(CLERK)
        here.take(f"Authentication-Results: {RECEIVER}; dmarc=fail header.from=mail.example.cn\r\n".encode() + forged)
        case = here.newest()
        assert "mail.sender_unverified" in codes(case)
        assert case.state is (State.ACCEPTED if policy is SenderPolicy.OPEN else State.REVIEW)
        assert [to for to, _ in here.letters()] == [LISTED]
        assert senders.confirm(here.app, here.app.notices[0], PYX, CLERK, by="staff:a")
        here.take(returns(CLERK, of=NEWER, seed=2, results="dmarc=fail header.from=mail.example.cn"))
        assert sorted(to for to, _ in here.letters()) == sorted([LISTED, CLERK])


PASSED = "dmarc=pass header.from=mail.example.cn"
PROOFS = {
    "nothing was checked": ("", False, False, State.REVIEW),
    "spf alone": ("spf=pass smtp.mailfrom=mail.example.cn", False, False, State.REVIEW),
    "the receiver's word": (PASSED, False, False, State.ACCEPTED),
    "our own look at the signature": ("", True, True, State.ACCEPTED),
    "a signature that nobody looks at": ("", True, False, State.REVIEW),
    "a signature, and the receiver says no": ("dmarc=fail header.from=mail.example.cn", True, True, State.REVIEW),
}


@pytest.mark.parametrize("proof", PROOFS)
def test_verified_asks_for_a_known_address_and_a_proof(tmp_path: Path, names: DnsServer, proof: str) -> None:
    results, signs, looks, state = PROOFS[proof]
    with bureau(tmp_path, SenderPolicy.VERIFIED, dkim={"verify": looks, "nameserver": names.address}) as here:
        senders.confirm(here.app, here.app.notices[0], PYX, CLERK, by="staff:a")
        raw = returns(CLERK)
        head = f"Authentication-Results: {RECEIVER}; {results}\r\n".encode() if results else b""
        here.take(head + (signed(raw, CLERK) if signs else raw))
        case = here.newest()
        assert (case.state, codes(case)) == (state, set() if state is State.ACCEPTED else {"mail.sender_unverified"})
        assert [to for to, _ in here.letters()] == ([LISTED, CLERK] if "dmarc=fail" in results else [CLERK])


def test_verified_takes_no_strangers_return_however_well_it_is_signed(tmp_path: Path, names: DnsServer) -> None:
    with bureau(tmp_path, SenderPolicy.VERIFIED, dkim={"verify": True, "nameserver": names.address}) as here:
        here.take(signed(returns(STRANGER), STRANGER))
        assert (here.newest().state, codes(here.newest())) == (State.REVIEW, {"mail.unknown_sender"})


def test_a_virus_in_a_mail_whose_signature_holds(tmp_path: Path, names: DnsServer) -> None:
    """No file of it has the virus, its words do. That the author is proven takes nothing from it, and stays on record."""
    raw = signed(returns(CLERK, text=f"hello {WORD.decode()}"), CLERK)
    with (
        clamd() as daemon,
        bureau(
            tmp_path, SenderPolicy.VERIFIED,
            dkim={"verify": True, "nameserver": names.address}, clamav={"socket": str(daemon.address)},
        ) as here,
    ):  # fmt: skip
        senders.confirm(here.app, here.app.notices[0], PYX, CLERK, by="staff:a")
        here.take(raw)
        _recorded(here, raw)
        _told(here)
        _kept(here, raw)
        here.take(signed(returns(CLERK, seed=2), CLERK))
        assert here.newest().state is State.ACCEPTED, "the same files in a clean mail, as the letter advised"
        assert verify(here.app).ok


def _recorded(here: Bureau, raw: bytes) -> None:
    case = here.newest()
    [problem] = [each for each in case.problems if each.code == "attachment.malware"]
    assert (case.state, "这封邮件查出病毒" in problem.message) == (State.REJECTED, True)
    assert case.sheet is not None and case.cover is not None
    assert {part.sender.authentication.own for part in (case.sheet, case.cover)} == {OwnCheck.PASS}
    with here.app.database.read() as tx:
        sha256 = inbox.load(tx, 1).sha256
        [found] = quarantine.among(tx, [sha256, *(file.sha256 for file in case.files)])
        [entry] = [each for each in ledger.entries_of(tx, f"mail:{sha256}") if each.kind == "mail.malware"]
    assert (found.sha256, found.signature) == (sha256, WORD_NAME)
    assert json.loads(entry.body)["found"] == {sha256: WORD_NAME}


def _told(here: Bureau) -> None:
    """The sender with what it is and how to mend it; staff with the scanner's name for it. The word itself goes nowhere."""
    [(to, letter)] = here.letters()
    assert (to, "查出病毒" in text_of(letter), WORD.decode() in text_of(letter)) == (CLERK, True, False)
    assert WORD_NAME in here.tasks()["malware"]


def _kept(here: Bureau, raw: bytes) -> None:
    """The mail as it came, as evidence, and nothing apart that has the virus; on the server it is moved as any."""
    blobs = [here.app.blobs.get(name) for name in here.app.blobs.names()]
    assert raw in blobs
    assert [blob for blob in blobs if WORD in blob] == [], "in the mail it lies encoded"
    account = Account(port=here.provider.imap_port, username=here.provider.username, password=PASSWORD)
    assert account.mails("INBOX") == []
    assert [each for _, each in account.mails("已处理")] == [raw]
