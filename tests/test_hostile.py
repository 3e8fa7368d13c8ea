"""Whatever is sent, its sender hears what is wrong with it, and the next mail is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ingest.reading import Reader
from parsers.limits import Limits
from tests.hostile import Case
from tests.hostile import mails as m
from tests.hostile import workbooks as w
from tests.hostile.cases import CASES
from tests.hostile.reading import ORIGIN, DecodersAlone, outcome, reader
from tests.mail_making import opened

LIMITS = Limits(file_bytes=5_000_000, unpacked_bytes=20_000_000, pages=3)
"""Those of time and memory are as delivered."""


@pytest.fixture(scope="module")
def reads() -> Iterator[Reader]:
    with DecodersAlone(LIMITS) as sandbox:
        yield reader(sandbox, LIMITS)


@pytest.fixture(scope="module")
def hasty() -> Iterator[Reader]:
    """For what nobody waits out: its time is up soon."""
    limits = replace(LIMITS, parse_seconds=4)
    with DecodersAlone(limits) as sandbox:
        yield reader(sandbox, limits)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_is_told_and_does_no_harm(case: Case, reads: Reader, hasty: Reader) -> None:
    read = (hasty if case.endless else reads).read(case.make(1), sha256="0" * 64, origin=ORIGIN)
    assert outcome(read) in case.outcomes


def test_after_all_of_them_a_good_mail_is_read(reads: Reader) -> None:
    read = reads.read(m.carrying(("表.xlsx", w.good())), sha256="0" * 64, origin=ORIGIN)
    assert (outcome(read), read.deaths) == ("1 sheet", ())


def test_what_an_entity_would_have_brought_is_not_there(reads: Reader) -> None:
    for doctype in (w.OUTSIDE, w.DTD_OUTSIDE):
        read = reads.read(m.carrying(("表.xlsx", w.entities(doctype))), sha256="0" * 64, origin=ORIGIN)
        assert "root:" not in repr(read.incoming)


def test_a_look_alike_address_is_another_address() -> None:
    facts = opened(m.look_alike()).facts
    assert facts.sender != "zhang@qq.com"
    assert facts.sender_name == "Zhang@QQ.com"
