"""`baosong db upgrade`: migrations."""

from __future__ import annotations

import click

from cli.common import config_option, open_app


@click.group(epilog="Example: baosong db upgrade")
def db() -> None:
    """Bring the database schema up to date."""


@db.command(epilog="Example: baosong db upgrade")
@config_option
def upgrade() -> None:
    """Run the migrations that are due; harmless when there are none."""
    with open_app(upgraded=False) as app:
        before = app.database.revision()
        app.database.upgrade()
        after = app.database.revision()
    click.echo(f"schema {after}" + ("" if before == after else f" (was {before or 'empty'})"))
