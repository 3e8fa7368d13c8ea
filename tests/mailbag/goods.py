"""What the mails of the bag bring: workbooks of the first notice's form, and scans whose reading is known beforehand."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import img2pdf
from PIL import Image

from domain.cover import Cover, ReadCover
from domain.sheet import Sheet
from ingest.children import DECODED
from ingest.cover_answer import pack
from parsers.workbook import read_workbook
from samples.maker.mails import File
from tests.builders import NOTICE
from tests.forms import plain_cells, save
from tests.office import Office
from tests.parts import scan

ROWS = (
    ("{unit}", "{unit}第一中学", "智学网", "科大讯飞股份有限公司", "李晓明", "13912345678", "作业", "是", "教APP备3400001号"),
    ("{unit}", "{unit}第二小学", "钉钉", "钉钉（中国）信息技术有限公司", "韩梅", "0393-8812345", "直播", "是", "教APP备3300007号"),
    ("{unit}", "{unit}第三小学", "一起小学学生", "上海合煦信息科技有限公司", "王强", "13700001111", "", "是", "教APP备3100035号"),
)  # fmt: skip
COVERS: dict[str, Cover] = {}
"""SHA-256 of a scan's bytes → what the recogniser reads on it."""


@cache
def book(unit: str = "濮阳县", *changes: tuple[str, object], name: str = "") -> File:
    """A workbook of the county with three clean rows; `changes` (address, value) on top: A1 title, A2 and F2 header, names
    in row 3, rows from 4 on. None empties a cell."""
    return File(name=name or f"{unit}学习类APP统计备案表.xlsx", data=save(cells(unit, *changes)))


def cells(unit: str, *changes: tuple[str, object]) -> dict[str, object]:
    rows = [[str(value).format(unit=unit) for value in row] for row in ROWS]
    made = plain_cells(rows, unit=f"{unit}教育局") | {"A1": f"{unit}学习类APP统计备案表"} | dict(changes)
    return {address: value for address, value in made.items() if value is not None}


def reading(file: File) -> Sheet:
    """The workbook as our own reader reads it."""
    read = read_workbook(file.data, name=file.name, sha256="0" * 64, form=NOTICE.form, area_code=NOTICE.area_code)
    assert isinstance(read, Sheet), read
    return read


def cover(of: File, *, unit: str = "濮阳县", name: str = "扫描.jpg", seal: str | None = None, **page: Any) -> File:
    """A picture that reads as the stamped first page of the workbook; `seal` "" for one without. As .pdf where the name says so."""
    made = scan(reading(of), label=name, seal=f"{unit}教育局" if seal is None else seal, **page)
    if seal == "":
        made = replace(made, pages=tuple(replace(each, seals=()) for each in made.pages))
    return known(made, name)


def known(read: Cover, name: str) -> File:
    """A picture of its own that reads so."""
    mark = hashlib.sha256(repr(read).encode()).digest()
    data = picture(mark)
    if name.lower().endswith(".pdf"):
        data = img2pdf.convert(data, nodate=True)
    COVERS[hashlib.sha256(data).hexdigest()] = read
    return File(name=name, data=data, media="application/pdf" if name.endswith("pdf") else "image/jpeg")


def picture(mark: bytes, width: int = 900, height: int = 700) -> bytes:
    """A JPEG that differs from others by `mark`: large enough to be a page."""
    image = Image.new("RGB", (width, height), "white")
    for at, value in enumerate(mark):
        image.paste((value, 255 - value, 128), (20 * at, 0, 20 * at + 20, height))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def zipped(files: Sequence[File], name: str = "报送材料.zip", *, gbk: bool = False, folder: str = "") -> File:
    """A zip as Windows makes it (`gbk`: names in GBK without the UTF-8 flag), or as others do."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            # What zipfile writes in cp437 without a flag are then the bytes of GBK.
            inner = f"{folder}{file.name}"
            info = zipfile.ZipInfo(inner.encode("gb18030").decode("cp437") if gbk else inner)
            archive.writestr(info, file.data)
    return File(name=name, data=out.getvalue(), media="application/zip")


class ReadBefore:
    """Stands in for the sandbox: decoders run here and now, and covers were read beforehand."""

    def decode(self, job: Any, *args: Any, **_: Any) -> bytes:
        answer: bytes = job(*args)
        return answer

    def recognise(self, job: Any, decoded: bytes, names: Any, **_: Any) -> bytes:
        meta = DECODED.validate_json(decoded)
        read = COVERS.get(meta.sha256) or Cover(file=meta.file, sha256=meta.sha256, pages=(), page_count=1)
        return pack(ReadCover(cover=replace(read, file=meta.file, sha256=meta.sha256), pictures={}))

    def close(self) -> None:
        """Nothing is open."""


def reading_before(here: Office) -> Office:
    """The office with the real reader, whose covers were read beforehand."""
    here.app._reader = None
    here.app._sandbox = ReadBefore()  # type: ignore[assignment]
    return here
