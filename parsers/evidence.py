"""Pictures kept as evidence of what was read: the straightened page, each seal, and each rim as the recogniser saw it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.cover import Box, CoverPage, Lattice, Seal
from parsers.ocr import Line, LineReader

Pixels = NDArray[np.uint8]

PICTURE_BYTES = 700_000
"""Most bytes of the picture of a page: of 20 scans of the samples at 150 and 200 dpi the first of `_STEPS` took 139,000 to
416,000, of one with noise added at 300 dpi 502,000."""
_STEPS = ((4_000_000, 80), (4_000_000, 60), (2_000_000, 60), (1_000_000, 50), (500_000, 40))
"""(pixels, JPEG quality) tried in turn until the picture is small enough: noise alone needs the last, which always is.
4,000,000 pixels are A4 at 203 dpi, so that what most offices scan is kept as it was read."""
_SEAL_PIXELS = 400_000
"""A seal of 42 mm with its margin at 300 dpi has 330,000."""
_SEAL_QUALITY = 90
_MARGIN = 0.08
"""Paper left round a seal, as a share of its box: enough to see that the rim is whole."""


@dataclass(frozen=True, kw_only=True)
class PicturedPage:
    """A page that names its pictures, and their bytes by SHA-256."""

    page: CoverPage
    pictures: Mapping[str, bytes]


class Witness:
    """A reader of lines that remembers every crop it was given, so that what is kept of a rim is what was read."""

    def __init__(self, reader: LineReader) -> None:
        self._reader = reader
        self._seen: list[tuple[Line, Pixels]] = []

    def read_lines(self, crops: Sequence[Pixels], *, stretch: float = 1.0) -> Sequence[Line]:
        """As the reader behind it."""
        lines = self._reader.read_lines(crops, stretch=stretch)
        self._seen += zip(lines, crops, strict=True)
        return lines

    def crop_of(self, lattice: Lattice) -> Pixels | None:
        """The crop (H x W x 3) that gave this very lattice; None if none did, or it is empty and tells nothing."""
        return next((crop for line, crop in self._seen if lattice and line.lattice is lattice), None)


def pictured(page: CoverPage, rgb: Pixels, witness: Witness) -> PicturedPage:
    """The page with its pictures. `rgb` (H x W x 3) is the straightened page, `witness` what its seals were read with.

    A page without print and seals, such as a blank back, has none.
    """
    if not (page.cells or page.lines or page.seals):
        return PicturedPage(page=page, pictures={})
    kept: dict[str, bytes] = {}

    def keep(data: bytes | None) -> str | None:
        if data is None:
            return None
        sha256 = hashlib.sha256(data).hexdigest()
        kept[sha256] = data
        return sha256

    seals = tuple(
        replace(seal, picture=keep(seal_picture(rgb, seal.upright)), rim_picture=keep(_rim_picture(seal, witness)))
        for seal in page.seals
    )
    return PicturedPage(page=replace(page, picture=keep(page_picture(rgb)), seals=seals), pictures=kept)


def page_picture(rgb: Pixels) -> bytes:
    """The page as a JPEG of at most PICTURE_BYTES."""
    data = b""
    for pixels, quality in _STEPS:
        data = _jpeg(_shrunk(rgb, pixels), quality)
        if len(data) <= PICTURE_BYTES:
            break
    return data


def seal_picture(rgb: Pixels, box: Box | None) -> bytes | None:
    """The seal's surroundings as a JPEG; None where its box holds no pixel."""
    if box is None:
        return None
    height, width = rgb.shape[:2]
    margin = _MARGIN * max((box.x1 - box.x0) * width, (box.y1 - box.y0) * height)
    x0, y0 = max(int(box.x0 * width - margin), 0), max(int(box.y0 * height - margin), 0)
    part = rgb[y0 : math.ceil(box.y1 * height + margin), x0 : math.ceil(box.x1 * width + margin)]
    return _jpeg(_shrunk(part, _SEAL_PIXELS), _SEAL_QUALITY) if part.size else None


def _rim_picture(seal: Seal, witness: Witness) -> bytes | None:
    """The lines of the rim's reading one below the other, grey, as a PNG."""
    found = [witness.crop_of(lattice) for lattice in seal.rim.lines] if seal.rim else []
    crops = [np.asarray(crop[:, :, 0], dtype=np.uint8) for crop in found if crop is not None and crop.size]
    if not crops:
        return None
    width = max(crop.shape[1] for crop in crops)
    whole = np.vstack([np.pad(crop, ((0, 0), (0, width - crop.shape[1])), constant_values=255) for crop in crops])
    return _encoded(".png", whole)


def _shrunk(rgb: Pixels, pixels: int) -> Pixels:
    """At most as many pixels. Halves, then the rest between neighbours: as sharp as averaging, at an eighth of its time."""
    while rgb.shape[0] * rgb.shape[1] > 4 * pixels:
        size = (rgb.shape[1] // 2, rgb.shape[0] // 2)
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    scale = math.sqrt(pixels / (rgb.shape[0] * rgb.shape[1]))
    if scale >= 1.0:
        return rgb
    size = (max(int(rgb.shape[1] * scale), 1), max(int(rgb.shape[0] * scale), 1))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _jpeg(rgb: Pixels, quality: int) -> bytes:
    bgr = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), dtype=np.uint8)
    return _encoded(".jpg", bgr, cv2.IMWRITE_JPEG_QUALITY, quality)


def _encoded(suffix: str, pixels: Pixels, *settings: int) -> bytes:
    made, data = cv2.imencode(suffix, pixels, list(settings))
    if not made:
        raise ValueError(f"a picture of {pixels.shape} cannot be written as {suffix}")
    return bytes(data)
