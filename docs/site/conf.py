"""How Sphinx builds the site for bureaus (`make docs`): Chinese, without anything from elsewhere, also to be read from a folder."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from config.notices import load_notice  # noqa: E402
from docs.site.rule_pages import rules  # noqa: E402
from docs.site.words import Pairs  # noqa: E402

project = "报送"
html_title = "报送"
language = "zh_CN"
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence"]
exclude_patterns: list[str] = []
pygments_style = "friendly"
highlight_language = "none"

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
html_show_search_summary = False  # it asks for the pages by fetch, which browsers refuse in a folder
html_theme_options = {
    "light_css_variables": {"font-stack": "var(--hans)"},
    "dark_css_variables": {"font-stack": "var(--hans)"},
}
html_permalinks_icon = "¶"


THEME_WORDS = {
    "Next": "下一页",
    "Previous": "上一页",
    "Home": "首页",
    "Contents": "本页内容",
    "On this page": "本页内容",
    "Back to top": "回到页首",
    "Menu": "目录",
    "Expand": "展开",
    "Light mode": "浅色",
    "Dark mode": "深色",
    "Auto light/dark, in light mode": "随系统，现在是浅色",
    "Auto light/dark, in dark mode": "随系统，现在是深色",
    "Skip to content": "跳到正文",
    "Made with": "制作工具：",
    "Toggle site navigation sidebar": "打开或关闭目录",
    "Toggle table of contents sidebar": "打开或关闭本页内容",
    "Toggle Light / Dark / Auto color theme": "切换深浅颜色",
}
_FENCED = re.compile(r"(^ *```.*?^ *```\n)", re.MULTILINE | re.DOTALL)
_BROKEN = re.compile(r"(?<=[\u4e00-\u9fff，。：；、）”])\n *(?=[\u4e00-\u9fff（“])")
"""A line's end within a sentence: browsers make a space of it, which Chinese has none of."""


def _read(app: Sphinx, name: str, source: list[str]) -> None:
    """The page of rules is made of the catalogue each time it is built, and of the notices that `BAOSONG_NOTICES` names (files,
    parted by spaces), so that letters about a rule of their own find it too."""
    notices = [load_notice(Path(file)) for file in os.environ.get("BAOSONG_NOTICES", "").split()]
    text = source[0] + rules(notices) if name == "rules" else source[0]
    parts = _FENCED.split(text)  # every second one is a block of code
    source[0] = "".join(part if at % 2 else _BROKEN.sub("", part) for at, part in enumerate(parts))


def _in_chinese(app: Sphinx, fault: Exception | None) -> None:
    """The theme speaks English where it speaks itself, and has no translation into Chinese."""
    for page in Path(app.outdir).glob("*.html") if fault is None else ():
        text = page.read_text(encoding="utf-8")
        for english, chinese in THEME_WORDS.items():
            text = re.sub(rf">\s*{english}\s*<", f">{chinese}<", text).replace(f'="{english}"', f'="{chinese}"')
        page.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_search_language(Pairs)
    app.connect("source-read", _read)
    app.connect("build-finished", _in_chinese)
    return {"parallel_read_safe": True}
