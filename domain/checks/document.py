"""Checks of a return that is a stamped scan alone: is it the document asked for, whole, stamped where it must be, and made out.

As with a cover beside a workbook, "cannot tell" is never "no": what is printed poorly asks a person and never rejects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from domain.catalogue import problem, variant_for
from domain.checks.cover_stamp import JudgedSeal, Stamped, check_seals, judged
from domain.checks.header import check_header
from domain.cover import LEGIBLE_QUALITY, Cover, CoverFailure, CoverPage, PageKind, SealKind
from domain.identify import reporter_of
from domain.notice import Notice, Reporter, SealOn
from domain.pages import page_texts
from domain.printed_head import (
    SURE,
    PrintedField,
    bears_title,
    form_title,
    nearly_titled,
    other_title,
    printed_header,
)
from domain.problems import Place, Problem, Severity
from domain.sheet import Sheet, SheetFormat

_SAID = {SealOn.FIRST: "首页", SealOn.LAST: "最后一页", SealOn.ANY: ""}


@dataclass(frozen=True, kw_only=True)
class _Pages:
    """The pages that count, blank ones left out; `asked`: those of which one shall bear the seal."""

    counted: tuple[CoverPage, ...]
    asked: tuple[CoverPage, ...]
    missing: bool
    """Fewer came than must."""


def check_document(
    cover: Cover | CoverFailure, notice: Notice, reporter: Reporter | None, received_at: datetime
) -> tuple[Problem, ...]:
    """Every `cover.*` and `header.*` problem of the scan."""
    if isinstance(cover, CoverFailure):
        variant = variant_for(cover.code, cover.cause, document=True)
        return (problem(cover.code, Place(file=cover.file), variant=variant),)
    return tuple(_once(_problems(cover, notice, reporter, received_at)))


def check_page_count(cover: Cover, notice: Notice) -> Iterator[Problem]:
    """Fewer pages than the notice asks for, or more. Pages that were not read are counted as printed."""
    rule, count = notice.cover_rule, _count(cover)
    place = Place(file=cover.file)
    if count < rule.min_pages:
        yield problem("cover.too_few_pages", place, count=count, wanted=rule.min_pages)
    elif rule.max_pages is not None and count > rule.max_pages:
        yield problem("cover.too_many_pages", place, count=count, wanted=rule.max_pages)


def is_stamped_document(cover: Cover, notice: Notice) -> bool:
    """The scan bears the title, an official seal, and the name of a reporter of the notice."""
    sealed = any(seal.kind is not SealKind.OTHER for seal in cover.seals)
    return sealed and bears_title(cover, notice.form) and reporter_of(None, cover, notice).reporter is not None


def judged_document_seals(cover: Cover, notice: Notice, reporter: Reporter | None) -> tuple[JudgedSeal, ...]:
    """What `check_document` takes each seal for, in the order of the pages."""
    pages = _pages(cover, notice)
    if not pages.asked:
        return ()
    owners = [reporter] if reporter else []
    counted = not cover.signed and bears_title(cover, notice.form)
    return judged(_stamped(cover, pages, notice), owners, notice, counted=counted)


def _once(problems: Iterable[Problem]) -> Iterator[Problem]:
    """That a scan is poor is told once."""
    told = False
    for each in problems:
        if each.code != "cover.low_quality" or not told:
            yield each
        told = told or each.code == "cover.low_quality"


def _problems(cover: Cover, notice: Notice, reporter: Reporter | None, received_at: datetime) -> Iterator[Problem]:
    place = Place(file=cover.file)
    pages = _pages(cover, notice)
    if cover.signed:
        yield problem("cover.electronic_seal", place)
    if not pages.counted:
        if not cover.signed:
            yield problem("cover.unreadable", place)
        return
    if not cover.signed and all(page.kind is not PageKind.SCAN for page in pages.asked):
        pasted = any(page.kind is PageKind.PASTED for page in pages.counted)
        yield problem("cover.not_a_scan", place, variant="document_pasted" if pasted else "document")
    elif not cover.signed:
        yield from _partly_drawn(cover, pages)
    if not bears_title(cover, notice.form):
        yield _another(cover, pages, notice, reporter)
        return
    yield from check_page_count(cover, notice)
    if not cover.signed and any(page.kind is PageKind.SCAN for page in pages.asked):
        yield from _seals(cover, pages, notice, reporter)
    yield from _header(cover, notice, reporter, received_at)
    if cover.unread:
        read = cover.page_count - cover.unread
        yield problem(
            "attachment.too_large", place, severity=Severity.WARNING, variant="document_pages_beside",
            count=cover.page_count, read=read,
        )  # fmt: skip


def _pages(cover: Cover, notice: Notice) -> _Pages:
    counted = tuple(page for page in cover.pages if page_texts(page) or page.seals)
    on = notice.cover_rule.seal_on
    asked = counted[:1] if on is SealOn.FIRST else counted[-1:] if on is SealOn.LAST else counted
    return _Pages(counted=counted, asked=asked, missing=_count(cover) < notice.cover_rule.min_pages)


def _count(cover: Cover) -> int:
    blank = sum(not page_texts(page) and not page.seals for page in cover.pages)
    return cover.page_count - blank


def _partly_drawn(cover: Cover, pages: _Pages) -> Iterator[Problem]:
    """The stamped page is a scan, but others are exports, which may have been changed after it was stamped."""
    drawn = [page.number for page in pages.counted if page.kind is not PageKind.SCAN]
    if drawn:
        names = "、".join(f"第{number}页" for number in drawn)
        yield problem(
            "cover.not_a_scan", Place(file=cover.file), severity=Severity.REVIEW, variant="document_mixed", pages=names
        )


def _another(cover: Cover, pages: _Pages, notice: Notice, reporter: Reporter | None) -> Problem:
    """Another paper, by the title it bears; a poor or doubtful page may be the right one."""
    place, first = Place(file=cover.file), pages.counted[0]
    if first.photo or not _legible(first) or nearly_titled(cover, notice.form):
        return problem("cover.low_quality", place, variant="document")
    name = reporter.name if reporter else notice.reporters[0].name if notice.reporters else ""
    title = other_title(first)
    return problem(
        "cover.wrong_document",
        place,
        variant="" if title else "untitled",
        title=title,
        wanted=notice.table_name,
        example=notice.form.title_template.replace("{unit}", name),
    )


def _legible(page: CoverPage) -> bool:
    return page.quality >= LEGIBLE_QUALITY


def _seals(cover: Cover, pages: _Pages, notice: Notice, reporter: Reporter | None) -> Iterator[Problem]:
    """A page that is missing is most likely the stamped one: that it is not stamped is then no second thing to mend."""
    stamped = _stamped(cover, pages, notice)
    legible = all(_legible(page) for page in pages.asked)
    for found in check_seals(stamped, [reporter] if reporter else [], notice, legible=legible):
        if not (pages.missing and found.code in ("cover.unstamped", "cover.low_quality", "cover.colourless")):
            yield found


def _stamped(cover: Cover, pages: _Pages, notice: Notice) -> Stamped:
    on = notice.cover_rule.seal_on
    numbers = {page.number for page in pages.asked}
    own = tuple(seal for seal in cover.seals if seal.page in numbers)
    return Stamped(
        cover=replace(cover, unread=0) if on is SealOn.FIRST else cover,
        page=pages.asked[-1],
        own=own,
        elsewhere=tuple(seal for seal in cover.seals if seal.page not in numbers),
        document=True,
        where=_where(pages, on),
    )


def _where(pages: _Pages, on: SealOn) -> str:
    if on is SealOn.ANY:
        return ""
    page = pages.asked[0]
    named = f"“{page.origin.file}”" if page.origin else f"第{page.number}页"
    return _SAID[on] if len(pages.counted) == 1 or on is SealOn.FIRST else f"{_SAID[on]}（{named}）"


def _header(cover: Cover, notice: Notice, reporter: Reporter | None, received_at: datetime) -> Iterator[Problem]:
    """Title and header fields as they are printed, checked as a workbook's. What was not read surely asks a person."""
    read = printed_header(cover, notice.form)
    paper = Sheet(
        file=cover.file,
        sha256=cover.sha256,
        sheet="",
        format=SheetFormat.XLSX,
        title=form_title(cover, notice.form),
        header={key: field.value for key, field in read.items()},
    )
    sure = _surely(read.values(), cover)
    for found in check_header(paper, notice, reporter, received_at):
        severity = found.severity if sure or found.severity is not Severity.ERROR else Severity.REVIEW
        yield replace(found, sheet=None, cell=None, severity=severity)


def _surely(fields: Iterable[PrintedField], cover: Cover) -> bool:
    """Whether what is missing, or reads wrongly, is truly so."""
    legible = all(_legible(page) and not page.photo for page in cover.pages[:1])
    return legible and all(field.confidence >= SURE for field in fields)
