"""How a return is packed: every container that is opened, wrappers of mail programs, and archives that others made."""

from __future__ import annotations

from pathlib import Path

from samples.maker.mails import File
from tests.archive_making import CONTAINERS
from tests.mail_wrapping import outlook_message, tnef
from tests.mailbag.goods import book, cover
from tests.mailbag.post import Dialect, mail
from tests.mailbag.table import Mails, one

BOOK = book()
SCAN = cover(BOOK)
OTHERS = Path(__file__).parents[1] / "resources" / "archives"

Line = tuple[str, Mails, tuple[str, ...]]


def _in(way: str) -> Mails:
    files = [(file.name, file.data) for file in (BOOK, SCAN)]

    def make(dialect: Dialect) -> bytes:
        return mail(dialect, *(File(name=name, data=data) for name, data in CONTAINERS[way](files)))

    return one(make)


def _with(*made: File) -> Mails:
    return one(lambda dialect: mail(dialect, *made))


def others(name: str) -> File:
    return File(name=name, data=(OTHERS / name).read_bytes())


_BOTH = [(file.name, file.data) for file in (BOOK, SCAN)]
_LOST = "cover.missing sheet.missing"
_PARTLY = f"rejected attachment.unreadable attachment.unsupported {_LOST}"
"""Other papers in it are read, and none is what was asked for."""

LINES: tuple[Line, ...] = (
    *((f"in {way}", _in(way), ("accepted",)) for way in CONTAINERS),
    ("winmail.dat", _with(File(name="winmail.dat", data=tnef(_BOTH))), ("accepted",)),
    ("Outlook's .msg", _with(File(name="转发.msg", data=outlook_message(_BOTH))), ("accepted",)),
    ("another's rar 4 with a password", _with(others("rar4-locked.rar")), (_PARTLY,)),
    ("another's rar 5 with locked names", _with(others("rar5-locked-names.rar")), (f"rejected attachment.unreadable {_LOST}",)),
    ("another's rar 5, solid", _with(others("rar5-solid.rar")), ("question",)),
    ("another's rar 4 of papers, beside the return", _with(BOOK, SCAN, others("rar4-unicode.rar")), ("accepted attachment.unsupported",)),
    ("one volume of another's rar", _with(others("rar5-volumes.part01.rar")), (_PARTLY,)),
    ("a zip with AES", _with(others("aes.zip")), (f"rejected attachment.unreadable {_LOST}",)),
)  # fmt: skip
