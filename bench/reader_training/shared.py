"""What crops of lines and of seals have in common: the crop as a value and in a file, the faces, the scanner."""

from __future__ import annotations

import argparse
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFont

from parsers.ocr import READER, _scaled, shipped
from samples.maker import scanner
from samples.maker.stamp_plans import StampPlan
from samples.maker.typefaces import Typeface

Pixels = NDArray[np.uint8]

PUBLISHED = shipped("PP-OCRv6_rec_small.onnx")
"""The recogniser's weights as they are published."""

_FONTS = Path("/usr/share/fonts")
TRAINED = (
    Typeface(path=_FONTS / "truetype/arphic/uming.ttc"),
    Typeface(path=_FONTS / "truetype/arphic/ukai.ttc"),
    Typeface(path=_FONTS / "opentype/noto/NotoSansCJK-Regular.ttc", index=2),
)
HELD_OUT_LINES = (Typeface(path=_FONTS / "truetype/droid/DroidSansFallbackFull.ttf"),)
HELD_OUT_SEALS = (Typeface(path=_FONTS / "truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf"),)
"""Tuning faces of the covers' print and of the seals' letters that are judging faces of the other bench: not trained with."""
SCANS = scanner.ScanRange(
    dpi=(130, 150, 150, 150, 170, 200, 200, 240, 300), skew=0.4, noise=(1.0, 5.5), blur=(0.3, 0.75), quality=(48, 86),
    paper=(232, 254), contrast=(0.8, 1.0),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Crop:
    """One input of the network (48xW grey), what it says, and where it is from (for figures by class)."""

    pixels: Pixels
    text: str
    label: str


def as_input(cut: Pixels, stretch: float) -> Pixels:
    """What the recogniser makes of a crop (HxW or HxWx3) before it reads it: 48xW, grey."""
    return np.ascontiguousarray(_scaled(cut, stretch)[:, :, 0])


def faces_of(folder: Path | None) -> tuple[Typeface, ...]:
    """The trained faces, with more Chinese fonts of a folder, if given."""
    more = sorted(folder.rglob("*.[to]t[fc]")) if folder else []
    return (*TRAINED, *(Typeface(path=path) for path in more))


def has(face: Typeface, text: str) -> bool:
    """Whether the face has every letter of the text: it draws them otherwise than a character that is none. A face for what others lack has
    no digits (Droid Sans Fallback)."""
    return all(_draws(face, each) for each in text)


@cache
def _draws(face: Typeface, letter: str) -> bool:
    return _drawn(face, letter) != _drawn(face, "\u0378")  # no character: never drawn but as the sign for a missing one


def _drawn(face: Typeface, letter: str) -> bytes:
    return bytes(_font(face).getmask(letter))


@cache
def _font(face: Typeface) -> ImageFont.FreeTypeFont:
    return face.sized(24)


def able(plan: StampPlan, faces: Sequence[Typeface]) -> Typeface:
    """The plan's face, or the first that has all letters of its name."""
    chosen = plan.typeface or faces[0]
    return chosen if has(chosen, plan.name) else next((face for face in faces if has(face, plan.name)), faces[0])


def compressed(image: Image.Image, quality: int) -> Pixels:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer).convert("RGB"))


def beside_options(told: str, *, count: int) -> argparse.Namespace:
    """What `pages` and `stamps` are asked: where things are kept, with which weights, which seeds, or two results side by side."""
    parser = argparse.ArgumentParser(description=told, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cache", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--weights", type=Path, default=READER, help="the product's own, if none are given")
    parser.add_argument("--seed", type=int, default=69000)
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--beside", type=Path, help="print these results after RESULTS, and read nothing")
    return parser.parse_args()


def save(path: Path, crops: Sequence[Crop]) -> None:
    """One file: all pixels side by side, widths, texts and labels."""
    part = path.with_suffix(".part.npz")
    np.savez_compressed(
        part,
        pixels=np.concatenate([each.pixels for each in crops], axis=1),
        widths=np.array([each.pixels.shape[1] for each in crops]),
        texts=np.array([each.text for each in crops]),
        labels=np.array([each.label for each in crops]),
    )
    part.rename(path)


def load(path: Path) -> list[Crop]:
    """What `save` wrote."""
    with np.load(path) as kept:
        pixels, ends = kept["pixels"], np.cumsum(kept["widths"])
        parts = np.split(pixels, ends[:-1], axis=1)
        told = zip(parts, kept["texts"].tolist(), kept["labels"].tolist(), strict=True)
        return [Crop(pixels=part, text=text, label=label) for part, text, label in told]
