"""The demo: a mail provider on loopback, sample mails day by day, the real worker, replies laid out for reading."""

from __future__ import annotations

import hashlib
import html
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import groupby
from pathlib import Path
from typing import Any

from config.notices import load_notice
from config.settings import Settings
from config.tables import notices_to_begin_with
from domain.submission import State
from ingest.app import App, build
from ingest.loopback import LoopbackMail
from ingest.scheduler import one_pass
from storage import inbox, outbox, submissions


@dataclass(frozen=True, kw_only=True)
class SampleMail:
    """A sample and what its maker expects of it."""

    path: Path
    folder: str
    received_at: datetime
    disposition: str
    state: str | None
    codes: frozenset[str]
    may: frozenset[str]
    english: str


@dataclass(frozen=True, kw_only=True)
class Samples:
    mails: tuple[SampleMail, ...]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was done with a sample on its day."""

    file: str
    disposition: str
    state: str | None
    codes: tuple[str, ...]
    receipt: str | None
    reply: str | None
    english: str
    expected: str
    right: bool


def sample_folder() -> Samples | None:
    """The shipped samples, None where they are not installed."""
    base = Path(__file__).resolve().parent.parent / "samples"
    listing = base / "expected.json"
    if not listing.exists():
        return None
    mails = json.loads(listing.read_text(encoding="utf-8"))["mails"]
    return Samples(mails=tuple(_sample(base / "mails", entry) for entry in mails))


def _sample(folder: Path, entry: dict[str, Any]) -> SampleMail:
    return SampleMail(
        path=folder / entry["file"],
        folder=entry["folder"],
        received_at=datetime.fromisoformat(entry["received_at"]),
        disposition=entry["disposition"],
        state=entry["state"],
        codes=frozenset(entry["codes"]),
        may=frozenset(entry["codes_may"]),
        english=entry["english"],
    )


def run_demo(
    folder: Path,
    samples: Samples,
    advance: Callable[[str, int], None],
    after: Callable[[App, list[Result]], None] = lambda app, results: None,
) -> list[Result]:
    """Delivers the samples day by day and runs a full pass each evening. → one result a mail, in order of receipt.

    `after` is called with all of it while the servers still run; meanwhile the clock goes on from the last evening.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    letters = folder / "replies"
    results: list[Result] = []
    with LoopbackMail(letters_dir=letters) as provider:
        now = samples.mails[0].received_at
        watch = _Watch()
        with build(_settings(folder, provider), clock=lambda: now + watch.passed(), pace_sending=False) as app:
            app.database.upgrade()
            ordered = sorted(samples.mails, key=lambda mail: mail.received_at)
            for day, mails in groupby(ordered, key=lambda mail: mail.received_at.date()):
                todays = list(mails)
                for mail in todays:
                    provider.append(mail.path.read_bytes(), received_at=mail.received_at, folder=mail.folder)
                now = todays[-1].received_at + timedelta(minutes=1)
                one_pass(app)
                results += [_result(app, mail, provider) for mail in todays]
                advance(day.isoformat(), len(todays))
            _lay_out(letters, results)
            watch.go()
            after(app, results)
    return results


class _Watch:
    """A watch that stands still until `go`."""

    def __init__(self) -> None:
        self._since: float | None = None

    def go(self) -> None:
        self._since = time.monotonic()

    def passed(self) -> timedelta:
        return timedelta(0) if self._since is None else timedelta(seconds=time.monotonic() - self._since)


def _settings(folder: Path, provider: LoopbackMail) -> Settings:
    """The samples are returns of the notice to begin with, so its bureau answers."""
    bureau = load_notice(notices_to_begin_with()[0]).wording.bureau
    return Settings.model_validate(
        {
            "mailboxes": {"main": {"url": provider.imap_url, "password": provider.password, "login_seconds": 0}},
            "smtp": {
                "main": {
                    "url": provider.smtp_url,
                    "password": provider.password,
                    "sender": f"{bureau} <{provider.username}>",
                }
            },
            "base": str(folder),
        }
    )


def _result(app: App, mail: SampleMail, provider: LoopbackMail) -> Result:
    sha256 = hashlib.sha256(mail.path.read_bytes()).hexdigest()
    with app.database.read() as tx:
        row = inbox.by_sha256(tx, sha256)
        cases = submissions.by_mail(tx, sha256)
        case = cases[0] if cases else None
        sent = {one.message_id for one in outbox.of_receipt(tx, case.receipt)} if case else set()
        words = outbox.of_mail(tx, row.id) if row and not case else ()
    sent |= {one.message_id for one in words}
    codes = tuple(sorted({problem.code for problem in case.problems})) if case else ()
    state = str(_state_that_day(case.state)) if case else None
    disposition = (row.disposition or "held") if row else "not received"
    right = state == mail.state and mail.codes <= set(codes) <= mail.codes | mail.may
    if mail.state is None:
        right = disposition.startswith(_RECORDED[mail.disposition])
    return Result(
        file=mail.path.name,
        disposition=disposition,
        state=state,
        codes=codes,
        receipt=case.receipt if case else None,
        reply=_reply_file(provider, sent),
        english=mail.english,
        expected=f"{mail.state or mail.disposition} {' '.join(sorted(mail.codes))}".strip(),
        right=right,
    )


_RECORDED = {"automatic": "ignored", "question": "question", "complaint": "complaint"}


def _state_that_day(state: State) -> State:
    """A sample superseded on its own day was accepted first, and that is what the table is about."""
    return State.ACCEPTED if state is State.SUPERSEDED else state


def _reply_file(provider: LoopbackMail, message_ids: set[str]) -> str | None:
    found = None
    for letter in provider.letters:
        if message_from_bytes(letter.raw)["Message-ID"] in message_ids:
            found = letter.path.name
    return found


def _lay_out(letters: Path, results: list[Result]) -> None:
    """Writes each reply's HTML beside it and an index, so that they can be read in a browser."""
    lines = []
    by_reply = {one.reply: one for one in results}
    for path in sorted(letters.glob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=default)
        if not isinstance(message, EmailMessage) or (body := message.get_body(("html",))) is None:
            continue
        page = path.with_suffix(".html")
        page.touch(mode=0o600)
        page.write_text(body.get_content(), encoding="utf-8")
        about = by_reply.get(path.name)
        lines.append(
            f'<li><a href="{page.name}">{html.escape(str(message["Subject"]))}</a>'
            f"<br><small>{html.escape(about.english if about else '')} · {path.name}</small></li>"
        )
    index = letters / "index.html"
    index.touch(mode=0o600)
    index.write_text(
        '<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>Baosong 报送 · replies</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<style>body{font:16px/1.6 sans-serif;max-width:760px;margin:24px auto;padding:0 16px}li{margin:0 0 10px}"
        "small{color:#57606a}</style><h1>Replies of the demo</h1><ol>" + "\n".join(lines) + "</ol></html>",
        encoding="utf-8",
    )
