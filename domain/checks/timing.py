"""Was it in time? The server's time of receipt counts, never the sender's Date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.catalogue import problem
from domain.notice import Notice
from domain.problems import Place, Problem


def check_timing(received_at: datetime, notice: Notice) -> Iterator[Problem]:
    """Late is after the deadline's last second; mail servers tell whole seconds, other sources fractions of the last."""
    if received_at.replace(microsecond=0) <= notice.deadline:
        return
    received, deadline = (moment.astimezone(notice.zone) for moment in (received_at, notice.deadline))
    yield problem("timing.late", Place(), received=_shown(received), deadline=_shown(deadline))


def _shown(moment: datetime) -> str:
    return f"{moment.year}年{moment.month}月{moment.day}日{moment:%H:%M}"
