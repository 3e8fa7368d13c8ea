"""Four findings that never mix: who sent it, what vouches for them, the seal, the content."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cli.show_text import print_submission
from domain.authentication import Authentication, Method, OwnCheck, Result, Verdict
from domain.authorship import ContentVerdict, SealVerdict, authorship
from domain.submission import Submission
from ingest.case_json import evidence_json
from notifier.report import Evidence, render_report
from storage.codec import pack, unpack
from tests import builders
from tests.builders import NOTICE
from tests.parts import CLERK, STRANGER, Desk, mail, scan, workbook

SHEET = workbook()
SCAN = scan(SHEET)
DMARC = Verdict(method=Method.DMARC, result=Result.PASS, domain="example.cn", aligned=True)
PROVEN = Authentication(receiver="mx.example.cn", verdicts=(DMARC,), own=OwnCheck.PASS, own_domain="example.cn")
FAILED = Authentication(receiver="mx.example.cn", verdicts=(replace(DMARC, result=Result.FAIL),))
MADE = datetime(2020, 3, 1, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def case_of(*readings: Any, **facts: Any) -> Submission:
    """A case as it is stored and read again."""
    facts = {"sender": CLERK, "authentication": PROVEN} | facts
    case = Desk().take(mail("m1", *readings, **facts)).submission
    record = pack(case)
    return unpack(
        record.document.data,
        record.cover.data if record.cover else None,
        record.findings.data if record.findings else None,
    )


@pytest.mark.parametrize(
    ("cover", "seal", "content"),
    [
        pytest.param(SCAN, SealVerdict.THEIRS, ContentVerdict.AGREES, id="good"),
        pytest.param(scan(SHEET, seal="范县教育局"), SealVerdict.OTHERS, ContentVerdict.AGREES, id="another's seal"),
        pytest.param(scan(SHEET, colour=False), SealVerdict.UNSURE, ContentVerdict.AGREES, id="no colour"),
        pytest.param(
            scan(workbook({"phone": "13912345679"})), SealVerdict.THEIRS, ContentVerdict.DIFFERS, id="differs"
        ),
        pytest.param(None, SealVerdict.NOT_LOOKED_AT, ContentVerdict.NOT_COMPARED, id="no cover"),
    ],
)
@pytest.mark.parametrize("sender", [CLERK, STRANGER])
@pytest.mark.parametrize("authentication", [PROVEN, FAILED], ids=["proven", "failed"])
def test_no_finding_says_anything_of_another(
    cover: Any, seal: SealVerdict, content: ContentVerdict, sender: str, authentication: Authentication
) -> None:
    readings = [SHEET] if cover is None else [SHEET, cover]
    case = case_of(*readings, sender=sender, authentication=authentication, dmarc_failed=authentication.failed)
    found = authorship(case)
    assert (found.seal, found.content) == (seal, content)
    assert (found.sender.address, found.sender.known) == (sender, sender == CLERK)
    assert (found.authentication.proven, found.authentication.failed) == (
        not authentication.failed,
        authentication.failed,
    )


@pytest.mark.parametrize(
    ("sender", "name", "strange", "poses_as"),
    [
        (CLERK, "张三", 0, ""),
        (CLERK, f"张三 {CLERK.upper()}", 0, ""),
        ("x@evil.example", "教育局 <pyxjyj@163.com>", 0, "pyxjyj@163.com"),
        ("x@evil.example", "pyxjyj@163.com（教育局）", 0, "pyxjyj@163.com"),
        ("zh\u0430ngsan@qq.com", "张三", 1, ""),
        ("x@xn--80ak6aa92e.com", "", 4, ""),
    ],
)
def test_what_the_sender_pretends(sender: str, name: str, strange: int, poses_as: str) -> None:
    found = authorship(case_of(SHEET, SCAN, sender=sender, sender_name=name)).sender
    assert (found.name, len(found.strange), found.poses_as) == (name, strange, poses_as)


def test_an_old_record_says_that_it_does_not_know() -> None:
    case = case_of(SHEET, SCAN)
    assert case.sheet is not None
    old = replace(case, sender_known=None, sheet=None, cover=None)
    assert (authorship(old).sender.known, authorship(old).authentication) == (None, Authentication())


def test_the_json_has_them_under_evidence() -> None:
    document = json.loads(json.dumps(evidence_json(case_of(SHEET, SCAN), record={"document": "0"})))
    told = document["authorship"]
    assert list(told) == ["sender", "authentication", "seal", "seals", "content", "compared", "matched"]
    assert told["sender"]["known"] is True
    assert told["authentication"]["verdicts"][0] == {
        "method": "dmarc", "result": "pass", "domain": "example.cn", "aligned": True,
    }  # fmt: skip
    assert (told["seal"], told["seals"], told["content"]) == ("theirs", ["濮阳县教育局"], "agrees")


ODD = {"sender": "zh\u0430ngsan@xn--wcvs22d.cn", "sender_name": "教育局 <pyxjyj@163.com>", "dmarc_failed": True,
       "authentication": replace(FAILED, sole_author=False, own=OwnCheck.NOT_CHECKED, own_domain="example.cn")}  # fmt: skip


def test_show_prints_them_within_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    for facts in ({}, ODD):
        print_submission(case_of(SHEET, SCAN, **facts), (), NOTICE, quarantined={})
        out = capsys.readouterr().out
        block = out.split("who wrote it\n")[1].split("\n\n")[0]
        assert [line.split()[0] for line in block.splitlines() if re.match(r"  \w", line)] == [
            "sender", "authentication", "seal", "content",
        ]  # fmt: skip
        assert ("U+0430" in block, "pyxjyj@163.com" in block, "several authors" in block) == (bool(facts),) * 3


def test_the_report_shows_them_together_and_escapes_what_strangers_wrote() -> None:
    case = case_of(SHEET, SCAN, **(ODD | {"sender_name": "<script>教育局 <pyxjyj@163.com>"}))
    page = render_report(case, NOTICE, Evidence(pictures={}), made_at=MADE, stored=True)
    block = page.split('id="authorship"')[1].split("</table>")[0]
    assert re.findall(r"<th>(\w+)</th>", block) == ["发件人", "发件验证", "印章", "内容"]
    assert "<script>" not in page
    for words in (
        "不是该单位已知的邮箱",
        "U+0430",
        "pyxjyj@163.com",
        "可能是他人冒用",
        "是该单位的印章",
        "扫描件与电子表一致",
    ):
        assert words in block
    assert 'id="authorship"' not in render_report(case, NOTICE, Evidence(pictures={}), made_at=MADE, stored=False)


def test_every_verdict_has_words() -> None:
    from notifier import report_authorship as words

    assert set(words._SEALS) == set(SealVerdict)
    assert set(words._CONTENT) == set(ContentVerdict)
    assert set(words._OWN) == set(OwnCheck)
    assert set(words._METHODS) == set(Method)


def test_a_seal_of_nobody_known_is_not_called_theirs() -> None:
    sheet = workbook({"unit": "别县"}, label="other", unit="别县教育局", title="别县学习类APP统计备案表")
    case = case_of(sheet, scan(sheet, seal="别县教育局"))
    assert authorship(replace(case, problems=())).seal is SealVerdict.UNSURE
    assert builders.NOTICE.reporter(case.reporter) is None
