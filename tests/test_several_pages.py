"""Scans of several pages through the real reader: a covering letter first, the covers of two counties in one file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from PIL import Image

from config.settings import load_settings
from domain.judge import Decision
from domain.submission import State
from ingest.app import App, build
from ingest.checking import read_as_mail
from tests.builders import RECEIVED
from tests.parts import Desk, codes
from tests.shell import attachments

pytestmark = pytest.mark.sqlite  # nothing is recorded
DPI = 200
SENDER = "clerk@example.cn"
PUYANG, TAIQIAN, FAN_BY_QINGFENG = "02-accepted.eml", "17-no-seal.eml", "14-wrong-seal.eml"
TAIQIAN_STAMPED = "09-bad-cells.eml"
LETTER = ("To the municipal bureau of education", "We hereby submit the table that you asked for", "26 February 2020")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("app")
    toml = folder / "baosong.toml"
    toml.write_text('[notices]\nactive = ["puyang-2020-51"]\n', encoding="utf-8")
    with build(load_settings(toml)) as made:
        yield made


def workbook_of(mail: str, folder: Path) -> tuple[str, bytes]:
    [path] = (each for each in attachments(mail, folder) if each.suffix == ".xlsx")
    return path.name, path.read_bytes()


def scan_of(mail: str, folder: Path) -> bytes:
    """The scanned page of a sample, a PDF."""
    [path] = (each for each in attachments(mail, folder) if each.suffix == ".pdf")
    return path.read_bytes()


def letter(seal_of: str, folder: Path) -> bytes:
    """A page of a few lines, under the seal that stands on a sample's scan, as a PDF."""
    page = np.full((int(11.7 * DPI), int(8.3 * DPI), 3), 252, dtype=np.uint8)
    for at, line in enumerate(LETTER):
        cv2.putText(page, line, (200, 400 + 120 * at), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (20, 20, 20), 3, cv2.LINE_AA)
    document = pypdfium2.PdfDocument(scan_of(seal_of, folder))
    source = np.asarray(document[0].render(scale=DPI / 72).to_pil().convert("RGB"), dtype=np.int16)
    document.close()
    red = source[:, :, 0] - np.maximum(source[:, :, 1], source[:, :, 2]) > 30
    rows, columns = np.where(red)
    low, high = np.percentile(rows, (0.5, 99.5)).astype(int), np.percentile(columns, (0.5, 99.5)).astype(int)
    part = np.where(red[..., None], source, 252)[low[0] - 4 : low[1] + 4, high[0] - 4 : high[1] + 4]
    page[900 : 900 + part.shape[0], 900 : 900 + part.shape[1]] = part.astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(page).save(out, "PDF", resolution=DPI, quality=90)
    return out.getvalue()


def bound(*pages: bytes) -> bytes:
    """The pages of several PDFs in one, none encoded anew."""
    whole = pypdfium2.PdfDocument.new()
    for page in pages:
        document = pypdfium2.PdfDocument(page)
        whole.import_pages(document)
        document.close()
    out = io.BytesIO()
    whole.save(out)
    whole.close()
    return out.getvalue()


def decided(app: App, *files: tuple[str, bytes]) -> dict[str | None, Decision]:
    """The decisions on one mail with these files, by reporter."""
    incoming = read_as_mail(app.reader, files, sender=SENDER, received_at=RECEIVED).incoming
    made = Desk(known=frozenset({SENDER})).take_all(incoming)
    return {decision.submission.reporter: decision for decision in made}


def test_a_covering_letter_under_another_seal_stands_before_the_cover(app: App, tmp_path: Path) -> None:
    scanned = bound(letter(FAN_BY_QINGFENG, tmp_path), scan_of(PUYANG, tmp_path))
    case = decided(app, workbook_of(PUYANG, tmp_path), ("盖章扫描件.pdf", scanned))["PYX"].submission
    assert (case.state, codes(case)) == (State.ACCEPTED, set())
    assert case.findings and (case.findings.page, case.findings.pages) == (2, (2,))
    assert case.cover and [seal.text for page in case.cover.reading.pages for seal in page.seals] == [  # type: ignore[union-attr]
        "清丰县教育局",
        "濮阳县教育局",
    ]


def test_a_seal_on_the_covering_letter_alone_does_not_stamp_the_form(app: App, tmp_path: Path) -> None:
    scanned = bound(letter(TAIQIAN_STAMPED, tmp_path), scan_of(TAIQIAN, tmp_path))
    case = decided(app, workbook_of(TAIQIAN, tmp_path), ("盖章扫描件.pdf", scanned))["TQX"].submission
    assert (case.state, codes(case)) == (State.REJECTED, {"cover.unstamped"})
    assert "第1页上的公章不在这张表上" in case.problems[0].message


def test_two_counties_in_one_file_are_each_judged_by_their_own_page(app: App, tmp_path: Path) -> None:
    scanned = bound(scan_of(PUYANG, tmp_path), scan_of(TAIQIAN, tmp_path))
    files = [workbook_of(TAIQIAN, tmp_path), workbook_of(PUYANG, tmp_path), ("两县盖章扫描件.pdf", scanned)]
    found = decided(app, *files)
    assert {code: one.submission.state for code, one in found.items()} == {
        "PYX": State.ACCEPTED,
        "TQX": State.REJECTED,
    }
    assert codes(found["TQX"].submission) == {"cover.unstamped"}
    for page, code in ((1, "PYX"), (2, "TQX")):
        case = found[code].submission
        assert case.findings and case.findings.page == page
        assert [file.name for file in case.files].count("两县盖章扫描件.pdf") == 1
