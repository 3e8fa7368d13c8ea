"""What the settings say, in the form in which the parts take it: limits, our own addresses, mailboxes, senders, passwords."""

from __future__ import annotations

from email.utils import parseaddr
from pathlib import Path

from config.settings import Settings, SettingsError
from config.storage_tables import StorageTable
from config.tables import MailboxTable, SmtpTable
from ingest.children import OwnIdentity
from ingest.mailbox import MailboxSettings
from notifier.smtp import SmtpSettings
from parsers.limits import Limits
from storage.archive import Archive
from storage.blobs import BlobStore


def limits_of(settings: Settings) -> Limits:
    table = settings.limits
    return Limits(
        message_bytes=table.message_bytes,
        file_bytes=table.file_bytes,
        unpacked_bytes=table.unpacked_bytes,
        pages=table.pages,
        parse_seconds=int(table.parse_seconds),
        parse_memory_mb=table.parse_memory_mb,
    )


def archive_of(settings: Settings) -> Archive:
    """A folder or a bucket. Nothing connects."""
    place = settings.storage.bucket
    return BlobStore(settings.archive) if place is None else _objects(settings, *place)


def _objects(settings: Settings, bucket: str, prefix: str) -> Archive:
    from storage.objects import ObjectArchive  # half a second to import, for those who have a bucket
    from storage.s3 import Bucket, BucketSettings

    table = settings.s3

    def absolute(path: Path | None) -> Path | None:
        return settings.base / path if path else None

    its = BucketSettings(
        bucket=bucket,
        endpoint=table.endpoint,
        region=table.region,
        path_style=table.path_style,
        ca_file=absolute(table.ca_file),
        credentials=absolute(table.credentials),
        proxy=table.proxy,
        connect_seconds=table.connect_seconds,
        seconds=table.seconds,
        attempts=table.attempts,
        conditional_put=table.conditional_put,
        checksums=table.checksums,
    )
    return ObjectArchive(Bucket(its), prefix, settings.base / table.workspace)


def own_identity(settings: Settings) -> OwnIdentity:
    """Our addresses (log-ins, senders), the mark our Message-IDs end with, and whose word on DMARC counts where."""
    addresses = {box.endpoint.username for box in settings.mailboxes.values()}
    for table in settings.smtp.values():
        addresses |= {table.endpoint.username, table.envelope, parseaddr(table.sender)[1]}
    trusted = {name: box.trusted_authserv_id for name, box in settings.mailboxes.items()}
    return OwnIdentity(
        addresses=frozenset(address.lower() for address in addresses if "@" in address),
        message_id_suffix=message_id_suffix(settings),
        trusted_authserv_id=next(iter(trusted.values()), ""),
        trusted_by_account=trusted,
    )


def message_id_suffix(settings: Settings) -> str:
    """`.baosong@<domain of the sender>`: no other program's Message-IDs end so."""
    sender = next((parseaddr(table.sender)[1] for table in settings.smtp.values()), "")
    return f".baosong@{sender.rpartition('@')[2] or 'localhost'}"


def mailbox_settings(settings: Settings, name: str) -> MailboxSettings:
    """`[mailboxes.NAME]` as the mailbox takes it. Raises SettingsError when there is no password."""
    table = settings.mailboxes[name]
    server = table.endpoint
    return MailboxSettings(
        account=name,
        host=server.host,
        port=server.port,
        security=server.security,
        username=server.username,
        password=_secret(table, f"mailboxes.{name}"),
        inbox=inbox_of(table),
        junk_folder=table.junk_folder,
        done_folder=table.done_folder,
        failed_folder=table.failed_folder,
        sent_folder=table.sent_folder,
        poll_seconds=table.poll_seconds,
        login_seconds=table.login_seconds,
        message_bytes=settings.limits.message_bytes,
    )


def inbox_of(table: MailboxTable) -> str:
    """The folder that mail comes into, as the URL names it."""
    return table.endpoint.path or "INBOX"


def smtp_name(settings: Settings, account: str | None) -> str:
    """Which `[smtp.NAME]` sends for a mailbox: the one of its name, else the first. Raises SettingsError."""
    if not settings.smtp:
        raise SettingsError(["smtp: an [smtp] table is needed; `baosong init DIR` writes one to fill in"])
    return account if account in settings.smtp else next(iter(settings.smtp))


def smtp_settings(settings: Settings, account: str | None = None, *, pace: bool = True) -> SmtpSettings:
    """The `[smtp]` of a mailbox as the sender takes it. Raises SettingsError when there is none, or no password."""
    name = smtp_name(settings, account)
    table = settings.smtp[name]
    server = table.endpoint
    return SmtpSettings(
        host=server.host,
        port=server.port,
        security=server.security,
        username=server.username,
        password=_secret(table, f"smtp.{name}"),
        per_minute=table.per_minute if pace else None,
        sender=table.sender,
        envelope_sender=table.envelope,
    )


def database_password(settings: Settings) -> str:
    """That of a database server; "" where the URL, libpq's own files or the server's trust do. Raises SettingsError."""
    return _read(settings.storage, "storage", "the password of the database")


def _secret(table: MailboxTable | SmtpTable, where: str) -> str:
    """The password. Raises SettingsError when its file cannot be read or it is empty, where a log-in needs one."""
    secret = _read(table, where, "the authorization code")
    if secret or (isinstance(table, SmtpTable) and table.endpoint.security == "plain"):
        return secret  # on loopback a mail server may take letters without log-in
    key = "password_file" if table.password_file else "password"
    raise SettingsError([f"{where}.{key}: is empty; the authorization code belongs there"])


def _read(table: MailboxTable | SmtpTable | StorageTable, where: str, what: str) -> str:
    """What stands in the table or its file. Raises SettingsError when that cannot be read."""
    try:
        return table.secret()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "no text"
        raise SettingsError([f"{where}.password_file: {table.password_file}: {why}; put {what} into it"]) from error
