"""Makes the pictures of the site: the console and letters as they are, over the demo's mails: `python docs/make_pictures.py`.

With `--store FOLDER` it looks at what a demo left there (`baosong demo --dir FOLDER --once`), else it runs one first, which takes
minutes. Needs Debian's chromium and fonts-noto-cjk.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import openpyxl
from openpyxl.worksheet.datavalidation import DataValidation
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from domain.accounts import Role
from ingest import demo, users
from ingest.app import build
from ingest.health import note_beat
from ingest.loopback import LoopbackMail
from ingest.scheduler import one_pass
from tests.console_desk import NAMES, PASSWORD
from tests.office import settings
from web.server import serving_console

HERE = Path(__file__).resolve().parent / "site" / "img"
WIDTH, SCALE = 1280, 1.2
_PATIENCE = 240_000
"""Milliseconds: a form is read and tried in processes of their own."""
COLOURS = 256
"""So many keep the red of a seal beside the greys of its scan, and the pictures small."""


def _nothing(page: Page) -> None:
    """The page as it opens."""


@dataclass(frozen=True, kw_only=True)
class Shot:
    """A page of the console as a role sees it, after `before`; so many CSS pixels of its height."""

    name: str
    path: str
    height: int
    role: Role = Role.STAFF
    before: Callable[[Page], None] = _nothing


def _verify(page: Page) -> None:
    page.get_by_role("button", name="立即核对").click()
    page.get_by_text("全部相符").first.wait_for()
    page.reload()


def _bundle(page: Page) -> None:
    page.get_by_label("回执号").fill("PY51-QFX-20200226-01")
    page.get_by_role("button", name="制作证据包").click()
    page.get_by_role("button", name="下载").first.wait_for()


def _drafted(page: Page) -> None:
    """A bureau's blank form, handed in."""
    page.set_input_files("#form", files=[{"name": "安全隐患排查统计表.xlsx", "mimeType": "", "buffer": _blank_form()}])
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="下一步：预览").wait_for()


def _columns(page: Page) -> None:
    _drafted(page)
    page.locator("legend", has_text="各列").evaluate("one => one.scrollIntoView()")


def _previewed(page: Page) -> None:
    _drafted(page)
    for key, text in DRAFTED.items():
        page.locator(f'[name="q.{key}"]').fill(text)
    page.get_by_role("button", name="下一步：预览").click()
    page.get_by_role("button", name="发布").wait_for()


DRAFTED = {
    "number": "甲教安〔2026〕3号",
    "bureau": "甲市教育局",
    "mailbox": "bureau@example.cn",
    "deadline": "2026-12-15 18:00",
    "reporters": "甲县 jx@example.cn\n乙县 yx@example.cn\n丙区 bq@example.cn",
    "area_code": "0371",
}


def _blank_form() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["A2"], sheet["F2"] = (
        "XX县学校安全隐患排查情况统计表",
        "填报单位：      （盖章）",
        "填报日期：2026年X月X日",
    )
    sheet.merge_cells("A1:H1")
    names = ("序号", "学校名称", "学校类别", "排查日期", "隐患数", "已整改数", "安全负责人", "联系电话")
    for column, name in enumerate(names, 1):
        sheet.cell(3, column, name)
    choices = DataValidation(type="list", formula1='"小学,初中,高中,中职,幼儿园"')
    choices.add("C4:C200")
    sheet.add_data_validation(choices)
    sheet["A5"] = "注：已整改数不得大于隐患数。"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


SHOTS = (
    Shot(name="draft-start", path="/notices/new", height=760),
    Shot(name="draft-form", path="/notices/new", height=900, before=_columns),
    Shot(name="draft-preview", path="/notices/new", height=900, before=_previewed),
    Shot(name="overview", path="/", height=760),
    Shot(name="notice", path="/notices/puyang-2020-51", height=760),
    Shot(name="queue", path="/queue", height=720),
    Shot(name="case", path="/cases/PY51-QFX-20200226-01", height=760),
    Shot(name="search", path="/search?q=智学网", height=620),
    Shot(name="rules", path="/rules#g-row", height=620),
    Shot(name="audit", path="/audit", height=600, role=Role.AUDITOR, before=_verify),
    Shot(name="bundles", path="/audit/bundles", height=520, role=Role.AUDITOR, before=_bundle),
)
LETTERS = {"reply-accepted": ("【受理】",), "reply-rejected": ("【退回】", "一、电子表", "电话：")}
"""Picture → words that are in the letter it shows; the shortest such letter is taken."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, help="folder that a demo left")
    parser.add_argument("--only", nargs="*", default=[], help="names of pictures; all where none is given")
    given = parser.parse_args()
    store: Path | None = given.store
    with tempfile.TemporaryDirectory(prefix="baosong-pictures-") as scratch:
        folder = Path(scratch) / "demo"
        samples = demo.sample_folder()
        if samples is None:
            raise SystemExit("the sample mails are not there")
        if store:
            shutil.copytree(store, folder)
        else:
            demo.run_demo(folder, samples, lambda day, count: print(f"{day}: {count} mails", flush=True))
        now = max(mail.received_at for mail in samples.mails) + timedelta(minutes=9)
        _all(folder, lambda: now, set(given.only) or {shot.name for shot in SHOTS} | set(LETTERS))


def _all(folder: Path, clock: Callable[[], object], wanted: set[str]) -> None:
    HERE.mkdir(exist_ok=True)
    with (
        LoopbackMail(letters_dir=folder / "later") as provider,
        build(settings(folder, provider, web={"port": 0}), clock=clock, pace_sending=False) as app,  # type: ignore[arg-type]
    ):
        app.database.upgrade()
        one_pass(app)
        note_beat(app, app.clock())
        for role, name in NAMES.items():
            users.add(
                app,
                name,
                {Role.STAFF: "张敏", Role.AUDITOR: "李红", Role.ADMIN: "王强"}[role],
                role,
                PASSWORD,
                by="staff:root",
            )
        with sync_playwright() as driver, serving_console(app) as port:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            shots = [shot for shot in SHOTS if shot.name in wanted]
            for role in {shot.role for shot in shots}:
                _console(browser, f"http://127.0.0.1:{port}", [shot for shot in shots if shot.role is role])
            for name, words in LETTERS.items() if wanted & set(LETTERS) else ():
                _letter(browser, name, _reply(folder / "replies", words))
            browser.close()


def _console(browser: Browser, address: str, shots: list[Shot]) -> None:
    """The shots of one role."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": 800}, device_scale_factor=SCALE, locale="zh-CN", color_scheme="light"
    )
    page = context.new_page()
    page.set_default_timeout(_PATIENCE)
    page.goto(f"{address}/login")
    page.fill("#name", NAMES[shots[0].role])
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    for shot in shots:
        page.goto("about:blank")  # a mere change of the anchor loads no page
        page.set_viewport_size({"width": WIDTH, "height": shot.height})
        page.goto(f"{address}{shot.path}")
        shot.before(page)
        page.wait_for_load_state("networkidle")
        _keep(shot.name, page.screenshot())
    context.close()


def _reply(folder: Path, words: tuple[str, ...]) -> Path:
    """The shortest letter with all the words: what stands in the picture shall be legible."""
    letters = (path for path in sorted(folder.glob("*.html")) if path.name != "index.html")
    found = [path for path in letters if all(word in path.read_text(encoding="utf-8") for word in words)]
    return min(found, key=lambda path: path.stat().st_size)


def _letter(browser: Browser, name: str, file: Path) -> None:
    context = browser.new_context(viewport={"width": 700, "height": 400}, device_scale_factor=SCALE)
    page = context.new_page()
    page.goto(file.resolve().as_uri())
    _keep(name, page.screenshot(full_page=True))
    context.close()


def _keep(name: str, png: bytes) -> None:
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, kmeans=2, dither=Image.Dither.NONE)
    picture.save(HERE / f"{name}.png", optimize=True)
    print(
        f"{name}.png: {picture.size[0]}x{picture.size[1]}, {(HERE / f'{name}.png').stat().st_size // 1024} KB",
        flush=True,
    )


if __name__ == "__main__":
    main()
