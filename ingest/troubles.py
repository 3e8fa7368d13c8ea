"""In which order and company mails are fetched, so that one bad mail holds up no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ingest.imap import Listed

BATCH_BYTES = 8 * 1024 * 1024
BATCH_MAILS = 50
SHORT_TRIES = 5
"""So often a mail that comes shorter than announced, always by the same length, is asked for before it is taken as it
is: some servers announce wrong sizes, and a mail that never arrives is worse than one marked as short."""

BREAKS_BEFORE_REST = 3
REST_SECONDS = 300.0
LONGEST_REST_SECONDS = 3600.0
"""A mail that alone broke the connection so often is left for a while, doubled each time: every break costs a log-in,
and the folders after its own are not polled."""

Key = tuple[str, int, int]
"""Folder, UIDVALIDITY, UID."""


class Troubles:
    """What went wrong with which mail, in this process."""

    def __init__(self) -> None:
        self._short: dict[Key, tuple[int, int]] = {}
        """Length had last, and how often in a row."""
        self._breaks: Counter[Key] = Counter()
        """How often its fetch was refused or broke the connection."""
        self._alone: dict[Key, tuple[int, float]] = {}
        """How often its own fetch broke the connection, and when it did last."""

    def order(self, folder: str, uidvalidity: int, uids: Sequence[int]) -> tuple[list[int], list[int]]:
        """Mails to fetch in groups, and then those to fetch singly, the worst of them last."""

        def breaks(uid: int) -> int:
            return self._breaks[(folder, uidvalidity, uid)]

        troubled = [uid for uid in uids if breaks(uid) or (folder, uidvalidity, uid) in self._short]
        calm = sorted(set(uids).difference(troubled))
        return calm, sorted(troubled, key=lambda uid: (breaks(uid), uid))

    def broke(self, mails: Iterable[Key]) -> None:
        self._breaks.update(mails)

    def broke_alone(self, mail: Key, now: float) -> None:
        times, _ = self._alone.get(mail, (0, now))
        self._alone[mail] = (times + 1, now)

    def rests(self, mail: Key, now: float) -> bool:
        """Whether the mail is not to be asked for now."""
        times, last = self._alone.get(mail, (0, now))
        rest = min(REST_SECONDS * 2.0 ** (times - BREAKS_BEFORE_REST), LONGEST_REST_SECONDS)
        return times >= BREAKS_BEFORE_REST and now - last < rest

    def short(self, mail: Key, length: int) -> bool:
        """A mail came with `length` bytes, fewer than announced. True when it has done so often enough to be taken."""
        last, times = self._short.get(mail, (length, 0))
        times = times + 1 if last == length else 1
        self._short[mail] = (length, times)
        return times >= SHORT_TRIES

    def over(self, mail: Key) -> None:
        """The mail was had whole."""
        self._short.pop(mail, None)
        self._breaks.pop(mail, None)
        self._alone.pop(mail, None)


def grouped(mails: Sequence[Listed]) -> Iterator[list[Listed]]:
    """Neighbours together up to BATCH_MAILS and BATCH_BYTES; a larger mail goes alone."""
    group: list[Listed] = []
    total = 0
    for mail in mails:
        if group and (len(group) >= BATCH_MAILS or total + mail.size > BATCH_BYTES):
            yield group
            group, total = [], 0
        group.append(mail)
        total += mail.size
    if group:
        yield group
