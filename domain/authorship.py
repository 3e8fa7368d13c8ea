"""Who wrote it, in four findings that are shown together and never mixed: the sender, what vouches for the sender, the seal,
and the content. A stranger with the right seal is still a stranger, and a known address proves no seal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.addresses import canonical, shown, strange_letters
from domain.authentication import Authentication
from domain.cover import Cover
from domain.submission import CoverPart, Sender, SheetPart, Submission

_ADDRESS = re.compile(r"[^\s<>@,;:()\"'（）《》]+@[^\s<>@,;:()\"'（）《》]+\.[^\s<>@,;:()\"'（）《》]+")


@dataclass(frozen=True, kw_only=True)
class SenderFinding:
    """`name`: what From calls the address, its writer's own words. `known`: for the reporter, when the machine judged; None
    where that is not recorded."""

    address: str
    name: str
    known: bool | None
    reads_as: str
    """The address as a mail program shows it, where DNS writes its domain in letters of its own."""
    strange: tuple[str, ...]
    """Letters in the address that may be taken for others."""
    poses_as: str
    """Another address that stands in the name, "" for none."""


class SealVerdict(StrEnum):
    THEIRS = "theirs"
    OTHERS = "others"
    WRONG_KIND = "wrong_kind"
    UNSURE = "unsure"
    SUSPECT = "suspect"
    NONE = "none"
    NOT_LOOKED_AT = "not_looked_at"  # no cover, or none that could be read


class ContentVerdict(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"
    UNSURE = "unsure"
    NOT_COMPARED = "not_compared"


@dataclass(frozen=True, kw_only=True)
class Authorship:
    """The four findings. Of `compared` values of the workbook `matched` stand on the page."""

    sender: SenderFinding
    authentication: Authentication
    seal: SealVerdict
    seals: tuple[str, ...]
    """What was read of each seal, "" for nothing."""
    content: ContentVerdict
    compared: int
    matched: int


_SEALS = {
    "cover.seal_mismatch": SealVerdict.OTHERS,
    "cover.seal_wrong_kind": SealVerdict.WRONG_KIND,
    "cover.unstamped": SealVerdict.NONE,
    "cover.seal_suspect": SealVerdict.SUSPECT,
    "cover.not_a_scan": SealVerdict.SUSPECT,
    "cover.seal_unreadable": SealVerdict.UNSURE,
    "cover.colourless": SealVerdict.UNSURE,
    "cover.electronic_seal": SealVerdict.UNSURE,
    "cover.low_quality": SealVerdict.UNSURE,
    "cover.wrong_form": SealVerdict.UNSURE,
    "cover.wrong_document": SealVerdict.UNSURE,
}
"""What the recorded problems say of the seal, the worst first."""


def authorship(case: Submission) -> Authorship:
    """The findings as they are recorded: nothing is judged anew."""
    writer = writer_of(case)
    codes = {problem.code for problem in case.problems}
    reading = case.cover.reading if case.cover else None
    cover = reading if isinstance(reading, Cover) else None
    return Authorship(
        sender=_sender(writer, case.sender_known),
        authentication=writer.authentication,
        seal=_seal(case, cover, codes),
        seals=tuple(seal.text + seal.bottom for seal in cover.seals) if cover else (),
        content=_content(case, codes),
        compared=case.findings.compared if case.findings else 0,
        matched=case.findings.matched if case.findings else 0,
    )


def writer_of(case: Submission) -> Sender:
    """Who sent the newest part, whose mail was judged last; a case without parts has its address alone."""
    parts: list[SheetPart | CoverPart] = [part for part in (case.sheet, case.cover) if part]
    newest = max(parts, key=lambda part: (part.received_at, part.uid), default=None)
    if newest is None or newest.sender.address != case.sender:
        return Sender(address=case.sender, mail=case.mails[-1] if case.mails else "", message_id=None)
    return newest.sender


def _sender(writer: Sender, known: bool | None) -> SenderFinding:
    reads_as = shown(writer.address)
    named = (canonical(match[0]) for match in _ADDRESS.finditer(writer.name))
    return SenderFinding(
        address=writer.address,
        name=writer.name,
        known=known,
        reads_as=reads_as if reads_as != writer.address else "",
        strange=strange_letters(writer.address),
        poses_as=next((each for each in named if each != writer.address), ""),
    )


def _seal(case: Submission, cover: Cover | None, codes: set[str]) -> SealVerdict:
    if cover is None:
        return SealVerdict.NOT_LOOKED_AT
    said = next((verdict for code, verdict in _SEALS.items() if code in codes), None)
    return said or (SealVerdict.THEIRS if cover.seals and case.reporter else SealVerdict.UNSURE)


def _content(case: Submission, codes: set[str]) -> ContentVerdict:
    if case.findings is None or not case.findings.compared:
        return ContentVerdict.NOT_COMPARED
    if "cover.content_mismatch" in codes:
        return ContentVerdict.DIFFERS
    return ContentVerdict.AGREES if case.findings.compared == case.findings.matched else ContentVerdict.UNSURE
