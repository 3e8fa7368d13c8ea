"""Answers that hand out bytes of the archive: pictures as such, everything else only as a file to be saved."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import HTTPException, Request, Response

from domain.accounts import Role
from ingest import access
from ingest.downloads import Download
from storage.errors import BlobCorrupt, BlobMissing
from web.guard import NotAllowed, visitor_of
from web.render import page
from web.security import FILE
from web.state import console_of

_BYTES = "application/octet-stream"
"""Whatever a stranger says it is: a browser shall save it, and look into it no further."""


def bytes_of(request: Request, sha256: str) -> bytes:
    """From the archive; 410 where they are not there as they were kept."""
    try:
        return console_of(request).app.blobs.get(sha256)
    except (BlobMissing, BlobCorrupt) as error:
        raise HTTPException(410) from error


def hand_out(request: Request, found: Download, subject: str, *, warned: bool = False) -> Response:
    """The file, noted in the ledger. One in which a virus was found: a warning, for administrators alone; what is harmful is
    saved under a name that no program opens."""
    console, visitor = console_of(request), visitor_of(request)
    if found.infected and visitor.role is not Role.ADMIN:
        raise NotAllowed
    if found.infected and not warned:
        return page(request, "infected.html", visitor=visitor, found=found)
    content = bytes_of(request, found.sha256)
    with console.app.database.begin() as tx:
        kind = "quarantined" if found.infected else "file"
        access.note(tx, kind, subject, visitor.who, at=console.now(), sha256=found.sha256)
    return saved(content, f"{found.name}.virus" if found.infected else found.name)


def saved(content: bytes, name: str) -> Response:
    return Response(content, media_type=_BYTES, headers={**FILE, **named(name)})


def named(name: str, *, plain: str = "file") -> dict[str, str]:
    """The header of a file to be saved under a name (RFC 6266); `plain` is for programs that know ASCII alone."""
    encoded = quote(name, safe="", errors="replace")
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"}


def picture(content: bytes, media: str) -> Response:
    return Response(content, media_type=media, headers={**FILE, "Content-Disposition": "inline"})
