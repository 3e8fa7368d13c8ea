"""Whom a reply goes to: a table over From, Reply-To, DMARC and known addresses."""

from __future__ import annotations

import pytest

from domain.mail import MailFacts, MailKind
from ingest.addressing import reply_to
from ingest.domains import registrable_domain

OWN = frozenset({"77222415@qq.com"})


def facts(sender: str, reply: str | None = None, *, dmarc_failed: bool = False) -> MailFacts:
    return MailFacts(
        message_id="<a@b>",
        subject="x",
        sender=sender,
        sender_name="",
        reply_to=reply,
        envelope_sender=sender,
        kind=MailKind.HUMAN,
        dmarc_failed=dmarc_failed,
    )


@pytest.mark.parametrize(
    ("sender", "reply", "known", "expected"),
    [
        ("a@pyx.edu.cn", None, (), "a@pyx.edu.cn"),
        ("a@pyx.edu.cn", "b@mail.pyx.edu.cn", (), "b@mail.pyx.edu.cn"),  # own registrable domain
        ("a@pyx.edu.cn", "b@qfx.edu.cn", (), "a@pyx.edu.cn"),  # another's: edu.cn is a public suffix
        ("a@qq.com", "b@qq.com", (), "a@qq.com"),  # a shared provider proves nothing
        ("a@qq.com", "b@qq.com", ("b@qq.com",), "b@qq.com"),  # known for the reporter
        ("a@qq.com", "victim@example.com", (), "a@qq.com"),
        ("no-reply@pyx.edu.cn", None, (), None),
        ("noreply.jw@pyx.edu.cn", None, (), None),
        ("mailer-daemon@qq.com", None, (), None),
        ("system-noreply@pyx.edu.cn", None, (), None),
        ("jw.no-reply.2@pyx.edu.cn", None, (), None),
        ("do_not_reply@pyx.edu.cn", None, (), None),
        ("dont-reply@pyx.edu.cn", None, (), None),
        ("bounce@pyx.edu.cn", None, (), None),
        ("bounces+a=b@pyx.edu.cn", None, (), None),
        ("bouncer@pyx.edu.cn", None, (), "bouncer@pyx.edu.cn"),
        ("77222415@qq.com", None, (), None),  # ourselves
        ("", None, (), None),
        ("broken", None, (), None),
    ],
)
def test_reply_address(sender: str, reply: str | None, known: tuple[str, ...], expected: str | None) -> None:
    assert reply_to(facts(sender, reply), known, OWN) == ((expected,) if expected else ())


def test_after_a_dmarc_failure_only_known_addresses_are_written_to() -> None:
    forged = facts("a@pyx.edu.cn", dmarc_failed=True)
    assert reply_to(forged, (), OWN) == ()
    known = ("real@pyx.edu.cn", "noreply@pyx.edu.cn", "also@pyx.edu.cn")
    assert reply_to(forged, known, OWN) == ("also@pyx.edu.cn", "real@pyx.edu.cn")


def test_registrable_domain() -> None:
    assert registrable_domain("x@mail.py.edu.cn") == "py.edu.cn"
    assert registrable_domain("x@edu.cn") is None
