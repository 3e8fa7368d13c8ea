"""The page of a submission: what stands on it, where its boxes lie, and that a stranger's text stays text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from lxml import html as lxml_html

from domain.catalogue import problem
from domain.cover import Box, Cover, PageKind, PageOrigin, SealKind
from domain.problems import Place
from domain.submission import CellVerdict, State, Submission
from domain.versions import CellChange, Difference, NamedRow, RowChange
from notifier.jpeg_size import jpeg_size
from notifier.report import Evidence, Proof, Vouched, render_report
from tests import builders
from tests.builders import NOTICE, RECEIVED
from tests.letter_samples import HEAD, case, cover_part, sheet_part

PAGE_SHA, SEAL_SHA, RIM_SHA = "a" * 64, "b" * 64, "c" * 64
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def jpeg(width: int = 200, height: int = 100) -> bytes:
    return bytes(cv2.imencode(".jpg", np.full((height, width, 3), 250, dtype=np.uint8))[1])


PICTURES = {PAGE_SHA: jpeg(), SEAL_SHA: jpeg(50, 50), RIM_SHA: b"\x89PNG\r\n\x1a\n rim"}
CELLS = (
    builders.verdict(box=Box(x0=0.1, y0=0.2, x1=0.3, y1=0.25)),
    builders.verdict("differs", "13912345678", "13912345679", address="F5", field="电话", score=-11.52,
                     box=Box(x0=0.6, y0=0.8, x1=0.9, y1=0.85)),
    builders.verdict("doubtful", "王垚", "", address="E6", field="联系人"),
    builders.verdict("match", "濮阳县", "濮阳县80", address="A6", field="单位"),
)  # fmt: skip


def stamped(**seal: Any) -> Cover:
    made = builders.seal(**{"picture": SEAL_SHA, "rim_picture": RIM_SHA, "upright": builders.BOX} | seal)
    return builders.cover(builders.page(made, picture=PAGE_SHA, turned=90, skew_degrees=-1.2, form_code="PY51-PYX"))


def submission(
    *cells: CellVerdict, state: State = State.REJECTED, cover: Cover | None = None, **changes: Any
) -> Submission:
    mismatch = problem("cover.content_mismatch", Place(file="扫描.pdf", cell="F5", field="电话", value="13912345678"),
                       read="13912345679", shown="13912345678")  # fmt: skip
    return case(
        state, mismatch, cover=cover_part(cover or stamped()), findings=builders.findings(*(cells or CELLS)), **changes
    )


def page_of(made: Submission, *, stored: bool = True, pictures: dict[str, bytes] | None = None) -> str:
    sealed = Proof(vouched=Vouched.WHOLE, head_number=HEAD[0], head_hash=HEAD[1], cells_sha256="d" * 64)
    proof = sealed if stored else Proof()
    evidence = Evidence(pictures=PICTURES if pictures is None else pictures, proof=proof)
    return render_report(made, NOTICE, evidence, made_at=RECEIVED, stored=stored)


def parsed(page: str) -> Any:
    return lxml_html.document_fromstring(page)


def words(page: str) -> str:
    return "".join(str(parsed(page).find("body").text_content()).split())


def test_outcome_comes_first_and_everything_an_auditor_asks_for_is_there() -> None:
    told = words(page_of(submission()))
    outcome = told.index("【退回】濮阳县已退回，有1处须改正")
    assert outcome < told.index("扫描件第1页")
    for each in (
        "2020年2月27日15:40:00收到", "PY51-PYX-20200227-03（第1版）", "pyxjyj@example.cn", "濮阳县（PYX）",
        "04ab" + "0" * 58 + "77", "48KB", "比对4处：不一致1，看不准1，一致2", "濮阳县教育局", "清晰（把握0.95，满分1）",
        "直径42.0毫米", "与报送单位的公章相符：濮阳县教育局", "已转正90度，已纠斜1.2度，表上二维码：PY51-PYX", PAGE_SHA, SEAL_SHA, RIM_SHA,
        "d" * 64, f"第{HEAD[0]}号{HEAD[1]}", "cover.content_mismatch",
    ):  # fmt: skip
        assert each in told, each


def test_every_compared_cell_stands_in_the_table_those_that_need_eyes_first() -> None:
    rows = parsed(page_of(submission())).xpath("//tr[starts-with(@id, 'c')]")
    said = [[str(cell.text_content()).strip() for cell in row.findall("td")] for row in rows]
    assert said == [
        ["1", "F5", "电话", "13912345678", "13912345679", "-11.5"],
        ["2", "E6", "联系人", "王垚", "（没有读出）", "无"],
        ["3 ≈", "A6", "单位", "濮阳县", "濮阳县80", "0.0"],
        ["4", "C5", "使用APP名称", "智学网", "智学网", "0.0"],
    ]


def test_boxes_stand_over_what_was_compared_and_tell_it_on_hover_and_focus() -> None:
    page = parsed(page_of(submission()))
    boxes = {box.get("id"): box for box in page.xpath("//a[contains(@class, 'box')]")}
    assert set(boxes) == {"b1", "b4"}  # of the others no place is known
    assert boxes["b1"].get("style") == "left:60.000%;top:80.000%;width:30.000%;height:5.000%"
    assert boxes["b1"].get("class").split() == ["box", "differs", "up", "leftwards"]
    assert boxes["b4"].get("class").split() == ["box", "match", "down", "rightwards"]
    tip = "".join(str(boxes["b1"].text_content()).split())
    assert tip == "1F5电话电子表：13912345678扫描件：13912345679不一致"
    assert boxes["b1"].get("href") == "#c1"  # an address can be reached by keyboard; the row is where it leads
    style = str(page.xpath("//style")[0].text)
    assert ".box:hover .tip, .box:focus .tip" in style
    assert "@media print" in style


def test_what_differs_is_shown_cut_out_of_the_page() -> None:
    [cut] = parsed(page_of(submission())).xpath("//*[local-name()='svg'][@class='cut']")
    x, y, width, height = (float(each) for each in cut.get("viewbox").split())
    assert (x, y) == pytest.approx((120, 80), abs=1)  # of 200 x 100 pixels
    assert (width, height) == pytest.approx((60, 5), abs=2)


@pytest.mark.parametrize("stored", [True, False])
def test_a_strangers_text_stays_text(stored: bool) -> None:
    evil = builders.verdict("differs", EVIL, EVIL, address=EVIL, field=EVIL, box=builders.BOX)
    made = submission(evil, cover=stamped(text=EVIL, bottom=EVIL), sender=EVIL, reason=EVIL, decided_by=EVIL)
    assert made.sheet and made.cover
    made = replace(
        made,
        sheet=replace(made.sheet, file=replace(made.sheet.file, name=EVIL)),
        problems=tuple(replace(each, file=EVIL, message=EVIL, advice=EVIL) for each in made.problems),
        mails=(EVIL,),
        difference=_evil_difference(),
    )
    page = page_of(made, stored=stored)
    document = parsed(page)
    assert document.xpath("//script | //iframe | //object | //*[@onerror] | //*[@onload]") == []
    assert [image.get("src")[:10] for image in document.xpath("//img")] == ["data:image", "data:image"]
    assert "<script" not in page
    assert "alert(1)" in words(page)


def _evil_difference() -> Difference:
    row = NamedRow(number=9, names=(EVIL,), sheet=EVIL)
    cell = CellChange(field=EVIL, before=EVIL, after=EVIL, before_cell=EVIL, after_cell=EVIL)
    change = RowChange(row=row, before=8, cells=(cell,))
    return Difference(receipt=EVIL, version=1, sender=EVIL, added=(row,), removed=(row,), changed=(change,))


def test_the_page_needs_nothing_from_anywhere() -> None:
    page = page_of(submission())
    document = parsed(page)
    addresses = [value for value in document.xpath("//@src | //@href") if not value.startswith(("#", "data:image/"))]
    assert addresses == []
    assert re.findall(r"url\(|@import|https?://", page) == []
    policy = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    assert page.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("lost", [PAGE_SHA, SEAL_SHA, RIM_SHA])
def test_a_picture_that_is_not_there_as_it_was_kept_is_an_alarm(lost: str) -> None:
    left = {name: data for name, data in PICTURES.items() if name != lost}
    told = words(page_of(submission(), pictures=left))
    assert "有的缺失，或者已被改动" in told
    assert f"留存的图像缺失或已被改动。SHA-256{lost}" in told
    assert "缺失" not in words(page_of(submission()))


def test_a_cover_read_before_pictures_were_kept_says_so_without_alarm() -> None:
    told = words(page_of(submission(cover=builders.cover()), pictures={}))
    assert "没有留存图像" in told
    assert "缺失" not in told


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("清丰县教育局", "PYX", "不是报送单位的公章：清丰县教育局"),
        ("濮阳县教育局财务处", "PYX", "印文看不准，不能认定是谁的"),
        ("濮阳县教育局", None, "没有认出报送单位，印文为：濮阳县教育局"),
    ],
)
def test_whose_the_seal_is(text: str, code: str | None, told: str) -> None:
    assert told in words(page_of(submission(cover=stamped(text=text), reporter=code)))


def test_a_difference_leads_to_its_box() -> None:
    [link] = parsed(page_of(submission())).xpath("//div[contains(@class, 'problem')]//a")
    assert (link.get("href"), str(link.text_content())) == ("#b1", "看图上1号")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("范县教育局", "与报送单位的公章相符：范县教育局"),
        ("濮阳县教育局", "与电子表上写的另一单位的公章相符：濮阳县教育局"),
        ("清丰县教育局", "不是报送单位的公章：清丰县教育局"),
    ],
)
def test_where_title_and_unit_disagree_the_seal_of_either_does(text: str, told: str) -> None:
    of = builders.sheet(unit="范县教育局", title="濮阳县学习类APP统计备案表")
    assert told in words(page_of(submission(cover=stamped(text=text), reporter="FX", sheet=sheet_part(of))))


def test_a_unit_that_nobody_listed_bears_its_own_seal() -> None:
    of = builders.sheet(unit="濮阳市油田第九中学")
    made = submission(cover=stamped(text="濮阳市油田第九中学"), reporter=None, sheet=sheet_part(of))
    assert "与填报单位所写的名称相符：濮阳市油田第九中学" in words(page_of(made))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"kind": PageKind.PASTED}, "没有据印章作判断"),
        ({"colour": False}, "没有据印章作判断"),
        ({"suspect": "one flat colour"}, "像是画上、贴上、打印出来的"),
    ],
)
def test_a_seal_that_does_not_count_is_not_shown_as_good(changes: dict[str, Any], told: str) -> None:
    of_seal = {name: value for name, value in changes.items() if name == "suspect"}
    made = builders.seal(upright=builders.BOX, **of_seal)
    of_page = {name: value for name, value in changes.items() if name != "suspect"}
    page = page_of(submission(cover=builders.cover(builders.page(made, **of_page))))
    assert told in words(page)
    assert parsed(page).xpath("//p[@class='theirs']") == []


FURTHER = "e" * 64


def of_two_files() -> Submission:
    """The first page in a file of its own, the second in another, and a covering letter with a seal."""
    second = PageOrigin(file="第二页.jpg", sha256="2" * 64, number=1)
    letter = PageOrigin(file="说明.pdf", sha256="3" * 64, number=3)
    cover = builders.cover(
        builders.page(builders.seal(), picture=PAGE_SHA),
        builders.page(number=2, picture=FURTHER, origin=second),
        builders.page(builders.seal(page=3), number=3, picture=FURTHER, origin=letter),
    )
    differs = builders.verdict("differs", "13912345678", "13912345679", address="F49", page=2, box=builders.BOX)
    made = submission(builders.verdict(box=builders.BOX), differs, cover=cover)
    assert made.findings
    return replace(made, findings=replace(made.findings, pages=(1, 2)))


def test_a_further_page_that_was_compared_is_shown_with_its_file() -> None:
    page = page_of(of_two_files(), pictures=PICTURES | {FURTHER: jpeg()})
    assert [str(each.text_content()) for each in parsed(page).xpath("//h2[starts-with(., '扫描件')]")] == [
        "扫描件“扫描.pdf”第1页（与电子表比对的首页）",
        "扫描件“第二页.jpg”第1页（同一张表的另一页，一并比对）",
        "扫描件“说明.pdf”第3页（另一份材料，没有比对）",
    ]
    assert len(parsed(page).xpath("//a[contains(@class, 'differs')]")) == 1
    [row] = parsed(page).xpath("//tr[td[text()='F49']]")
    assert "13912345679 “第二页.jpg”第1页" in str(row.text_content())
    assert row.xpath(".//*[local-name()='use']/@href") == ["#p2"]


def test_the_seal_of_a_covering_letter_is_told_to_count_for_nothing() -> None:
    told = words(page_of(of_two_files(), pictures=PICTURES | {FURTHER: jpeg()}))
    assert "印章2：濮阳县教育局，清晰，与报送单位的公章相符：濮阳县教育局（盖在另一份材料上，不算这张表的盖章）" in told


def test_a_cover_without_a_seal_says_so() -> None:
    bare = builders.cover(builders.page(picture=PAGE_SHA))
    assert "没有找到红色的印章" in words(page_of(submission(cover=bare)))
    assert "没有找到" not in words(page_of(submission()))


def test_a_special_seal_is_called_so() -> None:
    special = stamped(kind=SealKind.SPECIAL, bottom="财务专用章")
    told = words(page_of(submission(cover=special)))
    assert "是专用章，不是公章：濮阳县教育局财务专用章" in told


@pytest.mark.parametrize(
    ("state", "stored", "told"),
    [
        (State.ACCEPTED, True, "【受理】濮阳县已受理，共46行"),
        (State.ACCEPTED, False, "【受理】濮阳县照此报送将予受理，共46行"),
        (State.REJECTED, False, "【退回】濮阳县照此报送将被退回，有1处须改正"),
        (State.REVIEW, True, "【待核】濮阳县待人工核对，共46行"),
        (State.SUPERSEDED, True, "【已替代】濮阳县已由新版本替代，共46行"),
    ],
)
def test_the_outcome_in_words(state: State, stored: bool, told: str) -> None:
    page = words(page_of(submission(state=state), stored=stored))
    assert told in page
    assert ("试查" in page) is not stored


def test_a_workbook_alone_has_a_page_too() -> None:
    page = words(page_of(case(State.INCOMPLETE, cover=None), pictures={}))
    assert "【待补】濮阳县尚未报全，还缺盖章扫描件" in page
    assert "等到2020年2月29日15:40:00" in page
    assert "逐格比对" not in page


@pytest.mark.parametrize(("width", "height"), [(200, 100), (1, 1), (2339, 1655)])
def test_the_size_of_a_jpeg(width: int, height: int) -> None:
    assert jpeg_size(jpeg(width, height)) == (width, height)


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"\xff\xd8\xff", jpeg()[:12], b"\x89PNG\r\n\x1a\n", b"\xff\xd8" + b"\xff" * 40]
)
def test_what_is_no_whole_jpeg_has_no_size(data: bytes) -> None:
    assert jpeg_size(data) is None
