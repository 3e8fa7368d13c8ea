"""Nobody makes of us a gun: budgets by address, domain and day, addresses that cannot be reached, and machines."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from domain.mail import Intent, MailKind
from ingest import senders, verdicts
from ingest.domains import budget_domain
from storage import correspondents, tasks
from tests.builders import NOTICE, reporter
from tests.mail_making import opened
from tests.office import Office, addresses, office
from tests.parts import CLERK, STRANGER, scan, workbook

SHEET = workbook()
SCAN = scan(SHEET)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RECEIPT = "PY51-PYX-20200227-01"


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("a@pyx.edu.cn", "pyx.edu.cn"),
        ("a@mail.pyx.edu.cn", "pyx.edu.cn"),
        ("a@qq.com", ""),  # all counties write from there
        ("a@vip.qq.com", ""),
        ("a@163.com", ""),
        ("a@edu.cn", ""),
        ("", ""),
    ],
)
def test_whose_budget_an_address_counts_against(address: str, domain: str) -> None:
    assert budget_domain(address) == domain


def ask(here: Office, *addresses: str) -> None:
    """A question from each, which gets the guide: an ordinary letter."""
    for address in addresses:
        here.mail(f"q{len(here.box.mails)}", sender=address, intent=Intent.QUESTION, text="请问怎么填？")
    here.run()


@pytest.mark.parametrize(
    ("replies", "asking", "at_once"),
    [
        ({"per_domain_per_day": 2}, [f"a{n}@victim.example" for n in range(5)], 2),
        ({"per_domain_per_day": 2}, [f"a@h{n}.victim.example" for n in range(5)], 2),
        ({"per_domain_per_day": 2}, [f"a{n}@qq.com" for n in range(5)], 5),
        ({"per_domain_per_day": 2}, [f"a@victim{n}.example" for n in range(5)], 5),
        ({"per_day": 3}, [f"a@victim{n}.example" for n in range(5)], 3),
        ({"per_day": 3}, [f"a{n}@qq.com" for n in range(5)], 3),
    ],
)
def test_over_a_budget_of_the_day_letters_wait_and_none_is_dropped(
    tmp_path: Path, replies: dict[str, int], asking: list[str], at_once: int
) -> None:
    with office(tmp_path, replies=replies) as here:
        ask(here, *asking)
        assert len(here.letters.taken) == at_once
        assert ("reply_budget" in here.tasks()) is (at_once < 5)
        here.run(after=HOUR)
        assert len(here.letters.taken) == at_once
        for _ in range(3):
            here.run(after=DAY + HOUR)
        assert sorted(addresses(here)) == sorted(asking)


def test_known_addresses_wait_for_no_stranger(tmp_path: Path) -> None:
    with office(tmp_path, replies={"per_day": 1, "per_domain_per_day": 1}) as here:
        senders.confirm(here.app, NOTICE, reporter(), "known@victim.example", by="staff:a")
        ask(here, "x@victim.example", "y@victim.example", "known@victim.example")
        assert addresses(here) == ["x@victim.example", "known@victim.example"]


def test_first_replies_to_decisions_have_budgets_of_their_own(tmp_path: Path) -> None:
    """What strangers ask in whatever names never delays a county's acknowledgment."""
    with office(tmp_path, replies={"per_day": 1, "per_domain_per_day": 1, "return_workbook": False}) as here:
        ask(here, "x@example.cn", "y@example.cn")
        for number in range(3):
            sheet = workbook({"contact": f"王{number}"}, label=f"w{number}")
            here.mail(f"m{number}", sheet, scan(sheet, label=f"s{number}"), sender=CLERK, at=here.now)
            here.run(after=timedelta(minutes=1))
        assert addresses(here) == ["x@example.cn", CLERK, CLERK, CLERK]


def bounce(here: Office, number: int = 0, **facts: Any) -> None:
    """The letter comes back."""
    ours = str(message_from_bytes(here.letters.taken[number][0])["Message-ID"])
    here.mail(f"b{number}", kind=MailKind.BOUNCE, sender="mailer-daemon@example.cn", **({"thread": [ours]} | facts))
    here.run(after=timedelta(minutes=1))


def lost(here: Office) -> list[str]:
    with here.app.database.read() as tx:
        return [each.address for each in correspondents.unreachable(tx)]


def decided_later(here: Office) -> None:
    """A letter that no mail of the address causes."""
    verdicts.decide(here.app, RECEIPT, accept=False, reason="印章不符", by="staff:a")
    here.run(after=timedelta(minutes=1))


def test_what_is_to_go_where_a_letter_came_back_waits_and_staff_telephone(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        bounce(here)
        assert lost(here) == [CLERK]
        decided_later(here)
        assert len(here.letters.taken) == 1
        with here.app.database.read() as tx:
            kinds = [(task.kind, task.subject) for task in tasks.open_(tx)]
        assert ("unreachable", RECEIPT) in kinds
        here.run(after=timedelta(days=4))
        assert len(here.letters.taken) == 1
        assert "reply_failed" in here.tasks()


@pytest.mark.parametrize("how", ["a person says so", "a mail from there", "a mail that was on its way"])
def test_until_a_person_or_a_mail_says_that_it_is_in_use(tmp_path: Path, how: str) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        here.now += HOUR
        if how == "a mail that was on its way":
            here.mail("m2", sender=CLERK, intent=Intent.NONE)
        bounce(here)
        decided_later(here)
        if how == "a person says so":
            assert senders.reachable(here.app, CLERK.upper())
        elif how == "a mail from there":
            here.mail("m2", sender=CLERK, intent=Intent.NONE)
        here.run(after=timedelta(minutes=1))
        assert lost(here) == []
        assert "unreachable" not in here.tasks()
        assert [to for _, to in here.letters.taken if to == CLERK][1:]


@pytest.mark.parametrize(
    "facts", [{"thread": [], "failed_recipients": (CLERK,)}, {"thread": ["<guess@x>"], "failed_recipients": (CLERK,)}]
)
def test_a_bounce_that_quotes_no_letter_of_ours_silences_nobody(tmp_path: Path, facts: dict[str, Any]) -> None:
    """Anybody can write one, and would have us answer a county no more."""
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        bounce(here, **facts)
        decided_later(here)
        assert "bounce" in here.tasks()
        assert (lost(here), addresses(here)) == ([], [CLERK, CLERK])


def test_a_forged_mail_does_not_make_an_address_reachable(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        bounce(here)
        here.mail("m2", SHEET, SCAN, dmarc_failed=True)
        here.run(after=HOUR)
        assert lost(here) == [CLERK]


HEAD = "Subject: 报送\r\nMessage-ID: <1@x>\r\n"


@pytest.mark.parametrize(
    "header",
    [
        "Return-Path: <>\r\nFrom: 张三 <zhang@qq.com>\r\n",
        "From: Mail Delivery <mailer-daemon@qq.com>\r\n",
        "From: postmaster@qq.com\r\n",
        "From: no-reply@pyx.edu.cn\r\n",
        "From: noreply@pyx.edu.cn\r\n",
        "From: zhang@qq.com\r\nAuto-Submitted: auto-replied\r\n",
        "From: zhang@qq.com\r\nAuto-Submitted: auto-generated\r\n",
        "From: zhang@qq.com\r\nX-QQ-HolidayReply: 1\r\n",
        "From: zhang@qq.com\r\nPrecedence: bulk\r\n",
        "From: zhang@qq.com\r\nList-Id: <x.y>\r\n",
        "From: 77222415@qq.com\r\n",
    ],
)
def test_machines_lists_and_ourselves_are_never_answered(header: str, tmp_path: Path) -> None:
    facts = opened((header + HEAD + "\r\n请问怎么填？\r\n").encode()).facts
    assert facts.kind is not MailKind.HUMAN
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN, sender=facts.sender or STRANGER, kind=facts.kind)
        here.run()
        assert here.letters.taken == []
