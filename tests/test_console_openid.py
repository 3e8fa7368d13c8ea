"""Log-in by OpenID Connect, against a real provider on loopback: who gets in, and by which lies nobody does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from domain.accounts import Role
from ingest import users
from storage import accounts
from tests.console_desk import Desk, desk
from tests.servers.openid import CLIENT, SECRET, OpenIdProvider, openid_provider


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with openid_provider() as made:
        yield made


@pytest.fixture
def there(tmp_path: Path, provider: OpenIdProvider) -> Iterator[Desk]:
    """`chen` is who the provider calls 17."""
    table = {"issuer": provider.issuer, "client_id": CLIENT, "password": SECRET, "label": "用市政务账号登录"}
    with desk(tmp_path, openid=table) as made:
        made.here.now = datetime.now(UTC)  # the provider's clock is the machine's
        users.add(made.here.app, "chen", "陈静", Role.STAFF, None, by="staff:root", subject=f"{provider.issuer} 17")
        yield made


def journey(there: Desk, browser: Any = None, **altered: str) -> Any:
    """There and back again, as a browser goes; `altered` in what it brings back. → the last answer."""
    browser = browser or there.browser()
    away = browser.get("/login/openid?next=/notices")
    back = httpx.get(away.headers["location"], follow_redirects=False).headers["location"]
    assert back.startswith("http://127.0.0.1:8000/login/openid/back?")
    query = {name: value for name, [value] in parse_qs(urlsplit(back).query).items()} | altered
    return browser.get("/login/openid/back", params=query)


def test_who_has_an_account_gets_in_and_goes_on(there: Desk) -> None:
    browser = there.browser()
    assert "用市政务账号登录" in browser.get("/login").text
    answer = journey(there, browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/notices")
    session = next(each for each in answer.headers.get_list("set-cookie") if "-session=" in each)
    assert "SameSite=lax" in session and "HttpOnly" in session
    assert "陈静" in browser.get("/notices").text
    assert there.entries("user:chen") == ["user.added", "session.opened"]


def test_who_has_none_is_told_so(there: Desk, provider: OpenIdProvider) -> None:
    provider.subject = "18"
    answer = journey(there)
    assert (answer.status_code, "没有您的账号" in answer.text) == (403, True)
    provider.subject = "17"
    with there.here.app.database.begin() as tx:
        accounts.disable(tx, "chen", by="staff:root", at=there.here.now)
    assert journey(there).status_code == 403


@pytest.mark.sqlite  # refused before any record is touched
@pytest.mark.parametrize(
    "lie",
    [
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"aud": "another"}},
        {"claims": {"aud": [CLIENT, "another"], "azp": "another"}},
        {"claims": {"nonce": "guessed"}},
        {"claims": {"nonce": None}},
        {"claims": {"exp": int(time.time()) - 3600}},
        {"claims": {"exp": None}},
        {"claims": {"sub": None}},
        {"published": RSAKey.generate_key(2048, auto_kid=True)},
        {"configuration": {"issuer": "https://evil.example"}},
        {"configuration": {"token_endpoint": "http://evil.example/token"}},
        {"configuration": {"jwks_uri": None}},
    ],
    ids=[
        "issuer",
        "audience",
        "party",
        "nonce",
        "no nonce",
        "expired",
        "no end",
        "no subject",
        "keys",
        "configuration",
        "foreign token endpoint",
        "no keys",
    ],
)
def test_what_proves_nothing_lets_nobody_in(there: Desk, provider: OpenIdProvider, lie: dict[str, Any]) -> None:
    browser = there.browser()
    away = browser.get("/login/openid")
    back = httpx.get(away.headers["location"], follow_redirects=False).headers["location"]
    for name, value in lie.items():
        setattr(provider, name, value)
    answer = browser.get(back.removeprefix("http://127.0.0.1:8000"))
    assert (answer.status_code, "没有核实您的身份" in answer.text) == (403, True)
    assert "-session" not in "".join(answer.headers.get_list("set-cookie"))


@pytest.mark.sqlite  # likewise
@pytest.mark.parametrize("altered", [{"state": "another"}, {"state": ""}, {"code": "stolen"}, {"code": ""}])
def test_what_belongs_to_another_browser_lets_nobody_in(there: Desk, altered: dict[str, str]) -> None:
    assert journey(there, **altered).status_code == 403


def test_a_link_somebody_sent_logs_nobody_in_as_the_sender(there: Desk) -> None:
    """The cookie of the journey is in the browser that began it, and the code is of one use."""
    away = there.browser().get("/login/openid")
    back = httpx.get(away.headers["location"], follow_redirects=False).headers["location"]
    assert there.browser().get(back.removeprefix("http://127.0.0.1:8000")).status_code == 403


def test_a_code_is_of_use_once(there: Desk) -> None:
    browser = there.browser()
    away = browser.get("/login/openid")
    back = (
        httpx.get(away.headers["location"], follow_redirects=False)
        .headers["location"]
        .removeprefix("http://127.0.0.1:8000")
    )
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 403


def test_a_provider_that_is_away_is_said(tmp_path: Path) -> None:
    table = {"issuer": "http://127.0.0.1:9", "client_id": CLIENT, "password": SECRET}
    with desk(tmp_path, openid=table) as there:
        answer = there.browser().get("/login/openid")
    assert (answer.status_code, "登录没有成功" in answer.text) == (403, True)


def test_without_a_provider_there_is_no_such_page(tmp_path: Path) -> None:
    with desk(tmp_path) as there:
        assert [there.browser().get(path).status_code for path in ("/login/openid", "/login/openid/back")] == [404, 404]
        assert "openid" not in there.browser().get("/login").text
