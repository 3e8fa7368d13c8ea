"""The site for bureaus: every command, setting, page, button and picture it names is there, it builds without a warning, needs nothing
from elsewhere, opens from a folder, and the counties' guide prints on one page."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from cli import main as command_line
from config.settings import load_settings
from docs.site.rule_pages import rules
from domain.catalogue import CATALOGUE
from notifier.subjects import MARKS
from tests import test_values
from tests.test_docs import TABLES
from web.console import RULES

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "docs" / "site"
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(SITE.glob("*.md"))}
TEXT = "\n".join(PAGES.values())
CODE = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", TEXT)
"""What stands in the text as code."""
BLOCKS = re.findall(r"^ *```(\w+)\n(.*?)^ *```", TEXT, re.MULTILINE | re.DOTALL)
CHROMIUM = shutil.which("chromium")
needs_browser = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="Debian's chromium is not installed"
)


def typed() -> list[str]:
    """What stands behind the prompt of every terminal in the pages."""
    blocks = (block for kind, block in BLOCKS if kind == "console")
    return [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines() if line.strip()]


def names_of_console() -> str:
    """All that the console's pages can say."""
    files = [*(ROOT / "web").rglob("*.html"), *(ROOT / "web").rglob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("line", [line for line in typed() if line.startswith("baosong ")])
def test_every_command_is_one_that_the_program_takes(line: str) -> None:
    command, words = command_line.baosong, shlex.split(line)[1:]
    context = click.Context(command)
    while isinstance(command, click.Group):
        assert words, line
        found = command.get_command(context, words[0])
        assert found is not None, f"{line}: no command {words[0]}"
        context = click.Context(found, parent=context, info_name=words.pop(0))
        command = found
    values, rest, _ = command.make_parser(context).parse_args(words)
    assert rest == []
    for parameter in command.params:
        given = values.get(parameter.name)
        if parameter.required:
            assert isinstance(given, str) or (isinstance(given, tuple | list) and given), f"{line}: {parameter.name}"
        if isinstance(given, str) and not isinstance(parameter.type, click.Path):
            parameter.type.convert(given, parameter, context)


def test_what_is_typed_is_ours_or_the_bundles_own() -> None:
    assert {line.split()[0] for line in typed()} == {"baosong", "python3"}
    assert (ROOT / "ingest" / "bundle_kit" / "verify.py").exists()
    assert {line.split()[1] for line in typed() if line.startswith("python3")} == {"verify.py"}


def test_every_setting_is_one_that_the_program_knows(tmp_path: Path) -> None:
    named = [found for code in CODE if (found := re.fullmatch(r"\[(\w+)\](?: (\w+))?", code))]
    assert len(named) >= 8
    for table, key in (found.groups() for found in named):
        assert key in TABLES[table].model_fields, f"[{table}] {key}"
    for block in (block for kind, block in BLOCKS if kind == "toml"):
        file = tmp_path / "baosong.toml"
        file.write_text(block, encoding="utf-8")
        assert tomllib.loads(block).keys() <= load_settings(file, {}).model_fields_set


def test_every_page_of_the_console_is_there() -> None:
    paths = {rule.path for rule in RULES if rule.method == "GET"}
    named = {code for code in CODE if re.fullmatch(r"/[a-z/]*", code)}
    assert named and named <= paths


def test_what_is_bold_can_be_read_on_the_console() -> None:
    """Bold is what buttons, links and headings of the console say, and on the counties' page what must not be overlooked."""
    said = names_of_console()
    bold = {words for name, text in PAGES.items() if name != "counties" for words in re.findall(r"\*\*(.+?)\*\*", text)}
    assert bold
    assert {words for words in bold if words not in said} == set()


def test_marks_of_letters_and_codes_are_those_of_the_program() -> None:
    assert set(re.findall(r"【(.+?)】", TEXT)) <= set(MARKS.values())
    codes = {
        code for code in CODE if re.fullmatch(r"[a-z]+\.[a-z_]+", code) and not code.endswith((".toml", ".html", ".py"))
    }
    assert codes and codes <= set(CATALOGUE)


def test_every_picture_is_used_and_there() -> None:
    used = set(re.findall(r"\{image\} img/(\S+)", TEXT))
    assert used == {path.name for path in (SITE / "img").iterdir()}


def test_nothing_of_one_notice_is_on_the_pages() -> None:
    assert not re.search("濮阳|清丰|范县|台前|华龙|南乐|濮教|学习类APP", TEXT)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-E",
        "-d",
        folder / "doctrees",
        SITE,
        folder / "html",
    ]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    return folder / "html"


def test_the_command_of_the_makefile_is_the_one_that_is_tested() -> None:
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "-m sphinx -q -W --keep-going docs/site build/site" in made


def test_every_rule_has_its_own_anchor(built: Path) -> None:
    page = (built / "rules.html").read_text(encoding="utf-8")
    for code, entry in CATALOGUE.items():
        assert page.count(f'id="{code}"') == 1
        assert entry.name in page and entry.why in page


def test_a_notices_own_rules_are_on_the_page_that_is_built_with_it() -> None:
    again = replace(test_values.NOTICE, id="again", number="又一个通知")
    page = rules([test_values.NOTICE, again])
    assert f"## {test_values.NOTICE.number}自己的规则" in page and "## 又一个通知自己的规则" in page
    for rule in test_values.NOTICE.own_rules:
        assert page.count(f'id="{rule.code}"') == 1
    assert 'id="row.required"' in page


def test_nothing_comes_from_elsewhere(built: Path) -> None:
    """No script, style, font or picture but those in the folder."""
    for page in built.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|img|source|iframe)[^>]+src="([^"]+)"|<link[^>]+href="([^"]+)"', text)
        assert [address for pair in loaded for address in pair if re.match(r"(?:[a-z]+:)?//", address)] == [], page.name
    for style in built.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", style.read_text(encoding="utf-8")), style.name


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without a network; whatever its console complains of fails the test."""
    context = browser.new_context(offline=True, locale="zh-CN")
    made, complaints = context.new_page(), []
    made.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    made.on("requestfailed", lambda request: complaints.append(request.url))
    yield made
    context.close()
    assert complaints == []


@needs_browser
def test_it_opens_from_a_folder_and_every_link_leads_on(built: Path, page: Page) -> None:
    for name in PAGES:
        page.goto((built / f"{name}.html").as_uri())
        assert page.locator("h1").count() == 1
        for link in page.locator("article a[href]").evaluate_all("all => all.map(one => one.href)"):
            target, _, anchor = link.removeprefix("file://").partition("#")
            assert Path(target).is_file(), link
            assert not anchor or f'id="{anchor}"' in Path(target).read_text(encoding="utf-8"), link
        assert page.evaluate("[...document.images].every(one => one.complete && one.naturalWidth > 0)")


@needs_browser
@pytest.mark.parametrize(
    ("words", "found"), [("科学计数法", False), ("授权码", True), ("电话", True), ("row.phone_invalid", True)]
)
def test_the_search_finds_chinese_from_a_folder(built: Path, page: Page, words: str, found: bool) -> None:
    page.goto(f"{(built / 'search.html').as_uri()}?q={words}")
    page.locator("#search-results p").first.wait_for()
    page.wait_for_function("!document.querySelector('#search-results h2')?.textContent.includes('正在')")
    assert (page.locator("#search-results ul.search li").count() > 0) == found


@needs_browser
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_sticks_out(built: Path, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for name in PAGES:
        page.goto((built / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


@needs_browser
def test_the_counties_guide_prints_on_one_page(built: Path, page: Page, tmp_path: Path) -> None:
    file = tmp_path / "guide.pdf"
    page.goto((built / "counties.html").as_uri())
    page.pdf(path=file, format="A4", prefer_css_page_size=True)
    printed = pypdfium2.PdfDocument(file)
    assert len(printed) == 1
    text = printed[0].get_textpage().get_text_range()
    assert "五步完成" in text and "换邮箱重报" in text, "from its first words to its last"
    assert "目录" not in text, "nothing of the frame round the page"
