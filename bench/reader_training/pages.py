"""Whole tuning pages with other weights: `python -m bench.reader_training.pages CACHE RESULTS [--weights FILE.onnx] [--beside RESULTS]`.

Pages are those of `bench.covers --tuning` that ought to be accepted (own seal in ink, legible scan, no photograph). RESULTS keeps a
line a page, as `bench.covers --records` does; `--beside` prints two such files page by page, the older weights' first.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import cover_records
from bench.cover_reading import read_page
from bench.cover_records import PageRecord
from bench.cover_tasks import Task, measured
from bench.covers import plans
from bench.reader_training.shared import beside_options
from parsers.ocr import Recogniser
from samples.maker.cover_files import print_sheets, scan_cover


def tasks(cache: Path, first: int, count: int) -> Iterator[Task]:
    """The pages of so many seeds; printed and scanned where the cache lacks them."""
    wanted = plans(count, tuning=True, seed=first)
    chosen = [each for each in wanted if each.legible and each.acceptable and not each.photo]
    sheets = print_sheets([each.sheet for each in chosen], cache)
    for plan in chosen:
        sheet = sheets[plan.sheet.number]
        if not sheet.spilled:
            yield Task(plan=plan, sheet=sheet, scan=scan_cover(plan, sheet, cache))


def rows(before: Sequence[PageRecord], after: Sequence[PageRecord]) -> Iterator[str]:
    """State, doubtful and contradicted cells, seal, altered values that pass, before and after; and the sums."""
    yield "seed, scan, then for each weights: state, doubtful cells, contradicted cells, seal, altered values that pass"
    known = {each.seed: each for each in after}
    pairs = [(each, known[each.seed]) for each in before if each.seed in known]
    for pair in pairs:
        told = "  |  ".join(_told(each) for each in pair)
        first = pair[0]
        yield f"{first.seed} {first.dpi:>3} dpi {first.print_px:>4} px  {told}  {first.classes[1]}, {first.mark}"
    for title, some in (("before", [one for one, _ in pairs]), ("after", [other for _, other in pairs])):
        states = [each.state for each in some]
        yield (
            f"{title}: accepted {states.count('accepted')} of {len(states)}, rejected {states.count('rejected')}, seal theirs "
            f"{sum(each.finding == 'theirs' for each in some)}, cells not simply read {sum(len(each.doubts) for each in some)}, altered "
            f"values that pass {sum(other.passed for each in some for other in each.altered)} of {sum(len(each.altered) for each in some)}"
        )


def _told(page: PageRecord) -> str:
    verdicts = [cell.verdict for cell in page.doubts]
    cells = f"{verdicts.count('doubtful'):>4} {verdicts.count('differs'):>3}"
    return f"{page.state:>9} {cells} {page.finding:>11} {sum(other.passed for other in page.altered):>2}/{len(page.altered):<2}"


def main() -> int:
    options = beside_options(str(__doc__), count=64)
    if options.beside:
        print(*rows(*(list(cover_records.read(path)) for path in (options.results, options.beside))), sep="\n")
        return 0
    reader, known = Recogniser(reader=options.weights), {each.seed for each in cover_records.read(options.results)}
    for task in tasks(options.cache, options.seed, options.count):
        if task.plan.seed not in known:
            cover_records.write(options.results, [read_page(task, measured(task.scan), reader)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
