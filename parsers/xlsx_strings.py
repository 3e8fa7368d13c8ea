"""The shared strings of an .xlsx. Nearly every program writes nearly every string in one way: those are taken by a pattern, at its
speed, and the others by a tree; `tests/test_xlsx_strings.py` holds that both give the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from parsers.grid import Unreadable
from parsers.safe_xml import each_element

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_T, _R, _ITEM = f"{{{MAIN}}}t", f"{{{MAIN}}}r", f"{{{MAIN}}}si"
_HEAD = re.compile(
    rb'(?:\xef\xbb\xbf)?(?:<\?xml version="1\.0"(?: encoding="(?:UTF|utf)-8")?(?: standalone="(?:yes|no)")?\?>)?\s*'
    rb'<sst(?: (?:count|uniqueCount)="\d{1,9}")*+ xmlns="'
    + re.escape(MAIN.encode())
    + rb'"(?: (?:count|uniqueCount)="\d{1,9}")*+>'
)
_PLAIN = re.compile(
    rb'<si><t(?: xml:space="preserve")?>([^<>&\r\x00-\x08\x0b\x0c\x0e-\x1f]*+)</t>(?:<phoneticPr(?: \w{1,20}="\w{0,20}")*+/>)?</si>'
)
_NO_CHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
"""In no XML: U+FFFE and U+FFFF."""
_END = b"</sst>"
_MOST_OTHERS = 1_000
"""So many groups of other strings between plain ones are read by themselves; with more, the whole is."""


def shared_strings(content: bytes) -> list[str]:
    """The texts in their order. Raises Unreadable."""
    found = _by_pattern(content)
    texts = (text_of(item) for item in each_element(content, _ITEM)) if found is None else found
    # x005F is the escape of an underscore that would begin another escape (22.4.2.4)
    return [text.replace("x005F_", "") for text in texts]


def text_of(element: etree._Element) -> str:
    """The text of a string (18.4.8): as it is, or in runs; readings of characters (rPh) are none of it."""
    runs = (run.findtext(_T) for run in element.iterchildren(_R))
    return (element.findtext(_T) or "") + "".join(filter(None, runs))


def _by_pattern(content: bytes) -> list[str] | None:
    """None where it is not surely the same as the tree would tell: comments and marked sections, another encoding, damage."""
    head = _HEAD.match(content)
    end = content.rfind(_END)
    if head is None or end < 0 or content[end + len(_END) :].strip() or any(map(content.count, _NO_CHARACTERS)):
        return None
    if content.find(b"<!") >= 0 or content.find(b"<?", 4) >= 0:  # before that stands the declaration
        return None
    try:
        return list(_texts(content, head.end(), end))
    except (Unreadable, UnicodeDecodeError):
        return None


def _texts(content: bytes, start: int, end: int) -> Iterator[str]:
    """Raises Unreadable for what cannot be read by itself."""
    others = 0
    for match in _PLAIN.finditer(content, start, end):
        if match.start() > start:
            others += 1
            if others > _MOST_OTHERS:
                raise Unreadable("strings of another make")
            yield from _others(content[start : match.start()])
        yield match[1].decode()
        start = match.end()
    yield from _others(content[start:end])


def _others(content: bytes) -> Iterator[str]:
    if content:
        part = b'<sst xmlns="' + MAIN.encode() + b'">' + content + _END
        yield from map(text_of, each_element(part, _ITEM))
