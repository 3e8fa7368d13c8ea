"""A return with pictures that waits for a person, for tests of the console's pages about submissions."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import cv2
import numpy as np
from fastapi.testclient import TestClient
from httpx import Response

from domain.cover import Box, Cover
from domain.sheet import Sheet
from tests.builders import seal
from tests.console_desk import Desk, token_on
from tests.parts import file_of, printed, workbook

RECEIPT = "PY51-PYX-20200227-01"
UPRIGHT = Box(x0=0.25, y0=0.5, x1=0.375, y1=0.5625)
PHONE = "13912345678"
SHEET = workbook()
FILE = SHEET.sha256


def jpeg(width: int, height: int) -> bytes:
    return bytes(cv2.imencode(".jpg", np.full((height, width, 3), 250, dtype=np.uint8))[1])


_MADE = {hashlib.sha256(data).hexdigest(): data for data in (jpeg(200, 100), jpeg(50, 50), b"\x89PNG\r\n\x1a\n rim")}
PICTURE, SEAL, RIM = _MADE


def worn_scan(sheet: Sheet = SHEET, label: str = "worn scan") -> Cover:
    """A page that prints the workbook, with a seal that nobody can read."""
    made = seal("", legible=False, confidence=0.2, picture=SEAL, rim_picture=RIM, upright=UPRIGHT)
    page = printed(sheet, made)
    cells = tuple(replace(cell, upright=UPRIGHT) for cell in page.cells)
    return file_of(replace(page, picture=PICTURE, cells=cells), label=label)


def return_to_review(there: Desk) -> None:
    """濮阳县's return comes in, and a person has to look at its seal. The first mail, letter and task are about it."""
    there.here.reader.pictures = dict(_MADE)
    there.here.mail("m1", SHEET, worn_scan())
    there.here.run()
    assert there.here.cases() == {RECEIPT: "review"}


def post(browser: TestClient, path: str, **fields: str) -> Response:
    return browser.post(path, data={"csrf": token_on(browser.get("/account"))} | fields)


def decision(browser: TestClient, verdict: str, reason: str, **fields: str) -> Response:
    """As the form of the page sends it."""
    found = re.search(r'name="seen" value="(\d+)"', browser.get(f"/cases/{RECEIPT}").text)
    assert found
    return post(browser, f"/cases/{RECEIPT}/decision", verdict=verdict, reason=reason, **{"seen": found[1]} | fields)
