"""`baosong user`: the accounts of the console. The first administrator is made here."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import click

from cli.common import acting, config_option, json_option, open_app, print_json
from cli.errors import NeedsAttention

if TYPE_CHECKING:
    from domain.accounts import Account

_WEAK = {
    "short": "12 characters at least",
    "long": "128 characters at most",
    "simple": "it is a few characters over and over, or a run of them",
    "name": "the log-in name is in it",
}
_ROLES = ("admin", "staff", "auditor")

name_argument = click.argument("name")
password_options = (
    click.option(
        "--password-file",
        type=click.File(encoding="utf-8"),
        metavar="FILE",
        help="The password is the first line of FILE (- for standard input); else it is asked for.",
    ),
    click.option("--generate", is_flag=True, help="Make a password and print it once."),
)


@click.group(epilog="Example: baosong user add zhang --role admin --name 张敏")
def user() -> None:
    """Accounts of the console."""


@user.command(epilog="Example: baosong user add zhang --role staff --name 张敏 --generate")
@name_argument
@click.option("--role", type=click.Choice(_ROLES), required=True, help="admin: staff, and looks after accounts.")
@click.option("--name", "shown", metavar="TEXT", default="", help="How pages greet them (default: NAME).")
@password_options[0]
@password_options[1]
@click.option(
    "--openid", "subject", metavar="SUB", help="Logs in by OpenID alone; SUB is what the provider calls them."
)
@config_option
def add(name: str, role: str, shown: str, password_file: IO[str] | None, generate: bool, subject: str | None) -> None:
    """Add an account."""
    from domain.accounts import Role
    from ingest import users
    from storage.errors import Conflict

    if subject is not None and (password_file or generate):
        raise click.UsageError("--openid goes without a password")
    with open_app(writes=True) as app:
        issuer = app.settings.openid.issuer
        if subject is not None and not issuer:
            raise click.UsageError("--openid needs a provider: [openid] issuer")
        password = None if subject is not None else _password(password_file, generate=generate)
        whole = None if subject is None else f"{issuer} {subject}"
        try:
            users.add(app, name, shown, Role(role), password, by=acting(), subject=whole)
        except users.WeakPassword as error:
            raise NeedsAttention(f"the password is not good enough: {_WEAK[error.fault]}") from error
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="NAME") from error
        except Conflict as error:
            raise NeedsAttention(f"there is an account {name} already, or one of that SUB") from error
    click.echo(f"added {name} ({role})", err=True)
    if password is not None:
        _tell(password, generate=generate)


@user.command("list", epilog="Example: baosong user list --json")
@json_option
@config_option
def list_(as_json: bool) -> None:
    """List the accounts."""
    from storage import accounts

    with open_app() as app, app.database.read() as tx:
        found = accounts.all_(tx)
    if as_json:
        print_json({"accounts": [_document(account) for account in found]})
        return
    for account in found:
        state = " disabled" if account.disabled_at else ""
        click.echo(f"{account.name:<20} {account.role:<8} {account.shown}{state}")
    if not found:
        click.echo("no accounts yet: baosong user add NAME --role admin", err=True)


@user.command(epilog="Example: baosong user disable zhang")
@name_argument
@config_option
def disable(name: str) -> None:
    """Let nobody log in with an account any more; its sessions end at once. It stays, as the ledger names it."""
    _change(name, "disable", "disabled")


@user.command(epilog="Example: baosong user enable zhang")
@name_argument
@config_option
def enable(name: str) -> None:
    """Let a disabled account log in again."""
    _change(name, "enable", "may log in again")


@user.command(epilog="Example: baosong user password zhang")
@name_argument
@password_options[0]
@password_options[1]
@config_option
def password(name: str, password_file: IO[str] | None, generate: bool) -> None:
    """Set the password of an account; its sessions end at once."""
    from ingest import users
    from storage.errors import NotFound

    with open_app(writes=True) as app:
        new = _password(password_file, generate=generate)
        try:
            users.set_password(app, name, new, by=acting())
        except users.WeakPassword as error:
            raise NeedsAttention(f"the password is not good enough: {_WEAK[error.fault]}") from error
        except NotFound as error:
            raise NeedsAttention(f"there is no account {name}") from error
    click.echo(f"new password of {name}; its sessions are over", err=True)
    _tell(new, generate=generate)


def _change(name: str, what: str, told: str) -> None:
    from storage import accounts
    from storage.errors import NotFound

    act = {"disable": accounts.disable, "enable": accounts.enable}[what]
    with open_app(writes=True) as app:
        try:
            with app.database.begin() as tx:
                act(tx, name, by=acting(), at=app.clock())
        except NotFound as error:
            raise NeedsAttention(f"there is no account {name}") from error
    click.echo(f"{name}: {told}", err=True)


def _password(file: IO[str] | None, *, generate: bool) -> str:
    from storage.passwords import generated

    if generate:
        return generated()
    if file is not None:
        return file.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _tell(password: str, *, generate: bool) -> None:
    """A made password alone on stdout, once."""
    if generate:
        click.echo(password)


def _document(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "shown": account.shown,
        "role": str(account.role),
        "disabled": account.disabled_at is not None,
        "openid": account.subject is not None,
        "last_login": account.seen_at.isoformat() if account.seen_at else None,
    }
