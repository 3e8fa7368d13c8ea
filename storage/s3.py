"""One bucket of an S3 store: the few requests that an archive needs, each with an end in time and one of three outcomes.

A request does what it says, or raises `Unavailable` (nobody knows whether it was done; it may be tried again), or `Refused`
(a person must mend something). botocore signs, retries and keeps connections (docs/decisions/object-store.md).
"""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

import botocore.config
import botocore.loaders
import botocore.session
from botocore import UNSIGNED
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSLError,
)

from storage.deadline import within
from storage.errors import Refused, Unavailable
from storage.s3_refusals import refusal

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class BucketSettings:
    """`endpoint`: "" for Amazon's own. `credentials`: a file as the aws command line has; None for the environment, the file of this
    user, or the role of the machine. `seconds`: the longest that one request may take, its repetitions included."""

    bucket: str
    endpoint: str = ""
    region: str = ""
    path_style: bool = True
    ca_file: Path | None = None
    credentials: Path | None = None
    proxy: str = ""
    connect_seconds: float = 5
    seconds: float = 60
    attempts: int = 4
    conditional_put: bool = True
    checksums: bool = True
    page: int = 1000
    """Names that are asked for at once."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the store says of an object. `sha256`: hex, where it keeps one. `etag` with its quotation marks."""

    size: int
    written_at: datetime
    etag: str
    sha256: str | None


@dataclass(frozen=True, kw_only=True)
class Content:
    data: bytes
    etag: str


class Bucket:
    """Thread-safe. Nothing connects before the first request."""

    def __init__(self, settings: BucketSettings) -> None:
        self.settings = settings
        self._making = threading.Lock()

    def get(self, key: str) -> Content | None:
        """None where there is no such object."""

        def request() -> Any:
            try:
                return self._client.get_object(Bucket=self.settings.bucket, Key=key)
            except ClientError as error:
                if _status(error) == 404 and _code(error) == "NoSuchKey":
                    return None
                raise

        for left in (2, 1, 0):
            got = self._do(request)
            if got is None:
                return None
            try:
                data = self._do(got["Body"].read, got["ContentLength"])
            except Unavailable:  # broken off half-way: the library repeats no answer that it has handed on
                if not left:
                    raise
            else:
                return Content(data=data, etag=got["ETag"])
        raise AssertionError("the last of them returned or raised")

    def head(self, key: str) -> Facts | None:
        """None where there is no such object, and also where there is no such bucket: this answer has no words."""

        def request() -> Facts | None:
            try:
                asked = {"ChecksumMode": "ENABLED"} if self.settings.checksums else {}
                got = self._client.head_object(Bucket=self.settings.bucket, Key=key, **asked)
            except ClientError as error:
                if _status(error) == 404:
                    return None
                raise
            return Facts(
                size=got["ContentLength"],
                written_at=got["LastModified"],
                etag=got["ETag"],
                sha256=_hex(got.get("ChecksumSHA256")),
            )

        return self._do(request)

    def put(self, key: str, data: bytes, *, only_new: bool = False, over: str | None = None) -> bool | None:
        """Whether it was written: False where `only_new` and one stands there, or where what stands there has another ETag than
        `over`. None: it was written, and the store has not said what it got.

        Where a request is repeated as its answer was lost, False may mean that the first one was done.
        """
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        wanted: dict[str, Any] = {"ChecksumSHA256": digest} if self.settings.checksums else {}
        if self.settings.conditional_put:
            wanted |= {"IfNoneMatch": "*"} if only_new else {"IfMatch": over} if over else {}

        def request() -> bool | None:
            for left in (2, 1, 0):
                try:
                    got = self._client.put_object(Bucket=self.settings.bucket, Key=key, Body=data, **wanted)
                except ClientError as error:
                    if _status(error) == 412 or (over and _code(error) == "NoSuchKey"):
                        return False
                    if left and _worth_another(error):
                        time.sleep(0.05 * 2 ** (2 - left))
                        continue
                    raise
                return True if got.get("ChecksumSHA256") == digest else None
            raise AssertionError("the last of them returned or raised")

        return self._do(request, len(data))

    def delete(self, key: str) -> None:
        """Also every older version, where the bucket keeps such: what is erased shall be gone."""

        def request() -> None:
            gone = self._client.delete_object(Bucket=self.settings.bucket, Key=key)
            if gone.get("DeleteMarker"):
                self._delete_versions(key)

        self._do(request)

    def _delete_versions(self, key: str) -> None:
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self.settings.bucket, Prefix=key)
        for page in pages:
            for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                if each["Key"] == key:
                    self._client.delete_object(Bucket=self.settings.bucket, Key=key, VersionId=each["VersionId"])

    def list(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """Keys that begin so, in order, and when each was written."""
        pages = iter(self._client.get_paginator("list_objects_v2").paginate(Bucket=self.settings.bucket, Prefix=prefix))
        while page := self._do(lambda: next(pages, None)):
            for each in page.get("Contents", ()):
                yield each["Key"], each["LastModified"]

    def keeps_versions(self) -> bool | None:
        """None where the store will not say."""
        try:
            return bool(self._do(lambda: self._client.get_bucket_versioning(Bucket=self.settings.bucket)).get("Status"))
        except Refused:
            return None

    def is_public(self, key: str) -> bool:
        """Whether anybody at all may read the object."""

        def request() -> bool:
            try:
                self._made(signature_version=UNSIGNED).head_object(Bucket=self.settings.bucket, Key=key)
            except ClientError:
                return False
            return True

        return self._do(request)

    def takes_other_bytes(self, key: str) -> bool:
        """Whether the store takes bytes that are not those which it was told of."""

        def request() -> bool:
            try:
                self._client.put_object(Bucket=self.settings.bucket, Key=key, Body=b"one", ChecksumSHA256=_EMPTY)
            except ClientError as error:
                if _status(error) == 400:
                    return False
                raise
            return True

        return self._do(request)

    def close(self) -> None:
        if "_client" in self.__dict__:
            self._client.close()

    @cached_property
    def _client(self) -> Any:
        return self._made()

    def _made(self, **further: Any) -> Any:
        """Sessions are not thread-safe, clients are. What environment and files of the machine say about proxies and addresses counts for
        nothing: the configuration says it."""
        its = self.settings
        with self._making:
            session = botocore.session.Session()
            session.register_component("data_loader", _models())
            if its.credentials:
                _readable(its.credentials)
                session.set_config_variable("credentials_file", str(its.credentials))
                session.get_component("credential_provider").remove("env")
            return session.create_client(
                "s3",
                endpoint_url=its.endpoint or None,
                region_name=its.region or "us-east-1",
                verify=str(its.ca_file) if its.ca_file else True,
                config=botocore.config.Config(
                    connect_timeout=its.connect_seconds,
                    read_timeout=max(its.seconds / its.attempts, its.connect_seconds),
                    max_pool_connections=AT_ONCE * 2,
                    retries={"mode": "standard", "total_max_attempts": its.attempts},
                    proxies={"http": its.proxy, "https": its.proxy} if its.proxy else {},
                    s3={"addressing_style": "path" if its.path_style else "auto", "payload_signing_enabled": True},
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                    ignore_configured_endpoint_urls=True,
                    **further,
                ),
            )

    def _do(self, request: Callable[[], T], size: int = 0) -> T:
        """A request with an end, later for `size` bytes: the library's own time-outs begin anew with every byte that trickles in, and
        there is none for a name server that does not answer."""
        seconds = self.settings.seconds + size / _SLOWEST
        return within(seconds, lambda: self._told(request), f"the object store {self._where}")

    def _told(self, request: Callable[[], T]) -> T:
        """In our own errors."""
        try:
            return request()
        except ClientError as error:
            words = refusal(_status(error), _code(error), self.settings.bucket)
            if words:
                raise Refused(f"the object store {self._where} refuses: {words}") from error
            raise Unavailable(f"the object store {self._where}: {_status(error)} {_code(error)}") from error
        except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
            raise Refused(f"no keys for the object store {self._where}: {error}; see [s3] credentials") from error
        except SSLError as error:
            raise Refused(
                f"the certificate of {self._where} does not hold: {error}; a private authority goes into [s3] ca_file"
            ) from error
        except (BotoCoreError, OSError) as error:
            # Its own words name the object: told of each of a hundred mails, they would be a hundred different troubles.
            kind = type(error).__name__
            raise Unavailable(f"the object store {self._where} cannot be reached: {kind}") from error

    @property
    def _where(self) -> str:
        return self.settings.endpoint or f"of Amazon in {self.settings.region or 'us-east-1'}"


AT_ONCE = 16
"""Requests at once: most of each is waiting."""
_SLOWEST = 128 * 1024
"""Bytes a second, on the slowest line that is waited for."""
_EMPTY = base64.b64encode(hashlib.sha256(b"").digest()).decode()


@cache
def _models() -> Any:
    """The library's description of the API, which takes a fifth of a second to read: once a process."""
    return botocore.loaders.create_loader()


def _readable(credentials: Path) -> None:
    """The library passes over a file that is not there."""
    try:
        credentials.read_bytes()
    except OSError as error:
        raise Refused(f"{credentials}: {error.strerror}: the keys of the object store; see [s3] credentials") from error


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _worth_another(error: ClientError) -> bool:
    """Two conditional writes of one key met (409), or the bytes were damaged on the way: nothing is written, and the library does not
    repeat it."""
    return _status(error) == 409 or _code(error) in ("BadDigest", "XAmzContentSHA256Mismatch", "InvalidDigest")


def _hex(checksum: str | None) -> str | None:
    """None also for the checksum of checksums that an object in parts has (`…-3`)."""
    if not checksum or "-" in checksum:
        return None
    return base64.b64decode(checksum).hex()
