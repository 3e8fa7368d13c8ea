"""Tilt, quarter turns and perspective are undone, and every place can be led back to the page as received."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from parsers.limits import Limits
from parsers.pages import DecodedCover, decode_cover
from parsers.prepare import Sought, prepared
from parsers.quality import even_light, has_colour, ink_mask, page_quality, without_red
from parsers.ruling import find_table
from parsers.straighten import box_as_received, deskew, find_skew, quarter_turn, square_up, upright
from tests.printed import COLUMN, COLUMNS, LEFT, ROW, ROWS, TOP, table_page, tilted


@pytest.mark.parametrize("degrees", [-5.0, -2.3, -0.4, 0.0, 0.7, 3.1, 5.0])
def test_tilt_is_found_by_the_ruling(degrees: float) -> None:
    assert find_skew(tilted(table_page(), degrees)) == pytest.approx(-degrees, abs=0.12)


def test_tilt_is_found_by_lines_of_print_alone() -> None:
    page = np.full((900, 1200, 3), 255, dtype=np.uint8)
    for row in range(12):
        cv2.putText(page, "mmmm nnn mmmmm nnnn mmm", (100, 120 + 60 * row), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2)
    assert find_skew(tilted(page, 2.0)) == pytest.approx(-2.0, abs=0.1)
    cv2.line(page, (100, 60), (500, 66), (0, 0, 0), 1)  # one stroke of a pen is no ruling
    assert find_skew(tilted(page, 2.0)) == pytest.approx(-2.0, abs=0.1)


def test_a_level_page_is_left_as_it_is() -> None:
    page = upright(table_page())
    assert deskew(page) is page


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_place_leads_back_through_tilt_and_turn(degrees: int) -> None:
    page = quarter_turn(deskew(upright(tilted(table_page(), 3.0))), degrees)
    marked = np.zeros_like(page.rgb)
    y, x = page.rgb.shape[0] // 3, page.rgb.shape[1] // 2
    marked[y : y + 20, x : x + 20] = 255
    height, width = page.received
    back = cv2.warpPerspective(marked, np.linalg.inv(page.matrix), (width, height))[:, :, 0] > 128
    rows, columns = np.nonzero(back)
    box = box_as_received(page, x, y, x + 20, y + 20)
    found = (columns.min() / width, rows.min() / height, columns.max() / width, rows.max() / height)
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx(found, abs=4 / width)


def test_turning_four_times_changes_nothing() -> None:
    page = upright(table_page({(1, 1): "7"}))
    turned = page
    for _ in range(4):
        turned = quarter_turn(turned, 90)
    assert np.array_equal(turned.rgb, page.rgb)
    assert turned.matrix == pytest.approx(page.matrix)


def test_perspective_is_undone_by_the_corners_of_the_frame() -> None:
    page = table_page()
    height, width = page.shape[:2]
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    goal = source + np.array([[18, 10], [-14, 0], [0, -12], [4, 0]], dtype=np.float32)
    bend = cv2.getPerspectiveTransform(source, goal)
    bent = np.asarray(cv2.warpPerspective(page, bend, (width, height), borderValue=(255,) * 3), dtype=np.uint8)
    before = find_table(ink_mask(even_light(without_red(bent))))
    assert before is not None
    squared = square_up(upright(bent), before.corners)
    after = find_table(ink_mask(even_light(without_red(squared.rgb))))
    assert after is not None
    assert after.crooked < 0.002 < before.crooked
    assert (after.rows, after.columns) == (ROWS, COLUMNS)


def test_red_ink_goes_and_print_under_it_stays() -> None:
    page = table_page()
    x, y = LEFT + COLUMN // 2, TOP + ROW // 2
    cv2.circle(page, (x, y), 20, (205, 40, 45), -1)
    cv2.line(page, (x - 30, y), (x + 30, y), (25, 12, 14), 4)
    ink = ink_mask(even_light(without_red(page)))
    assert ink[y, x] == 1
    assert ink[y - 12, x] == 0


@pytest.mark.parametrize(
    ("tint", "ink", "seen"),
    [
        ((255, 255, 255), (205, 40, 45), True),
        ((255, 247, 224), (90, 90, 90), True),
        ((240, 240, 240), (90, 90, 90), False),
    ],
    ids=["red ink", "a colour scan without ink", "a grey scan"],
)
def test_colour_is_ink_or_a_scan_made_in_colour(
    tint: tuple[int, int, int], ink: tuple[int, int, int], seen: bool
) -> None:
    page = (table_page().astype(np.float32) * (np.array(tint) / 255)).astype(np.uint8)
    cv2.circle(page, (500, 400), 60, ink, 6)
    assert has_colour(page) is seen


@pytest.mark.parametrize(("print_", "seen"), [((40, 30, 34), True), ((34, 34, 34), False)])
def test_white_paper_shows_colour_beside_its_print(print_: tuple[int, int, int], seen: bool) -> None:
    """No tint, no seal: only the fringes of the print tell how the page was scanned."""
    page = table_page()
    page[page[:, :, 0] < 128] = print_
    assert has_colour(page) is seen


def test_quality_falls_with_the_worst_readings_and_is_nothing_without_any() -> None:
    assert page_quality([]) == 0.0
    assert page_quality([0.99] * 20) > page_quality([0.99] * 10 + [0.85] * 10) > page_quality([0.6] * 20) - 1e-9


def test_a_frame_that_is_gone_when_squared_up_was_none() -> None:
    """Print without ruling on grey paper (`python -m bench.covers`), in whose grain a crooked frame was seen: the page was torn by it."""
    file = Path(__file__).parent / "resources" / "grey_paper.pdf"
    found = decode_cover(file.read_bytes(), media="application/pdf", name=file.name, sha256="", limits=Limits())
    assert isinstance(found, DecodedCover)
    level = deskew(upright(found.pages[0].rgb))
    sheet = prepared(level, Sought(columns=9))
    assert sheet.table is None and sheet.page.rgb.shape == level.rgb.shape
