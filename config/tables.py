"""The tables of `baosong.toml`: which keys there are, of which kind, and what they are when nobody sets them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from email.utils import parseaddr
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

_ADDRESS = r"[^\s@<>,;]+@[^\s@<>,;]+"
_UNITS = {"": 1, "B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}


def _bytes(value: object) -> object:
    """`60 MB` → 62914560; whole numbers pass through."""
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d+)\s*([KMG]?B?)\s*", value, re.IGNORECASE)):
        unit = match[2].upper()
        return int(match[1]) * _UNITS[unit if unit in _UNITS else unit + "B"]
    return value


ByteCount = Annotated[int, BeforeValidator(_bytes), Field(gt=0)]


def _address(value: str) -> str:
    if not re.fullmatch(_ADDRESS, value):
        raise ValueError("must be a mail address, like name@example.cn")
    return value


def _named_address(value: str) -> str:
    """The header's own reader must see the same address: it goes astray at a bare comma in the name."""
    found = re.fullmatch(rf"(?:[^<>]*<({_ADDRESS})>|({_ADDRESS}))", value.strip())
    if not found or parseaddr(value)[1] != (found[1] or found[2]):
        raise ValueError("must hold one mail address: name@example.cn, or 姓名 <name@example.cn>")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is no time zone; write it as Asia/Shanghai") from error
    return value


def _nameserver(value: str) -> str:
    host, colon, port = value.partition(":")
    try:
        good = not value or (IPv4Address(host) and (not colon or 0 < int(port) < 65536))
    except ValueError:
        good = False
    if not good:
        raise ValueError("must be an IPv4 address, with a port or without, like 127.0.0.1:53")
    return value


def _page(value: str) -> str:
    """An anchor is put behind it."""
    if value and not re.fullmatch(r"https?://[^\s/#]+(?:/[^\s#]*)?", value):
        raise ValueError("must be the address of a page without #, like https://www.example.cn/baosong/rules.html")
    return value


Address = Annotated[str, AfterValidator(_address)]
NamedAddress = Annotated[str, AfterValidator(_named_address)]


class Table(BaseModel):
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
    if parts.scheme not in (tls_scheme, plain_scheme) or not parts.hostname or not _port_is_well_formed(parts):
        raise ValueError(f"url must look like {tls_scheme}://user%40example.cn@host:port")
    tls = parts.scheme == tls_scheme
    return Endpoint(
        host=parts.hostname,
        port=parts.port or ports[0 if tls else 1],
        security="tls" if tls else ("plain" if is_loopback(parts.hostname) else "starttls"),
        username=unquote(parts.username or ""),
        path=unquote(parts.path.lstrip("/")),
    )


def is_loopback(host: str) -> bool:
    """This machine alone."""
    return host in ("localhost", "::1") or host.startswith("127.")


def _port_is_well_formed(parts: SplitResult) -> bool:
    """The library's own words would show what stands there, and a password may."""
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


class SecretTable(Table):
    password: SecretStr = SecretStr("")
    password_file: Path | None = None

    def secret(self) -> str:
        """The password, from its file when one is named. Raises OSError or UnicodeDecodeError when that cannot be read."""
        if self.password_file is not None:
            return self.password_file.read_text(encoding="utf-8").strip()
        return self.password.get_secret_value()


class MailboxTable(SecretTable):
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


class SmtpTable(SecretTable):
    """`[smtp]`: where replies leave."""

    url: str
    per_minute: float = Field(default=6, gt=0)
    sender: NamedAddress
    envelope_sender: Address | None = None

    @property
    def endpoint(self) -> Endpoint:
        return endpoint(self.url, tls_scheme="smtps", ports=(465, 587))

    @property
    def envelope(self) -> str:
        """The envelope sender: the log-in unless set, since QQ and NetEase refuse any other."""
        return self.envelope_sender or self.endpoint.username

    @model_validator(mode="after")
    def _url_is_well_formed(self) -> SmtpTable:
        if self.envelope and "@" not in self.envelope:
            raise ValueError("envelope_sender is needed, since the log-in is no mail address")
        return self


NOTICES = Path(__file__).parent / "notices"
"""The shipped notices."""


def notices_to_begin_with() -> list[str]:
    """Ids of the shipped notices that are active where the settings name none, and that `init` copies: they stand in a file, one a
    line, since no program shall know a notice by its name."""
    return (NOTICES / "default").read_text(encoding="utf-8").split()


class NoticesTable(Table):
    active: list[str] = Field(default_factory=notices_to_begin_with)
    """[]: none but those that staff publish in the console."""
    directory: Path | None = None


class StaffTable(Table):
    digest_to: list[NamedAddress] = Field(default_factory=list)
    digest_at: time = time(8, 30)
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    digest_attaches_table: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """Of times where no notice is at hand."""
        return ZoneInfo(self.timezone)


class LimitsTable(Table):
    message_bytes: ByteCount = 60 * 1024**2
    file_bytes: ByteCount = 50 * 1024**2
    unpacked_bytes: ByteCount = 200 * 1024**2
    pages: int = Field(default=30, gt=0)
    parse_seconds: float = Field(default=60, gt=0)
    parse_memory_mb: int = Field(default=1500, ge=256)
    free_bytes: ByteCount = 512 * 1024**2
    mails_per_sender_per_hour: int = Field(default=60, ge=0)
    mails_per_known_sender_per_hour: int = Field(default=300, ge=0)


class RepliesTable(Table):
    per_address_per_hour: int = Field(default=10, gt=0)
    per_domain_per_day: int = Field(default=200, gt=0)
    per_day: int = Field(default=1000, gt=0)
    return_workbook: bool = True
    rules_url: Annotated[str, AfterValidator(_page)] = ""


@dataclass(frozen=True, kw_only=True)
class ClamdAddress:
    """Where clamd listens: at a Unix socket, or at `host` and `port` where there is no `path`."""

    path: Path | None = None
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        return str(self.path) if self.path else f"tcp://{self.host}:{self.port}"


class DkimTable(Table):
    verify: bool = False
    nameserver: Annotated[str, AfterValidator(_nameserver)] = ""
    seconds: float = Field(default=5, gt=0, le=30)


class ClamavTable(Table):
    """`[clamav]`: the virus scanner, "" for none. Whole mails go over it as they are, so TCP is for loopback only."""

    socket: str = ""

    @property
    def address(self) -> ClamdAddress | None:
        """Raises ValueError for what is neither a path nor `tcp://` on loopback."""
        if "://" not in self.socket:
            return ClamdAddress(path=Path(self.socket)) if self.socket else None
        parts = urlsplit(self.socket)
        host = parts.hostname or ""
        known = parts.scheme == "tcp" and not (parts.username or parts.path or parts.query or parts.fragment)
        if not known or not is_loopback(host) or not _port_is_well_formed(parts):
            raise ValueError("must be the path of clamd's socket, or tcp://127.0.0.1:3310; TCP on loopback only")
        return ClamdAddress(host=host, port=parts.port or 3310)

    @model_validator(mode="after")
    def _socket_is_well_formed(self) -> ClamavTable:
        _ = self.address
        return self


class LedgerTable(Table):
    signing_key: str = ""


class RetentionTable(Table):
    years: int = Field(default=10, ge=1, le=100)
    owner: str = ""
