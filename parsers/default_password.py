"""Workbooks that are encrypted, yet open in Excel without a question: it first tries a password of its own.

Excel encrypts so what somebody protects without locking: the structure of an .xls, a workbook "for reading only". The
password stands in [MS-XLS] 2.4.191 and [MS-OFFCRYPTO] 2.4.2.3. No other password is ever tried.
"""

from __future__ import annotations

import io
import re

from parsers.grid import Unreadable

_PASSWORD = "VelvetSweatshop"  # noqa: S105  # printed in the specification: it locks nothing
_MAX_SPIN = 1_000_000
"""Rounds of hashing; Excel's own files have 100,000. More would only make a reader slow."""


def opened_without_asking(data: bytes) -> bytes:
    """The workbook itself. Unreadable with `sheet.encrypted` when it takes another password, or nobody knows how to ask."""
    # Imported here: few files are encrypted, and the library of ciphers is slow to load.
    import msoffcrypto
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            if ole.exists("EncryptionInfo"):
                _refuse_traps(ole.openstream("EncryptionInfo").read(1_000_000))
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        # Only of OOXML the password is checked on demand; of .xls always.
        file.load_key(password=_PASSWORD, **({"verify_password": True} if file.format == "ooxml" else {}))
        plain = io.BytesIO()
        file.decrypt(plain)
    except Exception as error:  # the library raises many kinds; all mean that the file cannot be opened without asking
        raise Unreadable(
            f"the workbook has a password: {type(error).__name__}: {error}"[:300], code="sheet.encrypted"
        ) from error
    return plain.getvalue()


def _refuse_traps(info: bytes) -> None:
    spins = [int(found) for found in re.findall(rb'spinCount="(\d{1,10})"', info)]
    if b"<!DOCTYPE" in info or any(spin > _MAX_SPIN for spin in spins):
        raise ValueError("encryption beyond reason")
