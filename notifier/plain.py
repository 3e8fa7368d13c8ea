"""A stranger's text made fit for one line of a letter: nothing that breaks lines, turns the reading order or is unseen."""

from __future__ import annotations

import unicodedata

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co"})
"""Unicode categories without a look of their own: controls (CR, LF, NUL), bidi overrides and zero width signs,
lone surrogates (which no charset can carry), private use."""


def one_line(text: str, limit: int | None = None) -> str:
    """`text` on one line, white space runs as one space; at most `limit` characters, a cut shown as `…`."""
    spaced = " ".join(text.split())
    # Unseen signs may stand between two spaces, hence the second join.
    seen = " ".join("".join(sign for sign in spaced if unicodedata.category(sign) not in _DROPPED).split())
    if limit is None or len(seen) <= limit:
        return seen
    return seen[: limit - 1].rstrip() + "…"
