"""A console over an office, and people who log in to it by forms, as browsers do."""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response

from domain.accounts import Role
from ingest import users
from storage import ledger
from tests.office import Office, office
from tests.stores import POSTGRESQL, lay
from web.console import make_console

PASSWORD = "violet kettle lantern"
NAMES = {Role.STAFF: "zhang", Role.AUDITOR: "li", Role.ADMIN: "wang"}


@dataclass(kw_only=True)
class Desk:
    """The console and its office. `staff`, `auditor` and `admin` have accounts."""

    here: Office
    console: Any

    def browser(self, *, address: str = "192.0.2.1", https: bool = False) -> TestClient:
        base = "https://baosong.example.cn" if https else "http://127.0.0.1:8000"
        return TestClient(self.console, base_url=base, client=(address, 50000), follow_redirects=False)

    def log_in(self, role: Role, **where: Any) -> TestClient:
        browser = self.browser(**where)
        assert enter(browser, NAMES[role]).status_code == 303
        return browser

    def entries(self, subject: str) -> list[str]:
        """Kinds of the ledger's entries of a subject."""
        with self.here.app.database.read() as tx:
            return [entry.kind for entry in ledger.entries_of(tx, subject)]

    def ledger_text(self) -> str:
        """Every word the ledger holds."""
        with self.here.app.database.read() as tx:
            subjects = [f"user:{name}" for name in NAMES.values()] + ["page:overview"]
            return " ".join(entry.body for subject in subjects for entry in ledger.entries_of(tx, subject))


@contextmanager
def desk(folder: Path, **tables: Any) -> Iterator[Desk]:
    with office(folder, **tables) as here:
        if POSTGRESQL:
            _staff(here)
        else:
            lay(_staffed(), folder)
        yield Desk(here=here, console=make_console(here.app))


def _staff(here: Office) -> None:
    for role, name in NAMES.items():
        users.add(here.app, name, f"{name}同志", role, PASSWORD, by="staff:root")


@cache
def _staffed() -> Path:
    """A store with the three accounts, made once a run: to add them takes as long as many tests of a page."""
    folder = Path(tempfile.mkdtemp(prefix="baosong-test-"))
    atexit.register(shutil.rmtree, folder)
    with office(folder) as here:
        _staff(here)
    return folder


def enter(browser: TestClient, name: str, password: str = PASSWORD, **fields: str) -> Response:
    """Sends the log-in form as the page has it."""
    form = {"csrf": token_on(browser.get("/login")), "name": name, "password": password}
    return browser.post("/login", data=form | fields)


def token_on(page: Response) -> str:
    """The token that the forms of a page carry."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert found, page.status_code
    return found[1]
