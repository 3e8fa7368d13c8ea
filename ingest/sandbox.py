"""Child processes for everything that reads a stranger's bytes: limits on memory, time and files, walls, one task each.

Decoders run in a fresh child a task, started from a fork server that has them imported already. The recogniser's
children live long, since loading models costs a second, and take only pixel arrays of bounded size. Neither has a network,
starts programs or opens files: of a decoder but those in the folder of its task (`ingest.walls`).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ingest import walls
from ingest.child import Bounds, Child, ChildFailed, Job
from ingest.errors import Transient
from parsers.limits import Limits

_OCR_SECONDS = 240.0
"""A 30-page scan on one slow core stays below it; past it the child hangs."""
_OCR_TASKS = 200
"""After this many covers a recogniser child is renewed, so that no leak can add up."""
_OCR_BOUNDS = Bounds(memory_mb=3000, descriptors=1024)
"""Measured: 0.5 GB of address space with the models, 1.9 GB at most over pages of 16 million pixels (docs/decisions/sandbox.md)."""
_CPU_MORE = 5
"""Seconds of CPU time above those of the clock: two limits that end a task at once would tell its fate by chance."""


@dataclass(kw_only=True)
class _Recogniser:
    child: Child
    tasks: int = 0

    @property
    def fresh(self) -> bool:
        return self.tasks == 1


class Sandbox:
    """Two kinds of children, each with a number of places. Thread-safe; `close` ends the children."""

    def __init__(self, limits: Limits, *, workers: int = 2, ocr_workers: int = 2) -> None:
        walls.shut_own_process()
        self._limits = limits
        self._decoding = threading.BoundedSemaphore(workers)
        self._recognising = threading.BoundedSemaphore(ocr_workers)
        self._children: set[Child] = set()
        self._idle: list[_Recogniser] = []
        self._lock = threading.Lock()
        self._closed = False

    def decode(self, job: Job, *args: object, folder: Path | None = None, seconds: float | None = None) -> bytes:
        """Runs `job` in a fresh limited child, which opens files in `folder` alone, for `seconds` at most (None:
        `parse_seconds`). Raises ChildFailed; Transient when the child was ended from outside."""
        with self._decoding:
            child = self._start(
                Bounds(memory_mb=self._limits.parse_memory_mb, cpu_seconds=self._limits.parse_seconds + _CPU_MORE),
                folder,
            )
            try:
                return self._run(child, job, args, seconds or float(self._limits.parse_seconds))
            finally:
                self._end(child)

    def recognise(self, job: Job, *args: object, files: Sequence[BinaryIO] = ()) -> bytes:
        """Runs `job(*args, files)` in a child that keeps the recogniser's models and opens no files. Raises as `decode`.

        A child that died or ran out of memory and had worked before is no news about this task: it is done once more, in
        a fresh one.
        """
        with self._recognising:
            with self._lock:
                taken = self._idle.pop() if self._idle else None
            taken = taken or self._new_recogniser()
            try:
                return self._recognised(taken, job, args, files)
            except ChildFailed as failure:
                if taken.fresh or failure.reason not in ("memory", "crash"):
                    raise
            return self._recognised(self._new_recogniser(), job, args, files)

    def _new_recogniser(self) -> _Recogniser:
        return _Recogniser(child=self._start(_OCR_BOUNDS, None))

    def _recognised(self, taken: _Recogniser, job: Job, args: tuple[object, ...], files: Sequence[BinaryIO]) -> bytes:
        """One task, after which the child is kept for the next, or ended."""
        taken.tasks += 1
        kept = False
        for file in files:
            os.lseek(file.fileno(), 0, os.SEEK_SET)  # a child before may have read it: the place is shared
        try:
            answer = self._run(taken.child, job, args, _OCR_SECONDS, files)
            kept = taken.tasks < _OCR_TASKS
            return answer
        finally:
            if kept:
                with self._lock:
                    self._idle.append(taken)
            else:
                self._end(taken.child)

    def close(self) -> None:
        """Ends all children, finished or not."""
        with self._lock:
            self._closed = True
            children = tuple(self._children)
        for child in children:
            child.end()

    def _start(self, bounds: Bounds, folder: Path | None) -> Child:
        with self._lock:
            if self._closed:
                raise Transient("the sandbox is closed")
            child = Child(bounds, folder)
            self._children.add(child)
        return child

    def _run(
        self, child: Child, job: Job, args: tuple[object, ...], seconds: float, files: Sequence[BinaryIO] = ()
    ) -> bytes:
        try:
            return child.run(job, args, seconds, files)
        except ChildFailed as failure:
            if self._closed:
                raise Transient("the sandbox was closed meanwhile") from failure
            raise

    def _end(self, child: Child) -> None:
        child.end()
        with self._lock:
            self._children.discard(child)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
