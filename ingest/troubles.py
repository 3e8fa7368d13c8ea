"""In which order and company mails are fetched, so that one bad mail holds up no other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from ingest.imap_responses import Listed
from storage import state
from storage.database import Database

BATCH_BYTES = 8 * 1024 * 1024
BATCH_MAILS = 200
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


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What went wrong with one mail: numbers alone, so that it can be kept where it outlives the process."""

    folder: str
    uidvalidity: int
    uid: int
    breaks: int = 0
    """How often its fetch was refused or broke the connection."""
    alone: int = 0
    """How often its own fetch broke the connection."""
    alone_at: int = 0
    """When it did last, in seconds since the epoch."""
    length: int = -1
    """How many bytes came last, when they were fewer than announced."""
    times: int = 0
    """How often in a row so many."""

    @property
    def key(self) -> Key:
        return (self.folder, self.uidvalidity, self.uid)


class Troubles:
    """What went wrong with which mail. Times are seconds since the epoch."""

    def __init__(self) -> None:
        self._known: dict[Key, Trouble] = {}

    @property
    def known(self) -> tuple[Trouble, ...]:
        return tuple(self._known.values())

    def recall(self, known: Iterable[Trouble]) -> None:
        """Takes what an earlier process knew in place of what is known."""
        self._known = {trouble.key: trouble for trouble in known}

    def forget_others(self, folder: str, uidvalidity: int, uids: Collection[int]) -> None:
        """Only these mails of the folder are wanted still: the others were had, or are gone."""
        wanted = {(folder, uidvalidity, uid) for uid in uids}
        self._known = {key: trouble for key, trouble in self._known.items() if key[0] != folder or key in wanted}

    def order(self, folder: str, uidvalidity: int, uids: Sequence[int]) -> tuple[list[int], list[int]]:
        """Mails to fetch in groups, and then those to fetch singly, the worst of them last."""

        def breaks(uid: int) -> int:
            return self._of((folder, uidvalidity, uid)).breaks

        troubled = [uid for uid in uids if (folder, uidvalidity, uid) in self._known]
        calm = sorted(set(uids).difference(troubled))
        return calm, sorted(troubled, key=lambda uid: (breaks(uid), uid))

    def broke(self, mails: Iterable[Key]) -> None:
        for mail in mails:
            self._known[mail] = replace(self._of(mail), breaks=self._of(mail).breaks + 1)

    def broke_alone(self, mail: Key, now: float) -> None:
        self._known[mail] = replace(self._of(mail), alone=self._of(mail).alone + 1, alone_at=int(now))

    def rests(self, mail: Key, now: float) -> bool:
        """Whether the mail is not to be asked for now. A clock that was set back ends the rest."""
        trouble = self._of(mail)
        rest = min(REST_SECONDS * 2.0 ** min(trouble.alone - BREAKS_BEFORE_REST, 16), LONGEST_REST_SECONDS)
        return trouble.alone >= BREAKS_BEFORE_REST and 0 <= now - trouble.alone_at < rest

    def short(self, mail: Key, length: int) -> bool:
        """A mail came with `length` bytes, fewer than announced. True when it has done so often enough to be taken."""
        trouble = self._of(mail)
        times = trouble.times + 1 if trouble.length == length else 1
        self._known[mail] = replace(trouble, length=length, times=times)
        return times >= SHORT_TRIES

    def over(self, mail: Key) -> None:
        """The mail was had whole."""
        self._known.pop(mail, None)

    def _of(self, mail: Key) -> Trouble:
        folder, uidvalidity, uid = mail
        return self._known.get(mail) or Trouble(folder=folder, uidvalidity=uidvalidity, uid=uid)


@contextmanager
def remembered(database: Database, account: str, troubles: Troubles) -> Iterator[None]:
    """Keeps what is known of an account's mails in the database: `run --once` is a new process every time, and would
    else begin each pass with the very batch that broke the one before."""
    key = f"troubles:{account}"
    with database.read() as tx:
        stored = state.get(tx, key)
    troubles.recall(_STORED.validate_python(stored or ()))
    before = troubles.known
    try:
        yield
    finally:
        if troubles.known != before:
            with database.begin() as tx:
                state.put(tx, key, _STORED.dump_python(troubles.known, mode="json"))


_STORED = TypeAdapter(tuple[Trouble, ...])


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
