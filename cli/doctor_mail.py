"""What `baosong doctor` asks the mail servers: log-in, folders, and whether sent mail is kept."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from cli.doctor_probe import look_by_probe
from cli.findings import Finding, guarded
from domain import rounds
from domain.authentication import Claim
from domain.notice import SenderPolicy

if TYPE_CHECKING:
    from ingest.app import App
    from ingest.mailbox import Mailbox

_LETTERS_LOOKED_AT = 50


def look_at_mailboxes(app: App, *, records: bool, probe_seconds: float | None = None) -> Iterator[Finding]:
    """Each mailbox by itself, so that one without a password hides nothing of the others. `records`: whether the
    database can be asked for our newest letter. `probe_seconds`: how long to wait for a letter to ourselves; None: none
    is sent."""
    if not app.settings.mailboxes:
        yield Finding(what="mailbox", ok=False, found="none configured", mend="add a [mailbox] table")
    for name in app.settings.mailboxes:
        yield from _look_at(app, name, records=records, probe_seconds=probe_seconds)


def _look_at(app: App, name: str, *, records: bool, probe_seconds: float | None) -> Iterator[Finding]:
    """All over one session: providers refuse log-ins in quick succession. Without a log-in the rest cannot be told."""
    opened: list[Mailbox] = []
    log_in = guarded("mailbox", partial(_log_in, app, name, opened))
    yield log_in
    for mailbox in opened:
        if log_in.ok:
            yield guarded("folders", partial(_filing, name, mailbox))
            if records:
                yield guarded("sent mail", partial(_sent_mail, app, name, mailbox))
            if records and probe_seconds is not None:
                yield from look_by_probe(app, name, mailbox, probe_seconds)
        mailbox.close()


def _log_in(app: App, name: str, opened: list[Mailbox]) -> Finding:
    from ingest.configured import mailbox_settings
    from ingest.mailbox import Mailbox

    mailbox = Mailbox(mailbox_settings(app.settings, name))
    opened.append(mailbox)
    folders = mailbox.folders()
    found = f"{name}: log-in good, polls {', '.join(folders)}"
    if len(folders) > 1:
        return Finding(what="mailbox", ok=True, found=found)
    mend = "name the folder for junk in junk_folder, if there is one: returns may lie in it"
    return Finding(what="mailbox", ok=True, found=f"{found}; no folder {mailbox.settings.junk_folder!r}", mend=mend)


def _filing(name: str, mailbox: Mailbox) -> Finding:
    done, held = mailbox.filing_folders()
    return Finding(what="folders", ok=True, found=f"{name}: decided mails go to {done}, held ones to {held}")


def _sent_mail(app: App, name: str, mailbox: Mailbox) -> Finding:
    """A letter whose sending broke off is looked for in the Sent folder; where none is kept, it may come twice."""
    folder = mailbox.sent_folder()
    if folder is None:
        found = f"{name}: no folder {mailbox.settings.sent_folder!r}; a letter whose sending broke off may come twice"
        return Finding(what="sent mail", ok=True, found=found, mend="name the folder for sent mail in sent_folder")
    newest = _newest_letter(app, name)
    if newest is None:
        return Finding(what="sent mail", ok=True, found=f"{name}: {folder}; no letter was sent yet to look for in it")
    if mailbox.find_sent(newest):
        return Finding(what="sent mail", ok=True, found=f"{name}: {folder} keeps our letters")
    return Finding(
        what="sent mail",
        ok=True,
        found=f"{name}: our newest letter is not in {folder}; a letter whose sending broke off may come twice",
        mend="have the provider keep mail sent over SMTP (QQ: SMTP发信后保存到服务器)",
    )


def _newest_letter(app: App, name: str) -> str | None:
    """Message-ID of the newest letter that left over the log-in of this mailbox: another's is kept elsewhere."""
    from ingest.accounts import account_of
    from ingest.configured import smtp_name
    from storage import outbox

    log_in = app.settings.mailboxes[name].endpoint.username
    with app.database.read() as tx:
        for letter in outbox.newest_sent(tx, _LETTERS_LOOKED_AT):
            over = app.settings.smtp[smtp_name(app.settings, account_of(tx, letter))]
            if over.endpoint.username == log_in:
                return letter.message_id
    return None


def look_at_smtp(app: App) -> Iterator[Finding]:
    """Connects and logs in to each; sends nothing."""
    for name in app.settings.smtp or ("main",):
        yield guarded("smtp", partial(_log_in_to_send, app, name))


def _log_in_to_send(app: App, name: str) -> Finding:
    from ingest.configured import smtp_name

    with app.smtp_of(name) as sender:
        sender.check()
    found = f"{name}: log-in good, sends as {sender.settings.envelope_sender}"
    served = [account for account in app.settings.mailboxes if smtp_name(app.settings, account) == name]
    if served or name == smtp_name(app.settings, None):
        return Finding(what="smtp", ok=True, found=f"{found} for {', '.join(served) or 'no mailbox'}")
    mend = f"name it like the mailbox whose letters it shall send: {', '.join(app.settings.mailboxes)}"
    return Finding(what="smtp", ok=True, found=f"{found}, but no mailbox has this name", mend=mend)


def look_at_senders(app: App) -> Iterator[Finding]:
    """Whether anything can prove a sender, where somebody wants that."""
    boxes, dkim = app.settings.mailboxes, app.settings.dkim
    nobody = not dkim.verify and not any(box.trusted_authserv_id for box in boxes.values())
    asking = [notice for notice in app.notices if notice.sender_policy is not SenderPolicy.OPEN]
    wanting = rounds.series_of(asking)
    if wanting and nobody:
        mend = "name the provider's id in trusted_authserv_id (QQ: mx.qq.com), or set [dkim] verify"
        found = f"{', '.join(wanting)} takes returns of known senders only, and nothing can prove any"
        yield Finding(what="senders", ok=True, found=found, mend=mend)
    if dkim.verify:
        yield guarded("DKIM keys", partial(_keys, dkim.nameserver, dkim.seconds))


def _keys(nameserver: str, seconds: float) -> Finding:
    """Any answer will do, also that there is no such key."""
    from ingest.dns_keys import KeyFinder, NoAnswer

    keys = KeyFinder(nameserver, seconds)
    try:
        keys.record(Claim(position=0, domain="qq.com", selector="baosong-doctor"), keys.clock() + seconds)
    except NoAnswer:
        mend = "look at the machine's resolver, or name one in [dkim] nameserver; until then no signature is checked"
        return Finding(what="DKIM keys", ok=True, found="DNS gives no answer", mend=mend)
    return Finding(what="DKIM keys", ok=True, found="DNS answers")
