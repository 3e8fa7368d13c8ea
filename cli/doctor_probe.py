"""`baosong doctor --probe`: a letter to ourselves, and what it shows of mailbox, worker and clock."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from cli.findings import Finding, guarded

if TYPE_CHECKING:
    from ingest.app import App
    from ingest.mailbox import Mailbox
    from ingest.probe import Probe

_CLOCK_SECONDS = 60


def look_by_probe(app: App, name: str, mailbox: Mailbox, wait_seconds: float) -> Iterator[Finding]:
    """`wait_seconds`: how long the letter may take."""
    probes: list[Probe] = []
    yield guarded("probe", partial(_probe, app, name, mailbox, wait_seconds, probes))
    for probe in probes:
        if probe.mail:
            yield clock_finding(probe)


def _probe(app: App, name: str, mailbox: Mailbox, wait_seconds: float, probes: list[Probe]) -> Finding:
    from ingest.probe import probe

    result = probe(app, mailbox, wait_seconds=wait_seconds)
    probes.append(result)
    if result.mail is None:
        return Finding(
            what="probe",
            ok=False,
            found=f"{name}: a letter to {result.to} left, and was in no polled folder after {wait_seconds:.0f} s",
            mend="log in to that mailbox by web: is the letter in another folder (a filter), among blocked mail, or forwarded? "
            "Is it the account that [mailbox] url names?",
        )
    came = f"{name}: a letter to ourselves was in {result.mail.folder} after {result.took.total_seconds():.0f} s"
    if result.disposition is None and app.database.worker_holds():
        mend = (
            "look at /healthz and at the worker's log (journalctl -u baosong); restart it when nothing there tells why"
        )
        return Finding(what="probe", ok=False, found=f"{came}, but the worker did not record it", mend=mend)
    if result.disposition and not result.disposition.startswith("ignored."):
        mend = "see that [smtp] sender and [mailbox] url name the addresses of this mailbox: its own mail is not known as such"
        return Finding(what="probe", ok=False, found=f"{came}, recorded as {result.disposition}", mend=mend)
    recorded = "recorded as our own mail" if result.disposition else "no worker is at work; the next one records it"
    if result.in_junk:
        mend = (
            "put our own address on the mailbox's white list: its provider takes our letters for junk, and others may"
        )
        return Finding(what="probe", ok=True, found=f"{came}; {recorded}", mend=mend)
    return Finding(what="probe", ok=True, found=f"{came}; {recorded}")


def clock_finding(probe: Probe) -> Finding:
    """Lateness goes by the server's clock, the end of a grace time by ours: they must not be far apart."""
    seconds = round(probe.clock_error.total_seconds())
    if abs(seconds) <= _CLOCK_SECONDS:
        return Finding(what="clock", ok=True, found="ours and the mail server's agree")
    side = "ahead of" if seconds > 0 else "behind"
    return Finding(
        what="clock",
        ok=False,
        found=f"the mail server's is {abs(seconds)} s {side} ours",
        mend="have this machine's clock set by NTP (timedatectl set-ntp true); if it is right, tell the provider",
    )
