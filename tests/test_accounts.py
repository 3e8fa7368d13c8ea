"""Two mailboxes in one Baosong: each answers over its own SMTP account, and believes its own provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from domain.mail import MailFacts, MailKind, Origin
from ingest import children, jobs, processing, sending, verdicts
from ingest.child import ChildFailed
from ingest.configured import own_identity
from ingest.passes import PassReport
from ingest.reading import Reader
from notifier.errors import OutcomeUnknown, ServerRefusal
from parsers.limits import Limits
from tests.builders import NOTICE, RECEIVED
from tests.office import Letters, Office, office, settings
from tests.parts import CLERK, of_unit, scan, workbook

SHEET = workbook()
SCAN = scan(SHEET)
BOX = {"password": "x", "login_seconds": 0, "poll_seconds": 0.1}
FIRST = {"url": "smtp://first%40example.org@127.0.0.1:25", "sender": "一 <first@example.org>"}
SECOND = {"url": "smtp://second%40example.org@127.0.0.1:25", "sender": "二 <second@example.org>"}
TABLES: dict[str, Any] = {
    "mailboxes": {
        "main": {"url": "imap://first%40example.org@127.0.0.1:143", "trusted_authserv_id": "mx.qq.com"} | BOX,
        "second": {"url": "imap://second%40example.org@127.0.0.1:143", "trusted_authserv_id": "163.com"} | BOX,
        "third": {"url": "imap://third%40example.org@127.0.0.1:143"} | BOX,
    },
    "smtp": {"main": FIRST, "second": SECOND},
}


@contextmanager
def two_accounts(folder: Path, **tables: Any) -> Iterator[tuple[Office, Letters]]:
    """An office whose second account has a sender of its own; mails come by `mail_to`."""
    with office(folder, **TABLES, **tables) as here:
        second = Letters()
        here.app._further_smtp["second"] = second  # type: ignore[assignment]
        yield here, second


def mail_to(here: Office, account: str, name: str, *readings: Any, **facts: Any) -> None:
    """Delivered as the one mailbox of the fake, recorded as of `account`."""
    here.mail(name, *readings, **facts)
    mail = here.box.mails[-1]
    place = Origin(account=account, folder="INBOX", uidvalidity=1, uid=mail.origin.uid, received_at=here.now)
    jobs.receive(here.app, [type(mail)(origin=place, raw=mail.raw, size_announced=mail.size_announced)])
    here.box.mails.pop()


def sender_of(letters: Letters) -> list[str]:
    return [str(message_from_bytes(raw, policy=default)["From"].addresses[0].addr_spec) for raw, _ in letters.taken]


@pytest.mark.parametrize(("account", "over_second"), [("main", False), ("second", True), ("third", False)])
def test_a_reply_leaves_over_the_account_the_mail_came_to(tmp_path: Path, account: str, over_second: bool) -> None:
    with two_accounts(tmp_path) as (here, second):
        mail_to(here, account, "m1", SHEET, SCAN)
        assert here.run().failures == []
        served, idle = (second, here.letters) if over_second else (here.letters, second)
        assert idle.taken == []
        assert [to for _, to in served.taken] == [CLERK]
        assert sender_of(served) == ["second@example.org" if over_second else "first@example.org"]


def test_a_decision_no_mail_caused_goes_where_its_case_began(tmp_path: Path) -> None:
    with two_accounts(tmp_path) as (here, second):
        mail_to(here, "second", "m1", SHEET, SCAN)
        here.run()
        [receipt] = here.cases()
        verdicts.decide(here.app, receipt, accept=False, reason="原件不符", by="staff")
        here.run()
        assert here.letters.taken == []
        assert sender_of(second) == ["second@example.org"] * 2


def test_a_second_try_goes_over_the_same_account(tmp_path: Path) -> None:
    with two_accounts(tmp_path) as (here, second):
        second.raising.append(OutcomeUnknown(0, "connection lost"))
        mail_to(here, "second", "m1", SHEET, SCAN)
        here.run()
        here.run(after=timedelta(minutes=2))
        assert (here.letters.taken, sender_of(second)) == ([], ["second@example.org"])


def test_one_server_that_is_down_does_not_starve_the_others(tmp_path: Path) -> None:
    with two_accounts(tmp_path) as (here, second):
        here.letters.raising = [ServerRefusal(0, "no connection")]
        others = [of_unit(unit, label=unit) for unit in ("范县", "清丰县", "南乐县")]
        for number, (account, sheet) in enumerate(zip(("main", "main", "second"), others, strict=True)):
            mail_to(here, account, f"m{number}", sheet, scan(sheet, label=f"scan {number}"))
        report = here.run()
        assert (len(report.failures), len(here.letters.taken), len(second.taken)) == (1, 0, 1)
        here.run(after=timedelta(minutes=2))
        assert (len(here.letters.taken), len(second.taken)) == (2, 1)


def test_an_alarm_leaves_over_a_server_that_works(tmp_path: Path) -> None:
    """The first `[smtp]` has sent nothing for a quarter of an hour: staff hear of it over the second, in its name."""
    with two_accounts(tmp_path, staff={"digest_to": ["duty@example.org"]}) as (here, second):
        here.letters.raising = [ServerRefusal(0, "no connection")] * 100
        mail_to(here, "main", "m1", SHEET, SCAN)
        for _ in range(8):
            here.run(after=timedelta(minutes=5))
        assert here.letters.taken == []
        assert ([to for _, to in second.taken], sender_of(second)) == (["duty@example.org"], ["second@example.org"])
        here.letters.raising = []
        for _ in range(3):
            here.run(after=timedelta(minutes=5))
        assert [to for _, to in here.letters.taken] == [CLERK, "duty@example.org"]


class Opener:
    """Stands in for the sandbox: notes whose word on DMARC was asked for. Fails the first time, if told to."""

    def __init__(self, *, fails: bool) -> None:
        self.fails = fails
        self.trusted: list[str] = []

    def decode(self, job: Any, raw: str, place: str, own: children.OwnIdentity, limits: Limits, **_: Any) -> bytes:
        self.trusted.append(own.trusted_authserv_id)
        if self.fails:
            self.fails = False
            raise ChildFailed("crash", "gone")
        facts = MailFacts(
            message_id="<1@x>", subject="", sender="a@example.cn", sender_name="", envelope_sender=None, reply_to=None,
            in_thread=(), kind=MailKind.AUTO_REPLY,
        )  # fmt: skip
        return children.FACTS.dump_json(facts)


@pytest.mark.parametrize("fails", [False, True])
def test_each_provider_is_believed_in_its_own_mailbox_only(tmp_path: Path, fails: bool) -> None:
    expected: Mapping[str, str] = {"main": "mx.qq.com", "second": "163.com", "third": "", "replay": "mx.qq.com"}
    own, limits = own_identity(settings(tmp_path, **TABLES)), Limits()
    for account, trusted in expected.items():
        opener = Opener(fails=fails)
        origin = Origin(account=account, folder="INBOX", uidvalidity=1, uid=1, received_at=RECEIVED)
        Reader(opener, (NOTICE,), own, limits).read(b"Subject: x\r\n\r\n", sha256="a" * 64, origin=origin)  # type: ignore[arg-type]
        assert set(opener.trusted) == {trusted}
        assert len(opener.trusted) == 1 + fails


@dataclass(kw_only=True)
class PacedLetters(Letters):
    """A sender that takes a letter every ten seconds by the office's clock, and is not to be asked sooner."""

    here: Office
    interval: float = 10.0
    at: list[datetime] = field(default_factory=list)

    def pause(self) -> float:
        return max(0.0, self.interval - (self.here.now - self.at[-1]).total_seconds()) if self.at else 0.0

    def send(self, raw: bytes, to: str) -> None:
        assert self.pause() <= 0.1
        self.at.append(self.here.now)
        super().send(raw, to)


def test_an_account_that_must_pause_keeps_no_other_waiting(tmp_path: Path) -> None:
    """Five letters over the one, two over the other, all within one batch: each account goes at its own pace."""
    with two_accounts(tmp_path) as (here, _):
        first, second = PacedLetters(here=here), PacedLetters(here=here)
        here.app._smtp, here.app._further_smtp["second"] = first, second  # type: ignore[assignment]
        for number, unit in enumerate(
            ("范县", "清丰县", "南乐县", "台前县", "华龙区", "濮阳县", "濮阳市城乡一体化示范区")
        ):
            sheet = of_unit(unit, label=unit)
            mail_to(here, "main" if number < 5 else "second", f"m{number}", sheet, scan(sheet, label=f"scan {number}"))
        processing.process(here.app, PassReport())
        begun, report = here.now, PassReport()

        def rest(seconds: float) -> None:
            assert 0 < seconds <= 1
            here.now += timedelta(seconds=seconds)

        sending.send(here.app, report, sleep=rest)
        assert report.failures == []
        seconds = [[round((at - begun).total_seconds()) for at in letters.at] for letters in (first, second)]
        assert seconds == [[0, 10, 20, 30, 40], [0, 10]]
