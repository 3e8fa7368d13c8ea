"""Seals drawn with fixed seeds are found, measured and read; other red things are never read as a seal."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from domain.cover import Seal, SealKind
from parsers.ocr import Line, Recogniser
from parsers.seal_geometry import Ring
from parsers.seal_unroll import disc
from parsers.seals import read_seals, shows_grey_seal
from samples.maker.red_marks import draw_mark, put
from samples.maker.seals import MM_PER_INCH, draw_seal, installed_typefaces, stamp

FACES = installed_typefaces()
DPI = 200


class Silent:
    """A reader of lines that can read nothing, and counts what it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def read_lines(self, crops: Sequence[NDArray[np.uint8]], *, stretch: float = 1.0) -> list[Line]:
        self.asked += len(crops)
        return [Line(text="", confidence=0.0, lattice=()) for _ in crops]


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser()


def blank(dpi: float = DPI, colour: tuple[int, int, int] = (251, 251, 249)) -> Image.Image:
    return Image.new("RGB", (round(210 / MM_PER_INCH * dpi), round(140 / MM_PER_INCH * dpi)), colour)


def table(dpi: float = DPI) -> Image.Image:
    page, mm = blank(dpi), dpi / MM_PER_INCH
    pen, font = ImageDraw.Draw(page), FACES[-1].sized(round(3.3 * mm))
    for row in range(12, 135, 9):
        pen.line((15 * mm, row * mm, 195 * mm, row * mm), fill=(25, 25, 25), width=max(round(0.25 * mm), 1))
        pen.text(
            (17 * mm, (row + 2) * mm),
            "第一初级中学 直播课堂 13812345678 是 教APP备4100001号" * 2,
            font=font,
            fill=(30, 30, 30),
        )
    return page


def scanned(page: Image.Image, quality: int = 80, noise: float = 2.0, seed: int = 5) -> NDArray[np.uint8]:
    grain = np.random.default_rng(seed).normal(0, noise, (page.height, page.width, 3))
    noisy = Image.fromarray(np.clip(np.asarray(page) + grain, 0, 255).astype(np.uint8))
    packed = io.BytesIO()
    noisy.save(packed, "JPEG", quality=quality)
    return np.asarray(Image.open(packed))


def pressed(
    page: Image.Image, name: str, *, at: tuple[float, float] = (105, 70), seed: int = 1, **how: Any
) -> Image.Image:
    seal = draw_seal(name, rng=random.Random(seed), dpi=DPI, **how)
    return stamp(page, seal, at, dpi=DPI)


def read(page: Image.Image, recogniser: Recogniser, *, dpi: float | None = DPI, quality: int = 80) -> tuple[Seal, ...]:
    return read_seals(scanned(page, quality), dpi=dpi, page=1, recogniser=recogniser)


READ = [
    ("plain", "濮阳县教育局", {}),
    ("number", "濮阳市华龙区教育局", {"number": "4109020001234"}),
    ("long name", "濮阳经济技术开发区社会事业局", {}),
    ("slanting", "南乐县教育体育局", {"rotation": 33.0}),
    ("on its side", "范县教育局", {"rotation": 95.0}),
    ("upside down", "台前县教育局", {"rotation": 181.0, "number": "4109270001234"}),
    ("faint", "清丰县教育局", {"faint": 0.5}),
    ("thin rim", "濮阳县教育和体育局", {"rim_px": 2}),
    ("gaps", "清丰县教育体育局", {"gaps": 0.5}),
    ("purple red", "范县教育体育局", {"ink": (170, 40, 80)}),
    ("orange red", "台前县教育体育局", {"ink": (232, 72, 40)}),
    ("small", "濮阳县教育局", {"diameter_mm": 38.0}),
    ("broken rim", "濮阳市南乐教育体育局", {"rim_cuts": ((10, 80), (100, 190), (230, 330))}),
    ("hardly there", "濮阳县教育局", {"faint": 0.85, "gaps": 0.1}),
    ("emblem", "濮阳市范县教育局", {"emblem": True, "tall": 0.28}),
    ("squeezed", "濮阳市清丰县教育局", {"axis_ratio": 0.85, "tilt": 30.0, "diameter_mm": 45.0}),
    ("oval, leaning", "南乐县教育局", {"axis_ratio": 0.8, "tilt": 65.0}),
    ("long name, thin rim", "濮阳市城乡一体化示范区教育体育局", {"rim_px": 1.5, "diameter_mm": 45.0}),
    ("song face", "濮阳县教育局", {"typeface": FACES[0], "rotation": -12.0}),
]


@pytest.mark.parametrize(("name", "how"), [case[1:] for case in READ], ids=[case[0] for case in READ])
def test_drawn_seal_over_a_table_is_read_and_measured(name: str, how: dict[str, Any], recogniser: Recogniser) -> None:
    seals = read(pressed(table(), name, **{"typeface": FACES[2 % len(FACES)], **how}), recogniser)
    assert [(seal.text, seal.kind, seal.legible, seal.suspect) for seal in seals] == [
        (name, SealKind.OFFICIAL, True, None)
    ]
    true = how.get("diameter_mm", 42.0) * math.sqrt(how.get("axis_ratio", 1.0))
    assert seals[0].diameter_mm == pytest.approx(true, abs=1.2)
    assert seals[0].rim is not None
    assert seals[0].rim.lines


def test_box_is_the_place_of_the_seal_on_the_page(recogniser: Recogniser) -> None:
    (seal,) = read(pressed(blank(), "濮阳县教育局", at=(60, 50)), recogniser)
    found = (seal.box.x0 * 210, seal.box.y0 * 140, seal.box.x1 * 210, seal.box.y1 * 140)
    assert found == pytest.approx((39, 29, 81, 71), abs=0.8)


def test_without_a_scale_the_seal_is_read_and_has_no_diameter(recogniser: Recogniser) -> None:
    (seal,) = read(pressed(table(), "濮阳县教育局"), recogniser, dpi=None)
    assert (seal.text, seal.diameter_mm) == ("濮阳县教育局", None)


def test_impossible_scale_is_no_scale(recogniser: Recogniser) -> None:
    (seal,) = read(pressed(table(), "濮阳县教育局"), recogniser, dpi=20.0)
    assert (seal.text, seal.diameter_mm) == ("濮阳县教育局", None)


def test_yellow_paper_and_strong_compression(recogniser: Recogniser) -> None:
    page = pressed(blank(colour=(243, 234, 205)), "濮阳县教育局", typeface=FACES[2 % len(FACES)])
    assert [seal.text for seal in read(page, recogniser, quality=40)] == ["濮阳县教育局"]


def test_two_seals_are_both_read(recogniser: Recogniser) -> None:
    page = pressed(pressed(table(), "濮阳县教育局", at=(50, 60)), "范县教育局", at=(150, 75), seed=2)
    assert {seal.text for seal in read(page, recogniser)} == {"濮阳县教育局", "范县教育局"}


@pytest.mark.parametrize("number", ["", "4109280012345"])
@pytest.mark.parametrize("kind", ["财务专用章", "合同专用章", "办公室"])
def test_special_seal_shows_its_kind(kind: str, number: str, recogniser: Recogniser) -> None:
    page = pressed(table(), "濮阳县教育局", bottom=kind, number=number, typeface=FACES[2 % len(FACES)])
    (seal,) = read(page, recogniser)
    assert (seal.kind, seal.text) == (SealKind.SPECIAL, "濮阳县教育局")
    assert kind[:2] in seal.bottom


def test_seals_that_lie_on_each_other_are_both_read(recogniser: Recogniser) -> None:
    page = pressed(pressed(blank(), "濮阳县教育局", at=(80, 70)), "濮阳市范县教育局", at=(108, 78), seed=2)
    assert {"濮阳县教育局", "濮阳市范县教育局"} <= {seal.text for seal in read(page, recogniser)}


def test_special_seal_cut_off_by_the_edge_shows_its_kind(recogniser: Recogniser) -> None:
    """The arc that lies off the page is not the seal's foot."""
    page = pressed(
        blank(), "濮阳工业园区教育和体育局", at=(105, 13), bottom="财务专用章", typeface=FACES[2 % len(FACES)]
    )
    (seal,) = read(page, recogniser)
    assert (seal.kind, seal.bottom) == (SealKind.SPECIAL, "财务专用章")


@pytest.mark.parametrize(("at", "hidden"), [((105, 122), False), ((105, 130), True)])
def test_a_seal_whose_foot_lies_off_the_page_may_be_special(
    at: tuple[float, float], hidden: bool, recogniser: Recogniser
) -> None:
    (seal,) = read(pressed(blank(), "濮阳县教育局", at=at, typeface=FACES[2 % len(FACES)]), recogniser)
    assert (seal.text, seal.foot_hidden) == ("濮阳县教育局", hidden)


@pytest.mark.parametrize(("other", "official"), [("濮阳市第一高级中学", False), ("濮阳县教育局", True)])
def test_a_seal_whose_foot_lies_under_another_may_be_special(
    other: str, official: bool, recogniser: Recogniser
) -> None:
    """The other one's foot is free: where it is a twin, that tells."""
    page = pressed(blank(), "濮阳县教育局", at=(80, 55), typeface=FACES[2 % len(FACES)])
    page = pressed(page, other, at=(80, 83), seed=2, typeface=FACES[2 % len(FACES)])
    own = [seal for seal in read(page, recogniser) if "濮阳县教育局" in seal.text]
    assert any(seal.kind is SealKind.OFFICIAL and not seal.foot_hidden for seal in own) is official


def test_without_star_or_emblem_no_seal_is_official(recogniser: Recogniser) -> None:
    (seal,) = read(pressed(blank(), "濮阳县教育局", star=False, typeface=FACES[2 % len(FACES)]), recogniser)
    assert (seal.text, seal.kind) == ("濮阳县教育局", SealKind.SPECIAL)


@pytest.mark.parametrize(("line", "kind"), [("（1）", SealKind.OFFICIAL), ("02", SealKind.OFFICIAL)])
def test_a_number_under_the_star_leaves_a_seal_official(line: str, kind: SealKind, recogniser: Recogniser) -> None:
    (seal,) = read(pressed(blank(), "濮阳县教育局", bottom=line, typeface=FACES[2 % len(FACES)]), recogniser)
    assert (seal.text, seal.kind) == ("濮阳县教育局", kind)


@pytest.mark.parametrize("label", ["circle_mark", "circled"])
@pytest.mark.parametrize("seed", range(4))
def test_a_ring_with_nothing_in_it_is_never_read(label: str, seed: int, recogniser: Recogniser) -> None:
    page = put(table(300), draw_mark(random.Random(seed), FACES, label=label), (100, 60))
    seals = read_seals(scanned(page), dpi=300, page=1, recogniser=recogniser)
    assert not any(seal.legible for seal in seals)


def test_seal_half_off_the_page_is_seen() -> None:
    seals = read_seals(scanned(pressed(blank(), "濮阳县教育局", at=(205, 70))), dpi=DPI, page=1, recogniser=Silent())
    assert [(seal.kind, seal.legible) for seal in seals] == [(SealKind.OFFICIAL, False)]


def test_hardly_visible_seal_is_never_absent() -> None:
    page = pressed(table(), "濮阳县教育局", gaps=0.7, faint=0.6, smudge=0.3)
    seals = read_seals(scanned(page), dpi=DPI, page=1, recogniser=Silent())
    assert seals
    assert not any(seal.legible for seal in seals)


def test_flat_picture_of_a_seal_is_suspect(recogniser: Recogniser) -> None:
    drawn = draw_seal("濮阳县教育局", rng=random.Random(3), dpi=DPI, gaps=0.0)
    alpha = np.asarray(drawn)[..., 3]
    flat = Image.fromarray(
        np.dstack([np.full_like(alpha, level) for level in (230, 20, 20)] + [(alpha > 60) * 255]).astype(np.uint8)
    )
    page = Image.fromarray(scanned(table(), noise=3.0))
    page.paste(flat, (400, 300), flat)
    (seal,) = read_seals(np.asarray(page), dpi=DPI, page=1, recogniser=recogniser)
    assert (seal.text, seal.suspect) == ("濮阳县教育局", "uniform_ink")


def draw_nothing(pen: ImageDraw.ImageDraw, mm: float) -> None:
    """A page without any red."""


def draw_handwriting(pen: ImageDraw.ImageDraw, mm: float) -> None:
    pen.text((60 * mm, 50 * mm), "同意报送", font=FACES[-1].sized(round(12 * mm)), fill=(205, 30, 40))


def draw_header(pen: ImageDraw.ImageDraw, mm: float) -> None:
    pen.text((40 * mm, 3 * mm), "某某市教育局文件", font=FACES[0].sized(round(13 * mm)), fill=(220, 20, 30))
    pen.line((15 * mm, 20 * mm, 195 * mm, 20 * mm), fill=(220, 20, 30), width=round(mm))


def draw_sticker(pen: ImageDraw.ImageDraw, mm: float) -> None:
    pen.ellipse((80 * mm, 45 * mm, 120 * mm, 85 * mm), fill=(215, 30, 35))


def draw_square_seal(pen: ImageDraw.ImageDraw, mm: float) -> None:
    pen.rectangle((90 * mm, 50 * mm, 110 * mm, 70 * mm), outline=(215, 30, 35), width=round(mm))
    pen.text((92 * mm, 52 * mm), "张印", font=FACES[0].sized(round(8 * mm)), fill=(215, 30, 35))


def draw_blue_ring(pen: ImageDraw.ImageDraw, mm: float) -> None:
    pen.ellipse((84 * mm, 49 * mm, 126 * mm, 91 * mm), outline=(40, 60, 200), width=round(mm))


@pytest.mark.parametrize(
    "mark", [draw_nothing, draw_handwriting, draw_header, draw_sticker, draw_square_seal, draw_blue_ring]
)
@pytest.mark.parametrize("paper", [blank, table])
def test_other_marks_are_no_official_seal(mark, paper) -> None:  # type: ignore[no-untyped-def]
    page = paper()
    mark(ImageDraw.Draw(page), DPI / MM_PER_INCH)
    seals = read_seals(scanned(page), dpi=DPI, page=1, recogniser=Silent())
    assert [seal for seal in seals if seal.kind is not SealKind.OTHER] == []


def test_greyscale_page_costs_no_reading() -> None:
    page = pressed(table(), "濮阳县教育局").convert("L").convert("RGB")
    reader = Silent()
    assert read_seals(scanned(page, noise=0.0), dpi=DPI, page=1, recogniser=reader) == ()
    assert reader.asked == 0


@pytest.mark.parametrize("tint", [(1.0, 1.0, 1.0), (1.0, 0.98, 0.93)])
@pytest.mark.parametrize("stamped", [True, False])
def test_a_copy_scanned_in_colour_shows_its_grey_seal(stamped: bool, tint: tuple[float, float, float]) -> None:
    page = table()
    if stamped:
        page = stamp(page, draw_seal("濮阳市范县教育局", rng=random.Random(4), dpi=DPI), (60, 50), dpi=DPI)
    grey = np.asarray(Image.fromarray(scanned(page)).convert("L").convert("RGB")) * np.array(tint)
    assert shows_grey_seal(grey.astype(np.uint8), dpi=DPI) is stamped


def test_same_seed_draws_the_same_seal() -> None:
    one, other, third = (draw_seal("濮阳县教育局", rng=random.Random(seed), dpi=100) for seed in (4, 4, 5))
    assert one.tobytes() == other.tobytes()
    assert one.tobytes() != third.tobytes()


def test_print_stays_visible_under_ink() -> None:
    page = Image.new("RGB", (200, 200), (255, 255, 255))
    ImageDraw.Draw(page).line((0, 100, 200, 100), fill=(20, 20, 20), width=3)
    ink = Image.new("RGBA", (200, 200), (214, 36, 42, 255))
    stamped = np.asarray(stamp(page, ink, (25.4, 25.4), dpi=100))
    assert stamped[100, 100].max() <= 20
    assert tuple(stamped[50, 100]) == (214, 36, 42)


def test_stamp_off_the_page_changes_nothing() -> None:
    page = blank(100)
    seal = draw_seal("濮阳县教育局", rng=random.Random(1), dpi=100)
    assert stamp(page, seal, (-100, -100), dpi=100).tobytes() == page.tobytes()


def test_a_thin_rim_is_found_round_letters_that_were_taken_for_it() -> None:
    page = scanned(pressed(blank(), "濮阳市华龙区教育体育局", rim_px=2, typeface=FACES[2 % len(FACES)]))
    true, (x, y) = 21 / MM_PER_INCH * DPI, (105 / MM_PER_INCH * DPI, 70 / MM_PER_INCH * DPI)
    letters = 0.9 * true
    of = disc(
        page, Ring(x=x, y=y, a=letters, b=letters, tilt=0.0, coverage=0.6), np.array([251.0, 251.0, 249.0], np.float32)
    )
    assert of.outer * letters == pytest.approx(true, rel=0.02)
    assert of.rim_width < 0.04
