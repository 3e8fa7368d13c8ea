"""What one seal amounts to for the reporter it should belong to."""

from __future__ import annotations

from enum import StrEnum


class SealFinding(StrEnum):
    THEIRS = "theirs"
    ANOTHERS = "anothers"
    SPECIAL = "special"  # the reporter's name, but a special seal
    UNREADABLE = "unreadable"
    UNOFFICIAL = "unofficial"
