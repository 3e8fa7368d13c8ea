"""Problems of the stamped scan."""

from __future__ import annotations

from domain.catalogue_entry import Entry, Words
from domain.problems import Severity

_E, _R = Severity.ERROR, Severity.REVIEW
_RESCAN = "请核对，改好后重新打印首页、盖章、扫描。"
_BY_HAND = "不必重新发送，等候人工核对即可"

COVER_ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="cover.missing",
        severity=_E,
        name="缺扫描件",
        when="邮件里没有盖章的扫描件（或等待时间已过仍没有）",
        words=Words(
            message="没有收到盖章的扫描件。",
            advice="请打印电子表首页，加盖单位公章，扫描成PDF或图片，作为普通附件发来。",
        ),
        variants={
            "precheck": Words(
                message="这次没有附盖章的扫描件。",
                advice="正式报送时请打印电子表首页，加盖单位公章，扫描成PDF或图片，一并发来。",
            ),
            "inside": Words(
                message="没有单独收到盖章的扫描件，可能就在“{inside}”里。",
                advice="请按该附件的说明处理后，把盖章的扫描件作为普通附件发来。",
            ),
            "new_sheet": Words(
                message="没有收到这份电子表的盖章扫描件；先前的扫描件是先前那份电子表的，不能沿用。",
                advice="请打印这份电子表的首页，加盖单位公章，扫描成PDF或图片，作为普通附件发来。",
            ),
            "new_sheet_stands": Words(
                message="没有收到这份电子表的盖章扫描件；先前的扫描件是先前那份电子表的，不能沿用。",
                advice="请打印这份电子表的首页，加盖单位公章，扫描成PDF或图片，作为普通附件发来。"
                "在新的一份受理之前，已受理的那份（回执 {stands}）继续有效。",
            ),
        },
    ),
    Entry(
        code="cover.unreadable",
        severity=_E,
        name="扫描件打不开",
        when="文件损坏，不是PDF、图片，或同一封邮件里读不完的附件太多",
        words=Words(
            message="扫描件打不开，文件可能已损坏。", advice="请在电脑上打开检查，重新扫描成PDF或JPG图片后再发。"
        ),
        variants={
            "unbegun": Words(
                message="这封邮件里的附件太多，或有的附件长时间读不完，这个文件没有读。",
                advice="请另发一封邮件，只附填好的电子表（.xlsx）和它的盖章扫描件。",
            ),
        },
    ),
    Entry(
        code="cover.encrypted",
        severity=_E,
        name="扫描件有密码",
        when="PDF设了打开密码",
        words=Words(message="扫描件设了打开密码，无法读取。", advice="请去掉密码，或重新扫描后再发。"),
    ),
    Entry(
        code="cover.wrong_form",
        severity=_E,
        name="扫描件不是这张表",
        when="看得清，但页面上没有规定的表格",
        words=Words(
            message="扫描件上没有找到规定的表格。",
            advice="请打印电子表的首页（带表格的那一页），加盖单位公章，扫描后发来。",
        ),
    ),
    Entry(
        code="cover.not_a_scan",
        severity=_E,
        name="不是扫描件",
        when="由电脑直接生成的页面，或贴上去的公章图片",
        words=Words(
            message="这个文件是电脑直接导出的，不是纸面盖章后的扫描件。",
            advice="请把首页打印出来，在纸上加盖单位公章，再扫描或拍照后发来。",
        ),
        variants={
            "pasted": Words(
                message="这个文件是电脑直接导出的，公章是贴上去的图片，不是纸面盖章后的扫描件。",
                advice="请把首页打印出来，在纸上加盖单位公章，再扫描或拍照后发来。",
            )
        },
    ),
    Entry(
        code="cover.electronic_seal",
        severity=_R,
        name="电子签章",
        when="有数字签名的PDF，或OFD文件：可能是合法的电子印章",
        words=Words(
            message="文件带有电子签名，可能盖的是电子印章，将由人工核对。",
            advice=f"{_BY_HAND}；如方便，也可改发纸面盖章后的扫描件。",
        ),
    ),
    Entry(
        code="cover.unstamped",
        severity=_E,
        name="没有公章",
        when="彩色、清晰的页面上没有单位公章",
        words=Words(
            message="扫描件上没有看到单位公章。", advice="请在打印的首页上加盖单位公章（红色），用彩色重新扫描后发来。"
        ),
        variants={
            "unofficial": Words(
                message="扫描件上有红色印记，但不是单位公章的样式。",
                advice="请在打印的首页上加盖单位公章（圆形，红色），用彩色重新扫描后发来。",
            ),
            "elsewhere": Words(
                message="扫描件的表格首页上没有看到单位公章（{pages}上的公章不在这张表上）。",
                advice="请在打印的表格首页上加盖单位公章（红色），用彩色重新扫描后发来；只盖在公函或别的页上不算。",
            ),
        },
    ),
    Entry(
        code="cover.seal_mismatch",
        severity=_E,
        name="公章不是填报单位的",
        when="公章看得清，是别的单位的",
        words=Words(
            message="扫描件上的公章是“{seal}”，不是填报单位（{reporter}）的公章。",
            advice="请加盖填报单位的公章，如“{example}”，重新扫描后发来；若填报单位填错了，请一并改正。",
        ),
    ),
    Entry(
        code="cover.seal_wrong_kind",
        severity=_E,
        name="公章种类不对",
        when="是本单位的专用章（财务、合同等），不是单位公章",
        words=Words(
            message="扫描件上盖的是“{seal}”，不是单位公章。",
            advice="请改盖单位公章（名称如“{example}”），重新扫描后发来。",
        ),
    ),
    Entry(
        code="cover.content_mismatch",
        severity=_E,
        name="扫描件与电子表不一致",
        when="打印页上的内容与电子表不同（逐格写出两边的内容）",
        words=Words(message="{page}与电子表不一致，扫描件是“{read}”，电子表是“{shown}”。", advice=_RESCAN),
        variants={
            "digits": Words(message="{page}与电子表不一致，{digits}（{shown}）。", advice=_RESCAN),
            "length": Words(
                message="{page}与电子表不一致，扫描件有{read_count}位数字，电子表有{count}位（{shown}）。",
                advice=_RESCAN,
            ),
            "absent": Words(message="{page}与电子表不一致，电子表是“{shown}”，扫描件上没有。", advice=_RESCAN),
            "row_missing": Words(message="电子表第{row}行（{shown}）在扫描件上没有。", advice=_RESCAN),
            "row_displaced": Words(message="电子表第{row}行（{shown}）在扫描件上排在别的位置。", advice=_RESCAN),
            "row_extra": Words(message="扫描件上有一行“{read}”，电子表里没有。", advice=_RESCAN),
            "extra": Words(message="{page}与电子表不一致，扫描件是“{read}”，电子表是空的。", advice=_RESCAN),
        },
    ),
    Entry(
        code="cover.seal_unreadable",
        severity=_R,
        name="公章看不清",
        when="有公章，但文字不能确认",
        words=Words(
            message="扫描件上有公章，但文字看不清，将由人工核对。",
            advice=f"{_BY_HAND}；如方便，也可把公章盖清楚，用彩色、300 DPI重新扫描后发来。",
        ),
        variants={
            "apart": Words(
                message="扫描件的表格首页上没有看到清楚的单位公章；{pages}上有公章，但看不出盖在这张表上，将由人工核对。",
                advice=f"{_BY_HAND}；如方便，也可把盖章的首页整页拍全，用彩色、300 DPI重新扫描后发来。",
            ),
            "unread": Words(
                message="扫描件共{count}页，没有全部读取，读到的表格上没有看到公章，将由人工核对。",
                advice=f"{_BY_HAND}；如方便，也可只扫描盖章的表格首页，用彩色重新扫描后发来。",
            ),
        },
    ),
    Entry(
        code="cover.colourless",
        severity=_R,
        name="黑白扫描件",
        when="黑白扫描或复印件，分不清红章和打印",
        words=Words(
            message="扫描件是黑白的，无法确认公章，将由人工核对。",
            advice=f"{_BY_HAND}；如方便，也可用彩色重新扫描后发来。",
        ),
    ),
    Entry(
        code="cover.seal_suspect",
        severity=_R,
        name="公章需核实",
        when="公章像是画上、贴上或打印出来的，不像盖的；或页面像是对着屏幕拍的",
        words=Words(
            message="扫描件上的公章需要人工核实。", advice=f"{_BY_HAND}；如方便，也可在纸面重新盖章，彩色扫描后发来。"
        ),
        variants={
            "printed": Words(
                message="扫描件上的公章像是打印或彩色复印的，将由人工核实。",
                advice=f"{_BY_HAND}；如方便，也可直接扫描盖了章的原件（不用复印件）后发来。",
            ),
            "screen": Words(
                message="这一页像是对着屏幕拍的照片，不能确认纸面上盖了公章，将由人工核实。",
                advice=f"{_BY_HAND}；如方便，也可直接扫描或拍摄盖了章的纸面原件后发来。",
            ),
        },
    ),
    Entry(
        code="cover.low_quality",
        severity=_R,
        name="扫描件不清楚",
        when="打印内容看不清，不能确认与电子表一致",
        words=Words(
            message="扫描件不够清楚，无法确认与电子表一致，将由人工核对。",
            advice=f"{_BY_HAND}；如方便，也可放平、拍全，用彩色、300 DPI重新扫描后发来。",
        ),
        variants={
            "seal": Words(
                message="扫描件不够清楚，看不到公章，将由人工核对。",
                advice=f"{_BY_HAND}；如方便，也可放平、拍全，用彩色、300 DPI重新扫描后发来。",
            ),
            "cells": Words(
                message="扫描件有{count}处看不清（{cells}），无法确认与电子表一致，将由人工核对。",
                advice=f"{_BY_HAND}；如方便，也可放平、拍全，用彩色、300 DPI重新扫描后发来。",
            ),
        },
    ),
)
