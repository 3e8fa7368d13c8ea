"""What `baosong doctor` finds: one line for each thing it looked at, and how to mend what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_MENDS = {
    "database": "check [storage] database: the folder must exist and be writable, and the disk must not be full",
    "archive": "check [storage] archive: the folder must be writable, and the disk must not be full",
    "files": "look at the rights of the configuration, its password files, the database and the archive by hand",
    "sandbox": "raise [limits] parse_memory_mb, or look for a system limit on processes (ulimit -u)",
    "models": "install the pinned requirements again: the models come inside the rapidocr package",
    "unpacking": "install the pinned requirements again, and Debian's libarchive13",
    "reading": "install the pinned requirements again, into the environment that runs baosong",
    "clamav": "start clamd (Debian: apt-get install clamav-daemon; systemctl status clamav-daemon), and see that [clamav] "
    "socket is its LocalSocket and may be opened by this user; mails wait until it serves",
    "smtp": "check [smtp] url and password (QQ and NetEase: the authorization code), and that SMTP is switched on",
    "mailbox": "check [mailbox] url and password (QQ and NetEase: the authorization code), and that IMAP is switched on",
    "folders": "make the folders in the mailbox by hand, or name others in done_folder and failed_folder",
    "sent mail": "look whether the folder named in sent_folder can be opened in the mailbox",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at. `mend` says what to do when `ok` is False, or what could be better when it is."""

    what: str
    ok: bool
    found: str
    mend: str = ""


def guarded(what: str, check: Callable[[], Finding]) -> Finding:
    """A check that raises is a finding too: doctor looks at everything, whatever is broken."""
    from config.settings import SettingsError
    from ingest.child import ChildFailed

    try:
        return check()
    except SettingsError as error:
        found, _, mend = str(error).partition("; ")  # most say themselves what to do
        return Finding(what=what, ok=False, found=found, mend=mend or _MENDS[what])
    except ChildFailed as error:
        return Finding(what=what, ok=False, found=str(error), mend=_MENDS[what])
    except Exception as error:  # noqa: BLE001 doctor exists to turn any failure into a line with its mend
        return Finding(what=what, ok=False, found=f"{type(error).__name__}: {error}", mend=_MENDS[what])
