"""mbsync and getmail6 on the same mailbox, as their makers ship them, each into a Maildir of its own.

Both write one file a mail and sync it before the next: what they say is there is durable, as with ours.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from bench.intake_clients import Taken, Target, peak

UNPRIVILEGED = "nobody"
"""Who runs getmail when the bench is run by root, to whom it refuses to deliver."""
GETMAIL_MAILS = 300
"""getmail forks for each mail and now and then misses the end of its child (6.18.11), which ends its run a minute later;
it takes these mails only, on one core, where that is rare."""
_LOOK_SECONDS = 0.05


class RivalFailed(RuntimeError):
    """It did not end well; says so in its own words."""


def mbsync(target: Target) -> Taken:
    """isync's mbsync: one pull of INBOX, every mail synced (`FSync yes`, its default)."""
    config = target.folder / "mbsyncrc"
    config.write_text(
        f"""FSync yes
IMAPStore far
Host 127.0.0.1
Port {target.port}
User {target.username}
Pass {target.password}
SSLType None
AuthMechs LOGIN

MaildirStore near
Path {target.folder}/
Inbox {target.folder}/INBOX

Channel bench
Far :far:
Near :near:
Patterns INBOX
Sync Pull
Create Near
SyncState *
""",
        encoding="utf-8",
    )
    return _run(["mbsync", "-c", str(config), "bench"], target.folder / "INBOX")


def getmail(target: Target) -> Taken:
    """getmail6: the first mails of INBOX, read with BODY.PEEK and left on the server, nothing added to them."""
    box = target.folder / "INBOX"
    for name in ("cur", "new", "tmp"):
        (box / name).mkdir(parents=True)
    (target.folder / "getmailrc").write_text(
        f"""[retriever]
type = SimpleIMAPRetriever
server = 127.0.0.1
port = {target.port}
username = {target.username}
password = {target.password}
mailboxes = ("INBOX",)

[destination]
type = Maildir
path = {box}/

[options]
read_all = true
delete = false
received = false
delivered_to = false
verbose = 0
max_messages_per_session = {GETMAIL_MAILS}
""",
        encoding="utf-8",
    )
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    if user:
        for path in (target.folder, *target.folder.rglob("*")):
            shutil.chown(path, user)
    command = ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0))), "getmail"]
    return _run([*command, "--getmaildir", str(target.folder), "--rcfile", "getmailrc"], box, user)


def _run(command: Sequence[str], box: Path, user: str | None = None) -> Taken:
    """Runs a program to its end. Raises RivalFailed."""
    begun = time.perf_counter()
    told = box.parent / "told"
    with told.open("wb") as output:
        group = pwd.getpwnam(user).pw_gid if user else None
        process = subprocess.Popen(command, stdout=output, stderr=output, user=user, group=group, cwd="/")
    most = 0
    while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
        most = max(most, peak(process.pid))
        time.sleep(_LOOK_SECONDS)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(ended[1])
    if process.returncode:
        raise RivalFailed(f"{box.parent.name} failed: {told.read_text(errors='replace')[-300:]}")
    mails = sum(1 for folder in ("cur", "new") for _ in (box / folder).iterdir())
    return Taken(mails=mails, seconds=seconds, cpu=ended[2].ru_utime + ended[2].ru_stime, peak=most)
