"""Who may write for a reporter: the notice's list, what staff confirm, and what each policy asks for."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.notices import SHIPPED, check_notice, load_notice
from domain.authentication import Authentication, Method, OwnCheck, Result, Verdict
from domain.judge import Outcome, judge
from domain.notice import Notice, SenderPolicy
from domain.placing import Standing
from domain.precheck import judge_unfiled
from domain.problems import Severity
from domain.sets import sets_of
from domain.submission import State
from ingest import senders, verdicts
from ingest.errors import CannotLearn
from tests.builders import NOTICE, reporter
from tests.office import Office, addresses, office, only_case
from tests.parts import CLERK, STRANGER, codes, mail, of_unit, scan, workbook
from tests.shell import Shell
from tests.stores import dump

SHEET = workbook()
SCAN = scan(SHEET)
NEW = workbook({"contact": "王五"}, label="new")
NEW_SCAN = scan(NEW, label="new scan")
HOUR = timedelta(hours=1)
RECEIPT = "PY51-PYX-20200227-01"
PYX = reporter("PYX")


def confirm(here: Office, address: str = STRANGER) -> bool:
    return senders.confirm(here.app, NOTICE, PYX, address, by="staff:a")


def case_of(here: Office, number: int) -> Any:
    from storage import submissions

    with here.app.database.read() as tx:
        return submissions.load(tx, f"PY51-PYX-20200227-{number:02d}")


def test_a_confirmed_address_is_unknown_no_more_and_replaces_what_another_sent(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        assert codes(case_of(here, 1)) == {"mail.unknown_sender"}
        assert confirm(here)
        assert not confirm(here, STRANGER.upper())
        here.mail("m2", NEW, NEW_SCAN, sender=STRANGER, at=here.now + HOUR)
        here.run(after=HOUR)
        second = case_of(here, 2)
        assert (second.state, codes(second), second.sender_known) == (State.ACCEPTED, set(), True)


def test_a_confirmed_address_is_honoured_in_reply_to_and_hears_of_what_fails_dmarc(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        confirm(here)
        here.mail("m1", SHEET, SCAN, sender="a@qq.com", reply_to=STRANGER)
        here.run()
        here.mail("m2", NEW, NEW_SCAN, sender=CLERK, dmarc_failed=True, at=here.now + HOUR)
        here.run(after=HOUR)
        assert addresses(here) == [STRANGER, STRANGER]


def test_a_confirmed_address_is_of_one_reporter_alone(tmp_path: Path) -> None:
    other = of_unit("范县", label="fan")
    with office(tmp_path) as here:
        confirm(here)
        here.mail("m1", other, scan(other, label="fan scan", seal="范县教育局"), sender=STRANGER)
        here.run()
        assert "mail.unknown_sender" in codes(only_case(here))


def test_a_letters_code_of_no_content_goes_by_the_confirmed_address(tmp_path: Path) -> None:
    """A workbook that names nobody is the reporter's whose address sent it."""
    nameless = workbook({"unit": ""}, label="nameless", unit=None, title=None)
    with office(tmp_path) as here:
        here.mail("m1", nameless, sender=STRANGER)
        here.run()
        confirm(here)
        here.mail("m2", replace(nameless, sha256=NEW.sha256), sender=STRANGER, at=here.now + HOUR)
        here.run(after=HOUR)
        assert sorted(receipt.split("-")[1] for receipt in here.cases()) == ["PYX", "XX"]


def test_a_forgotten_address_is_unknown_again(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        confirm(here)
        assert senders.forget(here.app, NOTICE, PYX, STRANGER, by="staff:b")
        assert not senders.forget(here.app, NOTICE, PYX, STRANGER, by="staff:b")
        here.mail("m1", SHEET, SCAN, sender=STRANGER)
        here.run()
        assert "mail.unknown_sender" in codes(only_case(here))
        assert confirm(here)
        assert [each.address for each in senders.known(here.app, NOTICE)] == [STRANGER]


def test_the_ledger_names_reporter_and_receipt_and_nothing_of_the_address(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN, sender=STRANGER)
        here.run()
        verdicts.decide(here.app, RECEIPT, accept=False, reason="x", by="staff:a")
        verdicts.decide(here.app, RECEIPT, accept=True, reason="y", by="staff:a", learn_sender=True)
        senders.forget(here.app, NOTICE, PYX, STRANGER, by="staff:a")
        here.run()
    entries = [line for line in dump(tmp_path) if "ledger_entries" in line]
    told = [line for line in entries if "'sender." in line]
    assert ["sender.confirmed" in line for line in told] == [True, False]
    assert f'"receipt":"{RECEIPT}","reporter":"PYX"' in told[0]
    for secret in (STRANGER, hashlib.sha256(STRANGER.encode()).hexdigest(), STRANGER.partition("@")[0]):
        assert not any(secret in line for line in entries)


def test_staff_vouch_for_the_sender_of_what_they_accept(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", NEW, NEW_SCAN, sender=STRANGER, at=here.now + HOUR)
        here.run(after=HOUR)
        assert case_of(here, 2).state is State.REVIEW
        decided = verdicts.decide(
            here.app, "PY51-PYX-20200227-02", accept=True, reason="已电话核实", by="staff:a", learn_sender=True
        )
        assert (decided.learnt, decided.submission.state) == (STRANGER, State.ACCEPTED)
        [known] = senders.known(here.app, NOTICE)
        assert known.known is not None
        assert (known.address, known.known.receipt, known.known.confirmed_by) == (
            STRANGER, "PY51-PYX-20200227-02", "staff:a",
        )  # fmt: skip


@pytest.mark.parametrize("facts", [{"dmarc_failed": True}, {"sender": ""}])
def test_nobody_vouches_for_an_address_that_may_be_forged(tmp_path: Path, facts: dict[str, Any]) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, scan(SHEET, colour=False), **facts)
        here.run()
        before = here.cases()
        with pytest.raises(CannotLearn):
            verdicts.decide(here.app, RECEIPT, accept=True, reason="x", by="staff:a", learn_sender=True)
        assert (here.cases(), senders.known(here.app, NOTICE)) == (before, ())


def passed(method: Method = Method.DMARC, result: Result = Result.PASS, *, aligned: bool = True) -> Authentication:
    verdict = Verdict(method=method, result=result, domain="example.cn", aligned=aligned)
    return Authentication(receiver="mx.example.cn", verdicts=(verdict,))


NOTHING, PASSED = Authentication(), passed()
O, K, V = SenderPolicy.OPEN, SenderPolicy.KNOWN, SenderPolicy.VERIFIED  # noqa: E741


@pytest.mark.parametrize(
    ("policy", "known", "authentication", "failed", "state", "asked"),
    [
        (O, False, NOTHING, False, State.ACCEPTED, set()),
        (O, True, NOTHING, False, State.ACCEPTED, set()),
        (O, False, NOTHING, True, State.ACCEPTED, set()),
        (K, False, NOTHING, False, State.REVIEW, {"mail.unknown_sender"}),
        (K, False, PASSED, False, State.REVIEW, {"mail.unknown_sender"}),
        (K, True, NOTHING, False, State.ACCEPTED, set()),
        (K, True, NOTHING, True, State.REVIEW, {"mail.sender_unverified"}),
        (V, True, PASSED, False, State.ACCEPTED, set()),
        (V, True, passed(Method.DKIM), False, State.ACCEPTED, set()),
        (V, True, Authentication(own=OwnCheck.PASS), False, State.ACCEPTED, set()),
        (V, True, NOTHING, False, State.REVIEW, {"mail.sender_unverified"}),
        (V, True, Authentication(own=OwnCheck.NOT_CHECKED), False, State.REVIEW, {"mail.sender_unverified"}),
        (V, True, Authentication(own=OwnCheck.FAIL), False, State.REVIEW, {"mail.sender_unverified"}),
        (V, True, passed(Method.SPF), False, State.REVIEW, {"mail.sender_unverified"}),
        (V, True, passed(aligned=False), False, State.REVIEW, {"mail.sender_unverified"}),
        (V, True, passed(result=Result.NONE), False, State.REVIEW, {"mail.sender_unverified"}),
        (V, True, PASSED, True, State.REVIEW, {"mail.sender_unverified"}),
        (V, False, PASSED, False, State.REVIEW, {"mail.unknown_sender"}),
        (V, False, NOTHING, False, State.REVIEW, {"mail.unknown_sender"}),
        (V, False, NOTHING, True, State.REVIEW, {"mail.unknown_sender", "mail.sender_unverified"}),
    ],
)
def test_what_each_policy_asks_for(
    policy: SenderPolicy, known: bool, authentication: Authentication, failed: bool, state: State, asked: set[str]
) -> None:
    notice = replace(NOTICE, sender_policy=policy)
    came = mail("m1", SHEET, SCAN, authentication=authentication, dmarc_failed=failed)
    [parts] = sets_of(came, notice)
    standing = Standing(known_addresses=frozenset({CLERK} if known else ()))
    case = judge(parts, came, notice=notice, reporter=PYX, standing=standing).submission
    assert case.state is state
    review = [each for each in case.problems if each.severity is Severity.REVIEW]
    assert {each.code for each in review} == asked
    assert all("人工" in each.message and "不必重新发送" in each.advice for each in review)
    assert judge_unfiled(parts, came, notice=notice, reporter=PYX).submission.state is State.ACCEPTED


def test_what_waits_for_its_sender_is_not_the_reporters_current_version() -> None:
    """The clerk sends the very files that a stranger sent before: that is their own return, no resend of the stranger's."""
    notice = replace(NOTICE, sender_policy=K)
    cases = []
    for name, sender in (("m1", STRANGER), ("m2", CLERK)):
        came = mail(name, SHEET, SCAN, sender=sender)
        [parts] = sets_of(came, notice)
        standing = Standing(submissions=tuple(cases), known_addresses=frozenset({CLERK}))
        decision = judge(parts, came, notice=notice, reporter=PYX, standing=standing)
        assert decision.outcome is Outcome.DECIDED
        cases.append(replace(decision.submission, receipt=name))
    assert [(case.state, case.sender) for case in cases] == [(State.REVIEW, STRANGER), (State.ACCEPTED, CLERK)]


def test_a_policy_never_rejects_and_an_error_still_does() -> None:
    notice = replace(NOTICE, sender_policy=V)
    bad = workbook({"phone": ""}, label="bad")
    for sheet, state in ((bad, State.REJECTED), (SHEET, State.REVIEW)):
        came = mail("m1", sheet, scan(sheet), dmarc_failed=True, sender=STRANGER)
        [parts] = sets_of(came, notice)
        assert judge(parts, came, notice=notice, reporter=PYX, standing=Standing()).submission.state is state


def written(folder: Path, **changes: Any) -> Path:
    """The shipped notice with other values."""
    data = yaml.safe_load((SHIPPED / "puyang-2020-51.yaml").read_text(encoding="utf-8")) | changes
    file = folder / "puyang-2020-51.yaml"
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return file


@pytest.mark.parametrize("policy", list(SenderPolicy))
def test_a_notice_says_its_policy(tmp_path: Path, policy: SenderPolicy) -> None:
    file = written(tmp_path, senders={"policy": str(policy)})
    assert check_notice(file) == []
    assert load_notice(file).sender_policy is policy


def test_a_notice_without_a_policy_takes_anybodys() -> None:
    assert NOTICE.sender_policy is SenderPolicy.OPEN


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"senders": {"policy": "closed"}}, "senders.policy"),
        ({"senders": {"police": "known"}}, "senders.police"),
        ({"senders": {"policy": "known"}, "rules": [{"code": "mail.unknown_sender", "severity": "off"}]}, "rules[0].severity"),
        ({"senders": {"policy": "verified"}, "rules": [{"code": "mail.sender_unverified", "severity": "warning"}]}, "rules[0].severity"),
    ],
)  # fmt: skip
def test_notice_check_names_what_is_wrong_with_a_policy(tmp_path: Path, changes: dict[str, Any], key: str) -> None:
    [fault] = check_notice(written(tmp_path, **changes))
    assert key in fault


def test_addresses_of_a_notice_are_compared_by_one_spelling(tmp_path: Path) -> None:
    data = yaml.safe_load((SHIPPED / "puyang-2020-51.yaml").read_text(encoding="utf-8"))
    data["reporters"][0]["addresses"] = ["Jyj@教育.中国"]
    notice: Notice = load_notice(written(tmp_path, reporters=data["reporters"]))
    assert notice.reporters[0].addresses == ("jyj@xn--wcvs22d.xn--fiqs8s",)


def test_commands(tmp_path: Path, toml: Path, baosong: Shell) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", NEW, NEW_SCAN, sender=STRANGER, at=here.now + HOUR)
        here.run(after=HOUR)
    config = ("--config", toml)
    assert baosong("senders", "list", *config).err.startswith("no known addresses")
    ran = baosong("decide", "PY51-PYX-20200227-02", "reject", "--reason", "x", "--learn-sender", *config)
    assert (ran.status, "--learn-sender" in ran.err) == (2, True)
    ran = baosong("decide", "PY51-PYX-20200227-02", "accept", "--reason", "x", "--learn-sender", *config)
    assert (ran.status, f"{STRANGER} is now known for PYX" in ran.err) == (0, True)
    assert "is now known for 濮阳县 (PYX)" in baosong("senders", "confirm", "濮阳县", "zh\u0430ng@qq.com", *config).out
    listed = baosong("senders", "list", "--json", *config).document
    assert [each["address"] for each in listed["known"]] == [STRANGER, "zh\u0430ng@qq.com"]
    assert listed["known"][0]["receipt"] == "PY51-PYX-20200227-02"
    assert all(len(line) <= 80 for line in baosong("senders", "list", *config).out.splitlines())
    assert baosong("senders", "forget", "PYX", STRANGER, *config).status == 0
    assert baosong("senders", "forget", "PYX", STRANGER, *config).status == 1
    assert baosong("senders", "reachable", STRANGER, *config).status == 1
    assert baosong("senders", "confirm", "PYX", "no address", *config).status == 2
    assert baosong("senders", "confirm", "nowhere", "a@b.cn", *config).status == 2
    assert baosong("senders", "list", "--notice", "gone", *config).status == 2
    assert baosong("audit", "verify", *config).status == 0
