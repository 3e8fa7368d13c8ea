"""A small store of every kind of record, filled by the real pipeline, for alterations to be tried on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from domain.accounts import Role
from domain.blacklist import Blacklisted, Lift
from domain.mail import Intent, MailKind
from domain.register import Entry
from ingest import jobs, users, verdicts
from ingest.app import App
from ingest.passes import PassReport
from notifier.errors import PermanentRefusal, TemporaryRefusal
from storage import accounts, blacklist, notices, outbox, quarantine, registers, senders, tasks
from storage.database import Transaction
from storage.senders import KnownAddress
from storage.sessions import Lifetime
from tests.builders import NOTICE
from tests.office import Office, office
from tests.parts import STRANGER, content_of, of_unit, scan, sha, workbook

HOUR = timedelta(hours=1)


def fill(folder: Path) -> None:
    """Decided submissions of two reporters, one superseded, one rejected, one waiting and one decided by staff; letters that
    were sent, refused, withdrawn and bounced; a pre-check, a question, a tip-off, junk, a mail seen twice, a held one.
    Everything is sealed."""
    with office(folder) as here:
        _returns(here)
        _words(here)
        _troubles(here)
        with here.app.database.begin() as tx:
            quarantine.put(
                tx, sha("m1"), {sha(name): "Eicar-Signature" for name in ("one", "two", "three")}, at=here.now
            )
            quarantine.lift(tx, sha("m1"), [sha("two")], at=here.now)
            for address in ("a@example.cn", "b@example.cn"):
                senders.confirm(tx, _known(address, here.now))
            senders.forget(tx, NOTICE.id, "PYX", "b@example.cn", by="staff:zhang", at=here.now)
            first, *_ = tasks.open_(tx)
            tasks.close(tx, first.id, "staff:zhang", at=here.now)
        _people(here)
        _lists(here)
        jobs.seal(here.app)


def _people(here: Office) -> None:
    """Three accounts: one of an OpenID provider alone, one that was disabled, one that is logged in."""
    app, life = here.app, Lifetime(idle=HOUR, whole=HOUR)
    users.add(app, "zhang", "张敏", Role.STAFF, "violet-kettle-7", by="staff:root")
    users.add(app, "li", "李审", Role.AUDITOR, None, by="staff:root", subject="https://id.example.cn 17")
    users.add(app, "wang", "王主任", Role.ADMIN, "amber-lantern-4", by="staff:root")
    for name, password in (("zhang", "wrong"), ("zhang", "violet-kettle-7"), ("nobody", "wrong")):
        users.log_in(app, users.Attempt(name=name, password=password, address="127.0.0.1"), life)
    with app.database.begin() as tx:
        accounts.disable(tx, "wang", by="staff:root", at=here.now)


def _known(address: str, at: datetime) -> KnownAddress:
    return KnownAddress(
        notice=NOTICE.id, reporter="PYX", address=address, receipt=None, confirmed_at=at, confirmed_by="staff:zhang"
    )


def _lists(here: Office) -> None:
    """Two versions of a register, two operators on the blacklist, one of them lifted."""
    day = here.now.date()
    files = [here.app.blobs.put(content_of(sha(name))) for name in ("first list", "second list")]
    entries = [Entry(number=f"教APP备340000{n}号", app=f"应用{n}", operator=f"第{n}公司") for n in range(4)]
    with here.app.database.begin() as tx:
        for count, file in enumerate(files, 3):
            registers.add(tx, entries[:count], dated=day, sha256=file, by="staff:zhang", at=here.now)
        for name in ("甲公司", "乙公司"):
            entry = Blacklisted(id=0, operator=name, aliases=("又名",), apps=("应用",), since=day, reason="查证属实")
            blacklist.add(tx, entry, by="staff:zhang", at=here.now)
        blacklist.lift(tx, 1, Lift(on=day, reason="整改合格"), by="staff:zhang", at=here.now)
        _publish(here, tx)


def _returns(here: Office) -> None:
    sheet = workbook()
    here.reader.pictures = {sha("picture"): b"picture"}
    here.mail("m1", sheet, scan(sheet))
    here.run()
    bad = workbook({"phone": ""}, label="bad")
    here.mail("m2", bad, scan(bad, label="scan of bad"))
    here.run(after=HOUR)
    better = workbook({"app": "另一个"}, label="better")
    here.mail("m3", better, scan(better, label="scan of better"))
    here.run(after=HOUR)
    here.mail("m4", workbook(label="alone"))
    here.run(after=HOUR)
    doubtful = workbook(label="doubtful")
    here.mail("m5", doubtful, scan(doubtful, label="faint", seal=""), sender=STRANGER)
    here.run(after=HOUR)
    other = of_unit("范县", label="other")
    here.mail("m6", other, scan(other, label="scan of other", seal="范县教育局"), sender="fx@example.cn")
    here.run(after=HOUR)
    receipts = sorted(here.cases())
    verdicts.decide(here.app, receipts[0], accept=False, reason="印章不清", by="staff:zhang")
    verdicts.decide(
        here.app, receipts[0], accept=True, reason="已电话核实", by="staff:zhang"
    )  # the first letter is withdrawn
    here.run(after=HOUR)


def _words(here: Office) -> None:
    here.mail("p1", workbook(label="pre"), subject="预检 濮阳县")
    here.mail("q1", intent=Intent.QUESTION, sender="asks@example.cn")
    here.mail("c1", intent=Intent.COMPLAINT, sender="tells@example.cn")
    here.mail("j1", folder="Junk", sender="spam@example.cn")
    here.mail("j2", folder="Junk", sender="more@example.cn")
    here.mail("b1", kind=MailKind.BULK)
    here.run(after=HOUR)
    here.mail("back", kind=MailKind.BOUNCE, thread=[_some_letter(here.app)])
    here.run(after=HOUR)


def _some_letter(app: App) -> str:
    with app.database.read() as tx:
        return outbox.newest_sent(tx, 1)[0].message_id


def _troubles(here: Office) -> None:
    nothing: Any = None  # which no reader gives: the mail is held
    here.mail("odd", replace(workbook(label="odd"), rows=(nothing,)))
    here.letters.raising = [PermanentRefusal(550, "no such user")]
    here.mail("q2", intent=Intent.QUESTION, sender="gone@example.cn")
    here.run(after=HOUR)
    here.letters.raising = [TemporaryRefusal(451, "later")]
    here.mail("q3", intent=Intent.QUESTION, sender="later@example.cn")
    here.run(after=HOUR)
    twice = here.box.mails[0]
    here.box.deliver(twice.raw, here.now)  # the same bytes at another place
    jobs.poll(here.app, PassReport())


def _publish(here: Office, tx: Transaction) -> None:
    """A notice in two versions, and closed."""
    for version, text in enumerate(("id: old-2020  # 第一版", "id: old-2020  # 第二版")):
        here.app.blobs.put(notices.bytes_of(text))
        notices.publish(tx, "old-2020", text, after=version, reason="补充一列", by="staff:zhang", at=here.now)
    notices.close(tx, "old-2020", reason="收齐了", by="staff:zhang", at=here.now)
