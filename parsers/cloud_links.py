"""Finds links that stand where a file should (QQ 超大附件 and its like). They are never opened."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from domain.mail import Part, PartFault, PartKind
from parsers.charsets import clean
from parsers.kinds import kind_of
from parsers.mail_text import Link

_PLACES = (
    "mail.qq.com/cgi-bin/ftnexs_download",
    "mail.qq.com/ftn/download",
    "mail.163.com/large-attachment-download/",
    "mail.126.com/large-attachment-download/",
    "mail.yeah.net/large-attachment-download/",
    "dashi.163.com/html/cloud-attachment-download",
    "mail.163.com/filehub",
    "download.cloud.189.cn/file/",
    "fs.163.com/fs/display",
    "pan.baidu.com/s/",
    "pan.baidu.com/share/",
    "yun.baidu.com/s/",
    "share.weiyun.com/",
    "weiyun.com/disk/",
    "kdocs.cn/l/",
    "docs.qq.com/sheet/",
    "docs.qq.com/doc/",
    "docs.qq.com/pdf/",
    "365.kdocs.cn/",
    "drive.weixin.qq.com/s",
    "feishu.cn/file/",
    "feishu.cn/drive/",
    "feishu.cn/sheets/",
    "feishu.cn/docx/",
    "feishu.cn/docs/",
    "feishu.cn/wiki/",
    "feishu.cn/base/",
    "larksuite.com/file/",
    "larksuite.com/drive/",
    "alidocs.dingtalk.com/",
    "aliyundrive.com/s/",
    "alipan.com/s/",
    "caiyun.139.com/",
    "yun.139.com/",
    "cloud.189.cn/t/",
    "cowtransfer.com/s/",
    "wenshushu.cn/f/",
    "lanzou.com/",
    "jianguoyun.com/p/",
    "123pan.com/s/",
    "pan.xunlei.com/s/",
    "onedrive.live.com/",
    "1drv.ms/",
    "drive.google.com/file/",
)
"""Host and path as they begin; a host may stand below (`wx.mail.qq.com`)."""
_PATHS = ("/cgi-bin/ftnexs_download", "/alimail/openlinks/downloadmimemetadisk")
"""Of providers that serve the mail of others under those others' own names: QQ's and Aliyun's for enterprises."""
_FILE_NAME = re.compile(
    r"[^\s/\\:*?\"<>|]{1,120}\.(?:xlsx?|et|ods|csv|pdf|jpe?g|png|tiff?|zip|rar|7z|docx?)", re.IGNORECASE
)


def cloud_faults(links: Iterable[Link], text: str, end: int, parts: Iterable[Part]) -> tuple[PartFault, ...]:
    """A fault for each such link before `end` of `text` (the quoted original begins there).

    Only where a file is missing: a mail that has a workbook and a cover has both its files, whatever else it links.
    """
    kinds = {part.kind for part in parts}
    if {PartKind.SHEET, PartKind.COVER} <= kinds:
        return ()
    faults: dict[str, PartFault] = {}
    for link in links:
        place = _place(link.url)
        if place and link.place < end and link.url not in faults:
            name = _name(link, text)
            faults[link.url] = PartFault(
                name=name or "超大附件", code="attachment.cloud_link", detail=place, candidate_for=_meant(name, kinds)
            )
    named = [fault for fault in faults.values() if fault.name != "超大附件"]
    return tuple((named or list(faults.values())[:1])[:20])


def _place(url: str) -> str:
    """Which of the known places a link leads to, "" for others. Compared as host and path, so that a query cannot."""
    try:
        split = urlsplit(url.strip())
        path = split.path.lower()
        if not path.strip("/"):
            return ""  # a provider's front page, as its signatures link to it
        where = f"{split.netloc.rpartition('@')[2]}{path}".lower()
    except ValueError:
        return ""
    found = (place for place in _PLACES if where.startswith(place) or f".{place}" in where)
    return next(found, "") or next((place for place in _PATHS if path.startswith(place)), "")


def _name(link: Link, text: str) -> str:
    """The file's name: the anchor's text, else the nearest one shortly before the link (「表.xlsx (60M) 进入下载页面」)."""
    if match := _FILE_NAME.search(link.text):
        return clean(match[0])
    before = _FILE_NAME.findall(text[max(0, link.place - 300) : link.place])
    return clean(before[-1]) if before else ""


def _meant(name: str, kinds: set[PartKind]) -> PartKind | None:
    if name:
        kind = kind_of(b"", name)
        return kind.kind if kind.kind in (PartKind.SHEET, PartKind.COVER) else kind.candidate_for
    if PartKind.SHEET in kinds:
        return PartKind.COVER
    return PartKind.SHEET if PartKind.COVER in kinds else None
