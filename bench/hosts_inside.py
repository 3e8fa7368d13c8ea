"""What runs on one of the hosts of `bench.hosts`: `python -m bench.hosts_inside ROLE FOLDER [ADDRESS:PORT=ADDRESS:PORT …]`

Roles are `database`, `store` and `mail`, which print where they serve and end with their stdin, and `relay`, which hands
connections on: servers listen on loopback of their host, and each machine finds them on its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

_PIECE = 1 << 16


async def relay(routes: Sequence[tuple[str, int, str, int]]) -> None:
    """For ever: whoever connects to the first address speaks with the second."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(_PIECE):
                writer.write(piece)
                await writer.drain()
        writer.close()

    def handing_to(host: str, port: int):  # type: ignore[no-untyped-def]
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                there, back = await asyncio.wait_for(asyncio.open_connection(host, port), 10)
            except (OSError, TimeoutError):
                writer.close()
                return
            await asyncio.gather(pump(reader, back), pump(there, writer))

        return handle

    for address, port, host, there in routes:
        await asyncio.start_server(handing_to(host, there), address, port)
    print("serves", flush=True)
    await asyncio.Event().wait()


def route(text: str) -> tuple[str, int, str, int]:
    """`10.0.0.1:80=127.0.0.1:8080`."""
    (address, port), (host, there) = (each.rsplit(":", 1) for each in text.split("="))
    return address, int(port), host, int(there)


def _database(folder: Path) -> None:
    """`kill` ends it as a crash of its machine would, but for what the kernel has; `start` lets it recover from its log."""
    from tests.servers.postgresql import cluster, postmaster, start

    with cluster(folder, more=("fsync=on", "listen_addresses=127.0.0.1")):
        print("serves", flush=True)
        for line in sys.stdin:
            if line.strip() == "kill":
                os.kill(postmaster(folder), signal.SIGKILL)
                print("killed", flush=True)
            elif line.strip() == "start":
                start(folder)
                print("serves", flush=True)


def _store(folder: Path) -> None:
    from tests.servers.objects import object_store

    with object_store(folder) as store:
        print(f"serves {store.ports[0]} {store.credentials}", flush=True)
        for line in sys.stdin:
            if line.strip() == "kill":
                store.stop()
                print("killed", flush=True)
            elif line.strip() == "start":
                store.start()
                print("serves", flush=True)


def _mail(folder: Path) -> None:
    """`deliver PATH` puts a mail into INBOX."""
    from ingest.loopback import LoopbackMail

    with LoopbackMail(letters_dir=folder / "letters") as provider:
        print(f"serves {provider.imap_port} {provider.smtp_port} {provider.username} {provider.password}", flush=True)
        for line in sys.stdin:
            provider.append(Path(line.strip()).read_bytes())
            print("delivered", flush=True)


def main() -> None:
    role, folder, *routes = sys.argv[1:]
    if role == "relay":
        asyncio.run(relay([route(each) for each in routes]))
    else:
        {"database": _database, "store": _store, "mail": _mail}[role](Path(folder))


if __name__ == "__main__":
    main()
