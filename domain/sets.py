"""What a mail is about: the sets it brings, each to be judged as one submission."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from domain import identify
from domain.assigning import Content
from domain.attaching import attached, without
from domain.compare import compare, similarity, unlike
from domain.cover import Cover
from domain.document_sets import pair_documents
from domain.mail import Intent, PartFault, only_links
from domain.notice import Notice, Reporter
from domain.pairing import Incoming, PartSet, pair
from domain.sheet import Sheet
from domain.submission import Attached, CoverPart, SheetPart
from domain.text import normalise


def sets_of(incoming: Incoming, notice: Notice) -> tuple[PartSet, ...]:
    """The sets of a mail; an empty one when files came but none could be the return, so that this is told."""

    def likeness(sheet: Sheet, cover: Cover) -> float:
        return max((similarity(sheet, page, notice.form) for page in cover.pages), default=0.0)

    def misfits(sheet: Sheet, cover: Cover) -> float:
        return unlike(compare(sheet, cover, notice.form))

    def unit_of(part: SheetPart | CoverPart) -> str | None:
        sheet = part.reading if isinstance(part.reading, Sheet) else None
        cover = part.reading if isinstance(part.reading, Cover) else None
        found = identify.reporter_of(sheet, cover, notice).reporter
        reporter = found or identify.reporter_by_code(sheet, cover, notice)
        return reporter.code if reporter else None

    brought = attached(incoming, notice)
    incoming = without(incoming, brought)
    if notice.sheet_required:
        sets = pair(incoming, notice.form, Content(likeness=likeness, misfits=misfits, unit_of=unit_of))
    else:
        sets = pair_documents(incoming, notice.form, unit_of)
    if brought:
        sets = _with_attached(sets, brought, notice, unit_of)
    if sets or not any(_meant_as_return(fault) for fault in incoming.faults) or _asks_about_links(incoming):
        return sets
    return (PartSet(),)


def _with_attached(
    sets: Sequence[PartSet],
    brought: Sequence[Attached],
    notice: Notice,
    unit_of: Callable[[SheetPart | CoverPart], str | None],
) -> tuple[PartSet, ...]:
    """Each file with the set of the unit that its name says, else with the first; alone where nothing else came."""
    if not sets:
        return (PartSet(attached=tuple(brought)),)
    units = [unit_of(part) if (part := one.sheet or one.cover) else None for one in sets]
    by_set: dict[int, list[Attached]] = {}
    for each in brought:
        named = [at for at, code in enumerate(units) if _names(each.file.name, notice.reporter(code))]
        by_set.setdefault(named[0] if len(named) == 1 else 0, []).append(each)
    return tuple(replace(one, attached=tuple(by_set.get(at, ()))) for at, one in enumerate(sets))


def _names(file: str, reporter: Reporter | None) -> bool:
    name = normalise(file)
    return reporter is not None and any(normalise(each) in name for each in reporter.names)


def _asks_about_links(incoming: Incoming) -> bool:
    """A question that quotes a link and brings no file is a question."""
    files = any(not part.inline for part in incoming.facts.parts)
    return incoming.facts.intent is Intent.QUESTION and not files and only_links(incoming.faults)


def _meant_as_return(fault: PartFault) -> bool:
    """A locked archive or a .docx stands where the return should; a stray .txt beside a question does not."""
    return fault.candidate_for is not None or fault.code != "attachment.unsupported"
