"""Decoding of cover files: what kind of page it is, its scale, and that bad bytes give a failure, not an exception."""

from __future__ import annotations

import io
from pathlib import Path

import img2pdf
import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from domain.cover import CoverFailure, PageKind
from parsers.limits import Limits
from parsers.pages import DecodedCover, decode_cover

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "pdf"
A4_AT_150 = (1240, 1754)
TEXT = "BT /F1 12 Tf {mode} Tr 72 700 Td (" + "printed text " * 8 + ") Tj ET"


def decode(data: bytes, media: str = "application/pdf", **limits: int) -> DecodedCover | CoverFailure:
    return decode_cover(data, media=media, name="a", sha256="0", limits=Limits(**limits))


def pages(data: bytes, media: str = "application/pdf", **limits: int) -> DecodedCover:
    decoded = decode(data, media, **limits)
    assert isinstance(decoded, DecodedCover)
    return decoded


def picture(size: tuple[int, int] = A4_AT_150, kind: str = "JPEG", **options: object) -> bytes:
    image = Image.new("RGB", size, (250, 250, 250))
    image.paste((20, 20, 20), (size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 3))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def scan_pdf(count: int = 1) -> bytes:
    scanned = picture(dpi=(150, 150))
    return bytes(img2pdf.convert([scanned] * count))


def drawn(data: bytes | None, text: str, image_box: str = "") -> bytes:
    """A PDF with `text` operators after the pages of `data`, or on an empty page; `image_box` places a small picture."""
    document = pikepdf.open(io.BytesIO(data)) if data else pikepdf.new()
    if not data:
        document.add_blank_page(page_size=(595, 842))
    page = document.pages[0]
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.add_resource(font, pikepdf.Name.Font, pikepdf.Name.F1)
    if image_box:
        raw = pikepdf.Stream(document, bytes([200, 20, 20]) * 100)
        raw.update(
            pikepdf.Dictionary(
                Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=10, Height=10,
                ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8,
            )
        )  # fmt: skip
        page.add_resource(raw, pikepdf.Name.XObject, pikepdf.Name.Seal)
        text += f" q {image_box} cm /Seal Do Q"
    page.contents_add(text.encode())
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (scan_pdf(), PageKind.SCAN),
        (drawn(scan_pdf(), TEXT.format(mode=3)), PageKind.SCAN),
        (drawn(scan_pdf(), TEXT.format(mode=0)), PageKind.PASTED),
        (drawn(None, TEXT.format(mode=0)), PageKind.BORN_DIGITAL),
        (drawn(None, TEXT.format(mode=0), "120 0 0 120 400 600"), PageKind.PASTED),
        (drawn(None, TEXT.format(mode=0), "48 0 0 48 500 760"), PageKind.BORN_DIGITAL),
    ],
    ids=[
        "raster",
        "hidden text over a raster",
        "text drawn on a raster",
        "text alone",
        "text and a seal picture",
        "text and a form's code",
    ],
)
def test_kind_is_told_from_the_structure(data: bytes, kind: PageKind) -> None:
    assert [page.kind for page in pages(data).pages] == [kind]


def test_scan_keeps_its_own_resolution() -> None:
    page = pages(scan_pdf()).pages[0]
    assert page.dpi == pytest.approx(150, abs=2)
    assert page.rgb.shape == pytest.approx((1754, 1240, 3), abs=4)
    assert not page.photo


def test_only_the_first_pages_are_read_and_all_are_counted() -> None:
    decoded = pages(scan_pdf(5), pages=2)
    assert (decoded.page_count, [page.number for page in decoded.pages]) == (5, [1, 2])


def test_password_is_told_from_damage() -> None:
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(scan_pdf())) as document:
        document.save(locked, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    failures = [decode(locked.getvalue()), decode(b"%PDF-1.7 and nothing of use")]
    assert [getattr(failure, "code", "") for failure in failures] == ["cover.encrypted", "cover.unreadable"]


def test_a_password_for_the_owner_alone_does_not_hinder_reading() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(scan_pdf())) as document:
        document.save(out, encryption=pikepdf.Encryption(user="", owner="secret"))
    assert len(pages(out.getvalue()).pages) == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP", "WEBP", "GIF"])
def test_pictures_are_read(kind: str) -> None:
    page = pages(picture((300, 400), kind), f"image/{kind.lower()}").pages[0]
    assert page.rgb.shape == (400, 300, 3)
    assert page.rgb.dtype == np.uint8


def test_every_frame_of_a_tiff_is_a_page() -> None:
    frames = [Image.new("1", (200, 300), colour) for colour in (0, 1, 1)]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:])
    decoded = pages(out.getvalue(), "image/tiff")
    assert decoded.page_count == 3
    assert [int(page.rgb.mean()) for page in decoded.pages] == [0, 255, 255]


def test_a_picture_is_turned_as_its_exif_says_and_a_camera_has_no_scale() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    page = pages(picture((400, 300), exif=exif, dpi=(72, 72)), "image/jpeg").pages[0]
    assert (page.rgb.shape[:2], page.dpi, page.photo) == ((400, 300), None, True)


@pytest.mark.parametrize(("told", "dpi"), [((150, 150), 150), ((96, 96), None), (None, None)])
def test_scale_counts_only_where_it_gives_a_sheet_of_paper(told: tuple[int, int] | None, dpi: int | None) -> None:
    page = pages(picture(dpi=told) if told else picture(), "image/jpeg").pages[0]
    assert page.dpi == (pytest.approx(dpi) if dpi else None)


def test_what_is_transparent_is_paper() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (50, 60), (0, 0, 0, 0)).save(out, "PNG")
    assert pages(out.getvalue(), "image/png").pages[0].rgb.min() == 255


def test_large_pages_are_bounded() -> None:
    page = pages(picture((5000, 7000), dpi=(600, 600)), "image/jpeg").pages[0]
    assert max(page.rgb.shape) <= 3600
    assert page.dpi == pytest.approx(600 * page.rgb.shape[1] / 5000, rel=0.01)


@given(
    data=st.binary(max_size=200), head=st.sampled_from([b"", b"%PDF-1.4\n", b"\xff\xd8\xff", b"II*\0", b"\x89PNG\r\n"])
)
@settings(max_examples=60, deadline=None)
def test_any_bytes_give_pages_or_a_failure(data: bytes, head: bytes) -> None:
    decoded = decode(head + data, "image/jpeg")
    assert isinstance(decoded, DecodedCover) or decoded.code in ("cover.unreadable", "cover.encrypted")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus lies beside the repository")
def test_other_peoples_pdfs_never_raise() -> None:
    files = sorted(path for path in CORPUS.rglob("*.pdf") if path.stat().st_size < 40_000)[::6]
    assert files
    for path in files:
        decoded = decode(path.read_bytes(), pages=1)
        assert isinstance(decoded, DecodedCover) or decoded.code.startswith("cover."), path.name
