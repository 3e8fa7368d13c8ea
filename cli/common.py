"""What commands share: the --config option after the command, loading settings, the App, JSON output."""

from __future__ import annotations

import json
import os
import pwd
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from config.settings import DEFAULT_FILE, Settings, load_settings

if TYPE_CHECKING:
    from ingest.app import App

_YEARS = (1970, 2999)
"""Of times that can be reckoned with in any zone, grace times and deadlines added."""

F = TypeVar("F", bound=Callable[..., Any])

notice_option = click.option("--notice", "notice_id", metavar="ID|FILE", help="The notice (default: the active one).")
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


def config_option(function: F) -> F:
    """`--config FILE` after the command, as before it."""

    def keep(context: click.Context, _: click.Parameter, value: Path | None) -> None:
        if value is not None:
            context.ensure_object(dict)["config"] = value

    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        expose_value=False,
        callback=keep,
        help="Configuration (default baosong.toml, or $BAOSONG_CONFIG).",
    )(function)


def config_file() -> Path:
    """The configuration file that was named, by option, environment or default."""
    return Path(config_named() or DEFAULT_FILE)


def config_named() -> Path | str | None:
    """The configuration file as it was named by option or environment: it must then be there."""
    return click.get_current_context().ensure_object(dict).get("config") or os.environ.get("BAOSONG_CONFIG")


def acting() -> str:
    """Who gives the command, as the ledger names staff: by the account that the system knows. What the environment says
    (`LOGNAME`, `USER`) is anybody's to set. Who shares an account shares the name."""
    return f"staff:{pwd.getpwuid(os.getuid()).pw_name}"


def settings() -> Settings:
    """The settings, also the log set up. Raises SettingsError (no file, wrong keys)."""
    from config.logging import configure_logging

    configure_logging(json_lines=not sys.stderr.isatty())
    return load_settings(config_file())


def settings_if_any(notice_id: str | None) -> Settings:
    """The configuration if there is one, with that notice alone: for what needs no mailbox and stores nothing."""
    from config.logging import configure_logging

    configure_logging(json_lines=False)
    file = config_file()
    found = load_settings(file if config_named() or file.exists() else None)
    if notice_id:
        found = found.model_copy(update={"notices": found.notices.model_copy(update={"active": [notice_id]})})
    return found


@contextmanager
def open_app(*, upgraded: bool = True, writes: bool = False) -> Iterator[App]:
    """The App of the settings, its database at the present schema. Closes it at the end.

    Raises Mismatch rather than make a new database beside an archive that holds files, and, when the command `writes`,
    where database and archive are not of one piece.
    """
    from ingest.app import build
    from ingest.evidence import check_fit, refuse_new_database
    from ingest.published import refresh

    with build(settings()) as app:
        refuse_new_database(app)
        if upgraded:
            app.database.upgrade()
            refresh(app)
        if writes:
            check_fit(app)
        yield app


_LEFT_BY_JSON = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """For a terminal: what a traceback quotes of a mail moves no cursor and sets no title. Lines stay lines."""
    return "".join(char if char in "\n\t" or not _is_control(char) else repr(char)[1:-1] for char in text)


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def print_json(value: object) -> None:
    """One JSON document on stdout, Chinese as itself; controls that JSON would leave as they are, by their numbers."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    click.echo(_LEFT_BY_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def parse_moment(_: click.Context, parameter: click.Parameter, value: str | None) -> datetime | None:
    """ISO 8601; naive without an offset, for the command to take in the zone it shows times in (`in_zone`)."""
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter("give a time as 2020-02-27T15:40:00+08:00", param=parameter) from error
    if not _YEARS[0] <= at.year <= _YEARS[1]:
        raise click.BadParameter(f"give a time between the years {_YEARS[0]} and {_YEARS[1]}", param=parameter)
    return at


def parse_day(_: click.Context, parameter: click.Parameter, value: str | None) -> date | None:
    """ISO 8601, a day without a time."""
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter("give a day as 2020-02-27", param=parameter) from error


def in_zone(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    """A time given without an offset, as one of that zone: not of the machine's, which often runs on UTC."""
    return at.replace(tzinfo=zone) if at and at.tzinfo is None else at
