"""Whose turn a mail takes: by the address in From, whatever else the bytes are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.lanes import head_of, lane_key, lanes_of_address

_WANG = "wang@example.cn"
_PASSED = b"Authentication-Results: mx.qq.com; dmarc=pass header.from=example.cn\r\n"


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
    assert head_of(raw, "").address == _WANG


@pytest.mark.parametrize(
    "raw", [b"", b"Subject: a\r\n\r\nFrom: wang@example.cn", b"From: nobody\r\n\r\n", b"From:" + b"a" * 100_000]
)
def test_what_names_nobody_shares_a_lane(raw: bytes) -> None:
    assert head_of(raw, "").address == lane_key("", vouched=False) == ""


@settings(deadline=None)  # the first that asks for a registered domain reads the list of them
@given(
    st.binary(max_size=400),
    st.sampled_from([b"From:", b"From: a@", b"\nFrom: <", b"\r\n\r\n", b"References: <", _PASSED + b"From: "]),
)
def test_no_bytes_are_too_strange(noise: bytes, start: bytes) -> None:
    head = head_of(start + noise, "mx.qq.com")
    assert len(lane_key(head.address, vouched=head.proven)) in (0, 16)


@pytest.mark.parametrize(
    ("raw", "trusted", "proven"),
    [
        (_PASSED + b"From: wang@example.cn\r\n\r\n", "mx.qq.com", True),
        (_PASSED + b"From: wang@example.cn\r\n\r\n", "", False),
        (_PASSED + b"From: wang@example.cn\r\n\r\n", "mx.other.cn", False),
        (_PASSED + b"From: wang@elsewhere.cn\r\n\r\n", "mx.qq.com", False),
        (b"From: wang@example.cn\r\n" + _PASSED + b"\r\n", "mx.qq.com", False),
        (_PASSED + b"From: li@example.cn, wang@example.cn\r\n\r\n", "mx.qq.com", False),
        (_PASSED + b"From: li@example.cn\r\nFrom: wang@example.cn\r\n\r\n", "mx.qq.com", False),
        (_PASSED.replace(b"pass", b"fail") + b"From: wang@example.cn\r\n\r\n", "mx.qq.com", False),
        (
            b"Received: from pc by mail.evil.example\r\n" + _PASSED + b"From: wang@example.cn\r\n\r\n",
            "mx.qq.com",
            False,
        ),
    ],
)
def test_what_the_trusted_receiver_vouches_for(raw: bytes, trusted: str, proven: bool) -> None:
    assert head_of(raw, trusted).proven is proven


def test_the_thread_that_is_quoted() -> None:
    raw = b"From: wang@example.cn\r\nReferences: <a@b>\r\n <c@d>\r\nIn-Reply-To: <c@d>\r\n\r\n<e@f>"
    assert head_of(raw, "").quoted == ("<a@b>", "<c@d>")


def test_an_address_has_two_lanes() -> None:
    assert len(lanes_of_address("Wang@example.cn")) == 2
    assert lanes_of_address("Wang@example.cn") == lanes_of_address(_WANG)
