"""Is the page stamped with the reporter's official seal? From what each seal of the cover amounts to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain.catalogue import problem
from domain.cover import Cover, CoverPage, Seal, SealKind
from domain.notice import Notice, Reporter
from domain.problems import Place, Problem
from domain.text import normalise


class SealFinding(StrEnum):
    """What one seal amounts to for the reporter it should belong to."""

    THEIRS = "theirs"
    ANOTHERS = "anothers"
    SPECIAL = "special"  # the reporter's name, but a special seal
    UNREADABLE = "unreadable"
    UNOFFICIAL = "unofficial"


SealJudge = Callable[[Seal, Reporter, Notice], SealFinding]


@dataclass(frozen=True, kw_only=True)
class _Judged:
    seal: Seal
    finding: SealFinding


def judge_by_text(seal: Seal, reporter: Reporter, notice: Notice) -> SealFinding:
    """By the exact text of the rim, for want of the recogniser's alternatives."""
    if seal.kind is SealKind.OTHER:
        return SealFinding.UNOFFICIAL
    rim = normalise(seal.text)
    if not seal.legible or not rim:
        return SealFinding.UNREADABLE
    special = seal.kind is SealKind.SPECIAL or any(
        word in rim or word in normalise(seal.bottom) for word in map(normalise, notice.special_seal_words)
    )
    names = {normalise(name) for name in reporter.seal_names}
    if special and any(rim.startswith(name) for name in (*names, *map(normalise, reporter.names))):
        return SealFinding.SPECIAL
    return SealFinding.THEIRS if rim in names and not special else SealFinding.ANOTHERS


def check_seals(
    cover: Cover,
    page: CoverPage,
    reporter: Reporter | None,
    notice: Notice,
    *,
    legible: bool,
    judge: SealJudge = judge_by_text,
) -> Iterator[Problem]:
    """At most one problem about the seals of a cover. `legible`: what is not seen on `page` is not there."""
    place = Place(file=cover.file)
    seals = [seal for each in cover.pages for seal in each.seals]
    if not page.colour:
        yield problem("cover.colourless", place)
    elif not any(seal.kind is not SealKind.OTHER for seal in seals):
        yield from _no_seal(place, legible=legible, marks=bool(seals))
    elif reporter is not None:
        yield from _judged(place, [_Judged(seal=s, finding=judge(s, reporter, notice)) for s in seals], reporter)
    elif not any(seal.legible for seal in seals):
        yield problem("cover.seal_unreadable", place)


def _no_seal(place: Place, *, legible: bool, marks: bool) -> Iterator[Problem]:
    if legible:
        yield problem("cover.unstamped", place, variant="unofficial" if marks else "")
    elif marks:
        yield problem("cover.seal_unreadable", place)
    else:
        yield problem("cover.low_quality", place)


def _judged(place: Place, judged: Iterable[_Judged], reporter: Reporter) -> Iterator[Problem]:
    """The best seal decides: one good seal makes others beside it harmless, and doubt comes before rejection."""
    by_finding: dict[SealFinding, list[Seal]] = {}
    for item in judged:
        by_finding.setdefault(item.finding, []).append(item.seal)
    theirs = by_finding.get(SealFinding.THEIRS, [])
    example = reporter.seal_names[0] if reporter.seal_names else reporter.name
    if theirs:
        if all(seal.suspect for seal in theirs):
            yield problem("cover.seal_suspect", place)
    elif SealFinding.UNREADABLE in by_finding:
        yield problem("cover.seal_unreadable", place)
    elif SealFinding.SPECIAL in by_finding:
        shown = seal_text(by_finding[SealFinding.SPECIAL][0])
        yield problem("cover.seal_wrong_kind", place, seal=shown, example=example)
    elif SealFinding.ANOTHERS in by_finding:
        shown = seal_text(by_finding[SealFinding.ANOTHERS][0])
        yield problem("cover.seal_mismatch", place, seal=shown, reporter=reporter.name, example=example)
    else:
        yield problem("cover.unstamped", place, variant="unofficial")


def seal_text(seal: Seal) -> str:
    """The seal as a letter quotes it: rim, then what stands under the star."""
    return f"{seal.text}{seal.bottom}" if seal.kind is SealKind.SPECIAL else seal.text
