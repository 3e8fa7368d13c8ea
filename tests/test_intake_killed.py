"""A worker that is killed in the midst of taking mails in loses none and doubles none."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bench.intake_clients import Target, application
from bench.intake_mails import mails
from ingest.jobs import poll
from ingest.loopback import LoopbackMail
from ingest.passes import PassReport
from storage.blobs import BlobStore
from storage.schema import ledger_entries, mail_locations
from storage.schema import mails as mail_rows
from storage.verify import verify

ROOT = Path(__file__).parents[1]
COUNT = 450
"""Three batches."""


def _archived(folder: Path) -> int:
    return sum(1 for _ in BlobStore(folder / "data" / "archive").names())


@pytest.mark.parametrize("after", [1, 250])
def test_killed_in_the_midst(tmp_path: Path, after: int) -> None:
    """Killed when so many mails stand in the archive, recorded or not."""
    raws = {hashlib.sha256(mail.raw).hexdigest(): mail for mail in mails(COUNT, seed=7)}
    with LoopbackMail(letters_dir=tmp_path / "letters") as server:
        for mail in raws.values():
            server.append(mail.raw, received_at=mail.received_at)
        target = Target(
            port=server.imap_port, username=server.username, password=server.password, folder=tmp_path / "ours"
        )
        target.folder.mkdir()
        place = [str(target.port), target.username, target.password, str(target.folder)]
        worker = subprocess.Popen([sys.executable, "-m", "bench.intake_clients", "ours", *place], cwd=ROOT)
        while _archived(target.folder) < after:
            assert worker.poll() is None, "it ended before it could be killed"
            time.sleep(0.001)
        worker.kill()
        assert worker.wait() == -signal.SIGKILL

        with application(target) as app:
            before = PassReport()
            poll(app, before)
            again = PassReport()
            poll(app, again)
            assert (before.failures, again.failures, again.received) == ([], [], 0)
            with app.database.read() as tx:
                assert set(tx.execute(select(mail_rows.c.sha256)).scalars()) == set(raws)
                for table in (mail_rows, mail_locations, ledger_entries):
                    assert tx.execute(select(func.count()).select_from(table)).scalar() == COUNT
                assert verify(tx, app.blobs).faults == ()
            assert all(app.blobs.get(sha256) == mail.raw for sha256, mail in raws.items())
            app.blobs.unspool()
            with app.database.read() as tx:
                assert verify(tx, app.blobs).faults == ()
