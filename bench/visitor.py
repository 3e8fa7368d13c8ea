"""Somebody with an account of the console, who asks for its pages without a network between."""

from __future__ import annotations

import re

from fastapi.testclient import TestClient

from domain.accounts import Role
from ingest import users
from ingest.app import App
from storage import accounts
from web.console import make_console

NAME, PASSWORD = "bench", "violet kettle lantern"


def admitted(app: App) -> TestClient:
    """Logged in as an admin, who sees most; the account is made where it is not there yet."""
    with app.database.read() as tx:
        there = accounts.find(tx, NAME) is not None
    if not there:
        users.add(app, NAME, "", Role.ADMIN, PASSWORD, by="staff:bench")
    browser = TestClient(make_console(app), base_url="http://127.0.0.1:8000")
    token = re.findall(r'name="csrf" value="(\w+)"', browser.get("/login").text)[0]
    browser.post("/login", data={"csrf": token, "name": NAME, "password": PASSWORD})
    return browser
