"""Is the page stamped with the reporter's official seal? From what each seal of the cover amounts to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain import seals as judging
from domain.catalogue import problem, variant_for
from domain.cover import Cover, CoverPage, Seal, SealKind
from domain.notice import Notice, Reporter
from domain.pages import page_name
from domain.problems import Place, Problem, Severity
from domain.seal_finding import SealFinding

_SUSPECT = {"screen": "screen", "printed_dots": "printed"}
"""What a seal is suspected of (`Seal.suspect`), the surest first, and the variant of the problem that says so."""


@dataclass(frozen=True, kw_only=True)
class Stamped:
    """The seals of a cover by the pages they stand on. `page` is the compared one."""

    cover: Cover
    page: CoverPage
    own: tuple[Seal, ...]
    """On pages of the workbook's table: they count."""
    apart: tuple[Seal, ...] = ()
    """On pages of which nobody can tell whether they are: they make doubt, never proof."""
    elsewhere: tuple[Seal, ...] = ()
    """On other papers: a covering letter, another workbook's page."""
    document: bool = False
    """The scan is the whole return: `own` are the seals of the pages that shall bear one."""
    where: str = ""
    """Of a document: the page that shall bear the seal, in words; "" for any."""


class Weight(StrEnum):
    """What a seal can do for or against a cover, as in `Stamped`."""

    OWN = "own"
    APART = "apart"
    ELSEWHERE = "elsewhere"
    NONE = "none"  # seals are not judged on what is no scan, signed electronically, without colour, or another form


@dataclass(frozen=True, kw_only=True)
class JudgedSeal:
    """A seal, and what the decision takes it for. `owner`: of those whose seal would do, the one whose it is."""

    seal: Seal
    weight: Weight
    verdict: judging.SealVerdict
    owner: Reporter | None


def judged(stamped: Stamped, owners: Sequence[Reporter], notice: Notice, *, counted: bool) -> tuple[JudgedSeal, ...]:
    """Every seal of the cover, in the order of its pages. `counted`: seals are judged at all (`check_seals`)."""
    counted = counted and _in_colour(stamped)
    found: list[JudgedSeal] = []
    for seal in stamped.cover.seals:
        owner, verdict = _best_verdict(seal, owners, notice)
        place = Weight.OWN if seal in stamped.own else Weight.APART if seal in stamped.apart else Weight.ELSEWHERE
        found.append(JudgedSeal(seal=seal, weight=place if counted else Weight.NONE, verdict=verdict, owner=owner))
    return tuple(found)


def check_seals(stamped: Stamped, owners: Sequence[Reporter], notice: Notice, *, legible: bool) -> Iterator[Problem]:
    """At most one problem about the seals of a cover. `owners`: the reporter, then others whose seal would do.

    `legible`: what is not seen on the compared page is not there. Without owners only the presence of a seal is checked.
    """
    place = Place(file=stamped.cover.file)
    if not _in_colour(stamped):
        yield problem("cover.colourless", place)
    elif not _official(stamped.own):
        yield from _no_seal(stamped, legible=legible)
    elif owners:
        yield from _not_alone(stamped, _whose(stamped, owners, notice))
    elif not any(seal.legible for seal in stamped.own):
        yield problem("cover.seal_unreadable", place)


def _in_colour(stamped: Stamped) -> bool:
    """Of the pages that bear a seal; without one, of the compared page."""
    sealed = {seal.page for seal in _official(stamped.own)} or {stamped.page.number}
    return any(page.colour for page in stamped.cover.pages if page.number in sealed)


def _official(seals: Sequence[Seal]) -> list[Seal]:
    return [seal for seal in seals if seal.kind is not SealKind.OTHER]


def _no_seal(stamped: Stamped, *, legible: bool) -> Iterator[Problem]:
    """No official seal on a page of the table."""
    place = Place(file=stamped.cover.file)
    doubted, elsewhere = _official(stamped.apart), _official(stamped.elsewhere)
    if doubted:
        yield _apart(stamped, doubted)
    elif stamped.cover.unread:  # the seal may stand on a page that was not read
        variant = variant_for("cover.seal_unreadable", "unread", document=stamped.document)
        yield problem("cover.seal_unreadable", place, variant=variant, count=stamped.cover.page_count)
    elif legible and stamped.document:
        yield _document_unstamped(stamped, elsewhere)
    elif legible and elsewhere and not stamped.own:
        pages = _pages(stamped.cover, elsewhere)
        yield problem("cover.unstamped", place, variant="elsewhere", pages=pages)
    elif legible:
        yield problem("cover.unstamped", place, variant="unofficial" if stamped.own else "")
    elif stamped.own:
        yield problem("cover.seal_unreadable", place)
    else:
        yield problem("cover.low_quality", place, variant="seal")


def _document_unstamped(stamped: Stamped, elsewhere: Sequence[Seal]) -> Problem:
    """Of a return that is a scan alone: which page shall bear the seal, and which does."""
    place = Place(file=stamped.cover.file)
    if stamped.own:
        return problem("cover.unstamped", place, variant="document_unofficial")
    if not stamped.where:
        return problem("cover.unstamped", place, variant="document")
    told = f"（{_pages(stamped.cover, elsewhere)}上有）" if elsewhere else ""
    return problem("cover.unstamped", place, variant="document_page", where=stamped.where, elsewhere=told)


def _not_alone(stamped: Stamped, found: Iterable[Problem]) -> Iterator[Problem]:
    """What speaks against the seals of the table's pages is doubted where a picture beside them shows a seal too."""
    doubted = _official(stamped.apart)
    for each in found:
        yield _apart(stamped, doubted) if doubted and each.severity is Severity.ERROR else each


def _apart(stamped: Stamped, seals: Sequence[Seal]) -> Problem:
    pages = _pages(stamped.cover, seals)
    return problem("cover.seal_unreadable", Place(file=stamped.cover.file), variant="apart", pages=pages)


def _pages(cover: Cover, seals: Sequence[Seal]) -> str:
    return "、".join(dict.fromkeys(page_name(cover, seal.page) for seal in seals))


def _whose(stamped: Stamped, owners: Sequence[Reporter], notice: Notice) -> Iterator[Problem]:
    """The best seal decides: one good seal makes others beside it harmless, and doubt comes before rejection."""
    place = Place(file=stamped.cover.file)
    by_kind: dict[SealFinding, list[tuple[Seal, str]]] = {}
    for seal in stamped.own:
        _, verdict = _best_verdict(seal, owners, notice)
        by_kind.setdefault(verdict.kind, []).append((seal, verdict.named or seal.text))
    reporter = owners[0]
    example = reporter.seal_names[0] if reporter.seal_names else reporter.name
    if SealFinding.THEIRS in by_kind:
        yield from _inked(stamped, [seal for seal, _ in by_kind[SealFinding.THEIRS]])
    elif SealFinding.UNREADABLE in by_kind:
        yield problem("cover.seal_unreadable", place)
    elif SealFinding.SPECIAL in by_kind:
        _, named = by_kind[SealFinding.SPECIAL][0]
        yield problem("cover.seal_wrong_kind", place, seal=named, example=example)
    elif SealFinding.ANOTHERS in by_kind:
        _, named = by_kind[SealFinding.ANOTHERS][0]
        yield problem("cover.seal_mismatch", place, seal=named, reporter=reporter.name, example=example)
    else:
        variant = variant_for("cover.unstamped", "unofficial", document=stamped.document)
        yield problem("cover.unstamped", place, variant=variant)


def _inked(stamped: Stamped, theirs: Sequence[Seal]) -> Iterator[Problem]:
    """What speaks against ink on paper, unless one of the reporter's seals shows none of it. Never a rejection: a colour copy
    of a stamped page, or its picture on a screen, may well have a stamped page behind it."""
    signs = {seal.suspect for seal in theirs}
    if all(signs):
        variant = next((told for sign, told in _SUSPECT.items() if sign in signs), "")
        yield problem("cover.seal_suspect", Place(file=stamped.cover.file), variant=variant)


def _best_verdict(
    seal: Seal, owners: Sequence[Reporter], notice: Notice
) -> tuple[Reporter | None, judging.SealVerdict]:
    """What the seal amounts to for the first of the owners, unless it is clearly that of another one that would do."""
    asked: Sequence[Reporter | None] = owners or (None,)
    verdicts = [judging.judge_seal(seal, owner, notice.reporters, notice.special_seal_words) for owner in asked]
    theirs = [pair for pair in zip(asked, verdicts, strict=True) if pair[1].kind is SealFinding.THEIRS]
    return theirs[0] if theirs else (None, verdicts[0])
