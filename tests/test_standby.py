"""A worker in waiting: it begins when the one before has ended, and systemd hears of it meanwhile."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from ingest.service import Service
from ingest.standby import WAIT_SECONDS, as_worker
from storage.errors import Busy
from tests.shell import Shell
from tests.storage_values import database


def test_it_takes_over_when_the_other_has_ended(tmp_path: Path) -> None:
    base, waited = database(tmp_path), list[float]()
    with ExitStack() as other:
        other.enter_context(base.sole_worker())

        def pause(seconds: float) -> None:
            waited.append(seconds)
            if sum(waited) > WAIT_SECONDS:
                other.close()

        with as_worker(base, waits=True, service=Service({}), pause=pause) as held:
            assert held.stands()
            assert base.worker_holds()
    assert sum(waited) == 2 * WAIT_SECONDS
    base.close()


def test_without_being_asked_to_wait_it_is_refused(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.sole_worker(), pytest.raises(Busy):
        as_worker(base, waits=False, service=Service({})).__enter__()
    base.close()


def test_one_pass_does_not_wait(baosong: Shell, toml: Path) -> None:
    assert baosong("run", "--once", "--standby", "--config", toml).status == 2
