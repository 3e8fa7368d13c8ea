"""Where a mail goes once it is dealt with: the folder, made if need be, and the move with its fall-backs."""

from __future__ import annotations

import logging

from domain.mail import Origin
from ingest import folders as names
from ingest.errors import CommandRefused, NoTargetFolder
from ingest.imap import ImapSession

log = logging.getLogger(__name__)


class Filing:
    """Remembers the real names of target folders, and which mails it flagged \\Deleted itself."""

    def __init__(self) -> None:
        self._targets: dict[str, str] = {}
        self._deleted: dict[tuple[str, int], set[int]] = {}

    def forget_folders(self) -> None:
        self._targets.clear()

    def folder(self, session: ImapSession, wanted: str) -> str:
        """The real name of the folder called `wanted`, created where it is missing. Raises NoTargetFolder."""
        if wanted in self._targets:
            return self._targets[wanted]
        listed = session.folders()
        found = names.find(listed, wanted) or _create(session, listed, wanted)
        self._targets[wanted] = found
        return found

    def move(self, session: ImapSession, origin: Origin, target: str) -> None:
        """From the selected folder: MOVE (RFC 6851), else COPY and UID EXPUNGE (RFC 4315), else COPY and, only if
        nobody else's mail would go with it, EXPUNGE; otherwise the original stays, flagged \\Deleted."""
        try:
            if session.offers("MOVE"):
                session.move(origin.uid, target)
                return
            session.copy(origin.uid, target)
        except CommandRefused:
            self._targets.clear()  # somebody may have removed or renamed the folder: look again next time
            raise
        session.add_flag(origin.uid, "\\Deleted")
        if session.offers("UIDPLUS"):
            session.uid_expunge(origin.uid)
            return
        ours = self._deleted.setdefault((origin.folder, origin.uidvalidity), set())
        ours.add(origin.uid)
        if session.deleted() <= ours:
            session.expunge()
            ours.clear()


def _create(session: ImapSession, listed: tuple[names.Folder, ...], wanted: str) -> str:
    for candidate in names.names_for_new(listed, wanted, session.personal_prefix()):
        try:
            session.create(candidate)
        except CommandRefused as exc:
            log.info("folder not created here, trying the next place: %s", exc)
            continue
        found = names.find(session.folders(), wanted)
        if found is not None:
            return found
    raise NoTargetFolder("a folder for filed mails cannot be created", retry_after=60.0)
