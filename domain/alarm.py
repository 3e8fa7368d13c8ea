"""An alarm: something without which no county is served does not work, and a person must see to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Trouble(StrEnum):
    LOGIN = "login"  # the mailbox refuses the log-in: as a rule the authorization code has expired
    POLLING = "polling"  # no poll of the mailbox has succeeded
    PROCESSING = "processing"  # mails are there and none is decided
    SENDING = "sending"  # letters are there and none goes out


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """What staff are told. `place`: the mailbox or sender as configured (`main`), "" where it is none in particular.

    `until` is when it was over: None while it lasts. `waiting`: letters that wait to go out, or mails to be decided.
    """

    trouble: Trouble
    place: str
    since: datetime
    until: datetime | None = None
    waiting: int = 0
