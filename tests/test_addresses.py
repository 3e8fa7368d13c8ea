"""Addresses are compared by their exact letters, and those that look like others are named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.addresses import canonical, shown, strange_letters
from domain.letters import may_see_content
from parsers.mail_addresses import people_of
from tests.parts import Desk, mail, workbook


@pytest.mark.parametrize(
    ("written", "one"),
    [
        ("Zhang.San@QQ.com", "zhang.san@qq.com"),
        (" a@b.cn ", "a@b.cn"),
        ("\u212aevin@qq.com", "\u212aevin@qq.com"),  # the Kelvin sign is no k
        ("ZH\u0410NG@qq.com", "zh\u0410ng@qq.com"),
        ("jyj@教育.中国", "jyj@xn--wcvs22d.xn--fiqs8s"),
        ("jyj@ｑｑ．com", "jyj@qq.com"),  # DNS has one domain of these two
        ("a@XN--WCVS22D.cn", "a@xn--wcvs22d.cn"),
        ("a@" + "x" * 70 + "é.cn", "a@" + "x" * 70 + "é.cn"),
        ("a@..é", "a@..é"),
        ("nobody", "nobody"),
        ("", ""),
    ],
)
def test_one_spelling(written: str, one: str) -> None:
    assert canonical(written) == one
    assert canonical(one) == one


@given(st.text(max_size=30))
def test_any_text_has_one_spelling(text: str) -> None:
    shown(canonical(text))
    strange_letters(canonical(text))


@pytest.mark.parametrize(
    ("address", "letters"),
    [
        ("zhangsan@qq.com", ()),
        ("张三@教育.中国", ()),
        ("zh\u0430ngsan@qq.com", ("\u0430 U+0430 CYRILLIC SMALL LETTER A",)),
        (
            "\u0430\u043e\u0430@qq.com",
            ("\u0430 U+0430 CYRILLIC SMALL LETTER A", "\u043e U+043E CYRILLIC SMALL LETTER O"),
        ),
        ("a@\u0430qq.com", ("\u0430 U+0430 CYRILLIC SMALL LETTER A",)),
        ("l\u200bi@qq.com", ("\u200b U+200B ZERO WIDTH SPACE",)),
        ("\u212aevin@qq.com", ("\u212a U+212A KELVIN SIGN",)),
    ],
)
def test_letters_that_may_be_taken_for_others(address: str, letters: tuple[str, ...]) -> None:
    assert strange_letters(canonical(address)) == letters


def test_a_domain_in_letters_of_dns_is_shown_as_it_is_read() -> None:
    assert shown("a@xn--80ak6aa92e.com") == "a@\u0430\u0440\u0440\u04cf\u0435.com"
    assert shown("a@xn--\u0430.com") == "a@xn--\u0430.com"


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        ("教育局 <zh\u0430ngsan@qq.com>".encode(), "zh\u0430ngsan@qq.com"),
        ("张三 <张三@教育.中国>".encode(), "张三@xn--wcvs22d.xn--fiqs8s"),
        ("x <\u212aevin@QQ.com>".encode(), "\u212aevin@qq.com"),
        (b"x <zhang@qq.com>", "zhang@qq.com"),
        # Decoded it would be an address of qq.com, which no receiver has judged.
        (b"x <=?utf-8?q?zhang=40qq.com?=@evil.example>", "=?utf-8?q?zhang=40qq.com?=@evil.example"),
        ("张三 <Zhang@QQ.com>".encode("gbk"), "zhang@qq.com"),
    ],
)
def test_the_address_of_a_header(raw: bytes, address: str) -> None:
    assert [person.address for person in people_of(raw)] == [address]


def test_an_address_that_looks_alike_reads_no_content_of_anothers() -> None:
    """Unicode's case folding makes `k` of the Kelvin sign: the letter would have gone to the other in full."""
    case = Desk().take(mail("m1", workbook(), sender="kevin@qq.com")).submission
    assert may_see_content(case, "KEVIN@QQ.com")
    assert not may_see_content(case, "\u212aevin@qq.com")
