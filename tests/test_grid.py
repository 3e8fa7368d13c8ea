"""Ruling lines become cells: whole, merged, broken, and never where only print or an underline is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from parsers.print_lines import Area, line_areas, peel, pieces, segments
from parsers.quality import even_light, ink_mask, without_red
from parsers.ruled_lines import hairlines, long_runs
from parsers.ruled_sides import Rule, with_missed
from parsers.ruling import Table, find_table
from parsers.unruled import cells_of
from tests.printed import COLUMN, COLUMNS, LEFT, ROW, ROWS, TOP, Pixels, table_page, tilted


def table_of(page: Pixels) -> Table | None:
    return find_table(ink_mask(even_light(without_red(page))))


def shape(table: Table | None) -> tuple[int, int, int] | None:
    return (table.rows, table.columns, len(table.cells)) if table else None


@pytest.mark.parametrize("degrees", [0.0, 0.15, -0.15])
def test_every_cell_is_found(degrees: float) -> None:
    texts = {(row, column): "139 1111 IIII" for row in range(ROWS) for column in range(COLUMNS)}
    assert shape(table_of(tilted(table_page(texts), degrees))) == (ROWS, COLUMNS, ROWS * COLUMNS)


def test_cells_lie_where_they_were_drawn() -> None:
    table = table_of(table_page())
    assert table is not None
    cell = next(cell for cell in table.cells if (cell.row, cell.column) == (2, 1))
    drawn = (LEFT + COLUMN, TOP + 2 * ROW, LEFT + 2 * COLUMN, TOP + 3 * ROW)
    assert (cell.x0, cell.y0, cell.x1, cell.y1) == pytest.approx(drawn, abs=3)


def test_a_side_that_is_not_drawn_merges_cells() -> None:
    table = table_of(table_page(without=((0, 0), (0, 1), (0, 2))))
    assert table is not None
    assert [(cell.column, cell.last_column) for cell in table.cells if cell.row == 0] == [(0, COLUMNS - 1)]
    assert len(table.cells) == (ROWS - 1) * COLUMNS + 1


@pytest.mark.parametrize("pale", [200, 215])
def test_a_side_drawn_as_a_hairline_merges_no_cells(pale: int) -> None:
    """Beside black lines it is too pale for the ink's threshold, and yet runs from end to end."""
    page = table_page({(2, 1): "IIII", (2, 2): "139 1111"}, without=((2, 1),))
    x, y = LEFT + 2 * COLUMN, TOP + 2 * ROW
    assert shape(table_of(page)) == (ROWS, COLUMNS, ROWS * COLUMNS - 1)
    cv2.line(page, (x, y), (x, y + ROW), (pale,) * 3, 2)
    noisy = np.clip(page + np.random.default_rng(3).normal(0, 3, page.shape), 0, 255).astype(np.uint8)
    even = even_light(without_red(noisy))
    assert shape(find_table(ink_mask(even), None, even)) == (ROWS, COLUMNS, ROWS * COLUMNS)


def test_beside_a_black_line_what_is_pale_is_not_taken_off_with_the_hairlines() -> None:
    """The lower half of a line scanned pale; print stands close above all of it."""
    page = np.full((120, 900), 250, dtype=np.uint8)
    page[60:63, 50:450] = 40
    page[60:63, 450:850] = 215
    page[57:59, 60:840] = 190  # the feet of low print
    rule = Rule(slope=0.0, offset=61.0, start=50.0, end=849.0)
    found = hairlines(page, long_runs(np.asarray(page < 130, dtype=np.uint8)), (rule,), 3)
    assert found[60:63, 460:840].all()
    assert not found[:, 60:430].any()


@pytest.mark.parametrize("row", [0, 3, ROWS])
def test_a_line_that_the_ink_does_not_show_is_found_by_its_hairline(row: int) -> None:
    texts = {(row, column): "139 1111 IIII" for row in range(ROWS) for column in range(COLUMNS)}
    even = even_light(without_red(table_page(texts)))
    ink, y = ink_mask(even), TOP + row * ROW
    ink[y - 4 : y + 5, LEFT - 4 :] = 0
    assert shape(find_table(ink)) != (ROWS, COLUMNS, ROWS * COLUMNS)
    assert shape(find_table(ink, None, even)) == (ROWS, COLUMNS, ROWS * COLUMNS)


@pytest.mark.parametrize("seen", [(0, 1, 2), (1, 2, 5), (0, 3, 4), (1, 3, 4)])
@pytest.mark.parametrize("lean", [0.0, 0.02])
def test_of_a_table_of_hairlines_a_few_show_the_others(seen: tuple[int, ...], lean: float) -> None:
    """`lean`: by how much the lines of a photographed page run apart from the first to the last."""
    page = table_page({(row, column): "139 1111 IIII" for row in range(ROWS) for column in range(COLUMNS)})
    height, width = page.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    slanted = corners + np.array([[0, 0], [0, 0], [0, lean * width], [0, 0]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(corners, slanted)
    even = even_light(without_red(cv2.warpPerspective(page, turn, (width, height), borderValue=(255, 255, 255))))
    ink = ink_mask(even)
    for row in set(range(ROWS + 1)) - set(seen):
        ends = np.array([[[LEFT - 4, TOP + row * ROW], [LEFT + COLUMNS * COLUMN + 4, TOP + row * ROW]]], np.float32)
        one, other = (tuple(int(each) for each in point) for point in cv2.perspectiveTransform(ends, turn)[0])
        cv2.line(ink, one, other, (0,), 9)
    assert shape(find_table(ink)) != (ROWS, COLUMNS, ROWS * COLUMNS)
    assert shape(find_table(ink, None, even)) == (ROWS, COLUMNS, ROWS * COLUMNS)


def test_a_table_that_the_papers_edge_cuts_off_has_no_line_there() -> None:
    page = table_page()[: TOP + 4 * ROW + 30]
    for column in range(COLUMNS + 1):
        x = LEFT + column * COLUMN
        cv2.line(page, (x, TOP), (x, page.shape[0]), (0, 0, 0), 2)
    even = even_light(without_red(page))
    table = find_table(ink_mask(even), None, even)
    assert table is not None
    assert [round(rule.middle) for rule in table.horizontals] == pytest.approx(
        [TOP + row * ROW for row in range(5)], abs=2
    )


def test_a_thick_line_is_one() -> None:
    page = cv2.resize(table_page(), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    y, left = 3 * (TOP + 2 * ROW), 3 * LEFT
    cv2.rectangle(page, (left, y - 8), (left + 3 * COLUMNS * COLUMN, y + 8), (0, 0, 0), -1)
    even = even_light(without_red(np.asarray(page, dtype=np.uint8)))
    assert shape(find_table(ink_mask(even), None, even)) == (ROWS, COLUMNS, ROWS * COLUMNS)


@pytest.mark.parametrize("gap", [0, 6, 20])
def test_verticals_that_meet_are_no_table_and_no_fault(gap: int) -> None:
    rules = tuple(Rule(slope=0.0, offset=y, start=90.0, end=120.0) for y in (100.0, 200.0, 300.0))
    sides = tuple(Rule(slope=0.0, offset=100.0 + x, start=90.0, end=310.0) for x in (0.0, gap / 2, float(gap)))
    assert with_missed(np.full((400, 400), 250, dtype=np.uint8), rules, sides) == rules


def test_a_low_row_beside_high_ones_keeps_its_line() -> None:
    page = np.full((900, 1200, 3), 255, dtype=np.uint8)
    levels = [100, 200, 300, 400, 433, 533, 633]
    for y in levels:
        cv2.line(page, (100, y), (1100, y), (0, 0, 0), 2)
    for x in range(100, 1101, 200):
        cv2.line(page, (x, levels[0]), (x, levels[-1]), (0, 0, 0), 2)
    page[430:437, 103:297] = 255  # two of five columns are merged there
    page[430:437, 503:697] = 255
    table = table_of(page)
    assert table is not None
    assert [round(rule.middle) for rule in table.horizontals] == pytest.approx(levels, abs=2)


def test_feet_of_bold_print_beside_a_line_are_no_line() -> None:
    page = table_page()
    y = TOP + 2 * ROW + 9
    for column in (0, 2):
        cv2.line(page, (LEFT + column * COLUMN + 4, y), (LEFT + (column + 1) * COLUMN - 4, y), (0, 0, 0), 3)
    assert shape(table_of(page)) == (ROWS, COLUMNS, ROWS * COLUMNS)


def test_a_high_row_of_bold_print_is_not_parted() -> None:
    page = table_page({(row, column): "HHHHHHHHHH" for row in (2, 3) for column in range(COLUMNS)})
    y = TOP + 3 * ROW
    page[y - 3 : y + 4, LEFT + 3 : LEFT + COLUMNS * COLUMN - 3] = 255
    for column in range(1, COLUMNS):
        cv2.line(page, (LEFT + column * COLUMN, y - 5), (LEFT + column * COLUMN, y + 5), (0, 0, 0), 2)
    even = even_light(without_red(page))
    assert shape(find_table(ink_mask(even), None, even)) == (ROWS - 1, COLUMNS, (ROWS - 1) * COLUMNS)


def test_print_across_merged_cells_is_no_hairline() -> None:
    page = table_page({(1, 1): "     139 1111 IIII 2222 1111"}, without=((1, 1),))
    even = even_light(without_red(page))
    assert shape(find_table(ink_mask(even), None, even)) == (ROWS, COLUMNS, ROWS * COLUMNS - 1)


def test_gaps_of_a_poor_scan_do_not_merge_cells() -> None:
    page = table_page()
    for at in range(LEFT + 40, LEFT + COLUMNS * COLUMN, 97):
        cv2.rectangle(page, (at, TOP + ROW - 4), (at + 9, TOP + ROW + 4), (255, 255, 255), -1)
    assert shape(table_of(page)) == (ROWS, COLUMNS, ROWS * COLUMNS)


def test_underlines_and_paper_rims_are_no_table() -> None:
    page = table_page()
    cv2.line(page, (LEFT, 60), (LEFT + 900, 60), (0, 0, 0), 2)
    cv2.line(page, (20, 0), (20, page.shape[0]), (0, 0, 0), 3)
    assert shape(table_of(page)) == (ROWS, COLUMNS, ROWS * COLUMNS)


def test_the_edges_of_a_paper_round_a_table_are_no_part_of_it() -> None:
    page = np.full((1300, 1500, 3), 255, dtype=np.uint8)
    for row in range(16):
        cv2.line(page, (200, 200 + 60 * row), (1300, 200 + 60 * row), (0, 0, 0), 2)
    for column in range(6):
        cv2.line(page, (200 + 220 * column, 200), (200 + 220 * column, 1100), (0, 0, 0), 2)
    cv2.rectangle(page, (60, 60), (1440, 1240), (0, 0, 0), 3)
    assert shape(table_of(page)) == (15, 5, 75)


def test_a_page_without_ruling_has_no_table() -> None:
    page = np.full((800, 1000, 3), 255, dtype=np.uint8)
    cv2.putText(page, "no table here", (200, 300), cv2.FONT_HERSHEY_SIMPLEX, 2, (0, 0, 0), 3)
    assert table_of(page) is None


def ink_of(*boxes: tuple[int, int, int, int]) -> Pixels:
    ink = np.zeros((120, 400), dtype=np.uint8)
    for x0, y0, x1, y1 in boxes:
        ink[y0:y1, x0:x1] = 1
    return ink


def test_a_wrapped_cell_gives_its_lines_and_a_split_character_stays_one() -> None:
    ink = ink_of((20, 10, 200, 30), (20, 50, 60, 54), (20, 64, 60, 70))
    found = line_areas(ink, Area(x0=0, y0=0, x1=400, y1=120), 20)
    assert [(area.y0, area.y1) for area in found] == [(10, 30), (50, 70)]


def test_a_speck_is_no_line_and_tears_none_asunder_but_the_dot_of_a_character_stays() -> None:
    cell = Area(x0=0, y0=0, x1=400, y1=120)
    speck = ink_of((60, 10, 66, 16), (20, 28, 40, 36), (20, 39, 40, 48))
    assert [(area.y0, area.y1) for area in line_areas(speck, cell, 20)] == [(28, 48)]
    dot = ink_of((28, 24, 32, 28), (20, 31, 40, 48))
    assert [(area.y0, area.y1) for area in line_areas(dot, cell, 20)] == [(24, 48)]


def test_remains_of_ruling_are_peeled_and_a_stroke_at_the_edge_is_kept() -> None:
    ink = ink_of((0, 0, 400, 4), (6, 40, 9, 80))
    inner = peel(ink, Area(x0=0, y0=0, x1=400, y1=120))
    assert inner.y0 >= 4
    assert inner.x0 <= 6


def test_the_1_of_a_number_that_fills_a_low_cell_is_no_ruling() -> None:
    number = ink_of((6, 4, 9, 17), (14, 4, 22, 17), (26, 4, 34, 17))
    assert peel(number, Area(x0=0, y0=0, x1=100, y1=20)).x0 <= 6
    beside = ink_of((4, 1, 6, 19), (14, 4, 22, 17), (26, 4, 34, 17))
    assert peel(beside, Area(x0=0, y0=0, x1=100, y1=20)).x0 > 5


def test_a_speck_of_dust_beside_a_line_is_left_out_and_a_hyphen_is_not() -> None:
    cell = Area(x0=0, y0=0, x1=400, y1=60)
    dust = ink_of((20, 20, 60, 40), (100, 29, 103, 32))
    assert [(area.x0, area.x1) for area in line_areas(dust, cell, 20)] == [(20, 60)]
    hyphen = ink_of((20, 20, 60, 40), (72, 29, 80, 32))
    assert [(area.x0, area.x1) for area in line_areas(hyphen, cell, 20)] == [(20, 80)]


def test_a_line_is_cut_at_wide_gaps_only() -> None:
    ink = ink_of((10, 10, 100, 30), (112, 10, 160, 30), (300, 12, 380, 28))
    found = segments(ink, Area(x0=0, y0=10, x1=400, y1=30), 40)
    assert [(area.x0, area.x1) for area in found] == [(10, 160), (300, 380)]


def test_print_is_parted_where_columns_may_meet_and_dots_of_ruling_are_none() -> None:
    ink = ink_of((10, 10, 28, 30), (31, 10, 50, 30), (53, 11, 56, 14), (53, 22, 56, 25), (60, 10, 80, 30))
    found = pieces(ink, Area(x0=0, y0=8, x1=400, y1=32))
    assert [(area.x0, area.x1) for area in found] == [(10, 50), (60, 80)]
    assert pieces(ink_of(), Area(x0=0, y0=8, x1=400, y1=32)) == []
    assert pieces(ink_of(), Area(x0=400, y0=8, x1=404, y1=32)) == []


def test_lines_without_ruling_are_placed_by_the_column_names() -> None:
    areas = [
        Area(x0=x, y0=y, x1=x + 80, y1=y + 20) for y in (0, 40, 80) for x in (0, 100, 200)
    ]  # fmt: skip
    texts = ["title", "", "", "学校", "电话", "备案号", "甲校", "139", "无"]
    placed = cells_of(areas, texts, ("学校", "电话", "备案号"))
    assert [(cell.row, cell.column, cell.parts) for cell in placed if cell.row == 1] == [
        (1, 0, (6,)),
        (1, 1, (7,)),
        (1, 2, (8,)),
    ]
    assert cells_of(areas, ["x"] * 9, ("学校", "电话", "备案号")) == []


def test_the_lines_of_a_wrapped_cell_belong_to_its_row_and_a_note_to_none() -> None:
    """Centred in its row, a cell of two lines has one above and one below the others'."""
    places = [(0, 0, 80), (200, 0, 80), (400, 0, 80), (0, 60, 80), (200, 49, 150), (200, 71, 40), (400, 60, 80)]
    areas = [Area(x0=x, y0=y, x1=x + wide, y1=y + 20) for x, y, wide in (*places, (0, 92, 470))]
    texts = ["学校", "主办者", "备案号", "甲校", "某某科技有限", "公司", "无", "1、此表以excel表上报，并打印首页"]
    placed = cells_of(areas, texts, ("学校", "主办者", "备案号"))
    assert [(cell.row, cell.column, cell.parts) for cell in placed if cell.row] == [
        (1, 0, (3,)),
        (1, 1, (4, 5)),
        (1, 2, (6,)),
    ]


def test_a_speck_between_two_lines_does_not_join_them() -> None:
    ink = np.zeros((120, 300), dtype=np.uint8)
    ink[20:44, 20:280:3] = ink[50:74, 120:180:3] = 1
    assert len(line_areas(ink, Area(x0=0, y0=0, x1=300, y1=120), 24)) == 2
    ink[40:54, 150:156] = 1
    found = line_areas(ink, Area(x0=0, y0=0, x1=300, y1=120), 24)
    assert [(line.x0, line.width > 100) for line in found] == [(20, True), (120, False)]


def test_a_high_character_is_one_line() -> None:
    """A title is set in larger print than the cells: its strokes leave no row empty."""
    ink = np.zeros((120, 300), dtype=np.uint8)
    ink[20:74, 20:280:30] = ink[20:74:6, 20:280] = 1
    assert len(line_areas(ink, Area(x0=0, y0=0, x1=300, y1=120), 24)) == 1
