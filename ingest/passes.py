"""What a pass did, and whether it is to end before its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.submission import State


@dataclass(kw_only=True)
class PassReport:
    """What a pass did (spec section 6, `run --once`). `failures` name what the operator must mend, in English."""

    received: int = 0
    ignored: int = 0
    replies_sent: int = 0
    decided: dict[str, State] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def count(self, state: State) -> int:
        return sum(1 for value in self.decided.values() if value is state)

    @property
    def counts(self) -> dict[str, int]:
        """The pass in numbers, by the keys of the contract. What is superseded is an earlier pass's."""
        states = {str(state): self.count(state) for state in State if state is not State.SUPERSEDED}
        return {"received": self.received, **states, "ignored": self.ignored, "replies_sent": self.replies_sent}


Stopped = Callable[[], bool]


def never() -> bool:
    return False
