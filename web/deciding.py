"""A person decides a submission: from the queue, one case after the other, or from its own page."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from ingest import verdicts
from ingest.errors import CannotAccept, CannotLearn
from storage.errors import Conflict
from web.guard import visitor_of
from web.render import page
from web.state import console_of

LONGEST_REASON = 300
"""Characters: it stands in a letter."""
_VERDICTS = {"accept": True, "reject": False}
_NO_REASON = "请写明理由，写好再决定：理由会写进给对方的回复。"
_CANNOT_ACCEPT = "这份材料没有可以读的电子表（不要电子表的通知，没有可以读的扫描件），不能受理。"
_CANNOT_LEARN = "这个发件邮箱不能登记：来信没有通过发件验证，或没有认出报送单位。请去掉“登记邮箱”再决定。"
_CHANGED = "这份材料在您打开之后有了变化（收到了新的来信，或已由别人决定），您的决定没有记下。请重新看过再决定。"


def decide(
    request: Request, receipt: str, verdict: str, reason: str, *, seen: int, learn: bool, back: str, notice: str
) -> Response:
    """Records the decision, and leads on to the next case (`back` is `queue`) or back to this one. `seen`: the `row_version`
    that the page showed, so that nobody decides what they have not seen."""
    console = console_of(request)
    reason = " ".join(reason.split())
    if verdict not in _VERDICTS:
        raise HTTPException(400)
    if not reason or len(reason) > LONGEST_REASON:
        return _not_done(request, receipt, 422, _NO_REASON, back=back, notice=notice)
    try:
        verdicts.decide(
            console.app,
            receipt,
            accept=_VERDICTS[verdict],
            reason=reason,
            by=visitor_of(request).who,
            learn_sender=learn and _VERDICTS[verdict],
            as_seen=seen,
        )
    except KeyError as error:
        raise HTTPException(404) from error
    except Conflict:
        return _not_done(request, receipt, 409, _CHANGED, back=back, notice=notice)
    except CannotAccept:
        return _not_done(request, receipt, 422, _CANNOT_ACCEPT, back=back, notice=notice)
    except CannotLearn:
        return _not_done(request, receipt, 422, _CANNOT_LEARN, back=back, notice=notice)
    query = {"done": receipt} | ({"notice": notice} if notice else {})
    return RedirectResponse(f"/queue?{urlencode(query)}" if back == "queue" else f"/cases/{receipt}", 303)


def _not_done(request: Request, receipt: str, status: int, why: str, *, back: str, notice: str) -> Response:
    """Why nothing was recorded, with the way back."""
    return page(
        request,
        "undecided.html",
        visitor=visitor_of(request),
        status=status,
        why=why,
        receipt=receipt,
        back="queue" if back == "queue" else "case",
        notice=notice,
    )
