"""What doctor asks a mailbox: folders are made, and whether sent mail is kept is seen on our own letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cli.doctor_mail import look_at_mailboxes, look_at_smtp
from cli.findings import Finding
from config.settings import Settings
from domain.letter import Letter, LetterKind
from ingest.app import App, build
from ingest.loopback import LoopbackMail
from storage import outbox
from tests.builders import RECEIVED
from tests.office import BUREAU, PASSWORD, settings

LETTER = Letter(kind=LetterKind.GUIDE, notice="puyang-2020-51", to="a@example.cn", message_id="<1@x>", subject="问")


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[LoopbackMail]:
    folders = ("Junk", "Sent Messages")
    with LoopbackMail(letters_dir=tmp_path / "l", username=BUREAU, password=PASSWORD, folders=folders) as made:
        yield made


def look(made: Settings, *letters: Letter) -> dict[str, Finding]:
    with build(made) as app:
        app.database.upgrade()
        for number, letter in enumerate(letters):
            _send(app, letter, number)
        found = list(look_at_mailboxes(app, records=True))
    assert len({one.what for one in found}) == len(found)
    return {one.what: one for one in found}


def _send(app: App, letter: Letter, number: int) -> None:
    at = RECEIVED + timedelta(minutes=number)
    with app.database.begin() as tx:
        outbox.put(tx, letter, at=at)
        claimed = outbox.claim(tx, at, 60)
        assert claimed is not None
        outbox.sent(tx, claimed.id, at)


def test_folders_for_filing_are_made(provider: LoopbackMail, tmp_path: Path) -> None:
    first, again = (look(settings(tmp_path, provider)) for _ in range(2))
    assert first["folders"].found == again["folders"].found == "main: decided mails go to 已处理, held ones to 待人工"
    assert "no letter was sent yet" in first["sent mail"].found
    assert all(one.ok and not one.mend for one in first.values())


def test_a_provider_that_keeps_no_sent_mail_is_a_note(provider: LoopbackMail, tmp_path: Path) -> None:
    provider.append(b"Message-ID: <1@x>\r\n\r\nx\r\n", folder="Sent Messages")
    kept = look(settings(tmp_path, provider), LETTER)["sent mail"]
    assert (kept.ok, kept.mend) == (True, "")
    gone = look(settings(tmp_path, provider), replace(LETTER, message_id="<2@x>"))["sent mail"]
    assert gone.ok
    assert "SMTP发信后保存到服务器" in gone.mend


def test_missing_folders_that_we_only_read_are_notes(tmp_path: Path) -> None:
    with LoopbackMail(letters_dir=tmp_path / "l", username=BUREAU, password=PASSWORD, folders=()) as provider:
        found = look(settings(tmp_path, provider))
    assert (found["mailbox"].ok, found["sent mail"].ok) == (True, True)
    assert "junk_folder" in found["mailbox"].mend
    assert "sent_folder" in found["sent mail"].mend


def test_one_mailbox_without_its_password_hides_nothing_of_the_next(provider: LoopbackMail, tmp_path: Path) -> None:
    made = settings(tmp_path, provider)
    good = made.mailboxes["main"]
    lame = good.model_copy(update={"password_file": tmp_path / "none"})
    with build(made.model_copy(update={"mailboxes": {"lame": lame, "main": good}})) as app:
        app.database.upgrade()
        found = list(look_at_mailboxes(app, records=True))
    assert [(one.what, one.ok) for one in found] == [
        ("mailbox", False), ("mailbox", True), ("folders", True), ("sent mail", True),
    ]  # fmt: skip
    assert "mailboxes.lame.password_file" in found[0].found


def test_letters_that_left_over_another_log_in_are_not_looked_for(provider: LoopbackMail, tmp_path: Path) -> None:
    made = settings(tmp_path, provider)
    other = made.smtp["main"].model_copy(update={"url": provider.smtp_url.replace("bureau", "other")})
    found = look(made.model_copy(update={"smtp": {"other": other}}), LETTER)
    assert "no letter was sent yet" in found["sent mail"].found


def test_every_smtp_is_logged_in_to_and_one_that_serves_nobody_is_a_note(
    provider: LoopbackMail, tmp_path: Path
) -> None:
    made = settings(tmp_path, provider)
    good = made.smtp["main"]
    lame = good.model_copy(update={"password_file": tmp_path / "none"})
    with build(made.model_copy(update={"smtp": {"main": good, "lame": lame, "spare": good}})) as app:
        first, second, third = look_at_smtp(app)
    assert (first.ok, first.mend, "for main" in first.found) == (True, "", True)
    assert (second.ok, "smtp.lame.password_file" in second.found) == (False, True)
    assert (third.ok, "spare" in third.found, "main" in third.mend) == (True, True, True)


def test_doctor_says_what_is_missing_without_any_smtp(tmp_path: Path) -> None:
    with build(settings(tmp_path, smtp={})) as app:
        [found] = look_at_smtp(app)
    assert (found.ok, "[smtp] table is needed" in found.found) == (False, True)
