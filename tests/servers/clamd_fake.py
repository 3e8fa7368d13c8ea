"""Scanners that fail as a real clamd may: one class per way of behaving, each on a socket of its own."""

from __future__ import annotations

import shutil
import socketserver
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.tables import ClamdAddress
from ingest.clamd import EICAR


class FakeClamd:
    """Base: takes a stream whole and answers; keeps what it was sent."""

    answer = b"stream: OK\0"
    takes = True
    """Whether it reads what it is sent."""

    def __init__(self) -> None:
        self.streams: list[bytes] = []

    def reply(self, command: bytes, stream: bytes) -> bytes:
        """What is sent before it hangs up."""
        return self.answer


class OkToAll(FakeClamd):
    """No signature of any kind, or a program that is no scanner at all."""


class ErrorAnswer(FakeClamd):
    answer = b"stream: Can't allocate memory ERROR\0"


class Garbage(FakeClamd):
    answer = b"\xff\xfeHTTP/1.1 400 Bad Request\r\n\0"


class WithoutEnd(FakeClamd):
    """Hangs up in the middle: what came looks like a clean answer."""

    answer = b"stream: OK"


class Nothing(FakeClamd):
    answer = b""


class HangsUp(FakeClamd):
    """Goes before it has read anything."""

    answer = b""
    takes = False


class Endless(FakeClamd):
    """An answer that never ends."""

    answer = b"stream: " + b"x" * 1_000_000


class Silent(FakeClamd):
    """Takes the stream and says nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.over = threading.Event()

    def reply(self, command: bytes, stream: bytes) -> bytes:
        self.over.wait(60)
        return b""


class Says(FakeClamd):
    """Finds the EICAR test file, and says this of all else."""

    def __init__(self, of_others: bytes) -> None:
        super().__init__()
        self.of_others = of_others

    def reply(self, command: bytes, stream: bytes) -> bytes:
        if command != b"zINSTREAM":
            return b"ClamAV 1.4.6/27065/Wed Oct 18 09:49:14 2023\0"
        return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in stream else self.of_others + b"\0"


class Dies(FakeClamd):
    """Finds the EICAR test file once, and is gone after that."""

    def reply(self, command: bytes, stream: bytes) -> bytes:
        return b"stream: Eicar-Test-Signature FOUND\0" if len(self.streams) == 1 else b""


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _Server)
        fake = self.server.fake
        if not fake.takes:
            return
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        stream = b""
        while command == b"zINSTREAM\0" and (length := int.from_bytes(self.rfile.read(4), "big")):
            stream += self.rfile.read(length)
        fake.streams.append(stream)
        self.wfile.write(fake.reply(command[:-1], stream))


class _Server(socketserver.ThreadingUnixStreamServer):
    fake: FakeClamd
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """The client went away, as it should."""


@contextmanager
def listening(fake: FakeClamd) -> Iterator[ClamdAddress]:
    home = Path(tempfile.mkdtemp(prefix="clamd-fake-"))
    server = _Server(str(home / "s"), _Handler)
    server.fake = fake
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield ClamdAddress(path=home / "s")
    finally:
        if isinstance(fake, Silent):
            fake.over.set()
        server.shutdown()
        server.server_close()
        shutil.rmtree(home)
