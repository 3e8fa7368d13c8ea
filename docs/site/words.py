"""How the site's search takes Chinese apart: into pairs of neighbouring characters, in the index and in what is asked.

Sphinx would take jieba, which has had no release since 2020, and without it finds whole runs of Chinese alone.
"""

from __future__ import annotations

import re
from itertools import pairwise

from sphinx.search import SearchLanguage

_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9_.]+")


class Pairs(SearchLanguage):
    """电话号码 is 电话, 话号, 号码; a single character is itself; Latin words stay whole."""

    lang = "zh"
    language_name = "Chinese"
    js_splitter_code = """
function splitQuery(query) {
  const found = [];
  for (const run of query.toLowerCase().match(/[\\u3400-\\u9fff]+|[a-z0-9_.]+/g) || []) {
    if (run.length < 2 || run[0] < "\\u3400") { found.push(run); continue; }
    for (let at = 0; at + 1 < run.length; at++) found.push(run.slice(at, at + 2));
  }
  return found;
}
"""

    def split(self, input: str) -> list[str]:
        found: list[str] = []
        for run in _RUN.findall(input.lower()):
            chinese = run[0] >= "\u3400"
            found += [one + other for one, other in pairwise(run)] if chinese and len(run) > 1 else [run]
        return found

    def word_filter(self, word: str) -> bool:
        return bool(word)
