"""Read a decoded cover: straighten each page, find its table, read cells, lines and seals. Gives values and pictures."""

from __future__ import annotations

from dataclasses import replace

from domain.cover import Box, Cover, CoverPage, ReadCover, Seal, SealKind
from parsers import quality, seals
from parsers.cells import Print, names_columns, read_print
from parsers.evidence import PicturedPage, Witness, pictured
from parsers.form_code import without_code
from parsers.ocr import Recogniser
from parsers.pages import DecodedCover, PageImage
from parsers.prepare import Prepared, Sought, levelled, prepared
from parsers.screen_photo import shows_screen
from parsers.straighten import Upright, box_as_received, deskew, upright
from parsers.turning import turned


def read_cover(
    decoded: DecodedCover, *, recogniser: Recogniser, column_names: tuple[str, ...], every: bool = False
) -> ReadCover:
    """Everything that can be read of the pages, and their pictures. `column_names`, the printed names of the form's
    columns, tell which way is up and where the table stands on a page without ruling. `every`: repeated print is read
    every time."""
    read = [_read_page(image, recogniser, column_names, every=every) for image in decoded.pages]
    cover = Cover(
        file=decoded.file,
        sha256=decoded.sha256,
        pages=tuple(each.page for each in read),
        page_count=decoded.page_count,
        unread=max(0, decoded.page_count - len(decoded.pages)),
        signed=decoded.signed,
    )
    return ReadCover(cover=cover, pictures={name: data for each in read for name, data in each.pictures.items()})


def _read_page(image: PageImage, recogniser: Recogniser, names: tuple[str, ...], *, every: bool) -> PicturedPage:
    sheet, printed = _read_sheet(image, recogniser, names, every=every)
    cells, lines = printed.cells, printed.lines
    dpi = None if image.photo else image.dpi
    witness = Witness(recogniser)
    found = seals.read_seals(sheet.page.rgb, dpi=dpi, page=image.number, recogniser=witness)
    stamped = any(seal.kind is not SealKind.OTHER for seal in found)
    # A copy scanned in colour has a tint, but its seal is grey: of that page, too, nobody can tell ink from print.
    colour = quality.has_colour(image.rgb) and (stamped or not seals.shows_grey_seal(sheet.page.rgb, dpi=dpi))
    page = CoverPage(
        number=image.number,
        kind=image.kind,
        colour=colour,
        quality=_sureness(printed),
        dpi=image.dpi,
        photo=image.photo,
        turned=sheet.page.turned,
        skew_degrees=round(sheet.page.skew, 2),
        ruled=sheet.table is not None and not sheet.table.pale,
        columns=max((cell.column + cell.column_span for cell in cells), default=0),
        cells=cells,
        lines=lines,
        form_code=sheet.form_code,
        # Only of photographs: on scans, rows of dots and hairlines make waves as a screen does.
        seals=_placed(found, sheet.page, screen=image.photo and bool(found) and shows_screen(image.rgb)),
    )
    return pictured(page, sheet.page.rgb, witness)


def _read_sheet(
    image: PageImage, recogniser: Recogniser, names: tuple[str, ...], *, every: bool
) -> tuple[Prepared, Print]:
    """The page upright, and its print. A photograph's table in which no column is named may be none, but the grain of a desk and the
    edges of the paper: if columns are named without ruling, it is read so."""
    sheet, printed = _read_as(image, recogniser, names, Sought(columns=len(names)), every=every)
    if not names or not image.photo or sheet.table is None or names_columns(printed.cells, names):
        return sheet, printed
    bare, guessed = _read_as(image, recogniser, names, Sought(columns=len(names), ruled=False), every=every)
    return (bare, guessed) if names_columns(guessed.cells, names) else (sheet, printed)


def _read_as(
    image: PageImage, recogniser: Recogniser, names: tuple[str, ...], sought: Sought, *, every: bool
) -> tuple[Prepared, Print]:
    sheet = turned(prepared(deskew(upright(image.rgb)), sought), recogniser, names, sought)
    if image.photo and sheet.table is None:
        sheet = levelled(sheet, recogniser, sought)
    sheet = without_code(sheet)
    return sheet, read_print(sheet, recogniser, names, photo=image.photo, every=every)


def _sureness(printed: Print) -> float:
    """The page's quality (0–1) by its cells, or by its lines where there are none."""
    confidences = [cell.reading.confidence for cell in printed.cells if cell.reading.text]
    confidences = confidences or [line.reading.confidence for line in printed.lines if line.reading.text]
    return quality.page_quality(confidences)


def _placed(found: tuple[Seal, ...], page: Upright, *, screen: bool) -> tuple[Seal, ...]:
    """The seals with their places on both pages. Those on a `screen` are suspect: no paper was shown to bear them."""
    return tuple(
        replace(seal, upright=seal.box, box=_seal_box(page, seal.box), suspect="screen" if screen else seal.suspect)
        for seal in found
    )


def _seal_box(page: Upright, box: Box) -> Box:
    height, width = page.rgb.shape[:2]
    return box_as_received(page, box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height)
