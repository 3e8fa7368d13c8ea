"""How long workbooks of many rows take, beside what others use: `python -m bench.workbooks [--rows 100,10000,100000] [--rounds 3]`.

The form, filled by the made-up counties of the samples, shared strings, written by xlsxwriter. Each reader has a process of its own
(imports not counted, nor those of the sandbox's server); told are the medians of the rounds and the ratio to calamine, which only
reads. *ours* finds the form and reads it; *answered* is the whole way of a mail with this workbook, in worker and sandbox. pandas is
in the extra `bench`; where it is missing, its line is left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import xlsxwriter

from bench.arguments import positive
from bench.workbook_readers import READERS, Taken
from samples.maker.content import COLUMNS, AppRow, contact, county, filing_number, mobile, schools

_APPS = 40


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="100,10000,100000", help="rows of the workbooks")
    parser.add_argument("--rounds", type=positive, default=3)
    parser.add_argument("--readers", default=",".join(READERS), help="which, comma between")
    options = parser.parse_args()
    readers = [name for name in options.readers.split(",") if name != "pandas" or importlib.util.find_spec("pandas")]
    with tempfile.TemporaryDirectory(prefix="baosong-bench-") as folder:
        for rows in map(int, options.rows.split(",")):
            file = Path(folder) / f"濮阳县{rows}.xlsx"
            write_form(file, rows)
            print(f"\n{rows} rows, {file.stat().st_size / 1e6:.1f} MB", flush=True)
            _compare(file, readers, options.rounds)
    return 0


def write_form(file: Path, rows: int) -> None:
    """The form: title, header line, column names, rows."""
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "濮阳县学习类APP统计备案表")
        sheet.write_row(1, 0, ("填报单位：濮阳县教育局", "", "", "", "", "填报时间：2020年2月27日"))
        sheet.write_row(2, 0, COLUMNS)
        for number, row in enumerate(_rows(rows), 3):
            for column, value in enumerate(row.values):
                sheet.write_string(number, column, value)


def _rows(count: int) -> Iterator[AppRow]:
    """Every school with forty apps; names of people and phones are others in each row, as in no real return."""
    rng = random.Random(51)
    of = county("PYX")
    apps = [(f"学习软件{n}号", f"北京第{n % 25 + 1}教育科技有限公司", filing_number(rng, "11")) for n in range(_APPS)]
    names = schools(rng, of)
    for number in range(count):
        app, operator, filing = apps[number % _APPS]
        place = number // _APPS
        school = names[place % len(names)] + (f"第{place // len(names)}分校" if place >= len(names) else "")
        yield AppRow(
            unit=of.name, school=school, app=app, operator=operator, contact=contact(rng), phone=mobile(rng),
            function="作业布置、批改，课堂互动", filed="是", number=filing,
        )  # fmt: skip


def _compare(file: Path, readers: Sequence[str], rounds: int) -> None:
    print(f"{'':<20}{'seconds':>9}{'CPU':>9}{'x':>7}{'MB':>7}{'above':>7}{'cells':>10}  outcome")
    runs: dict[str, list[Taken]] = {name: [] for name in readers}
    for _ in range(rounds):
        for name in readers:  # side by side: a slow minute of the machine is everybody's
            runs[name].append(_run(name, file))
    least = statistics.median(taken.seconds for taken in runs[readers[0]])
    for name, taken in runs.items():
        seconds = statistics.median(each.seconds for each in taken)
        cpu = statistics.median(each.cpu for each in taken)
        most = max(each.peak for each in taken)
        above = max(each.peak - each.before for each in taken)
        print(
            f"{name:<20}{seconds:>9.2f}{cpu:>9.2f}{seconds / least:>7.1f}{most / 1e6:>7.0f}{above / 1e6:>7.0f}"
            f"{taken[-1].cells or '':>10}  {taken[-1].outcome}",
            flush=True,
        )


def _run(name: str, file: Path) -> Taken:
    done = subprocess.run(
        [sys.executable, "-m", "bench.workbook_readers", name, str(file)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr[-2000:]}")
    return Taken(**json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    sys.exit(main())
