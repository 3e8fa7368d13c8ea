"""The one axis of failure in `ingest`: may we try again?

Whether the *sender* can mend something is never an exception but a `domain.problems.Problem`.
Messages are for the operator: they never hold a password, a name, a phone or a mail's content.
"""

from __future__ import annotations


class Transient(Exception):
    """It may work later. `retry_after` is the least number of seconds to wait before the next try."""

    def __init__(self, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Permanent(Exception):
    """It will never work this way: a person must change the configuration, the server, or the data."""


class CannotAccept(Permanent):
    """Staff would accept a case that holds no readable workbook, or, where that is the return, no readable scan."""


class CannotLearn(Permanent):
    """Staff would vouch for the sender of a case, and that is nobody, or perhaps somebody else."""


class AlreadyListed(Permanent):
    """An operator of that name is on the blacklist."""


class NotListed(Permanent):
    """No such operator is on the blacklist, or not any more."""


class YearsNotOver(Permanent):
    """An operator would be lifted from the blacklist before its time."""


class MachineTrouble(Transient):
    """A child met a full, broken or read-only disk: no mail's fault, and it may last for a weekend."""


class LoginRefused(Transient):
    """The server refused the log-in. Transient with an alarm: QQ refuses correct codes now and then, so it is tried
    again (`retry_after` grows), but staff must be told, since a wrong authorization code looks the same."""


class TooEarly(Transient):
    """After a log-in, good or refused, the next must wait (`retry_after`). Nothing was tried."""


class ConnectionLost(Transient):
    """The server cannot be reached, or the connection broke or fell out of step; the session is gone."""


class CommandRefused(Transient):
    """The server answered NO or BAD to one command; the session still stands."""


class NoTargetFolder(Transient):
    """There is no folder to file mails into, and the server lets none be made: that concerns the whole account."""


class MailIncomplete(Transient):
    """Some mails could not be had whole in this poll (all others were yielded): they are asked for again next time."""

    def __init__(self, message: str, *, uidvalidity: int, uids: tuple[int, ...], retry_after: float = 0.0) -> None:
        super().__init__(message, retry_after=retry_after)
        self.uidvalidity = uidvalidity
        self.uids = uids


class ScannerDown(Transient):
    """The virus scanner is configured and gives no answer that could be believed: nothing is passed meanwhile."""


class NotScanned(Permanent):
    """The virus scanner works, but by its settings it does not look at all of this mail: a person must raise them."""


class CertificateRefused(Permanent):
    """The server's certificate does not hold: a wrong host name, an unknown authority, or somebody in between."""
