"""Pictures of what each threshold parts: `python -m bench.roc --records FILE [--folder docs/benchmarks]`

FILE is what `python -m bench.covers --records FILE` kept. One SVG a question, each with the scores of true and of altered
values on legible pages, the thresholds that decide, and the ROC curve. Values whose text was read exactly as expected have
deficit 0 and are not among the scores of true cells unless told: only what had to be weighed is drawn.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench import cover_records
from bench.cover_records import CellScore, PageRecord, SealScore
from bench.pictures import Scores, Threshold, rates, svg
from domain import compare_cells, compare_header, seals, special_seals
from domain.text import normalise

HEADERS = ("标题", "填报单位", "填报时间")
_SHARES = 12.0  # shares of a bound that the picture of texts shows
_DIGIT_FIELDS = ("电话", "备案号")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=Path("docs/benchmarks"))
    options = parser.parse_args()
    records = [each for each in cover_records.read(options.records) if each.legible]
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, scores in pictures(records):
        (options.folder / f"{name}.svg").write_text(svg(scores), encoding="utf-8")
        print(f"{name}: {len(scores.good)} {scores.good_name}, {len(scores.bad)} {scores.bad_name}")
        for each in scores.thresholds:
            good, bad = rates(scores, each.value)
            print(f"    {each.name} {each.value:g}: takes {good:.2%} and {bad:.2%}")
    return 0


def pictures(records: Sequence[PageRecord]) -> Iterator[tuple[str, Scores]]:
    """(file name without suffix, scores) of each question the domain decides by a threshold."""
    yield from _cell_pictures(records)
    yield from _header_pictures(records)
    yield from _seal_pictures(records)


def _cell_pictures(records: Sequence[PageRecord]) -> Iterator[tuple[str, Scores]]:
    digits = Threshold(name="MATCH_DIGITS", value=compare_cells.MATCH_DIGITS)
    differs = Threshold(name="DIFFERS", value=compare_cells.DIFFERS)
    good, bad = _deficits(_true(records, True)), _deficits(_altered(records, True))
    yield "cells-digits-deficit", _scores("One altered cell: digits", "deficit, nats", good, bad, 40, (digits, differs))
    # Each pair of characters has a bound of its own (domain.look_alikes), so a text's deficit is told by that.
    good, bad = _shares(_true(records, False)), _shares(_altered(records, False))
    bound = Threshold(name="the pair's bound", value=1.0)
    yield (
        "cells-text-deficit",
        _scores("One altered cell: text", "deficit / bound of the pair", good, bad, _SHARES, (bound,)),
    )
    cells, altered = (
        [*_true(records, True), *_true(records, False)],
        [*_altered(records, True), *_altered(records, False)],
    )
    for name, threshold, value in (
        ("confidence", Threshold(name="SURE", value=compare_cells.SURE), _cell_confidence),
        ("letter", Threshold(name="SURE_LETTER", value=compare_cells.SURE_LETTER), _cell_letter),
    ):
        yield f"cells-{name}", _sureness(name, threshold, cells, altered, value)


def _shares(cells: Sequence[CellScore]) -> list[float]:
    """Deficits as shares of what their pair of characters may have (of cells under a seal, where less is enough, too); of the nearest
    pairs, which may have none, any deficit is as far as the picture goes."""
    return [
        _share(-cell.score, compare_cells.match_bound(normalise(cell.expected), normalise(cell.read))) for cell in cells
    ]


def _share(deficit: float, bound: float) -> float:
    if bound:
        return deficit / bound
    return _SHARES if deficit > 0 else 0.0


def _sureness(
    name: str,
    threshold: Threshold,
    good: Sequence[CellScore],
    bad: Sequence[CellScore],
    value: Callable[[CellScore], float],
) -> Scores:
    """Of readings beyond MATCH_TEXT: how sure the recogniser was where it misread, and where the workbook was altered."""
    beyond = [cell for cell in good if -cell.score > compare_cells.MATCH_TEXT]
    return Scores(
        title=f"May this reading contradict the workbook? ({name})",
        axis="probability",
        good_name="true cells misread",
        bad_name="altered cells",
        good=[value(cell) for cell in beyond],
        bad=[value(cell) for cell in bad],
        low=0.0,
        high=1.0,
        thresholds=(threshold,),
        accepts_below=True,
    )


def _header_pictures(records: Sequence[PageRecord]) -> Iterator[tuple[str, Scores]]:
    thresholds = {
        "标题": ("title", (Threshold(name="MATCH", value=compare_header.MATCH),)),
        "填报单位": (
            "unit",
            (
                Threshold(name="MATCH", value=compare_header.MATCH),
                Threshold(name="MISREAD_LABEL", value=compare_header.MISREAD_LABEL),
            ),
        ),
        "填报时间": ("date", (Threshold(name="MATCH_DATE", value=compare_header.MATCH_DATE),)),
    }
    for field, (name, wanted) in thresholds.items():
        good = [cell for record in records for cell in record.doubts if cell.field == field]
        bad = [
            a.cell for record in records for a in record.altered if a.kind == "header" and a.field == field and a.cell
        ]
        yield (
            f"header-{name}",
            _scores(f"One altered header value: {name}", "deficit, nats", _deficits(good), _deficits(bad), 60, wanted),
        )


def _seal_pictures(records: Sequence[PageRecord]) -> Iterator[tuple[str, Scores]]:
    own = [
        _best(record.seals) for record in records if record.official and record.owner == record.county and record.colour
    ]
    found = [seal for seal in own if seal and seal.kind != "other"]
    thresholds = (
        Threshold(name="_FITS", value=-seals._FITS),
        Threshold(name="_SURE_NOT", value=-seals._SURE_NOT),
    )
    good, bad = [-seal.score for seal in found], [-seal.other for seal in found]
    yield (
        "seal-name",
        Scores(
            title="Does the rim say this name?",
            axis="deficit, nats",
            good_name="own name",
            bad_name="best other name",
            good=good,
            bad=bad,
            low=0.0,
            high=20.0,
            thresholds=thresholds,
        ),
    )
    yield "seal-special", _special_words(records)
    misread = [seal for seal in found if seal.finding != "theirs"]
    strange = [_best(record.seals) for record in records if record.mark == "another's" and record.colour]
    read = [seal for seal in strange if seal and seal.kind != "other"]
    sure = Threshold(name="_SURE_READING", value=seals._SURE_READING)
    yield "seal-confidence", _rims("confidence", sure, misread, read, _seal_confidence)
    letter = Threshold(name="_SURE_LETTER", value=seals._SURE_LETTER)
    yield "seal-letter", _rims("letter", letter, misread, read, _seal_letter)


def _special_words(records: Sequence[PageRecord]) -> Scores:
    """Official seals, and special ones, by the special word that is nearest to what stands under their star."""
    pressed = [(record, _best(record.seals)) for record in records if record.owner and record.colour]
    special = [seal.special for record, seal in pressed if seal and record.mark == "special"]
    official = [seal.special for record, seal in pressed if seal and record.official]
    return Scores(
        title="May a special word stand under the star?",
        axis="deficit, nats a letter",
        good_name="special seals",
        bad_name="official seals",
        good=special,
        bad=official,
        low=0.0,
        high=12.0,
        thresholds=(
            Threshold(name="_SAYS", value=special_seals._SAYS),
            Threshold(name="_MAY_SAY", value=special_seals._MAY_SAY),
        ),
    )


def _rims(
    name: str,
    threshold: Threshold,
    misread: Sequence[SealScore],
    read: Sequence[SealScore],
    value: Callable[[SealScore], float],
) -> Scores:
    return Scores(
        title=f"May this rim speak against the sender? ({name})",
        axis="probability",
        good_name="own seals not recognised",
        bad_name="another's seals",
        good=[value(seal) for seal in misread],
        bad=[value(seal) for seal in read],
        low=0.0,
        high=1.0,
        thresholds=(threshold,),
    )


def _cell_confidence(cell: CellScore) -> float:
    return cell.confidence


def _cell_letter(cell: CellScore) -> float:
    return cell.letter


def _seal_confidence(seal: SealScore) -> float:
    return seal.confidence


def _seal_letter(seal: SealScore) -> float:
    return seal.letter


def _best(found: Sequence[SealScore]) -> SealScore | None:
    return max(found, key=_seal_confidence, default=None)


def _true(records: Sequence[PageRecord], digits: bool) -> list[CellScore]:
    cells = [cell for record in records for cell in record.doubts if cell.field not in HEADERS]
    return [cell for cell in cells if (cell.field in _DIGIT_FIELDS) == digits]


def _altered(records: Sequence[PageRecord], digits: bool) -> list[CellScore]:
    scores = [each for record in records for each in record.altered if each.kind != "header"]
    return [each.cell for each in scores if each.cell and each.kind.startswith("digit") == digits]


def _deficits(cells: Sequence[CellScore]) -> list[float]:
    return [-cell.score for cell in cells]


def _scores(
    title: str, axis: str, good: list[float], bad: list[float], high: float, thresholds: tuple[Threshold, ...]
) -> Scores:
    return Scores(
        title=title,
        axis=axis,
        good_name="true, not read outright",
        bad_name="altered",
        good=good,
        bad=bad,
        low=0.0,
        high=high,
        thresholds=thresholds,
    )


if __name__ == "__main__":
    sys.exit(main())
