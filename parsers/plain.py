"""Read what only calls itself Excel: text with separators here, an HTML table, web archive or XML in `parsers.markup`."""

from __future__ import annotations

import csv
import io
import re
import unicodedata

from domain.sheet import SheetFormat
from parsers.grid import MAX_CELLS, MAX_COLUMNS, Grid, GridCell, Unreadable, by_row, make_cell
from parsers.markup import read_html, read_spreadsheetml, read_web_archive

_MAX_BYTES = 20_000_000
_ENCODINGS = ("utf-8-sig", "gb18030")
_SEPARATORS = "\t,;|"
_STATED = re.compile(r"sep=([\t,;|])\r?\n", re.IGNORECASE)
_MIME_VERSION = re.compile(r"(?:[a-z][a-z0-9-]{0,60}:[^\n]*\n(?:[ \t][^\n]*\n)*)*mime-version:")
"""In a header, which browsers and WPS begin with From, Subject and Date."""
_FOREIGN = ("%pdf", "{\\rtf", "id;p", "table\r\n0,1", "table\n0,1")
"""PDF, RTF, SYLK and DIF: text, but nothing that could be taken for a table with separators."""


def read_plain(data: bytes) -> tuple[SheetFormat, tuple[Grid, ...]]:
    """Kind and grids of a text file. Unreadable if it is no text or holds no table."""
    if len(data) > _MAX_BYTES:
        raise Unreadable("a text file beyond any table's size")
    text = _decode(data)
    head = text[:3000].lstrip().lower()
    if "urn:schemas-microsoft-com:office:spreadsheet" in head and "<table" not in head.split("<workbook")[0]:
        return SheetFormat.XML, read_spreadsheetml(text)
    if _MIME_VERSION.match(head) and "text/html" in text.lower():
        return SheetFormat.HTML, read_web_archive(data, _decode)
    if head.startswith("<") and (re.search(r"<table[\s>]", text, re.IGNORECASE) or "<html" in head):
        return SheetFormat.HTML, read_html(text)
    if head.startswith(("<", *_FOREIGN)):
        raise Unreadable("a file of another kind, or markup without a table", cause="foreign")
    return SheetFormat.CSV, (_read_separated(text),)


def _decode(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    wide = ("utf-16-le", "utf-16-be") if b"\0" in data[:4000] else ()
    for encoding in (*wide, *_ENCODINGS):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding in wide and not (_is_writing(text) and re.search(r"[\t\n]", text)):
            continue  # two bytes make a character of nearly anything
        if not any(character < " " and character not in "\t\r\n\f" for character in text[:4000]):
            return text
    raise Unreadable("neither a known workbook format nor text")


def _is_writing(text: str) -> bool:
    return not any(unicodedata.category(character) in ("Cn", "Co", "Cs") for character in text[:4000])


def _read_separated(text: str) -> Grid:
    """One sheet. The separator is the one that parts some line into most cells, if the file does not state it."""
    stated = _STATED.match(text)
    text = text[stated.end() :] if stated else text
    lines = text[:200_000].splitlines()
    separator = (
        stated[1] if stated else max(_SEPARATORS, key=lambda each: max((line.count(each) for line in lines), default=0))
    )
    cells: dict[tuple[int, int], GridCell] = {}
    csv.field_size_limit(100_000)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1):
            for column, value in enumerate(row[:MAX_COLUMNS], 1):
                # Excel's own guard against turning digits into a number: ="0393…", or a leading apostrophe or tab.
                stripped = value[2:-1] if value.startswith('="') and value.endswith('"') else value.strip().lstrip("'")
                made = make_cell(stripped)
                if made is not None:
                    cells[(number, column)] = made
            if len(cells) > MAX_CELLS:
                raise Unreadable(f"more than {MAX_CELLS} filled cells")
    except csv.Error as error:
        raise Unreadable(f"damaged CSV: {error}") from error
    return Grid(name="Sheet1", rows=by_row(cells))
