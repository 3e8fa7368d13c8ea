"""What storage raises. Nothing of SQLAlchemy crosses this border."""

from __future__ import annotations


class StorageError(Exception):
    """Base of all errors of this folder."""


class Unavailable(StorageError):
    """Database or archive cannot serve now (locked, full, gone): nothing was committed, and it may be tried again."""


class Refused(Unavailable):
    """The object store will have nothing to do with us (keys, rights, bucket, clock): a person must mend it. Until then it is as
    if it could not be reached."""


class Unusable(StorageError):
    """The file is no database of ours, is damaged, or was written by a newer version: a person must look."""


class Mismatch(StorageError):
    """Database and archive are not of one piece: one of the two was lost, or restored from another copy."""


class Conflict(StorageError):
    """Another transaction changed the row first: read it again and decide anew."""


class AlreadyFinished(StorageError):
    """The mail has its disposition already; there is never a second one."""


class Busy(StorageError):
    """Another process works on this database, and two would be one too many."""


class NotFound(StorageError, LookupError):
    """No row with that id."""


class BlobMissing(StorageError):
    """The archive has no file with that hash."""


class BlobLate(BlobMissing):
    """The object store has no file with that hash, yet: one that copies between places may give it later."""


class BlobCorrupt(StorageError):
    """The archive's file does not have the hash that is its name."""
