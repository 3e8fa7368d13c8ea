"""Every hostile input by its name, and what may become of it."""

from __future__ import annotations

from collections.abc import Callable

from tests.hostile import Case
from tests.hostile import archives as a
from tests.hostile import covers as c
from tests.hostile import mails as m
from tests.hostile import workbooks as w

Make = Callable[[int], bytes]


def _fixed(make: Callable[[], bytes]) -> Make:
    """Of one size at any scale."""
    return lambda _: make()


_FILES: tuple[tuple[str, str, str, Make], ...] = (
    ("zip: flat bomb", "材料.zip", "attachment.too_large", a.flat_zip),
    ("zip: nested bomb", "材料.zip", "attachment.bomb, attachment.unsupported, other files", a.nested_zip),
    ("zip: 300 deep", "材料.zip", "attachment.bomb, other files", _fixed(a.deep_zip)),
    ("zip: quine", "材料.zip", "attachment.bomb, other files", lambda _: a.QUINE),
    ("zip: overlapping entries", "材料.zip", "attachment.bomb, attachment.unsupported, other files", a.overlapping_zip),
    ("zip: lies about its size", "材料.zip", "attachment.unreadable", a.lying_zip),
    ("zip: 60,000 entries", "材料.zip", "attachment.bomb, other files", a.many_entries),
    (
        "zip: names that lead out",
        "材料.zip",
        "attachment.unsupported, sheet.wrong_form, other files",
        _fixed(a.leading_out),
    ),
    (
        "zip: symbolic links",
        "材料.zip",
        "attachment.unsupported, sheet.wrong_form, other files",
        _fixed(a.zip_with_links),
    ),
    ("tar: links, devices, a pipe", "材料.tar", "attachment.unreadable", _fixed(a.tar_with_links)),
    ("tar: eight exabytes", "材料.tar", "attachment.unreadable, other files", _fixed(a.endless_tar)),
    ("bz2 bomb", "材料.tar.bz2", "attachment.too_large, other files", a.bz2_bomb),
    ("xz bomb", "材料.tar.xz", "attachment.too_large, other files", a.xz_bomb),
    ("gz in gz bomb", "材料.tar.gz.gz", "attachment.too_large, other files", a.gz_in_gz_bomb),
    ("7z bomb", "材料.7z", "attachment.bomb, attachment.unsupported, other files", a.seven_zip_bomb),
    ("rar: lies about its size", "材料.rar", "attachment.unreadable, other files", _fixed(a.lying_rar)),
    ("xlsx: a part of 500 MB", "表.xlsx", "sheet.unreadable", w.bomb_part),
    ("xlsx: thousand million laughs", "表.xlsx", "sheet.unreadable", lambda _: w.entities(w.LAUGHS)),
    ("xlsx: laughs in its strings", "表.xlsx", "1 sheet", lambda _: w.entities_in("xl/sharedStrings.xml")),
    ("xlsx: laughs in its styles", "表.xlsx", "sheet.unreadable", lambda _: w.entities_in("xl/styles.xml")),
    ("xlsx: laughs in its workbook", "表.xlsx", "sheet.unreadable", lambda _: w.entities_in("xl/workbook.xml")),
    ("xlsx: laughs in its types", "表.xlsx", "1 sheet", lambda _: w.entities_in("[Content_Types].xml")),
    ("xlsx: quadratic entities", "表.xlsx", "sheet.unreadable", lambda _: w.entities(w.QUADRATIC, 3_000)),
    ("xlsx: external entity", "表.xlsx", "sheet.unreadable", lambda _: w.entities(w.OUTSIDE)),
    ("xlsx: external DTD", "表.xlsx", "sheet.unreadable", lambda _: w.entities(w.DTD_OUTSIDE)),
    ("xlsx: a million columns", "表.xlsx", "sheet.unreadable", w.million_columns),
    ("xlsx: a million rows", "表.xlsx", "sheet.unreadable", w.million_rows),
    ("xlsx: cells in the far corner", "表.xlsx", "sheet.unreadable", _fixed(w.far_corner)),
    ("xlsx: 42,000 merged ranges", "表.xlsx", "1 sheet", _fixed(w.merges)),
    ("xlsx: merged as a whole", "表.xlsx", "1 sheet", _fixed(w.merged_whole)),
    ("xlsx: 200,000 deep", "表.xlsx", "sheet.unreadable", w.deep),
    ("xlsx: a million strings", "表.xlsx", "sheet.unreadable", w.many_strings),
    ("xlsx: 500,000 styles", "表.xlsx", "1 sheet | sheet.unreadable", w.many_styles),
    ("xlsx: formulas that call programs", "表.xlsx", "1 sheet", _fixed(w.formulas)),
    ("xlsx: patterns that never end", "表.xlsx", "1 sheet", _fixed(w.slow_patterns)),
    ("xlsx: a long string in every cell", "表.xlsx", "sheet.unreadable", _fixed(w.long_string)),
    ("csv: five million columns", "表.csv", "sheet.wrong_form", w.wide_csv),
    ("csv: four million lines", "表.csv", "sheet.wrong_form | sheet.unreadable", w.long_csv),
    ("html: tables 100,000 deep", "表.xls", "sheet.wrong_form", w.deep_html),
    ("html: spans of a thousand million", "表.xls", "sheet.wrong_form", _fixed(w.spanning_html)),
    ("ods: repeats of a thousand million", "表.ods", "sheet.unreadable", _fixed(w.repeating_ods)),
    ("xml: index of a thousand million", "表.xls", "sheet.wrong_form", _fixed(w.far_spreadsheetml)),
    ("xls: a cell far away", "表.xls", "sheet.unreadable, child: crash", _fixed(w.far_xls)),
    ("pdf: 100,000 pages", "扫描.pdf", "1 cover | cover.unreadable, child: time", _fixed(c.many_pages)),
    ("pdf: says 2,000,000,000 pages", "扫描.pdf", "1 cover", _fixed(c.told_pages)),
    ("pdf: page tree in circles", "扫描.pdf", "cover.unreadable", _fixed(c.page_tree_in_circles)),
    ("pdf: page tree 20,000 deep", "扫描.pdf", "cover.unreadable", _fixed(c.deep_page_tree)),
    (
        "pdf: a gigabyte of content",
        "扫描.pdf",
        "cover.unreadable, child: time | cover.unreadable, child: crash | 1 cover",
        c.content_bomb,
    ),
    (
        "pdf: five filters",
        "扫描.pdf",
        "cover.unreadable, child: time | cover.unreadable, child: crash | 1 cover",
        c.nested_filters,
    ),
    ("pdf: picture of 60,000 × 60,000", "扫描.pdf", "1 cover | cover.unreadable, child: time", c.huge_picture),
    ("pdf: the same in 48 bits", "扫描.pdf", "1 cover", _fixed(c.huge_colours)),
    ("pdf: JBIG2 page of 60,000 × 60,000", "扫描.pdf", "1 cover", lambda _: c.jbig2("page")),
    ("pdf: JBIG2 in circles", "扫描.pdf", "1 cover", lambda _: c.jbig2("circle")),
    ("pdf: JBIG2 symbols", "扫描.pdf", "1 cover", lambda _: c.jbig2("symbols")),
    ("pdf: JPX of 60,000 × 60,000 tiles", "扫描.pdf", "1 cover", _fixed(c.jpx_in_pdf)),
    ("pdf: JPEG of 65,500 × 65,500", "扫描.pdf", "1 cover", _fixed(c.jpeg_in_pdf)),
    ("pdf: broken TrueType", "扫描.pdf", "1 cover", lambda _: c.fonts("truetype")),
    ("pdf: broken CFF", "扫描.pdf", "1 cover", lambda _: c.fonts("cff")),
    ("pdf: broken Type 1", "扫描.pdf", "1 cover", lambda _: c.fonts("type1")),
    ("pdf: glyphs that draw themselves", "扫描.pdf", "1 cover", lambda _: c.fonts("type3")),
    (
        "pdf: forms in circles",
        "扫描.pdf",
        "cover.unreadable, child: time | cover.unreadable, child: crash | 1 cover",
        _fixed(c.forms_in_circles),
    ),
    ("pdf: forms multiplied", "扫描.pdf", "cover.unreadable, child: time | 1 cover", _fixed(c.forms_multiplied)),
    ("pdf: patterns in circles", "扫描.pdf", "cover.unreadable, child: time | 1 cover", _fixed(c.patterns_in_circles)),
    ("pdf: a million brackets", "扫描.pdf", "1 cover | cover.unreadable, child: time", c.deep_arrays),
    ("pdf: five million saves", "扫描.pdf", "cover.unreadable, child: time | 1 cover", c.deep_saves),
    ("pdf: three million strokes", "扫描.pdf", "cover.unreadable, child: time | 1 cover", c.many_strokes),
    ("pdf: xref in circles", "扫描.pdf", "1 cover", _fixed(c.xref_in_circles)),
    ("pdf: an endless page", "扫描.pdf", "1 cover", _fixed(c.huge_page)),
    ("pdf: scripts and programs", "扫描.pdf", "1 cover", _fixed(c.with_actions)),
    ("png: 60,000 × 60,000", "扫描.png", "cover.unreadable", _fixed(c.huge_png)),
    ("png: text of a gigabyte", "扫描.png", "cover.unreadable", lambda scale: c.png_with(scale, b"zTXt")),
    ("png: profile of a gigabyte", "扫描.png", "cover.unreadable", lambda scale: c.png_with(scale, b"iCCP")),
    ("tiff: 60,000 × 60,000", "扫描.tif", "cover.unreadable", _fixed(c.huge_tiff)),
    ("tiff: pages in circles", "扫描.tif", "1 cover", _fixed(c.tiff_in_circles)),
    ("tiff: 20,000 pages", "扫描.tif", "1 cover | cover.unreadable, child: time", c.many_frames),
    ("jpeg: 65,500 × 65,500", "扫描.jpg", "cover.unreadable", _fixed(c.huge_jpeg)),
    ("gif: 65,535 × 65,535", "扫描.gif", "cover.unreadable", _fixed(c.huge_gif)),
    ("bmp: 60,000 × 60,000", "扫描.bmp", "cover.unreadable", _fixed(c.huge_bmp)),
    ("webp: 16,383 × 16,383", "扫描.webp", "cover.unreadable", _fixed(c.huge_webp)),
    ("jp2: 60,000 × 60,000 tiles", "扫描.jp2", "cover.unreadable", _fixed(c.jpx)),
    ("eps: PostScript as a picture", "扫描.jpg", "cover.unreadable", lambda _: c.postscript() + bytes(9)),
)
_MAILS: tuple[tuple[str, str, Make], ...] = (
    ("mail: 10,000 attachments", "attachment.bomb, attachment.unsupported, other files", _fixed(m.many_attachments)),
    ("mail: multiparts 10,000 deep", "attachment.bomb", _fixed(m.deep_multiparts)),
    ("mail: mails 10,000 deep", "attachment.bomb", _fixed(m.deep_mails)),
    ("mail: 200,000 parts", "attachment.bomb", m.one_boundary),
    ("mail: boundary of a megabyte", "nothing", _fixed(m.long_boundary)),
    ("mail: 300,000 fields", "nothing", m.many_fields),
    ("mail: field of 20 MB", "nothing", m.long_field),
    ("mail: line of 30 MB", "nothing", m.long_line),
    ("mail: 100,000 encoded words", "nothing", _fixed(m.many_words)),
    ("mail: patterns that never end", "nothing", _fixed(m.patterns)),
    ("mail: the same in HTML", "nothing", _fixed(m.html_patterns)),
    ("mail: HTML 200,000 deep", "nothing", m.deep_html),
    ("mail: line breaks in fields", "attachment.unsupported, other files", _fixed(m.injecting)),
    ("mail: base64 of rubbish", "cover.unreadable", m.stuffed_base64),
    ("mail: five million soft breaks", "nothing", m.quoted_lines),
    ("mail: 100,000 uuencoded files", "sheet.wrong_form", m.many_uuencoded),
    ("mail: TNEF that lies", "nothing", _fixed(m.lying_tnef)),
    ("mail: a part of another", "nothing", _fixed(m.partial)),
    ("mail: charsets that are none", "nothing", _fixed(m.unknown_charsets)),
    ("mail: halves of characters", "sheet.wrong_form", _fixed(m.loose_surrogates)),
    ("mail: look-alike address", "nothing", _fixed(m.look_alike)),
)


_ENDLESS = frozenset(
    {
        "pdf: a gigabyte of content",
        "pdf: five filters",
        "pdf: forms in circles",
        "pdf: forms multiplied",
        "pdf: patterns in circles",
        "pdf: five million saves",
        "pdf: three million strokes",
    }
)


def _carried(name: str, make: Make) -> Make:
    return lambda scale: m.carrying((name, make(scale)))


CASES: tuple[Case, ...] = (
    *(
        Case(name=name, make=_carried(file, make), outcomes=tuple(told.split(" | ")), endless=name in _ENDLESS)
        for name, file, told, make in _FILES
    ),
    *(Case(name=name, make=make, outcomes=tuple(told.split(" | "))) for name, told, make in _MAILS),
)
