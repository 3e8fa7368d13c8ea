"""Debian's clamd with its own configuration and signatures in a folder of its own: it knows the EICAR test file and one word."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config.tables import ClamdAddress
from ingest.clamd import EICAR

EICAR_NAME, WORD_NAME = "Baosong.Test.Eicar.UNOFFICIAL", "Baosong.Test.Word.UNOFFICIAL"
WORD = b"baosong-test-word-that-stands-for-a-virus"
"""Found anywhere; the EICAR test file only where it is a file of its own, as the official signature has it."""
LIMITS = "StreamMaxLength 4M\nMaxFileSize 2M\nMaxScanSize 8M\n"
_START_SECONDS = 60.0


@dataclass
class Daemon:
    """clamd in `home`; may be stopped and started again on the same sockets."""

    home: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def address(self) -> ClamdAddress:
        return ClamdAddress(path=self.home / "clamd.ctl")

    @property
    def tcp(self) -> ClamdAddress:
        return ClamdAddress(host="127.0.0.1", port=self.port)

    def start(self) -> None:
        """RuntimeError where clamd is not installed, or does not come up."""
        program = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        if program is None:
            raise RuntimeError("clamd is missing: this needs Debian's clamav-daemon (apt-get install clamav-daemon)")
        with (self.home / "out").open("wb") as out:
            command = [program, "--foreground", "--config-file", str(self.home / "clamd.conf")]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        ends = time.monotonic() + _START_SECONDS
        while time.monotonic() < ends and self._process.poll() is None:
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(self.address)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"clamd did not start: {(self.home / 'out').read_text(errors='replace')[-2000:]}")

    def stop(self) -> None:
        if self._process:
            self._process.kill()  # it takes seconds to go by itself
            self._process.wait(_START_SECONDS)
            self._process = None


@contextmanager
def clamd() -> Iterator[Daemon]:
    """A running clamd. Its home is short and not under pytest's tmp_path: sockets have 108 characters."""
    home = Path(tempfile.mkdtemp(prefix="clamd-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        daemon = Daemon(home=home, port=int(probe.getsockname()[1]))
    (home / "db").mkdir()
    names = (EICAR_NAME.rpartition(".")[0], WORD_NAME.rpartition(".")[0])  # clamd itself adds UNOFFICIAL
    signatures = f"{names[0]}:0:0:{EICAR.hex()}\n{names[1]}:0:*:{WORD.hex()}\n"
    (home / "db" / "own.ndb").write_text(signatures, encoding="ascii")
    (home / "clamd.conf").write_text(
        f"LocalSocket {daemon.address}\nTCPSocket {daemon.port}\nTCPAddr 127.0.0.1\nDatabaseDirectory {home}/db\n"
        f"TemporaryDirectory {home}\n{LIMITS}",
        encoding="utf-8",
    )
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.stop()
        shutil.rmtree(home, ignore_errors=True)
