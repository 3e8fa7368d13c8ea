"""What a report shows of a cover: pages with boxes over what was compared, seals beside what was read of them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.checks.cover_stamp import JudgedSeal, Weight
from domain.cover import Box, Cover, CoverPage, Seal
from domain.notice import Reporter
from domain.seal_finding import SealFinding
from domain.submission import CellVerdict, CoverFindings
from domain.text import normalise
from notifier.jpeg_size import jpeg_size
from notifier.plain import one_line

VERDICTS = {"differs": "不一致", "doubtful": "看不准", "match": "一致"}
"""What a verdict is called, those that need eyes first."""
_ASIDE = {
    Weight.OWN: "",
    Weight.APART: "盖在不能确定是不是这张表的一页上，不能算作盖章，只能提示人工核对",
    Weight.ELSEWHERE: "盖在另一份材料上，不算这张表的盖章",
    Weight.NONE: "这份扫描件没有据印章作判断，原因见上面的问题",
}
_CLEAR = 0.9
"""Confidence from which a reading is called clear: from there on it may count against a sender (`domain.seals`)."""
_AROUND = 0.12
"""Paper shown round a cell, as a share of its height."""
_LOW, _RIGHT = 0.7, 0.5
"""Below and right of these shares of the page the words beside a box open upwards and to the left, to stay on it."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A kept picture: its name in the archive, and a `data:` address, "" where the bytes are not as they were kept."""

    sha256: str
    source: str


@dataclass(frozen=True, kw_only=True)
class CellView:
    """A compared value, numbered through: those that need eyes come first. `style` and `opens` place its box."""

    number: int
    cell: str
    field: str
    expected: str
    read: str
    verdict: str
    word: str
    loose: bool
    """Taken for the same though not read letter by letter: the judgement that an auditor may want to see."""
    score: str
    page: int
    place: str
    """The page, where it is not the first one."""
    style: str
    opens: str
    box: Box | None


@dataclass(frozen=True, kw_only=True)
class SealView:
    """A seal beside its reading; `whose` says what this version takes it for, `aside` why it counts for nothing;
    `good`: it counts, and is the one that should be there."""

    number: int
    page: int
    place: str
    text: str
    clear: str
    confidence: str
    diameter: str
    whose: str
    aside: str
    good: bool
    suspect: bool
    picture: Picture | None
    rim: Picture | None
    style: str
    box: Box | None


@dataclass(frozen=True, kw_only=True)
class PageView:
    """A page with what is marked on it."""

    number: int
    picture: Picture | None
    size: tuple[int, int]
    """Width and height of its picture in pixels, (0, 0) without one."""
    place: str
    role: str
    """Which of the pages it is, for a heading."""
    cells: tuple[CellView, ...]
    seals: tuple[SealView, ...]
    facts: str


def cells_of(findings: CoverFindings, cover: Cover) -> tuple[CellView, ...]:
    """Every compared value, in the order of VERDICTS, loose matches before the others."""
    order = list(VERDICTS)
    ranked = sorted(findings.cells, key=lambda cell: (order.index(cell.verdict), not _loose(cell)))
    first = findings.page
    places = {cell.page: place_of(cover, cell.page) if cell.page != first else "" for cell in ranked}
    return tuple(_cell(number, cell, places[cell.page]) for number, cell in enumerate(ranked, 1))


def _cell(number: int, cell: CellVerdict, place: str) -> CellView:
    return CellView(
        number=number,
        cell=one_line(f"{cell.sheet}!{cell.address}" if cell.sheet else cell.address),
        field=one_line(cell.field),
        expected=one_line(cell.expected),
        read=one_line(cell.read),
        verdict=cell.verdict,
        word=VERDICTS[cell.verdict],
        loose=_loose(cell),
        score=_score(cell),
        page=cell.page,
        place=place,
        style=_style(cell.box),
        opens=_opens(cell.box),
        box=cell.box,
    )


def _score(cell: CellVerdict) -> str:
    """To one digit; where nothing was read there is nothing that could be scored."""
    if not cell.read and cell.verdict != "match":
        return "无"
    return f"{cell.score + 0.0:.1f}".replace("-0.0", "0.0")


def _loose(cell: CellVerdict) -> bool:
    return cell.verdict == "match" and normalise(cell.read) != normalise(cell.expected)


def seals_of(
    cover: Cover, judged: Sequence[JudgedSeal], reporter: Reporter | None, pictures: Mapping[str, bytes]
) -> tuple[SealView, ...]:
    """The seals as they were judged, numbered through."""
    return tuple(_seal(number, each, cover, reporter, pictures) for number, each in enumerate(judged, 1))


def _seal(
    number: int, judged: JudgedSeal, cover: Cover, reporter: Reporter | None, pictures: Mapping[str, bytes]
) -> SealView:
    seal = judged.seal
    return SealView(
        number=number,
        page=seal.page,
        place=place_of(cover, seal.page),
        text=one_line(seal.text + seal.bottom),
        clear=_clear(seal),
        confidence=f"{seal.confidence:.2f}",
        diameter=f"{seal.diameter_mm:.1f} 毫米" if seal.diameter_mm else "图像没有比例，量不出",
        whose=_whose(judged, reporter),
        aside=_ASIDE[judged.weight],
        good=judged.verdict.kind is SealFinding.THEIRS and judged.weight is Weight.OWN and not seal.suspect,
        suspect=bool(seal.suspect),
        picture=_picture(seal.picture, pictures),
        rim=_picture(seal.rim_picture, pictures),
        style=_style(seal.upright),
        box=seal.upright,
    )


def _clear(seal: Seal) -> str:
    if not seal.legible:
        return "看不清"
    return "清晰" if seal.confidence >= _CLEAR else "较清晰"


def _whose(judged: JudgedSeal, reporter: Reporter | None) -> str:
    verdict, owner = judged.verdict, judged.owner
    named = one_line(verdict.named or "")
    if owner is not None and verdict.kind is SealFinding.THEIRS:
        if reporter and owner.code == reporter.code:
            return f"与报送单位的公章相符：{named}"
        return f"与电子表上写的另一单位的公章相符：{named}" if owner.code else f"与填报单位所写的名称相符：{named}"
    if verdict.kind is SealFinding.ANOTHERS:
        return f"不是报送单位的公章：{named}" if reporter else f"没有认出报送单位，印文为：{named}"
    if verdict.kind is SealFinding.SPECIAL:
        return f"是专用章，不是公章：{named}"
    if verdict.kind is SealFinding.UNOFFICIAL:
        return "不是公章的样式"
    return "印文看不准，不能认定是谁的"


def place_of(cover: Cover, number: int) -> str:
    """A page by its number in its own file; with the file's name where the cover came in several."""
    page = next((each for each in cover.pages if each.number == number), None)
    if page and page.origin:
        return f"“{one_line(page.origin.file)}”第{page.origin.number}页"
    several = any(each.origin for each in cover.pages)
    return f"“{one_line(cover.file)}”第{number}页" if several else f"第{number}页"


def pages_of(
    cover: Cover,
    findings: CoverFindings | None,
    cells: Sequence[CellView],
    seals: Sequence[SealView],
    pictures: Mapping[str, bytes],
    *,
    every: bool = False,
) -> tuple[PageView, ...]:
    """The compared page, others of the same table, and those with seals; where there is none such, the first. `every`: all of
    them, since the scan is the return itself."""
    own = {findings.page, *findings.pages, *(cell.page for cell in findings.cells)} if findings else set()
    shown = [page for page in cover.pages if every or page.number in own or page.seals] or list(cover.pages[:1])
    sizes = [jpeg_size(pictures.get(page.picture or "", b"")) for page in shown]
    return tuple(
        PageView(
            number=page.number,
            picture=_picture(page.picture, pictures if size else {}),
            size=size or (0, 0),
            place=place_of(cover, page.number),
            role=_role(page.number, findings),
            cells=tuple(cell for cell in cells if cell.page == page.number and cell.style),
            seals=tuple(seal for seal in seals if seal.page == page.number and seal.style),
            facts=_facts(page),
        )
        for page, size in zip(shown, sizes, strict=True)
    )


def _role(number: int, findings: CoverFindings | None) -> str:
    if findings is None:
        return ""
    if number == findings.page:
        return "与电子表比对的首页"
    if number in findings.pages:
        return "同一张表的另一页，一并比对"
    return "不能确定是不是这张表" if number in findings.apart else "另一份材料，没有比对"


def cut(box: Box, size: tuple[int, int]) -> str:
    """The box with some paper round it as the `viewBox` of a picture of that size in pixels."""
    width, height = size
    margin = _AROUND * (box.y1 - box.y0) * height
    edges = (box.x0 * width - margin, box.y0 * height - margin)
    spans = ((box.x1 - box.x0) * width + 2 * margin, (box.y1 - box.y0) * height + 2 * margin)
    return " ".join(f"{value:.1f}" for value in (*edges, *spans))


def _facts(page: CoverPage) -> str:
    """How the page was straightened, and what it is."""
    told = [f"{page.dpi:.0f} dpi" if page.dpi else "分辨率不详", "彩色" if page.colour else "无彩色"]
    if page.photo:
        told.append("拍照")
    if page.turned:
        told.append(f"已转正{page.turned}度")
    if abs(page.skew_degrees) >= 0.05:
        told.append(f"已纠斜{abs(page.skew_degrees):.1f}度")
    if page.form_code:
        told.append(f"表上二维码：{page.form_code}")
    return "，".join(told)


def _picture(sha256: str | None, pictures: Mapping[str, bytes]) -> Picture | None:
    if sha256 is None:
        return None
    data = pictures.get(sha256)
    if data is None:
        return Picture(sha256=sha256, source="")
    media = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
    return Picture(sha256=sha256, source=f"data:{media};base64,{b64encode(data).decode('ascii')}")


def _style(box: Box | None) -> str:
    """The box in per cent of the picture; "" where no place is known."""
    if box is None:
        return ""
    edges = {"left": box.x0, "top": box.y0, "width": box.x1 - box.x0, "height": box.y1 - box.y0}
    return ";".join(f"{name}:{min(max(share, 0.0), 1.0):.3%}" for name, share in edges.items())


def _opens(box: Box | None) -> str:
    """Classes that tell to which side the words beside a box open."""
    if box is None:
        return ""
    return f"{'up' if box.y1 > _LOW else 'down'} {'leftwards' if box.x0 > _RIGHT else 'rightwards'}"
