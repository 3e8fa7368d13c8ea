"""What children are made to do in tests/test_sandbox.py: every way of ending but well."""

from __future__ import annotations

import json
import os
import signal
import stat
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO


def echo(value: bytes) -> bytes:
    return value


def pid() -> bytes:
    return str(os.getpid()).encode()


def gather(folder: str, count: int) -> bytes:
    """Waits until so many are at it at once."""
    (Path(folder) / str(os.getpid())).touch()
    while len(list(Path(folder).iterdir())) < count:
        time.sleep(0.01)
    return b"met"


def likely_to_go() -> bytes:
    return Path("/proc/self/oom_score_adj").read_bytes()


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


def large_picture() -> bytes:
    """More than OpenCV gets: 10 GB."""
    import cv2
    import numpy as np

    return cv2.resize(np.zeros((8, 8, 3), np.uint8), (60_000, 60_000)).tobytes()[:1]


def large_run() -> bytes:
    """The recogniser's own model over a page that is larger than any it is given: some 20 GB in between."""
    import numpy as np

    from parsers.ocr import Recogniser, shipped

    model = Recogniser()._load(shipped("PP-OCRv6_det_small.onnx"))
    page = np.zeros((1, 3, 6400, 6400), np.float32)
    model.run(None, {model.get_inputs()[0].name: page})
    return b""


def die_at_the_second_task(files: Sequence[BinaryIO]) -> bytes:
    """Reads its file; a child that has done a task dies over it. → process id."""
    global _done
    [file] = files
    assert file.read() == b"a page"
    if _done:
        os._exit(3)
    _done = True
    return pid()


_done = False


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
