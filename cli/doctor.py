"""`baosong doctor`: looks at everything the worker needs, and names the mend of what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import click

from cli.common import config_file, config_option, json_option, print_json, settings
from cli.doctor_clamav import look_at_scanner
from cli.doctor_files import look_at_files
from cli.doctor_mail import look_at_mailboxes, look_at_senders, look_at_smtp
from cli.errors import NeedsAttention
from cli.findings import Finding, guarded

if TYPE_CHECKING:
    from config.settings import Settings
    from ingest.app import App


@click.command(epilog="Example: baosong doctor --config /srv/baosong/baosong.toml")
@json_option
@config_option
def doctor(as_json: bool) -> None:
    """Check configuration, notices, database, archive, models, scanner, mailbox, SMTP; say what to mend."""
    from ingest.app import build

    loaded = settings()
    findings = [_configuration(loaded)]
    with build(loaded) as app:
        findings += _look(app)
    if as_json:
        print_json({"ok": all(one.ok for one in findings), "findings": [asdict(one) for one in findings]})
    else:
        for one in findings:
            _print(one)
    bad = [f"{one.what}: {one.found}; {one.mend}" for one in findings if not one.ok]
    if bad:
        raise NeedsAttention(*bad)


def _print(one: Finding) -> None:
    """`ok`, `note` (it works, and could be better) or `BAD`."""
    label, colour = ("BAD ", "red") if not one.ok else ("note", "yellow") if one.mend else ("ok  ", "green")
    click.echo(click.style(label, fg=colour), nl=False)
    click.echo(f" {one.what:<14} {one.found}" + (f"\n     mend: {one.mend}" if one.mend else ""))


def _look(app: App) -> Iterator[Finding]:
    yield _notices(app)
    checks: dict[str, Callable[[App], Finding]] = {
        "database": _database,
        "archive": _archive,
        "signing": _signing,
        "files": lambda app: look_at_files(app, config_file()),
        "sandbox": _sandbox,
        "unpacking": _unpacking,
        "models": _models,
        "reading": _reading,
        "clamav": look_at_scanner,
    }
    found = {what: guarded(what, partial(check, app)) for what, check in checks.items()}
    yield from found.values()
    yield from look_at_mailboxes(app, records=found["database"].ok)
    yield from look_at_smtp(app)
    yield from look_at_senders(app)


def _configuration(loaded: Settings) -> Finding:
    if not loaded.without_effect:
        return Finding(what="configuration", ok=True, found=str(config_file()))
    found = f"{config_file()}; without effect in this version: {', '.join(loaded.without_effect)}"
    return Finding(what="configuration", ok=True, found=found, mend="do not rely on what these keys promise")


def _notices(app: App) -> Finding:
    names = ", ".join(f"{notice.id} ({len(notice.reporters)} reporters)" for notice in app.notices)
    return Finding(what="notices", ok=True, found=names)


def _database(app: App) -> Finding:
    from ingest.evidence import check_fit
    from storage.errors import Mismatch

    try:
        check_fit(app)
    except Mismatch as error:
        return Finding(what="database", ok=False, found=str(error), mend="`baosong audit verify` says what is missing")
    before = app.database.revision()
    app.database.upgrade()
    note = "" if before == app.database.revision() else " (upgraded now)"
    return Finding(what="database", ok=True, found=f"schema {app.database.revision()}{note}")


def _archive(app: App) -> Finding:
    import shutil

    from storage.blobs import PROBE_CONTENT

    app.blobs.get(app.blobs.put(PROBE_CONTENT))
    free = shutil.disk_usage(app.settings.archive).free
    enough = free > 2 * 1024**3
    return Finding(
        what="archive",
        ok=enough,
        found=f"{app.settings.archive}, {free / 1024**3:.1f} GiB free",
        mend="" if enough else "free some disk: at least 2 GiB are wanted",
    )


def _signing(app: App) -> Finding:
    if app.signing_key is None:
        return Finding(what="signing", ok=True, found="daily heads are not signed: no [ledger] signing_key")
    return Finding(what="signing", ok=True, found=f"daily heads are signed; public key {app.signing_key.public.name}")


def _sandbox(app: App) -> Finding:
    import os
    import tempfile

    from ingest.children import OwnIdentity, open_job

    nobody = OwnIdentity(addresses=frozenset(), message_id_suffix="")
    with tempfile.TemporaryDirectory(prefix="baosong-") as folder:
        app.sandbox.decode(open_job, os.devnull, folder, nobody, app.limits)
    return Finding(what="sandbox", ok=True, found=f"children start, {app.limits.parse_memory_mb} MB each")


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
