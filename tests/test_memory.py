"""How much memory there is, whose bound that is, and who is told when it is short."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from cli.doctor_host import room
from config.settings import Settings
from ingest.app import build
from ingest.memory import Memory, memory, needed, places_in, warn_if_short
from tests import sandbox_jobs as jobs

GIB = 1024 * 1024 * 1024


def machine(root: Path, groups: str, **files: str) -> Memory | None:
    """One of 8 GiB, 6 of them free. `groups`: /proc/self/cgroup; `files`: below /sys/fs/cgroup, `__` for a slash."""
    (root / "proc" / "self").mkdir(parents=True)
    (root / "proc" / "meminfo").write_text("MemTotal:        8388608 kB\nMemFree: 1 kB\nMemAvailable:    6291456 kB\n")
    (root / "proc" / "self" / "cgroup").write_text(groups)
    for name, text in files.items():
        file = root / "sys" / "fs" / "cgroup" / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return memory(root)


def test_without_a_control_group_it_is_the_machines(tmp_path: Path) -> None:
    assert machine(tmp_path, "0::/\n") == Memory(whole=8192, free=6144, bound=False)


@pytest.mark.parametrize(
    ("groups", "files"),
    [
        ("0::/a.slice/b.service\n", {"a.slice__b.service__memory.max": f"{4 * GIB}\n"}),
        ("0::/a.slice/b.service\n", {"a.slice__b.service__memory.max": "max\n", "a.slice__memory.max": f"{4 * GIB}\n"}),
        ("0::/\n", {"memory.max": f"{4 * GIB}\n"}),
        ("0::/elsewhere/of/the/host\n", {"memory.max": f"{4 * GIB}\n"}),
        ("7:pids:/a\n4:memory:/a\n0::/\n", {"memory__a__memory.limit_in_bytes": f"{4 * GIB}\n"}),
    ],
    ids=["service", "slice", "container", "path of the host", "version 1"],
)
def test_the_tightest_control_group_counts(tmp_path: Path, groups: str, files: dict[str, str]) -> None:
    assert machine(tmp_path, groups, **files) == Memory(whole=4096, free=4096, bound=True)


def test_a_bound_above_the_machine_is_none(tmp_path: Path) -> None:
    found = machine(tmp_path, "4:memory:/\n", **{"memory__memory.limit_in_bytes": "9223372036854771712\n"})
    assert found == Memory(whole=8192, free=6144, bound=False)


def test_a_system_that_does_not_tell_is_no_failure(tmp_path: Path) -> None:
    assert memory(tmp_path) is None
    with capture_logs() as logs:
        warn_if_short(64, None)
    assert logs == []
    assert room(None, at_work=False).ok


def test_what_is_needed_and_what_there_is_room_for_agree() -> None:
    assert [places_in(needed(places)) for places in (0, 1, 2, 8)] == [0, 1, 2, 8]
    assert places_in(needed(2) - 1) == 1
    assert places_in(0) == 0


def test_a_start_with_too_little_is_told_in_the_log() -> None:
    found = Memory(whole=4096, free=3000, bound=True)
    with capture_logs() as logs:
        warn_if_short(2, found)
        warn_if_short(4, found)
    assert [(log["event"], log["log_level"], log["places"]) for log in logs] == [("memory_short", "warning", 4)]
    assert logs[0]["needed_mb"] > logs[0]["free_mb"] == 3000


@pytest.mark.parametrize(
    ("whole", "free", "at_work", "ok", "mend"),
    [
        (8192, 8192, False, True, ""),
        (8192, 1500, False, True, "--places 1"),
        (8192, 1500, True, True, ""),
        (2048, 2048, False, True, "--places 1"),
        (1024, 1024, False, False, "give it"),
    ],
)
def test_doctor_says_for_how_many_places_there_is_room(
    whole: int, free: int, at_work: bool, ok: bool, mend: str
) -> None:
    found = room(Memory(whole=whole, free=free, bound=False), at_work=at_work)
    assert (found.ok, bool(found.mend), mend in found.mend) == (ok, bool(mend), True)


def test_as_many_mails_are_read_at_once_as_there_are_places(tmp_path: Path) -> None:
    with build(Settings(base=tmp_path)) as app, ThreadPoolExecutor(3) as threads:
        app.places = 3
        task = tmp_path / "task"
        task.mkdir()
        met = threads.map(lambda _: app.sandbox.decode(jobs.gather, str(task), 3, folder=task), range(3))
        assert list(met) == [b"met"] * 3


def test_the_kernel_ends_a_reader_before_its_worker_and_a_database_beside_it(tmp_path: Path) -> None:
    with build(Settings(base=tmp_path)) as app:
        assert int(app.sandbox.decode(jobs.likely_to_go)) == 800
        assert int(app.sandbox.recognise(jobs.likely_to_go)) == 800
    assert int(Path("/proc/self/oom_score_adj").read_text()) < 800
