"""PDFs and pictures that are bombs, go round in circles, or hold streams that have crashed decoders."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

SIDE = 60_000


def pdf(*objects: bytes, root: int = 1) -> bytes:
    """Objects from number 1 on, with a cross-reference table."""
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, each in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, each))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, start))
    return out.getvalue()


def stream(data: bytes, keys: bytes = b"") -> bytes:
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (keys, len(data), data)


def page(content: bytes, resources: bytes = b"", *others: bytes, keys: bytes = b"") -> bytes:
    """One page. `content` is object 4, `others` are numbered from 5 on."""
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<%b>>%b>>" % (resources, keys),
        content,
        *others,
    )


def zeros(size: int) -> bytes:
    """A deflate stream of so many zeros."""
    packer = zlib.compressobj(9)
    chunk = bytes(1_000_000)
    return b"".join(packer.compress(chunk) for _ in range(size // len(chunk))) + packer.flush()


def many_pages(number: int = 100_000) -> bytes:
    kids = b"[%b]" % (b"3 0 R " * number)
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids%b/Count %d>>" % (kids, number),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    )


def told_pages() -> bytes:
    """Says that it has two thousand million pages, and has one."""
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    )


def page_tree_in_circles() -> bytes:
    return pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2/Parent 2 0 R>>")


def deep_page_tree(levels: int = 20_000) -> bytes:
    nodes = [b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (number + 3) for number in range(levels)]
    return pdf(b"<</Type/Catalog/Pages 2 0 R>>", *nodes, b"<</Type/Page/MediaBox[0 0 595 842]>>")


def content_bomb(scale: int) -> bytes:
    return page(stream(zeros(100_000_000 * scale), b"/Filter/FlateDecode"))


def nested_filters(scale: int) -> bytes:
    """Packed five times over."""
    data = zeros(100_000_000 * scale)
    for _ in range(4):
        data = zlib.compress(data, 9)
    return page(stream(data, b"/Filter[/FlateDecode/FlateDecode/FlateDecode/FlateDecode/FlateDecode]"))


def _picture(data: bytes, keys: bytes, side: int = SIDE) -> bytes:
    told = b"/Type/XObject/Subtype/Image/Width %d/Height %d%b" % (side, side, keys)
    return page(stream(b"q 595 0 0 842 0 0 cm /I Do Q"), b"/XObject<</I 5 0 R>>", stream(data, told))


def huge_picture(scale: int) -> bytes:
    """60,000 × 60,000 points of one bit, in half a megabyte; all of them are there from scale 9 on."""
    return _picture(
        zeros(min(scale, 9) * SIDE * SIDE // 72), b"/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/FlateDecode"
    )


def huge_colours() -> bytes:
    """The same in 48 bits a point, of which hardly any are there."""
    return _picture(zeros(10_000_000), b"/BitsPerComponent 16/ColorSpace/DeviceRGB/Filter/FlateDecode")


def jbig2(kind: str) -> bytes:
    """JBIG2 (ITU-T T.88) segments that name a page of 60,000 × 60,000, a symbol dictionary that refers to itself, or symbols
    without end."""
    information = struct.pack(">IBBBI", 0, 0x30, 0, 1, 19) + struct.pack(">IIIIBH", SIDE, SIDE, 0, 0, 0, 0)
    segments = {
        "page": information + struct.pack(">IBBBI", 1, 0x26, 0, 1, 18 + 8) + struct.pack(">IIIIB", SIDE, SIDE, 0, 0, 0)
        + bytes(9),
        "circle": information + struct.pack(">IBBBBI", 1, 0x00, 0x21, 1, 1, 20) + b"\x08\x00" + b"\xff" * 18,
        "symbols": information + struct.pack(">IBBBI", 1, 0x00, 0x01, 1, 22) + b"\x00\x00" + b"\x03\xff\xfd\xff\x02\xfe\xfe\xfe"
        + b"\xff" * 8 + bytes(4),
    }  # fmt: skip
    return _picture(segments[kind], b"/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/JBIG2Decode")


def jpx(*, tile: int = 1) -> bytes:
    """A JPEG 2000 stream of 60,000 × 60,000 in tiles of one point, its first tile cut short."""
    size = struct.pack(">HHIIIIIIIIH", 47, 0, SIDE, SIDE, 0, 0, tile, tile, 0, 0, 3) + b"\x07\x01\x01" * 3
    cod = b"\xff\x52" + struct.pack(">HBBHBBBBBB", 12, 0, 0, 65535, 1, 32, 4, 4, 0, 0)
    qcd = b"\xff\x5c" + struct.pack(">HB", 4, 0x40) + b"\x40"
    return (
        b"\xff\x4f\xff\x51"
        + size
        + cod
        + qcd
        + b"\xff\x90"
        + struct.pack(">HHIBB", 10, 0, 0, 0, 1)
        + b"\xff\x93"
        + bytes(99)
    )


def jpx_in_pdf() -> bytes:
    return _picture(jpx(), b"/ColorSpace/DeviceRGB/Filter/JPXDecode")


def jpeg_in_pdf() -> bytes:
    """A JPEG that says it has 65,500 points a side and breaks off."""
    return _picture(huge_jpeg(), b"/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/DCTDecode")


def fonts(kind: str) -> bytes:
    """An embedded font whose program is broken, or whose glyphs draw themselves."""
    text = stream(b"BT /F 40 Tf 100 700 Td (AAAA) Tj ET")
    if kind == "type3":
        font = (
            b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/FirstChar 65/LastChar 65/Widths[9]"
        )
        font += b"/Encoding<</Differences[65/A]>>/CharProcs<</A 6 0 R>>/Resources<</Font<</F 5 0 R>>>>>>"
        return page(text, b"/Font<</F 5 0 R>>", font, stream(b"9 0 d0 BT /F 1 Tf (AA) Tj ET"))
    program = {
        "truetype": b"\0\1\0\0" + struct.pack(">HHHH", 60_000, 16, 4, 0) + b"glyf" + b"\xff" * 900,
        "cff": b"\1\0\4\4\xff\xff\1\1\xff" + b"\xff" * 900,
        "type1": b"%!PS-AdobeFont-1.0\n/FontMatrix [" + b"9" * 5_000 + b"] def\n/CharStrings 99999999 dict dup begin\n",
    }[kind]
    place = {"truetype": b"/FontFile2 7 0 R", "cff": b"/FontFile3 7 0 R", "type1": b"/FontFile 7 0 R"}[kind]
    subtype = b"/TrueType" if kind == "truetype" else b"/Type1"
    described = b"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 0 9 9]%b>>" % place
    font = b"<</Type/Font/Subtype%b/BaseFont/X/FirstChar 65/LastChar 65/Widths[9]/FontDescriptor 6 0 R>>" % subtype
    return page(
        text, b"/Font<</F 5 0 R>>", font, described, stream(program, b"/Subtype/Type1C" if kind == "cff" else b"")
    )


def forms_in_circles() -> bytes:
    """A form that draws itself ten times."""
    form = stream(b"/X Do " * 10, b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</X 5 0 R>>>>")
    return page(stream(b"/X Do"), b"/XObject<</X 5 0 R>>", form)


def forms_multiplied(levels: int = 9) -> bytes:
    """Each form draws the next ten times: a thousand million strokes, and no circle."""
    made = []
    for number in range(levels):
        inner = b"/Resources<</XObject<</X %d 0 R>>>>" % (number + 6)
        made.append(stream(b"/X Do " * 10, b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]%b" % inner))
    last = stream(b"0 0 m 500 500 l S", b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]")
    return page(stream(b"/X Do"), b"/XObject<</X 5 0 R>>", *made, last)


def patterns_in_circles() -> bytes:
    keys = b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep .001/YStep .001"
    keys += b"/Resources<</Pattern<</P 5 0 R>>>>"
    draw = b"/Pattern cs /P scn 0 0 595 842 re f"
    return page(stream(draw), b"/Pattern<</P 5 0 R>>", stream(draw, keys))


def deep_arrays(scale: int) -> bytes:
    levels = 100_000 * scale
    return page(stream(b"[" * levels + b"]" * levels), b"", b"[" * levels + b"]" * levels)


def deep_saves(scale: int) -> bytes:
    return page(stream(zlib.compress(b"q " * (500_000 * scale)), b"/Filter/FlateDecode"))


def many_strokes(scale: int) -> bytes:
    return page(stream(zlib.compress(b"0 0 m 595 842 l S\n" * (50_000 * scale)), b"/Filter/FlateDecode"))


def xref_in_circles() -> bytes:
    """The cross-reference table names itself as the one before."""
    data = page(stream(b""))
    start = data[data.rfind(b"startxref") :].split()[1]
    return data.replace(b"trailer<<", b"trailer<</Prev %b" % start)


def huge_page() -> bytes:
    return page(stream(b"")).replace(b"[0 0 595 842]", b"[0 0 9e9 9e9]")


def with_actions() -> bytes:
    """JavaScript, a program to be started and a form to be sent, as the document is opened."""
    actions = b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>/AA<</WC<</S/Launch/F(/bin/sh)>>>>"
    data = page(stream(b"0 0 m 500 500 l S"))
    return data.replace(b"/Type/Catalog", b"/Type/Catalog" + actions)


def huge_png() -> bytes:
    """60,000 × 60,000 of one bit. What is missing of its points nobody looks for: it is too large by its header."""
    side = SIDE
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, data)
        for name, data in (
            (b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)),
            (b"IDAT", zeros(50_000_000)),
            (b"IEND", b""),
        )
    )


def png_with(scale: int, name: bytes) -> bytes:
    """A small page with another chunk before its picture, which unpacks to ever more."""
    data = b"a\0\0" + zeros(100_000_000 * scale)
    out = io.BytesIO()
    Image.new("L", (800, 1_100), 255).save(out, "PNG")
    whole = out.getvalue()
    return whole[:33] + _chunk(name, data) + whole[33:]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def huge_tiff(side: int = SIDE) -> bytes:
    """60,000 × 60,000, its one strip elsewhere."""
    return _tiff([(256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
                  (277, 3, 1, 1), (278, 4, 1, side), (279, 4, 1, side * side % 2**32)], following=0)  # fmt: skip


def tiff_in_circles() -> bytes:
    """The directory of its first page is also that of the next."""
    return _tiff([(256, 4, 1, 100), (257, 4, 1, 100), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
                  (277, 3, 1, 1), (278, 4, 1, 100), (279, 4, 1, 10_000)], following=8)  # fmt: skip


def _tiff(tags: list[tuple[int, int, int, int]], *, following: int) -> bytes:
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", following) + bytes(20_000)


def many_frames(scale: int) -> bytes:
    """A TIFF of many small pages, all of the same bytes."""
    number = 2_000 * scale
    entries = [(256, 4, 1, 60), (257, 4, 1, 60), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1),
               (278, 4, 1, 60), (279, 4, 1, 3_600)]  # fmt: skip
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *tag) for tag in entries)
    first = 8 + 3_600
    return b"II*\0" + struct.pack("<I", first) + bytes(3_600) + b"".join(_linked(directory, first, number))


def _linked(directory: bytes, first: int, number: int) -> Iterator[bytes]:
    for place in range(number):
        following = first + (place + 1) * (len(directory) + 4) if place < number - 1 else 0
        yield directory + struct.pack("<I", following)


def huge_jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("L", (16, 16), 255).save(out, "JPEG")
    data = out.getvalue()
    place = data.index(b"\xff\xc0")
    return data[: place + 5] + struct.pack(">HH", 65_500, 65_500) + data[place + 9 :]


def huge_gif() -> bytes:
    out = io.BytesIO()
    Image.new("P", (50, 50)).save(out, "GIF")
    data = bytearray(out.getvalue())
    data[6:10] = struct.pack("<HH", 65_535, 65_535)
    return bytes(data)


def huge_bmp() -> bytes:
    head = struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 1_000, 0, 0, 54, 40, SIDE, SIDE, 1, 24, 0, 0, 0, 0, 0, 0)
    return head + bytes(1_000)


def huge_webp() -> bytes:
    body = (
        b"WEBPVP8X"
        + struct.pack("<I", 10)
        + bytes(4)
        + (16_383).to_bytes(3, "little") * 2
        + b"VP8L"
        + struct.pack("<I", 20)
    )
    body += b"\x2f\xff\xff\xff\x0f" + b"\xff" * 15
    return b"RIFF" + struct.pack("<I", len(body)) + body


def postscript() -> bytes:
    """An EPS: there are programs that read it by running it, with all that PostScript may do."""
    head = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 595 842\n%%EndComments\n"
    return head + b"(/tmp/baosong-was-here) (w) file closefile\nshowpage\n%%EOF\n"
