"""What `bench.workbooks` runs in processes of their own, so that time and memory of each are its own.

`python -m bench.workbook_readers calamine|pandas|openpyxl|openpyxl-read-only|ours|answered FILE` reads the workbook and prints `Taken`.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from email.message import EmailMessage
from email.policy import SMTP
from multiprocessing import forkserver
from pathlib import Path

from bench.intake_clients import peak, resident


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a reader needed: `seconds` of the clock and `cpu` of all its processes, without imports; memory in bytes, of its
    largest process, and what that had before it began."""

    cells: int
    seconds: float
    cpu: float
    peak: int
    before: int
    outcome: str = ""


def main(arguments: Sequence[str]) -> int:
    reader, file = arguments
    print(json.dumps(asdict(READERS[reader](Path(file)))))
    return 0


def _timed(work: Callable[[], int | str]) -> Taken:
    before = resident()
    begun, cpu = time.perf_counter(), _cpu()
    result = work()
    seconds, spent = time.perf_counter() - begun, _cpu() - cpu
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    cells, outcome = (result, "") if isinstance(result, int) else (0, result)
    most = max(peak(), children)
    return Taken(cells=cells, seconds=seconds, cpu=spent, peak=most, before=before, outcome=outcome)


def _cpu() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system + _of_the_sandbox()


def _of_the_sandbox() -> float:
    """Children of the sandbox are those of its fork server, which waits for them: what it and they took is told of it."""
    server = getattr(forkserver._forkserver, "_forkserver_pid", None)
    if server is None:
        return 0.0
    fields = Path(f"/proc/{server}/stat").read_text().rpartition(") ")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def calamine(file: Path) -> Taken:
    """Bare: the values of every sheet, thrown away."""
    from python_calamine import CalamineWorkbook

    def work() -> int:
        book = CalamineWorkbook.from_path(file)
        rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
        return sum(value != "" for row in rows for value in row)

    return _timed(work)


def pandas(file: Path) -> Taken:
    """As most people do it: `read_excel`, every cell a text."""
    from pandas import read_excel

    def work() -> int:
        frames = read_excel(file, sheet_name=None, header=None, dtype=str).values()
        return int(sum(frame.notna().sum().sum() for frame in frames))

    return _timed(work)


def openpyxl(file: Path, *, read_only: bool = False) -> Taken:
    """The values of every sheet; `read_only`: row by row as its documentation advises for large ones."""
    from openpyxl import load_workbook

    def work() -> int:
        book = load_workbook(file, read_only=read_only, data_only=True)
        rows = (row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True))
        return sum(value is not None for row in rows for value in row)

    return _timed(work)


def ours(file: Path) -> Taken:
    """Read as the sandbox's child reads it: the form found, each cell with address and kind of phone."""
    from domain.sheet import SheetFailure
    from parsers.workbook import read_workbook
    from tests.builders import NOTICE

    def work() -> int | str:
        gc.disable()  # as there
        data = file.read_bytes()
        sheet = read_workbook(data, name=file.name, sha256=hashlib.sha256(data).hexdigest(), form=NOTICE.form,
                              area_code=NOTICE.area_code)  # fmt: skip
        if isinstance(sheet, SheetFailure):
            return f"{sheet.code}: {sheet.detail}"
        return sum(text != "" for row in sheet.rows for text in row.texts)

    return _timed(work)


def answered(file: Path) -> Taken:
    """The whole way of a mail with this workbook and no scan: stored, opened and read in the sandbox, checked, its case and
    letter recorded. What the search needs of so many rows is put in after that: told beside the outcome, and in the memory."""
    from config.logging import configure_logging
    from config.settings import load_settings
    from ingest import children
    from ingest.app import build
    from ingest.indexing import index_waiting
    from ingest.passes import PassReport
    from ingest.replaying import replay

    configure_logging(json_lines=True, level=50)
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "pyx@example.org", "77222415@example.org", "濮阳县报送"
    mail["Message-ID"], mail["Date"] = "<large@example.org>", "Thu, 27 Feb 2020 15:30:00 +0800"
    mail.set_content("请查收。")
    mail.add_attachment(file.read_bytes(), maintype="application", subtype="octet-stream", filename=file.name)
    with tempfile.TemporaryDirectory(prefix="baosong-bench-") as name:
        (Path(name) / "mail.eml").write_bytes(bytes(mail))
        with build(load_settings(None, environment={}).model_copy(update={"base": Path(name)})) as app:
            app.database.upgrade()
            app.sandbox.decode(children.library_job)  # else what its server imports would be counted
            report = PassReport()

            def work() -> str:
                [told] = replay(app, [Path(name) / "mail.eml"], None, report)
                app.sandbox.close()
                if report.failures:
                    raise SystemExit("; ".join(report.failures))
                return " ".join(f"{receipt} {state}" for receipt, state in told.cases) or told.disposition

            taken, begun = _timed(work), time.perf_counter()
            index_waiting(app)
            found = f"{taken.outcome}, in the search after {time.perf_counter() - begun:.1f} s more"
            return replace(taken, outcome=found, peak=max(taken.peak, peak()))


def openpyxl_read_only(file: Path) -> Taken:
    return openpyxl(file, read_only=True)


READERS: dict[str, Callable[[Path], Taken]] = {
    "calamine": calamine,
    "pandas": pandas,
    "openpyxl": openpyxl,
    "openpyxl-read-only": openpyxl_read_only,
    "ours": ours,
    "answered": answered,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
