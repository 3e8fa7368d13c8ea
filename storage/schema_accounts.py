"""The tables of the console's accounts. They belong to `storage/schema.py`. A session and a browser are known by the SHA-256 of a
random token that the browser alone has: whoever reads the database can log in as nobody."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from storage.schema_base import metadata
from storage.types import StrangersText, UtcTime

users = Table(
    "users",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("shown", StrangersText, nullable=False),  # 显示名: how pages greet them
    Column("role", String(8), nullable=False),
    Column("password", Text),  # argon2id, in the PHC string format; NULL: logs in by OpenID alone
    Column("subject", Text, unique=True),  # who they are at the OpenID provider
    Column("created_at", UtcTime, nullable=False),
    Column("disabled_at", UtcTime),
    Column("seen_at", UtcTime),  # last log-in
)


def _user() -> Column[str]:
    return Column("user", String(40), ForeignKey("users.name"), nullable=False, index=True)


sessions = Table(
    "sessions",
    metadata,
    Column("token", String(64), primary_key=True),
    _user(),
    Column("opened_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
)

browsers = Table(  # in which somebody logged in rightly before: their failures are counted apart from strangers'
    "browsers",
    metadata,
    Column("token", String(64), primary_key=True),
    _user(),
    Column("seen_at", UtcTime, nullable=False),
)

login_failures = Table(  # in a row, until one succeeds or a day has passed
    "login_failures",
    metadata,
    Column("key", String(64), primary_key=True),  # a hash: what people type as a name may be their password
    Column("count", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
)
