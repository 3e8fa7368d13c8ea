"""What the console's pages share: the App, how cookies are set, how long sessions last, its templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from fastapi import Request
from jinja2 import Environment

from ingest.app import App
from ingest.auditing import Auditor
from ingest.bundling import Bundles
from storage.sessions import Lifetime
from web.openid import Provider
from web.roles import Roles
from web.security import Cookies
from web.uploads import Uploads


@dataclass(frozen=True, kw_only=True)
class Console:
    app: App
    cookies: Cookies
    life: Lifetime
    templates: Environment
    auditor: Auditor
    bundles: Bundles
    openid: Provider | None = None
    """Where people log in elsewhere; None where they do not."""
    pages: Mapping[str, Roles] = field(default_factory=dict)
    """Paths that can be opened, as their routes have them, and by whom."""
    uploads: Uploads = field(default_factory=Uploads)
    banner: str = ""
    """A line above every page: that this is the demo."""
    most_rows: int = 20_000
    """Of a merged workbook that is made while somebody waits: half a minute. More is for `baosong export`."""

    def now(self) -> datetime:
        return self.app.clock()


def console_of(request: Request) -> Console:
    return cast(Console, request.app.state.console)


def lifetime(app: App) -> Lifetime:
    table = app.settings.web
    return Lifetime(idle=timedelta(minutes=table.idle_minutes), whole=timedelta(hours=table.session_hours))
