"""Is the page stamped with the reporter's official seal? From what each seal of the cover amounts to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain import seals as judging
from domain.catalogue import problem
from domain.cover import Cover, CoverPage, Seal, SealKind
from domain.notice import Notice, Reporter
from domain.problems import Place, Problem
from domain.seal_finding import SealFinding


def check_seals(
    cover: Cover, page: CoverPage, owners: Sequence[Reporter], notice: Notice, *, legible: bool
) -> Iterator[Problem]:
    """At most one problem about the seals of a cover. `owners`: the reporter, then others whose seal would do.

    `legible`: what is not seen on `page` is not there. Without owners only the presence of a seal is checked.
    """
    place = Place(file=cover.file)
    seals = [seal for each in cover.pages for seal in each.seals]
    if not page.colour:
        yield problem("cover.colourless", place)
    elif not any(seal.kind is not SealKind.OTHER for seal in seals):
        yield from _no_seal(place, legible=legible, marks=bool(seals))
    elif owners:
        yield from _whose(place, seals, owners, notice)
    elif not any(seal.legible for seal in seals):
        yield problem("cover.seal_unreadable", place)


def _no_seal(place: Place, *, legible: bool, marks: bool) -> Iterator[Problem]:
    if legible:
        yield problem("cover.unstamped", place, variant="unofficial" if marks else "")
    elif marks:
        yield problem("cover.seal_unreadable", place)
    else:
        yield problem("cover.low_quality", place, variant="seal")


def _whose(place: Place, seals: Sequence[Seal], owners: Sequence[Reporter], notice: Notice) -> Iterator[Problem]:
    """The best seal decides: one good seal makes others beside it harmless, and doubt comes before rejection."""
    by_kind: dict[SealFinding, list[tuple[Seal, str]]] = {}
    for seal in seals:
        verdict = _best_verdict(seal, owners, notice)
        by_kind.setdefault(verdict.kind, []).append((seal, verdict.named or seal.text))
    reporter = owners[0]
    example = reporter.seal_names[0] if reporter.seal_names else reporter.name
    if SealFinding.THEIRS in by_kind:
        if all(seal.suspect for seal, _ in by_kind[SealFinding.THEIRS]):
            yield problem("cover.seal_suspect", place)
    elif SealFinding.UNREADABLE in by_kind:
        yield problem("cover.seal_unreadable", place)
    elif SealFinding.SPECIAL in by_kind:
        _, named = by_kind[SealFinding.SPECIAL][0]
        yield problem("cover.seal_wrong_kind", place, seal=named, example=example)
    elif SealFinding.ANOTHERS in by_kind:
        _, named = by_kind[SealFinding.ANOTHERS][0]
        yield problem("cover.seal_mismatch", place, seal=named, reporter=reporter.name, example=example)
    else:
        yield problem("cover.unstamped", place, variant="unofficial")


def _best_verdict(seal: Seal, owners: Sequence[Reporter], notice: Notice) -> judging.SealVerdict:
    """What the seal amounts to for the reporter, unless it is clearly that of another one that would do."""
    verdicts = [judging.judge_seal(seal, owner, notice.reporters, notice.special_seal_words) for owner in owners]
    return next((verdict for verdict in verdicts if verdict.kind is SealFinding.THEIRS), verdicts[0])
