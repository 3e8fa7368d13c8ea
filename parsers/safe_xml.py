"""Parses the XML of workbooks, which strangers wrote: no entities, no network, no document types."""

from __future__ import annotations

from lxml import etree

from parsers.grid import Unreadable


def parse_xml(content: bytes) -> etree._Element:
    """The root of the tree, without comments. Raises Unreadable."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"damaged XML: {error.msg}") from error
