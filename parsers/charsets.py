"""Bytes of a mail as text, by what they hold and not only by their label: GBK comes as gb2312, and raw without any."""

from __future__ import annotations

import codecs
import re

_CHINESE = frozenset(
    {"gb2312", "gb-2312", "gb2312-80", "gb-2312-80", "euc-cn", "euccn", "x-euc-cn", "gbk", "x-gbk", "cp936", "936"}
    | {"ms936", "windows-936", "chinese", "csgb2312", "iso-ir-58", "gb18030", "gb-18030", "gb18030-2000"}
)
"""Labels that in practice all mean GB18030, the superset (GBK characters under a gb2312 label are the rule)."""

_NOT_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
"""Python codecs that are no charsets of mail, and slow or surprising on strangers' bytes."""

_CONTROLS: dict[int, int | str] = {
    **{code: 0x2400 + code for code in range(32)},
    **dict.fromkeys((9, 10, 13), " "),
    0x7F: 0x2421,
    **{code: f"\\u{code:04x}" for code in range(0x80, 0xA0)},
    **{code: f"\\u{code:04x}" for code in (0x202B, 0x202D, 0x202E, 0x2067)},
}
"""Those from 0x80 on are the controls of ISO 6429 in one byte: to some terminals 0x9B is what ESC [ is to all. The last ones turn
the writing direction: `表\u202exslx.exe` would be shown as if it ended in .xlsx."""


def decode_text(data: bytes, charset: str | None = None) -> str:
    """`data` as text: by its label where that fits, else UTF-8, else GB18030; what fits nowhere stays as `\\xNN`.

    Text labelled as Chinese (or not at all) is UTF-8 all the same when it is well formed with characters of three
    bytes: GB text almost never is. Two bytes tell nothing (一 is D2 BB in GBK, and U+04BB in UTF-8).
    """
    codec = codec_of(charset)
    if codec in (None, "gb18030", "ascii", "iso8859-1"):
        order = ["utf-8"] if _is_utf8(data) else []
        order += [codec] if codec == "iso8859-1" and not data.isascii() and not order and _is_latin(data) else []
        order += ["gb18030", "utf-8"]
    else:
        order = [codec or "utf-8", "utf-8", "gb18030"]
    for candidate in order:
        try:
            return _without_surrogates(data.decode(candidate))
        except (UnicodeError, ValueError):
            continue
    fallback = codec if codec not in (None, "ascii", "iso8859-1", "utf-7") else "gb18030"
    try:
        return _without_surrogates(data.decode(fallback or "gb18030", "backslashreplace"))
    except (UnicodeError, ValueError):  # some codecs refuse the handler
        return data.decode("ascii", "backslashreplace")


def _is_utf8(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return text.isascii() or any(ord(character) >= 0x800 for character in text)


def _is_latin(data: bytes) -> bool:
    """Lone high bytes between ASCII letters: European text. Chinese bytes under this label come in runs."""
    return not re.search(rb"[\x80-\xff]{2}", data)


def codec_of(charset: str | None) -> str | None:
    """The Python codec for a charset label of a mail, None when it names no charset we know."""
    if not charset:
        return None
    label = charset.strip(" \t\r\n\"'").lower().replace("_", "-")
    if label in _CHINESE:
        return "gb18030"
    if label in _NOT_CHARSETS:
        return None
    try:
        info = codecs.lookup(label)
        "".encode(info.name)  # raises LookupError for codecs that are no text encodings (rot13, base64)
    except (LookupError, ValueError, UnicodeError):
        return None
    return info.name


def clean(text: str) -> str:
    """`text` on one line: white space controls become spaces, others their visible pictures (␀), what turns the
    writing direction its number; nothing is dropped."""
    return _without_surrogates(text).translate(_CONTROLS)


def _without_surrogates(text: str) -> str:
    """Lone surrogates cannot be stored as UTF-8."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if _has_surrogate(text) else text


def _has_surrogate(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False
