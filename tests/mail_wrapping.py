"""Wrappers as mail programs make them: winmail.dat, S/MIME, uuencode, Outlook's .msg, forwards."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from tests.mail_making import part

Files = Sequence[tuple[str, bytes]]
Tree = Mapping[str, "bytes | Tree"]

_END, _FREE, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096


def _attribute(level: int, name: int, value: bytes) -> bytes:
    return struct.pack("<BII", level, name, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def _mapi(values: Sequence[tuple[int, int, bytes]]) -> bytes:
    """Properties of variable size, each (type, tag, value)."""
    out = struct.pack("<I", len(values))
    for kind, tag, value in values:
        out += struct.pack("<HHII", kind, tag, 1, len(value)) + value + bytes(-len(value) % 4)
    return out


def tnef(files: Files, *, body: bytes = b"", code_page: int = 936, wide: bool = True) -> bytes:
    """winmail.dat: each file with its short name in the code page, with `wide` its long one in Unicode too."""
    out = struct.pack("<IH", 0x223E9F78, 1) + _attribute(1, 0x00069007, struct.pack("<II", code_page, 0))
    if body:
        out += _attribute(1, 0x0002800C, body + b"\0")
    for name, data in files:
        out += _attribute(2, 0x00069002, bytes(14))
        out += _attribute(2, 0x00018010, name.encode("gbk", "replace") + b"\0")
        out += _attribute(2, 0x0006800F, data)
        if wide:
            out += _attribute(2, 0x00069005, _mapi([(0x1F, 0x3707, (name + "\0").encode("utf-16-le"))]))
    return out


def tnef_in_tnef(name: str, inner: bytes) -> bytes:
    """winmail.dat with a mail attached to it, which is one itself."""
    held = bytes.fromhex("0703020000000000c000000000000046") + inner
    values = [(0x1F, 0x3001, (name + "\0").encode("utf-16-le")), (0x0D, 0x3701, held)]
    out = struct.pack("<IH", 0x223E9F78, 1) + _attribute(2, 0x00069002, bytes(14))
    return out + _attribute(2, 0x00069005, _mapi(values))


@cache
def _signer() -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "clerk")])
    now = datetime(2020, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return key, made.sign(key, hashes.SHA256())


def signed(entity: bytes) -> bytes:
    """The DER of an opaque signed MIME entity, or of any bytes."""
    key, certificate = _signer()
    builder = pkcs7.PKCS7SignatureBuilder().set_data(entity).add_signer(certificate, key, hashes.SHA256())
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def encrypted(entity: bytes) -> bytes:
    _, certificate = _signer()
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(entity).add_recipient(certificate)
    return builder.encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def smime_part(data: bytes, kind: str = "signed-data", name: str = "smime.p7m") -> bytes:
    return part(data, f'Content-Type: application/pkcs7-mime; smime-type={kind}; name="{name}"')


def uuencoded(name: str, data: bytes, *, charset: str = "gbk", backtick: bool = False, end: bool = True) -> bytes:
    lines = [binascii.b2a_uu(data[at : at + 45], backtick=backtick) for at in range(0, len(data), 45)]
    # Many programs cut blanks off at the end of a line.
    text = b"begin 644 " + name.encode(charset) + b"\n" + b"".join(line.rstrip() + b"\n" for line in lines)
    return (text + (b"`\nend\n" if end else b"")).replace(b"\n", b"\r\n")


def indefinite(entity: bytes) -> bytes:
    """Signed data as streaming signers write it: BER of indefinite length, the content in several strings."""

    def tlv(tag: int, value: bytes) -> bytes:
        size = len(value)
        length = bytes((size,)) if size < 128 else bytes((0x84,)) + struct.pack(">I", size)
        return bytes((tag,)) + length + value

    def open_(tag: int, value: bytes) -> bytes:
        return bytes((tag, 0x80)) + value + b"\0\0"

    pieces = b"".join(tlv(0x04, entity[at : at + 100]) for at in range(0, len(entity), 100))
    data_oid, signed_oid = bytes.fromhex("06092a864886f70d010701"), bytes.fromhex("06092a864886f70d010702")
    content = open_(0x30, data_oid + open_(0xA0, open_(0x24, pieces)))
    body = open_(0x30, tlv(0x02, b"\x01") + tlv(0x31, b"") + content + tlv(0x31, b""))
    return open_(0x30, signed_oid + open_(0xA0, body))


def outlook_message(files: Files, *, inner: Sequence[tuple[str, Files]] = ()) -> bytes:
    """A .msg with `files`, and with messages attached that have files of their own."""
    return _container(_message(files, inner))


def _message(files: Files, inner: Sequence[tuple[str, Files]] = ()) -> Tree:
    tree: dict[str, bytes | Tree] = {"__properties_version1.0": bytes(32)}
    for number, (name, data) in enumerate(files):
        tree[f"__attach_version1.0_#{number:08X}"] = {
            "__properties_version1.0": bytes(8),
            "__substg1.0_37010102": data,
            "__substg1.0_3707001F": name.encode("utf-16-le"),
        }
    for number, (name, below) in enumerate(inner, len(files)):
        tree[f"__attach_version1.0_#{number:08X}"] = {
            "__properties_version1.0": bytes(8),
            "__substg1.0_3001001F": name.encode("utf-16-le"),
            "__substg1.0_3701000D": _message(below),
        }
    return tree


class _Sectors:
    """Chains of blocks of one size, with their allocation table."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.data = b""
        self.table: list[int] = []

    def add(self, data: bytes) -> int:
        if not data:
            return _END
        start, count = len(self.table), -(-len(data) // self.size)
        self.data += data.ljust(count * self.size, b"\0")
        self.table += [*range(start + 1, start + count), _END]
        return start


def _container(tree: Tree) -> bytes:
    """A compound file (MS-CFB version 3) whose siblings hang on each other to the right, small streams in the ministream."""
    big, small = _Sectors(_SECTOR), _Sectors(_MINI)
    entries: list[list[object]] = [["Root Entry", 5, _NONE, _NONE, _END, 0]]

    def fill(parent: int, children: Tree) -> None:
        before = -1
        for name, value in sorted(children.items()):
            number = len(entries)
            entries.append([name, 1 if not isinstance(value, bytes) else 2, _NONE, _NONE, 0, 0])
            if before < 0:
                entries[parent][3] = number
            else:
                entries[before][2] = number
            before = number
            if isinstance(value, bytes):
                sectors = small if len(value) < _CUTOFF else big
                entries[number][4:] = [sectors.add(value), len(value)]
            else:
                fill(number, value)

    fill(0, tree)
    entries[0][4:] = [big.add(small.data), len(small.data)]
    mini_table = big.add(b"".join(struct.pack("<I", each) for each in small.table).ljust(_SECTOR, b"\xff"))
    listing = b"".join(_entry(*entry) for entry in entries)  # type: ignore[arg-type]
    directory = big.add(listing + bytes(-len(listing) % _SECTOR))
    fat_sectors = -(-(len(big.table) + 64) // 128)
    first = len(big.table)
    table = [*big.table, *[0xFFFFFFFD] * fat_sectors]
    fat = b"".join(struct.pack("<I", each) for each in table).ljust(fat_sectors * _SECTOR, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, fat_sectors, directory, 0, _CUTOFF, mini_table, 1, _END, 0)
    header += b"".join(struct.pack("<I", first + at) for at in range(fat_sectors))
    return header.ljust(_SECTOR, b"\xff") + big.data + fat


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    fields = struct.pack("<HBBIII", len(text), kind, 1, _NONE, right, child) + bytes(36)
    return text.ljust(64, b"\0") + fields + struct.pack("<IQ", start, size)


def base64_lines(data: bytes, *, width: int = 76, end: bytes = b"\r\n") -> bytes:
    letters = base64.b64encode(data)
    return end.join(letters[at : at + width] for at in range(0, len(letters), width)) + end
