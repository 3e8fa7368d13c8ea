"""Which notice a mail speaks of by the thread that it answers."""

from __future__ import annotations

from domain.mail import MailFacts
from storage import outbox, submissions
from storage.database import Database, Transaction


def notice_answered(database: Database, facts: MailFacts) -> str | None:
    """Id of the notice that the newest letter or return in the mail's thread is of; None where nothing in it is ours, or is of
    several notices."""
    if not facts.in_thread:
        return None
    with database.read() as tx:
        found = (_of(tx, identifier) for identifier in reversed(facts.in_thread))
        return next((each for each in found if each), None)


def _of(tx: Transaction, identifier: str) -> str | None:
    letter = outbox.ours(tx, identifier)
    if letter:
        return None if letter.letter.collected else letter.letter.notice
    cases = submissions.by_message_id(tx, identifier)
    named = {case.notice for case in cases}
    return cases[0].notice if len(named) == 1 else None
