"""Network namespaces as hosts on one switch, whose cables can be pulled. Root, and Debian's iproute2 (ip-netns(8), ip-link(8))."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SWITCH = "baosong-switch"
SERVERS, MACHINES = ("db", "store", "mail"), ("lead1", "lead2", "work1", "work2")
ADDRESS = {name: f"10.77.0.{number}" for number, name in enumerate((*SERVERS, *MACHINES), 2)}


@dataclass(kw_only=True)
class Host:
    """A namespace `name`, reached by the switch, and what was started in it."""

    name: str
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def space(self) -> str:
        return f"baosong-{self.name}"

    def start(self, *command: object, **more: Any) -> subprocess.Popen[str]:
        arguments = ["ip", "netns", "exec", self.space, *map(str, command)]
        made = subprocess.Popen(arguments, cwd=ROOT, text=True, start_new_session=True, **more)
        self.processes.append(made)
        return made

    def inside(self, role: str, folder: Path, *routes: str) -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        return self.start(sys.executable, "-m", "bench.hosts_inside", role, folder, *routes, **pipes)

    def kill(self, process: subprocess.Popen[str]) -> None:
        """With all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.processes.remove(process)

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """Its cable is pulled."""
        _ip("-n", SWITCH, "link", "set", self.name, "down")
        try:
            yield
        finally:
            _ip("-n", SWITCH, "link", "set", self.name, "up")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


@contextmanager
def network() -> Iterator[dict[str, Host]]:
    """The hosts, wired; all processes in them are killed at the end."""
    hosts = {name: Host(name=name) for name in ADDRESS}
    try:
        _ip("netns", "add", SWITCH)
        _ip("-n", SWITCH, "link", "add", "wires", "type", "bridge")
        _ip("-n", SWITCH, "link", "set", "wires", "up")
        for host in hosts.values():
            _ip("netns", "add", host.space)
            _ip("-n", SWITCH, "link", "add", host.name, "type", "veth", "peer", "name", "eth0", "netns", host.space)
            _ip("-n", SWITCH, "link", "set", host.name, "master", "wires", "up")
            _ip("-n", host.space, "addr", "add", f"{ADDRESS[host.name]}/24", "dev", "eth0")
            _ip("-n", host.space, "link", "set", "eth0", "up")
            _ip("-n", host.space, "link", "set", "lo", "up")
        yield hosts
    finally:
        for host in hosts.values():
            for process in list(host.processes):
                host.kill(process)
            subprocess.run(["ip", "netns", "del", host.space], check=False)
        subprocess.run(["ip", "netns", "del", SWITCH], check=False)
