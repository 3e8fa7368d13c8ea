"""The tables of the queue's library, beside ours in the same database: made and migrated by the library's own scripts."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text

from storage import advisory
from storage.database import Database

SCHEMA = "procrastinate"
"""They have a schema of their own: what we migrate and audit stays ours alone."""


def prepare(database: Database, whole: str, steps: Mapping[str, str]) -> None:
    """Makes them by the script `whole`, or brings those that are there to the newest of `steps` (name → script, in the order of
    their names). Harmless when they are; safe when two processes try. Raises Unavailable or Unusable."""
    with database.begin() as tx:
        advisory.alone(tx, "queue")
        tx.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        tx.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
        done = tx.execute(text(f"SELECT obj_description('{SCHEMA}'::regnamespace)")).scalar()
        scripts = [steps[name] for name in sorted(steps) if name > done] if done else [whole]
        for script in scripts:
            # Many statements at once, with percent signs that are none of a placeholder.
            tx.execution_options(no_parameters=True).exec_driver_sql(script)
        if scripts:
            tx.execute(text(f"COMMENT ON SCHEMA {SCHEMA} IS '{max(steps)}'"))
