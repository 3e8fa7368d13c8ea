"""How often the code of a blank form is read off its scan. `python -m bench.form_codes [--count 120] [--cache DIR]`

The form of every county is filled in, printed by LibreOffice, stamped, and scanned or photographed as the judging plans of
`bench.covers` say. Printed: for each class of scans how many codes were read, and the CPU time it took beside the same page
without its code. Pages are straightened, and turned as the plan turned them: which way is up is not what is measured.
"""

from __future__ import annotations

import argparse
import io
import random
import statistics
import sys
import tempfile
import time
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import openpyxl

from bench.arguments import positive
from bench.cover_tasks import notice, readable
from notifier.blank_form import blank_form
from parsers.form_code import without_code
from parsers.prepare import Prepared, Sought, prepared
from parsers.straighten import deskew, quarter_turn, upright
from samples.maker import content, covers
from samples.maker.cover_files import SheetFiles, scan_cover
from samples.maker.cover_ranges import JUDGING
from samples.maker.covers import CoverPlan
from samples.maker.printing import print_pdfs

_ROWS = 15
_PAPER_FONT = "AR PL UMing CN"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=positive, default=120, help="scans (default 120)")
    parser.add_argument("--cache", type=Path, help="folder that keeps printed pages and scans")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    if options.cache:
        return _run(options.count, options.cache)
    with tempfile.TemporaryDirectory(prefix="baosong-form-codes-") as folder:
        return _run(options.count, Path(folder))


def _run(count: int, cache: Path) -> int:
    printed = print_forms(cache)
    seen, read = Counter[str](), Counter[str]()
    with_code, without = [], []
    for plan in (covers.cover_plan(seed, JUDGING) for seed in range(count)):
        sheet = _prepared(plan, printed, cache)
        begun = time.process_time()
        found = without_code(sheet)
        with_code.append(1000 * (time.process_time() - begun))
        seen[plan.scan_class] += 1
        read[plan.scan_class] += found.form_code == f"{notice().short}-{plan.sheet.county}"
        if found.form_code:
            without.append(_time_without(sheet, found))
    for name, all_of_it in sorted(seen.items()):
        print(f"{name:<14}{read[name]:>4} of {all_of_it}")
    print(f"{'all':<14}{read.total():>4} of {seen.total()}")
    print(f"CPU ms a page with a code:    median {statistics.median(with_code):.0f}, most {max(with_code):.0f}")
    print(f"CPU ms a page without a code: median {statistics.median(without):.0f}, most {max(without):.0f}")
    return 0


def print_forms(cache: Path) -> dict[str, SheetFiles]:
    """The form of every county, filled in and printed, by its code."""
    cache.mkdir(parents=True, exist_ok=True)
    mailed = {county.code: cache / f"{county.code}.xlsx" for county in content.COUNTIES}
    with tempfile.TemporaryDirectory() as name:
        papers = []
        for code, path in mailed.items():
            path.write_bytes(_filled(code))
            papers.append(Path(name) / path.name)
            papers[-1].write_bytes(_for_paper(path.read_bytes()))
        pdfs = print_pdfs(papers, cache)
    return {
        code: SheetFiles(mailed=path, printed_from=path, pdf=pdf, rows_printed=_ROWS, spilled=False, print_points=0.0)
        for (code, path), pdf in zip(mailed.items(), pdfs, strict=True)
    }


def _filled(code: str) -> bytes:
    """The blank form with rows drawn for the county, as a clerk sends it."""
    book = openpyxl.load_workbook(io.BytesIO(blank_form(notice(), notice().reporter(code))))
    sheet = book.worksheets[0]
    sheet["E2"].value = "填报时间：2020年2月27日"
    for number, row in enumerate(content.rows(random.Random(code), content.county(code), _ROWS, content.APPS), 4):
        for column, value in enumerate(row.values, 1):
            sheet.cell(number, column).value = value or None
    stored = io.BytesIO()
    book.save(stored)
    return stored.getvalue()


def _for_paper(workbook: bytes) -> bytes:
    """The same workbook in a font that this machine has."""
    stored = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(stored, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, part.replace("宋体".encode(), _PAPER_FONT.encode()))
    return stored.getvalue()


def _prepared(plan: CoverPlan, printed: dict[str, SheetFiles], cache: Path) -> Prepared:
    scan = scan_cover(plan, printed[plan.sheet.county], cache)
    page = upright(readable(scan).pages[0].rgb)
    return prepared(quarter_turn(deskew(page), -plan.scan.turn), Sought(columns=len(notice().form.columns)))


def _time_without(sheet: Prepared, found: Prepared) -> float:
    """Milliseconds to see that no code stands on the page: paper is laid over the one that was found."""
    rgb = sheet.page.rgb.copy()
    rgb[found.even != sheet.even] = np.median(rgb[::16, ::16].reshape(-1, 3), axis=0)
    bare = replace(sheet, page=replace(sheet.page, rgb=rgb))
    begun = time.process_time()
    without_code(bare)
    return 1000 * (time.process_time() - begun)


if __name__ == "__main__":
    sys.exit(main())
