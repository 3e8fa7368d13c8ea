"""What becomes of a mail that is no submission: automatic mail, questions, complaints; and of what a submission's mail
says beside its files."""

from __future__ import annotations

from datetime import datetime

from domain.letter import LetterKind
from domain.letters import unread_files
from domain.mail import Intent, MailFacts, MailKind
from domain.notice import Notice
from domain.pairing import Incoming
from domain.submission import State
from ingest import gathering, letters
from ingest.addressing import reply_to
from ingest.app import App
from ingest.bounces import note_bounce
from storage import inbox, ledger, outbox, submissions, tasks
from storage.canonical import Json
from storage.database import Transaction

_WITH_FILES = {
    MailKind.BOUNCE: "一封像退信的邮件中带有附件，程序没有办理，请看一下是不是报送材料。",
    MailKind.OWN: "本邮箱发给自己的邮件中带有附件，程序没有办理，请看一下是不是转来的报送材料。",
}


def settle_machine(app: App, mail_id: int, incoming: Incoming) -> str:
    """Automatic mail is recorded, never answered; a bounce of our letter and files in it go to staff."""
    facts, now = incoming.facts, app.clock()
    day = now.astimezone(app.notices[0].zone).date()
    with app.database.begin() as tx:
        tied = facts.kind is MailKind.BOUNCE and note_bounce(tx, mail_id, facts, app.own.addresses, now, day)
        if not tied and not _is_letter_of_ours(app, facts) and _brings_files(facts):
            text = _WITH_FILES.get(facts.kind, "自动邮件中带有附件，请看一下是不是报送材料。")
            tasks.add(tx, kind="automatic_with_files", subject=f"mail:{mail_id}", text=text, at=now)
        inbox.finish(
            tx, mail_id, disposition=f"ignored.{facts.kind}", reason=facts.kind_reason, kind=str(facts.kind), at=now
        )
        body: dict[str, Json] = {"kind": str(facts.kind), "blobs": _blobs(facts)}
        ledger.append(tx, "mail.ignored", f"mail:{incoming.mail}", body, at=now)
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
    return "来信的附件不是电子表或扫描件" if unread_files(facts) else "来信没有附件"


def settle_words(app: App, mail_id: int, incoming: Incoming, notice: Notice) -> str:
    """A human mail that brings no return: a task, and a guide or one neutral line, but never a submission."""
    facts = incoming.facts
    complaint = facts.intent is Intent.COMPLAINT
    kind = "complaint" if complaint else ("withdraw" if facts.intent is Intent.WITHDRAW else "question")
    now = app.clock()
    with app.database.begin() as tx:
        texts = {
            "complaint": "收到投诉或举报，请专人处理。",
            "withdraw": f"来信要求撤回报送材料{_meant(tx, facts, notice)}，请人工处理。",
            "question": f"{_brought(facts)}，请看一下是否需要人工答复。",
        }
        tasks.add(tx, kind=kind, subject=f"mail:{mail_id}", text=texts[kind], confidential=complaint, at=now)
        for address in reply_to(facts, (), app.own.addresses):
            if letters.may_guide(tx, address, notice, now):
                letter_kind = LetterKind.COMPLAINT if complaint else LetterKind.GUIDE
                letter = letters.guide(app, incoming, notice, address, letter_kind)
                outbox.put(tx, letter, mail_id=mail_id, exempt=False, at=now)
        inbox.finish(tx, mail_id, disposition=kind, reason=str(facts.intent), kind=str(facts.kind), at=now)
        body: dict[str, Json] = {"kind": "complaint" if complaint else "words", "blobs": _blobs(facts)}
        ledger.append(tx, "mail.words", f"mail:{incoming.mail}", body, at=now)
    return "words"


_OPEN = (State.ACCEPTED, State.INCOMPLETE, State.REVIEW)


def _meant(tx: Transaction, facts: MailFacts, notice: Notice) -> str:
    """What a wish to withdraw may be about: the thread says, else what stands of this sender."""
    receipts = sorted(gathering.answered_by(tx, facts))
    if not receipts and not facts.dmarc_failed:
        standing = [case for state in _OPEN for case in submissions.list_(tx, notice=notice.id, state=state)]
        receipts = sorted(case.receipt for case in standing if case.sender == facts.sender)
    return f"（可能是回执{'、'.join(receipts)}）" if receipts else ""


def note_complaint(tx: Transaction, mail_id: int, facts: MailFacts, now: datetime) -> None:
    """A confidential task where the mail of a return speaks of a complaint."""
    if facts.intent is Intent.COMPLAINT:
        text = "一份报送材料的来信中提到投诉或举报，材料已照常办理，请专人看一下来信。"
        tasks.add(tx, "complaint", f"mail:{mail_id}", text, confidential=True, at=now)


def note_withdrawal(tx: Transaction, mail_id: int, facts: MailFacts, notice: Notice, now: datetime) -> None:
    """A task where a mail asks to withdraw something and what it brought has not taken the place of that."""
    if facts.intent is Intent.WITHDRAW:
        text = (
            f"来信要求撤回报送材料{_meant(tx, facts, notice)}，随信的材料已照常办理，没有替代已受理的版本，请人工处理。"
        )
        tasks.add(tx, "withdraw", f"mail:{mail_id}", text, at=now)
