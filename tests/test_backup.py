"""Back-up and restore: whole, durable, checked; what is damaged or would write over something is refused."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from config.secrets import without_secrets
from ingest.backup import generations
from storage.bag import sha256_of, write_bag
from tests.office import office
from tests.older_schema import back_to_0003
from tests.parts import scan, workbook
from tests.shell import Shell

pytestmark = pytest.mark.sqlite

CONFIGURATION = """
[mailbox]
url = "imap://bureau%40example.org@127.0.0.1:9/INBOX"
password = "very secret"   # the authorization code
[smtp]
url = "smtp://bureau%40example.org@127.0.0.1:9"
sender = "bureau@example.org"
password = 'also secret'
"""


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A store with one answered submission, and its configuration: `kept` of the folder."""
    folder = tmp_path / "kept"
    folder.mkdir()
    sheet = workbook()
    with office(folder) as here:
        here.mail("m1", sheet, scan(sheet))
        here.run()
        (tmp_path / "letter.eml").write_bytes(here.letters.taken[-1][0])
    (folder / "baosong.toml").write_text(CONFIGURATION, encoding="utf-8")
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """The configuration of an empty place."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "baosong.toml").write_text(CONFIGURATION, encoding="utf-8")
    return folder / "baosong.toml"


@pytest.fixture
def copy(kept: Path, tmp_path: Path, baosong: Shell) -> Path:
    """A back-up of it."""
    ran = baosong("backup", "--json", tmp_path / "copies", "--config", kept / "baosong.toml")
    assert (ran.status, ran.document["ok"], ran.document["faults"]) == (0, True, [])
    return Path(ran.document["path"])


def dump(database: Path) -> list[str]:
    with sqlite3.connect(database) as base:
        return list(base.iterdump())


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_restored_is_what_was_backed_up(kept: Path, copy: Path, elsewhere: Path, baosong: Shell) -> None:
    ran = baosong("restore", copy.parent, "--config", elsewhere)
    assert ran.status == 0, ran.err
    assert "all as recorded" in ran.out
    data = elsewhere.parent / "data"
    assert files(data / "archive") == files(kept / "data" / "archive")
    assert dump(data / "baosong.db") == dump(kept / "data" / "baosong.db")
    assert {path.stat().st_mode & 0o077 for path in data.rglob("*")} == {0}
    assert baosong("audit", "verify", "--config", elsewhere).status == 0


def test_a_copy_is_its_owners_alone_and_so_is_what_is_restored(kept: Path, elsewhere: Path, baosong: Shell) -> None:
    """Whatever the umask. The key of the digests of persons goes along: who reads the archive reads the mails themselves."""
    before = os.umask(0)
    try:
        copies = kept.parent / "umask" / "copies"
        made = Path(baosong("backup", "--json", copies, "--config", kept / "baosong.toml").document["path"])
        assert baosong("restore", made, "--config", elsewhere).status == 0
    finally:
        os.umask(before)
    paths = [
        copies.parent,
        *copies.parent.rglob("*"),
        *(elsewhere.parent / "data").rglob("*"),
        elsewhere.parent / "data",
    ]
    assert len(paths) > 40
    assert [path for path in paths if path.stat().st_mode & 0o077] == []
    keys = [folder / "data/archive/people.key" for folder in (kept, made, elsewhere.parent)]
    assert len({key.read_bytes() for key in keys}) == 1


def test_the_lists_of_a_copy_can_be_checked_without_this_program(copy: Path) -> None:
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        assert subprocess.run(["sha256sum", "--quiet", "--strict", "-c", name], cwd=copy, check=False).returncode == 0
    listed = [line.partition("  ")[2] for line in (copy / "manifest-sha256.txt").read_text("utf-8").splitlines()]
    assert sorted(listed) == sorted(name for name in files(copy) if name.startswith("data/"))
    assert copy.stat().st_mode & 0o077 == 0
    assert (copy / "bagit.txt").read_text() == "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def test_a_copy_holds_notices_and_no_password(copy: Path) -> None:
    assert (copy / "data" / "notices" / "puyang-2020-51.yaml").is_file()
    text = (copy / "data" / "baosong.toml").read_text(encoding="utf-8")
    assert text == CONFIGURATION.replace("very secret", "").replace("'also secret'", '""')
    assert not [name for name, data in files(copy).items() if b"very secret" in data or b"also secret" in data]


@pytest.mark.parametrize(
    "text",
    [
        'mailbox = { password = "x1y2" }',
        '[mailbox]\npassword = """x1y2"""',
        '[mailbox]\npassword = "x1y2"\n# was x1y2',
        '[mailbox]\nurl = "imaps://a:x1y2@b.cn"',
        "no toml",
    ],
)
def test_a_configuration_whose_passwords_cannot_be_taken_out_is_left_out(text: str) -> None:
    assert without_secrets(text) is None


def test_the_second_copy_stores_only_what_is_new(kept: Path, copy: Path, baosong: Shell) -> None:
    ran = baosong("backup", "--json", copy.parent, "--config", kept / "baosong.toml")
    second = Path(ran.document["path"])
    assert generations(copy.parent) == [copy, second]
    for blob in (second / "data" / "archive" / "blobs").rglob("*"):
        if blob.is_file():
            assert blob.samefile(copy / blob.relative_to(second))
            assert not blob.samefile(kept / blob.relative_to(second))
    ran = baosong("backup", copy.parent, "--keep", "2", "--config", kept / "baosong.toml")
    assert (ran.status, f"{copy}: removed" in ran.out) == (0, True)
    assert len(generations(copy.parent)) == 2
    assert "all as recorded" in baosong("backup", copy.parent, "--config", kept / "baosong.toml").out


def test_a_damaged_file_of_the_copy_before_is_not_linked(kept: Path, copy: Path, baosong: Shell) -> None:
    some = next(path for path in (copy / "data" / "archive" / "blobs").rglob("*") if path.is_file())
    some.write_bytes(b"damaged")
    assert baosong("backup", copy.parent, "--config", kept / "baosong.toml").status == 0


def test_a_file_that_the_archive_lost_comes_from_the_copy_before_and_else_is_named(
    kept: Path, copy: Path, tmp_path: Path, elsewhere: Path, baosong: Shell
) -> None:
    lost = next(path for path in (kept / "data" / "archive" / "blobs").rglob("*") if path.is_file())
    lost.unlink()
    assert baosong("backup", copy.parent, "--config", kept / "baosong.toml").status == 0
    ran = baosong("backup", tmp_path / "others", "--config", kept / "baosong.toml")
    assert (ran.status, f"blob:{lost.name}: missing" in ran.err) == (1, True)
    again = baosong("restore", tmp_path / "others", "--config", elsewhere)  # better than nothing, and said
    assert (again.status, "known when the copy was taken" in again.err) == (1, True)
    assert (elsewhere.parent / "data" / "baosong.db").exists()


def cut_blob(copy: Path) -> None:
    path = max(
        (path for path in (copy / "data" / "archive" / "blobs").rglob("*") if path.is_file()), key=os.path.getsize
    )
    path.write_bytes(path.read_bytes()[:-1])


def alter_database(copy: Path) -> None:
    with sqlite3.connect(copy / "data" / "baosong.db") as base:
        base.execute("UPDATE mails SET size = size + 1")


def lose_database(copy: Path) -> None:
    (copy / "data" / "baosong.db").unlink()


def plant(copy: Path) -> None:
    (copy / "data" / "archive" / "planted").write_bytes(b"x")


def alter_list(copy: Path) -> None:
    path = copy / "manifest-sha256.txt"
    path.write_text("\n".join(path.read_text("utf-8").splitlines()[1:]) + "\n", encoding="utf-8")


def lose_list(copy: Path) -> None:
    (copy / "manifest-sha256.txt").unlink()


def half(copy: Path) -> None:
    (copy / "bagit.txt").unlink()


def forge(copy: Path) -> None:
    """Altered, with all lists made anew: the audit still finds it."""
    alter_database(copy)
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt", "bagit.txt", "bag-info.txt"):
        (copy / name).unlink()
    payload = {str(path.relative_to(copy)): sha256_of(path) for path in (copy / "data").rglob("*") if path.is_file()}
    write_bag(copy, payload, {})


@pytest.mark.parametrize("damage", [cut_blob, alter_database, lose_database, plant, alter_list, lose_list, half, forge])
def test_a_damaged_copy_is_refused_and_changes_nothing(
    copy: Path, elsewhere: Path, baosong: Shell, damage: Callable[[Path], None]
) -> None:
    damage(copy)
    ran = baosong("restore", copy, "--config", elsewhere)
    assert (ran.status, "Traceback" in ran.err) == (1, False)
    assert str(copy) in ran.err
    left = [path.name for path in elsewhere.parent.rglob("*") if path.is_file()]
    assert sorted(left) in (["baosong.toml"], ["baosong.db.lock", "baosong.toml"])


@pytest.mark.parametrize("there", ["baosong.db", "baosong.db-wal", "archive/HEAD", "archive/blobs/ab/note"])
def test_nothing_is_written_over(copy: Path, elsewhere: Path, baosong: Shell, there: str) -> None:
    path = elsewhere.parent / "data" / there
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine")
    ran = baosong("restore", copy, "--config", elsewhere)
    assert (ran.status, f"{path}: is there already" in ran.err) == (1, True)
    assert [each.read_bytes() for each in (elsewhere.parent / "data").rglob("*") if each.is_file()] == [b"mine"]


def test_a_configuration_that_lies_in_the_copy_is_not_restored_into_it(copy: Path, baosong: Shell) -> None:
    before = files(copy)
    ran = baosong("restore", copy.parent, "--config", copy / "data" / "baosong.toml")
    assert ran.status == 1
    assert files(copy) == before


def test_a_letter_tells_what_the_copy_lacks(kept: Path, copy: Path, elsewhere: Path, baosong: Shell) -> None:
    head = (kept / "data" / "archive" / "HEAD").read_text().strip()
    later = f"{int(head.partition(':')[0]) + 5}:{'3f' * 32}"
    letter = kept.parent / "letter.eml"
    ran = baosong("restore", copy, "--head", letter, "--head", later, "--config", elsewhere)
    assert ran.status == 1
    assert "are lost" in ran.err
    assert "letter.eml" not in ran.err
    assert (elsewhere.parent / "data" / "archive" / "HEAD").read_text().strip() == head


def test_a_copy_of_another_chain_than_the_letters_is_refused(copy: Path, elsewhere: Path, baosong: Shell) -> None:
    ran = baosong("restore", copy, "--head", f"1:{'3f' * 32}", "--config", elsewhere)
    assert (ran.status, "another chain" in ran.err) == (1, True)
    assert not (elsewhere.parent / "data" / "archive").exists()


def test_what_a_crash_left_half_written_is_no_copy_and_goes(kept: Path, copy: Path, baosong: Shell) -> None:
    half_written = copy.parent / ".unfinished-20200101T000000Z"
    shutil.copytree(copy, half_written)
    assert generations(copy.parent) == [copy]
    assert baosong("backup", copy.parent, "--config", kept / "baosong.toml").status == 0
    assert not half_written.exists()


def test_a_database_of_an_older_version_is_copied_as_it_is(kept: Path, tmp_path: Path, baosong: Shell) -> None:
    """As whoever upgrades does before; the audit looks at another copy, brought up to date."""
    with sqlite3.connect(kept / "data" / "baosong.db") as base:
        back_to_0003(base)
    ran = baosong("backup", "--json", tmp_path / "copies", "--config", kept / "baosong.toml")
    assert (ran.status, ran.document["faults"]) == (0, [])
    assert dump(Path(ran.document["path"]) / "data" / "baosong.db") == dump(kept / "data" / "baosong.db")
    assert [path.name for path in Path(ran.document["path"]).iterdir() if "scratch" in path.name] == []


def test_nothing_is_no_copy(toml: Path, tmp_path: Path, baosong: Shell) -> None:
    ran = baosong("backup", tmp_path / "copies", "--config", toml)
    assert (ran.status, "nothing to back up" in ran.err) == (1, True)
    (tmp_path / "empty").mkdir()
    ran = baosong("restore", tmp_path / "empty", "--config", toml)
    assert (ran.status, "no whole back-up" in ran.err) == (1, True)
