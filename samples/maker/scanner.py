"""Turn a clean printed, stamped page into what an office scanner or a phone makes of it, and into a file to mail."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass

import cv2
import img2pdf
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Scan:
    """One pass through a scanner. Angles in degrees, `noise` as standard deviation of 0–255 grey, `blur` in pixels
    of the result, `turn` a multiple of 90 clockwise, `mode` colour, grey or bw, `offset` of the sheet in mm,
    `print_scale` what the printer made of the page (1 = true size)."""

    dpi: int = 200
    skew: float = 0.0
    noise: float = 3.0
    tint: tuple[int, int, int] = (252, 251, 247)
    contrast: float = 1.0
    blur: float = 0.5
    quality: int = 70
    turn: int = 0
    mode: str = "colour"
    offset: tuple[float, float] = (0.0, 0.0)
    print_scale: float = 1.0
    photo: bool = False
    perspective: float = 0.0
    dust: int = 6
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class ScanRange:
    """The ranges a random pass is drawn from."""

    dpi: tuple[int, ...] = (150, 200, 200)
    skew: float = 1.5
    noise: tuple[float, float] = (1.5, 5.0)
    blur: tuple[float, float] = (0.3, 0.7)
    quality: tuple[int, int] = (62, 75)
    paper: tuple[int, int] = (240, 254)
    contrast: tuple[float, float] = (0.85, 1.0)
    print_scale: tuple[float, float] = (1.0, 1.0)

    def draw(self, rng: random.Random) -> Scan:
        grey = rng.randint(*self.paper)
        return Scan(
            dpi=rng.choice(self.dpi),
            skew=rng.uniform(-self.skew, self.skew),
            noise=rng.uniform(*self.noise),
            tint=(grey, grey - rng.randint(0, 3), grey - rng.randint(0, 9)),
            contrast=rng.uniform(*self.contrast),
            blur=rng.uniform(*self.blur),
            quality=rng.randint(*self.quality),
            offset=(rng.uniform(-2, 2), rng.uniform(-2, 2)),
            print_scale=rng.uniform(*self.print_scale),
            dust=rng.randint(0, 12),
            seed=rng.randrange(2**31),
        )


def scan(page: Image.Image, settings: Scan, *, dpi: int = 300) -> Image.Image:
    """The page (RGB, true size at `dpi`) as scanned: RGB, or L for grey and bw."""
    rng = np.random.default_rng(settings.seed)
    pixels = _uneven_toner(np.asarray(page.convert("RGB")), rng)
    pixels = _photographed(pixels, settings, rng, dpi) if settings.photo else _on_glass(pixels, settings, dpi)
    pixels = _dusty(_noisy(_inked_on_paper(pixels, settings), settings, rng), settings, rng)
    image = Image.fromarray(pixels).rotate(-settings.turn, expand=True) if settings.turn else Image.fromarray(pixels)
    if settings.mode == "colour":
        return image
    grey = image.convert("L")
    return grey if settings.mode == "grey" else grey.point([0 if v < 165 else 255 for v in range(256)])


def to_file(images: list[Image.Image], kind: str, *, dpi: int, quality: int = 70) -> bytes:
    """The pages as one file: pdf (one picture a page, not encoded again), jpg, png or tif, with its resolution."""
    buffer = io.BytesIO()
    if kind == "pdf":
        pages = [_jpeg(image, dpi, quality) for image in images]
        layout = img2pdf.get_fixed_dpi_layout_fun((dpi, dpi))
        plain = img2pdf.Engine.internal  # the other engines write the clock or random ids
        return bytes(img2pdf.convert(pages, layout_fun=layout, nodate=True, producer="Scanner", engine=plain))
    if kind == "jpg":
        return _jpeg(images[0], dpi, quality)
    if kind == "png":
        # 32 grey steps: a scanner's palette PNG, since noise makes a full one too big to mail.
        images[0].quantize(96).save(buffer, "PNG", dpi=(dpi, dpi), optimize=True)
    else:
        first, *rest = images
        options = {"compression": "jpeg", "quality": quality} if first.mode == "RGB" else {"compression": "tiff_lzw"}
        first.save(buffer, "TIFF", dpi=(dpi, dpi), save_all=True, append_images=rest, **options)
    return buffer.getvalue()


def _jpeg(image: Image.Image, dpi: int, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, dpi=(dpi, dpi))
    return buffer.getvalue()


def _uneven_toner(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Print is never evenly black: a slow and a fast field lighten it a little."""
    height, width = pixels.shape[:2]
    coarse = cv2.resize(rng.random((height // 150 + 2, width // 150 + 2)).astype(np.float32), (width, height))
    fine = cv2.resize(rng.random((height // 2, width // 2)).astype(np.float32), (width, height))
    lift = (18 + 28 * coarse + 22 * fine)[..., None]
    ink = 1 - pixels.astype(np.float32) / 255
    return np.clip(pixels + lift * ink, 0, 255).astype(np.uint8)


def _on_glass(pixels: Pixels, settings: Scan, dpi: int) -> Pixels:
    """Skew, offset and scale in one resampling to the scan's resolution."""
    height, width = pixels.shape[:2]
    ratio = settings.dpi / dpi
    size = (round(width * ratio), round(height * ratio))
    shrunk = cv2.GaussianBlur(pixels, (0, 0), 0.35 / ratio) if ratio < 1 else pixels
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), settings.skew, settings.print_scale * ratio)
    matrix[0, 2] += size[0] / 2 - width / 2 + settings.offset[0] * settings.dpi / 25.4
    matrix[1, 2] += size[1] / 2 - height / 2 + settings.offset[1] * settings.dpi / 25.4
    flags = cv2.INTER_AREA if ratio < 0.6 else cv2.INTER_LINEAR
    turned = cv2.warpAffine(shrunk, matrix, size, flags=flags, borderValue=(250, 250, 250))
    return np.asarray(cv2.GaussianBlur(turned, (0, 0), settings.blur), np.uint8)


def _photographed(pixels: Pixels, settings: Scan, rng: np.random.Generator, dpi: int) -> Pixels:
    """The sheet on a desk, seen aslant by a phone, lit from one side."""
    height, width = pixels.shape[:2]
    ratio = settings.dpi / dpi
    out = (round(width * ratio * 1.12), round(height * ratio * 1.16))
    border, lean = 0.05, settings.perspective
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * (1 - 2 * border) + border
    corners += rng.uniform(-lean, lean, (4, 2)).astype(np.float32)
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    target = (corners * np.array(out, np.float32)).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    sheet = cv2.warpPerspective(pixels, matrix, out, flags=cv2.INTER_AREA)
    inside = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, out)[..., None] / 255.0
    grain = cv2.resize(rng.normal(0, 9, (out[1] // 40 + 1, out[0])).astype(np.float32), out)[..., None]
    desk = np.array([112.0, 86.0, 62.0]) + grain
    light = np.linspace(1.0, 0.74, out[0])[None, :, None] * np.linspace(1.0, 0.9, out[1])[:, None, None]
    mixed = (sheet * inside + desk * (1 - inside)) * light
    return np.asarray(cv2.GaussianBlur(np.clip(mixed, 0, 255).astype(np.uint8), (0, 0), settings.blur + 0.2), np.uint8)


def _inked_on_paper(pixels: Pixels, settings: Scan) -> Pixels:
    """Contrast towards the paper, then the paper's tint over everything."""
    tint = np.array(settings.tint, np.float32) / 255
    lifted = 255 - (255 - pixels.astype(np.float32)) * settings.contrast
    return np.clip(lifted * tint, 0, 255).astype(np.uint8)


def _noisy(pixels: Pixels, settings: Scan, rng: np.random.Generator) -> Pixels:
    """Sensor noise: a common part and a smaller one in each colour, less where the sensor saturates."""
    height, width = pixels.shape[:2]
    common = rng.normal(0, settings.noise, (height, width, 1)).astype(np.float32)
    colour = rng.normal(0, settings.noise * 0.4, (height, width, 3)).astype(np.float32)
    noisy: Pixels = np.clip(pixels + common + colour, 0, 255).astype(np.uint8)
    return noisy


def _dusty(pixels: Pixels, settings: Scan, rng: np.random.Generator) -> Pixels:
    """Specks on the glass and the sheet's dark edge."""
    height, width = pixels.shape[:2]
    result: Pixels = np.ascontiguousarray(pixels)
    for _ in range(settings.dust):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        shade = int(rng.integers(60, 190))
        cv2.circle(result, centre, int(rng.integers(1, 3)), (shade, shade, shade), -1, cv2.LINE_AA)
    return result
