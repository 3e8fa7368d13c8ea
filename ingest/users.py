"""Accounts of the console at work: logging in, and what CLI and console both do with accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from domain.accounts import NAME, Account, PasswordFault, Role, password_fault
from ingest.app import App
from storage import accounts, ledger, login_failures, sessions
from storage.database import Transaction
from storage.sessions import Lifetime

REFUSED = "session.refused"
"""Kind of the ledger entry of a failed log-in to an account that there is."""
_ACCOUNT, _ADDRESS = timedelta(seconds=40), timedelta(minutes=15)
"""Longest pauses: of an account, whoever tries (90 tries an hour: ASVS 4.0.3, 2.2.1), and of one address or browser."""


class WeakPassword(ValueError):
    """A password that is not good enough; `fault` says why."""

    def __init__(self, fault: PasswordFault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """`browser`: the token by which a browser is known, "" for none. `address`: of the network, as far as it is known."""

    name: str
    password: str
    address: str
    browser: str = ""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """Logged in: tokens for the cookies of session and browser."""

    session: str
    browser: str


@dataclass(frozen=True, kw_only=True)
class Denied:
    """Not logged in; `wait` until the next try, nothing where name or password are wrong (and nobody says which)."""

    wait: timedelta = timedelta(0)

    @property
    def seconds(self) -> int:
        """Whole ones to wait."""
        return -(-self.wait // timedelta(seconds=1))


def log_in(app: App, attempt: Attempt, life: Lifetime) -> Opened | Denied:
    """By name and password. It takes as long, and says the same, whether there is such an account or not."""
    name = attempt.name.strip().casefold()
    now = app.clock()
    with app.database.begin() as tx:
        longest = _counters(tx, name, attempt)
        wait = login_failures.begin(tx, longest, now)
        stored = accounts.password_of(tx, name)
    if wait:
        return Denied(wait=wait)
    right = app.passwords.matches(stored, attempt.password)
    with app.database.begin() as tx:
        account = accounts.find_to_enter(tx, name, stored) if right else None
        if account is None or account.disabled_at:
            if accounts.find(tx, name) is not None:
                ledger.append(tx, REFUSED, f"user:{name}", {"how": "password"}, at=now)
            return Denied()
        login_failures.succeeded(tx, *longest)
        if stored and app.passwords.outdated(stored):
            accounts.upgrade_hash(tx, name, app.passwords.hashed(attempt.password), at=now)
        return opened(tx, app, name, life, how="password")


def enter_by_subject(app: App, subject: str, life: Lifetime) -> Opened | None:
    """For whom the OpenID provider has vouched; None where nobody here is that, or may log in."""
    with app.database.begin() as tx:
        account = accounts.by_subject(tx, subject)
        if account is None or account.disabled_at:
            return None
        return opened(tx, app, account.name, life, how="openid")


def opened(tx: Transaction, app: App, name: str, life: Lifetime, *, how: str) -> Opened:
    """A new session, however they proved who they are."""
    now = app.clock()
    sessions.sweep(tx, life, now)
    made = Opened(session=sessions.new_token(), browser=sessions.new_token())
    sessions.open_(tx, name, made.session, how=how, at=now)
    sessions.know_browser(tx, name, made.browser, now)
    accounts.note_seen(tx, name, now)
    return made


def change_password(app: App, attempt: Attempt, new: str, life: Lifetime) -> Opened | Denied | WeakPassword:
    """A new password for who knows the old one: every session is over, and one new is opened."""
    name = attempt.name
    if fault := password_fault(new, name):
        return WeakPassword(fault)
    known = log_in(app, attempt, life)
    if isinstance(known, Denied):
        return known
    set_password(app, name, new, by=f"staff:{name}")
    with app.database.begin() as tx:
        return opened(tx, app, name, life, how="password")


def _counters(tx: Transaction, name: str, attempt: Attempt) -> dict[str, timedelta]:
    """What a failure counts against. In a browser in which the account was logged in before, its own counter alone: who
    guesses elsewhere keeps nobody out (OWASP, device cookies)."""
    if attempt.browser and sessions.knows_browser(tx, name, attempt.browser):
        return {f"browser:{sessions.token_hash(attempt.browser)}": _ADDRESS}
    return {
        f"account:{name}": _ACCOUNT,
        f"address:{attempt.address}": _ACCOUNT,
        f"both:{name} {attempt.address}": _ADDRESS,
    }


def add(
    app: App, name: str, shown: str, role: Role, password: str | None, *, by: str, subject: str | None = None
) -> None:
    """A new account. Raises ValueError for a name that is none, WeakPassword, and Conflict where there is one."""
    if not NAME.fullmatch(name):
        raise ValueError("2 to 40 of a-z, 0-9, dot, dash and underscore, a letter or digit first")
    stored = _hashed(app, name, password) if password is not None else None
    account = Account(
        name=name,
        shown=shown or name,
        role=role,
        created_at=app.clock(),
        has_password=stored is not None,
        subject=subject,
    )
    with app.database.begin() as tx:
        accounts.add(tx, account, password=stored, by=by)


def set_password(app: App, name: str, password: str, *, by: str, keep: str | None = None) -> None:
    """A new password, and every session but that of the token `keep` is over. Raises WeakPassword, NotFound."""
    stored = _hashed(app, name, password)
    with app.database.begin() as tx:
        accounts.set_password(tx, name, stored, by=by, at=app.clock(), keep=keep)
        login_failures.succeeded(tx, f"account:{name}")


def _hashed(app: App, name: str, password: str) -> str:
    if fault := password_fault(password, name):
        raise WeakPassword(fault)
    return app.passwords.hashed(password)
