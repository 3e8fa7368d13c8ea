"""Writes the database and the archive of a small office, as this very checkout makes them, for `tests/test_upgrades.py`.

    PYTHONPATH=. python tests/resources/schemas/make.py tests/resources/schemas

To be run when a version goes out whose schema is new. It calls nothing but what the checkouts of all versions have, so a
missing one can be made later: in a work tree of that version, with this file from here.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import zipfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from domain.mail import Intent, MailKind
from notifier.errors import PermanentRefusal
from tests.office import Office, office
from tests.parts import CLERK, STRANGER, broken, of_unit, scan, workbook

_DAY = timedelta(days=1)


def scenario(here: Office) -> None:
    """Every state of a submission, every kind of letter and task, and mails of each fate."""
    first, second = workbook(label="first"), workbook({"app": "小猿搜题"}, label="second")
    here.mail("complete", first, scan(first))
    here.run()
    here.mail("newer", second, scan(second, label="second-scan"))
    here.mail("newer-again", second, scan(second, label="second-scan"))
    here.run(after=timedelta(minutes=20))
    other = of_unit("范县", label="other")
    here.mail("workbook-alone", other, sender="fanxian@example.cn")
    here.mail("unreadable", broken(), sender="nanle@example.cn")
    foreign = of_unit("清丰县", label="foreign")
    here.mail("anothers-seal", foreign, scan(foreign, label="foreign-scan"), sender="qingfeng@example.cn")
    here.run(after=timedelta(minutes=20))
    here.mail("question", intent=Intent.QUESTION)
    here.mail("tip-off", intent=Intent.COMPLAINT, sender=STRANGER)
    here.mail("vacation", kind=MailKind.AUTO_REPLY, kind_reason="X-QQ-HolidayReply")
    here.reader.raising = {"held": [ZeroDivisionError("a fault of the program")]}
    here.mail("held", first)
    here.run(after=timedelta(minutes=20))
    here.letters.raising = [PermanentRefusal(550, "no such mailbox")]
    here.mail("third", workbook({"app": "作业帮"}, label="third"), sender=CLERK)
    here.run(after=timedelta(minutes=20))
    here.run(after=3 * _DAY)  # grace times end


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with office(folder) as here:
            scenario(here)
            revision = here.app.database.revision()
        with closing(sqlite3.connect(folder / "data" / "baosong.db")) as base:
            text = "\n".join(base.iterdump())
        (target / f"v{revision}.sql").write_text(f"{text}\n", encoding="utf-8")
        archive = folder / "data" / "archive"
        with zipfile.ZipFile(target / f"v{revision}.zip", "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(archive.rglob("*")):
                if path.is_file():
                    entry = zipfile.ZipInfo(str(path.relative_to(archive)))  # at 1980, so that no day is told
                    packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
