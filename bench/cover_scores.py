"""What a reading gave, as scores for the records: each doubtful cell with its margins, each seal with its rivals."""

from __future__ import annotations

from difflib import SequenceMatcher

from bench.cover_records import CellScore, SealScore
from domain.alignment import letters
from domain.cover import Cover, CoverFailure, Seal, TextReading
from domain.notice import Notice, Reporter
from domain.seals import judge_seal
from domain.special_seals import nearest_word
from domain.submission import CellVerdict, CoverFindings
from domain.text import normalise


def doubts(cover: Cover | CoverFailure, findings: CoverFindings | None) -> tuple[CellScore, ...]:
    """Every compared value of the true pair that was not simply read as the workbook has it."""
    if findings is None or isinstance(cover, CoverFailure):
        return ()
    return tuple(cell_score(cell, cover) for cell in findings.cells if cell.verdict != "match" or cell.score != 0)


def cell_score(cell: CellVerdict, cover: Cover) -> CellScore:
    """The verdict on a value with the margins of its reading; a header value has none."""
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


def seal_scores(cover: Cover | CoverFailure, county: Reporter | None, notice: Notice) -> tuple[SealScore, ...]:
    """Every seal of the cover as it counts for the county."""
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
        special=round(min(nearest_word(seal, words)[1], 99.0), 2),
    )
