"""Header texts and file names as Chinese mail programs really write them."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.charsets import codec_of, decode_text
from parsers.encoded_words import decode_header
from parsers.mime_parameters import file_name


def _b(data: bytes, charset: str) -> bytes:
    return b"=?" + charset.encode() + b"?B?" + base64.b64encode(data) + b"?="


NAME = "濮阳县学习类APP统计备案表.xlsx"
GBK = NAME.encode("gbk")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        (_b("龘表".encode("gbk"), "gb2312"), "龘表"),
        (_b("㐂堃".encode("gb18030"), "gbk"), "㐂堃"),
        ("濮阳".encode("gbk"), "濮阳"),
        ("濮阳".encode(), "濮阳"),
        (_b("濮阳县".encode(), "gb2312"), "濮阳县"),
        (_b("濮阳县".encode(), "us-ascii"), "濮阳县"),
        (_b("濮".encode()[:2], "utf-8") + b"\r\n " + _b("濮".encode()[2:] + b"A", "utf-8"), "濮A"),
        (_b("濮".encode("gbk"), "gb2312") + b" =?utf-8?Q?=E8=A1=A8?=", "濮表"),
        (b"=?utf-8?B?5r+u6Ziz?=\t=?UTF-8?b?5Y6/?=", "濮阳县"),
        (b"=?utf-8?B?5r+u6Z?= =?utf-8?B?iz?=", "濮阳"),
        (b"=?utf-8?B?5r+u6Ziz5Y6/", "濮阳县"),
        (b"=?utf-8?B?5r+u6\r\n Ziz?=", "濮阳"),
        (b"=?utf-8?Q?=E6=BF=AE yang_xian?=", "濮 yang xian"),
        (b"=?utf-8*zh?Q?=E6=BF=AE?=", "濮"),
        (b"Re: =?utf-8?B?5r+u?= x =?utf-8?B?6Ziz?=", "Re: 濮 x 阳"),
        (b'"=?utf-8?B?5r+u?="', '"濮"'),
        (b"=?nonsense?B?5r+u?=", "濮"),
        (b"=?rot13?Q?abc?=", "abc"),
        (b"a =?b", "a =?b"),
        (b"", ""),
        ("一".encode("gbk"), "一"),
        (_b("一".encode("gbk"), "gb2312"), "一"),
        (_b("买·提".encode(), "gbk"), "买·提"),
        (b"=?iso-8859-1?Q?Non_remis_=E0?=", "Non remis à"),
        (_b("濮阳".encode("gbk"), "iso-8859-1"), "濮阳"),
    ],
)
def test_header_texts(raw: bytes, text: str) -> None:
    assert decode_header(raw) == text


@pytest.mark.parametrize(
    ("disposition", "content_type"),
    [
        (b'attachment; filename="' + GBK + b'"', b""),
        (b'attachment; filename="' + NAME.encode() + b'"', b""),
        (b"attachment; filename=" + GBK, b""),
        (b'attachment; filename="' + _b(GBK, "gb2312") + b'"', b""),
        (b"attachment; filename=" + _b(NAME.encode(), "UTF-8"), b""),
        (b"attachment; filename*=utf-8''" + quote(NAME).encode(), b""),
        (b"attachment; filename*=gb2312''" + quote(GBK).encode(), b""),
        (b"attachment; filename*=" + quote(GBK).encode(), b""),
        (b'attachment; filename="' + quote(NAME).encode() + b'"', b""),
        (
            b"attachment; filename*1*="
            + quote(GBK[5:]).encode()
            + b";\r\n filename*0*=gbk''"
            + quote(GBK[:5]).encode(),
            b"",
        ),
        (b"attachment", b'application/octet-stream;\r\n\tname="' + _b(GBK, "gb18030") + b'"'),
        (b'attachment; filename=""', b'application/x; name="' + GBK + b'"'),
        (b'attachment; FileName*0="=?utf-8?B?' + base64.b64encode(NAME.encode()) + b'?="', b""),
        (b"attachment; filename*=x-unknown''" + quote(NAME).encode() + b'; filename="????.xlsx"', b""),
        (b'attachment; filename="' + GBK, b""),
    ],
)
def test_file_names(disposition: bytes, content_type: bytes) -> None:
    assert file_name(disposition, content_type) == NAME


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b'attachment; filename="../../etc/passwd"', "../../etc/passwd"),
        (b'attachment; filename="C:\\Users\\a\\b.xls"', "C:\\Users\\a\\b.xls"),
        (b'attachment; filename="a\\"b;c.xls"; size=3', 'a"b;c.xls'),
        (b'attachment; filename="100%.xlsx"', "100%.xlsx"),
        (b'attachment; filename="50%25.xlsx"', "50%25.xlsx"),
        (b'attachment; filename="a\x00b.xls"', "a\u2400b.xls"),
        (b'attachment; filename="\xff\xff.xls"', "\\xff\\xff.xls"),
        ('attachment; filename="乗.xls"'.encode("gbk"), "乗.xls"),
        (b"attachment; filename", ""),
    ],
)
def test_odd_names_keep_their_bytes(disposition: bytes, name: str) -> None:
    assert file_name(disposition, b"") == name


@given(st.binary(max_size=300))
def test_any_header_gives_storable_text(raw: bytes) -> None:
    for text in (decode_header(raw), file_name(b"attachment; filename=" + raw, raw), decode_text(raw, "utf-7")):
        assert text.encode("utf-8").decode("utf-8") == text


@given(
    st.text("濮阳县清丰南乐范台前华龙区学习类统计备案表一二三龘堃A1 ", min_size=1, max_size=40).map(str.strip),
    st.data(),
)
def test_words_cut_anywhere_come_together(text: str, data: st.DataObject) -> None:
    whole = text.encode("gb18030")
    cut = data.draw(st.integers(0, len(whole)))
    assert decode_header(_b(whole[:cut], "gb2312") + b" " + _b(whole[cut:], "gbk")) == text


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("GB2312", "gb18030"),
        ("x-gbk", "gb18030"),
        ("CP936", "gb18030"),
        ("utf8", "utf-8"),
        ("big5", "big5"),
        ("base64", None),
        ("a\x00b", None),
        ("", None),
        (None, None),
        ("idna", None),
    ],
)
def test_charset_labels(label: str | None, codec: str | None) -> None:
    assert codec_of(label) == codec
