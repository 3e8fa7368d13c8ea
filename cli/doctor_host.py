"""What `baosong doctor` looks at on its own machine: disks, memory, whose the files are, the worker, who hears an alarm."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli.findings import Finding

if TYPE_CHECKING:
    from ingest.app import App
    from ingest.memory import Memory


def look_at_disks(app: App) -> Finding:
    """Of database and archive, and where the readers unpack."""
    import shutil

    from ingest.health import DISK_LOW, Disk, disks

    scratch = app.scratch.home
    found = [*disks(app), Disk(what="temporary files", folder=scratch, free=shutil.disk_usage(scratch).free)]
    told = ", ".join(f"{disk.free / 1024**3:.1f} GiB on the disk of the {disk.what}" for disk in found)
    low = [f"{disk.what} ({disk.folder})" for disk in found if disk.free < DISK_LOW]
    mend = f"make room for {', '.join(low)}: at least 2 GiB are wanted" if low else ""
    return Finding(what="disk", ok=not low, found=f"free: {told}", mend=mend)


def look_at_memory(app: App) -> Finding:
    from ingest.memory import memory

    return room(memory(), at_work=app.database.worker_holds())


def room(found: Memory | None, *, at_work: bool) -> Finding:
    """Whether two mails can be read at a time, as `run` and `worker` do. `at_work`: a worker is, and has some of it already."""
    from ingest.memory import PLACE_MB, needed

    if found is None:
        return Finding(what="memory", ok=True, found="the system does not tell how much there is")
    of = "its control group" if found.bound else "the machine"
    told = f"{found.whole / 1024:.1f} GiB of {of}, room for {found.places} place(s) that read ({PLACE_MB} MiB each)"
    more = "MemoryMax= of the unit, mem_limit of the container" if found.bound else "memory"
    if found.places < 2:
        mend = f"give it {needed(2)} MiB ({more})" + (", or run it with --places 1" if found.places else "")
        return Finding(what="memory", ok=found.places > 0, found=told, mend=mend)
    if found.free < needed(2) and not at_work:
        told = f"{told}; {found.free / 1024:.1f} GiB of it are free"
        mend = "end what else takes memory here, run it with --places 1, or give the machine more: else the kernel ends readers"
        return Finding(what="memory", ok=True, found=told, mend=mend)
    return Finding(what="memory", ok=True, found=told)


def look_at_owners(app: App) -> Finding:
    """What the service writes must be its own. Who may read it, `files` says."""
    if foreign := _of_others(app):
        owner = foreign[0].parent.owner()
        found = f"{foreign[0]} belongs to {foreign[0].owner()}, its folder to {owner}: the worker cannot write to it"
        return Finding(what="owners", ok=False, found=found, mend=f"chown -R {owner}: {foreign[0].parent}")
    return Finding(what="owners", ok=True, found="database and archive belong to whom their folders do")


def look_at_worker(app: App) -> Finding:
    """Whether one is at work, and gives signs of life. Before the first start it is right that none does."""
    from ingest.health import LATE_BEAT, last_beat

    if not app.database.worker_holds():
        mend = "start it when nothing else is to be mended: systemctl start baosong"
        return Finding(what="worker", ok=True, found="none is at work on this database", mend=mend)
    with app.database.read() as tx:
        beat = last_beat(tx)
    if beat is None or app.clock() - beat.at > LATE_BEAT:
        since = f"since {beat.at.isoformat(timespec='seconds')}" if beat else "yet"
        found = f"one holds the database, but gave no sign of life {since} (`run --once` gives none)"
        return Finding(
            what="worker", ok=False, found=found, mend="look at its log (journalctl -u baosong), then restart it"
        )
    return Finding(what="worker", ok=True, found="at work")


def look_at_alarms(app: App) -> Finding:
    addresses = app.settings.staff.digest_to
    if not addresses:
        return Finding(
            what="alarms",
            ok=True,
            found="nobody is told when polling or sending stalls",
            mend='name who shall be: digest_to = ["…"] in [staff]',
        )
    return Finding(what="alarms", ok=True, found=f"go to {len(addresses)} address(es) of staff.digest_to")


def _of_others(app: App) -> list[Path]:
    """Files that a command run as another user has made: the worker cannot write to them."""
    database, (_, archive) = app.database.file, app.blobs.disk
    made = [database.with_name(f"{database.name}{end}") for end in ("", "-wal", "-shm", ".lock")] if database else []
    made += [archive / "HEAD", archive / "blobs", archive / "tmp"]
    return [path for path in made if path.exists() and path.stat().st_uid != path.parent.stat().st_uid]
