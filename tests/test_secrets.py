"""Passwords stay where they were put: in no log, traceback or JSON (nor in a child: tests/test_sandbox.py). Who else can read
them is told of."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.doctor_files import look_at_files
from config.settings import load_settings
from domain.masking import Viewer, mask_for
from domain.people import spoken_of
from ingest.app import build
from ingest.configured import mailbox_settings, smtp_settings
from storage import people
from storage.errors import Unusable
from storage.papers import FolderPapers
from tests.shell import Shell

SECRET = "s3cret-code-of-qq"
TOML = (
    '[mailbox]\nurl = "imap://a%40b.cn@127.0.0.1:1/INBOX"\n{mailbox}\n'
    '[smtp]\nurl = "smtp://a%40b.cn@127.0.0.1:1"\nsender = "a@b.cn"\n{smtp}\n'
)


@pytest.fixture(params=["file", "toml", "environment"])
def configured(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same password given in each way there is."""
    toml, given = tmp_path / "baosong.toml", ""
    if request.param == "file":
        (tmp_path / "code").write_text(f"{SECRET}\n", encoding="utf-8")
        (tmp_path / "code").chmod(0o600)
        given = 'password_file = "code"'
    elif request.param == "toml":
        given = f'password = "{SECRET}"'
    else:
        monkeypatch.setenv("BAOSONG_MAILBOX__PASSWORD", SECRET)
        monkeypatch.setenv("BAOSONG_SMTP__PASSWORD", SECRET)
    toml.write_text(TOML.format(mailbox=given, smtp=given), encoding="utf-8")
    toml.chmod(0o600)
    yield toml


def test_a_password_is_used_and_never_shown(configured: Path) -> None:
    settings = load_settings(configured, os.environ)
    assert settings.mailboxes["main"].secret() == SECRET
    box, smtp = mailbox_settings(settings, "main"), smtp_settings(settings)
    assert (box.password, smtp.password) == (SECRET, SECRET)
    for shown in (settings, settings.mailboxes, box, smtp, settings.model_dump(), settings.model_dump_json()):
        assert SECRET not in f"{shown!r} {shown}"


def test_a_traceback_with_all_locals_shows_no_password(configured: Path) -> None:
    settings = load_settings(configured, os.environ)
    box = mailbox_settings(settings, "main")
    try:
        Path(f"/nowhere/{box!r} and {settings!r}").stat()
    except OSError as error:
        told = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "Error" in told
    assert SECRET not in told


def test_no_command_shows_a_password(configured: Path, baosong: Shell) -> None:
    """Nobody answers at that port: every command says so without it."""
    for words in (["run", "--once"], ["run", "--once", "--json"], ["doctor", "--json"], ["submissions", "--json"]):
        ran = baosong(*words, "--config", configured)
        assert SECRET not in ran.out + ran.err, words
    for path in (configured.parent / "data").rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()


def test_what_others_can_read_is_named_with_its_mend(tmp_path: Path, configured: Path) -> None:
    with build(load_settings(configured)) as app:
        app.database.upgrade()
        app.blobs.put(b"x")
        assert app.people_key
        assert look_at_files(app, configured).mend == ""
        (tmp_path / "data" / "archive").chmod(0o755)
        (tmp_path / "data" / "baosong.db").chmod(0o640)
        found = look_at_files(app, configured)
        assert not found.ok
        assert f"chmod 700 {tmp_path / 'data' / 'archive'}" in found.mend
        assert f"chmod 600 {tmp_path / 'data' / 'baosong.db'}" in found.mend
        for path in (tmp_path / "data" / "archive", tmp_path / "data" / "baosong.db"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        holder = tmp_path / "code" if (tmp_path / "code").exists() else configured
        holder.chmod(0o644)
        found = look_at_files(app, configured)
    assert found.ok  # mail must not stop for it
    spoken_of_it = SECRET in holder.read_text(encoding="utf-8")
    assert (f"chmod 600 {holder}" in found.mend) is spoken_of_it


def test_digests_need_key_and_salt(tmp_path: Path) -> None:
    path = tmp_path / "archive" / "people.key"
    papers = FolderPapers(path.parent)
    key = people.read_key(papers)
    assert people.read_key(papers) == key
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    body = {"people": people.digests(key, "salt", ["13912345678", "王小红"])}
    assert people.names(body, key, "salt", "王小红") is True
    assert people.names(body, key, "salt", "王小明") is False
    assert people.names(body, key, "other", "王小红") is False
    assert people.names(body, bytes(32), "salt", "王小红") is None
    assert people.names(body, key, "", "王小红") is None
    assert people.names({}, key, "salt", "王小红") is None
    assert people.digests(key, "salt", ["\udcab"])["digests"]


@pytest.mark.parametrize("content", ["", "no key", "00" * 16])
def test_a_damaged_key_is_not_written_over(tmp_path: Path, content: str) -> None:
    path = tmp_path / "people.key"
    path.write_text(content, encoding="ascii")
    with pytest.raises(Unusable, match=r"people\.key"):
        people.read_key(FolderPapers(tmp_path))
    assert path.read_text(encoding="ascii") == content


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("139 1234 5678", "13912345678"),
        ("+86-13912345678", "13912345678"),
        ("１３９１２３４５６７８", "13912345678"),
        ("0393-1234567", "03931234567"),
        ("王 小红", "王小红"),
        ("120", "120"),
    ],
)
def test_persons_are_asked_for_as_people_write_them(text: str, form: str) -> None:
    assert spoken_of(text) == form


def test_who_needs_no_number_sees_none() -> None:
    number = "13912345678"
    assert {str(viewer): mask_for(viewer)(number) for viewer in Viewer} == {
        "operator": number,
        "staff": number,
        "auditor": "139****5678",
        "leadership": "139****5678",
    }
    assert mask_for("anybody")(number) == "139****5678"
