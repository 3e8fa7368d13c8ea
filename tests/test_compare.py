"""A printed page against its workbook: which rows it shows, and a verdict on every cell and header value."""

from __future__ import annotations

import datetime
from dataclasses import replace
from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.compare import compare, similarity
from domain.compare_cells import Expected, judge_cell
from domain.cover import Box, Cover, CoverPage, Lattice, PageCell, PageKind, TextLine, TextReading
from domain.notice import ColumnType
from domain.sheet import Cell, HeaderValue, Row, Sheet, SheetFormat
from domain.submission import CoverFindings
from tests.builders import NOTICE

FORM = NOTICE.form
KEYS = [column.key for column in FORM.columns]
BOX = Box(x0=0.1, y0=0.1, x1=0.2, y1=0.2)
ROWS = [
    ["范县", f"范县第{number}中学", app, "某某科技有限公司", name, phone, "", "是", f"教APP备410000{at}号"]
    for at, (number, app, name, phone) in enumerate(
        [
            ("一", "钉钉", "李明", "13912345678"),
            ("二", "智学网", "王芳芳", "15087654321"),
            ("三", "作业帮", "赵静", "0393-4412345"),
            ("四", "腾讯课堂", "孙海涛", "18800001111"),
        ]
    )
]


def lattice(text: str) -> Lattice:
    steps: list[tuple[tuple[str, float], ...]] = []
    for character in text:
        steps += [((character, -0.001),), (("", -0.001),)]
    return tuple(steps)


def reading(text: str, confidence: float = 0.99, read: Lattice | None = None) -> TextReading:
    return TextReading(
        text=text, confidence=confidence if text else 0.0, lines=(read or lattice(text),) if text else ()
    )


def page(rows: list[list[str]], **header: str) -> CoverPage:
    names = [column.name for column in FORM.columns]
    cells = tuple(
        PageCell(row=row, column=column, box=BOX, reading=reading(text))
        for row, texts in enumerate([names, *rows])
        for column, text in enumerate(texts)
    )
    texts = {
        "title": "范县学习类APP统计备案表",
        "unit": "填报单位：范县（盖章）",
        "date": "填报时间：2020年2月27日",
    } | header
    lines = tuple(TextLine(box=BOX, reading=reading(text)) for text in texts.values() if text)
    return CoverPage(
        number=1, kind=PageKind.SCAN, colour=True, quality=0.99, dpi=200, photo=False, turned=0, skew_degrees=0.0,
        columns=len(names), cells=cells, lines=lines,
    )  # fmt: skip


def cover(*pages: CoverPage) -> Cover:
    return Cover(file="c.pdf", sha256="1", pages=pages, page_count=len(pages))


def sheet(rows: list[list[str]], hidden: tuple[int, ...] = ()) -> Sheet:
    return Sheet(
        file="s.xlsx", sha256="0", sheet="表", format=SheetFormat.XLSX,
        title=HeaderValue(address="A1", text="范县学习类APP统计备案表"),
        header={"unit": HeaderValue(address="A2", text="范县")},
        columns={key: f"{letter}3" for key, letter in zip(KEYS, "ABCDEFGHI", strict=True)},
        rows=tuple(
            Row(
                number=4 + at,
                cells={k: Cell(address=f"{c}{4 + at}", text=v) for k, c, v in zip(KEYS, "ABCDEFGHI", texts, strict=True)},
                hidden=at in hidden,
            )
            for at, texts in enumerate(rows)
        ),
    )  # fmt: skip


def findings(book: Sheet, *pages: CoverPage) -> CoverFindings:
    found = compare(book, cover(*pages), FORM)
    assert found is not None
    return found


def verdicts(book: Sheet, printed: CoverPage) -> dict[str, str]:
    """Every verdict but match, by the workbook's address."""
    return {cell.address: cell.verdict for cell in findings(book, printed).cells if cell.verdict != "match"}


def changed(rows: list[list[str]], row: int, key: str, text: str) -> list[list[str]]:
    copy = [list(each) for each in rows]
    copy[row][KEYS.index(key)] = text
    return copy


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


def test_a_slip_of_the_recogniser_is_no_difference_and_a_toss_up_is_doubt() -> None:
    def with_phone(share: float) -> CoverPage:
        right, wrong = log(share), log(1 - share)
        phone = ROWS[0][KEYS.index("phone")]
        steps = list(lattice(phone))
        steps[6] = (("8", wrong), (phone[3], right))
        printed = page(changed(ROWS, 0, "phone", phone[:3] + "8" + phone[4:]))
        read = reading(phone[:3] + "8" + phone[4:], read=tuple(steps))
        cells = tuple(replace(c, reading=read) if (c.row, c.column) == (1, 5) else c for c in printed.cells)
        return replace(printed, cells=cells)

    assert verdicts(sheet(ROWS), with_phone(0.45)) == {}
    assert verdicts(sheet(ROWS), with_phone(0.10)) == {"F4": "doubtful"}
    assert verdicts(sheet(ROWS), with_phone(0.0001)) == {"F4": "differs"}


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


def test_another_units_title_is_told() -> None:
    assert verdicts(sheet(ROWS), page(ROWS, title="濮阳县学习类APP统计备案表")) == {"A1": "differs"}


def test_the_page_that_fits_is_compared() -> None:
    other = replace(page([["清丰县", *row[1:4], "别人", "13000000000", "", "否", ""] for row in ROWS]), number=1)
    mine = replace(page(ROWS), number=2)
    assert findings(sheet(ROWS), other, mine).page == 2
    assert similarity(sheet(ROWS), mine, FORM) > similarity(sheet(ROWS), other, FORM)


def test_a_page_without_the_table_gives_nothing() -> None:
    empty = replace(page([]), cells=())
    assert compare(sheet(ROWS), cover(empty), FORM) is None
    assert similarity(sheet(ROWS), empty, FORM) == 0.0


DATED = replace(
    sheet(ROWS),
    header={
        **sheet(ROWS).header,
        "date": HeaderValue(address="G2", text="2020年2月27日", date=datetime.date(2020, 2, 27)),
    },
)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ({"unit": "填报单位：台前县（盖章）"}, {"A2": "differs"}),  # the title still holds 范县
        ({"unit": "填报单位：范县（盖章）公"}, {}),  # a letter of the seal's rim
        ({"unit": "填报单位：范县盖碱）"}, {}),  # what the seal left of （盖章）
        ({"unit": "填报单位：范县城关镇盖碱）"}, {"A2": "differs"}),
        ({"unit": "填报单位（盖章）：范县"}, {}),
        ({"unit": "填报单位（盖章）：台前县"}, {"A2": "differs"}),
        ({"unit": "填报单位：范县城关镇（盖章）"}, {"A2": "differs"}),
        ({"date": "填报时间：2020年2月28日"}, {"G2": "differs"}),
        ({"date": "填报时间：2020年2月28日", "note": "打印于2020年2月27日"}, {"G2": "differs"}),
        ({"date": "填报时间：2020/2/27"}, {}),  # the same day, written otherwise
        ({"title": "范縣学习类APP統计备案表"}, {}),  # 楷体 read as traditional script
    ],
)
def test_header_fields_are_compared_where_their_labels_stand(printed: dict[str, str], expected: dict[str, str]) -> None:
    assert verdicts(DATED, page(ROWS, **printed)) == expected


@pytest.mark.parametrize("shown", ["1.39E+10", "#########"])
def test_a_number_that_did_not_fit_its_column_is_doubtful(shown: str) -> None:
    assert verdicts(sheet(ROWS), page(changed(ROWS, 0, "phone", shown))) == {"F4": "doubtful"}


@pytest.mark.parametrize("left", [0.092, 0.3])
def test_label_and_value_are_one_row_on_the_straightened_page_however_the_page_lies(left: float) -> None:
    """Without ruling they may have been detected as two lines that overlap a little."""
    printed = page(ROWS, unit="", title="")
    at = {
        "范县学习类APP统计备案表": (Box(x0=0.3, y0=0.1, x1=0.6, y1=0.14), Box(x0=0.3, y0=0.1, x1=0.6, y1=0.12)),
        "填报单位：": (Box(x0=0.05, y0=0.11, x1=0.1, y1=0.13), Box(x0=0.05, y0=0.14, x1=0.1, y1=0.15)),
        "范县（盖章）": (Box(x0=0.3, y0=0.08, x1=0.4, y1=0.1), Box(x0=left, y0=0.14, x1=0.4, y1=0.15)),
    }
    lines = tuple(TextLine(box=box, upright=upright, reading=reading(text)) for text, (box, upright) in at.items())
    assert verdicts(sheet(ROWS), replace(printed, lines=(*lines, *printed.lines))) == {}


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("填报单(立：范县（盖章）", "match"),
        ("填报单(范县（盖章）", "match"),
        ("填报单(立：台前县（盖章）", "doubtful"),
        ("填报单信：台县（盖章）", "doubtful"),  # two characters of the line are others, but one of them is the value's
    ],
)
def test_a_misread_label_is_known_by_its_value_and_its_other_characters(line: str, verdict: str) -> None:
    printed = page(ROWS, unit="", title="")
    title = TextLine(box=BOX, reading=reading("范县学习类APP统计备案表"))
    label = TextLine(box=BOX, reading=replace(reading(line), floor=-11.5))
    assert verdicts(sheet(ROWS), replace(printed, lines=(title, label, *printed.lines))).get("A2", "match") == verdict


@pytest.mark.parametrize(
    ("printed", "confidence", "under_seal", "verdict"),
    [
        ("歌范县", 0.83, True, "match"),
        ("歌范县", 0.99, True, "doubtful"),
        ("歌范县", 0.83, False, "doubtful"),
        ("歌范郾", 0.83, True, "doubtful"),
        ("范27县", 0.97, True, "match"),  # the number at the rim runs between two lines of the cell
        ("范27县", 0.97, False, "differs"),
        ("范2县", 0.97, True, "doubtful"),
    ],
)
def test_the_rest_of_a_seal_is_no_text(printed: str, confidence: float, under_seal: bool, verdict: str) -> None:
    made = page(ROWS)
    cells = tuple(
        replace(cell, reading=reading(printed, confidence), under_seal=under_seal)
        if (cell.row, cell.column) == (1, 0)
        else cell
        for cell in made.cells
    )
    assert verdicts(sheet(ROWS), replace(made, cells=cells)).get("A4", "match") == verdict


def test_a_speck_read_beside_a_slip_makes_no_difference_of_it() -> None:
    read = [(("。", -0.02),), (("", -0.001),), (("间", -0.08), ("阎", -2.6)), (("", -0.001),), *lattice("霞")]
    cell = replace(page(ROWS).cells[-1], reading=reading("。间霞", 0.97, tuple(read)))
    assert judge_cell(Expected(address="E4", field="联系人", text="阎霞"), cell, 1).verdict == "match"


@pytest.mark.parametrize(
    ("phone", "printed", "under_seal", "verdict"),
    [
        ("13839301234", "805013839301234", True, "match"),  # the number at the rim beside it
        ("13839301234", "805013839301234", False, "differs"),
        ("1383930123", "13839301234", True, "doubtful"),  # a digit was lost in the workbook
        ("0393-4556020", "教育0393-4556020", True, "match"),
        ("0393-4556020", "10393-4556020", True, "doubtful"),
    ],
)
def test_a_seal_beside_a_phone_is_no_part_of_it(phone: str, printed: str, under_seal: bool, verdict: str) -> None:
    cell = replace(page(ROWS).cells[-1], reading=reading(printed, 0.95), under_seal=under_seal)
    wanted = Expected(address="E4", field="电话", text=phone, type=ColumnType.PHONE)
    assert judge_cell(wanted, cell, 1).verdict == verdict


@pytest.mark.parametrize(
    ("key", "workbook", "printed", "verdict"),
    [
        ("function", "打卡、收作业", "打卡·收作业", "match"),
        ("function", "打卡、收作业", "打卡、收作“业", "match"),  # a speck
        ("app", "微课2.0", "微课20", "differs"),
        ("filing_number", "教APP备4100001号", "教AP备4100001号", "doubtful"),  # of two equal letters one
        ("filing_number", "教APP备4100001号", "教AP备4100011号", "differs"),
        (
            "filing_number",
            "教APP备4100001号",
            "RAPP备4100001号",
            "match",
        ),  # the reading was unsure of that one character
        ("filing_number", "教APP备4100001号", "教APP备4100007号", "doubtful"),
    ],
)
def test_signs_and_slips_are_no_difference_but_digits_are(key: str, workbook: str, printed: str, verdict: str) -> None:
    """Where a single character differs, the recogniser held the expected one nearly as likely (1.6 nats)."""
    differing = [at for at, pair in enumerate(zip(workbook, printed, strict=False)) if pair[0] != pair[1]]
    read = list(lattice(printed))
    if len(workbook) == len(printed):
        read[2 * differing[0]] = ((printed[differing[0]], -0.2), (workbook[differing[0]], -1.8))
    column = KEYS.index(key)
    made = page(changed(ROWS, 0, key, printed))
    cells = tuple(
        replace(cell, reading=replace(reading(printed), lines=(tuple(read),)))
        if (cell.row, cell.column) == (1, column)
        else cell
        for cell in made.cells
    )
    found = verdicts(sheet(changed(ROWS, 0, key, workbook)), replace(made, cells=cells))
    assert found.get(f"{'ABCDEFGHI'[column]}4", "match") == verdict


@pytest.mark.parametrize(
    ("printed", "slip", "verdict"),
    [("填报时间：2020-02-2e", ("e", "7"), "match"), ("填报时间：2020-02-28", ("8", "7"), "differs")],
)
def test_a_date_written_with_signs_is_asked_of_the_print(printed: str, slip: tuple[str, str], verdict: str) -> None:
    read = list(lattice(printed))
    unsure = -0.4 if slip[0] == "e" else -9.0
    read[-2] = ((slip[0], -0.1), (slip[1], unsure - 0.1))
    made = page(ROWS, date="")
    line = TextLine(box=BOX, reading=replace(reading(printed), lines=(tuple(read),), floor=-11.5))
    assert verdicts(DATED, replace(made, lines=(*made.lines, line))).get("G2", "match") == verdict


def test_a_header_that_nothing_was_read_of_is_doubtful() -> None:
    """On a photograph the print above the table may be lost: whatever title the workbook has, a person looks."""
    found = findings(sheet(ROWS), page(ROWS, title="", unit="", date=""))
    header = {cell.field: cell.verdict for cell in found.cells if cell.column < 0}
    assert header == {"标题": "doubtful", "填报单位": "doubtful"}


def test_a_cell_that_the_reader_lost_is_doubtful() -> None:
    printed = page(ROWS)
    lost = replace(printed, cells=tuple(cell for cell in printed.cells if (cell.row, cell.column) != (2, 8)))
    assert verdicts(sheet(ROWS), lost) == {"I5": "doubtful"}


@pytest.mark.parametrize(
    ("printed", "verdict"),
    [("一教APP备4100000号", "doubtful"), ("教APP备4100000号|", "match"), ("二教APP备4100000号", "differs")],
)
def test_the_rest_of_a_ruling_line_contradicts_nothing(printed: str, verdict: str) -> None:
    book = sheet(ROWS)
    found = findings(book, page(changed(ROWS, 0, KEYS[8], printed)))
    assert next(cell.verdict for cell in found.cells if cell.address == "I4") == verdict


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


@pytest.mark.parametrize(
    ("key", "workbook", "printed", "at", "verdict"),
    [
        ("phone", "0393-8846549", ")393-8846549", 0, "match"),  # no digit is altered into a bracket
        ("phone", "0393-8846549", "8393-8846549", 0, "doubtful"),
        ("contact", "黄旭", "黃旭", 0, "match"),  # the same letter in another script
        ("contact", "郭堃", "郭鼓", 1, "match"),  # where 鼓 is printed, the recogniser never sees a 堃
        ("contact", "线霞", "钱霞", 0, "doubtful"),  # both common: 钱 was printed for 线 with 3.7 nats to spare
        ("contact", "阎霞", "间霞", 0, "match"),  # where 间 is printed, nothing is as far as 阎
        ("contact", "淼淼", "森淼", 0, "doubtful"),  # where 森 is printed, it nearly sees 淼
        ("contact", "王坤", "王堃", 1, "doubtful"),
    ],
)
def test_a_slip_that_no_alteration_looks_like_is_none(
    key: str, workbook: str, printed: str, at: int, verdict: str
) -> None:
    """The recogniser is quite sure of one character, and holds the expected one for fifty times less likely (4 nats)."""
    read = list(lattice(printed))
    read[2 * at] = ((printed[at], -0.02), (workbook[at], -4.0))
    made = page(changed(ROWS, 0, key, printed))
    column = KEYS.index(key)
    cells = tuple(
        replace(cell, reading=reading(printed, 0.97, tuple(read))) if (cell.row, cell.column) == (1, column) else cell
        for cell in made.cells
    )
    book = sheet(changed(ROWS, 0, key, workbook))
    assert verdicts(book, replace(made, cells=cells)).get(f"{'ABCDEFGHI'[column]}4", "match") == verdict


@pytest.mark.parametrize(("read", "verdict"), [("冢", "doubtful"), ("家", "match")])
def test_of_the_nearest_look_alikes_only_what_was_read_passes(read: str, verdict: str) -> None:
    """The print says 冢 or 家: of the two the recogniser finds either only a little less likely (0.3 nats)."""
    steps = list(lattice(f"{read}校帮"))
    steps[0] = ((read, log(0.57)), ("家" if read == "冢" else "冢", log(0.42)))
    book = sheet(changed(ROWS, 0, KEYS[2], "家校帮"))
    made = page(changed(ROWS, 0, KEYS[2], f"{read}校帮"))
    cells = tuple(
        replace(cell, reading=reading(f"{read}校帮", 0.86, tuple(steps))) if (cell.row, cell.column) == (1, 2) else cell
        for cell in made.cells
    )
    assert verdicts(book, replace(made, cells=cells)).get("C4", "match") == verdict


@pytest.mark.parametrize(
    ("speck", "sure", "verdict"),
    [("C", 0.3, "match"), ("C", 0.97, "differs"), ("*", 0.3, "match"), ("7", 0.3, "doubtful"), ("之", 0.3, "doubtful")],
)
def test_latin_letters_and_signs_beside_a_text_that_were_hardly_read_are_specks(
    speck: str, sure: float, verdict: str
) -> None:
    read = (*lattice("智学网"), ((speck, log(sure)),), (("", -0.001),))
    made = page(ROWS)
    cells = tuple(
        replace(cell, reading=reading(f"智学网{speck}", 0.9, read)) if (cell.row, cell.column) == (2, 2) else cell
        for cell in made.cells
    )
    assert verdicts(sheet(ROWS), replace(made, cells=cells)).get("C5", "match") == verdict


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


@pytest.mark.parametrize(
    ("best", "other", "verdict"),
    [
        ("/", "1", "doubtful"),
        ("(", "0", "doubtful"),
        ("*", "版", "doubtful"),
        ("l", "1", "doubtful"),
        ("*", "x", "match"),
    ],
)
def test_what_may_be_an_added_digit_or_character_is_no_speck(best: str, other: str, verdict: str) -> None:
    number = "教APP备1100001号"
    read = (*lattice(number), ((best, log(0.48)), (other, log(0.4))), (("", -0.001),))
    made = page(changed(ROWS, 0, KEYS[-1], number))
    column = len(KEYS) - 1
    cells = tuple(
        replace(cell, reading=reading(f"{number}{best}", 0.9, read)) if (cell.row, cell.column) == (1, column) else cell
        for cell in made.cells
    )
    book = sheet(changed(ROWS, 0, KEYS[-1], number))
    assert verdicts(book, replace(made, cells=cells)).get(f"{'ABCDEFGHI'[column]}4", "match") == verdict


def test_notes_that_were_put_into_columns_are_no_row_of_the_page() -> None:
    """Without ruling the notes' lines fall into columns, and their letters out of order."""
    note = FORM.notes[1]
    jumbled = [note[at : at + 9] for at in range(0, len(note), 9)][: len(KEYS)]
    row = [*jumbled, *[""] * (len(KEYS) - len(jumbled))]
    unruled = replace(page([*ROWS, row]), ruled=False)
    assert verdicts(sheet(ROWS), unruled) == {}
    stranger = ["范县", "范县第九中学", "钉钉", "某某公司", "李四", "13911112222", "", "是", "教APP备4109999号"]
    assert verdicts(sheet(ROWS), replace(page([*ROWS, stranger]), ruled=False)) == {"": "doubtful"}
