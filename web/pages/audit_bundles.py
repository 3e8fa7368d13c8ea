"""Evidence bundles: made while the page waits, fetched once, and then gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from domain.accounts import Role
from ingest import access, confidential
from ingest.bundling import LASTS, Bundles
from ingest.evidence import Kept, kept
from storage import inbox, submissions
from storage.retention import tombstone
from web.guard import NotAllowed, Pages, visitor_of
from web.render import html, live, page
from web.roles import AUDITORS
from web.security import FILE
from web.state import console_of

pages = Pages()
_PIECE = 256 * 1024


@pages.get("/audit/bundles", may=AUDITORS)
def show(request: Request, receipt: str = "") -> Response:
    """`receipt` fills the form, for links of other pages."""
    return _page(request, receipt=receipt)


@pages.get("/live/bundles", may=AUDITORS, live=True)
def refresh(request: Request) -> Response:
    """How far it is; once none is in the making the whole page comes anew, with its form."""
    values = _values(request)
    if not values["runs"]:
        return Response(headers={"HX-Refresh": "true"})
    return live(request, html(request, "audit_bundles_live.html", visitor=visitor_of(request), **values))


@pages.post("/audit/bundles", may=AUDITORS)
def make(
    request: Request,
    receipt: Annotated[str, Form()] = "",
    with_quarantined: Annotated[bool, Form()] = False,
) -> Response:
    """Begins to make one. What a virus was found in is for administrators, as everywhere."""
    console, visitor = console_of(request), visitor_of(request)
    if with_quarantined and visitor.role is not Role.ADMIN:
        raise NotAllowed
    found, wrong = _found(request, receipt.strip())
    if found is None:
        return _page(request, receipt=receipt, wrong=wrong, status=400)
    if not console.bundles.start(found, by=visitor.who, with_quarantined=with_quarantined):
        return _page(request, receipt=receipt, wrong="正在制作另一个证据包，请等它做完。", status=409)
    return RedirectResponse("/audit/bundles", 303)


@pages.post("/audit/bundles/{bundle}/file", may=AUDITORS)
def fetch(request: Request, bundle: str) -> Response:
    """Hands it out, noted in the ledger; it is gone when all of it went out. A POST, since this changes something."""
    console, visitor = console_of(request), visitor_of(request)
    found = console.bundles.find(bundle)
    if found is None:
        raise HTTPException(404)
    job, file = found
    _allow(request, job.receipt)
    sha256 = job.made.sha256 if job.made else ""
    with console.app.database.begin() as tx:
        access.note(tx, "bundle_taken", job.receipt, visitor.who, at=console.now(), sha256=sha256)
    headers = {
        **FILE,
        "Content-Disposition": f'attachment; filename="{job.receipt}.zip"',
        "Content-Length": str(file.stat().st_size),
    }
    return StreamingResponse(_pieces(console.bundles, bundle, file), media_type="application/zip", headers=headers)


def _pieces(bundles: Bundles, id_: str, file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece
    bundles.forget(id_)


def _found(request: Request, receipt: str) -> tuple[Kept | None, str]:
    """The submission, or why there is none. Raises NotAllowed, and Unusable for a record that cannot be read."""
    console = console_of(request)
    with console.app.database.read() as tx:
        spelled = submissions.spelled(tx, receipt) if receipt else ""
        found = kept(tx, spelled) if spelled else None
        stone = tombstone(tx, spelled) if spelled and found is None else None
    if found is None:
        return None, "这份材料已按规定销毁，存证里有记录。" if stone else "没有这个回执号的材料，请核对回执号。"
    _allow(request, spelled)
    return found, ""


def _allow(request: Request, receipt: str) -> None:
    """A bundle holds the mails of a submission whole: where one of them is for few, so is the bundle. Raises NotAllowed."""
    if visitor_of(request).role is Role.ADMIN:
        return
    with console_of(request).app.database.read() as tx:
        case = submissions.load(tx, receipt)
        rows = [inbox.by_sha256(tx, sha256) for sha256 in case.mails] if case else []
        if any(confidential.is_secret(tx, row) for row in rows if row):
            raise NotAllowed


def _page(request: Request, *, receipt: str = "", wrong: str = "", status: int = 200) -> Response:
    visitor = visitor_of(request)
    values = _values(request)
    return page(request, "audit_bundles.html", visitor=visitor, status=status, receipt=receipt, wrong=wrong, **values)


def _values(request: Request) -> dict[str, object]:
    console = console_of(request)
    jobs = console.bundles.jobs()
    return {
        "jobs": jobs,
        "runs": any(job.runs for job in jobs),
        "minutes": int(LASTS.total_seconds() // 60),
        "zone": console.app.settings.staff.zone,
    }
