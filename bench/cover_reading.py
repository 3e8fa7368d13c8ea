"""Read one made cover by the real readers and judge it by the real domain: true pair, altered pairs, seals.

Runs in child processes that load the models once. Nothing is stored or sent; a page is decoded and read as the two
sandbox children do it (`ingest/children.py`), here in one process.
"""

from __future__ import annotations

import hashlib
import random
import resource
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from bench.cover_records import AlteredScore, CellScore, PageRecord, SealScore
from config.notices import load_notice
from domain.alignment import letters
from domain.compare import compare
from domain.cover import Cover, CoverFailure, Seal, TextReading
from domain.identify import reporter_of
from domain.judge import Standing, decide, judge
from domain.mail import MailFacts, MailKind, Origin
from domain.notice import Notice, Reporter
from domain.pairing import Incoming, PartSet
from domain.seals import judge_seal
from domain.sheet import Sheet, SheetFailure
from domain.submission import (
    CellVerdict,
    CoverFindings,
    CoverPart,
    FileRef,
    Role,
    Sender,
    SheetPart,
    State,
    Submission,
)
from domain.text import normalise
from parsers.cover import read_cover
from parsers.limits import Limits
from parsers.ocr import Recogniser
from parsers.pages import decode_cover
from parsers.workbook import read_workbook
from samples.maker import alterations
from samples.maker.alterations import DIGIT_KINDS, LETTER_KINDS, Alteration
from samples.maker.cover_files import SheetFiles
from samples.maker.covers import CoverPlan

ALTERED_A_PAGE = 8
_MEDIA = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png", "tif": "image/tiff"}
_ADDRESS = "bench@example.cn"


@dataclass(frozen=True, kw_only=True)
class Task:
    """One page to read: its plan and files."""

    plan: CoverPlan
    sheet: SheetFiles
    scan: Path


def read_page(task: Task) -> PageRecord:
    """Everything the bench keeps of a page. Raises what a reader raises: that is a fault of ours and ends the run."""
    notice = _notice()
    true = _workbook(task.sheet.printed_from, notice)
    begun = time.perf_counter()
    cover = _cover(task, notice)
    seconds = time.perf_counter() - begun
    plan = task.plan
    county = notice.reporter(plan.sheet.county)
    case = _decided(true, cover, notice)
    findings = case.findings
    return PageRecord(
        seed=plan.seed,
        classes=plan.classes,
        county=plan.sheet.county,
        mark=plan.mark.label,
        owner=plan.mark.owner,
        official=plan.mark.official,
        seal_readable=plan.mark.legible,
        legible=plan.legible,
        photo=plan.photo,
        colour=plan.colour,
        acceptable=plan.acceptable,
        dpi=plan.scan.dpi,
        quality=plan.scan.quality,
        skew=round(plan.scan.skew, 2),
        cells_printed=sum(bool(v) for row in plan.sheet.paper.rows[: task.sheet.rows_printed] for v in row.values),
        file=task.scan.name,
        state=str(_state(case, plan)),
        codes=tuple(dict.fromkeys(problem.code for problem in case.problems)),
        seals=_seals(cover, county, notice),
        compared=sum(cell.column >= 0 for cell in findings.cells) if findings else 0,
        matched=findings.matched if findings else 0,
        doubts=_doubts(cover, findings),
        altered=tuple(_altered(task, true, cover, findings, notice)),
        seconds=round(seconds, 3),
        memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


@cache
def _notice() -> Notice:
    return load_notice("puyang-2020-51")


@cache
def _recogniser() -> Recogniser:
    return Recogniser(threads=1)


def _workbook(path: Path, notice: Notice) -> Sheet:
    data = path.read_bytes()
    sha = hashlib.sha256(data).hexdigest()
    sheet = read_workbook(data, name=path.name, sha256=sha, form=notice.form, area_code=notice.area_code)
    if isinstance(sheet, SheetFailure):
        raise TypeError(f"{path} is no form: {sheet.code}")
    return sheet


def _cover(task: Task, notice: Notice) -> Cover | CoverFailure:
    data = task.scan.read_bytes()
    media = _MEDIA[task.plan.media]
    sha = hashlib.sha256(data).hexdigest()
    decoded = decode_cover(data, media=media, name=task.scan.name, sha256=sha, limits=Limits())
    if isinstance(decoded, CoverFailure):
        return decoded
    names = tuple(column.name for column in notice.form.columns)
    return read_cover(decoded, recogniser=_recogniser(), column_names=names)


def _decided(sheet: Sheet, cover: Cover | CoverFailure, notice: Notice) -> Submission:
    """The pair decided as one mail that came from a known address an hour before the deadline."""
    sender = Sender(address=_ADDRESS, mail="bench", message_id=None)
    files = [FileRef(name=p.file, kind=k, sha256=p.sha256, size=1, mail="bench") for p, k in _parts(sheet, cover)]
    at = notice.deadline - timedelta(hours=1)
    parts = PartSet(
        sheet=SheetPart(file=files[0], reading=sheet, sender=sender, received_at=at, uid=1),
        cover=CoverPart(file=files[1], reading=cover, sender=sender, received_at=at, uid=1),
    )
    facts = MailFacts(
        message_id=None, subject="", sender=_ADDRESS, sender_name="", reply_to=None, envelope_sender=None,
        kind=MailKind.HUMAN,
    )  # fmt: skip
    origin = Origin(account="bench", folder="INBOX", uidvalidity=1, uid=1, received_at=at)
    incoming = Incoming(mail="bench", facts=facts, origin=origin)
    reporter = reporter_of(sheet, cover if isinstance(cover, Cover) else None, notice).reporter
    standing = Standing(known_addresses=frozenset({_ADDRESS}))
    return judge(parts, incoming, notice=notice, reporter=reporter, standing=standing).submission


def _state(case: Submission, plan: CoverPlan) -> State:
    """What was decided; of a page printed from an altered workbook for its cover alone: 足 for 是 is a fault by itself."""
    if plan.sheet.alteration is None:
        return case.state
    return decide([each for each in case.problems if each.code.startswith("cover.")])


def _parts(sheet: Sheet, cover: Cover | CoverFailure) -> tuple[tuple[Sheet | Cover | CoverFailure, Role], ...]:
    return ((sheet, Role.SHEET), (cover, Role.COVER))


def _doubts(cover: Cover | CoverFailure, findings: CoverFindings | None) -> tuple[CellScore, ...]:
    if findings is None or isinstance(cover, CoverFailure):
        return ()
    return tuple(_score(cell, cover) for cell in findings.cells if cell.verdict != "match" or cell.score != 0)


def _score(cell: CellVerdict, cover: Cover) -> CellScore:
    reading = _reading(cell, cover)
    return CellScore(
        address=cell.address,
        field=cell.field,
        expected=cell.expected,
        read=cell.read,
        verdict=cell.verdict,
        score=round(cell.score, 2),
        confidence=reading.confidence if reading else 0.0,
        letter=_least_contradicting(cell.expected, reading) if reading else 0.0,
    )


def _reading(cell: CellVerdict, cover: Cover) -> TextReading | None:
    page = next(page for page in cover.pages if page.number == cell.page)
    return next((each.reading for each in page.cells if (each.row, each.column) == (cell.row, cell.column)), None)


def _least_contradicting(expected: str, reading: TextReading) -> float:
    """The least probability among the read letters that are not the workbook's; 1 where there is none such."""
    told = [(each, sure) for letter, sure in letters(reading.lines) for each in normalise(letter)]
    wanted, read = normalise(expected), "".join(letter for letter, _ in told)
    blocks = SequenceMatcher(None, wanted, read, autojunk=False).get_opcodes()
    return round(min((s for kind, _, _, c, d in blocks if kind != "equal" for _, s in told[c:d]), default=1.0), 4)


def _altered(
    task: Task, true: Sheet, cover: Cover | CoverFailure, findings: CoverFindings | None, notice: Notice
) -> list[AlteredScore]:
    """The workbook altered cell by cell against the page as read; and what is printed otherwise than was mailed."""
    if isinstance(cover, CoverFailure) or findings is None:
        return []
    told = _told(findings)
    made = [_judged(each, _with(true, each, notice), cover, told, notice, False) for each in _alterations(task)]
    printed = task.plan.sheet.alteration
    if printed:
        made.append(_judged(printed, _workbook(task.sheet.mailed, notice), cover, told, notice, True))
    return made


def _alterations(task: Task) -> list[Alteration]:
    """Digits and characters in turn, every other one in a column of repeated values, no cell twice."""
    rng = random.Random(f"altered {task.plan.seed}")
    rows = task.plan.sheet.paper.rows[: task.sheet.rows_printed]
    made: list[Alteration] = []
    for number in range(ALTERED_A_PAGE):
        kinds = DIGIT_KINDS if number % 2 else LETTER_KINDS
        again = True if number % 4 < 2 else None
        taken = frozenset((each.row, each.column) for each in made)
        found = alterations.draw(rng, rows, kinds=kinds, repeated=again, taken=taken)
        made += [found] if found else []
    return made


def _with(sheet: Sheet, alteration: Alteration, notice: Notice) -> Sheet:
    """The workbook as if it had held the altered text."""
    row, key = sheet.rows[alteration.row], notice.form.columns[alteration.column].key
    if normalise(row.text(key)) != normalise(alteration.before):
        raise ValueError(f"row {alteration.row} of the workbook does not hold {alteration.before}")
    cell = replace(row.cells[key], text=alteration.after, phone=None)
    changed = replace(row, cells={**row.cells, key: cell})
    return replace(sheet, rows=(*sheet.rows[: alteration.row], changed, *sheet.rows[alteration.row + 1 :]))


def _judged(
    alteration: Alteration, sheet: Sheet, cover: Cover, told: frozenset[str], notice: Notice, on_paper: bool
) -> AlteredScore:
    column = notice.form.columns[alteration.column]
    address = sheet.rows[alteration.row].cells[column.key].address
    findings = compare(sheet, cover, notice.form)
    cells = findings.cells if findings else ()
    now = _told(findings) if findings else frozenset()
    cell = next((each for each in cells if each.address == address), None)
    extra = now - told - {address}
    return AlteredScore(
        on_paper=on_paper,
        kind=alteration.kind,
        field=column.name,
        repeated=alteration.repeated,
        before=alteration.before,
        after=alteration.after,
        accepted=bool(cells) and not now,
        passed=address not in now,
        named=address in now and not extra,
        extra=tuple(sorted(extra)),
        cell=_score(cell, cover) if cell else None,
    )


def _told(findings: CoverFindings) -> frozenset[str]:
    """Addresses of the cells that are told: those that differ and those that a person must look at."""
    return frozenset(cell.address or f"page row {cell.row}" for cell in findings.cells if cell.verdict != "match")


def _seals(cover: Cover | CoverFailure, county: Reporter | None, notice: Notice) -> tuple[SealScore, ...]:
    if isinstance(cover, CoverFailure):
        return ()
    return tuple(_seal(seal, county, notice) for page in cover.pages for seal in page.seals)


def _seal(seal: Seal, county: Reporter | None, notice: Notice) -> SealScore:
    words = notice.special_seal_words
    verdict = judge_seal(seal, county, notice.reporters, words)
    others = [judge_seal(seal, each, (), words).score for each in notice.reporters if each != county]
    rim = letters(seal.rim.lines) if seal.rim else ()
    return SealScore(
        kind=str(seal.kind),
        text=seal.text,
        bottom=seal.bottom,
        legible=seal.legible,
        suspect=seal.suspect or "",
        confidence=seal.confidence,
        finding=str(verdict.kind),
        named=verdict.named or "",
        score=round(verdict.score, 2),
        other=round(max(others, default=-99.0), 2),
        letter=round(min((sure for _, sure in rim), default=0.0), 4),
    )
