"""A stopwatch for stages: wall and CPU time less what nested stages took, in this process and in sandbox children.

Imports the standard library only, because every fresh child of the sandbox imports it anew.
"""

from __future__ import annotations

import functools
import importlib
import json
import math
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_LENGTH = 4
"""Bytes that tell how long the report before a child's answer is."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One measurement. `wall`, `cpu` in seconds; `memory` in KiB, the most the process held; records of one `key`
    (a mail) are added up. Uncounted records (`count` 0) only add to their stage's sum."""

    stage: str
    wall: float
    cpu: float
    memory: int = 0
    key: str | None = None
    count: int = 1


@dataclass(kw_only=True)
class Frame:
    """A stage that runs. `child_cpu` and `memory` may be set from a child's report, `count` when it is known."""

    key: str | None
    count: int
    inner_wall: float = 0.0
    inner_cpu: float = 0.0
    child_cpu: float = 0.0
    memory: int = 0


class Clock:
    """Collects records of all threads. `cpu` is the clock of CPU seconds: of the thread, or of the whole process."""

    def __init__(self, cpu: Callable[[], float] = time.thread_time) -> None:
        self.records: list[Record] = []
        self.own_cpu = 0.0
        self._cpu = cpu
        self._frames = threading.local()
        self._lock = threading.Lock()

    @contextmanager
    def stage(self, name: str, *, key: str | None = None, count: int = 1) -> Iterator[Frame]:
        """Measures the block without the stages inside it. `count` > 1: so many mails shared the time evenly."""
        stack: list[Frame] = self._frames.__dict__.setdefault("stack", [])
        outer = stack[-1] if stack else None
        frame = Frame(key=key or (outer.key if outer else None), count=count)
        stack.append(frame)
        wall, cpu = time.perf_counter(), self._cpu()
        try:
            yield frame
        finally:
            wall, cpu = time.perf_counter() - wall, self._cpu() - cpu
            stack.pop()
            if outer:
                outer.inner_wall += wall
                outer.inner_cpu += cpu
            self._close(name, frame, wall - frame.inner_wall, cpu - frame.inner_cpu)

    def _close(self, name: str, frame: Frame, wall: float, cpu: float) -> None:
        memory = frame.memory or memory_now()
        parts = max(1, frame.count)
        record = Record(
            stage=name,
            wall=wall / parts,
            cpu=(cpu + frame.child_cpu) / parts,
            memory=memory,
            key=frame.key,
            count=min(1, frame.count),
        )
        with self._lock:
            self.records += [record] * parts
            self.own_cpu += cpu

    def add(self, records: Iterable[Record]) -> None:
        """Takes what a child measured."""
        with self._lock:
            self.records += records

    def reset(self) -> None:
        """Forgets everything, after warming up."""
        with self._lock:
            self.records.clear()
            self.own_cpu = 0.0


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A function to be timed: attribute `name` of `owner`, `module` or `module:Class`. `key` tells the mail from the
    call's arguments, `count` how many mails shared the call (0: it is no occurrence of its own)."""

    owner: str
    name: str
    stage: str
    key: Callable[..., str | None] | None = None
    count: Callable[..., int] | None = None


@contextmanager
def probed(clock: Clock, probes: Sequence[Probe]) -> Iterator[None]:
    """Times the functions inside the block. Raises AttributeError when one of them does not exist any more."""
    places = [(_owner(probe.owner), probe) for probe in probes]
    originals = [(owner, probe.name, getattr(owner, probe.name)) for owner, probe in places]
    for (owner, probe), (_, _, original) in zip(places, originals, strict=True):
        setattr(owner, probe.name, _timed(clock, probe, original))
    try:
        yield
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)


def _owner(path: str) -> Any:
    module, _, name = path.partition(":")
    found = importlib.import_module(module)
    return getattr(found, name) if name else found


def _timed(clock: Clock, probe: Probe, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def timed(*args: Any, **kwargs: Any) -> Any:
        key = probe.key(*args, **kwargs) if probe.key else None
        count = probe.count(*args, **kwargs) if probe.count else 1
        with clock.stage(probe.stage, key=key, count=count):
            return original(*args, **kwargs)

    return timed


def overhead(*_: Any, **__: Any) -> int:
    """`Probe.count` of what is an overhead of its stage: no occurrence by itself."""
    return 0


COVER_PROBES = (
    *(Probe(owner="parsers.cover", name=name, stage="straighten") for name in ("upright", "deskew")),
    Probe(owner="parsers.turning", name="quarter_turn", stage="straighten"),
    *(Probe(owner="parsers.prepare", name=name, stage="straighten") for name in ("square_up", "askew")),
    *(Probe(owner="parsers.quality", name=name, stage="light and ink") for name in ("without_red", "red_mask")),
    *(Probe(owner="parsers.quality", name=name, stage="light and ink") for name in ("even_light", "ink_mask")),
    Probe(owner="parsers.quality", name="has_colour", stage="light and ink"),
    *(Probe(owner="parsers.prepare", name=name, stage="ruling, cells") for name in ("find_table", "without_dust")),
    Probe(owner="parsers.cover", name="read_print", stage="ruling, cells"),
    Probe(owner="parsers.seals", name="read_seals", stage="seals"),
    *(Probe(owner="parsers.ocr:Recogniser", name=name, stage="recognise") for name in ("read_lines", "detect")),
    Probe(owner="parsers.ocr:Recogniser", name="_load", stage="load models"),
)
"""What is told apart of reading a cover, at the calls of `parsers.cover`, of what it calls, and of the recogniser."""
COVER_REST = "other of it"


def measured(job: Callable[..., bytes], *args: object) -> bytes:
    """Runs a job of `ingest.children` in its child. → a report of what it cost, then its answer; `unpacked` parts them.

    CPU is that of the process: in a fresh child from its birth, so that starting it is not forgotten.
    """
    fresh = job.__name__ != "cover_job"
    clock = Clock(cpu=time.process_time)
    wall, cpu = time.perf_counter(), 0.0 if fresh else time.process_time()
    if fresh:
        answer = job(*args)
    else:
        with probed(clock, COVER_PROBES), clock.stage(COVER_REST):
            answer = job(*args)
    total = Record(
        stage=job.__name__, wall=time.perf_counter() - wall, cpu=time.process_time() - cpu, memory=memory_peak()
    )
    report = json.dumps([asdict(record) for record in (total, *_by_stage(clock.records))]).encode()
    return len(report).to_bytes(_LENGTH, "big") + report + answer


def unpacked(data: bytes) -> tuple[list[Record], bytes]:
    """The records of a child, that of the whole job first, and the job's answer."""
    end = _LENGTH + int.from_bytes(data[:_LENGTH], "big")
    return [Record(**fields) for fields in json.loads(data[_LENGTH:end])], data[end:]


def _by_stage(records: Sequence[Record]) -> list[Record]:
    stages = dict.fromkeys(record.stage for record in records)
    parts = {stage: [record for record in records if record.stage == stage] for stage in stages}
    return [
        Record(stage=stage, wall=sum(r.wall for r in own), cpu=sum(r.cpu for r in own), memory=own[-1].memory)
        for stage, own in parts.items()
    ]


def memory_now() -> int:
    """KiB of resident memory of this process."""
    return _status("VmRSS:")


def memory_peak() -> int:
    """KiB of resident memory that this process held at most, pages shared with its fork server included."""
    return _status("VmHWM:")


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Times of one stage in seconds: their sum, mean (the sum over `count`), median, 95th percentile."""

    total: float
    mean: float
    median: float
    p95: float


@dataclass(frozen=True, kw_only=True)
class Row:
    """One stage of the table. `count` occurrences (mails, files, letters), `memory` in KiB."""

    stage: str
    count: int
    wall: Spread
    cpu: Spread
    memory: int


def summary(records: Sequence[Record], stage: str) -> Row:
    """The row of a stage, all zeros where it did not occur."""
    own = [record for record in records if record.stage == stage]
    groups: dict[object, list[Record]] = {}
    for number, record in enumerate(own):
        if record.count:
            groups.setdefault(record.key or number, []).append(record)
    return Row(
        stage=stage,
        count=len(groups),
        wall=_spread(sum(r.wall for r in own), [sum(r.wall for r in group) for group in groups.values()]),
        cpu=_spread(sum(r.cpu for r in own), [sum(r.cpu for r in group) for group in groups.values()]),
        memory=max((record.memory for record in own), default=0),
    )


def _spread(total: float, values: Sequence[float]) -> Spread:
    ordered = sorted(values) or [0.0]
    return Spread(
        total=total,
        mean=total / max(1, len(values)),
        median=statistics.median(ordered),
        p95=ordered[math.ceil(0.95 * len(ordered)) - 1],
    )
