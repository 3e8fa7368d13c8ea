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


_BROKEN = re.compile(r"(?<=[\u4e00-\u9fff，。：；、）”])\n *(?=[\u4e00-\u9fff（“])")
"""A line's end within a sentence: browsers make a space of it, which Chinese has none of."""


def _read(app: Sphinx, name: str, source: list[str]) -> None:
    """The page of rules is made of the catalogue each time it is built, and of the notices that `BAOSONG_NOTICES` names (files,
    parted by spaces), so that letters about a rule of their own find it too."""
    notices = [load_notice(Path(file)) for file in os.environ.get("BAOSONG_NOTICES", "").split()]
    text = source[0] + rules(notices) if name == "rules" else source[0]
    source[0] = _BROKEN.sub("", text)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_search_language(Pairs)
    app.connect("source-read", _read)
    return {"parallel_read_safe": True}
