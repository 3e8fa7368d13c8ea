"""How Alembic runs here: always on the connection that `Database.upgrade` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from storage import schema, schema_search, schema_submissions  # noqa: F401 - all tables must have been made
from storage.schema_base import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters tables by copying them
)
with context.begin_transaction():
    context.run_migrations()
