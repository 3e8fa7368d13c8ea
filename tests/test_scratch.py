"""Files of a task: nobody else's, gone with the task, with the process, and at the next start where it was killed."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.scheduler import one_pass
from storage.scratch import PREFIX, Scratch
from tests.office import office

ROOT = Path(__file__).parents[1]
_HOLD = (
    "import sys; from pathlib import Path; from storage.scratch import Scratch\n"
    "with Scratch(Path(sys.argv[1])).task() as folder:\n"
    "    (folder / 'mail.eml').write_bytes(b'a mail of a county')\n"
    "    print(folder, flush=True)\n"
    "    sys.stdin.read()\n"
)


@contextmanager
def holding(home: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process with a task in hand."""
    command = [sys.executable, "-c", _HOLD, str(home)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    with subprocess.Popen(command, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_a_task_has_a_folder_of_its_own_and_leaves_nothing(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    with scratch.task() as one, scratch.task() as other:
        assert one != other
        assert {stat.S_IMODE(path.stat().st_mode) for path in (one, one.parent)} == {0o700}
    assert not one.exists()
    scratch.close()
    assert list(tmp_path.iterdir()) == []


def test_what_a_living_process_holds_is_left_alone_and_what_a_killed_one_left_goes(tmp_path: Path) -> None:
    with holding(tmp_path) as (process, folder):
        assert Scratch(tmp_path).sweep() == 0
        assert (folder / "mail.eml").is_file()
        process.kill()
        assert process.wait() == -signal.SIGKILL
        assert (folder / "mail.eml").is_file()
        assert Scratch(tmp_path).sweep() == 1
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_ends_in_order_leaves_nothing(tmp_path: Path) -> None:
    with holding(tmp_path) as (process, _):
        process.communicate("")
        assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_its_own_folder_is_not_swept_and_is_made_anew_where_somebody_took_it_away(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    first = scratch.folder
    assert (scratch.sweep(), scratch.folder) == (0, first)
    shutil.rmtree(first)
    assert scratch.folder != first
    assert scratch.folder.is_dir()


def test_making_and_sweeping_at_once_never_takes_a_folder_in_use(tmp_path: Path) -> None:
    def use(_: int) -> bool:
        scratch = Scratch(tmp_path)
        with scratch.task() as folder:
            (folder / "file").write_bytes(b"x")
            Scratch(tmp_path).sweep()
            stood = (folder / "file").is_file()
        scratch.close()
        return stood

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(use, range(200)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ours", [False, True], ids=["shared", "own home"])
def test_what_is_none_of_ours_stays(tmp_path: Path, ours: bool) -> None:
    """In a folder shared with other programs anything else; in one of our own what somebody may still be writing."""
    away = tmp_path / "away"
    away.mkdir()
    (away / "file").write_bytes(b"x")
    home = tmp_path / "home"
    home.mkdir()
    (home / f"{PREFIX}link").symlink_to(away)
    (home / f"{PREFIX}file").write_bytes(b"x")
    (home / "baosong-demo-1").mkdir()
    (home / "fresh").write_bytes(b"x")
    (home / "old").write_bytes(b"x")
    os.utime(home / "old", (time.time() - 90_000,) * 2)
    assert Scratch(home, ours=ours).sweep() == (1 if ours else 0)
    left = {f"{PREFIX}link", f"{PREFIX}file", "baosong-demo-1", "fresh"} | (set() if ours else {"old"})
    assert {path.name for path in home.iterdir()} == left
    assert (away / "file").is_file()


def test_a_home_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    """The archive's disk may not be mounted: what is written in its place is out of sight when it comes back."""
    with pytest.raises(FileNotFoundError):
        _ = Scratch(tmp_path / "gone").folder
    assert list(tmp_path.iterdir()) == []


_WORKER = (
    "import sys, threading; from pathlib import Path\n"
    "from tests.mailbag.goods import book\n"
    "from tests.mailbag.post import Dialect, mail\n"
    "from tests.office import office\n"
    "class Hanging:\n"
    "    def decode(self, *args, **how):\n"
    "        print('reading', flush=True)\n"
    "        threading.Event().wait()\n"
    "with office(Path(sys.argv[1])) as here:\n"
    "    here.app._reader, here.app._sandbox = None, Hanging()\n"
    "    here.box.deliver(mail(Dialect.QQ_WEB, book()))\n"
    "    here.run()\n"
)


def test_a_worker_killed_while_it_reads_a_mail_leaves_it_nowhere_once_the_next_has_started(tmp_path: Path) -> None:
    """A real SIGKILL in the midst of a reading; the next pass decides the mail."""
    aside = tmp_path / "data" / "archive" / "tmp"
    with subprocess.Popen([sys.executable, "-c", _WORKER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE) as worker:
        assert worker.stdout
        while worker.stdout.readline().strip() != b"reading":
            assert worker.poll() is None, "it ended before it could be killed"
        worker.kill()
    assert [path.name for path in aside.glob(f"{PREFIX}*/*/*")] == ["mail.eml"]
    with office(tmp_path) as here:
        here.app._reader = None
        one_pass(here.app)
        assert list(here.cases().values()) == ["incomplete"]
        assert list(aside.iterdir()) == [here.app.blobs.scratch.folder]
        assert list(here.app.blobs.scratch.folder.iterdir()) == []
    assert list(aside.iterdir()) == []
