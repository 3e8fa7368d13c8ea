"""Letters in words: what each kind says, to the character (golden files), and what holds of every letter.

`BAOSONG_UPDATE_GOLDEN=1 pytest tests/test_letters.py` writes the golden files anew; read the difference before keeping it.
"""

from __future__ import annotations

import html
import os
import re
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from domain.catalogue import CATALOGUE, problem
from domain.judge import Decision, Outcome
from domain.letter import Letter
from domain.letters import decision_letter
from domain.marks import marks_of
from domain.mixed_up import unit_on_scan
from domain.notice import Notice
from domain.problems import Place, Problem, Severity
from domain.submission import About, State, Submission
from domain.versions import CellChange, Difference, NamedRow, RowChange
from notifier.letters import Rendered, render
from notifier.moments import moment
from notifier.points import groups, numeral
from notifier.templating import human_size
from tests import digest_samples
from tests.builders import NOTICE, RECEIVED, cover, findings, page, seal, verdict
from tests.letter_samples import (
    CLERK,
    COLLEAGUE,
    HEAD,
    NO_COVER,
    SHORT_PHONE,
    UNKNOWN,
    case,
    cover_part,
    letter,
    samples,
    sheet_part,
)

GOLDEN = Path(__file__).parent / "golden"
LETTERS = samples() | digest_samples.samples()
UPDATE = bool(os.environ.get("BAOSONG_UPDATE_GOLDEN"))

SPEC_EXAMPLE = """\
【退回】您2月27日15:40报送的材料有3处需要修改。改好后请直接回复本邮件，把电子表和重新盖章的扫描件一并发来。
回执 PY51-PYX-20200227-03（第1版）
  濮阳县.xlsx  48 KB  SHA-256 9f2c…e1  读到46行
  扫描.pdf  812 KB  SHA-256 04ab…77  印章：濮阳县教育局（清晰）
一、电子表“濮阳县.xlsx”
  1. F9 电话：“1383930”位数不够。请填11位手机号，或固定电话，如0393-1234567。
  2. I12 备案号：是否备案填了“是”，但没有填备案号。请填教育部备案号，如教APP备4100001号；若未备案，请在H12填“否”。
二、盖章扫描件“扫描.pdf”
  3. 第7行 电话（电子表F7）：与电子表不一致，第11位扫描件是7，电子表是1（138****0011）。请核对，改好后重新打印首页、盖章、扫描。
附：您的电子表，有问题的单元格已标红并加了批注。
存证：第128号 """


def shown(made: Letter, notice: Notice = NOTICE) -> Rendered:
    return render(made, notice, head_number=HEAD[0], head_hash=HEAD[1])


def words_of(html: str) -> str:
    """What a reader of the HTML sees, without white space."""
    body = lxml_html.document_fromstring(html).find("body")
    assert body is not None
    return "".join(str(body.text_content()).split())


def first_line(made: Letter) -> str:
    return shown(made).text.splitlines()[0]


@pytest.mark.parametrize("name", LETTERS)
def test_golden(name: str) -> None:
    made = shown(LETTERS[name])
    for suffix, content in (("txt", f"{made.subject}\n\n{made.text}"), ("html", made.html)):
        path = GOLDEN / f"{name}.{suffix}"
        if UPDATE:
            path.write_text(content, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == content


def test_every_golden_file_has_its_letter() -> None:
    found = {
        path.stem for path in GOLDEN.iterdir() if not path.stem.endswith("-with-rules")
    }  # tests/test_letters_rules.py
    assert found == {*LETTERS, "merged"}, "merged is tests/test_merged_workbook.py's"


def test_the_example_of_the_specification_to_the_character() -> None:
    made = shown(LETTERS["rejected"])
    assert made.text.startswith(SPEC_EXAMPLE + HEAD[1][:16])
    assert made.subject == "Re: 【退回】濮阳县学习类APP统计备案表（回执 PY51-PYX-20200227-03）"


@pytest.mark.parametrize("name", LETTERS)
def test_text_and_html_say_the_same(name: str) -> None:
    made = shown(LETTERS[name])
    assert _same_words(made, LETTERS[name])


def _same_words(made: Rendered, told: Letter) -> bool:
    html, text = words_of(made.html), "".join(_unlinked(made.text).split())
    if told.digest:
        html, text = (re.sub("查看|打开管理页面|下载（Excel）", "", words) for words in (html, text))
    return html == text


def _unlinked(text: str) -> str:
    """What a digest says without its links, which the text spells out, and without its bar, which there is made of signs."""
    return re.sub(r"(?:管理页面：)?https://baosong\.example\.cn/\S*|[█░]+ \d+/\d+", "", text)


@pytest.mark.parametrize("name", LETTERS)
def test_every_letter_carries_the_head_of_the_ledger(name: str) -> None:
    made = shown(LETTERS[name])
    assert f"存证：第{HEAD[0]}号 {HEAD[1][:16]}…（备查，不必理会）" in made.text.splitlines()
    assert made.proof == f"{HEAD[0]}:{HEAD[1]}"


def test_an_empty_ledger_leaves_no_empty_proof() -> None:
    made = render(LETTERS["complaint"], NOTICE, head_number=None, head_hash=None)
    assert made.proof is None
    assert "存证" not in made.text + made.html


@pytest.mark.parametrize("name", [name for name in LETTERS if name.startswith(("outcome-", "superseded", "complaint"))])
def test_letters_of_one_line_tell_no_content(name: str) -> None:
    if name == "superseded-on-arrival":
        return  # to the sender of that very workbook
    text = shown(LETTERS[name]).text
    assert "1383930" not in text
    assert "xlsx" not in text
    assert len(text.split("存证")[0].strip().splitlines()) == 1


def test_staff_words_stay_with_the_sender_of_the_workbook() -> None:
    told = letter(case(State.REJECTED, SHORT_PHONE, decided_by="staff:王", reason="李晓明的电话不对"), to=COLLEAGUE)
    assert "李晓明" not in shown(told).text + told.reason


def test_the_workbooks_sender_is_known_in_any_case_of_letters() -> None:
    made = letter(case(State.REJECTED, SHORT_PHONE), to=CLERK.upper())
    assert "1383930" in shown(made).text


def test_a_rejection_counts_errors_only() -> None:
    assert "有2处需要修改" in first_line(letter(case(State.REJECTED, SHORT_PHONE, NO_COVER, *_warnings())))


def _warnings() -> list[Problem]:
    return [problem for name in ("accepted-warnings", "accepted-late") for problem in LETTERS[name].problems]


def test_a_cut_list_counts_by_its_total_and_says_so() -> None:
    text = shown(LETTERS["rejected-many"]).text
    assert "有73处需要修改" in text.splitlines()[0]
    assert text.count("没有填联系人") == 50
    assert text.count("同类问题共73处，这里列出50处") == 1


def test_a_wrong_seal_alone_says_stamp_again_and_send_both() -> None:
    line = first_line(LETTERS["rejected-seal"])
    assert "电子表里没有发现错误" in line
    assert "重新盖章、扫描" in line
    assert "把电子表和新的扫描件一并发来" in line


def test_only_warnings_that_ask_something_are_announced() -> None:
    assert "您不用再做什么" in first_line(LETTERS["accepted"])
    assert "另有2条提醒" in first_line(LETTERS["accepted-warnings"])


REVIEWS = [entry.code for entry in CATALOGUE.values() if entry.severity is Severity.REVIEW]


@pytest.mark.parametrize("code", REVIEWS)
@pytest.mark.parametrize("state", [State.REJECTED, State.ACCEPTED])
def test_a_decided_letter_never_says_wait(code: str, state: State) -> None:
    entry = CATALOGUE[code]
    for number, words in enumerate((entry.words, *entry.variants.values())):
        doubt = Problem(code=code, severity=Severity.REVIEW, message=words.message, advice=words.advice)
        told = shown(letter(case(state, SHORT_PHONE, doubt))).text
        assert "等候" not in told, number
        assert "将由人工" not in told, number


@pytest.mark.parametrize("code", ["mail.takeover", "mail.foreign_part"])
@pytest.mark.parametrize("state", [State.INCOMPLETE, State.REJECTED])
def test_who_is_asked_to_send_something_is_not_told_to_send_nothing(code: str, state: State) -> None:
    entry = CATALOGUE[code]
    for words in (entry.words, *entry.variants.values()):
        doubt = Problem(code=code, severity=Severity.REVIEW, message=words.message, advice=words.advice)
        told = shown(letter(case(state, NO_COVER, doubt, cover=None))).text
        assert "不必重新发送" not in told
        assert "人工核对" in told
        assert state is not State.REJECTED or "原邮件" not in told


def test_what_the_checks_took_for_the_reporters_seal_is_named_as_it_should_read() -> None:
    misread = cover_part(cover(page(seal("海阳市濮阳县教育局"))))
    assert letter(case(State.ACCEPTED, cover=misread)).files[1].note == "印章：濮阳市濮阳县教育局（清晰）"


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "<img src=x onerror=y>", "\"&quot;'", "</p></div>{{ 7*7 }}", "a\r\nBcc: x"]
)
def test_no_field_becomes_markup(hostile: str) -> None:
    base = LETTERS["rejected"]
    bad = replace(
        SHORT_PHONE, message=hostile, advice=hostile, field=hostile, cell=hostile, file=hostile, value=hostile
    )
    made = replace(
        base,
        subject=hostile, receipt=hostile, reporter_name=hostile, problems=(bad, replace(bad, file=None)),
        files=tuple(replace(file, name=hostile, note=hostile) for file in base.files), replaces=(hostile,),
        decided_by_staff=True, reason=hostile * 10, difference=_hostile(hostile),
    )  # fmt: skip
    tree = lxml_html.document_fromstring(shown(made).html)
    assert not tree.xpath("//script | //img | //*[@onerror]")
    assert {element.tag for element in tree.iter()} <= TAGS
    assert words_of(shown(made).html) == "".join(shown(made).text.split())


TEMPLATE = "{{ 6173*6173 }}{% boom %}{# gone #}"
"""Put through the template engine its product would be seen, its word raise, and its comment be lost."""


_NO_TEXTS = ("notice", "code", "timezone", "console")
"""Names and addresses of the configuration."""


def template_everywhere(value: Any) -> Any:
    """The value with every text in it replaced, however deep; kinds, states and codes are no texts of anybody's."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return TEMPLATE
    if isinstance(value, tuple):
        return tuple(template_everywhere(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        texts = {each.name: getattr(value, each.name) for each in fields(value) if each.name not in _NO_TEXTS}
        return replace(value, **{name: template_everywhere(each) for name, each in texts.items()})
    return value


@pytest.mark.parametrize("name", LETTERS)
def test_a_template_in_any_field_stays_text(name: str) -> None:
    """Receipt, names, files, problems, reasons, differences, whatever there is: also the wording, which is made of values."""
    base = LETTERS[name]
    made = shown(template_everywhere(base))
    assert TEMPLATE in made.subject or base.digest
    for told in (made.text, html.unescape(made.html)):
        assert TEMPLATE in told or not (base.receipt or base.files or base.problems), "the letter tells of nothing"
        assert "38105929" not in told + made.subject
    assert _same_words(made, base)


def _hostile(text: str) -> Difference:
    cell = CellChange(field=text, before=text, after=f"{text}!", before_cell=text, after_cell=text)
    row = NamedRow(number=5, names=(text, text))
    change = RowChange(row=row, before=5, cells=(cell, replace(cell, field="电话")))
    return Difference(receipt=text, version=1, sender=text, added=(row,), removed=(row,), changed=(change,))


TAGS = {"html", "head", "meta", "title", "style", "body", "div", "p", "b", "br", "span"}


def test_nothing_is_fetched_to_show_a_letter() -> None:
    """A digest links the console of the configuration, and nothing else links anything."""
    for made in LETTERS.values():
        html = shown(made).html
        if made.digest and made.digest.console:
            html = html.replace(f'<a class="link" href="{made.digest.console}/', "<a ")
        assert not re.search(r"https?:|src=|href=|url\(|@import", html)


def test_problems_of_files_with_one_name_stand_once() -> None:
    base = LETTERS["rejected"]
    twins = replace(base, files=tuple(replace(file, name="表.pdf") for file in base.files))
    points = groups(replace(twins, problems=(replace(SHORT_PHONE, file="表.pdf"),)), NOTICE)
    assert [len(group.points) for group in points] == [1]


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_mobile_number_is_never_whole(before: str, after: str) -> None:
    problem = replace(SHORT_PHONE, message=f"“{before} 13812345678 {after}”不对。")
    made = shown(replace(LETTERS["rejected"], problems=(problem,)))
    assert "13812345678" not in made.text + made.html


def test_a_very_long_value_is_cut_and_the_advice_is_whole() -> None:
    value = "长" * 5_000
    made = shown(
        replace(LETTERS["rejected"], problems=(replace(SHORT_PHONE, value=value, message=f"“{value}”不对。"),))
    )
    assert len(made.text) < 1_000
    assert SHORT_PHONE.advice in made.text


def test_times_are_told_in_the_notices_zone() -> None:
    assert moment(RECEIVED.astimezone(ZoneInfo("UTC")), NOTICE.zone) == "2月27日15:40"


@pytest.mark.parametrize(
    ("number", "written"), [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (20, "二十"), (21, "二十一"), (100, "100")]
)
def test_numerals(number: int, written: str) -> None:
    assert numeral(number) == written


@pytest.mark.parametrize(
    ("size", "written"),
    [(0, "0 字节"), (1023, "1023 字节"), (49_152, "48 KB"), (1_048_500, "1.0 MB"), (2_621_440, "2.5 MB")],
)
def test_sizes(size: int, written: str) -> None:
    assert human_size(size) == written


def test_an_unregistered_address_is_told_that_nothing_is_hindered_and_how_to_register() -> None:
    text = shown(LETTERS["accepted"]).text
    assert f"邮箱{CLERK}还没有登记为本单位的报送邮箱，不影响本次办理。" in text
    assert "如需登记，请直接回复本邮件" in text


@pytest.mark.parametrize("name", ["濮阳县空白表.xlsx", "濮阳县-标注.xlsx"])
def test_what_is_attached_is_not_guessed_from_its_name(name: str) -> None:
    """A clerk fills in our blank form, or mends our marked file, and sends it under the name it has."""
    text = shown(letter(case(State.REJECTED, SHORT_PHONE), name)).text
    assert "附：您的电子表，有问题的单元格已标红并加了批注。" in text.splitlines()


def test_a_mix_up_is_told_first_and_no_cell_of_it() -> None:
    text = shown(LETTERS["rejected-mixed-up"]).text
    assert "扫描件是范县的，电子表是濮阳县的" in text.splitlines()[0]
    assert "B5" not in text and text.count("范县第") == 0
    assert len(groups(LETTERS["rejected-mixed-up"], NOTICE)[0].points) == 1
    assert "另有1处需要修改" in first_line(LETTERS["rejected-mixed-up-errors"])
    assert len(LETTERS["rejected-mixed-up"].problems) == 32


def _of(*told: tuple[str, str, str, About]) -> Submission:
    """A case whose scan reads so: (field, workbook, scan, what it is about)."""
    cells = [
        verdict("match" if one == other else "differs", one, other, field=field, about=about)
        for field, one, other, about in told
    ]
    return case(State.REJECTED, findings=findings(*cells))


@pytest.mark.parametrize(
    ("told", "unit"),
    [
        ([("标题", "濮阳县学习类APP统计备案表", "范县学习类APP统计备案表", About.HEADER)], "范县"),
        ([("填报单位", "濮阳县教育局", "范县教育局", About.HEADER)], "范县"),
        ([("填报单位", "濮阳县教育局", "范县教育局", About.HEADER), ("标题", "x", "台前县学习类APP统计备案表", About.HEADER)], None),
        ([("填报单位", "濮阳县教育局", "某某教育局", About.HEADER)], None),
        ([("标题", "x", "濮阳县学习类APP统计备案表", About.HEADER)], None),
        ([("单位", "濮阳县", "范县", About.CELL)] * 3, "范县"),
        ([("单位", "濮阳县", "范县", About.CELL)], None),  # one row says nothing of the page
        ([("单位", "濮阳县", "范县", About.CELL)] * 2 + [("单位", "濮阳县", "濮阳具", About.CELL)] * 3, None),
        ([("标题", "x", "范县学习类APP统计备案表", About.HEADER), ("填报单位", "濮阳县", "濮阳县", About.HEADER)], None),
        ([("学校", "范县一中", "范县", About.CELL)] * 3, None),
    ],
)  # fmt: skip
def test_whose_the_scan_is(told: list[tuple[str, str, str, About]], unit: str | None) -> None:
    found = unit_on_scan(_of(*told), NOTICE)
    assert (found.name if found else None) == unit
    assert unit_on_scan(replace(_of(*told), reporter=None), NOTICE) is None


def test_no_cell_is_marked_for_what_anothers_scan_says() -> None:
    made = samples()["rejected-mixed-up-errors"]
    assert len(made.problems) == 33
    mixed = replace(_of(("填报单位", "濮阳县教育局", "范县教育局", About.HEADER)), problems=made.problems)
    assert [cell for _, cell, _ in marks_of(mixed, NOTICE)] == ["F9"]
    assert len(marks_of(replace(mixed, findings=None), NOTICE)) == 32


@pytest.mark.parametrize("code", ["mail.takeover", "mail.foreign_part"])
def test_an_address_that_is_looked_at_is_not_told_that_it_hinders_nothing(code: str) -> None:
    doubt = problem(code, Place(value=CLERK))
    assert "不影响本次办理" not in shown(letter(case(State.REVIEW, UNKNOWN, doubt))).text
    assert "不影响本次办理" in shown(letter(case(State.ACCEPTED, UNKNOWN, doubt))).text


OTHER = replace(case(State.REJECTED), receipt="PY51-PYX-20200226-01", sender="x@example.cn",
                sheet=sheet_part(sender="x@example.cn"), cover=cover_part(sender="x@example.cn"))  # fmt: skip


@pytest.mark.parametrize(
    ("version", "others", "addresses", "told"),
    [
        (1, (OTHER,), (), True), (2, (OTHER,), (), False), (2, (OTHER,), (CLERK,), True),
        (2, (replace(OTHER, cover=cover_part()),), (), True), (2, (replace(OTHER, sender=CLERK),), (), True),
        (2, (replace(OTHER, receipt=case(State.ACCEPTED).receipt, sender=CLERK),), (), False),
    ],
)  # fmt: skip
def test_that_an_earlier_version_stands_is_told_to_who_knows_of_it(
    version: int, others: tuple[Submission, ...], addresses: tuple[str, ...], told: bool
) -> None:
    notice = replace(
        NOTICE,
        reporters=tuple(
            replace(each, addresses=addresses) if each.code == "PYX" else each for each in NOTICE.reporters
        ),
    )
    made = decision_letter(
        Decision(outcome=Outcome.DECIDED, submission=case(State.REVIEW, version=version)), notice, to=CLERK.upper(),
        message_id="<x>", subject="", in_reply_to=None, references=(), others=others,
    )  # fmt: skip
    assert (f"（第{version}版）" in shown(made, notice).text) is told


def test_a_reminder_stands_once() -> None:
    assert shown(LETTERS["accepted-warnings"]).text.count("直播课程中严禁打赏") == 1
