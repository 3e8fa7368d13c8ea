"""Fetching: what is new is had in groups that fit in memory, and whatever one bad mail does, the others are had."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from domain.mail import Origin
from ingest.errors import CommandRefused, ConnectionLost, Transient
from ingest.imap import ImapSession
from ingest.imap_responses import Listed, Selected
from ingest.troubles import Key, Troubles, grouped

LISTED_AT_ONCE = 500


class Wanted(Protocol):
    """What of a mailbox's settings concerns fetching. Sizes are bytes, times seconds."""

    @property
    def account(self) -> str: ...
    @property
    def message_bytes(self) -> int: ...
    @property
    def poll_seconds(self) -> float: ...


@dataclass(frozen=True, kw_only=True)
class FetchedMail:
    """A mail as the server holds it. `size_announced` is RFC822.SIZE in bytes.

    `oversize`: larger than `message_bytes`; `raw` is the header only. `short`: fewer bytes than announced, every time.
    """

    origin: Origin
    raw: bytes
    size_announced: int
    flags: tuple[str, ...] = ()
    oversize: bool = False
    short: bool = False


class Fetcher:
    """Fetches from one mailbox over the session that `connected` gives, and notes in `troubles` what went wrong."""

    def __init__(
        self,
        settings: Wanted,
        troubles: Troubles,
        connected: Callable[[], AbstractContextManager[ImapSession]],
        wall: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._troubles = troubles
        self._connected = connected
        self._wall = wall

    def batches(self, selected: Selected, uids: Sequence[int]) -> Iterator[list[Listed]]:
        """Sizes first, then groups that fit in memory; mails that made trouble before come last and alone."""
        calm, troubled = self._troubles.order(selected.folder, selected.uidvalidity, uids)
        for start in range(0, len(calm), LISTED_AT_ONCE):
            yield from grouped(self._list(selected, calm[start : start + LISTED_AT_ONCE]))
        for uid in troubled:
            yield from ([mail] for mail in self._list(selected, [uid]))

    def _list(self, selected: Selected, uids: Sequence[int]) -> list[Listed]:
        with self._connected() as session:
            self._same_folder(session, selected)
            return session.listed(uids)

    def fetch(self, selected: Selected, batch: Sequence[Listed]) -> list[FetchedMail | Listed]:
        """The mails of a batch; as `Listed` those that could not be had whole."""
        large = [mail for mail in batch if mail.size > self._settings.message_bytes]
        small = [mail for mail in batch if mail.size <= self._settings.message_bytes]
        with self._connected() as session:
            self._same_folder(session, selected)
            try:
                raws = session.bodies(small) if small else {}
                headers = {mail.uid: session.header(mail.uid) for mail in large}
            except CommandRefused:
                return self._fetch_halves(selected, batch)
            except ConnectionLost:
                self._troubles.broke(_key(selected, mail) for mail in batch)
                if len(batch) == 1:
                    self._troubles.broke_alone(_key(selected, batch[0]), self._wall())
                raise
        # What was listed a moment ago and does not come may be gone, or withheld: the next poll tells.
        return [self._whole(selected, mail, raws[mail.uid]) if mail.uid in raws else mail for mail in small] + [
            mail if (raw := headers[mail.uid]) is None else self._fetched(selected, mail, raw, oversize=True)
            for mail in large
        ]

    def _fetch_halves(self, selected: Selected, batch: Sequence[Listed]) -> list[FetchedMail | Listed]:
        """One bad mail makes some servers refuse the whole FETCH: the half without it is had, the other halved again."""
        if len(batch) == 1:
            self._troubles.broke([_key(selected, batch[0])])
            return list(batch)
        middle = len(batch) // 2
        return self.fetch(selected, batch[:middle]) + self.fetch(selected, batch[middle:])

    def _whole(self, selected: Selected, mail: Listed, raw: bytes) -> FetchedMail | Listed:
        """The mail if its length is as announced (or always the same), else a `Listed` to be tried again."""
        if len(raw) >= mail.size:
            self._troubles.over(_key(selected, mail))
            return self._fetched(selected, mail, raw)
        enough = self._troubles.short(_key(selected, mail), len(raw))
        return self._fetched(selected, mail, raw, short=True) if enough else mail

    def _fetched(
        self, selected: Selected, mail: Listed, raw: bytes, *, oversize: bool = False, short: bool = False
    ) -> FetchedMail:
        origin = Origin(
            account=self._settings.account,
            folder=selected.folder,
            uidvalidity=selected.uidvalidity,
            uid=mail.uid,
            received_at=mail.received_at,
        )
        return FetchedMail(
            origin=origin, raw=raw, size_announced=mail.size, flags=mail.flags, oversize=oversize, short=short
        )

    def _same_folder(self, session: ImapSession, selected: Selected) -> None:
        if selected_in(session, selected.folder).uidvalidity != selected.uidvalidity:
            raise Transient("UIDVALIDITY changed in the middle of a poll", retry_after=self._settings.poll_seconds)


def selected_in(session: ImapSession, folder: str) -> Selected:
    """The folder as selected, anew only where another one is."""
    if session.selected is not None and session.selected.folder == folder:
        return session.selected
    return session.select(folder)


def _key(selected: Selected, mail: Listed) -> Key:
    return (selected.folder, selected.uidvalidity, mail.uid)
