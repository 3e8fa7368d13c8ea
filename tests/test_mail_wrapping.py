"""What must not matter: transfer encodings, order, wrappers, where a mail was cut off. Properties over made mails."""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.archive_entries import Budget
from parsers.limits import Limits
from parsers.transfer import base64_bytes, undone, uuencoded_files
from tests.mail_making import PDF, XLSX, attachment, make_zip, mixed, opened, part, picture
from tests.mail_wrapping import (
    base64_lines,
    indefinite,
    outlook_message,
    signed,
    smime_part,
    tnef,
    tnef_in_tnef,
    uuencoded,
)

Named = tuple[str, bytes]
POOL: tuple[Named, ...] = (
    ("濮阳县学习类APP统计备案表.xlsx", XLSX),
    ("盖章.扫描件.pdf", PDF + bytes(range(256)) * 4),
    ("IMG 0001.jpg", picture(900, 1200, "JPEG")),
    ("堃龘㐂.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "Workbook".encode("utf-16-le") + bytes(5000)),
    ("说明.txt", "补充说明\r\n第二行\r\n".encode("gbk")),
)
FILES = st.lists(st.sampled_from(POOL), min_size=1, max_size=4, unique=True)


def _quoted(data: bytes) -> bytes:
    return b"=\r\n".join(b"".join(b"=%02X" % byte for byte in data[at : at + 20]) for at in range(0, len(data), 20))


TRANSFER: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64_lines,
    "BASE64": lambda data: base64_lines(data, width=61, end=b"\n"),
    '"base64"': lambda data: base64_lines(data, width=4000),
    "quoted-printable": _quoted,
    "binary": bytes,
    "8bit": bytes,
    "x-uuencode": lambda data: uuencoded("x", data, backtick=True),
}
NAMED: tuple[Callable[[bytes], bytes], ...] = (
    lambda name: b'; filename="' + name + b'"',
    lambda name: b'; filename="=?gb18030?B?' + binascii.b2a_base64(name, newline=False) + b'?="',
    lambda name: b'; filename="=?gb2312?B?' + binascii.b2a_base64(name[:5], newline=False) + b"?=\r\n =?gb2312?B?"
    + binascii.b2a_base64(name[5:], newline=False) + b'?="',
    lambda name: b"; filename*0*=gb18030''" + _percent(name[:3]) + b";\r\n filename*1*=" + _percent(name[3:]),
    lambda name: b"; filename*=GBK''" + _percent(name),
)  # fmt: skip


def _percent(data: bytes) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in data)


@st.composite
def leaf(draw: st.DrawFn, file: Named) -> bytes:
    """One part in any transfer encoding and any dialect of names."""
    label = draw(st.sampled_from(sorted(TRANSFER)))
    name = draw(st.sampled_from(NAMED))(file[0].encode("gb18030"))
    kind = draw(st.sampled_from(["attachment", "inline"]))
    head = (
        f"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: {label}\r\nContent-Disposition: {kind}"
    )
    return head.encode() + name + b"\r\n\r\n" + TRANSFER[label](file[1])


def _entity(*parts: bytes, boundary: str) -> bytes:
    """A multipart without From and Subject."""
    return mixed(*parts, boundary=boundary).split(b"\r\n", 2)[2]


@st.composite
def carried(draw: st.DrawFn, files: list[Named]) -> bytes:
    """The files as parts, or in something that carries files."""
    carrier = draw(st.sampled_from(["parts", "tnef", "tnef in tnef", "msg", "msg in msg", "zip", "uuencode"]))
    boundary = f"b{draw(st.integers(0, 999))}"
    if carrier == "parts":
        return _entity(*[draw(leaf(file)) for file in files], boundary=boundary)
    if carrier == "uuencode":
        text = b"".join(uuencoded(name, data, charset="gb18030") for name, data in files)
        return b"Content-Type: text/plain; charset=gb2312\r\n\r\n" + "见下\r\n".encode("gbk") + text
    packed = {
        "tnef": lambda: ("winmail.dat", tnef(files)),
        "tnef in tnef": lambda: ("winmail.dat", tnef_in_tnef("原件", tnef(files))),
        "msg": lambda: ("转.msg", outlook_message(files)),
        "msg in msg": lambda: ("转.msg", outlook_message([], inner=[("原件", files)])),
        "zip": lambda: ("材料.zip", make_zip(files)),
    }[carrier]()
    return _entity(attachment(*packed), boundary=boundary)


def _mail(entity: bytes) -> bytes:
    return "From: 李四 <li@163.com>\r\nSubject: 原件\r\n".encode() + entity


WRAPS: tuple[Callable[[bytes, str], bytes], ...] = (
    lambda entity, name: _entity(entity, boundary=name),
    lambda entity, name: _entity(b"Content-Type: message/rfc822\r\n\r\n" + _mail(entity), boundary=name),
    lambda entity, name: _entity(part(_mail(entity), "Content-Type: message/rfc822; name=x.eml"), boundary=name),
    lambda entity, name: _entity(attachment("原件.eml", _mail(entity)), boundary=name),
    lambda entity, name: smime_part(signed(entity)),
    lambda entity, name: smime_part(indefinite(entity)),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FILES, st.data())
def test_how_files_are_sent_does_not_change_which_come_out(files: list[Named], data: st.DataObject) -> None:
    entity = data.draw(carried(data.draw(st.permutations(files))))
    for depth, wrap in enumerate(data.draw(st.lists(st.sampled_from(WRAPS), max_size=3))):
        entity = wrap(entity, f"w{depth}")
    mail = opened(_mail(entity))
    found = {(part.name.rsplit("/", 1)[-1], part.sha256) for part in mail.facts.parts}
    assert found == {(name, hashlib.sha256(content).hexdigest()) for name, content in files}
    assert {fault.code for fault in mail.facts.faults} <= {"attachment.unsupported"}


@st.composite
def whole(draw: st.DrawFn) -> tuple[bytes, list[tuple[int, str]]]:
    """A good mail, perhaps a forward; and of each file the place where its part ends, with its SHA-256."""
    raw = _mail(b"Content-Type: multipart/mixed; boundary=qq\r\n\r\n")
    if draw(st.booleans()):
        outer = b"Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\nContent-Type: message/rfc822\r\n\r\n"
        raw = _mail(outer) + raw
    ends = []
    for file in draw(FILES):
        raw += b"--qq\r\n" + draw(leaf(file))
        raw += b"\r\n"  # the delimiter's: without it nobody can tell whether a part's own last line end is
        ends.append((len(raw), hashlib.sha256(file[1]).hexdigest()))
    return raw + b"--qq--\r\n--outer--\r\n", ends


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(whole(), st.data())
def test_a_mail_cut_anywhere_keeps_the_parts_before_the_cut(
    mail: tuple[bytes, list[tuple[int, str]]], data: st.DataObject
) -> None:
    raw, ends = mail
    cut = data.draw(st.one_of(st.integers(ends[0][0], len(raw)), st.integers(ends[-1][0], len(raw))))
    before = {sha256 for end, sha256 in ends if end <= cut}
    assert before
    assert before <= set(opened(raw[:cut]).contents)


@given(st.binary(max_size=500), st.integers(1, 80), st.sampled_from([b"\r\n", b"\n", b"\r", b" \r\n\t", b"\r\n> "]))
def test_base64_survives_any_wrapping(data: bytes, width: int, end: bytes) -> None:
    assert base64_bytes(base64_lines(data, width=width, end=end)) == data


@given(
    st.sampled_from([b"MZ", b"BM", b"PK", b"II", b"MM", b"BZh", b"GIF8", b"From"]), st.binary(min_size=60, max_size=500)
)
def test_what_is_labelled_base64_is_read_so_whatever_its_letters_begin_like(letters: bytes, rest: bytes) -> None:
    """A piece of an archive whose letters began with MZ was taken for a program."""
    data = binascii.a2b_base64(letters + b"A" * (-len(letters) % 4)) + rest
    assert undone(base64_lines(data, width=76, end=b"\r\n"), b"base64") == data


@given(
    st.lists(st.tuples(st.sampled_from(["濮阳.xlsx", "a b.pdf"]), st.binary(min_size=1, max_size=300)), max_size=3),
    st.booleans(),
)
def test_uuencoded_files_come_out_of_a_text(files: list[Named], backtick: bool) -> None:
    text = b"see below\r\n" + b"\r\n".join(uuencoded(*file, backtick=backtick) for file in files)
    found, rest = uuencoded_files(text, Budget(Limits()))
    assert [(one.name, one.data) for one in found] == files
    assert rest.strip() == b"see below"


@given(
    st.binary(max_size=200), st.sampled_from([b"base64", b"quoted-printable", b"x-uuencode", b"7bit", b"", b"\xff("])
)
def test_no_label_makes_any_bytes_raise(body: bytes, label: bytes) -> None:
    assert isinstance(undone(body, label), bytes)


@pytest.mark.parametrize("make", [lambda: tnef(POOL), lambda: outlook_message(POOL), lambda: signed(XLSX)])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_damaged_wrappers_never_raise(make: Callable[[], bytes], data: st.DataObject) -> None:
    """Bytes changed and cut: parts may be lost, but each that is named has its bytes."""
    broken = bytearray(make())
    for _ in range(data.draw(st.integers(0, 5))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    mail = opened(mixed(attachment("x.p7m", bytes(broken[: data.draw(st.integers(1, len(broken)))]))))
    assert {part.sha256 for part in mail.facts.parts} == set(mail.contents)
