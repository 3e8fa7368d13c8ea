"""`baosong db`: migrations, and the search index made anew."""

from __future__ import annotations

import sys

import click

from cli.common import config_option, open_app


@click.group(epilog="Example: baosong db upgrade")
def db() -> None:
    """Bring the database schema up to date; make the search index anew."""


@db.command(epilog="Example: baosong db upgrade")
@config_option
def upgrade() -> None:
    """Run the migrations that are due; harmless when there are none."""
    from storage.search import is_due

    with open_app(upgraded=False) as app:
        before = app.database.revision()
        app.database.upgrade()
        after = app.database.revision()
        with app.database.read() as tx:
            due = is_due(tx)
    click.echo(f"schema {after}" + ("" if before == after else f" (was {before or 'empty'})"))
    if due:
        click.echo("the search index does not hold what was received before: run `baosong db reindex`", err=True)


@db.command(epilog="Example: baosong db reindex")
@config_option
def reindex() -> None:
    """Make the search index anew from records and archived mails.

    The worker may go on meanwhile.
    """
    from ingest.indexing import rebuild

    with open_app(writes=True) as app, click.progressbar(length=1, label="indexing", file=sys.stderr) as bar:

        def progress(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        count = rebuild(app, progress)
    click.echo(f"{count} submissions and mails indexed")
