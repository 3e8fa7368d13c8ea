"""Settings: one TOML file, every key also from the environment, read once at the edge and failing loudly.

`BAOSONG_MAILBOX__PASSWORD` stands for `[mailbox] password`; a secret may also stand in a file (`password_file`, or
`BAOSONG_MAILBOX__PASSWORD_FILE`). Relative paths are relative to the file.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from config.layers import laid_over, of_environment, of_file
from config.storage_tables import S3Table, StorageTable
from config.tables import (
    ClamavTable,
    ClamdAddress,
    DkimTable,
    LedgerTable,
    LimitsTable,
    MailboxTable,
    NoticesTable,
    RepliesTable,
    RetentionTable,
    SmtpTable,
    StaffTable,
    Table,
)
from config.web_tables import OpenIdTable, WebTable

DEFAULT_FILE = "baosong.toml"


class SettingsError(Exception):
    """The configuration cannot be used; `faults` names every wrong key in English."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class Settings(Table):
    """The whole configuration (spec section 7)."""

    mailboxes: dict[str, MailboxTable] = Field(default_factory=dict)
    smtp: dict[str, SmtpTable] = Field(default_factory=dict)
    storage: StorageTable = StorageTable()
    s3: S3Table = S3Table()
    notices: NoticesTable = NoticesTable()
    staff: StaffTable = StaffTable()
    limits: LimitsTable = LimitsTable()
    replies: RepliesTable = RepliesTable()
    dkim: DkimTable = DkimTable()
    clamav: ClamavTable = ClamavTable()
    ledger: LedgerTable = LedgerTable()
    retention: RetentionTable = RetentionTable()
    web: WebTable = WebTable()
    openid: OpenIdTable = OpenIdTable()
    base: Path = Path()
    """Folder of the configuration file; relative paths start here."""

    @property
    def archive(self) -> Path:
        """The folder, where it is one."""
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
    def clamd(self) -> ClamdAddress | None:
        """Where the virus scanner listens, a relative path made absolute; None where none is configured."""
        address = self.clamav.address
        return replace(address, path=self.base / address.path) if address and address.path else address

    @property
    def signing_key(self) -> Path | None:
        """The file with the key that signs heads; None where heads are not signed."""
        return self.base / self.ledger.signing_key if self.ledger.signing_key else None

    @property
    def notice_directory(self) -> Path | None:
        return None if self.notices.directory is None else self.base / self.notices.directory


def load_settings(file: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Reads the file (None: no file, defaults only) and the environment over it. Raises SettingsError."""
    tables = {"mailbox", *Settings.model_fields} - {"base"}
    written, given = of_file(_read(file) if file else {}), of_environment(environment, tables)
    both = laid_over(written, given)
    if faults := [*written.faults, *given.faults, *both.faults]:
        raise SettingsError(faults)
    data = both.data
    if "base" in data:
        raise SettingsError(["base: unknown key"])  # a field of Settings, and no key of the file
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


def _with_absolute_secrets(settings: Settings) -> Settings:
    def absolute(table: Any) -> Any:
        if table.password_file is None:
            return table
        return table.model_copy(update={"password_file": settings.base / table.password_file})

    return settings.model_copy(
        update={
            "mailboxes": {name: absolute(table) for name, table in settings.mailboxes.items()},
            "smtp": {name: absolute(table) for name, table in settings.smtp.items()},
            "openid": absolute(settings.openid),
            "storage": absolute(settings.storage),
        }
    )


def _explain(fault: Any) -> str:
    """One fault as `table.key: what is wrong`. The value is left out, since it may be a secret."""
    path = ".".join(str(step) for step in fault["loc"])
    if fault["type"] != "extra_forbidden":
        return f"{path}: {fault['msg'].removeprefix('Value error, ')}"
    hint = difflib.get_close_matches(str(fault["loc"][-1]), _known_keys(), n=1)
    return f"{path}: unknown key" + (f"; did you mean {hint[0]!r}?" if hint else "")


def _known_keys() -> list[str]:
    tables: list[type[BaseModel]] = [
        Settings, MailboxTable, SmtpTable, StorageTable, S3Table, NoticesTable, StaffTable, LimitsTable, RepliesTable,
        DkimTable, ClamavTable, LedgerTable, RetentionTable, WebTable, OpenIdTable,
    ]  # fmt: skip
    return sorted({key for table in tables for key in table.model_fields} | {"mailbox"})
