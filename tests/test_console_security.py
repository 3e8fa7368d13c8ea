"""The console against whoever should not be there: every route and every role, forged forms, cookies, headers, guessing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from domain.accounts import Role
from ingest import published, users
from ingest.app import build
from storage import accounts, sessions
from tests.console_cases import FILE, PICTURE, RECEIPT, return_to_review
from tests.console_desk import NAMES, PASSWORD, Desk, desk, enter, token_on
from tests.office import QUICK
from tests.test_published import TEXT
from web.console import RULES

MINUTE = timedelta(minutes=1)
S, A, M = Role.STAFF, Role.AUDITOR, Role.ADMIN
ALLOWED: dict[tuple[str, str], set[Role] | None] = {
    ("GET", "/login"): None,
    ("POST", "/login"): None,
    ("GET", "/login/openid"): None,
    ("GET", "/login/openid/back"): None,
    ("GET", "/healthz"): None,
    ("GET", "/metrics"): None,
    ("POST", "/logout"): {S, A, M},
    ("GET", "/"): {S, A, M},
    ("GET", "/live/overview"): {S, A, M},
    ("GET", "/cases/{receipt}"): {S, A, M},
    ("GET", "/cases/{receipt}/pictures/{picture}"): {S, A, M},
    ("GET", "/cases/{receipt}/files/{file}"): {S, A, M},
    ("POST", "/cases/{receipt}/files/{file}"): {M},
    ("GET", "/cases/{receipt}/letters/{letter}"): {S, A, M},
    ("POST", "/cases/{receipt}/decision"): {S, M},
    ("GET", "/queue"): {S, A, M},
    ("GET", "/live/decided/{receipt}"): {S, A, M},
    ("GET", "/tasks"): {S, M},
    ("GET", "/search"): {S, A, M},
    ("GET", "/search/table"): {S, A, M},
    ("GET", "/register"): {S, A, M},
    ("GET", "/register/changes"): {S, A, M},
    ("POST", "/register/upload"): {S, M},
    ("GET", "/register/sent"): {S, M},
    ("POST", "/register/take"): {S, M},
    ("GET", "/blacklist"): {S, A, M},
    ("POST", "/blacklist"): {S, M},
    ("POST", "/blacklist/{entry}/lift"): {S, M},
    ("GET", "/blacklist/published"): {S, A, M},
    ("GET", "/blacklist/published/{kind}"): {S, A, M},
    ("POST", "/tasks/{task}/close"): {S, M},
    ("GET", "/mails/{mail}"): {S, A, M},
    ("GET", "/mails/{mail}/original"): {S, A, M},
    ("POST", "/mails/{mail}/original"): {M},
    ("GET", "/audit"): {S, A, M},
    ("GET", "/live/audit"): {S, A, M},
    ("POST", "/audit/verification"): {A, M},
    ("GET", "/audit/ledger"): {S, A, M},
    ("GET", "/audit/ledger/{entry}"): {S, A, M},
    ("GET", "/audit/access"): {A, M},
    ("GET", "/audit/bundles"): {A, M},
    ("GET", "/live/bundles"): {A, M},
    ("POST", "/audit/bundles"): {A, M},
    ("POST", "/audit/bundles/{bundle}/file"): {A, M},
    ("GET", "/notices"): {S, A, M},
    ("GET", "/notices/new"): {S, M},
    ("POST", "/notices/new/form"): {S, M},
    ("POST", "/notices/draft"): {S, M},
    ("POST", "/notices/text"): {S, M},
    ("POST", "/notices/publish"): {S, M},
    ("GET", "/notices/{series}/edit"): {S, M},
    ("GET", "/notices/{series}/text"): {S, M},
    ("POST", "/notices/{series}/close"): {S, M},
    ("GET", "/rules"): {S, A, M},
    ("GET", "/notices/{notice_id}"): {S, A, M},
    ("GET", "/notices/{notice_id}/forms/{code}"): {S, A, M},
    ("GET", "/notices/{notice_id}/merged"): {S, A, M},
    ("GET", "/account"): {S, A, M},
    ("POST", "/account/password"): {S, A, M},
    ("POST", "/account/elsewhere"): {S, A, M},
    ("GET", "/accounts"): {M},
    ("POST", "/accounts"): {M},
    ("POST", "/accounts/{name}/password"): {M},
    ("POST", "/accounts/{name}/role"): {M},
    ("POST", "/accounts/{name}/disable"): {M},
    ("POST", "/accounts/{name}/enable"): {M},
}
"""Who may, told a second time: a route that is new, or opened to others, shows here."""
CLOSED = [key for key, roles in ALLOWED.items() if roles is not None]
PLACES = {
    "notice_id": "puyang-2020-51", "code": "PYX", "name": "zhang", "receipt": RECEIPT, "picture": PICTURE, "file": FILE,
    "letter": "1", "mail": "1", "task": "1", "series": "canteens", "entry": "5", "bundle": "0" * 32, "kind": "xlsx",
}  # fmt: skip
BEFORE_RECORDS = pytest.mark.sqlite
"""Of what is refused before any record is touched, or is about cookies, headers and words: on PostgreSQL it would be the same again."""
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "server": "baosong",
}


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """For tests that leave nothing behind."""
    with desk(tmp_path_factory.mktemp("desk")) as made:
        return_to_review(made)
        published.publish(made.here.app, TEXT, after=0, reason="新的收集", by="staff:zhang")
        yield made


@pytest.fixture(scope="module")
def browsers(shared: Desk) -> dict[Role, TestClient]:
    return {role: shared.log_in(role) for role in Role}


def path_of(template: str) -> str:
    return re.sub(r"{(\w+)}", lambda found: PLACES[found[1]], template)


def test_every_route_is_in_the_table_and_serves_by_its_rule(shared: Desk) -> None:
    served = {(method, route.path) for route in shared.console.routes if isinstance(route, APIRoute)
              for method in route.methods}  # fmt: skip
    assert served == set(ALLOWED)
    assert {(rule.method, rule.path): None if rule.may is None else set(rule.may) for rule in RULES} == ALLOWED


@BEFORE_RECORDS
@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_nobody_gets_in_without_a_session(shared: Desk, method: str, path: str) -> None:
    answer = shared.browser().request(method, path_of(path))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


@pytest.mark.parametrize(("method", "path"), [key for key in CLOSED if key[0] == "GET"])
@pytest.mark.parametrize("role", Role)
def test_a_page_is_for_its_roles_and_no_others(
    browsers: dict[Role, TestClient], method: str, path: str, role: Role
) -> None:
    allowed = ALLOWED[method, path] or set()
    assert browsers[role].get(path_of(path)).status_code == (200 if role in allowed else 403)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("path", [path for method, path in CLOSED if method == "POST" and path != "/logout"])
def test_what_changes_something_is_for_its_roles_and_no_others(
    browsers: dict[Role, TestClient], request: pytest.FixtureRequest, path: str, role: Role
) -> None:
    """Who may do it does it on a desk of their own; who may not changes nothing."""
    may = role in (ALLOWED["POST", path] or set())
    browser = request.getfixturevalue("there").log_in(role) if may else browsers[role]
    form = {"csrf": token_on(browser.get("/account")), "role": "staff"}
    answer = browser.post(path_of(path), data=form | {"name": "chen", "old": "x", "new": "y", "again": "z"})
    assert (answer.status_code != 403) == may


@BEFORE_RECORDS
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("path", [path for method, path in ALLOWED if method == "POST"])
def test_a_form_that_no_page_of_ours_made_does_nothing(browsers: dict[Role, TestClient], path: str, role: Role) -> None:
    for forged in ({}, {"csrf": "0" * 64}, {"csrf": "龘"}):
        assert browsers[role].post(path_of(path), data=forged).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_does_nothing_even_with_the_token(
    shared: Desk, browsers: dict[Role, TestClient], site: str
) -> None:
    form = {"csrf": token_on(browsers[M].get("/accounts")), "name": "chen", "role": "staff"}
    assert browsers[M].post("/accounts", data=form, headers={"Sec-Fetch-Site": site}).status_code == 403
    with shared.here.app.database.read() as tx:
        assert accounts.find(tx, "chen") is None


def test_the_token_of_another_session_is_none(browsers: dict[Role, TestClient]) -> None:
    foreign = token_on(browsers[S].get("/account"))
    assert browsers[M].post("/accounts", data={"csrf": foreign, "name": "chen", "role": "staff"}).status_code == 403


@BEFORE_RECORDS
@pytest.mark.parametrize("path", ["/login", "/", "/nowhere", "/healthz", "/notices/puyang-2020-51/forms/PYX"])
def test_every_answer_carries_the_headers_and_is_kept_by_no_cache(browsers: dict[Role, TestClient], path: str) -> None:
    answer = browsers[S].get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers["cache-control"] == "no-store"


@BEFORE_RECORDS
def test_static_files_are_kept_as_their_address_says_what_is_in_them(browsers: dict[Role, TestClient]) -> None:
    page = browsers[S].get("/").text
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        answer = browsers[S].get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert "script-src 'self'" in answer.headers["content-security-policy"]


@BEFORE_RECORDS
@pytest.mark.parametrize(
    "path",
    ["/", "/notices", "/notices/puyang-2020-51", "/account", "/accounts", "/nowhere", f"/cases/{RECEIPT}", "/queue",
     "/tasks", "/mails/1", "/search?q=县", "/register", "/register/changes", "/blacklist", "/audit", "/audit/ledger",
     "/audit/ledger/5", "/audit/access", "/audit/bundles"],
)  # fmt: skip
def test_no_page_holds_scripts_or_styles_of_its_own(browsers: dict[Role, TestClient], path: str) -> None:
    page = browsers[M].get(path).text
    assert not re.findall(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|javascript:|hx-on|hx-vals=.js", page)


@BEFORE_RECORDS
def test_over_https_cookies_are_bound_to_it_and_to_the_host(tmp_path: Path) -> None:
    with desk(tmp_path, web={"url": "https://baosong.example.cn"}) as there:
        browser = there.browser(https=True)
        answer = enter(browser, "zhang")

        set_ = answer.headers.get_list("set-cookie")
        session = next(each for each in set_ if each.startswith("__Host-baosong-session="))
        for word in ("Secure", "HttpOnly", "Path=/", "SameSite=strict"):
            assert word in session
        assert "Domain" not in session
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


@BEFORE_RECORDS
def test_on_loopback_the_session_cookie_is_the_pages_alone_and_ends_with_the_browser(there: Desk) -> None:
    answer = enter(there.browser(), "zhang")
    session = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("baosong-session="))
    assert "HttpOnly" in session and "SameSite=strict" in session
    assert "Secure" not in session and "Max-Age" not in session


def test_a_log_in_opens_a_new_session_and_ends_the_one_before(there: Desk) -> None:
    browser = there.log_in(S)
    before = browser.cookies["baosong-session"]
    browser.cookies.set("baosong-form", "x")
    again = there.browser()
    again.cookies = browser.cookies
    with there.here.app.database.begin() as tx:
        sessions.close_all(tx, "zhang", at=there.here.now)
    assert enter(again, "zhang").status_code == 303
    assert again.cookies["baosong-session"] != before
    stolen = there.browser()
    stolen.cookies.set("baosong-session", before)
    assert stolen.get("/").status_code == 303


@BEFORE_RECORDS
def test_a_token_that_somebody_chose_is_no_session(there: Desk) -> None:
    browser = there.browser()
    browser.cookies.set("baosong-session", "chosen", domain="127.0.0.1", path="/")
    assert enter(browser, "zhang").status_code == 303
    assert "chosen" not in browser.cookies.values()


def test_a_session_ends_when_nobody_does_anything(there: Desk) -> None:
    browser = there.log_in(S)
    for _ in range(4):
        there.here.now += 20 * MINUTE
        assert browser.get("/notices").status_code == 200
    there.here.now += 30 * MINUTE
    assert browser.get("/notices").status_code == 303


def test_a_page_that_refreshes_itself_keeps_no_session_awake(there: Desk) -> None:
    browser = there.log_in(S)
    answers = []
    for _ in range(4):
        there.here.now += 10 * MINUTE
        answers.append(browser.get("/live/overview", headers={"HX-Request": "true"}))
    assert [answer.status_code for answer in answers] == [200, 200, 401, 401]
    assert answers[-1].headers["hx-redirect"] == "/login"


def test_a_session_ends_after_twelve_hours_whatever_is_done(there: Desk) -> None:
    browser = there.log_in(S)
    for _ in range(35):
        there.here.now += 20 * MINUTE
        assert browser.get("/notices").status_code == 200
    there.here.now += 21 * MINUTE
    assert browser.get("/notices").status_code == 303


def test_leaving_ends_the_session_for_whoever_has_its_cookie(there: Desk) -> None:
    browser = there.log_in(S)
    token = browser.cookies["baosong-session"]
    answer = browser.post("/logout", data={"csrf": token_on(browser.get("/account"))})
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    browser.cookies.set("baosong-session", token)
    assert browser.get("/").status_code == 303
    assert there.entries("user:zhang")[-2:] == ["session.opened", "session.closed"]


def test_a_new_password_ends_every_other_session(there: Desk) -> None:
    here, elsewhere = there.log_in(S), there.log_in(S, address="192.0.2.9")
    form = {
        "csrf": token_on(here.get("/account")),
        "old": PASSWORD,
        "new": "amber-harbour-19",
        "again": "amber-harbour-19",
    }
    assert here.post("/account/password", data=form).headers["location"] == "/account?done=password"
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 303
    assert enter(there.browser(), "zhang").status_code == 401
    assert enter(there.browser(), "zhang", "amber-harbour-19").status_code == 303


@BEFORE_RECORDS
@pytest.mark.parametrize(
    ("old", "new", "again", "says"),
    [
        ("wrong", "amber-harbour-19", "amber-harbour-19", "现在的密码不对"),
        (PASSWORD, "amber-harbour-19", "amber-harbour-18", "不一样"),
        (PASSWORD, "short", "short", "太短"),
        (PASSWORD, "a" * 129, "a" * 129, "太长"),
        (PASSWORD, "abababababababab", "abababababababab", "太简单"),
        (PASSWORD, "abcdefghijklmnop", "abcdefghijklmnop", "太简单"),
        (PASSWORD, "i am Zhang, who else", "i am Zhang, who else", "账号名"),
    ],
)
def test_a_password_is_changed_only_to_a_good_one_by_who_knows_the_old(
    there: Desk, old: str, new: str, again: str, says: str
) -> None:
    browser = there.log_in(S)
    form = {"csrf": token_on(browser.get("/account")), "old": old, "new": new, "again": again}
    answer = browser.post("/account/password", data=form)
    assert answer.status_code == 400
    assert says in answer.text
    assert enter(there.browser(), "zhang").status_code == 303


@pytest.mark.parametrize("name", ["zhang", "nobody", "ZHANG ", "wang'--", "张敏", "\x00"])
def test_a_refusal_says_nothing_of_who_has_an_account(there: Desk, name: str) -> None:
    answer = enter(there.browser(), name, "wrong")
    assert answer.status_code == 401
    assert "账号或密码不对" in answer.text
    told = re.sub(r"[0-9a-f]{64}", "", answer.text)
    assert told == re.sub(r"[0-9a-f]{64}", "", enter(there.browser(), "somebody-else", "wrong").text)


def test_a_disabled_account_is_refused_like_a_wrong_password_and_its_sessions_end(there: Desk) -> None:
    browser = there.log_in(S)
    with there.here.app.database.begin() as tx:
        accounts.disable(tx, "zhang", by="staff:root", at=there.here.now)
    assert browser.get("/").status_code == 303
    answer = enter(there.browser(), "zhang")
    assert (answer.status_code, "账号或密码不对" in answer.text) == (401, True)


def test_whoever_guesses_waits_longer_and_longer(there: Desk) -> None:
    guesser = there.browser()
    waits = []
    for _ in range(12):
        answer = enter(guesser, "zhang", "wrong")
        if answer.status_code == 429:
            waits.append(int(answer.headers["retry-after"]))
            there.here.now += timedelta(seconds=waits[-1])
            answer = enter(guesser, "zhang", "wrong")
        assert answer.status_code == 401
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert enter(guesser, "zhang").status_code == 429, "not even with the right one"


@pytest.mark.sqlite  # the counters are those of the tests round it
def test_guessing_from_many_addresses_is_slowed_too(there: Desk) -> None:
    tried = 0
    for number in range(100):
        tried += enter(there.browser(address=f"198.51.100.{number}"), "zhang", "wrong").status_code == 401
        there.here.now += timedelta(seconds=12)
    assert 20 <= tried <= 34, "in twenty minutes"


def test_who_guesses_elsewhere_keeps_nobody_out_of_a_browser_they_used(there: Desk) -> None:
    mine = there.log_in(S)
    mine.post("/logout", data={"csrf": token_on(mine.get("/account"))})
    for number in range(15):
        enter(there.browser(address=f"198.51.100.{number}"), "zhang", "wrong")
        enter(there.browser(), "zhang", "wrong")
    assert enter(there.browser(), "zhang").status_code == 429
    assert enter(mine, "zhang").status_code == 303


def test_a_new_browser_gets_in_once_the_short_wait_for_the_account_is_over(there: Desk) -> None:
    for number in range(15):
        enter(there.browser(address=f"198.51.100.{number}"), "zhang", "wrong")
    there.here.now += timedelta(seconds=41)
    assert enter(there.browser(address="203.0.113.5"), "zhang").status_code == 303


@BEFORE_RECORDS
@pytest.mark.parametrize(
    "wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "\\evil", "javascript:1", "/a\r\nb"]
)
def test_a_log_in_leads_nowhere_else(there: Desk, wanted: str) -> None:
    assert enter(there.browser(), "zhang", next=wanted).headers["location"] == "/"


@BEFORE_RECORDS
def test_a_log_in_leads_where_one_wanted_to_go(there: Desk) -> None:
    browser = there.browser()
    asked = browser.get("/notices/puyang-2020-51?from=letter")
    assert asked.headers["location"] == "/login?next=%2Fnotices%2Fpuyang-2020-51%3Ffrom%3Dletter"
    page = browser.get(asked.headers["location"]).text
    assert 'name="next" value="/notices/puyang-2020-51?from=letter"' in page


@BEFORE_RECORDS
def test_a_request_with_too_much_in_it_is_not_read(there: Desk) -> None:
    browser = there.browser()
    form = {"csrf": token_on(browser.get("/login")), "name": "zhang", "password": "x" * 100_000}
    assert browser.post("/login", data=form).status_code in (400, 413)


@BEFORE_RECORDS
def test_what_is_asked_is_not_repeated(there: Desk) -> None:
    answer = there.browser().get("/<script>alert(1)</script>?q=<b>")
    assert answer.status_code == 404
    assert "alert" not in answer.text and "<b>" not in answer.text


def test_the_last_administrator_cannot_lock_everybody_out(there: Desk) -> None:
    browser = there.log_in(M)
    form = {"csrf": token_on(browser.get("/accounts")), "role": "staff"}
    assert browser.post("/accounts/wang/disable", data=form).status_code == 400
    assert browser.post("/accounts/wang/role", data=form).status_code == 400
    assert browser.get("/accounts").status_code == 200


def test_the_ledger_tells_who_did_what_with_accounts_and_no_password_or_person(there: Desk) -> None:
    browser = there.log_in(M)
    form = {"csrf": token_on(browser.get("/accounts"))}
    made = browser.post("/accounts", data=form | {"name": "chen", "shown": "陈静", "role": "auditor"})
    password = re.search(r'class="secret">([^<]+)<', made.text)
    assert password
    assert enter(there.browser(address="192.0.2.7"), "chen", password[1]).status_code == 303
    browser.post("/accounts/chen/role", data=form | {"role": "staff"})
    browser.post("/accounts/chen/disable", data=form)
    assert there.entries("user:chen") == [
        "user.added", "session.opened", "user.changed", "user.changed", "session.closed"
    ]  # fmt: skip
    enter(there.browser(), "zhang", "wrong")
    assert there.entries("user:zhang") == ["user.added", "session.refused"]
    assert not [word for word in ("陈静", "同志", PASSWORD, "argon2", "192.0.2") if word in there.ledger_text()]


def test_a_page_that_a_person_opens_is_one_entry_and_its_refreshing_none(there: Desk) -> None:
    browser = there.log_in(S)
    browser.get("/")
    for _ in range(3):
        browser.get("/live/overview")
    assert there.entries("page:overview") == ["access.overview"]


def test_the_same_page_is_not_sent_twice(there: Desk) -> None:
    browser = there.log_in(S)
    tag = browser.get("/live/overview").headers["etag"]
    again = browser.get("/live/overview", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    there.here.run()
    assert browser.get("/live/overview", headers={"If-None-Match": tag}).status_code == 200


def test_accounts_of_a_role_that_was_taken_away_lose_it_at_once(there: Desk) -> None:
    browser = there.log_in(M)
    with there.here.app.database.begin() as tx:
        accounts.set_role(tx, "wang", Role.AUDITOR, by="staff:root", at=there.here.now)
    assert browser.get("/accounts").status_code == 403
    assert "/accounts" not in browser.get("/").text


def test_a_password_of_weaker_parameters_is_hashed_anew(there: Desk) -> None:
    weak = QUICK.hashed(PASSWORD)
    with build(there.here.app.settings) as product:
        there.here.app.passwords = product.passwords
    with there.here.app.database.begin() as tx:
        accounts.set_password(tx, "zhang", weak, by="staff:root", at=there.here.now)
    assert enter(there.browser(), "zhang").status_code == 303
    with there.here.app.database.read() as tx:
        stored = accounts.password_of(tx, "zhang")
    assert stored and stored != weak and stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_the_database_holds_no_token_that_logs_in(there: Desk, tmp_path: Path) -> None:
    from tests.stores import dump

    browser = there.log_in(S)
    text = "\n".join(dump(tmp_path))
    assert NAMES[S] in text
    assert not [value for value in browser.cookies.values() if value in text]


@BEFORE_RECORDS
def test_names_of_accounts_are_plain(there: Desk) -> None:
    for name in ("", "a", "Zhang", "a b", "-a", "张", "a" * 41, "a/b"):
        with pytest.raises(ValueError, match="2 to 40"):
            users.add(there.here.app, name, "", Role.STAFF, PASSWORD, by="staff:root")
