"""A trial of the readers: a small mail of our own making goes the whole way, so that a broken installation shows."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from config.notices import load_notices, shipped_notices
from domain.cover import Cover, CoverFailure
from domain.sheet import Sheet, SheetFailure
from ingest.app import App
from ingest.checking import read_as_mail
from ingest.errors import Permanent
from ingest.reading import Reader
from notifier.blank_form import blank_form

_DIGITS = "13912345678"


def read_trial(app: App) -> str:
    """Reads a mail with the notice's blank form and a drawn page through the children. → what was read, in English.

    Raises Permanent, or ChildFailed, when a reader does not work here.
    """
    # The readers alone: the scanner is looked at by itself.
    notices = app.notices or load_notices(shipped_notices()[0])  # where none is published yet
    reader = Reader(app.sandbox, notices, app.own, app.limits, task=app.task_folder)
    form = next((notice for notice in notices if notice.sheet_required), None)
    files = [("page.png", _page())] + ([("form.xlsx", blank_form(form, None))] if form else [])
    came = read_as_mail(reader, files, sender="doctor@trial.invalid", received_at=app.clock()).incoming
    failed = [f"{fault.name}: {fault.code}" for fault in came.faults]
    readings: list[Sheet | SheetFailure | Cover | CoverFailure] = [part.reading for part in came.sheets]
    readings += [part.reading for part in came.covers]
    failed += [f"{one.file}: {one.code}" for one in readings if isinstance(one, SheetFailure | CoverFailure)]
    if failed or not came.covers or bool(form) != bool(came.sheets):
        raise Permanent(f"the mail of the trial was not read: {', '.join(failed) or 'a file of it is missing'}")
    texts = [text for one in readings if isinstance(one, Cover) for text in _texts(one)]
    if not any(_DIGITS in text for text in texts):
        raise Permanent("the page of the trial was opened, but its print was not read")
    return "a workbook and a page were read" if form else "a page was read"


def _texts(cover: Cover) -> list[str]:
    cells = [cell.reading.text for page in cover.pages for cell in page.cells]
    return [*cells, *(line.reading.text for page in cover.pages for line in page.lines)]


def _page() -> bytes:
    """A ruled table of three rows and columns with the same digits in each cell, as large as print is at 200 DPI."""
    width, height, left, top = 320, 90, 60, 60
    picture = Image.new("RGB", (left * 2 + 3 * width, top * 2 + 3 * height), "white")
    draw = ImageDraw.Draw(picture)
    digits = Image.new("RGB", (6 * len(_DIGITS) + 2, 12), "white")
    ImageDraw.Draw(digits).text((1, 0), _DIGITS, fill="black")
    digits = digits.resize((digits.width * 3, digits.height * 3), Image.Resampling.BICUBIC)
    for row in range(3):
        for column in range(3):
            x, y = left + column * width, top + row * height
            draw.rectangle((x, y, x + width, y + height), outline="black", width=2)
            picture.paste(digits, (x + 40, y + 28))
    out = io.BytesIO()
    picture.save(out, "PNG", dpi=(200, 200))
    return out.getvalue()
