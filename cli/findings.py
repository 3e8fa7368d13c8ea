"""What `baosong doctor` finds: one line for each thing it looked at, and how to mend what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_MENDS = {
    "disk": "look whether the disks of [storage] are mounted",
    "memory": "check [storage] database: whether a worker is at work could not be asked",
    "permissions": "run doctor as the user of the service: runuser -u baosong -- baosong doctor",
    "worker": "look at its log (journalctl -u baosong), then restart it",
    "alarms": "check digest_to in [staff]",
    "probe": "mend what is said of mailbox and smtp first, then try again",
    "database": "check [storage] database: the folder must exist and be writable, and the disk must not be full",
    "archive": "check [storage] archive: the folder must be writable, and the disk must not be full",
    "register": "check [storage] database; `baosong register list` says what was imported",
    "blacklist": "check [storage] database; `baosong blacklist list` says who is listed",
    "files": "look at the rights of the configuration, its password files, the database and the archive by hand",
    "sandbox": "raise [limits] parse_memory_mb, or look for a system limit on processes (ulimit -u)",
    "models": "install the pinned requirements again: the models come inside the rapidocr package and this one",
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


_UNREACHABLE = "see that host and port in url are right, and that this machine reaches them (DNS, firewall)"
_CERTIFICATE = (
    "let url name the server as its certificate does; if it does, see what stands in between (a proxy for TLS?)"
)
_CODE = (
    "make a new authorization code (授权码) in the mailbox's settings, where IMAP and SMTP must be switched on, and put it "
    "into password_file; QQ refuses correct codes now and then: try again after two minutes first"
)


def _mend(what: str, error: Exception) -> str:
    """Of a mail server: whether it was not reached, not trusted, or did not trust us."""
    from ingest.errors import CertificateRefused, ConnectionLost, LoginRefused
    from notifier.errors import LoginRefusal, ServerRefusal, SetupRefusal

    if isinstance(error, LoginRefused | LoginRefusal):
        return _CODE
    if isinstance(error, CertificateRefused) or (isinstance(error, SetupRefusal) and "certificate" in error.text):
        return _CERTIFICATE
    if isinstance(error, ConnectionLost) or (type(error) is ServerRefusal and error.code == 0):
        return _UNREACHABLE
    return _MENDS[what]


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
        return Finding(what=what, ok=False, found=f"{type(error).__name__}: {error}", mend=_mend(what, error))
