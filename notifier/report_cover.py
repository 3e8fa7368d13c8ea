"""What a report shows of a cover: pages with boxes over what was compared, seals beside what was read of them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.cover import Box, Cover, CoverPage, Seal
from domain.notice import Notice, Reporter
from domain.seal_finding import SealFinding
from domain.seals import SealVerdict, judge_seal
from domain.submission import CellVerdict, CoverFindings
from domain.text import normalise
from notifier.jpeg_size import jpeg_size
from notifier.plain import one_line

VERDICTS = {"differs": "不一致", "doubtful": "看不准", "match": "一致"}
"""What a verdict is called, those that need eyes first."""
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
    style: str
    opens: str
    box: Box | None


@dataclass(frozen=True, kw_only=True)
class SealView:
    """A seal beside its reading; `whose` says what it amounts to for the reporter, `good` whether it is theirs."""

    number: int
    page: int
    text: str
    clear: str
    confidence: str
    diameter: str
    whose: str
    good: bool
    suspect: bool
    picture: Picture | None
    rim: Picture | None
    style: str


@dataclass(frozen=True, kw_only=True)
class PageView:
    """A page with what is marked on it."""

    number: int
    picture: Picture | None
    size: tuple[int, int]
    """Width and height of its picture in pixels, (0, 0) without one."""
    compared: bool
    cells: tuple[CellView, ...]
    seals: tuple[SealView, ...]
    facts: str


def cells_of(findings: CoverFindings) -> tuple[CellView, ...]:
    """Every compared value, in the order of VERDICTS, loose matches before the others."""
    order = list(VERDICTS)
    ranked = sorted(findings.cells, key=lambda cell: (order.index(cell.verdict), not _loose(cell)))
    return tuple(_cell(number, cell) for number, cell in enumerate(ranked, 1))


def _cell(number: int, cell: CellVerdict) -> CellView:
    return CellView(
        number=number,
        cell=one_line(cell.address),
        field=one_line(cell.field),
        expected=one_line(cell.expected),
        read=one_line(cell.read),
        verdict=cell.verdict,
        word=VERDICTS[cell.verdict],
        loose=_loose(cell),
        score=f"{cell.score + 0.0:.1f}".replace("-0.0", "0.0"),
        page=cell.page,
        style=_style(cell.box),
        opens=_opens(cell.box),
        box=cell.box,
    )


def _loose(cell: CellVerdict) -> bool:
    return cell.verdict == "match" and normalise(cell.read) != normalise(cell.expected)


def seals_of(
    cover: Cover, reporter: Reporter | None, notice: Notice, pictures: Mapping[str, bytes]
) -> tuple[SealView, ...]:
    """Every seal of the cover, in the order of its pages."""
    seals = [seal for page in cover.pages for seal in page.seals]
    return tuple(_seal(number, seal, reporter, notice, pictures) for number, seal in enumerate(seals, 1))


def _seal(
    number: int, seal: Seal, reporter: Reporter | None, notice: Notice, pictures: Mapping[str, bytes]
) -> SealView:
    verdict = judge_seal(seal, reporter, notice.reporters, notice.special_seal_words)
    return SealView(
        number=number,
        page=seal.page,
        text=one_line(seal.text + seal.bottom),
        clear=_clear(seal),
        confidence=f"{seal.confidence:.2f}",
        diameter=f"{seal.diameter_mm:.1f} 毫米" if seal.diameter_mm else "图像没有比例，量不出",
        whose=_whose(verdict, reporter),
        good=verdict.kind is SealFinding.THEIRS,
        suspect=bool(seal.suspect),
        picture=_picture(seal.picture, pictures),
        rim=_picture(seal.rim_picture, pictures),
        style=_style(seal.upright),
    )


def _clear(seal: Seal) -> str:
    if not seal.legible:
        return "看不清"
    return "清晰" if seal.confidence >= _CLEAR else "较清晰"


def _whose(verdict: SealVerdict, reporter: Reporter | None) -> str:
    named = one_line(verdict.named or "")
    if verdict.kind is SealFinding.THEIRS:
        return f"与报送单位的公章相符：{named}"
    if verdict.kind is SealFinding.ANOTHERS:
        return f"不是报送单位的公章：{named}" if reporter else f"没有认出报送单位，印文为：{named}"
    if verdict.kind is SealFinding.SPECIAL:
        return f"是专用章，不是公章：{named}"
    if verdict.kind is SealFinding.UNOFFICIAL:
        return "不是公章的样式"
    return "印文看不准，不能认定是谁的"


def pages_of(
    cover: Cover,
    findings: CoverFindings | None,
    cells: Sequence[CellView],
    seals: Sequence[SealView],
    pictures: Mapping[str, bytes],
) -> tuple[PageView, ...]:
    """The compared page and those with seals; where there is none such, the first."""
    compared = findings.page if findings else 0
    shown = [page for page in cover.pages if page.number == compared or page.seals] or list(cover.pages[:1])
    sizes = [jpeg_size(pictures.get(page.picture or "", b"")) for page in shown]
    return tuple(
        PageView(
            number=page.number,
            picture=_picture(page.picture, pictures if size else {}),
            size=size or (0, 0),
            compared=page.number == compared,
            cells=tuple(cell for cell in cells if cell.page == page.number and cell.style),
            seals=tuple(seal for seal in seals if seal.page == page.number and seal.style),
            facts=_facts(page),
        )
        for page, size in zip(shown, sizes, strict=True)
    )


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
