"""What children are made to do in tests/test_sandbox.py: every way of ending but well."""

from __future__ import annotations

import json
import os
import signal
import stat
import time


def echo(value: bytes) -> bytes:
    return value


def pid() -> bytes:
    return str(os.getpid()).encode()


def environment() -> bytes:
    return json.dumps(dict(os.environ)).encode()


def fail(text: str) -> bytes:
    raise ValueError(text)


def full_disk(number: int) -> bytes:
    raise OSError(number, "no room", "/13912345678.xlsx")


def text() -> bytes:
    return "no bytes"  # type: ignore[return-value]


def leave(status: int) -> bytes:
    os._exit(status)


def take_signal(number: int) -> bytes:
    os.kill(os.getpid(), number)
    time.sleep(60)
    return b""


def hoard() -> bytes:
    kept = []
    while True:
        kept.append(bytes(32 * 1024 * 1024))


def sleep() -> bytes:
    time.sleep(60)
    return b""


def half_a_message() -> bytes:
    """Promises a thousand bytes on every pipe it has, sends one, and hangs."""
    _on_every_pipe((1000).to_bytes(4, "big") + b"+")
    return sleep()


def too_much() -> bytes:
    """Promises more than anybody may send."""
    _on_every_pipe((-1).to_bytes(4, "big", signed=True) + (2**40).to_bytes(8, "big"))
    return sleep()


def _on_every_pipe(message: bytes) -> None:
    for number in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                os.write(number, message)
        except OSError:
            continue


def ignore_the_end() -> bytes:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return sleep()
