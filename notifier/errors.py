"""What can become of handing a letter to the mail provider, other than success.

`code` is the SMTP reply code (RFC 5321), 0 where no reply came. `text` is the provider's or ours, for staff, one line.
"""

from __future__ import annotations


class SendError(Exception):
    """A letter was not surely sent."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}" if code else text)
        self.code = code
        self.text = text


class TemporaryRefusal(SendError):
    """Surely not sent; the same letter may go later (a full mailbox and other 4xx about the recipient)."""


class ServerRefusal(TemporaryRefusal):
    """Surely not sent, and no recipient's fault: our own server cannot be reached, broke off, or takes no letter of
    ours now (connect, log-in, MAIL FROM, a limit on frequency). Other letters over it would fare the same."""


class SetupRefusal(ServerRefusal):
    """Surely not sent, and no letter will be until the operator acts: log-in, envelope sender or certificate refused.

    Temporary for the letter, so that it goes by itself once the settings are mended (QQ also refuses correct
    authorization codes now and then); the operator must be told.
    """


class LoginRefusal(SetupRefusal):
    """The log-in was refused: as a rule the authorization code has expired."""


class PermanentRefusal(SendError):
    """Surely not sent, and this letter to this address never will be (5xx): a task for staff."""


class OutcomeUnknown(SendError):
    """The connection broke after the whole letter was handed over, before the provider said yes or no."""
