"""Shared strings taken by a pattern and by a tree say the same; what only looks like a string is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.grid import Unreadable
from parsers.xlsx_strings import MAIN, shared_strings

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
ITEMS = (
    "<si><t>濮阳县</t></si>",
    '<si><t xml:space="preserve"> 第一中学 </t></si>',
    '<si><t>钉钉</t><phoneticPr fontId="1" type="noConversion"/></si>',
    "<si><t>甲&amp;乙</t></si>",
    "<si><t>甲\r\n乙</t></si>",
    "<si><r><t>甲</t></r><r><rPr><b/></rPr><t>乙</t></r><rPh sb='0' eb='1'><t>ア</t></rPh></si>",
    "<si><t></t></si>",
    "<si><t/></si>",
    "<si/>",
    "<si><t>_x005F_x000D_</t></si>",
    "\n",
)


def part(items: str, head: str = HEAD) -> bytes:
    return f'{head}<sst xmlns="{MAIN}" count="9" uniqueCount="9">{items}</sst>'.encode()


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(ITEMS), max_size=12).map("".join), st.sampled_from(["", HEAD, "\ufeff", "\ufeff" + HEAD])
)
def test_both_ways_of_reading_give_the_same(items: str, head: str) -> None:
    assert shared_strings(part(items, head)) == shared_strings(part(f"<!-- -->{items}", head))


PLAIN = "<si><t>甲</t></si>"
ODD = {
    "comment": part(f"<!--{PLAIN}-->{PLAIN}"),
    "marked section": part(f"<si><t><![CDATA[{PLAIN}]]></t></si>"),
    "in another element": part(f"<x>{PLAIN}</x>"),
    "in a string": part(f"<si>{PLAIN}<t>乙</t></si>"),
    "of another namespace": f'<sst xmlns="urn:other">{PLAIN}</sst>'.encode(),
    "with a prefix": f'<x:sst xmlns:x="{MAIN}"><x:si><x:t>乙</x:t></x:si></x:sst>'.encode(),
    "in another encoding": part(PLAIN, '<?xml version="1.0" encoding="gb18030"?>').decode().encode("gb18030"),
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_what_is_of_another_make_is_left_to_the_tree(content: bytes) -> None:
    """A comment makes the pattern step aside."""
    end = content.rindex(b"</")
    assert shared_strings(content) == shared_strings(content[:end] + b"<!-- -->" + content[end:])


@pytest.mark.parametrize("text", ["\x01", "\ufffe", "\uffff", "<", "&", "&none;"])
def test_what_is_no_xml_is_damage(text: str) -> None:
    with pytest.raises(Unreadable):
        shared_strings(part(f"{PLAIN}<si><t>{text}</t></si>"))


def test_a_part_that_is_cut_short_is_damage() -> None:
    with pytest.raises(Unreadable):
        shared_strings(part(PLAIN * 3).removesuffix(b"</sst>"))


def test_many_strings_of_another_make_are_read_with_the_others() -> None:
    assert shared_strings(part((PLAIN + "<si><t>&lt;</t></si>") * 1500)) == ["甲", "<"] * 1500
