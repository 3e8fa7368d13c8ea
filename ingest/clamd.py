"""clamd, ClamAV's daemon, over its socket: the one place that talks to it (`man clamd`: VERSION, INSTREAM).

A clean answer is believed only of what clamd surely looked at. By its settings (`man clamd.conf`: MaxFileSize, MaxScanSize,
25 MB and 100 MB in Debian) it answers OK to anything larger without having looked; so before the first mail of a size is
passed, a container of that size with the EICAR test file at its end must be found.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from zipfile import ZipFile

from config.tables import ClamdAddress
from ingest.errors import NotScanned, ScannerDown

EICAR = b"".join((b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$", b"EICAR-STANDARD-ANTI", b"VIRUS-TEST-FILE!$H+H*"))
"""The file that every scanner knows and that does nothing (eicar.org). It stands whole neither here nor in what Python makes
of this file, so that no scanner takes them."""

_SECONDS = 60.0
"""For one answer. Below clamd's MaxScanTime (120 s), past which it answers OK to what it has not seen all of."""
_CHUNK = 256 * 1024
_MAX_ANSWER = 4096
_PROOF_SECONDS = 3600.0
_LEAST_PROOF = 64 * 1024
_FOUND = re.compile(r"stream: (.{1,300}) FOUND")
_VERSION = re.compile(r"ClamAV [^/]{1,60}(?:/(\d{1,9})/(.{1,60}))?")
_NOT_WHOLLY = ("Heuristics.Limits.Exceeded", "Heuristics.Email.ExceedsMax", "(null)")
"""Said with AlertExceedsMax on of what was too large to be looked at whole; `(null)` is how 0.105 says it."""
_NO_VIRUS = ("Heuristics.Phishing.", "Heuristics.Encrypted.")
"""Of links in a text, which nobody here follows, and of passwords, which the readers tell by themselves."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """What clamd says of itself; `signatures_at` is when its newest official signatures were made, None where it has none.
    It has no zone: it is a day that counts, not an hour."""

    text: str
    signatures_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class _Proof:
    """Up to `size` bytes, clamd was seen to look at all of a container; believed until `ends`."""

    size: int = -1
    ends: float = 0.0


class Clamd:
    """Asks clamd, one connection a question. Thread-safe. Nothing connects before the first question."""

    def __init__(
        self, address: ClamdAddress, *, seconds: float = _SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`seconds` for connecting, sending and the answer together; `clock`: seconds from any start."""
        self.address = address
        self._seconds = seconds
        self._clock = clock
        self._proof = _Proof()

    def scan(self, data: bytes) -> str | None:
        """The name of what was found in `data`, None where clamd surely looked at all of it and found nothing.

        Raises ScannerDown without an answer that can be believed, NotScanned for what is larger than clamd looks at.
        """
        found = self._answer(data)
        if found is None:
            self._prove(len(data))
        return found

    def check(self, size: int = 0) -> None:
        """Sees whether clamd finds the EICAR test file at the end of a container of `size` bytes. Raises as `scan`."""
        if self._answer(_container(size).getbuffer()) is not None:
            return
        if size <= _LEAST_PROOF:
            raise ScannerDown(f"clamd at {self.address} does not know the EICAR test file: it lacks its signatures")
        raise NotScanned(
            f"clamd at {self.address} passes {_megabytes(size)} without looking at all of it: raise MaxFileSize and "
            "MaxScanSize in clamd.conf"
        )

    def version(self) -> Version:
        """Raises ScannerDown."""
        text = self._ask(b"zVERSION\0")
        match = _VERSION.fullmatch(text)
        if match is None:
            raise ScannerDown(f"clamd at {self.address} answered {text[:100]!r} to VERSION")
        return Version(text=text, signatures_at=_day(match[2]) if match[2] else None)

    def _prove(self, size: int) -> None:
        """Settings may change while we run, so a proof ages."""
        now, proof = self._clock(), self._proof
        if now < proof.ends and size <= proof.size:
            return
        size = max(size, _LEAST_PROOF)
        self.check(size)
        self._proof = _Proof(size=size, ends=now + _PROOF_SECONDS)

    def _answer(self, data: bytes | memoryview) -> str | None:
        text = self._ask(b"zINSTREAM\0", data)
        if text == "stream: OK":
            return None
        if text == "INSTREAM size limit exceeded. ERROR":
            raise NotScanned(
                f"clamd at {self.address} takes no {_megabytes(len(data))}: raise StreamMaxLength in clamd.conf"
            )
        match = _FOUND.fullmatch(text)
        if match is None:
            raise ScannerDown(f"clamd at {self.address} answered {text[:100]!r}")
        if match[1].startswith(_NOT_WHOLLY):
            raise NotScanned(f"clamd at {self.address} did not look at all of {_megabytes(len(data))} ({match[1]})")
        return None if match[1].startswith(_NO_VIRUS) else match[1]

    def _ask(self, command: bytes, data: bytes | memoryview | None = None) -> str:
        """One question, one answer, without its NUL. Raises ScannerDown."""
        ends = self._clock() + self._seconds
        try:
            with self._connected(ends) as connection:
                try:
                    connection.sendall(command)
                    if data is not None:
                        self._stream(connection, data, ends)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # clamd says why before it hangs up, e.g. at StreamMaxLength, and that is still to be read
                answer = self._read(connection, ends)
        except OSError as error:
            why = "no answer in time" if isinstance(error, TimeoutError) else error.strerror or str(error)
            raise ScannerDown(f"clamd at {self.address}: {why}") from error
        if not answer.endswith(b"\0"):
            raise ScannerDown(f"clamd at {self.address} hung up in the middle of its answer")
        return answer[:-1].decode("ascii", "backslashreplace")

    def _connected(self, ends: float) -> socket.socket:
        if self.address.path is None:
            return socket.create_connection((self.address.host, self.address.port), timeout=self._left(ends))
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(self._left(ends))
            connection.connect(str(self.address.path))
        except BaseException:
            connection.close()
            raise
        return connection

    def _stream(self, connection: socket.socket, data: bytes | memoryview, ends: float) -> None:
        """Chunks, each behind its length in four bytes, the highest first; an empty one ends them."""
        view = memoryview(data)
        for start in range(0, len(view), _CHUNK):
            chunk = view[start : start + _CHUNK]
            connection.settimeout(self._left(ends))
            connection.sendall(len(chunk).to_bytes(4, "big"))
            connection.sendall(chunk)
        connection.sendall(bytes(4))

    def _read(self, connection: socket.socket, ends: float) -> bytes:
        """Up to the NUL that ends an answer, or what came until clamd hung up."""
        answer = bytearray()
        while b"\0" not in answer and len(answer) < _MAX_ANSWER:
            connection.settimeout(self._left(ends))
            try:
                received = connection.recv(_MAX_ANSWER)
            except ConnectionResetError:  # it hung up on data that it had not read: no answer follows
                break
            if not received:
                break
            answer += received
        return bytes(answer.partition(b"\0")[0] + b"\0") if b"\0" in answer else bytes(answer)

    def _left(self, ends: float) -> float:
        left = ends - self._clock()
        if left <= 0:
            raise TimeoutError
        return left


def _container(size: int) -> BytesIO:
    """A zip, nothing in it compressed, of `size` bytes or a little more, with the EICAR test file behind all else."""
    container = BytesIO()
    with ZipFile(container, "w") as archive:
        archive.writestr("before", bytes(size))
        archive.writestr("eicar.txt", EICAR)
    return container


def _day(text: str) -> datetime | None:
    """`Wed Oct 18 09:49:14 2023`, always in English."""
    try:
        return datetime.strptime(text.strip(), "%a %b %d %H:%M:%S %Y")  # noqa: DTZ007 it names no zone
    except ValueError:
        return None


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:.1f} MB"
