"""`baosong doctor`: looks at everything the worker needs, and names the mend of what is wrong."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import click

from cli.common import config_file, config_option, json_option, print_json, settings
from cli.doctor_clamav import look_at_scanner
from cli.doctor_files import look_at_files
from cli.doctor_host import look_at_alarms, look_at_disks, look_at_memory, look_at_owners, look_at_worker
from cli.doctor_mail import look_at_mailboxes, look_at_senders, look_at_smtp
from cli.doctor_register import look_at_blacklist, look_at_register
from cli.errors import NeedsAttention
from cli.findings import Finding, guarded
from domain import rounds

if TYPE_CHECKING:
    from ingest.app import App


@click.command(epilog="Example: baosong doctor --config /srv/baosong/baosong.toml")
@click.option("--probe", is_flag=True, help="Also send the mailbox a letter, and wait until it is there (2 minutes).")
@json_option
@config_option
def doctor(probe: bool, as_json: bool) -> None:
    """Check configuration, notices, database, archive, models, scanner, mailbox, SMTP; say what to mend."""
    from ingest.app import build
    from ingest.probe import WAIT_SECONDS

    loaded = settings()
    findings = [Finding(what="configuration", ok=True, found=str(config_file()))]
    with build(loaded) as app:
        findings += _look(app, WAIT_SECONDS if probe else None)
    if as_json:
        print_json({"ok": all(one.ok for one in findings), "findings": [asdict(one) for one in findings]})
    else:
        for one in findings:
            _print(one)
    bad = [one for one in findings if not one.ok]
    if bad and sys.stdout.isatty():
        raise NeedsAttention(f"to be mended: {', '.join(dict.fromkeys(one.what for one in bad))}")  # all stands above
    if bad:
        raise NeedsAttention(*(f"{one.what}: {one.found}; {one.mend}" for one in bad))


def _print(one: Finding) -> None:
    """`ok`, `note` (it works, and could be better) or `BAD`."""
    label, colour = ("BAD ", "red") if not one.ok else ("note", "yellow") if one.mend else ("ok  ", "green")
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    click.echo(click.style(label, fg=colour) + wrapped(f" {one.what:<14} ", one.found, width, before=len(label)))
    if one.mend:
        click.echo(wrapped("     mend: ", one.mend, width))


def wrapped(begin: str, text: str, width: int | None, *, before: int = 0) -> str:
    """`begin` and the text in lines of that many columns, below one another; in one line for a file or a pipe (None).
    `before`: columns that stand in front already."""
    if width is None:
        return begin + text
    indent = " " * (before + len(begin))
    lines = textwrap.fill(
        text, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return begin + lines.removeprefix(indent)


def _look(app: App, probe_seconds: float | None) -> Iterator[Finding]:
    yield _notices(app)
    checks: dict[str, Callable[[App], Finding]] = {
        "database": _database,
        "archive": _archive,
        "signing": _signing,
        "register": look_at_register,
        "blacklist": look_at_blacklist,
        "disk": look_at_disks,
        "memory": look_at_memory,
        "owners": look_at_owners,
        "files": lambda app: look_at_files(app, config_file()),
        "worker": look_at_worker,
        "alarms": look_at_alarms,
        "sandbox": _sandbox,
        "unpacking": _unpacking,
        "models": _models,
        "reading": _reading,
        "clamav": look_at_scanner,
    }
    found = {what: guarded(what, partial(check, app)) for what, check in checks.items()}
    yield from found.values()
    yield from look_at_mailboxes(app, records=found["database"].ok, probe_seconds=probe_seconds)
    yield from look_at_smtp(app)
    yield from look_at_senders(app)


def _named(app: App, series: str) -> str:
    among = rounds.of_series(app.notices, series)
    shown = rounds.latest(among, app.clock())
    of = f"{shown.round.name}, {len(among)} rounds, " if shown.round else ""
    return f"{series} ({of}{len(shown.reporters)} reporters)"


def _notices(app: App) -> Finding:
    hidden = _look_at_published(app)
    names = ", ".join(_named(app, series) for series in rounds.series_of(app.notices))
    if hidden:
        told = "; ".join(f"{series}: {why}" for series, why in hidden)
        mend = "rename the file, or take it out of notices.active, to serve the one that was published in the console"
        return Finding(what="notices", ok=False, found=f"{names}; not served: {told}", mend=mend)
    if not names:
        mend = "publish one in the console, or name one in notices.active; what comes meanwhile is kept and waits"
        return Finding(what="notices", ok=True, found="none is active yet", mend=mend)
    return Finding(what="notices", ok=True, found=names)


def _look_at_published(app: App) -> tuple[tuple[str, str], ...]:
    """Takes what the console published, where there is a database to ask. → those that are not served, and why."""
    from ingest.published import refresh

    if app.database.exists() and app.database.current():
        refresh(app)
    return app.published.hidden


def _database(app: App) -> Finding:
    from ingest.evidence import check_fit
    from storage.errors import Mismatch

    try:
        check_fit(app)
    except Mismatch as error:
        return Finding(what="database", ok=False, found=str(error), mend="`baosong audit verify` says what is missing")
    before = app.database.revision()
    if app.database.worker_holds() and not app.database.current():
        return Finding(
            what="database",
            ok=False,
            found=f"schema {before}, which is not that of this version, and a worker of another is at work on it",
            mend="finish the upgrade: stop the worker, back up, `baosong db upgrade`, start the worker of this version",
        )
    app.database.upgrade()
    note = "" if before == app.database.revision() else " (upgraded now)"
    found = f"schema {app.database.revision()}{note}"
    if unsafe := app.database.unsafe():
        return Finding(
            what="database",
            ok=True,
            found=f"{found}; off on its server: {', '.join(unsafe)}",
            mend="a power cut may take back what was committed, of mails that are moved already: switch it on",
        )
    return Finding(what="database", ok=True, found=found)


def _archive(app: App) -> Finding:
    weak = app.blobs.trial()
    found = f"{app.blobs.place} takes files and gives them back"
    if not weak:
        return Finding(what="archive", ok=True, found=found)
    told = "; ".join((found, *(one.found for one in weak)))
    return Finding(
        what="archive", ok=not any(one.grave for one in weak), found=told, mend="; ".join(one.mend for one in weak)
    )


def _signing(app: App) -> Finding:
    if app.signing_key is None:
        return Finding(what="signing", ok=True, found="daily heads are not signed: no [ledger] signing_key")
    return Finding(what="signing", ok=True, found=f"daily heads are signed; public key {app.signing_key.public.name}")


def _sandbox(app: App) -> Finding:
    import os

    from ingest.children import OwnIdentity, open_job, walls_job

    nobody = OwnIdentity(addresses=frozenset(), message_id_suffix="")
    with app.task_folder() as folder:
        app.sandbox.decode(open_job, os.devnull, str(folder), nobody, app.limits, folder=folder)
    gaps = {gap for run in (app.sandbox.decode, app.sandbox.recognise) for gap in _lines(run(walls_job, os.getpid()))}
    return walled(sorted(gaps), app.limits.parse_memory_mb)


def _lines(answer: bytes) -> list[str]:
    return answer.decode("ascii").splitlines()


def walled(gaps: Sequence[str], memory_mb: int) -> Finding:
    """What the children cannot do. `gaps`: what they still can, as they found themselves."""
    start = f"children start, {memory_mb} MB each"
    if not gaps:
        found = f"{start}; they have no network, start nothing, and reach no files but those of their task"
        return Finding(what="sandbox", ok=True, found=found)
    return Finding(
        what="sandbox",
        ok=True,
        found=f"{start}; but a file that takes over its reader could {', '.join(gaps)}",
        mend="run on Linux 5.13 or later, x86-64 or AArch64, with Landlock and seccomp: `cat /sys/kernel/security/lsm` "
        "names landlock; a container needs the usual seccomp profile, not an older one of its own",
    )


def _unpacking(app: App) -> Finding:
    from ingest.children import library_job

    return unpacking(app.sandbox.decode(library_job).decode("ascii"))


def unpacking(library: str) -> Finding:
    """Which archives can be read. `library`: what reads rar and 7z, "" where the machine has nothing that does."""
    always = "zip, tar, gzip, bzip2 and xz are read"
    if library:
        return Finding(what="unpacking", ok=True, found=f"{always}; rar and 7z too, by {library}")
    return Finding(
        what="unpacking",
        ok=True,
        found=f"{always}; rar and 7z are not: libarchive is missing. A return in such an archive is rejected "
        "(attachment.unsupported), and its sender asked for the plain files or a .zip",
        mend="on Debian: apt-get install libarchive13 (from Debian 13 on: libarchive13t64); the worker need not be restarted",
    )


def _models(app: App) -> Finding:
    from parsers.ocr import Recogniser

    Recogniser(threads=1)
    return Finding(what="models", ok=True, found="text recogniser loads")


def _reading(app: App) -> Finding:
    from ingest.trial import read_trial

    return Finding(what="reading", ok=True, found=read_trial(app))
