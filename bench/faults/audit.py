"""Is every mail there, decided once and answered once? Asked of the archive, the server, the sink and the ledger."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence

from bench.faults.letters import LetterBook
from bench.faults.mails import Made
from bench.faults.workers import ROOT
from bench.faults.world import DONE, World

_ODD_TASKS = frozenset(("held", "unanswerable", "not_filed", "mail_not_had", "mails_not_had", "mailbox_login"))
"""Tasks that say that something was given up, or waits for a person because of a fault that is over."""


def of_mails(world: World, book: LetterBook, mails: Sequence[Made]) -> Iterator[str]:
    """What is wrong with these mails: not recorded, not decided as it must be, answered too little or too often."""
    recorded, decisions, letters = world.records.mails(), world.records.decisions(), book.by_recipient()
    for mail in mails:
        name = f"{mail.kind} mail of {mail.sender}"
        status, disposition = recorded.get(mail.sha256, ("lost: not recorded", None))
        if status != "done":
            yield f"{name}: {status}"
        elif disposition != mail.disposition:
            yield f"{name}: {disposition} instead of {mail.disposition}"
        if decisions[mail.sha256] != mail.decisions:
            yield f"{name}: {decisions[mail.sha256]} decisions instead of {mail.decisions}"
        went = len(letters.get(mail.sender, Counter()))
        if went != mail.letters and not (mail.sender in world.sink.refused and went == 0):
            yield f"{name}: {went} letters instead of {mail.letters}"


def of_archive(world: World) -> Iterator[str]:
    """Every mail byte for byte, and no other beside those that the records speak of."""
    for mail in world.delivered:
        if world.archive.read(mail.sha256) != mail.raw:
            yield f"{mail.kind} mail of {mail.sender}: lost: not in the archive as it was sent"
    rows = Counter(world.records.mails())
    known = {mail.sha256 for mail in world.delivered}
    yield from (f"mail {sha256} in the records was never sent" for sha256 in rows if sha256 not in known)


def of_server(world: World) -> Iterator[str]:
    """Each copy of a mail lies on the server once: submissions in the folder for them, others where they came."""
    places: dict[str, Counter[str]] = {}
    for folder in ("INBOX", "Junk", DONE):
        for _, raw in world.account.mails(folder):
            places.setdefault(hashlib.sha256(raw).hexdigest(), Counter())[folder] += 1
    for mail in world.delivered:
        where = DONE if mail.disposition == "submission" else mail.folder
        if places.get(mail.sha256) != Counter({where: mail.copies}):
            yield f"{mail.kind} mail of {mail.sender}: on the server it lies in {dict(places.get(mail.sha256) or {})}"


def of_state(world: World) -> Iterator[str]:
    """Nothing waits, nothing is given up."""
    left = world.records.left()
    if not left.nothing:
        yield f"not done: {left}"
    tasks = world.records.open_tasks()
    yield from (f"{tasks[kind]} open tasks {kind}" for kind in sorted(_ODD_TASKS & set(tasks)))
    failed = tasks["reply_failed"]
    if failed != len(world.sink.refused):
        yield f"{failed} letters were given up, {len(world.sink.refused)} were refused for good"
    yield from (f"hung: run {number}" for number in world.hung)
    yield from world.unforeseen


def of_ledger(world: World) -> Iterator[str]:
    """`baosong audit verify`, as an auditor runs it."""
    arguments = ["audit", "verify", "--json", "--config", str(world.folder / "baosong.toml")]
    command = [sys.executable, "-c", "import sys; from cli.main import main; main(sys.argv[1:])", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        faults = json.loads(done.stdout)["faults"]
    except ValueError:
        faults = [{"object": "audit", "fault": done.stderr[-500:]}]
    yield from (f"audit verify: {fault['object']}: {fault['fault']}" for fault in faults)


def leftovers(world: World) -> tuple[int, int]:
    """→ files of the archive that no entry of the ledger names, and files that were never given their name."""
    named: set[str] = set()
    for (body,) in world.records.rows("select body from ledger_entries"):
        named.update(json.loads(body).get("blobs", ()))
    named.update(sha256 for (sha256,) in world.records.rows("select sha256 from outbox where sha256 is not null"))
    return len(world.archive.names() - named), world.archive.unfinished()
