"""Parses the XML of workbooks, which strangers wrote: no entities, no network, no document types."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TypedDict

from lxml import etree

from parsers.grid import Unreadable


class _Options(TypedDict):
    resolve_entities: bool
    no_network: bool
    load_dtd: bool
    huge_tree: bool
    remove_comments: bool


_SAFE = _Options(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True)


def parse_xml(content: bytes) -> etree._Element:
    """The root of the tree, without comments. Raises Unreadable."""
    try:
        return etree.fromstring(content, etree.XMLParser(**_SAFE))
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"damaged XML: {error.msg}") from error


def each_element(content: bytes, tag: str) -> Iterator[etree._Element]:
    """The elements of that name in their order, each thrown away once the next is asked for. Raises Unreadable."""
    try:
        for _, element in etree.iterparse(io.BytesIO(content), events=("end",), tag=tag, **_SAFE):
            yield element
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"damaged XML: {error.msg}") from error
