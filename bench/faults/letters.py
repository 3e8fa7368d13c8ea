"""Which letters went out more than once, and whether anything could have prevented it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from bench.faults.records import Records
from bench.faults.sink import Accepted, Sink


@dataclass(kw_only=True)
class LetterBook:
    """Looks after every run which of the letters taken in it the worker had noted as sent.

    A worker that ended between the server's yes and its own note of it cannot know of that yes: SMTP has no way to ask
    (RFC 1047). Where the provider keeps sent mail, it can look there. So a repeat is `unavoidable` only after a copy
    that was neither noted nor kept; any other is `doubled`.
    """

    sink: Sink
    records: Records
    noted: set[int] = field(default_factory=set)
    looked: int = 0

    def run_ended(self) -> None:
        statuses = self.records.letters()
        for at in range(self.looked, len(self.sink.accepted)):
            if statuses.get(self.sink.accepted[at].message_id) == "sent":
                self.noted.add(at)
        self.looked = len(self.sink.accepted)

    def repeats(self, begin: int = 0) -> tuple[int, list[str]]:
        """→ how many copies from the `begin`-th letter on were unavoidable, and what is to be said of each other."""
        unavoidable, doubled = 0, list[str]()
        last: dict[str, int] = {}
        for at, letter in enumerate(self.sink.accepted):
            before = last.get(letter.message_id)
            last[letter.message_id] = at
            if before is None or at < begin:
                continue
            first = self.sink.accepted[before]
            if before in self.noted or first.kept or first.data != letter.data:
                doubled.append(_told(first, letter, noted=before in self.noted))
            else:
                unavoidable += 1
        return unavoidable, doubled

    def by_recipient(self) -> dict[str, Counter[str]]:
        """Address → Message-ID → copies."""
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for letter in self.sink.accepted:
            found[letter.recipient][letter.message_id] += 1
        return found


def _told(first: Accepted, letter: Accepted, *, noted: bool) -> str:
    why = "noted as sent" if noted else "kept by the provider" if first.kept else "of other bytes"
    return f"letter {letter.message_id} again in run {letter.run}, though the copy of run {first.run} was {why}"
