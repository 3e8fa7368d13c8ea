"""Red things on a page that are no official seal in ink: what a reader of seals must not take for one."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from samples.maker.seal_ink import MM_PER_INCH, inked
from samples.maker.seals import stamp
from samples.maker.typefaces import Typeface

Mask = NDArray[np.float32]
Span = tuple[float, float]
_INKS = ((214, 36, 42), (225, 30, 60), (190, 40, 40), (235, 70, 50), (200, 20, 90))


@dataclass(frozen=True, kw_only=True)
class RedMark:
    """A mark of the class `label` (a key of `MARKS`); the same seed makes the same mark."""

    label: str
    seed: int
    typeface: Typeface


def draw_mark(rng: random.Random, typefaces: tuple[Typeface, ...], *, label: str | None = None) -> RedMark:
    """A mark at random; its class too unless told."""
    chosen = label or rng.choice(tuple(MARKS))
    return RedMark(label=chosen, seed=rng.getrandbits(48), typeface=rng.choice(typefaces))


def put(page: Image.Image, mark: RedMark, centre: Span, *, dpi: float = 300.0) -> Image.Image:
    """The RGB page (at `dpi`) with the mark about `centre` (mm from the top left)."""
    rng = random.Random(mark.seed)
    cut = MARKS[mark.label](rng, mark.typeface, dpi / MM_PER_INCH)
    if cut is None:
        return page.convert("RGB")
    coverage = np.asarray(cut, dtype=np.float32) / 255.0
    wet = inked(
        coverage,
        rng=rng,
        dpi=dpi,
        ink=rng.choice(_INKS),
        gaps=rng.uniform(0.0, 0.35),
        faint=rng.uniform(0.0, 0.4),
        smudge=rng.choice((0.0, 0.0, 0.3)),
    )
    return stamp(page, wet, centre, dpi=dpi)


def _nothing(rng: random.Random, face: Typeface, mm: float) -> Image.Image | None:
    return None


def _header(rng: random.Random, face: Typeface, mm: float) -> Image.Image:
    """红头文件: a title in red and one or two red rules under it."""
    canvas = Image.new("L", (round(100 * mm), round(60 * mm)), 0)
    pen = ImageDraw.Draw(canvas)
    title = rng.choice(("濮阳市教育局文件", "濮阳县教育局文件", "清丰县人民政府", "南乐县教体局", "范县教育局"))
    font = face.sized(round(92 * mm / len(title)))
    pen.text((canvas.width / 2, 20 * mm), title, font=font, fill=255, anchor="mm", stroke_width=round(0.2 * mm))
    low = rng.uniform(36, 50)
    pen.line((0, low * mm, canvas.width, low * mm), fill=255, width=max(round(rng.uniform(0.4, 1.4) * mm), 1))
    if rng.random() < 0.5:
        pen.line((0, (low + 2) * mm, canvas.width, (low + 2) * mm), fill=255, width=max(round(0.4 * mm), 1))
        star = [(0.5 * canvas.width + 3 * mm * (1, 0.4)[k % 2] * math.sin(math.pi * k / 5),
                 low * mm - 3 * mm * (1, 0.4)[k % 2] * math.cos(math.pi * k / 5)) for k in range(10)]  # fmt: skip
        pen.polygon(star, fill=255)
    return canvas


def _handwriting(rng: random.Random, face: Typeface, mm: float) -> Image.Image:
    """Words with a pen, or a flourish that goes round."""
    canvas = Image.new("L", (round(70 * mm), round(55 * mm)), 0)
    pen = ImageDraw.Draw(canvas)
    if rng.random() < 0.4:
        words = rng.choice(("同意报送", "已核", "王建国", "李秀英", "阅 张伟 6.2"))
        font = face.sized(round(rng.uniform(9, 15) * mm))
        pen.text((canvas.width / 2, canvas.height / 2), words, font=font, fill=255, anchor="mm")
        return canvas.rotate(rng.uniform(-15, 15), resample=Image.Resampling.BICUBIC)
    for _ in range(rng.randint(3, 8)):
        points = np.cumsum([[rng.uniform(-7, 7), rng.uniform(-7, 7)] for _ in range(12)], axis=0)
        points = points - points.mean(axis=0) + [rng.uniform(20, 50), rng.uniform(18, 37)]
        curve = cv2.resize(points.astype(np.float32), (2, 200), interpolation=cv2.INTER_CUBIC) * mm
        pen.line([(float(x), float(y)) for x, y in curve], fill=255, width=max(round(0.7 * mm), 1), joint="curve")
    return canvas


def _circled(rng: random.Random, face: Typeface, mm: float) -> Image.Image:
    """A ring drawn by hand round a word."""
    canvas = Image.new("L", (round(70 * mm), round(60 * mm)), 0)
    half_x, half_y = rng.uniform(12, 26), rng.uniform(10, 22)
    begin, phase = rng.uniform(0, 2 * math.pi), rng.uniform(0, 6)
    turns = rng.uniform(0.85, 1.9)
    points = []
    for step in range(160):
        angle = begin + turns * 2 * math.pi * step / 159
        wave = 1 + 0.06 * math.sin(2.3 * angle + phase) + 0.05 * step / 159
        points.append((35 * mm + half_x * wave * mm * math.cos(angle), 30 * mm + half_y * wave * mm * math.sin(angle)))
    ImageDraw.Draw(canvas).line(points, fill=255, width=max(round(rng.uniform(0.5, 1.0) * mm), 1), joint="curve")
    return canvas


def _fingerprint(rng: random.Random, face: Typeface, mm: float) -> Image.Image:
    """Whorled ridges in an oval, one or several."""
    canvas = Image.new("L", (round(60 * mm), round(50 * mm)), 0)
    rows, columns = np.mgrid[0 : canvas.height, 0 : canvas.width].astype(np.float32) / mm
    total = np.zeros(rows.shape, np.float32)
    for _ in range(rng.choice((1, 1, 2, 4))):
        x, y, lean = rng.uniform(15, 45), rng.uniform(15, 35), rng.uniform(-0.5, 0.5)
        u = (columns - x) * math.cos(lean) + (rows - y) * math.sin(lean)
        v = (rows - y) * math.cos(lean) - (columns - x) * math.sin(lean)
        far = np.hypot(u / 8.5, v / 11.5)
        wave = np.sin(2 * math.pi / 0.55 * (np.hypot(u, v * 0.8) + 0.4 * np.sin(u * 0.5) + 0.05 * u * v))
        total = np.maximum(total, np.where(far < 1, np.clip(0.5 + 0.9 * wave, 0, 1), 0))
    return Image.fromarray((total * 255).astype(np.uint8))


def _logo(rng: random.Random, face: Typeface, mm: float) -> Image.Image:
    """A round badge: rings, rays, a letter or a book in the middle, perhaps latin words round it."""
    size = rng.uniform(16, 44)
    canvas = Image.new("L", (round(60 * mm), round(60 * mm)), 0)
    pen, c, r = ImageDraw.Draw(canvas), 30 * mm, size / 2 * mm
    pen.ellipse((c - r, c - r, c + r, c + r), outline=255, width=max(round(rng.uniform(0.4, 3.0) * mm), 1))
    if rng.random() < 0.6:
        inner = r * rng.uniform(0.55, 0.75)
        pen.ellipse((c - inner, c - inner, c + inner, c + inner), outline=255, width=max(round(0.5 * mm), 1))
        inner *= 0.9
    else:
        inner = r * 0.75
    kind = rng.choice(("letter", "rays", "book", "bars"))
    if kind == "letter":
        pen.text((c, c), rng.choice("AKMRZ学育"), font=face.sized(round(inner * 1.3)), fill=255, anchor="mm")
    elif kind == "rays":
        count = rng.randint(8, 20)
        for k in range(count):
            a = 2 * math.pi * k / count
            pen.line((c, c, c + inner * math.cos(a), c + inner * math.sin(a)), fill=255, width=round(0.6 * mm))
    elif kind == "book":
        pen.polygon([(c - inner, c - inner / 3), (c, c), (c + inner, c - inner / 3), (c, c + inner * 0.6)], fill=255)
    else:
        for k in range(-2, 3):
            pen.rectangle(
                (c - inner * 0.7, c + k * inner * 0.3, c + inner * 0.7, c + (k + 0.5) * inner * 0.3), fill=255
            )
    return canvas


def _sticker(rng: random.Random, face: Typeface, mm: float) -> Image.Image:
    """A filled round label, perhaps with a light word in it."""
    canvas = Image.new("L", (round(60 * mm), round(60 * mm)), 0)
    r, c = rng.uniform(8, 23) * mm, 30 * mm
    pen = ImageDraw.Draw(canvas)
    pen.ellipse((c - r, c - r, c + r, c + r), fill=255)
    if rng.random() < 0.6:
        words = rng.choice(("合格", "优", "A", "已检"))
        pen.text((c, c), words, font=face.sized(round(r * 0.8)), fill=0, anchor="mm")
    return canvas


def _circle_mark(rng: random.Random, face: Typeface, mm: float) -> Image.Image:
    """A plain printed circle, or the mark of a cup: a ring with nothing in it."""
    canvas = Image.new("L", (round(64 * mm), round(64 * mm)), 0)
    r, c = rng.uniform(9, 26) * mm, 32 * mm
    pen = ImageDraw.Draw(canvas)
    pen.ellipse((c - r, c - r, c + r, c + r), outline=255, width=max(round(rng.uniform(0.3, 2.0) * mm), 1))
    if rng.random() < 0.3:
        pen.text((c, c), rng.choice("1234AB"), font=face.sized(round(r)), fill=255, anchor="mm")
    return canvas


def _square_seal(rng: random.Random, face: Typeface, mm: float) -> Image.Image:
    """A person's name seal, or a rectangular date or receipt stamp."""
    canvas = Image.new("L", (round(60 * mm), round(40 * mm)), 0)
    pen = ImageDraw.Draw(canvas)
    if rng.random() < 0.5:
        half = rng.uniform(8, 12) * mm
        box = (30 * mm - half, 20 * mm - half, 30 * mm + half, 20 * mm + half)
        pen.rectangle(box, outline=255, width=round(mm))
        for place, letter in enumerate(rng.choice(("王印建国", "李秀英印"))):
            x, y = box[0] + half * (1.5 - place // 2), box[1] + half * (0.5 + place % 2)
            pen.text((x, y), letter, font=face.sized(round(half * 0.85)), fill=255, anchor="mm")
        return canvas
    pen.rectangle((6 * mm, 8 * mm, 54 * mm, 32 * mm), outline=255, width=round(0.8 * mm))
    pen.text(
        (30 * mm, 15 * mm),
        rng.choice(("收文专用", "濮阳县教育局")),
        font=face.sized(round(7 * mm)),
        fill=255,
        anchor="mm",
    )
    pen.text((30 * mm, 25 * mm), "2020.05.28", font=face.sized(round(6 * mm)), fill=255, anchor="mm")
    return canvas


def _red_table(rng: random.Random, face: Typeface, mm: float) -> Image.Image:
    """Red ruling with red words: printed forms, ticks and underlines of a marker."""
    canvas = Image.new("L", (round(90 * mm), round(60 * mm)), 0)
    pen = ImageDraw.Draw(canvas)
    for row in range(rng.randint(3, 8)):
        y = (6 + row * 7) * mm
        pen.line((2 * mm, y, 88 * mm, y), fill=255, width=max(round(0.3 * mm), 1))
        if rng.random() < 0.6:
            words = rng.choice(("教育局", "合计", "实验小学", "√", "√  √"))
            pen.text((rng.uniform(5, 60) * mm, y + mm), words, font=face.sized(round(5 * mm)), fill=255)
    return canvas


MARKS: Mapping[str, Callable[[random.Random, Typeface, float], Image.Image | None]] = MappingProxyType(
    {
        "nothing": _nothing,
        "header": _header,
        "handwriting": _handwriting,
        "circled": _circled,
        "fingerprint": _fingerprint,
        "logo": _logo,
        "sticker": _sticker,
        "circle_mark": _circle_mark,
        "square_seal": _square_seal,
        "red_table": _red_table,
    }
)
