"""Phone numbers as county clerks type them."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sheet import PhoneKind
from parsers.phones import read_phone

M, L, V, S, X = PhoneKind.MOBILE, PhoneKind.LANDLINE, PhoneKind.SERVICE, PhoneKind.SEVERAL, PhoneKind.INVALID
TABLE = [
    ("13912345678", M, "13912345678"),
    ("139 1234 5678", M, "13912345678"),
    ("139-1234-5678", M, "13912345678"),
    ("+8613912345678", M, "13912345678"),
    ("+86 139-1234-5678", M, "13912345678"),
    ("0086 13912345678", M, "13912345678"),
    ("86-13912345678", M, "13912345678"),
    ("１３９１２３４５６７８", M, "13912345678"),
    ("139\u200b12345678", M, "13912345678"),
    ("19912345678", M, "19912345678"),
    ("0393-1234567", L, "0393-1234567"),
    ("0393—8812345", L, "0393-8812345"),
    ("（0393）8812345", L, "0393-8812345"),
    ("03938812345", L, "0393-8812345"),
    ("+86-393-8812345", L, "0393-8812345"),
    ("3938812345", L, "0393-8812345"),
    ("8812345", L, "0393-8812345"),
    ("0371-65501234", L, "0371-65501234"),
    ("010-65501234", L, "010-65501234"),
    ("0393-8812345转801", L, "0393-8812345转801"),
    ("0393-8812345-801", L, "0393-8812345转801"),
    ("8812345 分机 801", L, "0393-8812345转801"),
    ("8812345-801", L, "0393-8812345转801"),
    ("0393-8812345 ext.801", L, "0393-8812345转801"),
    ("400-812-3456", V, "4008123456"),
    ("8008123456", V, "8008123456"),
    ("95588", V, "95588"),
    ("0393-1234567/13912345678", S, "0393123456713912345678"),
    ("13912345678、13812345678", S, "1391234567813812345678"),
    ("13912345678 13812345678", S, "1391234567813812345678"),
    ("13912345678-13812345678", S, "1391234567813812345678"),
    ("13912345678\n0393-8812345", S, "1391234567803938812345"),
    ("13912345678或8812345", S, "139123456788812345"),
    ("1391234567813812345678", X, "1391234567813812345678"),
    ("13XXXXXXXXX", X, "13"),
    ("1383930", X, "1383930"),
    ("1391234567", X, "1391234567"),
    ("139123456789", X, "139123456789"),
    ("12345678901", X, "12345678901"),
    ("0393-12345678", X, "039312345678"),
    ("0393-881234", X, "0393881234"),
    ("无", X, ""),
    ("13912345678（张）", X, "13912345678"),
    ("110", X, "110"),
]


@pytest.mark.parametrize(("text", "kind", "digits"), TABLE)
def test_table(text: str, kind: PhoneKind, digits: str) -> None:
    phone = read_phone(text, "0393")
    assert (phone.kind, phone.digits) == (kind, digits)


def test_area_code_of_the_notice_is_meant() -> None:
    assert read_phone("65501234", "0371").digits == "0371-65501234"
    assert read_phone("65501234", "0393").kind is PhoneKind.INVALID


@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    assert set(read_phone(text, "0393").digits) <= set("0123456789-转")


@given(st.sampled_from([row for row in TABLE if row[1] in (M, L)]))
def test_the_canonical_form_reads_as_itself(row: tuple[str, PhoneKind, str]) -> None:
    phone = read_phone(row[2], "0393")
    assert (phone.kind, phone.digits) == row[1:]


@pytest.mark.parametrize("tail", ["0000000", "3912345", "9999999"])
def test_eleven_digits_are_a_mobile_number_just_where_the_library_says_so(tail: str) -> None:
    """What is told by its pattern alone, and what by parsing, are the same."""
    for head in range(1000, 2000):
        text = f"{head}{tail}"
        told = phonenumbers.parse(text, "CN")
        mobile = phonenumbers.is_valid_number_for_region(told, "CN")
        mobile = mobile and phonenumbers.number_type(told) == phonenumbers.PhoneNumberType.MOBILE
        assert (read_phone(text, "0393").kind is PhoneKind.MOBILE) == mobile, text
