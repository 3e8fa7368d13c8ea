"""The sets that a mail brought, each with the notice it is to be judged by."""

from __future__ import annotations

from dataclasses import dataclass

from domain.notice import Notice
from domain.pairing import Incoming, PartSet
from domain.sets import sets_of
from ingest.reading import ReadMail


@dataclass(frozen=True, kw_only=True)
class Due:
    """A set to be judged, and what of its mail falls under the same notice."""

    notice: Notice
    incoming: Incoming
    parts: PartSet


def due(read: ReadMail) -> tuple[Due, ...]:
    """Every set of the mail, those of its own notice first."""
    return tuple(
        Due(notice=share.notice, incoming=share.incoming, parts=parts)
        for share in read.shares
        for parts in sets_of(share.incoming, share.notice)
    )
