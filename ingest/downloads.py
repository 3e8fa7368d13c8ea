"""Files of a submission that people may take home: those that belong to it by its record, and no others of the archive."""

from __future__ import annotations

from dataclasses import dataclass

from domain.submission import Submission
from ingest import confidential
from ingest.app import App
from storage import inbox, outbox, quarantine, submissions
from storage.database import Transaction

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file under the name it is saved by. `infected`: what the virus scanner found in it, "" for nothing."""

    sha256: str
    name: str
    infected: str = ""


def of_case(app: App, receipt: str, sha256: str) -> Download | None:
    """The file with that hash where it belongs to the submission: a file, a mail or a letter of it. None for every other, and
    for a mail that is for few."""
    with app.database.read() as tx:
        case = submissions.load(tx, receipt)
        name = _names(tx, case).get(sha256) if case else None
        return _marked(tx, sha256, name) if name else None


def of_mail(app: App, mail_id: int) -> Download:
    """The mail as it came; whoever asks has looked whether it is for few. `NotFound`."""
    with app.database.read() as tx:
        return _marked(tx, inbox.load(tx, mail_id).sha256, f"来信第{mail_id}号.eml")


def picture(app: App, receipt: str, sha256: str) -> tuple[bytes, str] | None:
    """A picture that was made of the submission's cover, with its media type; None for every other hash.

    Raises BlobMissing or BlobCorrupt.
    """
    with app.database.read() as tx:
        case = submissions.load(tx, receipt)
    if case is None or sha256 not in case.pictures:
        return None
    data = app.blobs.get(sha256)
    media = "image/png" if data.startswith(_PNG) else "image/jpeg" if data.startswith(_JPEG) else None
    return (data, media) if media else None


def _names(tx: Transaction, case: Submission) -> dict[str, str]:
    """Of every file that may be had: SHA-256 → name."""
    found = {file.sha256: file.name.rpartition("/")[2] for file in case.files}
    for number, letter in enumerate(outbox.of_receipt(tx, case.receipt), 1):
        found |= {file.sha256: file.name for file in letter.letter.attachments}
        if letter.sha256:
            found[letter.sha256] = f"{case.receipt}-回复{number}.eml"
    for number, sha256 in enumerate(case.mails, 1):
        row = inbox.by_sha256(tx, sha256)
        if row and not confidential.is_secret(tx, row):
            found[sha256] = f"{case.receipt}-来信{number}.eml"
    return found


def _marked(tx: Transaction, sha256: str, name: str) -> Download:
    infected = ", ".join(one.signature for one in quarantine.among(tx, (sha256,)))
    return Download(sha256=sha256, name=name, infected=infected)
