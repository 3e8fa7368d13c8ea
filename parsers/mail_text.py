"""Turns the body of a mail into plain text, and finds in it what the sender wrote and linked to."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

MAX_SOURCE = 2_000_000
"""Characters of a body that are looked at."""

_LINES = frozenset(
    {
        "p",
        "div",
        "br",
        "tr",
        "table",
        "ul",
        "ol",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "hr",
        "pre",
        "section",
        "article",
        "header",
        "footer",
        "dl",
        "dt",
        "dd",
    }
)
_CELLS = frozenset({"td", "th"})
_SKIPPED = frozenset({"script", "style", "head", "title"})
_TAG = re.compile(r"/?([a-zA-Z][a-zA-Z0-9:]{0,30})")
_HREF = re.compile(r"""\bhref\s{0,5}=\s{0,5}(?:"([^"]{0,4000})"|'([^']{0,4000})'|([^\s>"']{1,4000}))""", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>\"'，。；、）)】]{4,2000}", re.IGNORECASE)

_QUOTE_STARTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\s*[-—_=]{2,40}\s{0,5}(?:原始邮件|原邮件|原始信件|转发邮件|转发的邮件|回复的原邮件|original message|original"
        r"|forwarded message|forwarded mail|original mail)[^\n]{0,40}",
        r"\s*(?:在|于)?\s{0,3}\d{4}\s{0,3}[-年/.][^\n]{1,200}(?:写道|wrote)\s{0,3}[:：]?\s*",
        r"\s*(?:在|于)[^\n]{4,200}写道\s{0,3}[:：]\s*",
        r"\s*(?:On|At|Am|Le)\s[^\n]{6,200}\b(?:wrote|schrieb|écrit)\s{0,3}[:：]\s*",
        r"\s*At\s\d{4}-\d\d-\d\d[^\n]{0,200}",
    )
)
_QUOTE_HEADER = re.compile(r"\s*\**(?:发件人|寄件者|寄件人|From)\**\s{0,5}[:：]", re.IGNORECASE)
_QUOTE_HEADER_NEXT = re.compile(
    r"\s*\**(?:发送时间|发送日期|日期|时间|收件人|主题|寄件日期|Sent|Date|To|Subject)\**\s{0,5}[:：]", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link: its address, the text it stands under, and its place in the text."""

    url: str
    text: str
    place: int


@dataclass(frozen=True, kw_only=True)
class BodyText:
    """A body as plain text; quoted blocks of HTML start their lines with `> `."""

    text: str
    links: tuple[Link, ...] = ()


def from_plain(text: str) -> BodyText:
    text = text[:MAX_SOURCE].replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    links = (Link(url=match[0], text="", place=match.start()) for match in _URL.finditer(text))
    return BodyText(text=text, links=tuple(links))


def from_html(source: str) -> BodyText:
    """HTML as a person sees it, roughly. Runs in linear time on anything; links have their anchor's text."""
    reader = _HtmlReader()
    for is_tag, piece in _pieces(source[:MAX_SOURCE].replace("\0", "")):
        if is_tag:
            reader.tag(piece)
        else:
            reader.words(html.unescape(piece))
    return reader.result()


def own_text(text: str) -> str:
    """What the sender wrote: `text` up to the first quoted original, without lines that start with `>`."""
    lines = text.split("\n")
    kept: list[str] = []
    for number, line in enumerate(lines):
        if _starts_quote(line, lines[number + 1 : number + 4]):
            break
        if not line.lstrip().startswith((">", "＞")):
            kept.append(line)
    return "\n".join(kept)


def quote_place(text: str) -> int:
    """Where the quoted original starts in `text`, its length if there is none."""
    place = 0
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.startswith("> ") or _starts_quote(line, lines[number + 1 : number + 4]):
            return place
        place += len(line) + 1
    return len(text)


def _starts_quote(line: str, following: list[str]) -> bool:
    line = line[:400]
    if any(pattern.fullmatch(line) for pattern in _QUOTE_STARTS):
        return True
    if not _QUOTE_HEADER.match(line):
        return False
    return any(_QUOTE_HEADER_NEXT.match(later[:400]) for later in following)


def _pieces(source: str) -> list[tuple[bool, str]]:
    """(is a tag, its inside or the text between) in order; comments and the insides of skipped elements left out."""
    pieces: list[tuple[bool, str]] = []
    lower = source.lower()
    unclosed: set[str] = set()
    place = 0
    while place < len(source):
        start = source.find("<", place)
        if start < 0:
            pieces.append((False, source[place:]))
            break
        if start > place:
            pieces.append((False, source[place:start]))
        if source.startswith("<!--", start):
            end = source.find("-->", start)
            place = end + 3 if end >= 0 else len(source)
            continue
        if source[start + 1 : start + 2] not in ("/", "!", "?") and not source[start + 1 : start + 2].isalpha():
            pieces.append((False, "<"))
            place = start + 1
            continue
        end = source.find(">", start)
        if end < 0:
            break
        pieces.append((True, source[start + 1 : end]))
        place = _after_skipped(lower, _tag_name(source[start + 1 : end]), end + 1, unclosed)
    return pieces


def _after_skipped(lower: str, name: str, place: int, unclosed: set[str]) -> int:
    """The place behind a skipped element's inside. `unclosed` keeps the scan linear: what never closes is sought once."""
    if name not in _SKIPPED or name in unclosed:
        return place
    closing = lower.find("</" + name, place)
    if closing < 0:
        unclosed.add(name)
        return place
    return closing


def _tag_name(tag: str) -> str:
    """Lower-case name of an opening tag, "" for others."""
    match = _TAG.match(tag)
    return match[1].lower() if match and not tag.startswith("/") else ""


class _HtmlReader:
    """Collects text piece by piece; mutable, and alive only inside `from_html`."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._length = 0
        self._quoted = 0
        self._at_line_start = True
        self._href = ""
        self._anchor: list[str] = []
        self._anchor_place = 0
        self._links: list[Link] = []

    def tag(self, tag: str) -> None:
        match = _TAG.match(tag)
        if not match:
            return
        name, closing = match[1].lower(), tag.startswith("/")
        if name in _LINES:
            self._new_line(always=name == "br")
        elif name in _CELLS and not closing and not self._at_line_start:
            self._put("\t")
        if name == "blockquote":
            self._quoted = max(0, self._quoted + (-1 if closing else 1))
        if name == "a":
            self._end_link()
            if not closing and (href := _HREF.search(tag)):
                self._href = html.unescape(href[1] or href[2] or href[3] or "").strip()
                self._anchor_place = self._length

    def words(self, text: str) -> None:
        text = re.sub(r"\s+", " ", text.replace("\xa0", " "))
        if self._at_line_start:
            text = text.lstrip()
        if not text:
            return
        if self._at_line_start and self._quoted:
            self._put("> ")
        self._put(text)
        self._at_line_start = False
        if self._href:
            self._anchor.append(text)
        else:
            urls = _URL.finditer(text)
            self._links.extend(Link(url=url[0], text="", place=self._length - len(text) + url.start()) for url in urls)

    def result(self) -> BodyText:
        self._end_link()
        return BodyText(text="".join(self._out).rstrip(), links=tuple(self._links))

    def _end_link(self) -> None:
        if self._href:
            self._links.append(Link(url=self._href, text="".join(self._anchor).strip(), place=self._anchor_place))
        self._href = ""
        self._anchor = []

    def _new_line(self, *, always: bool) -> None:
        if always or not self._at_line_start:
            self._put("\n")
        self._at_line_start = True

    def _put(self, text: str) -> None:
        self._out.append(text)
        self._length += len(text)
