"""Settings: one TOML file, every key also from the environment, read once at the edge and failing loudly.

`BAOSONG_MAILBOX__PASSWORD` stands for `[mailbox] password`; a secret may also stand in a file (`password_file`, or
`BAOSONG_MAILBOX__PASSWORD_FILE`). Relative paths are relative to the file.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator

ENVIRONMENT_PREFIX = "BAOSONG_"
DEFAULT_FILE = "baosong.toml"
_UNITS = {"": 1, "B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}
_SINGLE_TABLES = {"mailbox": "mailboxes", "smtp": "smtp"}


class SettingsError(Exception):
    """The configuration cannot be used; `faults` names every wrong key in English."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def _bytes(value: object) -> object:
    """`60 MB` → 62914560; whole numbers pass through."""
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d+)\s*([KMG]?B?)\s*", value, re.IGNORECASE)):
        unit = match[2].upper()
        return int(match[1]) * _UNITS[unit if unit in _UNITS else unit + "B"]
    return value


ByteCount = Annotated[int, BeforeValidator(_bytes), Field(gt=0)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A server address taken apart: `security` is tls, starttls or plain (loopback only)."""

    host: str
    port: int
    security: str
    username: str
    path: str


def endpoint(url: str, *, tls_scheme: str, ports: tuple[int, int]) -> Endpoint:
    """Takes `imaps://user%40host@server:993/INBOX` apart; `ports` are the defaults with and without TLS."""
    parts = urlsplit(url)
    plain_scheme = tls_scheme.removesuffix("s")
    if parts.scheme not in (tls_scheme, plain_scheme) or not parts.hostname:
        raise ValueError(f"must look like {tls_scheme}://user%40example.cn@host:port")
    loopback = parts.hostname in ("localhost", "::1") or parts.hostname.startswith("127.")
    tls = parts.scheme == tls_scheme
    return Endpoint(
        host=parts.hostname,
        port=parts.port or ports[0 if tls else 1],
        security="tls" if tls else ("plain" if loopback else "starttls"),
        username=unquote(parts.username or ""),
        path=unquote(parts.path.lstrip("/")),
    )


class _Account(_Table):
    password: SecretStr = SecretStr("")
    password_file: Path | None = None

    def secret(self) -> str:
        """The password, from its file when one is named. Raises OSError when that cannot be read."""
        if self.password_file is not None:
            return self.password_file.read_text(encoding="utf-8").strip()
        return self.password.get_secret_value()


class MailboxTable(_Account):
    """`[mailbox]`: where returns arrive (IMAP)."""

    url: str
    poll_seconds: float = Field(default=20, gt=0)
    login_seconds: float = Field(default=120, ge=0)
    junk_folder: str = "Junk"
    sent_folder: str = "Sent Messages"
    done_folder: str = "已处理"
    failed_folder: str = "待人工"
    trusted_authserv_id: str = ""

    @property
    def endpoint(self) -> Endpoint:
        return endpoint(self.url, tls_scheme="imaps", ports=(993, 143))

    @model_validator(mode="after")
    def _url_is_well_formed(self) -> MailboxTable:
        _ = self.endpoint
        return self


class SmtpTable(_Account):
    """`[smtp]`: where replies leave."""

    url: str
    per_minute: float = Field(default=6, gt=0)
    sender: str
    envelope_sender: str | None = None

    @property
    def endpoint(self) -> Endpoint:
        return endpoint(self.url, tls_scheme="smtps", ports=(465, 587))

    @property
    def envelope(self) -> str:
        """The envelope sender: the log-in unless set, since QQ and NetEase refuse any other."""
        return self.envelope_sender or self.endpoint.username

    @model_validator(mode="after")
    def _url_is_well_formed(self) -> SmtpTable:
        _ = self.endpoint
        return self


class StorageTable(_Table):
    database: str = "sqlite:///data/baosong.db"
    archive: str = "data/archive"


class NoticesTable(_Table):
    active: list[str] = Field(default_factory=lambda: ["puyang-2020-51"], min_length=1)
    directory: Path | None = None


class StaffTable(_Table):
    digest_to: list[str] = Field(default_factory=list)
    digest_at: time = time(8, 30)
    timezone: str = "Asia/Shanghai"
    digest_attaches_table: bool = False


class LimitsTable(_Table):
    message_bytes: ByteCount = 60 * 1024**2
    file_bytes: ByteCount = 50 * 1024**2
    unpacked_bytes: ByteCount = 200 * 1024**2
    pages: int = Field(default=30, gt=0)
    parse_seconds: float = Field(default=60, gt=0)
    parse_memory_mb: int = Field(default=1500, ge=256)


class RepliesTable(_Table):
    per_address_per_hour: int = Field(default=10, gt=0)
    return_workbook: bool = True


class ClamavTable(_Table):
    socket: str = ""


class LedgerTable(_Table):
    signing_key: str = ""


class RetentionTable(_Table):
    years: int = Field(default=10, gt=0)
    owner: str = ""


class WebTable(_Table):
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)


class Settings(_Table):
    """The whole configuration (spec section 7)."""

    mailboxes: dict[str, MailboxTable] = Field(default_factory=dict)
    smtp: dict[str, SmtpTable] = Field(default_factory=dict)
    storage: StorageTable = StorageTable()
    notices: NoticesTable = NoticesTable()
    staff: StaffTable = StaffTable()
    limits: LimitsTable = LimitsTable()
    replies: RepliesTable = RepliesTable()
    clamav: ClamavTable = ClamavTable()
    ledger: LedgerTable = LedgerTable()
    retention: RetentionTable = RetentionTable()
    web: WebTable = WebTable()
    base: Path = Path()
    """Folder of the configuration file; relative paths start here."""

    @property
    def archive(self) -> Path:
        return self.base / self.storage.archive

    @property
    def database_url(self) -> str:
        """The database URL with a relative SQLite path made absolute."""
        prefix = "sqlite:///"
        url = self.storage.database
        if url.startswith(prefix) and not url.startswith("sqlite:////") and url != "sqlite:///:memory:":
            return prefix + str((self.base / url.removeprefix(prefix)).resolve())
        return url

    @property
    def notice_directory(self) -> Path | None:
        return None if self.notices.directory is None else self.base / self.notices.directory


def load_settings(file: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Reads the file (None: no file, defaults only) and the environment over it. Raises SettingsError."""
    data = _read(file) if file else {}
    _overlay(data, environment)
    _expand_short_tables(data)
    data["base"] = str((file.parent if file else Path()).resolve())
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        raise SettingsError([_explain(fault) for fault in error.errors()]) from error
    return _with_absolute_secrets(settings)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError([f"{file}: no such file; `baosong init DIR` writes one"]) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError([f"{file}: {error}"]) from error


def _overlay(data: dict[str, Any], environment: Mapping[str, str]) -> None:
    """Puts `BAOSONG_A__B` over key b of table a. JSON values (lists, numbers) are understood, else it is text."""
    for name, value in environment.items():
        if not name.startswith(ENVIRONMENT_PREFIX) or "__" not in name:
            continue
        *tables, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        target = data
        for table in tables:
            target = target.setdefault(table, {})
        target[key] = _environment_value(key, value)


def _environment_value(key: str, value: str) -> object:
    if "password" in key:
        return value  # a password of digits or in brackets is still text
    if value[:1] in "[{":
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value


def _expand_short_tables(data: dict[str, Any]) -> None:
    """`[mailbox]` is short for `[mailboxes.main]`, a `[smtp]` with a `url` for `[smtp.main]`."""
    if "mailbox" in data:
        data.setdefault("mailboxes", {}).setdefault("main", data.pop("mailbox"))
    smtp = data.get("smtp")
    if isinstance(smtp, dict) and any(not isinstance(value, dict) for value in smtp.values()):
        data["smtp"] = {"main": smtp}


def _with_absolute_secrets(settings: Settings) -> Settings:
    def absolute(table: Any) -> Any:
        if table.password_file is None:
            return table
        return table.model_copy(update={"password_file": settings.base / table.password_file})

    return settings.model_copy(
        update={
            "mailboxes": {name: absolute(table) for name, table in settings.mailboxes.items()},
            "smtp": {name: absolute(table) for name, table in settings.smtp.items()},
        }
    )


def _explain(fault: Any) -> str:
    """One fault as `table.key: what is wrong`. The value is left out, since it may be a secret."""
    path = ".".join(str(step) for step in fault["loc"])
    if fault["type"] != "extra_forbidden":
        return f"{path}: {fault['msg']}"
    hint = difflib.get_close_matches(str(fault["loc"][-1]), _known_keys(), n=1)
    return f"{path}: unknown key" + (f"; did you mean {hint[0]!r}?" if hint else "")


def _known_keys() -> list[str]:
    tables: list[type[BaseModel]] = [
        Settings, MailboxTable, SmtpTable, StorageTable, NoticesTable, StaffTable, LimitsTable, RepliesTable,
        ClamavTable, LedgerTable, RetentionTable, WebTable,
    ]  # fmt: skip
    return sorted({key for table in tables for key in table.model_fields} | {"mailbox"})
