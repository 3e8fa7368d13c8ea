"""Checks of the stamped scan: is it a scan of the form, is it stamped with the reporter's seal, does it say the same.

"Cannot tell" is never "no": poor quality, missing colour or an illegible seal ask a person and never reject.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from domain.catalogue import problem
from domain.checks.cover_content import content
from domain.checks.cover_stamp import JudgedSeal, Stamped, check_seals, judged
from domain.checks.document import is_stamped_document, judged_document_seals
from domain.checks.header import is_placeholder
from domain.cover import LEGIBLE_QUALITY, Cover, CoverFailure, CoverPage, PageKind, SealKind
from domain.identify import bare_unit, reporter_of, title_unit, unit_in
from domain.notice import Form, Notice, Reporter
from domain.pages import Shows, shows
from domain.problems import Place, Problem, Severity
from domain.sheet import Sheet
from domain.submission import CoverFindings
from domain.text import normalise


def check_cover(
    cover: Cover | CoverFailure,
    findings: CoverFindings | None,
    notice: Notice,
    reporter: Reporter | None,
    sheet: Sheet | None,
) -> tuple[Problem, ...]:
    """Every `cover.*` problem of a scan. `findings` is the comparison with `sheet`, None when there was none."""
    if isinstance(cover, CoverFailure):
        return (problem(cover.code, Place(file=cover.file), variant=cover.cause),)
    return _one_quality(_problems(cover, findings, notice, reporter, sheet))


def _one_quality(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """A poor page is one root cause: of several problems that say so, the last, which names the cells, is kept."""
    found = list(problems)
    poor = [each for each in found if each.code == "cover.low_quality"]
    return tuple(each for each in found if each.code != "cover.low_quality" or each is poor[-1])


def _problems(
    cover: Cover, findings: CoverFindings | None, notice: Notice, reporter: Reporter | None, sheet: Sheet | None
) -> Iterator[Problem]:
    place = Place(file=cover.file)
    page = compared_page(cover, findings)
    if cover.signed:
        yield problem("cover.electronic_seal", place)
    elif page is None:
        yield problem("cover.unreadable", place)
        return
    elif page.kind is not PageKind.SCAN:
        yield _not_a_scan(cover, page, notice.form)
    if page is None:
        return
    if not _is_form(page, findings, sheet):
        yield from _no_form(cover, notice)
        return
    if cover.unread:
        yield _too_long(cover, severity=Severity.WARNING)
    if _counts_seals(cover, page):
        stamped = _stamped(cover, page, findings, notice)
        owners = _owners(stamped, reporter, sheet, notice)
        yield from check_seals(stamped, owners, notice, legible=is_legible(page))
    yield from content(cover, findings, sheet, notice.form)


def judged_seals(
    cover: Cover, findings: CoverFindings | None, notice: Notice, reporter: Reporter | None, sheet: Sheet | None
) -> tuple[JudgedSeal, ...]:
    """What `check_cover` takes each seal of the cover for, in the order of the pages."""
    if not notice.sheet_required:
        return judged_document_seals(cover, notice, reporter)
    page = compared_page(cover, findings)
    if page is None:
        return ()
    stamped = _stamped(cover, page, findings, notice)
    owners = _owners(stamped, reporter, sheet, notice)
    counted = _is_form(page, findings, sheet) and _counts_seals(cover, page)
    return judged(stamped, owners, notice, counted=counted)


def _is_form(page: CoverPage, findings: CoverFindings | None, sheet: Sheet | None) -> bool:
    return has_form(page) and (sheet is None or findings is not None)


def _counts_seals(cover: Cover, page: CoverPage) -> bool:
    """Ink can be judged on a scan only; of an electronic seal its signature is what counts."""
    return not cover.signed and page.kind is PageKind.SCAN


def _not_a_scan(cover: Cover, page: CoverPage, form: Form) -> Problem:
    """The compared page is an export; beside it a scan too poor to be compared may be the stamped page."""
    scans = [each for each in cover.pages if each is not page and each.kind is PageKind.SCAN]
    if any(shows(each, form) not in (Shows.OTHER, Shows.BLANK) for each in scans):
        return problem("cover.low_quality", Place(file=cover.file))
    variant = "pasted" if page.kind is PageKind.PASTED else ""
    return problem("cover.not_a_scan", Place(file=cover.file), variant=variant)


def _stamped(cover: Cover, page: CoverPage, findings: CoverFindings | None, notice: Notice) -> Stamped:
    """Whose seals count: those on pages of the workbook's own table. Those on a page of which that cannot be told make
    doubt; those on a covering letter or on another workbook's page are nothing to this one."""
    if findings and findings.pages:
        own, apart = set(findings.pages), set(findings.apart)
    else:
        shown = {each.number: shows(each, notice.form) for each in cover.pages if each is not page}
        own = {page.number, *(number for number, what in shown.items() if what in (Shows.TABLE, Shows.PART))}
        apart = {number for number, what in shown.items() if what is Shows.UNCLEAR}
    return Stamped(
        cover=cover,
        page=page,
        own=tuple(seal for each in cover.pages if each.number in own for seal in each.seals),
        apart=tuple(seal for each in cover.pages if each.number in apart for seal in each.seals),
        elsewhere=tuple(seal for each in cover.pages if each.number not in own | apart for seal in each.seals),
    )


def compared_page(cover: Cover, findings: CoverFindings | None) -> CoverPage | None:
    """The page that was compared, else the one with the largest table, else the first."""
    if findings:
        found = next((page for page in cover.pages if page.number == findings.page), None)
        if found:
            return found
    largest = sorted(cover.pages, key=lambda page: (-len(page.cells), page.kind is not PageKind.SCAN, page.number))
    return largest[0] if largest else None


def has_form(page: CoverPage) -> bool:
    return page.columns > 1 and bool(page.cells)


def is_stamped_form(cover: Cover, notice: Notice) -> bool:
    """The scan shows the form, filled in by a reporter of the notice, with an official seal on it."""
    if not notice.sheet_required:
        return is_stamped_document(cover, notice)
    page = compared_page(cover, None)
    if page is None or not has_form(page) or not reporter_of(None, cover, notice).reporter:
        return False
    sealed = any(seal.kind is not SealKind.OTHER for each in cover.pages for seal in each.seals)
    return sealed and _shows_form(_texts(page), notice)


def is_legible(page: CoverPage) -> bool:
    """Whether what is missing on the page is truly missing."""
    return page.quality >= LEGIBLE_QUALITY


def _no_form(cover: Cover, notice: Notice) -> Iterator[Problem]:
    """No table was found: another paper, unless a page is poor or its print shows that it is the form all the same."""
    place = Place(file=cover.file)
    printed = [page for page in cover.pages if shows(page, notice.form) is not Shows.BLANK] or list(cover.pages)
    pages = [page for page in printed if page.kind is PageKind.SCAN]
    if not pages or cover.signed:
        return
    poor = [page for page in pages if page.photo or not is_legible(page) or _shows_form(_texts(page), notice)]
    if poor:
        yield problem("cover.low_quality", place)
        if not any(page.colour for page in poor):  # what the sender can mend, whatever a person makes of the print
            yield problem("cover.colourless", place)
    elif cover.unread:
        yield _too_long(cover)
    else:
        yield problem("cover.wrong_form", place)


def _too_long(cover: Cover, severity: Severity | None = None) -> Problem:
    """Pages beyond the limit were not read: an error where the form was not found before, else a warning."""
    read = cover.page_count - cover.unread
    variant = "pages" if severity is None else "pages_beside"
    place = Place(file=cover.file)
    return problem("attachment.too_large", place, severity=severity, variant=variant, count=cover.page_count, read=read)


def _texts(page: CoverPage) -> list[str]:
    return [line.reading.text for line in page.lines] + [cell.reading.text for cell in page.cells]


def _shows_form(texts: Sequence[str], notice: Notice) -> bool:
    """The print holds the form's title, a header field or several of its column names."""
    page = normalise("".join(texts))
    labels = [normalise(field.name) for field in notice.form.header]
    columns = sum(normalise(column.name) in page for column in notice.form.columns)
    return any(title_unit(text, notice) for text in texts) or any(label in page for label in labels) or columns >= 4


def _owners(stamped: Stamped, reporter: Reporter | None, sheet: Sheet | None, notice: Notice) -> list[Reporter]:
    """Whose seal is expected: the reporter's; where title and 填报单位 disagree (a problem of its own) either's; for a
    unit nobody listed, one that carries the name it gives."""
    if sheet is None:
        return [reporter] if reporter else []
    if reporter:
        conflict = reporter_of(sheet, None, notice).conflict
        return [reporter, conflict] if conflict else [reporter]
    unit = sheet.header.get("unit")
    if unit is None or not unit.text or is_placeholder(unit.text, notice) or unit_in(unit.text, notice):
        return []
    name = bare_unit(unit.text)
    texts = [normalise(seal.text) for seal in stamped.own if seal.legible]
    longer = [text for text in texts if name in text]  # 实验中学 is short for what its seal says in full
    return [Reporter(code="", name=name, names=(name,), seal_names=(name, *longer), bureau_run=True)]
