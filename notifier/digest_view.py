"""What the templates of the morning letter show, and the words that its parts share."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from domain.digest import Digest, Section, StandingLine
from notifier.moments import moment

LENGTH = 60
"""Characters shown of what somebody typed: a name, a row."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of a list: `place` is the console's path of what it is about, "" for none; `below` are lines under it."""

    text: str
    place: str = ""
    tone: str = ""
    below: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Block:
    title: str
    items: tuple[Item, ...] = ()
    notes: tuple[str, ...] = ()
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Span:
    """A part of the progress bar: `percent` of its width."""

    tone: str
    percent: int


@dataclass(frozen=True, kw_only=True)
class GridLine:
    name: str
    word: str
    tone: str
    facts: str


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Reporters × state of one notice. `table`: the console's path of its merged workbook."""

    title: str
    deadline: str
    counted: str
    bar: tuple[Span, ...]
    bar_text: str
    lines: tuple[GridLine, ...]
    notes: tuple[str, ...]
    table: str


@dataclass(frozen=True, kw_only=True)
class View:
    """What the templates show, top to bottom."""

    poll: Item
    urgent: tuple[Block, ...]
    grids: tuple[Grid, ...]
    blocks: tuple[Block, ...]
    closing: str


def since_words(digest: Digest, zone: ZoneInfo) -> str:
    return f"{moment(digest.since, zone)}以来" if digest.since else "到目前"


def place_of(subject: str) -> str:
    """The page of the console that something is about; only receipts and mails have one."""
    if subject.startswith("mail:"):
        return f"mails/{subject.removeprefix('mail:')}"
    return f"cases/{subject}" if subject and not set(subject) & set("/: @") else ""


def when_came(line: StandingLine, section: Section) -> str:
    return moment(line.at, ZoneInfo(section.timezone)) if line.at else ""


def deadline_words(section: Section) -> str:
    return f"截止时间{moment(section.deadline, ZoneInfo(section.timezone))}"
