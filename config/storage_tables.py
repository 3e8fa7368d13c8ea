"""The tables of `baosong.toml` for database and archive: where they lie, and how an object store is reached."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from config.tables import SecretTable, Table, is_loopback


class StorageTable(SecretTable):
    """`archive`: a folder, or `s3://bucket/prefix` in the store of `[s3]`; `password` is that of a database server."""

    database: str = "sqlite:///data/baosong.db"
    archive: str = "data/archive"

    @property
    def bucket(self) -> tuple[str, str] | None:
        """Bucket and prefix ("" or with a slash at its end); None where the archive is a folder. Raises ValueError."""
        if "://" not in self.archive:
            return None
        found = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([\w./=-]*))?", self.archive, re.ASCII)
        if not found:
            raise ValueError("archive must be a folder, or s3://bucket/prefix (no keys in it)")
        prefix = "/".join(part for part in (found[2] or "").split("/") if part)
        return found[1], f"{prefix}/" if prefix else ""

    @model_validator(mode="after")
    def _archive_is_well_formed(self) -> StorageTable:
        _ = self.bucket
        return self


class S3Table(Table):
    """`[s3]`: the object store of an archive `s3://…`. Keys never stand here: `credentials` names a file as the aws command line has
    it; without it they are the environment's, the file's of this user, or the role's of the machine."""

    endpoint: str = ""
    region: str = ""
    path_style: bool = True
    ca_file: Path | None = None
    credentials: Path | None = None
    proxy: str = ""
    connect_seconds: float = Field(default=5, gt=0, le=60)
    seconds: float = Field(default=60, gt=0, le=600)
    attempts: int = Field(default=4, ge=1, le=10)
    conditional_put: bool = True
    checksums: bool = True
    workspace: Path = Path("data/tasks")

    @model_validator(mode="after")
    def _endpoint_is_safe(self) -> S3Table:
        """Mails go over it."""
        for name, address in (("endpoint", self.endpoint), ("proxy", self.proxy)):
            parts = urlsplit(address)
            if address and (parts.scheme not in ("http", "https") or not parts.hostname or parts.username):
                raise ValueError(f"{name} must be an address like https://s3.example.cn:9000, without keys in it")
        parts = urlsplit(self.endpoint)
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            raise ValueError("endpoint must be https; http is for loopback only")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("endpoint must have no path: the bucket stands in [storage] archive")
        return self
