"""What a search looks for in a text: its *grams*, the same on every database.

A text is folded (`fold`) and cut into runs of letters and digits. Of a run of Chinese (or any script but ASCII) the grams are its
single characters and its overlapping pairs; of a run of ASCII also its triples, since of digits there are but ten. So whatever
stands in a text, one character or thirty, has all its grams among those of the text. The reverse need not hold (`ab`, `bc`
may stand apart), so the folded literal is looked for in what the grams found. The text's own words are not needed: nobody
has to know where a Chinese word ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from domain.text import normalise

PART = "\n"
"""Between the parts of a text (the cells of a row): nothing is found across it."""

_RUN = re.compile(r"[0-9a-z]+|[^\W_0-9a-z]+")
_ASCII_GRAM, _WIDE_GRAM = 3, 2
_NO_SIGN = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d{6,}")
_LONGEST_IDENTIFIER = 80
_HASH = re.compile("[0-9a-f]{8,64}")
_WITH_COUNTRY = re.compile(r"(?:00)?86(\d{10,11})")
_LONGEST_QUERY = 200


@dataclass(frozen=True, kw_only=True)
class Literal:
    """A word of a query: its folded `text` must occur; `grams` are those by which it is found. `exact`: the one gram says it
    all, and nothing else need be looked at."""

    text: str
    grams: tuple[str, ...]

    @property
    def exact(self) -> bool:
        return self.grams == (self.text,)


@dataclass(frozen=True, kw_only=True)
class Keys:
    """What a query is when it is an identifier: whole ones, and beginnings of hashes."""

    whole: tuple[str, ...]
    beginnings: tuple[str, ...]


def fold(text: str) -> str:
    """The form in which texts are compared: each part as `normalise` has it (no white space, one width), without case."""
    return PART.join(filter(None, map(_folded, text.split(PART))))


def _folded(part: str) -> str:
    return normalise(normalise(part).casefold())


def grams(folded: str) -> tuple[str, ...]:
    """All grams of a folded text, each once."""
    found: dict[str, None] = {}
    for run in _RUN.findall(folded):
        found.update(_of_run(run))
    return tuple(found)


@lru_cache(maxsize=4096)
def _of_run(run: str) -> dict[str, None]:
    """Names of schools and apps come again in every version of a return."""
    sizes = range(1, _size(run) + 1)
    return dict.fromkeys(run[start : start + size] for size in sizes for start in range(len(run) - size + 1))


def literals(query: str) -> tuple[Literal, ...]:
    """The words of a query, parted by white space: each must occur. Raises ValueError where it has neither letter nor digit,
    or is too long to be meant."""
    if len(query) > _LONGEST_QUERY:
        raise ValueError(f"a query of more than {_LONGEST_QUERY} characters")
    words = (Literal(text=text, grams=tuple(_needed(text))) for text in map(_folded, query.split()) if text)
    found = tuple(dict.fromkeys(words))
    if not any(word.grams for word in found):
        raise ValueError("a query without a letter or digit")
    return found


def _needed(folded: str) -> Iterator[str]:
    """The longest grams: the shorter ones follow from them."""
    for run in dict.fromkeys(_RUN.findall(folded)):
        size = min(_size(run), len(run))
        yield from dict.fromkeys(run[start : start + size] for start in range(len(run) - size + 1))


def _size(run: str) -> int:
    return _ASCII_GRAM if run[0].isascii() else _WIDE_GRAM


def identifiers(folded: str) -> frozenset[str]:
    """Numbers by which somebody may look for a text as a whole: every part that holds at least six digits (a telephone or
    filing number, a receipt), without its signs, and every run of so many digits."""
    parts = (part for part in folded.split(PART) if len(part) <= _LONGEST_IDENTIFIER)
    whole = {_bare(part) for part in parts if sum(map(str.isdigit, part)) >= 6}
    return frozenset(whole | set(_NUMBER.findall(folded)))


def hash_identifier(sha256: str) -> str:
    return f"#{sha256}"


def message_identifier(message_id: str) -> str:
    """Of a Message-ID, with or without its angle brackets."""
    return f"@{_folded(message_id).strip('<>')}"


def keys(query: str) -> Keys:
    """As which identifiers a whole query may be meant."""
    folded = _folded(query)
    bare = _bare(folded)
    whole = [bare] if bare else []
    if abroad := _WITH_COUNTRY.fullmatch(bare):
        whole.append(abroad[1])
    if "@" in folded:
        whole.append(message_identifier(query))
    beginnings = [hash_identifier(bare)] if _HASH.fullmatch(bare) else []
    return Keys(whole=tuple(whole), beginnings=tuple(beginnings))


def _bare(folded: str) -> str:
    return _NO_SIGN.sub("", folded)


@dataclass(frozen=True, kw_only=True)
class Snippet:
    """A piece (`span`: from, to) of a text on one `line`; `marks` are the places in `text` that the query named."""

    line: str
    span: tuple[int, int]
    marks: tuple[tuple[int, int], ...]

    @property
    def text(self) -> str:
        return self.masked(lambda line: line)

    def masked(self, mask: Callable[[str], str]) -> str:
        """`text` as `mask` leaves it, which keeps every sign's place. It is given the whole line: of a number that the piece
        cuts off, what is left looks like none."""
        start, end = self.span
        line = mask(self.line)
        return f"{'…' if start else ''}{line[start:end]}{'…' if end < len(line) else ''}"


def snippet(text: str, words: tuple[Literal, ...], *, width: int = 48) -> Snippet:
    """Some `width` characters of the text round the first of the words."""
    shown, folded, places = _aligned(text)
    found = sorted(_found(folded, places, words))
    first = found[0][0] if found else 0
    start = max(0, min(first - width // 4, len(shown) - width))
    end = min(len(shown), start + width)
    shift = (1 if start else 0) - start
    marks = tuple((a + shift, min(b, end) + shift) for a, b in found if start <= a < end)
    return Snippet(line=shown, span=(start, end), marks=marks)


def _aligned(text: str) -> tuple[str, str, list[int]]:
    """The text on one line, its folded characters, and for each of these the character it came from. Folded singly, so that a
    letter with a mark of its own behind it may not be found: then it is shown without emphasis."""
    shown, folded, places = "", "", list[int]()
    for part in text.split(PART):
        shown += " | " if shown else ""
        piece = " ".join(part.split())
        singles = [*map(_letter, piece)]
        if all(singles) and sum(map(len, singles)) == len(piece):  # one for one, as nearly always
            places += range(len(shown), len(shown) + len(piece))
        else:
            places += [at for at, single in enumerate(singles, len(shown)) for _ in single]
        folded += "".join(singles) + PART
        shown += piece
        places.append(len(shown))
    return shown, folded, places


@lru_cache(maxsize=8192)
def _letter(letter: str) -> str:
    return _folded(letter)


def _found(folded: str, places: list[int], words: tuple[Literal, ...]) -> Iterator[tuple[int, int]]:
    for word in words:
        at = folded.find(word.text)
        while at >= 0:
            yield places[at], places[at + len(word.text) - 1] + 1
            at = folded.find(word.text, at + len(word.text))
