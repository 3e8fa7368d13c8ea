"""The audit: when everything was verified last, with which outcome, and verifying it now. The page refreshes itself meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from ingest import auditing
from ingest.auditing import Reached, Run
from ingest.heads import NoHead, heads_in_text
from storage import ledger
from storage.ledger import Head
from storage.progress import Stage
from web.entry_wording import who_words
from web.fault_wording import FaultGroup, grouped
from web.guard import Pages, visitor_of
from web.render import html, live, page
from web.roles import AUDITORS, EVERYBODY
from web.state import console_of

pages = Pages()
_LONGEST = 20_000
"""Characters of what is pasted: the text of a letter, not its attachments."""
_STAGES: Mapping[Stage, str] = {
    Stage.LEDGER: "逐条核对存证",
    Stage.DECISIONS: "核对每项决定",
    Stage.RECORDS: "核对来信、回复等记录",
    Stage.ARCHIVE: "核对存档文件",
}
_NO_HEAD = "没有认出存证号。请写成“128:3f9a……”这样（散列至少16位），或者把回复末尾“存证：第……号”那一行粘贴进来。"


@dataclass(frozen=True, kw_only=True)
class _Held:
    """A head that somebody keeps, and whether the ledger has it."""

    head: str
    fits: bool


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """A verification as the page shows it. `running`: how far it is, None where it does not run (any more)."""

    run: Run
    who: str
    running: Reached | None
    groups: tuple[FaultGroup, ...]
    held: tuple[_Held, ...]

    @property
    def broken_off(self) -> bool:
        return self.running is None and self.run.outcome is None


@pages.get("/audit", may=EVERYBODY)
def show(request: Request) -> Response:
    return _page(request)


@pages.get("/live/audit", may=EVERYBODY, live=True)
def refresh(request: Request, run: str = "") -> Response:
    """How far the one is that the page shows; once it has ended the whole page comes anew."""
    reached = console_of(request).auditor.reached
    if reached is None or reached[0] != run:
        return Response(headers={"HX-Refresh": "true"})
    return live(request, html(request, "audit_live.html", visitor=visitor_of(request), **_progress(reached[1])))


@pages.post("/audit/verification", may=AUDITORS)
def verify(request: Request, head: Annotated[str, Form()] = "") -> Response:
    """Begins one; where one runs already, that is the one to wait for."""
    try:
        heads = _heads(head)
    except NoHead:
        return _page(request, wrong=_NO_HEAD, head=head, status=400)
    console_of(request).auditor.start(heads, by=visitor_of(request).who)
    return RedirectResponse("/audit", 303)


def _heads(text: str) -> tuple[Head, ...]:
    """Raises NoHead for what holds none; nothing at all is no head, and right."""
    if not text.strip():
        return ()
    if len(text) > _LONGEST:
        raise NoHead("too long")
    return heads_in_text(text)


def _page(request: Request, *, wrong: str = "", head: str = "", status: int = 200) -> Response:
    console, visitor = console_of(request), visitor_of(request)
    reached = console.auditor.reached
    runs = tuple(_shown(run, reached) for run in auditing.runs(console.app))
    with console.app.database.read() as tx:
        newest = ledger.head(tx)
    return page(
        request,
        "audit.html",
        visitor=visitor,
        status=status,
        last=runs[0] if runs else None,
        earlier=runs[1:],
        newest=newest,
        may_verify=visitor.role in AUDITORS,
        wrong=wrong,
        head=head,
        most=auditing.MOST_KEPT,
        who_words=who_words,
        zone=console.app.settings.staff.zone,
        **_progress(reached[1] if reached else Reached()),
    )


def _progress(reached: Reached) -> dict[str, Any]:
    """Of the stages those that are done, the one that is gone through, those to come."""
    stages = list(_STAGES)
    at = stages.index(reached.stage)
    return {"stages": [(_STAGES[stage], number - at) for number, stage in enumerate(stages)], "reached": reached}


def _shown(run: Run, reached: tuple[str, Reached] | None) -> _Shown:
    return _Shown(
        run=run,
        who=who_words(run.by),
        running=reached[1] if reached and reached[0] == run.id else None,
        groups=grouped(run.outcome.faults or ()) if run.outcome else (),
        held=tuple(_Held(head=head, fits=_fits(run, head)) for head in run.heads),
    )


def _fits(run: Run, head: str) -> bool:
    """Whether nothing was found against it. The finding names the head as it was given."""
    faults = (run.outcome.faults or ()) if run.outcome else ()
    number = head.partition(":")[0]
    return not any(each.object == f"head:{number}" and f"known from {head}" in each.fault for each in faults)
