"""What a mail is, and what it goes with: questions, machines, links; parts in several mails, versions, several counties."""

from __future__ import annotations

from pathlib import Path

from samples.maker.mails import File
from tests.forms import save
from tests.mailbag.goods import book, cover, zipped
from tests.mailbag.post import CLERK, Dialect, Posted, headers, mail, named
from tests.mailbag.table import Mails, one
from tests.office import BUREAU

BOOK = book()
SCAN = cover(BOOK)
BAD = book("濮阳县", ("F4", "1391234567"))
FAN, TAI = book("范县"), book("台前县")
FAN_SCAN, TAI_SCAN = cover(FAN, unit="范县", name="IMG_2.jpg"), cover(TAI, unit="台前县", name="IMG_3.jpg")
DITTO = book("濮阳县", ("A5", "同上"), ("D5", "〃"))
LOCKED = File(name="材料.zip", data=(Path(__file__).parents[1] / "resources" / "archives" / "aes.zip").read_bytes())
NEXT = book("濮阳县", ("E4", "赵四"))
NEXT_SCAN = cover(NEXT, name="新扫描.jpg")
OTHER_SEAL = cover(BOOK, name="错章.jpg", seal="范县教育局")
HALF = book("濮阳县", ("B4", "濮阳县实验小学"), ("B5", "濮阳县特教学校"), ("B6", "濮阳县职教中心"))
NIL = book("濮阳县", *((f"{column}{row}", None) for row in (4, 5, 6) for column in "ABCDEFGHI"), ("C4", "零报告"))
NIL_LINES = ["濮阳县学习类APP统计备案表", "填报单位：濮阳县教育局", "填报时间：2020年2月27日", "零报告"]
OTHER_BOOK = File(name="工资表.xlsx", data=save({"A1": "工资表", "A2": "姓名", "B2": "金额", "A3": "张三", "B3": 1}))
COLLEAGUE = "office2@mail.example.cn"
QQ_LINK = "https://mail.qq.com/cgi-bin/ftnExs_download?k=1&t=exs_ftn_download"


def two(first: tuple[File, ...], second: tuple[File, ...], *, sender: str = CLERK, subject: str = "备案表") -> Mails:
    """Two mails, two hours apart; the second from `sender`."""
    return lambda d: [
        Posted(raw=mail(d, *first, seed=1)),
        Posted(raw=mail(d, *second, seed=2, hours=2, sender=sender, subject=subject), hours=2),
    ]


def question(dialect: Dialect, seed: int = 1) -> bytes:
    return mail(dialect, subject="请问怎么填", text="请问教学点使用的APP也要填吗？", seed=seed)


Line = tuple[str, Mails, tuple[str, ...], int]
"""Name, mails, outcome, number of letters."""

LINES: tuple[Line, ...] = (
    ("question", one(question), ("question",), 1),
    ("two questions a day", lambda d: [Posted(raw=question(d)), Posted(raw=question(d, 2))], ("question", "question"), 1),
    ("complaint", one(lambda d: mail(d, subject="举报", text="举报某学校强制收费")), ("complaint",), 1),
    ("wish to withdraw", one(lambda d: mail(d, subject="请撤回", text="请撤回昨天报送的表")), ("withdraw",), 1),
    ("a note alone", one(lambda d: mail(d, File(name="说明.txt", data="说明".encode()))), ("question",), 1),
    ("automatic reply of QQ", one(lambda d: headers(X_QQ_AUTO_REPLY="1")(mail(d, subject="自动回复:x"))), ("ignored.auto_reply",), 0),
    ("automatic reply by subject", one(lambda d: mail(d, subject="自动回复：外出")), ("ignored.auto_reply",), 0),
    ("automatic reply by header", one(lambda d: headers(Auto_Submitted="auto-replied")(mail(d))), ("ignored.auto_reply",), 0),
    ("read receipt", one(lambda d: mail(d, subject="已读: 备案表")), ("ignored.auto_reply",), 0),
    ("list", one(lambda d: headers(List_Id="<a.example.cn>")(mail(d))), ("ignored.bulk",), 0),
    ("newsletter", one(lambda d: headers(Precedence="bulk")(mail(d))), ("ignored.bulk",), 0),
    ("no-reply sender", one(lambda d: mail(d, BOOK, sender="noreply@mail.example.cn")), ("ignored.bulk",), 0),
    ("our own", one(lambda d: mail(d, BOOK, SCAN, sender=BUREAU)), ("ignored.own",), 0),
    ("notice of delay", one(lambda d: mail(d, subject="邮件投递延迟通知", sender="postmaster@x.example.cn")), ("ignored.delivery_notice",), 0),
    (
        "bounce of our reply",
        lambda d: [
            Posted(raw=mail(d, BOOK, SCAN)),
            Posted(raw=mail(d, subject="系统退信", text=f"收件人 {CLERK} 不存在", sender="postmaster@x.example.cn", return_path=""), hours=1),
        ],
        ("accepted", "ignored.bounce"), 1,
    ),
    ("spam among junk", lambda d: [Posted(raw=mail(d, subject="代开发票", text="加微信"), folder="Junk")], ("junk",), 0),
    ("an advertisement in the inbox", one(lambda d: mail(d, subject="优惠活动", text="办公用品厂家直销，限时优惠，欢迎来电。", sender="shop@ads.example.net")), ("junk",), 0),
    ("advertisements with a price list", one(lambda d: mail(d, OTHER_BOOK, subject="代开各类发票", text="代开发票，加微信。", sender="a@ads.example.net")), ("junk",), 0),
    ("words of an advertisement beside a return", one(lambda d: mail(d, BOOK, SCAN, subject="表", text="见附件。限时优惠，加微信领取，退订回T")), ("accepted",), 1),
    ("cloud links in place of files", one(lambda d: mail(d, text=f"超大附件：濮阳县.xlsx\n{QQ_LINK}")), ("rejected attachment.cloud_link cover.missing sheet.missing",), 1),
    ("workbook, and a link for the scan", one(lambda d: mail(d, BOOK, text=f"扫描件.pdf (60M)\n{QQ_LINK}")), ("rejected attachment.cloud_link cover.missing",), 1),
    ("workbook alone", one(lambda d: mail(d, BOOK)), ("incomplete cover.missing",), 1),
    ("scan alone", one(lambda d: mail(d, SCAN)), ("incomplete sheet.missing",), 1),
    ("workbook with errors alone", one(lambda d: mail(d, BAD)), ("rejected cover.missing row.phone_invalid",), 1),
    ("workbook, then scan", two((BOOK,), (SCAN,)), ("accepted",), 2),
    ("scan, then workbook", two((SCAN,), (BOOK,)), ("accepted",), 2),
    ("workbook, then scan by a colleague", two((BOOK,), (SCAN,), sender=COLLEAGUE), ("review mail.foreign_part",), 2),
    ("workbook, then the same with its scan by a colleague", two((BOOK,), (BOOK, SCAN), sender=COLLEAGUE), ("superseded", "accepted"), 3),
    (
        "workbook, then the same, then its scan, by a colleague",
        lambda d: [
            *two((BOOK,), (BOOK,), sender=COLLEAGUE)(d),
            Posted(raw=mail(d, SCAN, seed=3, hours=3, sender=COLLEAGUE), hours=3),
        ],
        ("accepted",), 3,
    ),
    (
        "a colleague's workbook meanwhile, and the scan of one's own again",
        lambda d: [
            Posted(raw=mail(d, BOOK, OTHER_SEAL)),
            Posted(raw=mail(d, NEXT, seed=2, hours=1, sender=COLLEAGUE), hours=1),
            Posted(raw=mail(d, SCAN, seed=3, hours=2), hours=2),
        ],
        ("rejected cover.seal_mismatch", "incomplete cover.missing", "review mail.takeover"), 3,
    ),
    ("wrong seal, then the scan alone", two((BOOK, OTHER_SEAL), (SCAN,)), ("rejected cover.seal_mismatch", "accepted"), 2),
    ("errors, then the workbook alone", two((BAD, SCAN), (BOOK,)), ("rejected cover.content_mismatch row.phone_invalid", "incomplete cover.missing"), 2),
    ("errors, then both", two((BAD, SCAN), (BOOK, SCAN)), ("rejected cover.content_mismatch row.phone_invalid", "accepted"), 2),
    ("the very same again", two((BOOK, SCAN), (BOOK, SCAN)), ("accepted",), 2),
    ("the same in a zip", two((BOOK, SCAN), (zipped([BOOK, SCAN]),)), ("accepted",), 2),
    ("a new version", two((BOOK, SCAN), (NEXT, NEXT_SCAN)), ("superseded", "accepted"), 2),
    ("a new version by a colleague", two((BOOK, SCAN), (NEXT, NEXT_SCAN), sender=COLLEAGUE), ("accepted", "review mail.takeover"), 2),
    ("the new workbook alone", two((BOOK, SCAN), (NEXT,)), ("accepted", "incomplete cover.missing"), 2),
    ("pre-check", one(lambda d: mail(d, BOOK, SCAN, subject="【预检】备案表")), ("precheck",), 1),
    ("pre-check of the workbook alone", one(lambda d: mail(d, BAD, subject="请预检一下备案表")), ("precheck",), 1),
    ("pre-check of a new version", two((BOOK, SCAN), (NEXT, NEXT_SCAN), subject="备案表（预检）"), ("accepted", "precheck"), 2),
    (
        "pre-check, then the return in answer",
        lambda d: [
            Posted(raw=mail(d, BOOK, subject="预检：备案表")),
            Posted(raw=mail(d, BOOK, SCAN, subject="回复：Re: 【预检】缺件：备案表", seed=2, hours=2), hours=2),
        ],
        ("accepted", "precheck"), 2,
    ),
    ("passed its pre-check, now in earnest", one(lambda d: mail(d, BOOK, SCAN, subject="预检通过，现正式报送")), ("accepted",), 1),
    ("no pre-check", one(lambda d: mail(d, BOOK, SCAN, subject="濮阳县备案表（非预检）")), ("accepted",), 1),
    ("pre-check of a locked archive", one(lambda d: mail(d, LOCKED, subject="预检")), ("precheck",), 1),
    ("the scan of another county", one(lambda d: mail(d, BOOK, FAN_SCAN)), ("rejected cover.content_mismatch cover.low_quality cover.seal_mismatch",), 1),
    ("同上 in a workbook", one(lambda d: mail(d, DITTO, cover(DITTO, name="同上.jpg"))), ("rejected row.required row.unit_mismatch",), 1),
    ("two counties", one(lambda d: mail(d, FAN, TAI, FAN_SCAN, TAI_SCAN)), ("accepted", "accepted"), 2),
    ("two counties, names without meaning", one(lambda d: mail(d, TAI_SCAN, named(FAN, "1.xlsx"), FAN_SCAN, named(TAI, "2.xlsx"))), ("accepted", "accepted"), 2),
    ("two counties, one scan", one(lambda d: mail(d, FAN, TAI, TAI_SCAN)), ("incomplete cover.missing", "accepted"), 2),
    ("scans of two counties, then workbooks", two((FAN_SCAN, TAI_SCAN), (FAN, TAI)), ("accepted", "accepted"), 4),
    ("a zip a county", one(lambda d: mail(d, zipped([FAN, FAN_SCAN], "范县.zip"), zipped([TAI, TAI_SCAN], "台前.zip", gbk=True))), ("accepted", "accepted"), 2),
    ("two versions and the scan of one", one(lambda d: mail(d, BAD, BOOK, SCAN)), ("accepted attachment.unsupported",), 1),
    ("two versions without a scan", one(lambda d: mail(d, BOOK, NEXT)), ("rejected cover.missing sheet.ambiguous",), 1),
    ("two halves without a scan", one(lambda d: mail(d, BOOK, HALF)), ("rejected cover.missing sheet.ambiguous",), 1),
    ("two halves and the scan of one", one(lambda d: mail(d, HALF, BOOK, SCAN)), ("accepted attachment.unsupported",), 1),
    ("nothing used", one(lambda d: mail(d, NIL, cover(NIL, name="零报告.jpg", lines=NIL_LINES))), ("accepted",), 1),
    ("a stranger's own spreadsheet", one(lambda d: mail(d, OTHER_BOOK)), ("rejected cover.missing sheet.wrong_form",), 1),
)  # fmt: skip
