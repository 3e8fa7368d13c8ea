"""The outbox: one letter a Message-ID, one claim at a time, one end."""

from __future__ import annotations

import json
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from domain.letter import Attachment, AttachmentRole, LetterKind
from storage import codec, outbox, receiving, tasks, vitals
from storage.errors import NotFound
from storage.outbox import OutboxStatus
from tests.storage_values import NOON, database, letter, origin, sha

_MINUTE = timedelta(minutes=1)


def test_a_second_put_is_a_no_op(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        first = outbox.put(tx, letter(), exempt=True, at=NOON)
        assert outbox.put(tx, letter(subject="other"), at=NOON) == first
        row = outbox.ours(tx, letter().message_id)
        assert row
        assert (row.letter, row.exempt) == (letter(), True)
        assert outbox.ours(tx, "<stranger@example.cn>") is None
        assert [item.id for item in outbox.of_receipt(tx, row.receipt or "")] == [first]


def test_letters_that_answer_a_mail(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        mail = receiving.receive(tx, raw_sha256=sha("a"), size=1, origin=origin()).mail_id
        first, _, third = (outbox.put(tx, letter(n), mail_id=mail if n != 1 else None) for n in range(3))
        assert [row.id for row in outbox.of_mail(tx, mail)] == [first, third]
        assert outbox.of_mail(tx, 99) == ()


def test_one_of_many_claims_wins(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        for number in range(3):
            outbox.put(tx, letter(number), at=NOON)

    def claim(_: int) -> int | None:
        with base.begin() as tx:
            claimed = outbox.claim(tx, NOON, 60)
        return claimed.id if claimed else None

    with ThreadPoolExecutor(4) as pool:
        assert sorted(str(item) for item in pool.map(claim, range(8))) == ["1", "2", "3", *["None"] * 5]


def test_a_lease_that_ran_out_is_unsure(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        outbox.put(tx, letter(), at=NOON)
        first = outbox.claim(tx, NOON, 60)
        assert first
        assert (first.unsure, first.row.attempts) == (False, 1)
        assert outbox.claim(tx, NOON + _MINUTE / 2, 60) is None
        again = outbox.claim(tx, NOON + _MINUTE, 60)
        assert again
        assert (again.unsure, again.row.attempts, again.letter) == (True, 2, letter())


def test_what_a_wrong_clock_set_holds_up_no_letter(tmp_path: Path) -> None:
    base = database(tmp_path)
    wrong = NOON + timedelta(days=400)
    with base.begin() as tx:
        outbox.put(tx, letter(), at=wrong)
        assert outbox.claim(tx, wrong, 60)
        right = outbox.claim(tx, NOON, 60)
        assert right
        assert right.unsure
        outbox.retry(tx, right.id, NOON + outbox.LONGEST_WAIT, "451", unsure=True)
        assert outbox.claim(tx, NOON, 60) is None


def test_a_temporary_refusal_waits(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        outbox.put(tx, letter(), at=NOON)
        claimed = outbox.claim(tx, NOON, 60)
        assert claimed
        outbox.retry(tx, claimed.id, NOON + _MINUTE, "451")
        assert outbox.claim(tx, NOON, 60) is None
        again = outbox.claim(tx, NOON + _MINUTE, 60)
        assert again
        assert (again.unsure, again.row.attempts, again.row.error) == (False, 2, "451")
        outbox.postpone(tx, again, NOON + 2 * _MINUTE)
        assert outbox.load(tx, again.id).attempts == 1


def test_sent_is_an_end(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        outbox.put(tx, letter(), at=NOON)
        claimed = outbox.claim(tx, NOON, 60)
        assert claimed
        outbox.sent(tx, claimed.id, NOON)
        outbox.retry(tx, claimed.id, NOON, "late word of another worker")
        outbox.failed(tx, claimed.id, "late word of another worker")
        row = outbox.load(tx, claimed.id)
        assert (row.status, row.sent_at, row.error) == (OutboxStatus.SENT, NOON, None)
        assert outbox.claim(tx, NOON + _MINUTE, 60) is None
        assert tasks.open_(tx) == ()
        with pytest.raises(NotFound):
            outbox.sent(tx, 99, NOON)


def test_a_permanent_refusal_is_told_to_staff(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        id_ = outbox.put(tx, letter(), at=NOON)
        outbox.failed(tx, id_, "550")
        assert outbox.claim(tx, NOON, 60) is None
        assert [(task.kind, task.subject) for task in tasks.open_(tx)] == [("reply_failed", letter().receipt)]


def test_a_letter_is_rendered_once(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        id_ = outbox.put(tx, letter())
        assert outbox.rendered(tx, id_, "a" * 64) == "a" * 64
        assert outbox.rendered(tx, id_, "b" * 64) == "a" * 64
        assert outbox.load(tx, id_).sha256 == "a" * 64


def test_only_untouched_decisions_are_taken_back(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        outbox.put(tx, letter(1), at=NOON)
        outbox.claim(tx, NOON, 60)
        outbox.put(tx, letter(2), at=NOON)
        outbox.put(tx, letter(3, kind=LetterKind.SUPERSEDED), at=NOON)
        outbox.put(tx, letter(4, receipt="other"), at=NOON)
        assert outbox.withdraw_unsent(tx, letter().receipt or "") == 1
        states = [outbox.load(tx, id_).status for id_ in range(1, 5)]
        assert states == ["waiting", "withdrawn", "waiting", "waiting"]


def test_a_bounce_is_noted_once(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        outbox.put(tx, letter())
        noted = [outbox.bounced(tx, name, at=NOON) for name in (letter().message_id, letter().message_id, "<x>")]
        assert noted == [True, False, False]
        assert outbox.load(tx, 1).bounced_at == NOON


def test_budgets_and_counts(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        assert (vitals.totals(tx).letters, vitals.backlog(tx).letters) == ({}, 0)
        for number in range(4):
            outbox.put(tx, letter(number), exempt=number == 0, at=NOON + number * _MINUTE)
        for id_ in (1, 2):
            outbox.sent(tx, id_, NOON + id_ * _MINUTE, domain="example.cn")
        to = letter().to
        assert [outbox.sent_since(tx, NOON + late * _MINUTE, exempt=False, address=to) for late in (0, 2, 3)] == [
            1,
            1,
            0,
        ]
        assert outbox.sent_since(tx, NOON, exempt=True) == 1
        assert outbox.sent_since(tx, NOON, exempt=False, address="other@example.cn") == 0
        assert [outbox.sent_since(tx, NOON, exempt=False, domain=each) for each in ("example.cn", "other.cn")] == [1, 0]
        assert (vitals.totals(tx).letters, vitals.backlog(tx).letters) == ({"waiting": 2, "sent": 2}, 2)
        assert vitals.waiting(tx, NOON).oldest_letter == NOON + 2 * _MINUTE


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("濮阳县空白表.xlsx", AttachmentRole.BLANK),
        ("濮阳县-标注.xlsx", AttachmentRole.REBUILT),
        ("濮阳县.xlsx", AttachmentRole.MARKED),
    ],
)
def test_a_letter_that_waited_across_the_upgrade_calls_its_attachment_by_its_right_name(
    name: str, role: AttachmentRole
) -> None:
    made = letter(attachments=(Attachment(name=name, sha256="a" * 64, media="x", role=role),))
    plain = json.loads(zlib.decompress(codec.LETTERS.pack(made)))
    del plain["attachments"][0]["role"]
    assert codec.LETTERS.unpack(zlib.compress(json.dumps(plain).encode())) == made
