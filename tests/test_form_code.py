"""The code of a blank form on paper: read off the page, taken off its print, and believed only where nothing speaks against it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from domain.identify import nearest_names, reporter_by_code, reporter_called, reporter_of
from domain.sheet import Sheet
from notifier.qr import qr_png
from parsers.form_code import without_code
from parsers.prepare import Prepared, Sought, prepared
from parsers.straighten import deskew, upright
from tests.builders import NOTICE, cover, page, seal, sheet
from tests.printed import tilted

Pixels = NDArray[np.uint8]
_DPI = 150
_MM = _DPI / 25.4


def picture_of(text: str) -> Pixels:
    found = cv2.imdecode(np.frombuffer(qr_png(text), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert found is not None
    return np.asarray(found, np.uint8)


def scan_with(code: Pixels | None, *, side_mm: float = 17.0, tilt: float = 0.0) -> Pixels:
    """An A4 page at 150 dpi with a ruled table, and a code above its right end, blurred and noisy as a scan."""
    canvas = np.full((round(210 * _MM), round(297 * _MM), 3), 250, np.uint8)
    for row in range(16):
        across = round((45 + 9 * row) * _MM)
        cv2.line(canvas, (round(12 * _MM), across), (round(285 * _MM), across), (0, 0, 0), 2)
    for column in range(10):
        down = round((12 + 273 / 9 * column) * _MM)
        cv2.line(canvas, (down, round(45 * _MM)), (down, round(180 * _MM)), (0, 0, 0), 2)
    if code is not None:
        side = round(side_mm * _MM)
        scaled = cv2.resize(code, (side, side), interpolation=cv2.INTER_AREA)
        top, left = round(16 * _MM), round(284 * _MM) - side
        canvas[top : top + side, left : left + side] = np.minimum(scaled[..., None], 245)
    noisy = cv2.GaussianBlur(tilted(canvas, tilt) if tilt else canvas, (0, 0), 0.6).astype(np.int16)
    noisy += np.random.default_rng(7).normal(0, 4, noisy.shape).astype(np.int16)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def sheet_with(code: Pixels | None) -> Prepared:
    """The page as one whose ruling was not found."""
    rgb = scan_with(code)
    even = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    return Prepared(page=upright(rgb), even=even, ink=np.where(even < 160, 1, 0).astype(np.uint8), table=None)


@pytest.mark.parametrize(("side_mm", "tilt"), [(15.0, -2.5), (18.0, 3.0)])
def test_a_code_is_read_off_a_crooked_scan_at_150_dpi(side_mm: float, tilt: float) -> None:
    scan = scan_with(picture_of("PY51-PYX"), side_mm=side_mm, tilt=tilt)
    sheet = prepared(deskew(upright(scan)), Sought(columns=9))
    assert sheet.table and without_code(sheet).form_code == "PY51-PYX"


def test_a_code_is_read_off_a_page_without_ruling() -> None:
    assert without_code(sheet_with(picture_of("PY51-SZ01"))).form_code == "PY51-SZ01"


def test_the_code_is_no_print() -> None:
    found = sheet_with(picture_of("PY51-PYX"))
    bare = without_code(found)
    corner = (slice(round(14 * _MM), round(34 * _MM)), slice(round(260 * _MM), None))
    assert found.ink[corner].any() and not bare.ink[corner].any() and bare.even[corner].min() > 200
    below = slice(round(40 * _MM), None)
    assert np.array_equal(found.ink[below], bare.ink[below])


@pytest.mark.parametrize("text", ["https://example.cn/a?b=PY51-PYX", "py51-pyx", "PY51-PYX-20200227-01", "13912345678"])
def test_codes_of_others_are_left_where_they_stand_and_not_kept(text: str) -> None:
    found = sheet_with(picture_of(text))
    assert without_code(found) is found and found.form_code is None


def test_pages_without_a_code_and_pages_too_small_for_one_stay_as_they_are() -> None:
    plain = sheet_with(None)
    assert without_code(plain) is plain
    rgb = np.full((60, 60, 3), 250, np.uint8)
    tiny = Prepared(page=upright(rgb), even=rgb[..., 0], ink=np.zeros((60, 60), np.uint8), table=None)
    assert without_code(tiny) is tiny


def test_a_torn_code_is_none() -> None:
    code = picture_of("PY51-PYX").copy()
    code[: code.shape[0] // 2] = 255
    assert without_code(sheet_with(code)).form_code is None


def hinted(*lines: str, text: str = "", code: str | None = "PY51-PYX", of: Sheet | None = None) -> str | None:
    """Whom the code names, for a page with these lines and, if `text`, a seal that says it."""
    marks = (seal(text),) if text else ()
    found = reporter_by_code(of, cover(page(*marks, lines=lines, form_code=code)), NOTICE)
    return found.code if found else None


@pytest.mark.parametrize(
    ("lines", "text", "expected"),
    [
        ((), "", "PYX"),
        (("填报单位：（盖章）",), "", "PYX"),
        (("填报单位：濮旧县（盖章）",), "", "PYX"),  # misread under the seal
        ((), "濮阳县教盲局", "PYX"),
        (("填报单位：范县（盖章）",), "", None),
        (("清丰县学习类APP统计备案表",), "", None),
        (("填报单位：濮阳市第九中学（盖章）",), "", None),  # a unit on no list wrote over another's form
        (("填报单位：（盖章）",), "濮阳市第九中学", None),
        (("填报单位：濮阳县（盖章）",), "范县教育局", None),
        ((), "滑县教育局", None),
    ],
)
def test_the_code_is_a_hint_that_print_and_seal_overrule(lines: tuple[str, ...], text: str, expected: str) -> None:
    assert hinted(*lines, text=text) == expected


def test_a_short_name_is_not_taken_for_another_short_one() -> None:
    assert hinted("填报单位：滑县（盖章）", code="PY51-FX") is None


@pytest.mark.parametrize("code", [None, "", "PY52-PYX", "PY51-XYZ", "nonsense"])
def test_codes_of_nobody_name_nobody(code: str | None) -> None:
    assert hinted(code=code) is None


def test_codes_of_two_reporters_name_neither() -> None:
    two = cover(page(form_code="PY51-PYX"), replace(page(form_code="PY51-FX"), number=2))
    assert reporter_by_code(None, two, NOTICE) is None
    assert reporter_by_code(None, None, NOTICE) is None


def test_what_the_workbook_says_wins_whoever_it_is() -> None:
    nameless = replace(sheet({"unit": ""}, unit=None, title=None))
    assert hinted(of=nameless) == "PYX"
    assert hinted(of=sheet(unit="濮阳市第九中学", title=None)) is None
    assert hinted(of=sheet({"unit": "市直"}, unit=None, title=None)) is None


def test_a_code_that_contradicts_changes_nothing_of_whose_it_is() -> None:
    other = cover(page(seal("范县教育局"), lines=("填报单位：范县（盖章）",), form_code="PY51-PYX"))
    found = reporter_of(None, other, NOTICE)
    assert found.reporter and found.reporter.code == "FX" and found.conflict is None


@pytest.mark.parametrize(
    ("called", "code"),
    [
        ("PYX", "PYX"),
        ("pyx", "PYX"),
        ("濮阳县", "PYX"),
        ("濮阳市濮阳县教育体育局", "PYX"),
        (" 经开区 ", "JKQ"),
        ("濮阳", None),
        ("", None),
        ("濮阳县各学校", None),
    ],
)
def test_a_reporter_is_called_by_code_or_name(called: str, code: str | None) -> None:
    found = reporter_called(called, NOTICE)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("called", "nearest"),
    [("濮羊县", "濮阳县 (PYX)"), ("PYZ", "濮阳县 (PYX)"), ("工业园", "濮阳工业园区 (GYQ)"), ("清风县", "清丰县 (QFX)")],
)
def test_who_is_called_wrongly_is_told_the_nearest(called: str, nearest: str) -> None:
    found = nearest_names(called, NOTICE)
    assert found[0] == nearest and len(found) <= 3


def test_what_is_like_nobody_has_no_nearest() -> None:
    assert nearest_names("§§", NOTICE) == ()
