"""Letters of ours as people look at them afterwards: as they were sent, or as they will be."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from domain.letter import Attachment
from domain.notice import Notice
from ingest.app import App
from notifier.letters import render
from storage.errors import BlobCorrupt, BlobMissing
from storage.outbox import OutboxRow


@dataclass(frozen=True, kw_only=True)
class LetterShown:
    """A letter in words. `lost`: its bytes are not as they were kept; `rendered`: they are, and say this; otherwise it is what
    it will say, without the head of the ledger, which is not known yet."""

    row: OutboxRow
    subject: str
    text: str
    html: str
    rendered: bool
    lost: bool = False

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return self.row.letter.attachments


def shown(app: App, row: OutboxRow, notice: Notice) -> LetterShown:
    if row.sha256 is None:
        words = render(row.letter, notice, head_number=None, head_hash=None, rules_url=app.settings.replies.rules_url)
        return LetterShown(row=row, subject=words.subject, text=words.text, html=words.html, rendered=False)
    try:
        raw = app.blobs.get(row.sha256)
    except (BlobMissing, BlobCorrupt):
        return LetterShown(row=row, subject="", text="", html="", rendered=True, lost=True)
    message = message_from_bytes(raw, policy=default)
    return LetterShown(
        row=row, subject=str(message["Subject"] or ""), text=_body(message, "plain"), html=_body(message, "html"),
        rendered=True,
    )  # fmt: skip


def _body(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    return str(body.get_content()) if body else ""
