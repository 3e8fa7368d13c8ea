"""The code printed on a blank form: which notice and which reporter it was made for. It helps, and proves nothing."""

from __future__ import annotations

import re

from domain.notice import Notice, Reporter

PATTERN = re.compile(r"[A-Z0-9]{1,8}-[A-Z0-9]{1,8}")
"""What a code of ours says; any other code on a page is somebody else's (a scanning app's, a payment code)."""


def form_code(notice: Notice, reporter: Reporter) -> str:
    """`PY51-PYX`: short name of the notice and code of the reporter, as receipt numbers begin."""
    return f"{notice.short}-{reporter.code}"


def reporter_of_code(code: str | None, notice: Notice) -> Reporter | None:
    """The reporter that the code names; None for none, for another notice's, and for one that is on no list any more. A form of another
    round of the series names its reporter too: people fill in last month's."""
    short, dash, reporter = (code or "").partition("-")
    ours = short == notice.short or (notice.round is not None and short.startswith(notice.round.short))
    return notice.reporter(reporter) if dash and ours else None
