"""Tells systemd how the service is (sd_notify(3)): a datagram to the socket it names. Nothing happens without systemd."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from ingest.stages import Stages

log = structlog.get_logger(__name__)


class Service:
    """`READY=1`, `STOPPING=1`, and the sign of life that `WatchdogSec=` asks for, twice as often as it must be.

    `clock` is monotonic, in seconds.
    """

    def __init__(
        self, environment: Mapping[str, str] = os.environ, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        wanted = environment.get("WATCHDOG_USEC", "")
        # WATCHDOG_PID: the variables may have been handed down by a service that started us.
        ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._every = int(wanted) / 2e6 if wanted.isdigit() and ours else None
        self._clock = clock
        self._next = float("-inf")

    def ready(self) -> None:
        self._tell("READY=1")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def alive(self) -> None:
        """To be called often; tells it when it is due."""
        if self._every is not None and self._clock() >= self._next:
            self._next = self._clock() + self._every
            self._tell("WATCHDOG=1")

    def _tell(self, words: str) -> None:
        if not self._address:
            return
        # `@` stands for the NUL of an abstract socket.
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.settimeout(1.0)
            try:
                out.sendto(words.encode("ascii"), address)
            except OSError:
                return  # systemd restarts whom it does not hear: nothing is to be done about it here


@dataclass(kw_only=True)
class Watchdog:
    """systemd hears nothing more once a loop of this process hangs, and starts it anew."""

    service: Service
    stages: Stages
    _hangs: bool = False

    def look(self) -> None:
        """To be called often."""
        hanging = self.stages.silent()
        if not hanging:
            self.service.alive()
        elif not self._hangs:
            self._hangs = True
            log.error("loop_hangs", loops=hanging)
