"""The work of `bench.hostile`: reads what does harm under a stopwatch, and lets the worker settle mail after mail."""

from __future__ import annotations

import functools
import gc
import hashlib
import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.stages import memory_now
from config.logging import configure_logging
from ingest.child import ChildFailed
from ingest.reading import Reader
from parsers.limits import Limits
from tests.hostile import mails as m
from tests.hostile import workbooks as w
from tests.hostile.cases import CASES
from tests.hostile.reading import ORIGIN, DecodersAlone, outcome, reader
from tests.office import office

_GOOD = "1 sheet"
_STEP = 250
"""Mails between two readings of memory."""


@dataclass(frozen=True, kw_only=True)
class Input:
    """`outcomes` empty: any that is no failure of ours."""

    name: str
    make: Callable[[], bytes]
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """`memory`: MB that one child of it held at most. `following`: seconds until the good mail after it was read."""

    name: str
    told: str
    memory: int
    seconds: float
    following: float
    good: bool


def measure(names: Sequence[str], scale: int, corpus: Path | None) -> int:
    """Prints a line for each input. → 1 when one is not as expected."""
    configure_logging(json_lines=False, level=logging.CRITICAL)  # the readers' log is not the table
    wanted = [case for case in CASES if not names or any(name in case.name for name in names)]
    inputs = [Input(name=case.name, make=_made(case.make, scale), outcomes=case.outcomes) for case in wanted]
    inputs += _files(corpus) if corpus else []
    rows = []
    print(f"{'input':<44}{'MB':>6}{'s':>7}{'next':>6}  told, and read")
    for row in _read(inputs):
        rows.append(row)
        mark = "" if row.good else "   <- NOT AS EXPECTED"
        print(
            f"{row.name[:43]:<44}{row.memory:>6}{row.seconds:>7.1f}{row.following:>6.1f}  {row.told}{mark}", flush=True
        )
    largest, longest = max(row.memory for row in rows), max(row.seconds for row in rows)
    print(f"{len(rows)} inputs, {sum(not row.good for row in rows)} not as expected; at most {largest} MB, {longest:.1f} s, "
          f"next mail after {max(row.following for row in rows):.1f} s")  # fmt: skip
    return int(not all(row.good for row in rows))


def _made(make: Callable[[int], bytes], scale: int) -> Callable[[], bytes]:
    return lambda: make(scale)


def _files(folder: Path) -> list[Input]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [Input(name=path.relative_to(folder).as_posix(), make=_mail_of(path)) for path in paths]


def _mail_of(path: Path) -> Callable[[], bytes]:
    if path.suffix == ".eml":
        return path.read_bytes
    return lambda: m.carrying((path.name.replace('"', ""), path.read_bytes()))


def _read(inputs: list[Input]) -> Iterator[Row]:
    limits = Limits()
    with DecodersAlone(limits) as sandbox:
        reads = reader(sandbox, limits)
        _timed(reads, m.carrying(("表.xlsx", w.good())))  # the fork server is up
        for each in inputs:
            with Peak() as peak:
                told, seconds = _timed(reads, each.make())
            following, waited = _timed(reads, m.carrying(("表.xlsx", w.good())))
            good = following == _GOOD and (told in each.outcomes if each.outcomes else not told.startswith("FAILED"))
            yield Row(name=each.name, told=told, memory=peak.most, seconds=seconds, following=waited, good=good)


def _timed(reads: Reader, raw: bytes) -> tuple[str, float]:
    start = time.perf_counter()
    try:
        told = outcome(reads.read(raw, sha256=hashlib.sha256(raw).hexdigest(), origin=ORIGIN))
    except ChildFailed as failure:
        told = f"FAILED {failure}"
    return told, time.perf_counter() - start


class Peak:
    """The most resident memory of any child meanwhile, asked of the kernel's high-water marks fifty times a second."""

    def __init__(self) -> None:
        self.most = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            self.most = max([self.most, *_marks()])


def _marks() -> Iterator[int]:
    """MB of each child of a child of this process: the fork server's."""
    for server in _children(os.getpid()):
        for child in _children(server):
            with suppress(OSError, ValueError):  # it ended meanwhile
                status = Path(f"/proc/{child}/status").read_text()
                yield int(status.split("VmHWM:")[1].split()[0]) // 1024 if "VmHWM:" in status else 0


def _children(process: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, path.read_text().split())
    return found


def measure_memory(number: int) -> int:
    """Settles small mails and prints the worker's memory: it must not grow with their number.

    Memories of texts and names (`lru_cache`) are emptied as it goes: they fill to bounds of their own, which so many
    small mails do not come to, and what grows without one would not be seen beside them.
    """
    configure_logging(json_lines=False, level=logging.CRITICAL)
    marks = []
    with tempfile.TemporaryDirectory() as folder, office(Path(folder)) as here:
        here.app._reader = None
        for start in range(0, number, _STEP):
            for place in range(start, min(start + _STEP, number)):
                here.box.deliver(f"From: a{place}@example.cn\r\nSubject: {place}\r\n\r\n请问怎么填？\r\n".encode())
            here.run()
            here.letters.taken.clear()
            here.box.mails.clear()  # nor may what stands in for the servers
            _empty_caches()
            marks.append(memory_now())
            print(f"{start + _STEP:>6} mails  {marks[-1] / 1024:7.1f} MB", flush=True)
    grown = (marks[-1] - marks[len(marks) // 4]) / 1024
    print(f"grown by {grown:.1f} MB since {len(marks) // 4 * _STEP + _STEP} mails")
    return 0


def _empty_caches() -> None:
    for each in gc.get_objects():
        if type(each) is functools._lru_cache_wrapper and each.cache_parameters()["maxsize"]:
            each.cache_clear()
    gc.collect()
