"""What memory this process may use, held against what its places for reading take: without it the kernel ends processes,
perhaps those of a neighbour."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

PLACE_MB = 1100
"""A decoder and a recogniser at the most that was seen with honest mails (docs/scale.md)."""
_WORKER_MB = 160
_KB, _MB = 1024, 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Memory:
    """In MiB. `whole`: of the machine, or of the tightest control group that this process is in; `free`: what of it others leave now;
    `bound`: whether it is a control group that bounds it."""

    whole: int
    free: int
    bound: bool

    @property
    def places(self) -> int:
        """So many there is room for when nothing else needs much."""
        return places_in(self.whole)


def needed(places: int) -> int:
    """MiB that so many places take at most."""
    return _WORKER_MB + places * PLACE_MB


def places_in(megabytes: int) -> int:
    return max(0, (megabytes - _WORKER_MB) // PLACE_MB)


def memory(root: Path = Path("/")) -> Memory | None:
    """As the kernel tells it below `root`; None where it does not (another system, /proc without meminfo)."""
    try:
        told = dict(line.split(":", 1) for line in (root / "proc/meminfo").read_text("ascii").splitlines())
        whole, free = (int(told[name].split()[0]) // _KB for name in ("MemTotal", "MemAvailable"))
    except (OSError, KeyError, ValueError):
        return None
    bounds = [bytes_ // _MB for bytes_ in _bounds(root)]
    least = min(bounds, default=whole)
    return Memory(whole=min(whole, least), free=min(free, least), bound=least < whole)


def _bounds(root: Path) -> Iterator[int]:
    """Bytes: of each control group that this process is in, and of those round it, where one is set. Version 2 has one tree, version 1
    one of its own for memory; in a container the path may be another's, and its own group lies at the top."""
    with suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text("utf-8").splitlines():
            _, kinds, path = line.split(":", 2)
            if kinds in ("", "memory"):
                tree = root / "sys/fs/cgroup" / kinds
                group = tree / path.lstrip("/")
                for each in (group, *group.parents):
                    if each.is_relative_to(tree):
                        yield from _bound(each / ("memory.limit_in_bytes" if kinds else "memory.max"))


def _bound(file: Path) -> Iterator[int]:
    with suppress(OSError, ValueError):  # `max`: none is set
        yield int(file.read_text("ascii"))


def warn_if_short(places: int, found: Memory | None) -> None:
    """At the start of whoever reads: a line in the log, since the machine may yet do for small mails."""
    if found and needed(places) > found.free:
        log.warning("memory_short", places=places, needed_mb=needed(places), free_mb=found.free, whole_mb=found.whole)
