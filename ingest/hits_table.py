"""What a search found, as rows of a table for who looks at it: the command's and the console's are the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.masking import Viewer, words_for
from ingest.app import App
from notifier.hits_table import hits_xlsx, state_word
from storage.search import Hit, Query, find, is_due

MOST = 10_000
"""Hits of a table: who needs more narrows the search."""


def whole_table(app: App, query: Query, viewer: Viewer) -> tuple[int, bytes]:
    """All hits of a query, or the first `MOST`, which the table then says. → how many, and the .xlsx. Raises ValueError for a
    query of signs alone."""
    with app.database.read() as tx:  # the table is written without it: that takes seconds
        found, due = find(tx, query, limit=MOST + 1).hits, is_due(tx)
    shown = found[:MOST]
    notes = [f"只列出前{MOST}处，其余没有列出：请缩小检索范围。" if len(found) > MOST else f"共{len(shown)}处。"]
    if due:
        notes.append("索引还没有建全，以前收到的材料可能不在内。")
    return len(shown), hits_xlsx(rows(app, shown, viewer), notes)


def rows(app: App, hits: Iterable[Hit], viewer: Viewer) -> list[tuple[str, ...]]:
    """A line each, as `notifier.hits_table.HEADINGS`."""
    seen = words_for(viewer)
    return [
        (hit.receipt, reporter_name(app, hit), state_word(hit.state), f"{received(app, hit):%Y-%m-%d %H:%M}", where(hit),
         seen(" | ".join(hit.text.split("\n"))))
        for hit in hits
    ]  # fmt: skip


def reporter_name(app: App, hit: Hit) -> str:
    """As its notice names it; the code where that is not active any more."""
    notice = next((each for each in app.notices if each.id == hit.notice), None)
    reporter = notice.reporter(hit.reporter) if notice else None
    return reporter.name if reporter else hit.reporter or ""


def received(app: App, hit: Hit) -> datetime:
    """In the zone of its notice."""
    notice = next((each for each in app.notices if each.id == hit.notice), None)
    return hit.received_at.astimezone(notice.zone if notice else app.settings.staff.zone)


def where(hit: Hit) -> str:
    """The part of the record, and whether an earlier decision held it."""
    return hit.where + ("（先前）" if hit.earlier else "")
