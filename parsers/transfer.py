"""Undoes transfer encodings (RFC 2045, 6), also damaged ones and those under another's name; and uuencode.

A label is believed as long as what it gives may be meant. Bytes that are no file by their label, but are one by another
encoding, are that file: gateways and old programs lose or change the label, and nobody sends base64 to be read.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from domain.mail import PartKind
from parsers.archive_entries import MAX_BLOCKS, Budget
from parsers.charsets import clean, decode_text
from parsers.kinds import kind_of

_WHITE = b" \t\r\n\v\f"
_STRICT = re.compile(rb"[A-Za-z0-9+/]*={0,3}")
_URL_SAFE = re.compile(rb"[A-Za-z0-9_-]*={0,3}")
_LETTERS = re.compile(rb"[A-Za-z0-9+/=]+")
_WORDS = re.compile(rb"[A-Za-z]{2,}[,.:;!?]? +[A-Za-z]{2,}")
_SOFT_BREAK = re.compile(rb"=[ \t]{1,80}(?=\r?\n)")
_COMMENT = re.compile(rb"\([^()]{0,200}\)")
_LEAST = 40
"""Letters that unlabelled base64 must have at the least."""
_BEGIN = re.compile(rb"(?:\A|(?<=[\r\n]))begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,255})(?:\r{0,3}\n|\r)")
_UU_LETTERS = re.compile(rb"[ -`]{1,100}")


@dataclass(frozen=True, kw_only=True)
class Enclosed:
    """A file that stood within something else: uuencoded in a text, in winmail.dat, in an Outlook message."""

    name: str
    data: bytes
    content_id: str = ""
    inline: bool = False


def undone(body: bytes, label: bytes) -> bytes:
    """`body` without its transfer encoding. `label` is the raw Content-Transfer-Encoding, b"" without one. Never raises."""
    named = _named(label)
    data = _DECODERS.get(named, bytes)(body)
    if _is_file(data):
        return data
    for other in _others(body, named):
        meant = _DECODERS[other](body)
        if _is_file(meant):
            return meant
    if named == "base64" and data == b"" and body.strip():
        return body
    return data


def _named(label: bytes) -> str:
    """The encoding a label means, "" for none known: it comes quoted, with comments, with blanks in it."""
    word = re.sub(r"[^a-z0-9-]", "", _COMMENT.sub(b"", label).decode("latin-1").lower().split(";")[0])
    word = word.removeprefix("x-")
    if word in ("uue", "uu", "uuencode"):
        return "uuencode"
    return {
        "base64": "base64",
        "b64": "base64",
        "quoted-printable": "quoted-printable",
        "quotedprintable": "quoted-printable",
    }.get(word, "")


def _others(body: bytes, named: str) -> list[str]:
    """What else the bytes may be encoded in."""
    found = []
    if named == "base64":
        # Letters alone are what the label says: "MZ" before them is the beginning of every four thousandth file, not a program.
        if not _STRICT.fullmatch(body.translate(None, _WHITE)):
            found.append("")
            found += ["quoted-printable"] if b"=\r" in body or b"=\n" in body or b"=0" in body else []
    elif _may_be_base64(body):
        found.append("base64")
    if named != "uuencode" and _BEGIN.match(body.lstrip()):
        found.append("uuencode")
    return found


def _may_be_base64(body: bytes) -> bool:
    letters = body.translate(None, _WHITE)
    return len(letters) >= _LEAST and _STRICT.fullmatch(letters) is not None


def _is_file(data: bytes) -> bool:
    """The bytes of a workbook, a scan, an archive or a program: what no encoding looks like."""
    kind = kind_of(data, "")
    return kind.kind is not PartKind.OTHER or not kind.media.startswith(
        ("text/", "message/", "application/octet-stream")
    )


def base64_bytes(body: bytes) -> bytes:
    """Base64 with rubbish in it, quoted with `>`, in several padded pieces, with its end missing, or a footer behind it."""
    letters = body.translate(None, _WHITE)
    if _STRICT.fullmatch(letters):
        return _quanta(letters)
    if _URL_SAFE.fullmatch(letters):
        return _quanta(letters.replace(b"-", b"+").replace(b"_", b"/"))
    if len(letters) > 1 and _STRICT.fullmatch(letters.replace(b"=", b"")):
        return b"".join(_quanta(piece) for piece in letters.split(b"=") if piece)
    return _lines(body)


def quoted_printable_bytes(body: bytes) -> bytes:
    """Quoted-printable; blanks that a gateway put behind a soft line break are taken off."""
    return quopri.decodestring(_SOFT_BREAK.sub(b"=", body))


def _lines(body: bytes) -> bytes:
    """Line by line, up to the first that is a sentence: what a list or a virus scanner wrote below."""
    pieces: list[bytes] = []
    waiting: list[bytes] = []
    for line in body.splitlines():
        if _WORDS.search(line[:2_000]) or line.startswith((b"-- ", b"____", b"----")):
            if any(pieces) or any(waiting):
                break
            continue
        letters = b"".join(_LETTERS.findall(line))
        waiting.append(letters)
        if b"=" in letters:
            pieces.append(b"".join(waiting))
            waiting = []
    pieces.append(b"".join(waiting))
    return b"".join(_quanta(part) for piece in pieces for part in piece.split(b"=") if part)


def _quanta(letters: bytes) -> bytes:
    """One run of base64 letters. A last one that makes no byte is left out."""
    run = letters.rstrip(b"=")
    run = run[:-1] if len(run) % 4 == 1 else run
    return binascii.a2b_base64(run + b"=" * (-len(run) % 4))


def _uuencoded(body: bytes) -> bytes:
    """The first file of a uuencoded body; the body itself where there is none."""
    found = (_block(body, begin.end())[0] for begin in islice(_BEGIN.finditer(body), MAX_BLOCKS))
    return next((data for data in found if data), body)


def uuencoded_files(text: bytes, budget: Budget) -> tuple[list[Enclosed], bytes]:
    """Files that stand uuencoded in a text (POSIX `uuencode`), and the text without them. `text` as transmitted, since
    their names are in the sender's charset. A block whose end is missing gives what is there. Past the blocks left in
    `budget`, which are counted down, the rest is text."""
    files: list[Enclosed] = []
    kept: list[bytes] = []
    place = 0
    while budget.blocks > 0:
        begin = _BEGIN.search(text, place)
        if begin is None:
            break
        budget.blocks -= 1
        data, end = _block(text, begin.end())
        if data:
            kept.append(text[place : begin.start()])
            name = clean(decode_text(begin[1])).strip()
            files.append(Enclosed(name=name, data=data))
        else:
            end = begin.end()
            kept.append(text[place:end])
        place = end
    kept.append(text[place:])
    return files, b"".join(kept)


_LINE = re.compile(rb"([^\r\n]*)(?:\r{0,3}\n|\r|\Z)")


def _block(text: bytes, place: int) -> tuple[bytes, int]:
    """The bytes of the lines from `place`, and where what follows them starts."""
    pieces: list[bytes] = []
    while place < len(text):
        match = _LINE.match(text, place)
        if match is None:
            break
        line = match[1]
        piece = _uu_line(line)
        if piece is None:
            if line.strip() in (b"end", b"===="):
                place = match.end()
            elif not line.strip():
                place = match.end()
                continue
            break
        pieces.append(piece)
        place = match.end()
    return b"".join(pieces), place


def _uu_line(line: bytes) -> bytes | None:
    """A line of uuencode as bytes, None when it is none. Blanks that programs cut off at the end are put back."""
    if line == b"end" or not _UU_LETTERS.fullmatch(line):
        return None
    count = (line[0] - 32) & 63
    letters = (count + 2) // 3 * 4
    if not 0 <= len(line) - 1 <= letters + 4:
        return None
    try:
        return binascii.a2b_uu(line[:1] + line[1 : letters + 1].ljust(letters))
    except binascii.Error:
        return None


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "base64": base64_bytes,
    "quoted-printable": quoted_printable_bytes,
    "uuencode": _uuencoded,
}
