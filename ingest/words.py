"""What becomes of a mail that is no submission: automatic mail, questions, complaints, junk; and of what a return's mail says
beside its files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from domain.letter import Letter, LetterKind
from domain.letters import unread_files
from domain.mail import Intent, MailFacts, MailKind, only_links
from domain.notice import Notice
from domain.pairing import Incoming
from domain.placing import same_reporter
from domain.submission import State, Submission
from ingest import gathering, letters
from ingest.addressing import reply_to
from ingest.app import App
from ingest.bounces import note_bounce
from ingest.indexing import index_mail
from ingest.reading import ReadMail
from notifier.subjects import MARKS
from storage import inbox, outbox, state, submissions, tasks
from storage.canonical import Json
from storage.database import Transaction

_WITH_FILES = {
    MailKind.BOUNCE: "一封像退信的邮件中带有附件，程序没有办理，请看一下是不是报送材料。",
    MailKind.OWN: "本邮箱发给自己的邮件中带有附件，程序没有办理，请看一下是不是转来的报送材料。",
}


def settle_machine(app: App, mail_id: int, incoming: Incoming) -> str:
    """Automatic mail is recorded, never answered; a bounce of our letter and files in it go to staff."""
    facts, now = incoming.facts, app.clock()
    day = now.astimezone(app.settings.staff.zone).date()
    with app.database.begin() as tx:
        if facts.kind is MailKind.BOUNCE:
            tied = note_bounce(tx, mail_id, facts, app.own.addresses, now, day)
        else:
            quoted = facts.in_thread if facts.kind is MailKind.DELIVERY_NOTICE else ()
            tied = any(outbox.ours(tx, identifier) for identifier in quoted)
        if not tied and not _is_letter_of_ours(app, facts) and _brings_files(facts):
            text = _WITH_FILES.get(facts.kind, "自动邮件中带有附件，请看一下是不是报送材料。")
            tasks.add(tx, kind="automatic_with_files", subject=f"mail:{mail_id}", text=text, at=now)
        disposition, kind, blobs = f"ignored.{facts.kind}", str(facts.kind), _blobs(facts)
        inbox.finish(tx, mail_id, disposition, facts.kind_reason, kind, told={"blobs": blobs}, at=now)
        index_mail(tx, incoming, disposition)
    return "ignored"


def _is_letter_of_ours(app: App, facts: MailFacts) -> bool:
    """A letter that this program wrote: what it carries came from us. A colleague's mail from our address is none."""
    suffix = app.own.message_id_suffix.strip("<>").lower()
    return bool(suffix) and (facts.message_id or "").strip("<>").lower().endswith(suffix)


def _brings_files(facts: MailFacts) -> bool:
    """Real files, or what stands for one: a locked archive, a cloud link, a mail too large to fetch."""
    return any(not part.inline for part in facts.parts) or any(
        fault.code != "attachment.unsupported" for fault in facts.faults
    )


def _blobs(facts: MailFacts) -> list[Json]:
    """Hashes of the files a mail brought, for the ledger: what is archived is also named there."""
    return [part.sha256 for part in facts.parts]


def _brought(facts: MailFacts) -> str:
    if only_links(facts.faults):
        return "来信没有附件，只有超大附件或网盘链接"
    return "来信的附件不是电子表或扫描件" if unread_files(facts) else "来信没有附件"


_LETTERS = {Intent.COMPLAINT: LetterKind.COMPLAINT, Intent.WITHDRAW: LetterKind.WITHDRAW}
_TASKS = {Intent.COMPLAINT: "complaint", Intent.WITHDRAW: "withdraw"}


def settle_words(app: App, mail_id: int, read: ReadMail) -> str:
    """A human mail that brings no return: a task, and a guide or one line, but never a submission."""
    incoming, notice = read.incoming, read.notice
    facts, now = incoming.facts, app.clock()
    kind = _TASKS.get(facts.intent, "question")
    with app.database.begin() as tx:
        about = _about(tx, facts, notice)
        text = _told(tx, facts, notice, about)
        tasks.add(tx, kind, f"mail:{mail_id}", text, confidential=facts.intent is Intent.COMPLAINT, at=now)
        entry = _finish_words(tx, mail_id, incoming, kind, now)
        for letter in _replies(app, tx, read, about):
            if letters.may_answer(tx, _kind_of(letter, app.notices), letter.to, notice, now):
                outbox.put(tx, replace(letter, ledger_number=entry), mail_id=mail_id, exempt=False, at=now)
    return "words"


def _kind_of(letter: Letter, notices: Sequence[Notice]) -> str:
    """What an address has once a day: one guide for each notice, and who was asked which is meant shall have its guide on the
    same day."""
    if letter.collected:
        return "which"
    return f"{letter.kind}:{letter.notice}" if letter.kind is LetterKind.GUIDE and len(notices) > 1 else letter.kind


def _about(tx: Transaction, facts: MailFacts, notice: Notice) -> Submission | None:
    """The newest submission that the thread of a mail is about."""
    found = (submissions.load(tx, receipt) for receipt in gathering.answered_by(tx, facts))
    return max((case for case in found if case and case.notice == notice.id), key=lambda case: case.order, default=None)


def _replies(app: App, tx: Transaction, read: ReadMail, about: Submission | None) -> Iterator[Letter]:
    """The letters to a mail of words. Who answers a letter of ours needs no guide: thanks get nothing, a question, or
    words where something is still to be sent, one line."""
    incoming, notice = read.incoming, read.notice
    facts = incoming.facts
    waiting = about if about and _waits(tx, about) else None
    for address in reply_to(facts, (), app.own.addresses):
        if about is None and facts.intent not in _LETTERS and len(read.collected) > 1:
            yield letters.which(app, incoming, read.collected, address)
        elif about is None or facts.intent in _LETTERS:
            writer = gathering.known_writer(tx, facts, notice)
            yield letters.guide(app, incoming, notice, address, _LETTERS.get(facts.intent, LetterKind.GUIDE), writer)
        elif waiting or facts.intent is Intent.QUESTION or unread_files(facts):
            yield letters.noted(app, incoming, notice, address, waiting)


def _waits(tx: Transaction, case: Submission) -> bool:
    """Whether anything is still to be sent under this receipt, or in its stead: not when a newer one came since."""
    if case.state not in (State.INCOMPLETE, State.REJECTED):
        return False
    others = submissions.standing(tx, case.notice, case.reporter)
    return not any(other.order > case.order for other in others if same_reporter(other, case))


def _told(tx: Transaction, facts: MailFacts, notice: Notice, about: Submission | None) -> str:
    """What staff read of a mail of words."""
    if facts.intent is Intent.COMPLAINT:
        return "收到投诉或举报，请专人处理。"
    if facts.intent is Intent.WITHDRAW:
        receipts = "、".join(sorted(gathering.cases_of(tx, facts, notice)))
        return f"来信要求撤回报送材料（{f'可能是回执{receipts}' if receipts else '未找到所指的回执'}），请人工处理。"
    answered = f"这是对回执{about.receipt}（{MARKS[about.state]}）的回复，" if about else ""
    return f"{answered}{_brought(facts)}，请看一下是否需要人工答复。"


def settle_junk(app: App, mail_id: int, incoming: Incoming) -> str:
    """A mail in the folder for junk, or an advertisement, of which nothing shows that it is a return or from one of ours:
    never answered, since its sender is as a rule forged (backscatter), and shown to staff as one line a day for each. A
    tip-off is a task as everywhere."""
    facts, now = incoming.facts, app.clock()
    day = now.astimezone(app.settings.staff.zone).date()
    in_folder = app.is_junk(incoming.origin)
    with app.database.begin() as tx:
        if facts.intent is Intent.COMPLAINT:
            text = "垃圾邮件夹中有一封像投诉或举报的来信，请专人处理。"
            tasks.add(tx, "complaint", f"mail:{mail_id}", text, confidential=True, at=now)
        else:
            counted = "junk_mails" if in_folder else "advertisements"
            count = state.count(tx, f"{counted}:{day.isoformat()}", at=now)
            what = f"垃圾邮件夹中有{count}封来信，看不出是报送材料" if in_folder else f"收件箱中有{count}封来信像是广告"
            text = f"{day.month}月{day.day}日{what}，没有办理也没有回复，请抽空看一下。"
            tasks.put(tx, "junk", day.isoformat() if in_folder else f"{day.isoformat()} INBOX", text, at=now)
        _finish_words(tx, mail_id, incoming, "junk", now)
    return "words"


def _finish_words(tx: Transaction, mail_id: int, incoming: Incoming, disposition: str, now: datetime) -> int:
    """→ the ledger entry, which letters about the mail rest on."""
    facts = incoming.facts
    told = {"blobs": _blobs(facts)}
    index_mail(tx, incoming, disposition)
    return inbox.finish(tx, mail_id, disposition, reason=str(facts.intent), kind=str(facts.kind), told=told, at=now)


def note_complaint(tx: Transaction, mail_id: int, facts: MailFacts, now: datetime) -> None:
    """A confidential task where the mail of a return speaks of a complaint."""
    if facts.intent is Intent.COMPLAINT:
        text = "一份报送材料的来信中提到投诉或举报，材料已照常办理，请专人看一下来信。"
        tasks.add(tx, "complaint", f"mail:{mail_id}", text, confidential=True, at=now)


def note_withdrawal(tx: Transaction, mail_id: int, facts: MailFacts, notice: Notice, now: datetime) -> None:
    """A task where a mail asks to withdraw something and what it brought has not taken the place of that."""
    if facts.intent is Intent.WITHDRAW:
        receipts = "、".join(sorted(gathering.cases_of(tx, facts, notice)))
        meant = f"（可能是回执{receipts}）" if receipts else ""
        text = f"来信要求撤回报送材料{meant}，随信的材料没有替代已受理的版本，请人工处理。"
        tasks.add(tx, "withdraw", f"mail:{mail_id}", text, at=now)
