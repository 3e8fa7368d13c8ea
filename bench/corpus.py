"""What becomes of mails that others made? `python -m bench.corpus FOLDER [--write docs/corpus.md]`

Every file below FOLDER is put into a real IMAP server and worked off by one pass of the real worker, as `baosong run --once`
does. Checked: the archive holds every mail's bytes, every mail has exactly one disposition with a reason, none is held.
Printed, and with `--write` written as a page: the outcomes by source folder, and where files were found in odd places.
A file that is no mail (`.tnef`) is sent as an attachment of one. Exit status 1 when a check fails.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings import Settings
    from ingest.app import App
    from ingest.loopback import LoopbackMail
    from ingest.passes import PassReport

RECEIVED = datetime(2020, 2, 26, 9, 0, tzinfo=UTC)
_NO_MAIL = (".tnef",)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file of the corpus as a mail: `group` is its folder in short, `path` below FOLDER."""

    group: str
    path: str
    raw: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a mail. `label`: its disposition; of a submission its states too, "held" or "lost" if none."""

    source: Source
    label: str
    reason: str
    files: tuple[str, ...]
    faults: tuple[str, ...]
    """Codes of what could not be opened."""
    missed: tuple[str, ...]
    """Files that Python's own parser finds in the mail and we do not, byte for byte."""


def main() -> int:
    options = _options()
    from bench.corpus_pages import lines, page

    _quiet()
    sources = list(found(options.folder))
    outcomes, faults = run(sources)
    for line in lines(outcomes):
        print(line)
    if options.write:
        options.write.write_text(page(outcomes), encoding="utf-8")
    for fault in faults:
        print(f"fault: {fault}", file=sys.stderr)
    return int(bool(faults))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="mails, one a file, in any folders")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="write the outcomes as a Markdown page")
    return parser.parse_args()


def _quiet() -> None:
    """The jobs' log is not the table."""
    import logging

    from config.logging import configure_logging

    configure_logging(json_lines=False, level=logging.CRITICAL)


def found(folder: Path) -> Iterator[Source]:
    """Every file below `folder` as a mail, in the order of their paths."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            below = path.relative_to(folder)
            raw = path.read_bytes()
            raw = _carrying(raw) if path.suffix in _NO_MAIL else raw
            yield Source(group=_group(below), path=below.as_posix(), raw=raw)


def _group(below: Path) -> str:
    """The project and the last folder of a path: `sisimai/bsd`."""
    parents = below.parts[:-1]
    return "/".join(dict.fromkeys((*parents[:1], *parents[-1:]))) or "."


def _carrying(tnef: bytes) -> bytes:
    """A mail of an Outlook user whose server wraps it."""
    mail = EmailMessage()
    mail["From"] = "clerk@example.com"
    mail["Subject"] = "winmail"
    mail.set_content("")
    mail.add_attachment(tnef, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    return mail.as_bytes()


def run(sources: Sequence[Source]) -> tuple[list[Outcome], list[str]]:
    """Delivers the mails and works them off. → what became of each, and what is wrong."""
    from ingest.app import build
    from ingest.loopback import LoopbackMail
    from ingest.scheduler import one_pass

    with tempfile.TemporaryDirectory(prefix="baosong-corpus-") as name:
        folder = Path(name)
        with LoopbackMail(letters_dir=folder / "letters") as provider:
            for number, source in enumerate(sources):
                provider.append(source.raw, received_at=RECEIVED + timedelta(seconds=number))
            now = RECEIVED + timedelta(seconds=len(sources), minutes=1)
            with build(_settings(folder, provider), clock=lambda: now, pace_sending=False) as app:
                app.database.upgrade()
                report = one_pass(app)
                outcomes = [_outcome(app, source) for source in sources]
                return outcomes, list(_faults(app, outcomes, report))


def _settings(folder: Path, provider: LoopbackMail) -> Settings:
    from config.settings import Settings

    smtp = {"url": provider.smtp_url, "password": provider.password, "sender": f"Bureau <{provider.username}>"}
    box = {"url": provider.imap_url, "password": provider.password, "login_seconds": 0}
    limits = {"mails_per_sender_per_hour": 0}
    return Settings.model_validate(
        {"mailboxes": {"main": box}, "smtp": {"main": smtp}, "limits": limits, "base": str(folder)}
    )


def _outcome(app: App, source: Source) -> Outcome:
    from parsers.mail import open_mail
    from storage import inbox, submissions

    with app.database.read() as tx:
        row = inbox.by_sha256(tx, source.sha256)
        states = sorted(str(case.state) for case in submissions.by_mail(tx, source.sha256))
    label = (row.disposition or str(row.status)) if row else "lost"
    own = app.own
    opened = open_mail(
        source.raw,
        own_addresses=own.addresses,
        own_message_id_suffix=own.message_id_suffix,
        trusted_authserv_id="",
        limits=app.limits,
    )
    return Outcome(
        source=source,
        label=" ".join((label, *states)),
        reason=row.reason if row else "",
        files=tuple(part.name for part in opened.facts.parts),
        faults=tuple(fault.code for fault in opened.facts.faults),
        missed=tuple(_missed(source.raw, set(opened.contents))),
    )


def _missed(raw: bytes, ours: set[str]) -> Iterator[str]:
    """Types of the named leaves that Python's parser decodes to bytes of which no file of ours has the hash."""
    import email
    import email.policy

    from domain.mail import PartKind
    from parsers.kinds import kind_of

    for part in email.message_from_bytes(raw, policy=email.policy.compat32).walk():
        try:
            data = part.get_payload(decode=True)
            name = part.get_filename()
        except Exception:  # noqa: BLE001, S112 - it raises on some of these mails: then it has no file to compare
            continue
        if not name or not isinstance(data, bytes) or hashlib.sha256(data).hexdigest() in ours:
            continue
        if kind_of(data, name).kind is not PartKind.ARCHIVE:  # of an opened one the files count
            yield part.get_content_type()


def _faults(app: App, outcomes: Sequence[Outcome], report: PassReport) -> Iterator[str]:
    yield from report.failures
    for outcome in outcomes:
        path = outcome.source.path
        if not app.blobs.has(outcome.source.sha256) or app.blobs.get(outcome.source.sha256) != outcome.source.raw:
            yield f"{path}: its bytes are not in the archive"
        if outcome.label.split()[0] in ("lost", "held", "new"):
            yield f"{path}: {outcome.label}"
        elif not outcome.reason:
            yield f"{path}: {outcome.label} without a reason"


def counted(outcomes: Sequence[Outcome]) -> dict[str, Counter[str]]:
    """How often each label occurs, by source folder."""
    table: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        table.setdefault(outcome.source.group, Counter())[outcome.label] += 1
    return table


if __name__ == "__main__":
    raise SystemExit(main())
