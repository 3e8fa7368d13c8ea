"""Read one made cover by the real readers and judge it by the real domain: true pair, altered pairs, seals.

Runs in child processes that load the models once. Nothing is stored or sent; a page was decoded in another child (`cover_tasks`),
as the two sandbox children of the product do it (`ingest/children.py`).
"""

from __future__ import annotations

import time
from datetime import timedelta
from functools import cache

from bench.cover_pairs import altered
from bench.cover_records import PageRecord
from bench.cover_scores import doubts, seal_scores
from bench.cover_tasks import Decoded, Task, notice, peak_mb
from domain.compare import compare
from domain.cover import Cover, CoverFailure
from domain.identify import reporter_of
from domain.judge import decide, judge
from domain.mail import MailFacts, MailKind, Origin
from domain.notice import Notice
from domain.pairing import Incoming, PartSet
from domain.placing import Standing
from domain.sheet import Sheet
from domain.submission import (
    CoverPart,
    FileRef,
    Role,
    Sender,
    SheetPart,
    State,
    Submission,
)
from parsers.cover import read_cover
from parsers.heap import give_back_large
from parsers.ocr import Recogniser
from samples.maker.covers import CoverPlan

ALTERED_A_PAGE = 8
_ADDRESS = "bench@example.cn"


def read_page(task: Task, scan: Decoded, reader: Recogniser | None = None) -> PageRecord:
    """Everything the bench keeps of a page. Raises what a reader raises: that is a fault of ours and ends the run.

    `reader`: another recogniser than the product's (a study of other weights).
    """
    asked, true, reader = notice(), task.true, reader or _recogniser()
    begun = time.process_time()
    cover = _cover(scan, asked, reader)
    seconds = scan.seconds + time.process_time() - begun
    plan = task.plan
    county = asked.reporter(plan.sheet.county)
    case = _decided(true, cover, asked)
    findings = case.findings
    return PageRecord(
        seed=plan.seed,
        classes=plan.classes,
        county=plan.sheet.county,
        mark=plan.mark.label,
        owner=plan.mark.owner,
        official=plan.mark.official,
        seal_readable=plan.mark.legible,
        legible=plan.legible and not task.sheet.spilled,
        photo=plan.photo,
        colour=plan.colour,
        acceptable=plan.acceptable,
        dpi=plan.scan.dpi,
        quality=plan.scan.quality,
        skew=round(plan.scan.skew, 2),
        print_px=round(task.sheet.print_points * plan.scan.dpi / 72 * plan.scan.print_scale, 1),
        cells_printed=sum(bool(v) for row in plan.sheet.paper.rows[: task.sheet.rows_printed] for v in row.values),
        file=task.scan.name,
        state=str(_state(case, plan)),
        codes=tuple(dict.fromkeys(problem.code for problem in case.problems)),
        seals=seal_scores(cover, county, asked),
        compared=sum(cell.column >= 0 and bool(cell.expected) for cell in findings.cells) if findings else 0,
        matched=findings.matched if findings else 0,
        doubts=doubts(cover, findings),
        altered=altered(task, true, cover, findings),
        unlike=_unlike(task, scan, cover, reader) if plan.sheet.alteration else None,
        seconds=round(seconds, 3),
        memory_mb=peak_mb(),
        decoder_mb=scan.memory_mb,
    )


@cache
def _recogniser() -> Recogniser:
    give_back_large()
    return Recogniser(threads=1)


def _unlike(task: Task, scan: Decoded, cover: Cover | CoverFailure, reader: Recogniser) -> tuple[str, ...]:
    """Cells of the mailed workbook whose verdict is another when every crop is read, also where print is repeated."""
    asked = notice()
    told, again = (_verdicts(task.mailed, each, asked) for each in (cover, _cover(scan, asked, reader, every=True)))
    return tuple(sorted(place for place in told | again if told.get(place) != again.get(place)))


def _verdicts(sheet: Sheet, cover: Cover | CoverFailure, notice: Notice) -> dict[str, str]:
    findings = None if isinstance(cover, CoverFailure) else compare(sheet, cover, notice.form)
    return {f"{cell.address} {cell.field}": cell.verdict for cell in findings.cells} if findings else {}


def _cover(scan: Decoded, notice: Notice, reader: Recogniser, *, every: bool = False) -> Cover | CoverFailure:
    if isinstance(scan.pages, CoverFailure):
        return scan.pages
    names = tuple(column.name for column in notice.form.columns)
    return read_cover(scan.pages, recogniser=reader, column_names=names, every=every).cover


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
