"""The tables of `baosong.toml` for the console: where it is served, and by whose word people may log in."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from config.tables import Table, is_loopback


class WebTable(Table):
    """`[web]`: `url` is how people reach the console, where that is not over loopback: then over https alone."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    url: str = ""
    proxies: list[str] = Field(default_factory=lambda: ["127.0.0.1", "::1"])
    idle_minutes: int = Field(default=30, ge=1, le=24 * 60)
    session_hours: int = Field(default=12, ge=1, le=24 * 7)

    @property
    def on_loopback(self) -> bool:
        return is_loopback(self.host)

    @model_validator(mode="after")
    def _url_is_an_origin(self) -> WebTable:
        parts = urlsplit(self.url)
        beside = parts.username or parts.path.strip("/") or parts.query or parts.fragment
        if self.url and (parts.scheme != "https" or not parts.hostname or beside):
            raise ValueError("url must be an https address without a path, like https://baosong.example.cn")
        return self


class OpenIdTable(Table):
    """`[openid]`: a provider of OpenID Connect, "" for none; `password` is the client's secret there. Over https; over http on
    loopback alone."""

    issuer: str = ""
    client_id: str = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None
    label: str = "用统一身份登录"

    def secret(self) -> str:
        """Raises OSError or UnicodeDecodeError when its file cannot be read."""
        if self.password_file is not None:
            return self.password_file.read_text(encoding="utf-8").strip()
        return self.password.get_secret_value()

    def trusts(self, address: str) -> bool:
        """Whether an address may be asked: nobody between can alter what it says."""
        parts = urlsplit(address)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        )

    @model_validator(mode="after")
    def _is_whole(self) -> OpenIdTable:
        if self.issuer and (not self.trusts(self.issuer) or not self.client_id):
            raise ValueError("issuer must be an https address, and client_id is needed with it")
        return self
