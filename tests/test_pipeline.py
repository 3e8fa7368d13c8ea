"""The whole way of a mail, on a real database and archive: one decision, one reply; all that is kept can be verified."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from domain.cover import Cover
from domain.letter import AttachmentRole
from domain.mail import FaultCause, Intent, MailKind, PartFault, PartKind
from domain.sheet import HeaderValue
from domain.submission import State
from ingest.passes import PassReport
from notifier.blank_form import blank_form
from notifier.errors import TemporaryRefusal
from storage import outbox, submissions
from storage.verify import verify
from tests import builders
from tests.builders import RECEIVED
from tests.office import BUREAU, addresses, office, only_case, subjects, text_of
from tests.parts import CLERK, STRANGER, broken, close_up, codes, file_of, of_unit, scan, sha, workbook
from tests.stores import by_hand, dump

SHEET = workbook()
SCAN = scan(SHEET)
BAD = workbook({"phone": ""}, label="bad")
HOUR = timedelta(hours=1)


def test_a_good_set_is_accepted_answered_and_filed(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        report = here.run()
        assert (report.received, report.count(State.ACCEPTED), report.replies_sent) == (1, 1, 1)
        assert here.cases() == {"PY51-PYX-20200227-01": "accepted"}
        assert addresses(here) == [CLERK]
        assert "【受理】" in subjects(here)[0]
        assert "PY51-PYX-20200227-01" in subjects(here)[0]
        assert here.box.filed == [(1, "done")]


def test_a_wrong_form_that_names_its_county_is_that_countys(tmp_path: Path) -> None:
    failure = replace(
        broken(code="sheet.wrong_form"),
        missing_columns=("电话",),
        header={"unit": HeaderValue(address="A2", text="濮阳县")},
    )
    with office(tmp_path) as here:
        here.mail("m1", failure)
        here.run()
        assert here.cases() == {"PY51-PYX-20200227-01": "rejected"}
        with here.app.database.read() as tx:
            [file] = outbox.load(tx, 1).letter.attachments
            case = submissions.load(tx, "PY51-PYX-20200227-01")
        assert file.name == "濮阳县空白表.xlsx"
        assert case is not None and case.sheet is not None and case.sheet.reading == failure  # also as stored
        assert "未能读取" not in text_of(here.letters.taken[0][0])


def test_a_wrong_form_gets_the_blank_one_as_such(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", broken(code="sheet.wrong_form"), SCAN)
        here.run()
        with here.app.database.read() as tx:
            [file] = outbox.load(tx, 1).letter.attachments
        assert (file.role, file.name) == (AttachmentRole.BLANK, "濮阳县空白表.xlsx")
        assert here.app.blobs.get(file.sha256) == blank_form(builders.NOTICE, builders.reporter())


def test_what_may_be_in_a_locked_archive_is_one_thing_to_mend_and_needs_no_blank_form(tmp_path: Path) -> None:
    locked = PartFault(name="材料.zip", code="attachment.unreadable", cause=FaultCause.LOCKED)
    with office(tmp_path) as here:
        here.mail("m1", faults=[locked])
        here.run()
        first = text_of(here.letters.taken[0][0]).splitlines()[0]
        assert "有1处需要修改；没有单独收到电子表和盖章扫描件，可能就在没有打开的附件里。" in first
        with here.app.database.read() as tx:
            assert outbox.load(tx, 1).letter.attachments == ()


@pytest.mark.parametrize(("candidate", "forms"), [(PartKind.SHEET, 1), (PartKind.COVER, 0)])
def test_the_blank_form_goes_to_who_wrote_in_another_kind_of_file(
    tmp_path: Path, candidate: PartKind, forms: int
) -> None:
    other = PartFault(name="备案表.docx", code="attachment.unsupported", candidate_for=candidate)
    with office(tmp_path) as here:
        here.mail("m1", *((SHEET,) if candidate is PartKind.COVER else ()), faults=[other])
        here.run()
        with here.app.database.read() as tx:
            assert len(outbox.load(tx, 1).letter.attachments) == forms


def test_the_code_of_the_form_tells_whose_a_cover_is_that_says_nothing_itself(tmp_path: Path) -> None:
    faint = builders.seal("", legible=False)
    nameless = file_of(builders.page(faint, form_code="PY51-FX"), label="nameless")
    foreign = file_of(builders.page(builders.seal("濮阳市第九中学"), form_code="PY51-FX"), label="foreign")
    with office(tmp_path) as here:
        here.mail("m1", nameless)
        here.mail("m2", foreign, sender=STRANGER)
        here.run()
        assert {receipt: state for receipt, state in here.cases().items() if "-FX-" in receipt} == {
            "PY51-FX-20200227-01": "incomplete"
        }
        assert len(here.cases()) == 2


def test_the_sender_tells_more_than_the_code_of_a_form(tmp_path: Path) -> None:
    """Somebody printed another county's form: whose case waits for a cover is known better by who sends it."""
    nameless = file_of(builders.page(builders.seal("", legible=False), form_code="PY51-FX"), label="nameless")
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.run()
        here.mail("m2", nameless, at=RECEIVED + HOUR)
        here.run(after=HOUR)
        assert set(here.cases()) == {"PY51-PYX-20200227-01"}


def test_a_second_pass_changes_nothing_and_sends_nothing(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", BAD, sender=STRANGER)
        here.mail("m3", intent=Intent.QUESTION)
        here.mail("m4", kind=MailKind.BULK)
        here.run()
        before, sent = dump(tmp_path), list(here.letters.taken)
        again = here.run()
        assert dump(tmp_path) == before
        assert here.letters.taken == sent
        assert again == PassReport()
        assert here.reader.read_count == 4


def test_parts_in_two_mails_of_one_pass_get_one_reply_to_the_newest_sender(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, at=RECEIVED)
        here.mail("m2", SCAN, at=RECEIVED + HOUR)
        report = here.run()
        assert list(here.cases().values()) == ["accepted"]
        assert report.decided == {"PY51-PYX-20200227-01": State.ACCEPTED}
        [subject] = subjects(here)
        assert "【受理】" in subject
        assert only_case(here).message_ids == ("<m1@example.cn>", "<m2@example.cn>")


def test_parts_in_two_passes_get_a_reply_each(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.run()
        here.now += HOUR
        here.mail("m2", SCAN)
        here.run()
        assert [subject.split("】")[0][-2:] for subject in subjects(here)] == ["待补", "受理"]


def test_several_sets_in_one_mail_get_a_receipt_and_reply_each(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        other = of_unit("范县", label="fan")
        here.mail("m1", SHEET, SCAN, other, scan(other, label="fan scan", seal="范县教育局"))
        report = here.run()
        assert sorted(here.cases().values()) == ["accepted", "accepted"]
        assert report.replies_sent == 2


def test_one_file_with_two_covers_is_told_once_in_each_letter_and_known_again(tmp_path: Path) -> None:
    other = of_unit("范县", label="fan")
    both = file_of(*scan(SHEET).pages, *scan(other, seal="范县教育局").pages, label="both", name="两县.pdf")
    with office(tmp_path) as here:
        here.mail("m1", SHEET, other, both)
        here.run()
        assert sorted(here.cases().values()) == ["accepted", "accepted"]
        for raw, *_ in here.letters.taken:
            text = text_of(raw)
            assert text.count("两县.pdf") == 1
            assert ("范县教育局" in text) != ("濮阳县教育局" in text)
        here.now += HOUR
        here.mail("m2", SHEET, other, both)
        assert here.run().decided == {}


def test_all_pictures_of_a_cover_are_told_and_kept(tmp_path: Path) -> None:
    whole = file_of(*scan(SHEET).pages, label="whole", name="IMG_1.jpg")
    near = file_of(close_up(builders.seal()), label="near", name="IMG_2.jpg")
    with office(tmp_path) as here:
        here.mail("m1", near, SHEET, whole)
        here.run()
        assert [(file.name, file.kind) for file in only_case(here).files] == [
            ("濮阳县.xlsx", "sheet"), ("IMG_1.jpg", "cover"), ("IMG_2.jpg", "cover"),
        ]  # fmt: skip
        text = text_of(here.letters.taken[0][0])
        assert "印章：濮阳县教育局（清晰）" in text
        assert "扫描件的另一部分" in text
        with here.app.database.read() as tx:
            kept = submissions.load(tx, only_case(here).receipt)
        assert kept and kept.cover and isinstance(kept.cover.reading, Cover)
        origins = [page.origin.file if page.origin else None for page in kept.cover.reading.pages]
        assert origins == [None, "IMG_2.jpg"]


def test_a_resend_is_answered_under_the_receipt_that_stands(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        here.now += HOUR
        here.mail("m2", SHEET, SCAN)
        report = here.run()
        assert (report.decided, report.replies_sent) == ({}, 1)
        assert all("PY51-PYX-20200227-01" in subject for subject in subjects(here))
        assert only_case(here).message_ids == ("<m1@example.cn>", "<m2@example.cn>")


def test_a_resend_by_the_same_address_gets_one_letter(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.letters.raising = [TemporaryRefusal(451, "later")]
        here.run()
        here.mail("m2", SHEET, SCAN)
        here.run(after=timedelta(seconds=1))
        here.run(after=HOUR)
        assert addresses(here) == [CLERK]


def test_a_cover_whose_seal_says_nothing_finds_its_case_by_the_thread_of_our_reply(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET)
        here.run()
        ours = str(message_from_bytes(here.letters.taken[0][0])["Message-ID"])
        here.now += HOUR
        here.mail("m2", _blank_cover(), sender=STRANGER, thread=[ours])
        here.run()
        case = only_case(here)
        assert case.receipt == "PY51-PYX-20200227-01"
        assert "mail.foreign_part" not in codes(case)


def _blank_cover() -> Cover:
    """A page that names nobody, under a seal that nobody can read."""
    bare = scan(workbook({"unit": "", "school": "某校"}, title=None, unit=None), label="faint")
    faint = builders.seal("", legible=False)
    return replace(bare, pages=tuple(replace(one, seals=(faint,)) for one in bare.pages))


def test_a_workbook_finds_the_cover_that_came_before_anybody_knew_whose_it_was(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", _blank_cover())
        here.run()
        [first] = here.cases()
        assert "-XX-" in first
        here.now += HOUR
        here.mail("m2", SHEET)
        here.run()
        case = only_case(here)
        assert (case.receipt, case.reporter) == (first, "PYX")


def test_a_cover_of_nobody_is_not_taken_by_two_workbooks_of_one_mail(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", _blank_cover())
        here.run()
        here.now += HOUR
        here.mail("m2", SHEET, of_unit("范县", label="fan"))
        report = here.run()
        assert report.failures == []
        assert sorted(here.cases().values()) == ["incomplete"] * 3


def test_a_mail_too_large_to_fetch_is_told_how_to_mend_it(tmp_path: Path) -> None:
    """With the real reader: the archive holds the header alone, and the sender is answered all the same."""
    header = (
        f"From: <{CLERK}>\r\nTo: <{BUREAU}>\r\nSubject: report\r\nMessage-ID: <big@example.cn>\r\n"
        "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
    ).encode()
    with office(tmp_path) as here:
        here.app._reader = None
        here.box.deliver(header, oversize=True, size_announced=70_000_000)
        report = here.run()
        assert report.failures == []
        case = only_case(here)
        assert case.state is State.REJECTED
        assert codes(case) == {"attachment.too_large", "mail.unknown_sender"}
        [(raw, to)] = here.letters.taken
        assert to == CLERK
        body = text_of(raw)
        assert "太大" in body
        assert here.box.filed == [(1, "done")]


def test_a_locked_archive_is_told_and_never_a_question(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", faults=[PartFault(name="a.zip", code="attachment.unreadable")])
        here.run()
        assert list(here.cases().values()) == ["rejected"]
        assert "attachment.unreadable" in codes(only_case(here))


def test_after_a_full_run_everything_is_referred_to_and_every_hash_holds(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        other = workbook({"app": "另一个"}, label="rival", name="b.xlsx")
        here.mail("m1", SHEET, SCAN)
        here.mail("m2", SHEET, other, at=RECEIVED + HOUR)
        here.mail("m3", BAD, at=RECEIVED + 2 * HOUR)
        here.mail("m4", faults=[PartFault(name="a.zip", code="attachment.unreadable")], at=RECEIVED + 3 * HOUR)
        here.mail("m5", intent=Intent.QUESTION, at=RECEIVED + 4 * HOUR)
        here.run()
        with here.app.database.read() as tx:
            result = verify(tx, here.app.blobs, now=datetime.now(UTC) + 99 * HOUR)
        assert result.faults == ()
        with by_hand(tmp_path) as base:
            bodies = [json.loads(body) for (body,) in base.execute("SELECT body FROM ledger_entries")]
        named = {sha256 for body in bodies for sha256 in body.get("blobs", [])}
        assert set(here.app.blobs.names()) == named
        text = json.dumps(bodies, ensure_ascii=False)
        assert CLERK not in text
        assert "13912345678" not in text


def test_the_files_of_a_held_mail_and_of_a_resend_are_no_extra_files(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN)
        here.run()
        logo, note = sha("logo"), sha("note of an odd mail")
        here.reader.beside = {"again": [logo], "odd": [note]}
        here.mail("again", SHEET, SCAN)
        here.mail("odd", replace(workbook(label="odd"), rows=(None,)))  # type: ignore[arg-type]  no reader gives that
        here.run()
        assert here.status("odd") == "held"
        assert {logo, note} <= set(here.app.blobs.names())
        with here.app.database.read() as tx:
            assert verify(tx, here.app.blobs, now=datetime.now(UTC) + 99 * HOUR).faults == ()


def test_receipt_numbers_are_of_the_day_in_the_zone_of_the_notice(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.mail("m1", SHEET, SCAN, at=RECEIVED.replace(hour=0, minute=30))
        here.run()
        assert list(here.cases()) == ["PY51-PYX-20200227-01"]
