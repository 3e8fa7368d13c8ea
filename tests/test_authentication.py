"""What the trusted receiver's word is worth, and what a stranger's forgery of it is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.authentication import Authentication, Method, OwnCheck, Result, Verdict
from domain.mail import MailFacts, MailKind
from ingest.authenticity import aligned
from ingest.children import OwnIdentity
from parsers.authentication import authentication_of, read_results
from tests.mail_making import opened

OURS = "Received: from out.example.net (out.example.net [192.0.2.1])\r\n by newxmmxszc6-1.qq.com (NewMX) with SMTP\r\n"
INSIDE = "Received: by 2002:a05:6402:1 with SMTP id x12\r\nReceived: by 10.0.0.1 with LMTP\r\n"
THEIRS = "Received: from pc (localhost [127.0.0.1]) by mail.evil.example (Postfix) with ESMTP\r\n"
FROM = "From: 张三 <zhang@pyx.edu.cn>\r\n"
AR = "Authentication-Results: mx.qq.com; "
GOOD = (
    AR
    + "spf=pass smtp.mailfrom=zhang@pyx.edu.cn;\r\n dkim=pass header.d=pyx.edu.cn; dmarc=pass header.from=pyx.edu.cn\r\n"
)
BAD = AR + "spf=fail smtp.mailfrom=x@evil.example; dkim=none; dmarc=fail(permerror) header.from=pyx.edu.cn\r\n"
NONE = AR + "spf=none smtp.mailfrom=; dkim=none; dmarc=none(permerror) header.from=pyx.edu.cn\r\n"


def heard(header: str, trusted: str = "mx.qq.com", domain: str = "qq.com") -> Authentication:
    fields = [line.split(":", 1) for line in header.replace("\r\n ", "\n ").split("\r\n") if line]
    return authentication_of([(name.lower(), value.strip().encode()) for name, value in fields], trusted, domain)


def words(found: Authentication) -> str:
    return " ".join(f"{each.method}={each.result}" for each in found.verdicts)


PASS, FAIL = "mx.qq.com; spf=pass; dmarc=pass", "mx.qq.com 1; dkim=pass (dmarc=x); dmarc=fail (p=none) header.from=b.cn"


@pytest.mark.parametrize(
    ("results", "trusted", "failed"),
    [
        ([FAIL], "mx.qq.com", True),
        ([FAIL.upper()], "MX.qq.com", True),
        ([FAIL], "", False),
        ([FAIL], "other.cn", False),
        ([PASS, FAIL], "mx.qq.com", False),
        ([FAIL, PASS], "mx.qq.com", True),
        (["evil.cn; dmarc=pass", FAIL], "mx.qq.com", True),
        (["mx.qq.com; spf=fail; dkim=fail"], "mx.qq.com", False),
        (['mx.qq.com; dkim=pass reason="; dmarc=fail"'], "mx.qq.com", False),
        (["mx.qq.com; dkim=pass (; dmarc=fail)"], "mx.qq.com", False),
        (["mx.qq.com; dkim=pass (a (nested\\)) ; dmarc=fail)"], "mx.qq.com", False),
        (["(c) mx.qq.com; dmarc = fail"], "mx.qq.com", True),
        (['"mx.qq.com" 1 ; dmarc/1 =\r\n\tfail'], "mx.qq.com", True),
        (["mx.qq.com.evil.cn; dmarc=fail"], "mx.qq.com", False),
        (["mx.qq.com; dmarc=failed"], "mx.qq.com", False),
        (["mx.qq.com; x-dmarc=fail"], "mx.qq.com", False),
        (["mx.qq.com; none"], "mx.qq.com", False),
        ([], "mx.qq.com", False),
        (["", ";", "("], "mx.qq.com", False),
    ],
)
def test_dmarc_by_the_trusted_receiver_only(results: list[str], trusted: str, failed: bool) -> None:
    fields = [("authentication-results", value.encode()) for value in results]
    assert authentication_of(fields, trusted, "").failed is failed


@pytest.mark.parametrize(
    ("header", "told"),
    [
        pytest.param(OURS + GOOD + THEIRS + FROM, "spf=pass dkim=pass dmarc=pass", id="as QQ writes it"),
        pytest.param(GOOD + OURS + THEIRS + FROM, "spf=pass dkim=pass dmarc=pass", id="above all hops"),
        pytest.param(OURS + OURS + GOOD + FROM, "spf=pass dkim=pass dmarc=pass", id="two hops of the receiver"),
        pytest.param(INSIDE + OURS + GOOD + FROM, "spf=pass dkim=pass dmarc=pass", id="as Gmail writes it"),
        pytest.param(OURS + NONE + GOOD + FROM, "spf=none dkim=none dmarc=none", id="forged right below the true one"),
        pytest.param(OURS + NONE + THEIRS + GOOD + FROM, "spf=none dkim=none dmarc=none", id="forged a hop further down"),
        pytest.param(OURS + THEIRS + GOOD + FROM, "", id="forged and the receiver wrote none"),
        pytest.param(OURS + FROM + GOOD, "", id="forged below From"),
        pytest.param(OURS + FROM + BAD, "spf=fail dkim=none dmarc=fail", id="a bad word is believed anywhere"),
        pytest.param(OURS + AR + "dmarc=pass\r\n" + AR + "dkim=pass header.d=a.cn\r\n" + FROM, "dmarc=pass", id="two, good"),
        pytest.param(OURS + AR + "dkim=pass header.d=a.cn\r\n" + AR + "dmarc=fail\r\n" + FROM, "dkim=pass dmarc=fail", id="two, bad"),
        pytest.param(OURS.replace("qq.com", "qq.com.evil.example") + GOOD + FROM, "", id="a hop that sounds like them"),
        pytest.param(OURS.replace("by newxmmxszc6-1.qq.com", "(by mx.qq.com) by evil.example") + GOOD + FROM, "", id="them in a comment"),
        pytest.param(AR.replace("mx.", "mx2.") + "dmarc=pass\r\n" + OURS + FROM, "", id="another server of theirs"),
    ],
)  # fmt: skip
def test_where_a_good_word_counts(header: str, told: str) -> None:
    found = heard(header)
    assert words(found) == told
    assert found.receiver == ("mx.qq.com" if told or GOOD in header else "")


def test_a_result_names_the_domain_it_speaks_of() -> None:
    value = 'mx.qq.com; spf=pass smtp.mailfrom="zhang@PYX.edu.cn"; dkim=PASS (1024) header.i = @mail.pyx.edu.cn; dmarc=weird'
    assert read_results(value).verdicts == (
        Verdict(method=Method.SPF, result=Result.PASS, domain="pyx.edu.cn"),
        Verdict(method=Method.DKIM, result=Result.PASS, domain="mail.pyx.edu.cn"),
        Verdict(method=Method.DMARC, result=Result.OTHER),
    )


@pytest.mark.parametrize(
    ("results", "sender", "proven"),
    [
        ("dmarc=pass header.from=pyx.edu.cn", "zhang@pyx.edu.cn", True),
        ("dmarc=pass", "zhang@pyx.edu.cn", True),
        ("dmarc=pass header.from=evil.example", "zhang@pyx.edu.cn", False),  # the receiver read another From than we
        ("dkim=pass header.d=mail.pyx.edu.cn; dmarc=none", "zhang@pyx.edu.cn", True),
        ("dkim=pass header.d=evil.example", "zhang@pyx.edu.cn", False),
        ("dkim=pass header.d=edu.cn", "zhang@pyx.edu.cn", False),  # a public suffix is nobody's
        ("dkim=pass header.d=qfx.edu.cn", "zhang@pyx.edu.cn", False),
        ("dkim=pass", "zhang@pyx.edu.cn", False),
        ("dkim=pass header.d=evil.example; dkim=pass header.d=pyx.edu.cn", "zhang@pyx.edu.cn", True),
        ("spf=pass smtp.mailfrom=zhang@pyx.edu.cn", "zhang@pyx.edu.cn", False),  # the envelope, not From
        ("dkim=pass header.d=qq.com", "zhang@qq.com", True),
        ("dkim=pass header.d=pyx.edu.cn; dmarc=fail", "zhang@pyx.edu.cn", False),
        ("", "zhang@pyx.edu.cn", False),
    ],
)
def test_what_proves_the_author(results: str, sender: str, proven: bool) -> None:
    found = heard(OURS + AR + results + "\r\n" + FROM)
    facts = MailFacts(
        message_id=None, subject="", sender=sender, sender_name="", reply_to=None, envelope_sender=None,
        kind=MailKind.HUMAN, authentication=found,
    )  # fmt: skip
    judged = aligned(facts).authentication
    assert judged.proven is proven
    assert not replace(judged, sole_author=False).proven
    assert replace(judged, own=OwnCheck.PASS).proven is not judged.failed


@pytest.mark.parametrize(
    ("header", "sole"),
    [
        (FROM, True),
        (FROM + "From: x <x@evil.example>\r\n", False),
        ("From: zhang@pyx.edu.cn, x@evil.example\r\n", False),
        ("Subject: x\r\n", False),
    ],
)
def test_a_mail_of_two_authors_proves_neither(header: str, sole: bool) -> None:
    facts = opened((OURS + GOOD + header + "\r\nbody\r\n").encode()).facts
    assert facts.authentication.sole_author is sole
    assert words(facts.authentication) in ("spf=pass dkim=pass dmarc=pass", "")
    assert not facts.dmarc_failed


def test_each_mailbox_has_its_receiver_and_that_its_domain() -> None:
    own = OwnIdentity(addresses=frozenset(), message_id_suffix="", trusted_by_account={"main": "mx.qq.com", "two": ""})
    assert [(own.at(name).trusted_authserv_id, own.at(name).receiver_domain) for name in ("main", "two", "replay")] == [
        ("mx.qq.com", "qq.com"), ("", ""), ("", ""),
    ]  # fmt: skip


PIECES = st.sampled_from(
    ["mx.qq.com", "evil.cn", ";", "(", ")", '"', "\\", "dmarc", "dkim", "spf", "=", "pass", "fail", " ", "\r\n\t", "/1", "header.d",
     "header.from", "a.cn", "@", "(c)", "none", "é", "\0"]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
def test_no_value_breaks_the_reader_and_quoting_makes_it_say_nothing(value: str) -> None:
    plain = value.encode("utf-8", "replace").decode("latin-1")
    read_results(plain)
    for open_, close in (("(", ")"), ('"', '"')):
        hidden = plain.replace("\\", "").replace("(", "").replace(")", "").replace('"', "")
        assert read_results(f"mx.qq.com; dkim=none {open_}{hidden}{close}; spf=none").verdicts == (
            Verdict(method=Method.DKIM, result=Result.NONE, domain=""),
            Verdict(method=Method.SPF, result=Result.NONE),
        )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([GOOD, BAD, NONE, THEIRS, FROM, OURS, AR + "none\r\n"]), max_size=6).map("".join))
def test_nothing_a_sender_writes_below_the_receivers_word_makes_it_better(below: str) -> None:
    for word in (BAD, NONE):
        found = heard(OURS + word + below + FROM)
        assert Result.PASS not in {each.result for each in found.verdicts}
        assert found.failed or word is NONE
