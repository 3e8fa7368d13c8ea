"""Who looked at what, and when: by account, by what was looked at, by day."""

from __future__ import annotations

from fastapi import Request, Response

from ingest import access
from ingest.ledger_view import shown
from storage import accounts, ledger_reading
from storage.ledger_reading import Found, Wanted
from web.days import DAY_WRONG, between
from web.entry_wording import KINDS
from web.guard import Pages, visitor_of
from web.pages.audit_ledger import PAGE, WORDS, further, whole
from web.render import page
from web.roles import AUDITORS, VIEWERS
from web.state import console_of

pages = Pages()
_START = "access."
_KINDS = {kind: words for kind, words in KINDS.items() if kind.startswith(_START)}


@pages.get("/audit/access", may=AUDITORS)
def show(
    request: Request,
    account: str = "",
    kind: str = "",
    subject: str = "",
    since: str = "",
    until: str = "",
    below: str = "",
) -> Response:
    console, visitor = console_of(request), visitor_of(request)
    zone = console.app.settings.staff.zone
    form = {"account": account.strip(), "kind": kind, "subject": subject.strip(), "since": since, "until": until}
    days = between(since, until, zone)
    found: tuple[Found, ...] = ()
    with console.app.database.read() as tx:
        if days:
            wanted = Wanted(
                kinds=(kind if kind in _KINDS else _START,),
                subject=form["subject"], since=days[0], until=days[1], by=_named(form["account"]),
            )  # fmt: skip
            found = ledger_reading.browse(tx, wanted, limit=PAGE + 1, below=whole(below))
        names = [each.name for each in accounts.all_(tx)]
    with console.app.database.begin() as tx:
        access.note(tx, "log", "page:audit-access", visitor.who, at=console.now())
    return page(
        request,
        "audit_access.html",
        visitor=visitor,
        status=200 if days else 400,
        entries=[shown(each, VIEWERS[visitor.role], all_secrets=False) for each in found[:PAGE]],
        more=further("/audit/access", form, found, PAGE),
        form=form,
        kinds=_KINDS,
        accounts=names,
        wrong="" if days else DAY_WRONG,
        zone=zone,
        **WORDS,
    )


def _named(account: str) -> tuple[str, ...]:
    """As bodies name who acts: staff by their account, and what the program does by itself."""
    return (f"staff:{account}", account) if account else ()
