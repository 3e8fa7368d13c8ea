"""Nothing that a stranger writes commands the operator's terminal: no escape sequence of a mail, a name or a cell is printed."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from cli.common import printable
from ingest import jobs
from ingest.passes import PassReport
from samples.maker.mails import File
from storage import inbox
from tests.mailbag.goods import book, cover, reading_before
from tests.mailbag.post import Dialect, mail
from tests.office import office
from tests.shell import Shell

ESC, CSI, BELL = "\x1b", "\x9b", "\x07"
TITLE = f"{ESC}]0;owned{BELL}"
HOSTILE = (f"{ESC}[2J{ESC}[1;1H", TITLE, f"{CSI}2J", "\r覆盖", "\x08\x08", "\u202e")


def controls(text: str) -> set[str]:
    return {char for char in text if char != "\n" and unicodedata.category(char) in ("Cc", "Cf")}


@pytest.fixture
def records(toml: Path) -> Path:
    """A return that has escape sequences wherever the sender can put one, and a mail that is held with one in its traceback."""
    ill = "".join(HOSTILE)
    workbook = book("濮阳县", ("B4", f"学校{CSI}2J_x001B_[2J"), ("E5", f"李{CSI}31m"), name=f"表{ill}.xlsx")
    csv = File(name=f"{ill}.csv", data=f"单位,学校\n{ill},{ill}\n".encode(), media="text/csv")
    with office(toml.parent) as fresh:
        here = reading_before(fresh)
        here.box.deliver(mail(Dialect.QQ_WEB, workbook, cover(workbook, name=f"扫{ill}.jpg"), subject=f"报送{ill}"))
        here.run()
        here.box.deliver(mail(Dialect.QQ_WEB, csv, subject=ill))
        here.run()
        here.box.deliver(mail(Dialect.QQ_WEB, csv, subject=ill, seed=2))
        jobs.poll(here.app, PassReport())
        with here.app.database.begin() as tx:
            inbox.hold(tx, 3, f"ValueError: {ill}")
        assert here.cases()
    return toml


def test_no_control_of_a_stranger_reaches_the_terminal(records: Path, baosong: Shell) -> None:
    listed = baosong("submissions", "--config", records).out
    receipts = [line.split()[0] for line in listed.splitlines()[1:]]
    assert receipts
    told = [listed]
    for each in (*receipts, "mail:1", "mail:2", "mail:3"):
        for more in ((), ("--json",)):
            ran = baosong("show", each, *more, "--config", records)
            told += [ran.out, ran.err]
    assert "学校" in "".join(told)
    assert [controls(text) for text in told if controls(text)] == []


def test_local_files_are_told_likewise(tmp_path: Path, baosong: Shell) -> None:
    path = tmp_path / f"表{TITLE}{CSI}2J.xlsx"
    path.write_bytes(book("濮阳县", ("F4", f"12{CSI}2J")).data)
    ran = baosong("check", path)
    assert ran.status == 1
    assert controls(ran.out + ran.err) == set()


@pytest.mark.parametrize("text", HOSTILE)
def test_controls_are_shown_as_what_they_are(text: str) -> None:
    assert controls(printable(f"a\n{text}")) == set()
    assert printable("濮阳县\n第二行") == "濮阳县\n第二行"
