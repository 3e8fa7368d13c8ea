"""Takes out of an opened mail what the virus scanner finds something in, before any reader sees it.

The mail is scanned as it came, and then every file that was opened out of it: our opener finds files that clamd's own does
not (winmail.dat, wrapped mails, split archives), and only so it is known which file is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from domain.mail import WHOLE_MAIL, MailFacts, Part, PartFault, PartKind
from ingest import answers

MALWARE = "attachment.malware"


class Scanner(Protocol):
    """What asks for viruses; `ingest.clamd.Clamd` is the one."""

    def scan(self, data: bytes) -> str | None:
        """The name of what was found, None for nothing. Raises ScannerDown or NotScanned: never None unscanned."""


@dataclass(frozen=True, kw_only=True)
class Infected:
    """Bytes by their SHA-256, a file's or the whole mail's, and the name of what was found in them."""

    sha256: str
    signature: str


@dataclass(frozen=True, kw_only=True)
class Screened:
    """A mail without its infected files: each of them is a fault of its name among the facts, and no part of it."""

    facts: MailFacts
    infected: tuple[Infected, ...] = ()


def screen(
    scanner: Scanner, facts: MailFacts, folder: Path, whole: Infected | None, begin: Callable[[], None]
) -> Screened:
    """Scans each file of the mail in `folder` and removes the infected ones from there.

    `whole`: what was found in the mail as it came. Where no file has it, the mail itself is at fault. `begin` is called
    before each file; what it raises ends the scan, and nothing of the mail is read.
    """
    found = {one.sha256: one for one in _infected(scanner, facts, folder, begin)}
    for sha256 in found:
        (folder / sha256).unlink()
    faults = [fault for fault in facts.faults if fault.sha256 not in found]  # one cause, one problem
    faults += [_fault(part) for part in facts.parts if part.sha256 in found]
    if whole and not found:
        faults.append(PartFault(name=WHOLE_MAIL, code=MALWARE, detail=whole.signature))
    parts = tuple(part for part in facts.parts if part.sha256 not in found)
    infected = (*found.values(), *([whole] if whole else ()))
    return Screened(facts=replace(facts, parts=parts, faults=tuple(faults)), infected=infected)


def _infected(scanner: Scanner, facts: MailFacts, folder: Path, begin: Callable[[], None]) -> Iterator[Infected]:
    for sha256, part in {part.sha256: part for part in facts.parts}.items():
        begin()
        signature = scanner.scan(answers.content(folder, part))
        if signature is not None:
            yield Infected(sha256=sha256, signature=signature)


def _fault(part: Part) -> PartFault:
    """What it was sent for, it is not: the set lacks it. An unread kind may have been meant for something too."""
    meant = part.kind if part.kind in (PartKind.SHEET, PartKind.COVER) else part.candidate_for
    return PartFault(name=part.name, code=MALWARE, sha256=part.sha256, candidate_for=meant)
