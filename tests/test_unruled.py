"""Print without ruling is put into columns by the gaps between them, and cut where it was detected across one."""

from __future__ import annotations

import pytest

from domain.cover import Box, PageCell, TextReading
from parsers.cells import lines_were_missed
from parsers.print_lines import Area
from parsers.unruled import cells_of, empty_places, parted, unknown

NAMES = ("单位", "学校", "使用APP名称", "联系人")
LEFTS = (100, 220, 520, 760)
WIDTHS = (80, 260, 180, 90)


def line(column: int, row: int, width: int | None = None, left: int | None = None, down: int = 0) -> Area:
    x0 = LEFTS[column] if left is None else left
    y0 = 100 + 70 * row + down
    return Area(x0=x0, y0=y0, x1=x0 + (WIDTHS[column] if width is None else width), y1=y0 + 24)


def header(*, without: int | None = None) -> list[tuple[Area, str]]:
    """Names centred over their columns, as most forms have them."""
    made = []
    for column, name in enumerate(NAMES):
        width = 20 * len(name)
        if column != without:
            made.append((line(column, 0, width, LEFTS[column] + (WIDTHS[column] - width) // 2), name))
    return made


def rows(count: int = 4) -> list[tuple[Area, str]]:
    """Texts that begin at the left of their columns; those of the second column are short, far left of its name."""
    return [
        (line(column, row, 70 if column == 1 else None), f"{row}.{column}")
        for row in range(1, count + 1)
        for column in range(len(NAMES))
    ]


def placed(lines: list[tuple[Area, str]]) -> dict[tuple[int, int], str]:
    areas, texts = [area for area, _ in lines], [text for _, text in lines]
    return {(cell.row, cell.column): "".join(texts[at] for at in cell.parts) for cell in cells_of(areas, texts, NAMES)}


def expected(count: int = 4) -> dict[tuple[int, int], str]:
    return {(row, column): f"{row}.{column}" for row in range(1, count + 1) for column in range(len(NAMES))}


def test_texts_at_the_left_of_a_wide_column_are_in_it() -> None:
    found = placed([*header(), *rows()])
    assert {place: text for place, text in found.items() if place[0]} == expected()


@pytest.mark.parametrize("without", range(len(NAMES)))
def test_a_name_under_the_seal_that_was_not_read_hides_no_column(without: int) -> None:
    found = placed([*header(without=without), *rows()])
    assert {place: text for place, text in found.items() if place[0]} == expected()


def test_the_rest_of_a_wrapped_text_is_in_its_column() -> None:
    rest = (line(1, 2, 24, down=26), "学")
    assert placed([*header(), *rows(), rest])[2, 1] == "2.1学"


def test_one_long_text_in_a_column_of_short_ones_is_not_cut() -> None:
    lines = [(area, text) for area, text in [*header(), *rows(12)] if text != "7.1"]
    long = (line(1, 7, WIDTHS[1] + 30), "7.1")  # it ends 10 pixels before the next column
    found = placed([*lines, long])
    assert {place: text for place, text in found.items() if place[0]} == expected(12)
    areas, texts = [area for area, _ in (*lines, long)], [text for _, text in (*lines, long)]
    assert parted(areas, texts, NAMES) == areas


@pytest.mark.parametrize("without", range(len(NAMES)))
def test_notes_below_the_table_hide_no_column(without: int) -> None:
    notes = [(line(0, row, 220), "1、此表以excel表上报，并打印首页") for row in (7, 8, 9)]
    found = placed([*header(without=without), *rows(), *notes])
    assert {place: text for place, text in found.items() if 0 < place[0] <= 4} == expected()


def test_print_of_two_cells_that_was_detected_as_one_line_is_cut_between_them() -> None:
    lines = [*header(), *rows(8)]
    both = Area(x0=LEFTS[0], y0=170, x1=LEFTS[1] + 70, y1=194)
    kept = [(area, text) for area, text in lines if text not in ("1.0", "1.1")]
    areas, texts = [area for area, _ in kept] + [both], [text for _, text in kept] + ["1.0 1.1"]
    pieces = parted(areas, texts, NAMES)
    cut = [piece for piece in pieces if piece not in areas]
    assert [(piece.x0, piece.x1) for piece in cut] == [(100, cut[1].x0), (cut[0].x1, 290)]
    assert 180 <= cut[0].x1 <= 220


def test_what_is_no_table_stays_as_it_is() -> None:
    areas = [line(0, row) for row in range(3)]
    assert parted(areas, ["甲", "乙", "丙"], NAMES) == areas
    assert cells_of(areas, ["甲", "乙", "丙"], NAMES) == []


def test_a_place_where_nothing_was_detected_is_known_by_its_row_and_column() -> None:
    lines = [*header(), *rows()]
    lost = next(at for at, (_, text) in enumerate(lines) if text == "2.3")
    (area, _), rest = lines[lost], [*lines[:lost], *lines[lost + 1 :]]
    (place,) = empty_places([each for each, _ in rest], [text for _, text in rest], NAMES)
    assert place.x0 <= area.x0 and area.x1 <= place.x1 + 1
    assert (place.y0, place.y1) == (area.y0, area.y1)
    assert not empty_places([each for each, _ in lines], [text for _, text in lines], NAMES)


def test_print_of_a_line_that_stands_askew_is_not_taken_for_overlooked() -> None:
    lines = [*header(), *rows()]
    askew = [(line(0, 2, down=16) if text == "2.0" else area, text) for area, text in lines]
    places = empty_places([each for each, _ in askew], [text for _, text in askew], NAMES)
    assert len(places) == 1  # the row that the line left
    (moved,) = [area for area, text in askew if text == "2.0"]
    again = Area(x0=moved.x0 + 3, y0=moved.y0 + 2, x1=moved.x1 - 3, y1=moved.y1 - 2)
    new = line(0, 3, down=35)
    assert unknown([again, new], [each for each, _ in askew]) == [new]


@pytest.mark.parametrize(
    ("header", "rows", "missed"),
    [
        (NAMES, [(2, 2, 2, 2, 2, 2)], True),
        (NAMES, [(1, 1, 1, 1, 1, 1), (2, 2, 0, 2, 2, 2)], True),
        (NAMES, [(2, 1, 2, 2, 1, 2)], False),  # 是 and a number never wrap
        (NAMES, [(2, 2, 0, 0, 0, 0)], False),
        (("甲校", "乙校"), [(1, 1, 1, 1, 1, 1)], True),
    ],
)
def test_a_table_of_hairlines_of_which_some_were_missed_is_known(
    header: tuple[str, ...], rows: list[tuple[int, ...]], missed: bool
) -> None:
    box = Box(x0=0.1, y0=0.1, x1=0.2, y1=0.2)
    cells = [PageCell(row=0, column=at, box=box, reading=reading(name)) for at, name in enumerate(header)]
    for row, counts in enumerate(rows, start=1):
        for column, count in enumerate(counts):
            lines = reading("某某", count)
            cells.append(PageCell(row=row, column=column, box=box, reading=lines))
    assert lines_were_missed(cells, NAMES) is missed


def reading(text: str, lines: int = 1) -> TextReading:
    return TextReading(text=text * lines, confidence=0.9, lines=((),) * lines, floor=-11.5)
