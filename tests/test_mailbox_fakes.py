"""The mailbox against servers that misbehave as QQ, NetEase and broken ones do, and its pacing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingest.errors import CommandRefused, ConnectionLost, LoginRefused, MailIncomplete, NoTargetFolder, Transient
from ingest.folders import Folder, find, names_for_new, to_poll
from ingest.imap import NEWEST_SENT
from ingest.mailbox import FetchedMail, Mailbox, MailboxSettings
from ingest.pacing import FIRST_REFUSED, LONGEST_REFUSED, LONGEST_UNREACHABLE, Pacing
from ingest.troubles import BREAKS_BEFORE_REST, REST_SECONDS, SHORT_TRIES
from tests.servers.imap_fake import (
    PASSWORD,
    USERNAME,
    FakeBreakingOne,
    FakeForgetful,
    FakeImap,
    FakeNetEase,
    FakeQQ,
    FakeRefusingOne,
    FakeTrickle,
    FakeWithholdingOne,
)
from tests.servers.ledger import Ledger


class Clock:
    """A monotonic clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def letter(subject: str, size: int = 10) -> bytes:
    return f"Message-ID: <{subject}@test>\r\nSubject: {subject}\r\n\r\n{'x' * size}\r\n".encode()


def mailbox(server: FakeImap, clock: Clock | None = None, **changes: object) -> Mailbox:
    settings = MailboxSettings(
        account="main",
        host="127.0.0.1",
        port=server.port,
        security="plain",
        username=USERNAME,
        password=PASSWORD,
        login_seconds=0.0,
        timeout=5.0,
    )
    clock = clock or Clock()
    return Mailbox(replace(settings, **changes), clock=clock, wall=clock)  # type: ignore[arg-type]


def raws(mails: list[FetchedMail]) -> list[bytes]:
    return [mail.raw for mail in mails]


def take_until_trouble(box: Mailbox, ledger: Ledger) -> tuple[list[bytes], Transient | None]:
    """What a poll yielded before it ended, and how it ended."""
    found: list[bytes] = []
    try:
        for mail in ledger.taking(box):
            found.append(mail.raw)
    except Transient as exc:
        return found, exc
    return found, None


def test_qq_from_end_to_end() -> None:
    with FakeQQ() as qq:
        for name in ("one", "two", "three"):
            qq.inbox.add(letter(name))
        qq.folders[b"Junk"].add(letter("junk"))
        box, ledger = mailbox(qq), Ledger()
        assert box.folders() == ("INBOX", "Junk")
        one, two, three = ledger.take(box)
        assert raws([one, two, three]) == [letter("one"), letter("two"), letter("three")]
        assert raws(ledger.take(box, "Junk")) == [letter("junk")]
        assert ledger.take(box) == []
        assert box.file(two.origin, "done")
        assert raws_of(qq, "其他文件夹/已处理") == [letter("two")]
        assert [mail.raw for mail in qq.inbox.mails] == [letter("one"), letter("three")]
        box.close()
        assert qq.logins == 1
        assert not [line for line in qq.asked(b"SEARCH") if not line.startswith(b"UID SEARCH UID ")]


def raws_of(server: FakeImap, folder: str) -> list[bytes]:
    return [mail.raw for mail in server.folder(folder).mails]


def test_nobody_elses_deleted_mail_is_expunged() -> None:
    with FakeQQ() as qq:
        qq.inbox.add(letter("kept by the clerk"), flags={"\\Deleted"})
        qq.inbox.add(letter("ours"))
        box, ledger = mailbox(qq), Ledger()
        _, ours = ledger.take(box)
        assert box.file(ours.origin, "done")
        assert [mail.raw for mail in qq.inbox.mails] == [letter("kept by the clerk"), letter("ours")]
        assert qq.inbox.mails[1].flags == {"\\Seen", "\\Deleted"}
        assert qq.asked(b"EXPUNGE") == []
        assert ledger.take(box) == []


def test_a_mail_that_the_server_tells_nothing_of_once_is_not_taken_for_gone() -> None:
    with FakeForgetful() as server:
        server.inbox.add(letter("one"))
        box = mailbox(server)
        [mail] = Ledger().take(box)
        assert box.file(mail.origin, "done")
        assert raws_of(server, "已处理") == [letter("one")]
        assert server.flags_asked > 1


def test_a_missing_folder_that_cannot_be_made_is_no_refusal_of_a_mail() -> None:
    class Full(FakeImap):
        def refuse_create(self, name: bytes) -> bytes | None:
            return b"over quota"

    with Full() as server:
        server.inbox.add(letter("one"))
        box = mailbox(server)
        [mail] = Ledger().take(box)
        with pytest.raises(NoTargetFolder):
            box.file(mail.origin, "done")


def test_qq_fresh_log_ins_are_not_asked_for_too_soon() -> None:
    clock = Clock()
    with FakeQQ(login_gap=119.0, clock=clock) as qq:
        box = mailbox(qq, clock, login_seconds=120.0)
        assert box.folders()
        box.close()
        with pytest.raises(Transient) as early:
            box.folders()
        assert early.value.retry_after == pytest.approx(120.0)
        assert qq.logins == 1
        clock.now += 120.0
        assert box.folders()
        assert qq.logins == 2


def test_a_refused_log_in_tells_the_words_and_waits_longer_each_time() -> None:
    clock = Clock()
    with FakeQQ(login_gap=10_000.0, clock=clock) as qq:
        qq.refuse_login(USERNAME, PASSWORD)  # another client was here just now
        box = mailbox(qq, clock, login_seconds=120.0)
        pauses = []
        for _ in range(3):
            with pytest.raises(LoginRefused, match="登录频率过高") as refused:
                box.folders()
            assert PASSWORD not in str(refused.value)
            pauses.append(refused.value.retry_after)
            clock.now += refused.value.retry_after
        assert pauses == [120.0, 240.0, 480.0]


def test_a_short_mail_is_no_mail_yet_and_holds_up_no_other() -> None:
    with FakeQQ() as qq:
        qq.inbox.add(letter("one"))
        qq.inbox.add(letter("short", 5000), missing=3000, short_times=2)
        qq.inbox.add(letter("three"))
        box, ledger = mailbox(qq), Ledger()
        first = take_until_trouble(box, ledger)
        assert first[0] == [letter("one"), letter("three")]
        assert isinstance(first[1], MailIncomplete)
        second = take_until_trouble(box, ledger)
        assert (second[0], type(second[1])) == ([], MailIncomplete)
        assert raws(ledger.take(box)) == [letter("short", 5000)]
        assert ledger.take(box) == []


def test_a_size_that_is_always_wrong_does_not_keep_a_mail_out_for_ever() -> None:
    with FakeQQ() as qq:
        qq.inbox.add(letter("odd", 5000), missing=7, short_times=100)
        box, ledger = mailbox(qq), Ledger()
        for _ in range(SHORT_TRIES - 1):
            with pytest.raises(MailIncomplete):
                ledger.take(box)
        [mail] = ledger.take(box)
        assert mail.short
        assert mail.raw == letter("odd", 5000)[:-7]
        assert mail.size_announced == len(letter("odd", 5000))


def test_netease_gets_an_id_before_select() -> None:
    with FakeNetEase() as netease:
        netease.inbox.add(letter("one"))
        assert raws(Ledger().take(mailbox(netease))) == [letter("one")]
        verbs = [line.split(b" ")[0] for line in netease.commands]
        assert verbs.index(b"ID") < verbs.index(b"SELECT")


def test_netease_without_id_refuses_as_the_real_one() -> None:
    class Unidentified(FakeNetEase):
        before_login = after_login = b"IMAP4rev1"

    with Unidentified() as netease, pytest.raises(CommandRefused, match="Unsafe Login"):
        Ledger().take(mailbox(netease))


@pytest.mark.parametrize("kind", [FakeRefusingOne, FakeWithholdingOne])
def test_one_mail_the_server_does_not_give_holds_up_no_other(
    kind: type[FakeRefusingOne] | type[FakeWithholdingOne],
) -> None:
    with kind() as server:
        for name in ("one", "bad", "three"):
            server.inbox.add(letter(name))
        server.bad_uid = 2
        box, ledger = mailbox(server), Ledger()
        for expected in ([letter("one"), letter("three")], []):
            found, trouble = take_until_trouble(box, ledger)
            assert found == expected
            assert isinstance(trouble, MailIncomplete)
        server.bad_uid = 0
        assert raws(ledger.take(box)) == [letter("bad")]


def test_one_refused_among_many_costs_few_questions() -> None:
    with FakeRefusingOne() as server:
        for number in range(64):
            server.inbox.add(letter(str(number)))
        server.bad_uid = 40
        found, _ = take_until_trouble(mailbox(server), Ledger())
        assert found == [letter(str(number)) for number in range(64) if number + 1 != server.bad_uid]
        assert len(server.asked(b"BODY.PEEK[]")) == 1 + 2 * 6, "one for all, then two halves six times"


@pytest.mark.parametrize("mails", [1, 300])
def test_a_poll_that_finds_nothing_new_asks_as_little_of_many_mails_as_of_one(mails: int) -> None:
    with FakeImap() as server:
        for number in range(mails):
            server.inbox.add(letter(str(number)))
        box, ledger = mailbox(server), Ledger()
        assert len(ledger.take(box)) == mails
        for first in (1, mails + 1):  # where the next poll begins is known after one that found nothing
            asked = len(server.commands)
            assert ledger.take(box) == []
            assert server.commands[asked:] == [b"NOOP", b'SELECT "INBOX"', b"UID SEARCH UID %d:*" % first]


def test_a_mail_without_a_readable_time_of_receipt_comes_all_the_same() -> None:
    with FakeImap() as server:
        server.inbox.add(letter("one"), internaldate="garbage")
        begun = datetime.now(UTC)
        [mail] = Ledger().take(mailbox(server))
        assert begun <= mail.origin.received_at <= datetime.now(UTC)


def test_a_folder_that_cannot_be_selected_leaves_the_session_usable() -> None:
    with FakeNetEase() as server:
        server.inbox.add(letter("one"))
        box, ledger = mailbox(server), Ledger()
        with pytest.raises(CommandRefused):
            ledger.take(box, "gone")
        [mail] = ledger.take(box)
        with pytest.raises(CommandRefused):
            ledger.take(box, "gone")
        assert box.file(mail.origin, "done")
        assert server.logins == 1


def test_one_mail_that_breaks_the_connection_holds_up_no_other() -> None:
    clock = Clock()
    with FakeBreakingOne() as server:
        for name in ("one", "bad", "three"):
            server.inbox.add(letter(name))
        server.bad_uid = 2
        box, ledger = mailbox(server, clock), Ledger()
        got: list[bytes] = []
        for _ in range(4):
            found, trouble = take_until_trouble(box, ledger)
            got += found
            assert isinstance(trouble, ConnectionLost)
            clock.now += 1000.0
        assert sorted(got) == sorted([letter("one"), letter("three")])


def test_a_mail_that_breaks_the_connection_again_and_again_rests_and_lets_polls_end() -> None:
    """What is missing is named, so that the grace times can go on without it; it is asked for again later."""
    clock = Clock()
    with FakeBreakingOne() as server:
        server.inbox.add(letter("bad"))
        server.bad_uid = 1
        box, ledger = mailbox(server, clock), Ledger()
        for _ in range(BREAKS_BEFORE_REST):
            assert isinstance(take_until_trouble(box, ledger)[1], ConnectionLost)
            clock.now += 60.0
        _, trouble = take_until_trouble(box, ledger)
        assert isinstance(trouble, MailIncomplete)
        assert trouble.uids == (1,)
        clock.now += REST_SECONDS
        assert isinstance(take_until_trouble(box, ledger)[1], ConnectionLost)
        server.bad_uid = 0
        assert isinstance(take_until_trouble(box, ledger)[1], MailIncomplete)
        clock.now += 2 * REST_SECONDS
        assert take_until_trouble(box, ledger) == ([letter("bad")], None)


def test_a_server_that_trickles_meets_the_deadline() -> None:
    with FakeTrickle() as server:
        server.inbox.add(letter("one", 100))
        with pytest.raises(ConnectionLost):
            Ledger().take(mailbox(server, deadline=0.3))


def test_an_ill_formed_folder_name_hides_no_other() -> None:
    with FakeImap() as server:
        server.folder("垃圾邮件".encode("gb18030"))
        server.folder(b"&broken")
        server.folder("Junk")
        assert mailbox(server).folders() == ("INBOX", "Junk")


def test_a_changed_uidvalidity_starts_from_nothing() -> None:
    with FakeImap() as server:
        server.inbox.add(letter("one"))
        box, ledger = mailbox(server), Ledger()
        [before] = ledger.take(box)
        server.inbox.uidvalidity = 2
        [after] = ledger.take(box)
        assert (before.raw, before.origin.uid) == (after.raw, after.origin.uid)
        assert (before.origin.uidvalidity, after.origin.uidvalidity) == (1, 2)
        assert not box.file(before.origin, "done")


def test_old_mails_that_come_to_light_are_taken_at_the_next_log_in() -> None:
    with FakeQQ() as qq:
        hidden = qq.inbox.add(letter("old"))
        qq.inbox.add(letter("new"))
        qq.inbox.mails.remove(hidden)
        box, ledger = mailbox(qq), Ledger()
        assert raws(ledger.take(box)) == [letter("new")]
        qq.inbox.mails.insert(0, hidden)  # the owner chose 收取选项 = 全部
        box.close()
        assert raws(ledger.take(box)) == [letter("old")]


def test_a_sent_letter_is_found_without_search() -> None:
    with FakeQQ() as qq:
        sent = qq.folders[b"Sent Messages"]
        for number in range(NEWEST_SENT + 10):
            sent.add(letter(str(number)))
        box = mailbox(qq)
        assert box.find_sent(f"<{NEWEST_SENT + 9}@test>")
        assert not box.find_sent("<1@test>")
        assert qq.asked(b"SEARCH") == []


@pytest.mark.parametrize(
    ("rows", "polled"),
    [
        (["INBOX", "Junk"], ("INBOX", "Junk")),
        (["Inbox", "spam|\\Junk"], ("Inbox", "spam")),
        (["INBOX", "Junk", "垃圾邮件|\\Junk"], ("INBOX", "Junk", "垃圾邮件")),
        (["INBOX", "INBOX/junk"], ("INBOX", "INBOX/junk")),
        (["INBOX", "Junk|\\NoSelect"], ("INBOX",)),
        ([], ("INBOX",)),
    ],
)
def test_which_folders_are_polled(rows: list[str], polled: tuple[str, ...]) -> None:
    assert to_poll([folder(row) for row in rows], "INBOX", "Junk") == polled


def test_where_a_new_folder_may_stand() -> None:
    rows = [folder(row) for row in ("INBOX", "其他文件夹|\\NoSelect", "lists|\\NoSelect \\NoInferiors")]
    assert list(names_for_new(rows, "已处理", "")) == ["已处理", "其他文件夹/已处理"]
    assert next(names_for_new(rows, "已处理", "INBOX.")) == "INBOX.已处理"
    assert find([*rows, folder("其他文件夹/已处理")], "已处理") == "其他文件夹/已处理"


def folder(row: str) -> Folder:
    name, _, flags = row.partition("|")
    return Folder(name=name, delimiter="/", flags=frozenset(flags.lower().split()))


def test_pauses_grow_to_a_limit_and_end_with_success() -> None:
    clock = Clock()
    pacing = Pacing(login_seconds=0.0, clock=clock)
    unreachable = [pacing.failed(ConnectionLost("x")) for _ in range(10)]
    assert unreachable[:4] == [5.0, 10.0, 20.0, 40.0]
    assert unreachable[-1] == LONGEST_UNREACHABLE
    pacing.succeeded()
    pacing.check()
    assert pacing.failed(LoginRefused("x")) == FIRST_REFUSED
    assert [pacing.failed(LoginRefused("x")) for _ in range(20)][-1] == LONGEST_REFUSED
