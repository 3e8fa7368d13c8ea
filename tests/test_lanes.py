"""Whose turn a mail takes: by the address in From, whatever else the bytes are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.lanes import lane_of

_WANG = lane_of(b"From: wang@example.cn\r\n\r\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: a\r\nFrom: =?utf-8?B?546L?= <Wang@Example.cn>\r\nTo: b@example.cn\r\n\r\nbody",
        b"from:wang@example.cn\n\nFrom: li@example.cn\n",
        b'From : "li@example.cn"\r\n\t<wang@example.cn>\r\n\r\n',
        b"Received: from li@example.cn\r\nFrom:\r\n wang@example.cn\r\n\r\n",
    ],
)
def test_who_wrote_it_by_the_last_address_of_from(raw: bytes) -> None:
    assert lane_of(raw) == _WANG and len(_WANG) == 16


@pytest.mark.parametrize(
    "raw", [b"", b"Subject: a\r\n\r\nFrom: wang@example.cn", b"From: nobody\r\n\r\n", b"From:" + b"a" * 100_000]
)
def test_what_names_nobody_shares_a_lane(raw: bytes) -> None:
    assert lane_of(raw) == ""


@given(st.binary(max_size=400), st.sampled_from([b"From:", b"From: a@", b"\nFrom: <", b"\r\n\r\n"]))
def test_no_bytes_are_too_strange(noise: bytes, start: bytes) -> None:
    assert len(lane_of(start + noise)) in (0, 16)
