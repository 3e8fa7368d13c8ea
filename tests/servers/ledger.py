"""What the mailbox asks for as `Seen`: the simplest ledger that can know a mail."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from domain.mail import Origin
from ingest.mailbox import FetchedMail, Mailbox


class Ledger:
    """Remembers origins; `polls` lists the first UID each poll asked about."""

    def __init__(self) -> None:
        self.origins: set[Origin] = set()
        self.polls: list[int] = []

    def __call__(self, *, account: str, folder: str, uidvalidity: int, first_uid: int) -> Collection[int]:
        self.polls.append(first_uid)
        place = (account, folder, uidvalidity)
        return {
            origin.uid
            for origin in self.origins
            if (origin.account, origin.folder, origin.uidvalidity) == place and origin.uid >= first_uid
        }

    def take(self, mailbox: Mailbox, folder: str = "INBOX") -> list[FetchedMail]:
        """One poll: everything that is new, recorded."""
        return list(self.taking(mailbox, folder))

    def taking(self, mailbox: Mailbox, folder: str = "INBOX") -> Iterator[FetchedMail]:
        for batch in mailbox.new_batches(folder, self):
            for mail in batch:
                self.origins.add(mail.origin)
                yield mail
