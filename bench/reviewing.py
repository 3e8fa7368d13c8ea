"""How much of ten minutes do 30 cases of the review queue take from staff? `python -m bench.reviewing [--cases 30] [--rows 18]`

So many returns wait whose seal nobody can read, each with a page of a scanner's size and a table of so many rows. A browser
(Debian's Chromium, over HTTP on loopback) opens the queue and clears it with the keys: a reason, then accept or send back in turn.
Told are the seconds of each case from the key that decided the one before until the next stands there with its pictures: what the
machine takes. What is left of ten minutes is for the person to look. Pages and verdicts are made, not read: reading is done
long before anybody opens the queue. Exit status 1 when the machine takes more than a tenth of the ten minutes, or a case is
not decided as its key says.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Page, sync_playwright

from bench.arguments import positive
from bench.visitor import NAME, PASSWORD
from config.logging import configure_logging
from domain.accounts import Role
from domain.cover import Box, Cover
from domain.sheet import Sheet
from ingest import users
from tests.builders import NOTICE, seal
from tests.office import Office, office
from tests.parts import file_of, printed, workbook
from web.server import serving_console

WHOLE = 600.0
_SHOWN = "() => [...document.querySelectorAll('main img')].every(image => image.complete || image.loading === 'lazy')"
"""Pictures further down load when somebody scrolls to them."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=positive, default=30)
    parser.add_argument("--rows", type=positive, default=18)
    options = parser.parse_args()
    browser = shutil.which("chromium")
    if browser is None:
        print("chromium is not installed", file=sys.stderr)
        return 2
    configure_logging(json_lines=False, level=logging.CRITICAL)
    with (
        tempfile.TemporaryDirectory(prefix="baosong-reviewing-") as folder,
        office(Path(folder), web={"port": 0}) as here,
    ):
        _fill(here, options.cases, options.rows)
        users.add(here.app, NAME, "", Role.STAFF, PASSWORD, by="staff:bench")
        with sync_playwright() as driver, serving_console(here.app) as port:
            started = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            page = started.new_page(viewport={"width": 1280, "height": 800})
            _log_in(page, port)
            seconds = list(_clear(page, port, options.cases))
            started.close()
        return _told(seconds, Counter(here.cases().values()))


def _fill(here: Office, cases: int, rows: int) -> None:
    """Units take turns; a unit's later return is another version with other rows."""
    listed = [reporter for reporter in NOTICE.reporters if not reporter.bureau_run]
    here.reader.pictures = dict(_PICTURES)
    for number in range(cases):
        unit = listed[number % len(listed)].name
        changes = [
            {"unit": unit, "school": f"{unit}第{number + 1}中学"},
            *(
                {"unit": unit, "school": f"{unit}第{row}小学", "app": f"第{number + 1}应用"}
                for row in range(2, rows + 1)
            ),
        ]
        sheet = workbook(
            *changes, label=f"workbook {number}", name=f"{unit}.xlsx", unit=f"{unit}教育局",
            title=f"{unit}学习类APP统计备案表",
        )  # fmt: skip
        here.mail(f"m{number}", sheet, _worn(sheet, number), at=here.now + timedelta(minutes=number))
    here.run(after=timedelta(minutes=cases))
    waiting = sum(state == "review" for state in here.cases().values())
    assert waiting == cases, here.cases()


def _worn(sheet: Sheet, number: int) -> Cover:
    """A page that prints the workbook, with a seal that nobody can read."""
    made = seal("", legible=False, confidence=0.2, picture=_SEAL, rim_picture=_RIM, upright=_at(0.6, 0.6))
    page = printed(sheet, made)
    cells = tuple(replace(cell, upright=_at(0.06 + 0.1 * cell.column, 0.2 + 0.02 * cell.row)) for cell in page.cells)
    return file_of(replace(page, picture=_PAGE, cells=cells), label=f"scan {number}")


def _at(x: float, y: float) -> Box:
    return Box(x0=x, y0=y, x1=x + 0.1, y1=y + 0.02)


def _jpeg(width: int, height: int) -> bytes:
    """Grainy, as paper is: an even page would be a tenth of the bytes."""
    grain = np.random.default_rng(1).normal(244, 5, (height, width, 3)).clip(0, 255).astype(np.uint8)
    return bytes(cv2.imencode(".jpg", grain, [cv2.IMWRITE_JPEG_QUALITY, 80])[1])


_PICTURES = {hashlib.sha256(data).hexdigest(): data for data in (_jpeg(1654, 2339), _jpeg(500, 500), _jpeg(1500, 90))}
_PAGE, _SEAL, _RIM = _PICTURES


def _log_in(page: Page, port: int) -> None:
    page.goto(f"http://127.0.0.1:{port}/login")
    page.fill("#name", NAME)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"http://127.0.0.1:{port}/")


def _clear(page: Page, port: int, cases: int) -> Iterator[float]:
    """→ seconds until each case stood there."""
    begun = time.perf_counter()
    page.goto(f"http://127.0.0.1:{port}/queue")
    for number in range(cases):
        page.wait_for_selector(f"text=共{cases - number}件")
        page.wait_for_function(_SHOWN)
        yield time.perf_counter() - begun
        reason, verdict = ("1", "a") if number % 2 == 0 else ("4", "r")
        page.keyboard.press(reason)
        begun = time.perf_counter()
        page.keyboard.press(verdict)
    page.wait_for_selector("text=没有要核对的材料")
    yield time.perf_counter() - begun


def _told(seconds: list[float], states: Counter[str]) -> int:
    cases, whole = len(seconds) - 1, sum(seconds)
    print(f"{cases} cases: {', '.join(f'{number} {state}' for state, number in sorted(states.items()))}")
    print(f"the machine's seconds a case: median {statistics.median(seconds):.2f}, longest {max(seconds):.2f}")
    print(f"all: {whole:.1f} s of {WHOLE:.0f}; left for the person: {(WHOLE - whole) / cases:.1f} s a case, and 2 keys")
    undecided = states["review"] + states["incomplete"]
    return int(whole > WHOLE / 10 or undecided > 0)


if __name__ == "__main__":
    sys.exit(main())
