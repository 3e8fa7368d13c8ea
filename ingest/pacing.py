"""When a mailbox may be logged in to again: never often, and less and less after failures."""

from __future__ import annotations

from collections.abc import Callable

from ingest.errors import LoginRefused, TooEarly, Transient

LONGEST_UNREACHABLE = 300.0
FIRST_UNREACHABLE = 5.0
FIRST_REFUSED = 120.0
"""However short `login_seconds` is: QQ takes a correct code again after two minutes, and wrong ones in quick succession get
an account locked anywhere."""
LONGEST_REFUSED = 3600.0


class Pacing:
    """Fresh log-ins at least `login_seconds` apart, failed ones included; failures in a row double the pause.

    `clock` is monotonic, in seconds.
    """

    def __init__(self, *, login_seconds: float, clock: Callable[[], float]) -> None:
        self._login_seconds = login_seconds
        self._clock = clock
        self._next = float("-inf")
        self._failures = 0

    def check(self) -> None:
        """Raises TooEarly."""
        left = self._next - self._clock()
        if left > 0:
            raise TooEarly(f"next log-in in {left:.0f} s", retry_after=left)

    def succeeded(self) -> None:
        self._failures = 0
        self._next = self._clock() + self._login_seconds

    def failed(self, error: Transient) -> float:
        """Notes a failure and returns the seconds until the next try."""
        first, longest = (
            (max(self._login_seconds, FIRST_REFUSED), LONGEST_REFUSED)
            if isinstance(error, LoginRefused)
            else (FIRST_UNREACHABLE, LONGEST_UNREACHABLE)
        )
        pause = max(self._login_seconds, min(longest, first * 2.0 ** min(self._failures, 20)))
        self._failures += 1
        self._next = self._clock() + pause
        return pause
