"""A printed page against its workbook: which rows it shows, and a verdict on every cell and header value."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.compare import compare, similarity
from domain.cover import PageCell, TextReading
from tests.compare_pages import (
    BOX,
    FORM,
    KEYS,
    ROWS,
    changed,
    cover,
    findings,
    page,
    reading,
    sheet,
    verdicts,
)


def test_the_same_page_matches_in_every_cell_that_has_text() -> None:
    found = findings(sheet(ROWS), page(ROWS))
    assert {cell.verdict for cell in found.cells} == {"match"}
    assert found.compared == 4 * 8 + 2
    assert found.rows_on_page == 4


@given(row=st.integers(0, 3), at=st.integers(0, 10), digit=st.sampled_from("0123456789"))
@settings(max_examples=60, deadline=None)
def test_one_altered_digit_of_a_phone_is_always_named(row: int, at: int, digit: str) -> None:
    phone = ROWS[row][KEYS.index("phone")]
    if not phone[at].isdigit() or phone[at] == digit:
        return
    printed = changed(ROWS, row, "phone", phone[:at] + digit + phone[at + 1 :])
    assert verdicts(sheet(ROWS), page(printed)) == {f"F{4 + row}": "differs"}


@pytest.mark.parametrize(
    ("key", "printed"),
    [("contact", "李强"), ("filed", "否"), ("app", "希沃白板"), ("filing_number", "教APP备4100009号")],
)
def test_an_altered_cell_is_named(key: str, printed: str) -> None:
    address = f"{'ABCDEFGHI'[KEYS.index(key)]}4"
    assert verdicts(sheet(ROWS), page(changed(ROWS, 0, key, printed))) == {address: "differs"}


def test_print_where_the_workbook_is_empty_and_the_reverse() -> None:
    assert verdicts(sheet(ROWS), page(changed(ROWS, 1, "function", "直播"))) == {"G5": "differs"}
    assert verdicts(sheet(changed(ROWS, 1, "function", "直播")), page(ROWS)) == {"G5": "differs"}


def test_a_reading_that_is_not_sure_never_contradicts() -> None:
    printed = page(changed(ROWS, 0, "contact", "李强"))
    weak = tuple(
        replace(c, reading=replace(c.reading, confidence=0.5)) if (c.row, c.column) == (1, 4) else c
        for c in printed.cells
    )
    assert verdicts(sheet(ROWS), replace(printed, cells=weak)) == {"E4": "doubtful"}


def test_where_cells_were_guessed_nothing_contradicts() -> None:
    """Without ruling the end of one cell may be taken for another's: a person looks."""
    printed = replace(page(changed(ROWS, 0, "contact", "李强")), ruled=False)
    assert verdicts(sheet(ROWS), printed) == {"E4": "doubtful"}


@pytest.mark.parametrize(("quality", "verdict"), [(0.6, "differs"), (0.4, "doubtful")])
def test_nothing_on_a_page_that_can_hardly_be_read_contradicts_the_workbook(quality: float, verdict: str) -> None:
    printed = page(changed(ROWS, 0, "phone", "13839301235"), title="台前县学习类APP统计备案表")
    found = verdicts(sheet(ROWS), replace(printed, quality=quality))
    assert found == {"F4": verdict, "A1": verdict}


@pytest.mark.parametrize("shown", ["1.39E+10", "#########"])
def test_a_phone_that_the_program_could_not_show_is_not_called_different(shown: str) -> None:
    assert verdicts(sheet(ROWS), page(changed(ROWS, 0, "phone", shown))).get("F4") != "match"


def test_width_dashes_and_spaces_are_no_difference() -> None:
    printed = changed(changed(ROWS, 2, "phone", "0393－4412345"), 0, "operator", "某某科技 有限公司")
    assert verdicts(sheet(ROWS), page(printed)) == {}


def test_only_the_first_rows_are_printed() -> None:
    found = findings(sheet(ROWS), page(ROWS[:2]))
    assert (found.rows_on_page, {cell.verdict for cell in found.cells}) == (2, {"match"})


def test_a_hidden_row_is_not_looked_for() -> None:
    assert verdicts(sheet(ROWS, hidden=(1,)), page([ROWS[0], *ROWS[2:]])) == {}


@pytest.mark.parametrize(
    "printed",
    [[ROWS[0], *ROWS[2:]], [ROWS[1], ROWS[0], *ROWS[2:]], [*ROWS[:2], ["范县", *"甲乙丙丁戊己庚辛"], *ROWS[2:]]],
    ids=["a row is missing", "rows are swapped", "a row too many"],
)
def test_rows_that_do_not_answer_each_other_are_told(printed: list[list[str]]) -> None:
    assert "differs" in verdicts(sheet(ROWS), page(printed)).values()


def test_columns_are_told_by_their_printed_names() -> None:
    printed = page(ROWS)
    mirrored = tuple(replace(cell, column=len(KEYS) - 1 - cell.column) for cell in printed.cells)
    assert verdicts(sheet(ROWS), replace(printed, cells=mirrored)) == {}


def test_the_page_that_fits_is_compared() -> None:
    other = replace(page([["清丰县", *row[1:4], "别人", "13000000000", "", "否", ""] for row in ROWS]), number=1)
    mine = replace(page(ROWS), number=2)
    assert findings(sheet(ROWS), other, mine).page == 2
    assert similarity(sheet(ROWS), mine, FORM) > similarity(sheet(ROWS), other, FORM)


def test_a_page_without_the_table_gives_nothing() -> None:
    empty = replace(page([]), cells=())
    assert compare(sheet(ROWS), cover(empty), FORM) is None
    assert similarity(sheet(ROWS), empty, FORM) == 0.0


@pytest.mark.parametrize("shown", ["1.39E+10", "#########"])
def test_a_number_that_did_not_fit_its_column_is_doubtful(shown: str) -> None:
    assert verdicts(sheet(ROWS), page(changed(ROWS, 0, "phone", shown))) == {"F4": "doubtful"}


def test_a_cell_that_the_reader_lost_is_doubtful() -> None:
    printed = page(ROWS)
    lost = replace(printed, cells=tuple(cell for cell in printed.cells if (cell.row, cell.column) != (2, 8)))
    assert verdicts(sheet(ROWS), lost) == {"I5": "doubtful"}


def test_rows_that_were_read_together_contradict_nothing() -> None:
    """Where a hairline between rows was missed, each cell holds the text of two rows."""
    together = [[one + other for one, other in zip(ROWS[0], ROWS[1], strict=True)], *ROWS[2:]]
    assert "differs" not in {
        cell.verdict for cell in findings(sheet(ROWS), page(together)).cells if cell.row >= 0 and cell.column >= 0
    }


def test_a_column_over_which_nothing_stands_leaves_doubt() -> None:
    """A fold that was taken for a ruling line parts a column; a column of the clerk's own has a name."""
    printed = page(changed(ROWS, 1, KEYS[5], "15087654322"))
    strange = PageCell(row=2, column=9, box=BOX, reading=reading("移动"))
    torn = replace(printed, cells=(*printed.cells, strange))
    assert verdicts(sheet(ROWS), torn) == {"F5": "doubtful"}
    named = replace(torn, cells=(*torn.cells, PageCell(row=0, column=9, box=BOX, reading=reading("运营商"))))
    assert verdicts(sheet(ROWS), named) == {"F5": "differs"}


@pytest.mark.parametrize("at", [0, 1, len(ROWS) - 1])
def test_a_row_too_pale_to_be_read_is_not_passed_over(at: int) -> None:
    """Without ruling, where print as pale as the back of the sheet says nothing."""
    made = page(ROWS)
    cells = tuple(
        replace(cell, reading=TextReading(text="", confidence=0.0, lines=cell.reading.lines, floor=-11.5))
        if cell.row == at + 1
        else cell
        for cell in made.cells
    )
    assert "doubtful" in verdicts(sheet(ROWS), replace(made, cells=cells, ruled=False)).values()


def test_notes_that_were_put_into_columns_are_no_row_of_the_page() -> None:
    """Without ruling the notes' lines fall into columns, and their letters out of order."""
    note = FORM.notes[1]
    jumbled = [note[at : at + 9] for at in range(0, len(note), 9)][: len(KEYS)]
    row = [*jumbled, *[""] * (len(KEYS) - len(jumbled))]
    unruled = replace(page([*ROWS, row]), ruled=False)
    assert verdicts(sheet(ROWS), unruled) == {}
    stranger = ["范县", "范县第九中学", "钉钉", "某某公司", "李四", "13911112222", "", "是", "教APP备4109999号"]
    assert verdicts(sheet(ROWS), replace(page([*ROWS, stranger]), ruled=False)) == {"": "doubtful"}
