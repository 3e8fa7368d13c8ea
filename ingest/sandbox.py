"""Child processes for everything that reads a stranger's bytes: limits on memory, time and files, one task each.

Decoders run in a fresh child a task, started from a fork server that has them imported already. The recogniser's
children live long, since loading models costs a second, and take only pixel arrays of bounded size.
"""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

from pebble import ProcessExpired, ProcessPool

from ingest.errors import Transient
from parsers.limits import Limits

_PRELOAD = ["ingest.children"]
_OCR_SECONDS = 240
"""A 30-page scan on one slow core stays below it; past it the child hangs."""
_OCR_TASKS = 200
"""After this many covers a recogniser child is renewed, so that no leak can add up."""


class ChildFailed(Exception):
    """The child died, ran out of memory or time, or raised. `reason` is memory, time, crash or error."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Sandbox:
    """Two pools of children. Thread-safe; `close` ends the children. Start it once a process."""

    def __init__(self, limits: Limits, *, workers: int = 2, ocr_workers: int = 2) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOAD)
        self._limits = limits
        self._decoders = ProcessPool(
            max_workers=workers,
            max_tasks=1,
            context=context,
            initializer=_restrict,
            initargs=(limits.parse_memory_mb, limits.parse_seconds),
        )
        self._ocr = ProcessPool(max_workers=ocr_workers, max_tasks=_OCR_TASKS, context=context)

    def decode(self, job: Callable[..., bytes], *args: object) -> bytes:
        """Runs `job` in a fresh limited child. Raises ChildFailed."""
        return self._run(self._decoders, job, args, float(self._limits.parse_seconds))

    def recognise(self, job: Callable[..., bytes], *args: object) -> bytes:
        """Runs `job` in a child that keeps the recogniser's models. Raises ChildFailed."""
        return self._run(self._ocr, job, args, _OCR_SECONDS)

    def _run(self, pool: Any, job: Callable[..., bytes], args: tuple[object, ...], seconds: float) -> bytes:
        try:
            result = pool.schedule(job, args=args, timeout=seconds).result()
        except FutureTimeoutError as error:
            raise ChildFailed("time", f"{job.__name__} ran longer than {seconds:g} s") from error
        except MemoryError as error:
            raise ChildFailed("memory", f"{job.__name__} ran out of memory") from error
        except ProcessExpired as error:
            raise ChildFailed("crash", f"{job.__name__} ended with exit code {error.exitcode}") from error
        except RuntimeError as error:
            if not pool.active:
                raise Transient("the sandbox is closing") from error
            raise ChildFailed("error", _describe(error)) from error
        except Exception as error:
            raise ChildFailed("error", _describe(error)) from error
        if not isinstance(result, bytes):
            raise ChildFailed("error", f"{job.__name__} returned {type(result).__name__}")
        return result

    def close(self) -> None:
        """Ends all children, finished or not."""
        pools: tuple[Any, ...] = (self._decoders, self._ocr)
        for pool in pools:
            pool.stop()
            pool.join()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _describe(error: BaseException) -> str:
    """Type only: the text of a decoder's exception may quote the stranger's bytes."""
    return type(error).__name__


def _restrict(memory_mb: int, seconds: float) -> None:
    """Limits for a decoder child: address space, CPU seconds, file size, descriptors, no core dumps."""
    memory = memory_mb * 1024**2
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    cpu = int(seconds) + 5
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024**3, 1024**3))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
