"""What `baosong doctor` asks the virus scanner: whether it serves, how old its signatures are, how much it looks at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.findings import Finding

if TYPE_CHECKING:
    from ingest.app import App
    from ingest.clamd import Clamd

_DAYS = 7
"""ClamAV makes new signatures every day."""


def look_at_scanner(app: App) -> Finding:
    """Raises ScannerDown, which `guarded` explains."""
    from ingest.errors import NotScanned

    scanner = app.scanner
    if scanner is None:
        return Finding(what="clamav", ok=True, found="not configured: nothing is scanned for viruses")
    scanner.check()
    largest = max(app.limits.message_bytes, app.limits.file_bytes)
    try:
        scanner.check(largest)
    except NotScanned as error:
        return Finding(what="clamav", ok=False, found=str(error), mend=_raise_limits(largest))
    return _signatures(scanner, app.clock())


def _raise_limits(size: int) -> str:
    megabytes = size // 1024**2 + 4
    return (
        f"in clamd.conf set StreamMaxLength {megabytes}M, MaxFileSize {megabytes}M and MaxScanSize {3 * megabytes}M, or "
        "more, and restart clamd; until then larger mails are held"
    )


def _signatures(scanner: Clamd, now: datetime) -> Finding:
    version = scanner.version()
    found = f"{version.text} at {scanner.address}, finds the EICAR test file"
    if version.signatures_at is None:
        return Finding(what="clamav", ok=True, found=found, mend="look whether freshclam fetches ClamAV's signatures")
    days = (now - version.signatures_at.replace(tzinfo=UTC)).days
    if days > _DAYS:
        mend = "look whether freshclam runs (Debian: systemctl status clamav-freshclam)"
        return Finding(what="clamav", ok=False, found=f"{found}; its signatures are {days} days old", mend=mend)
    return Finding(what="clamav", ok=True, found=found)
