"""`baosong doctor`: looks at everything the worker needs, and names the mend of what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from cli.common import config_file, config_option, json_option, print_json, settings
from cli.errors import NeedsAttention

if TYPE_CHECKING:
    from ingest.app import App


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at. `mend` says what to do when `ok` is False."""

    what: str
    ok: bool
    found: str
    mend: str = ""


@click.command(epilog="Example: baosong doctor --config /srv/baosong/baosong.toml")
@json_option
@config_option
def doctor(as_json: bool) -> None:
    """Check configuration, notices, database, archive, models, mailbox and SMTP; say what to mend."""
    from ingest.app import build

    loaded = settings()
    findings = [Finding(what="configuration", ok=True, found=str(config_file()))]
    with build(loaded) as app:
        findings.append(_notices(app))
        for check in (_database, _archive, _sandbox, _models, _reading):
            findings.append(_guarded(check, app))
        findings += _mailboxes(app)
        findings.append(_guarded(_smtp, app))
    if as_json:
        print_json({"ok": all(one.ok for one in findings), "findings": [asdict(one) for one in findings]})
    else:
        for one in findings:
            click.echo(click.style("ok   " if one.ok else "BAD  ", fg="green" if one.ok else "red"), nl=False)
            click.echo(f"{one.what:<14} {one.found}" + (f"\n     mend: {one.mend}" if not one.ok else ""))
    bad = [f"{one.what}: {one.found}; {one.mend}" for one in findings if not one.ok]
    if bad:
        raise NeedsAttention(*bad)


def _guarded(check: Callable[[App], Finding], app: App) -> Finding:
    """A check that raises is a finding too: doctor looks at everything, whatever is broken."""
    try:
        return check(app)
    except Exception as error:  # noqa: BLE001 doctor exists to turn any failure into a line with its mend
        name = check.__name__.lstrip("_")
        return Finding(what=name, ok=False, found=f"{type(error).__name__}: {error}", mend=_MENDS[name])


_MENDS = {
    "database": "check [storage] database: the folder must exist and be writable, and the disk must not be full",
    "archive": "check [storage] archive: the folder must be writable, and the disk must not be full",
    "sandbox": "raise [limits] parse_memory_mb, or look for a system limit on processes (ulimit -u)",
    "models": "install the pinned requirements again: the models come inside the rapidocr package",
    "reading": "install the pinned requirements again, into the environment that runs baosong",
    "smtp": "check [smtp] url and password (QQ and NetEase: the authorization code), and that SMTP is switched on",
    "mailbox": "check [mailbox] url and password (QQ and NetEase: the authorization code), and that IMAP is switched on",
}


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

    app.blobs.get(app.blobs.put(b"baosong doctor\n"))
    free = shutil.disk_usage(app.settings.archive).free
    enough = free > 2 * 1024**3
    return Finding(
        what="archive",
        ok=enough,
        found=f"{app.settings.archive}, {free / 1024**3:.1f} GiB free",
        mend="free some disk: at least 2 GiB are wanted",
    )


def _sandbox(app: App) -> Finding:
    import os
    import tempfile

    from ingest.child import ChildFailed
    from ingest.children import OwnIdentity, open_job

    nobody = OwnIdentity(addresses=frozenset(), message_id_suffix="")
    try:
        with tempfile.TemporaryDirectory(prefix="baosong-") as folder:
            app.sandbox.decode(open_job, os.devnull, folder, nobody, app.limits)
    except ChildFailed as failure:
        return Finding(what="sandbox", ok=False, found=str(failure), mend=_MENDS["sandbox"])
    return Finding(what="sandbox", ok=True, found=f"children start, {app.limits.parse_memory_mb} MB each")


def _models(app: App) -> Finding:
    from parsers.ocr import Recogniser

    Recogniser(threads=1)
    return Finding(what="models", ok=True, found="text recogniser loads")


def _reading(app: App) -> Finding:
    from ingest.trial import read_trial

    return Finding(what="reading", ok=True, found=read_trial(app))


def _mailboxes(app: App) -> Iterator[Finding]:
    if not app.settings.mailboxes:
        yield Finding(what="mailbox", ok=False, found="none configured", mend="add a [mailbox] table")
    for name, mailbox in app.mailboxes.items():

        def look(app: App, name: str = name) -> Finding:
            folders = app.mailboxes[name].folders()
            junk = "" if len(folders) > 1 else f"; no folder {app.settings.mailboxes[name].junk_folder!r} is there"
            return Finding(what="mailbox", ok=True, found=f"{name}: log-in good, polls {', '.join(folders)}{junk}")

        look.__name__ = "mailbox"
        yield _guarded(look, app)
        mailbox.close()


def _smtp(app: App) -> Finding:
    with app.smtp as sender:
        sender.check()
    return Finding(what="smtp", ok=True, found=f"log-in good, sends as {app.smtp.settings.envelope_sender}")
