"""Decode a stranger's PDF or image into bounded RGB pages. Runs in the one-mail child; gives plain arrays only."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pdfplumber
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray
from pdfminer.pdfdocument import PDFPasswordIncorrect
from PIL import Image, ImageOps, ImageSequence

from domain.cover import CoverFailure, PageKind
from parsers.limits import Limits

Pixels = NDArray[np.uint8]

_POINTS = 72.0
_DPI_CAP = 300.0  # more does not read better and costs quadratically
PAGE_PIXELS = 16_000_000
_ALL_PIXELS = 96_000_000  # of one cover, so that thirty pages stay below 300 MB
_SOURCE_PIXELS = 200_000_000  # refuse to decompress more: a bomb, not a scan
_PAPERS_MM = ((210, 297), (297, 420), (216, 279), (216, 356), (184, 260), (176, 250), (148, 210), (195, 270))
_PAPER_TOLERANCE = 0.07
_FEW_CHARACTERS = 40  # a scanning app's own mark at the foot of the page (扫描全能王 创建) is no drawn page
_LEAST_SIDE = 40  # pixels: what is smaller is a mark of a mail program, no page
_FORMATS = ("JPEG", "PNG", "TIFF", "GIF", "BMP", "DIB", "WEBP", "JPEG2000", "AVIF")
"""Pictures that people send (MPO comes with JPEG). Of the others that Pillow reads some are rare, and PostScript it hands to a program."""
_THIN = 20  # times as long as wide: no page either
_FULL = 0.5
_SEAL = (
    25 / 25.4 * _POINTS
)  # what is smaller, such as the code of our own form, is no picture of a seal, which has 30 mm and more
_INVISIBLE = (3, 7)  # ISO 32000-1, table 106: text rendering modes that paint nothing


@dataclass(frozen=True, kw_only=True, eq=False)
class PageImage:
    """A page as pixels: `rgb` uint8 HxWx3. `dpi` None: no scale is known. `photo`: taken by a camera, it seems."""

    number: int
    rgb: Pixels
    dpi: float | None
    kind: PageKind
    photo: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class DecodedCover:
    """A cover file as pages. `page_count` counts the file's pages, `pages` holds the first `limits.pages` of them."""

    file: str
    sha256: str
    signed: bool
    page_count: int
    pages: tuple[PageImage, ...]


@dataclass(frozen=True, kw_only=True)
class _Structure:
    """What a PDF page is made of: share of it under rasters, the finest raster's resolution, how many rasters may show a seal,
    drawn characters and paths."""

    coverage: float
    raster_dpi: float | None
    rasters: int
    drawn_characters: int
    drawn_paths: int


class _Unusable(Exception):
    """The file cannot be a cover: `code` is the problem code."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def decode_cover(data: bytes, *, media: str, name: str, sha256: str, limits: Limits) -> DecodedCover | CoverFailure:
    """The pages of a PDF (`media` application/pdf or bytes that say so) or of any picture Pillow reads."""
    try:
        if media == "application/pdf" or b"%PDF-" in data[:1024]:
            signed, count, pages = _decode_pdf(data, limits)
        else:
            signed = False
            count, pages = _decode_image(data, limits)
    except _Unusable as fault:
        return CoverFailure(file=name, sha256=sha256, code=fault.code, detail=fault.detail)
    if not pages:
        return CoverFailure(file=name, sha256=sha256, code="cover.unreadable", detail="no page")
    return DecodedCover(file=name, sha256=sha256, signed=signed, page_count=count, pages=pages)


def _decode_pdf(data: bytes, limits: Limits) -> tuple[bool, int, tuple[PageImage, ...]]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        code = "cover.encrypted" if error.err_code == pdfium.FPDF_ERR_PASSWORD else "cover.unreadable"
        raise _Unusable(code, f"pdfium: {error}") from error
    try:
        count = len(document)
        wanted = min(count, limits.pages)
        structures = _structures(data, wanted)
        signed = pdfium.FPDF_GetSignatureCount(document) > 0
        pages = tuple(_render_page(document, index, structures.get(index, ()), wanted) for index in range(wanted))
    except pypdfium2.PdfiumError as error:
        raise _Unusable("cover.unreadable", f"pdfium: {error}") from error
    finally:
        document.close()
    return signed, count, pages


def _structures(data: bytes, wanted: int) -> dict[int, tuple[dict[str, Any], ...]]:
    """Page index → its rasters with place and source size. pdfplumber places those nested in forms; pdfium does not."""
    found: dict[int, tuple[dict[str, Any], ...]] = {}
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            for index, page in enumerate(document.pages[:wanted]):
                found[index] = tuple(page.images)
                page.close()
    except PDFPasswordIncorrect as error:
        raise _Unusable("cover.encrypted", "password needed") from error
    except Exception:  # noqa: BLE001, S110 - pdfminer raises anything on bad files; pdfium alone then tells what it can
        pass
    return found


def _render_page(
    document: pypdfium2.PdfDocument, index: int, rasters: tuple[dict[str, Any], ...], wanted: int
) -> PageImage:
    page = document[index]
    width, height = page.get_size()
    if width < 1 or height < 1 or max(width, height) > _THIN * min(width, height):
        raise _Unusable("cover.unreadable", f"page {index + 1} measures {width:.0f} x {height:.0f} points")
    structure = _structure(page, rasters, width, height)
    kind = _kind(structure)
    dpi = min(_DPI_CAP, structure.raster_dpi or _DPI_CAP) if kind is PageKind.SCAN else 200.0
    dpi = max(dpi, 72.0 if structure.raster_dpi and kind is PageKind.SCAN else 150.0)
    long_side = max(width, height) / _POINTS
    dpi = min(dpi, 3600 / long_side, math.sqrt(min(PAGE_PIXELS, _ALL_PIXELS / wanted) / (width * height)) * _POINTS)
    bitmap = page.render(scale=dpi / _POINTS, rev_byteorder=True, draw_annots=True, fill_color=(255, 255, 255, 255))
    rgb = np.ascontiguousarray(np.asarray(bitmap.to_pil().convert("RGB"), dtype=np.uint8))
    page.close()
    paper = _is_paper(width / _POINTS * 25.4, height / _POINTS * 25.4)
    return PageImage(
        number=index + 1,
        rgb=rgb,
        dpi=dpi if paper else None,
        kind=kind,
        photo=kind is PageKind.SCAN and not _has_flat_border(rgb),
    )


def _structure(page: pypdfium2.PdfPage, rasters: tuple[dict[str, Any], ...], width: float, height: float) -> _Structure:
    objects = list(page.get_objects(max_depth=4))
    images = [place for place, item in enumerate(objects) if item.type == pdfium.FPDF_PAGEOBJ_IMAGE]
    covered = np.zeros((64, 64), dtype=bool)
    resolutions, seal_sized = [], 0
    for raster in rasters:
        across, down = abs(raster["x1"] - raster["x0"]) or 1.0, abs(raster["bottom"] - raster["top"]) or 1.0
        seal_sized += max(across, down) >= _SEAL
        x0, x1 = (max(0.0, min(1.0, raster[side] / width)) for side in ("x0", "x1"))
        y0, y1 = (max(0.0, min(1.0, raster[side] / height)) for side in ("top", "bottom"))
        covered[int(y0 * 64) : math.ceil(y1 * 64), int(x0 * 64) : math.ceil(x1 * 64)] = True
        if across * down > 0.02 * width * height:
            resolutions.append(max(raster["srcsize"][0] / across, raster["srcsize"][1] / down) * _POINTS)
    # Some scanners draw the text they read in plain sight and lay the picture over it: only what follows shows.
    over = images[0] if images and covered.mean() >= _FULL else -1
    return _Structure(
        coverage=1.0 if images and not rasters else float(covered.mean()),
        raster_dpi=max(resolutions, default=None),
        rasters=seal_sized if rasters else len(images),
        drawn_characters=_drawn_characters(page, objects[over + 1 :]),
        drawn_paths=sum(1 for item in objects if item.type == pdfium.FPDF_PAGEOBJ_PATH),
    )


def _drawn_characters(page: pypdfium2.PdfPage, objects: list[Any]) -> int:
    """How many characters (bytes of UTF-16 halved) the text objects among `objects` paint."""
    text_page = page.get_textpage()
    total = 0
    for item in objects:
        if item.type != pdfium.FPDF_PAGEOBJ_TEXT or pdfium.FPDFTextObj_GetTextRenderMode(item) in _INVISIBLE:
            continue
        total += max(0, pdfium.FPDFTextObj_GetText(item, text_page, None, 0) // 2 - 1)
    text_page.close()
    return total


def _kind(structure: _Structure) -> PageKind:
    drawn = structure.drawn_characters > _FEW_CHARACTERS
    if structure.coverage >= _FULL:
        return PageKind.PASTED if drawn else PageKind.SCAN
    if drawn or structure.drawn_paths > _FEW_CHARACTERS:
        return PageKind.PASTED if structure.rasters else PageKind.BORN_DIGITAL
    return PageKind.SCAN


def _decode_image(data: bytes, limits: Limits) -> tuple[int, tuple[PageImage, ...]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                frames = getattr(image, "n_frames", 1) if image.format in ("TIFF", "MPO") else 1
                count = 1 if image.format == "MPO" else frames
                pages = tuple(_frames(image, min(count, limits.pages)))
    except _Unusable:
        raise
    except Exception as error:  # Pillow's plug-ins raise anything on bad bytes
        raise _Unusable("cover.unreadable", f"{type(error).__name__} while decoding the picture") from error
    return count, pages


def _frames(image: Image.Image, wanted: int) -> Iterator[PageImage]:
    budget = min(PAGE_PIXELS, _ALL_PIXELS // max(1, wanted))
    for number, frame in enumerate(ImageSequence.Iterator(image), start=1):
        if number > wanted:
            return
        if min(frame.size) < _LEAST_SIDE or max(frame.size) > _THIN * min(frame.size):
            raise _Unusable("cover.unreadable", f"{frame.width}x{frame.height} pixels")
        if frame.width * frame.height > _SOURCE_PIXELS:
            raise _Unusable("cover.unreadable", f"{frame.width}x{frame.height} pixels")
        dpi = _told_dpi(frame)
        camera = bool(frame.getexif().get(0x010F) or frame.getexif().get(0x0110))  # EXIF Make, Model
        scale = min(1.0, 3600 / max(frame.size), math.sqrt(budget / (frame.width * frame.height)))
        if frame.format == "JPEG" and scale < 1:
            frame.draft("RGB", (int(frame.width * scale), int(frame.height * scale)))
        rgb, shrink = _pixels(frame, scale, frame.size)
        yield PageImage(
            number=number,
            rgb=rgb,
            dpi=dpi * shrink if dpi and not camera else None,
            kind=PageKind.SCAN,
            photo=camera or (dpi is None and not _has_flat_border(rgb)),
        )


def _pixels(frame: Image.Image, scale: float, size: tuple[int, int]) -> tuple[Pixels, float]:
    """RGB on white paper, upright as EXIF says, shrunk by `scale` of `size`, and the shrinking that came of it."""
    upright = ImageOps.exif_transpose(frame)
    if upright.mode.startswith("I;16") or upright.mode in ("I", "F"):
        deep = np.asarray(upright, dtype=np.float32)
        upright = Image.fromarray(np.clip(deep / max(1.0, float(deep.max())) * 255, 0, 255).astype(np.uint8))
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        layer = upright.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        upright = Image.alpha_composite(paper, layer)
    rgb = upright.convert("RGB")
    goal = max(1, round(max(size) * scale))
    if max(rgb.size) > goal:
        ratio = goal / max(rgb.size)
        target = (max(1, round(rgb.width * ratio)), max(1, round(rgb.height * ratio)))
        rgb = rgb.resize(target, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return np.ascontiguousarray(np.asarray(rgb, dtype=np.uint8)), max(rgb.size) / max(size)


def _told_dpi(frame: Image.Image) -> float | None:
    """Resolution the file states, where the paper it implies is one a printer takes; cameras write 72 at random."""
    told = frame.info.get("dpi")
    if not told or not all(50 <= float(value) <= 2400 for value in told[:2]):
        return None
    across, down = (side / float(value) * 25.4 for side, value in zip(frame.size, told, strict=False))
    return float(told[0]) if _is_paper(across, down) else None


def _is_paper(across_mm: float, down_mm: float) -> bool:
    short, long = sorted((across_mm, down_mm))
    return any(
        abs(short / paper[0] - 1) <= _PAPER_TOLERANCE and abs(long / paper[1] - 1) <= _PAPER_TOLERANCE
        for paper in _PAPERS_MM
    )


def _has_flat_border(rgb: Pixels) -> bool:
    """Is the rim of the page even and light, as a scanner's lid makes it and a desk in a photo does not?"""
    grey = rgb[::4, ::4].max(axis=2).astype(np.int16)
    rim = max(2, min(grey.shape) // 40)
    border = np.concatenate([grey[:rim].ravel(), grey[-rim:].ravel(), grey[:, :rim].ravel(), grey[:, -rim:].ravel()])
    middle = int(np.median(border))
    return middle > 215 and float((np.abs(border - middle) <= 18).mean()) > 0.85
