"""`baosong search`: full text over mails, files, rows, seals, print, problems and decisions."""

from __future__ import annotations

import sys
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.common import acting, config_option, in_zone, json_option, open_app, parse_moment, print_json
from cli.errors import NeedsAttention
from cli.files import writable, write_told
from cli.records import code_of, notices_of

if TYPE_CHECKING:
    from ingest.app import App
    from storage.search import Found, Hit, Query

_COLUMNS = 80
_MOST_EXPORTED = 10_000
_DUE = "the index does not hold all records yet: run `baosong db reindex`"


@click.command(epilog="Example: baosong search 智学网 --reporter 甲县 --since 2020-02-01")
@click.argument("words", nargs=-1, required=True, metavar="QUERY")
@click.option("--reporter", metavar="CODE|NAME", help="Code or name of the reporter, e.g. JX or 甲县.")
@click.option(
    "--notice", "notice_id", metavar="ID", help="Id of an active notice; of a series all its rounds, or of one round."
)
@click.option("--state", metavar="STATE", help="State of the submission; of other mails e.g. question, junk, precheck.")
@click.option("--since", metavar="TIME", callback=parse_moment, help="Received at or after (ISO 8601, to the second).")
@click.option("--until", metavar="TIME", callback=parse_moment, help="Received at or before.")
@click.option("--late/--in-time", default=None, help="Received after the deadline, or not.")
@click.option("--breach/--no-breach", default=None, help="Reports a breach of the measures, or not.")
@click.option("--reviewed/--not-reviewed", default=None, help="A person had to look at it, or not.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many hits to show.")
@click.option(
    "--export", metavar="FILE.csv|FILE.xlsx", type=click.Path(dir_okay=False, path_type=Path),
    callback=writable(".csv", ".xlsx", kind="the hits are a table"),
    help=f"Also write the hits into a table (at most {_MOST_EXPORTED}).",
)  # fmt: skip
@json_option
@config_option
def search(words: tuple[str, ...], limit: int, export: Path | None, as_json: bool, **filters: Any) -> None:
    """Find QUERY in everything that was received: Chinese of any length, numbers of telephones and filings or parts of them,
    operators, seals, print of scans, words of mails, problem codes. Words parted by spaces must all occur in one place.

    First what a receipt, whole number, Message-ID or SHA-256 names exactly, then the newest. Every search is entered in the ledger.
    """
    from ingest import access
    from storage import search as index

    with open_app(writes=True) as app:  # the entry in the ledger may be the first there is
        query = _query(app, " ".join(words), **filters)
        with app.database.read() as tx:
            due = index.is_due(tx)
            try:
                found = index.find(tx, query, limit=limit, count_to=None if as_json else index.COUNTED)
            except ValueError as error:
                raise click.BadParameter(f"{error}: nothing can be looked for", param_hint="QUERY") from error
            rows = index.find(tx, query, limit=_MOST_EXPORTED) if export else None
        access.searched(app, query, by=acting(), total=found.total, exported=export is not None)
        _show(app, found, as_json=as_json)
        if export and rows:
            _export(app, export, rows)
    if due:
        raise NeedsAttention(_DUE)


def _query(
    app: App, text: str, *, reporter: str | None, notice_id: str | None, since: datetime | None, until: datetime | None,
    **filters: Any,
) -> Query:  # fmt: skip
    """The query with reporter and notice as the records call them, and times in the zone that is shown."""
    from storage.search import Query

    notices = notices_of(app, notice_id)
    zone = notices[0].zone if notice_id else app.settings.staff.zone
    return Query(
        text=text,
        reporter=code_of(notices, reporter) if reporter else None,
        notice=tuple(notice.id for notice in notices) if notice_id else None,
        since=in_zone(since, zone),
        until=in_zone(until, zone),
        **filters,
    )


def _show(app: App, found: Found, *, as_json: bool) -> None:
    if as_json:
        print_json({"total": found.total, "hits": [hit_json(app, hit) for hit in found.hits]})
        return
    before = None
    for hit in found.hits:
        if hit.receipt != before:
            click.echo(_heading(app, hit))
        before = hit.receipt
        click.echo(_line(hit))
    shown = f", the first {len(found.hits)} shown" if found.more or found.total > len(found.hits) else ""
    click.echo(f"{'more than ' if found.more else ''}{found.total} found{shown}", err=True)


def hit_json(app: App, hit: Hit) -> dict[str, Any]:
    """A hit of the contract (spec section 6). `receipt` is what `show` takes: of a mail that is no submission `mail:N`."""
    from ingest.hits_table import received, reporter_name, where

    return {
        "receipt": hit.receipt,
        "reporter": {"code": hit.reporter, "name": reporter_name(app, hit)} if hit.reporter else None,
        "state": hit.state,
        "received_at": received(app, hit).isoformat(),
        "where": where(hit),
        "snippet": hit.snippet.text,
    }


def _heading(app: App, hit: Hit) -> str:
    from ingest.hits_table import received, reporter_name

    name = reporter_name(app, hit)
    return f"{click.style(hit.receipt, bold=True)}  {hit.state}  {received(app, hit):%Y-%m-%d %H:%M}  {name}".rstrip()


def _line(hit: Hit) -> str:
    """Where, and the snippet with its words marked on a terminal, on one line."""
    where = f"  {hit.where}{'（先前）' if hit.earlier else ''}  "
    text, room = "", _COLUMNS - _width(where)
    marks = [range(*mark) for mark in hit.snippet.marks]
    for at, letter in enumerate(hit.snippet.text):
        room -= _width(letter)
        if room < 1:
            return f"{where}{text}…"
        text += click.style(letter, fg="red", bold=True) if any(at in mark for mark in marks) else letter
    return where + text


def _width(text: str) -> int:
    """Columns of a terminal (Unicode Standard Annex 11)."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _export(app: App, path: Path, found: Found) -> None:
    """For its owner alone."""
    from domain.masking import Viewer
    from ingest.hits_table import rows
    from notifier.hits_table import hits_csv, hits_xlsx

    lines = rows(app, found.hits, Viewer.OPERATOR)
    write_told(path, hits_csv(lines) if path.suffix.lower() == ".csv" else hits_xlsx(lines), "export")
    if found.more and len(found.hits) == _MOST_EXPORTED:
        print(f"export: only the newest {_MOST_EXPORTED} hits are in it", file=sys.stderr)
