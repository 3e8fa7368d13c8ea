"""Make the demo's mails: `python -m samples.make` writes samples/mails/*.eml and samples/expected.json.

Needs LibreOffice and Debian's Chinese fonts (fonts-arphic-uming, fonts-arphic-ukai, fonts-noto-cjk) and, for the
locked workbook, msoffcrypto-tool. Using the samples needs none of them. One seed a mail: the same machine makes the
same mails, but for the salt of the locked workbook.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from samples.maker import accepted, others, rejected, threads
from samples.maker.cases import Labelled, Plan, build
from samples.maker.content import county
from samples.maker.desk import Desk, Kind, Style
from samples.maker.mails import Client
from samples.maker.mix import BEIJING
from samples.maker.scanner import ScanRange

FOLDER = Path(__file__).parent
STYLE = Style(scans=ScanRange(dpi=(200, 200, 150), noise=(0.7, 1.5), quality=(60, 66)), rows=(8, 14))
"""Light scans, since all the mails together must stay under 8 MB."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """One case of the demo; `names`, `english` and `chinese` have one entry a mail."""

    names: tuple[str, ...]
    kind: Kind
    county: str
    at: str
    client: Client
    english: tuple[str, ...]
    chinese: tuple[str, ...]
    folder: str = "INBOX"


def _story(names: str, kind: Kind, where: str, at: str, client: Client, *says: str) -> Story:
    """`names` parted by blanks; `says` are English and Chinese by turns."""
    folder = "Junk" if names.startswith("junk-") else "INBOX"
    return Story(
        names=tuple(names.split()),
        kind=kind,
        county=where,
        at=at,
        client=client,
        english=says[::2],
        chinese=says[1::2],
        folder=folder,
    )


STORIES: tuple[Story, ...] = (
    _story("born-digital", rejected.born_digital, "PYX", "2020-02-25 16:20", Client.FOXMAIL,
           "The PDF was exported from the workbook with a picture of the seal pasted in",
           "PDF是电子表直接导出的，印章是贴上去的图片，不是扫描件"),
    _story("accepted", accepted.pdf, "PYX", "2020-02-26 09:12", Client.FOXMAIL,
           "All in order", "材料齐全，受理"),
    _story("finance-seal", rejected.finance_seal, "QFX", "2020-02-26 09:40", Client.QQ_WEB,
           "Stamped with the bureau's finance seal", "盖的是财务专用章，不是公章"),
    _story("altered-digit", rejected.altered_digit, "NLX", "2020-02-26 10:05", Client.NETEASE,
           "One phone digit was changed in the workbook after printing", "打印盖章后又改了电子表里的一位电话号码"),
    _story("locked-workbook", rejected.encrypted, "GYQ", "2020-02-26 10:31", Client.THUNDERBIRD,
           "The workbook has a password", "电子表设了打开密码"),
    _story("damaged-workbook", rejected.truncated, "JKQ", "2020-02-26 11:02", Client.FOXMAIL,
           "The workbook was cut off on its way", "电子表文件损坏，打不开"),
    _story("wrong-form", rejected.wrong_form, "SFQ", "2020-02-26 11:15", Client.OUTLOOK,
           "Another table was attached by mistake", "电子表附错了，是别的统计表"),
    _story("question", others.question, "TQX", "2020-02-26 14:50", Client.QQ_WEB,
           "A plain question without files", "普通咨询，没有附件"),
    _story("bad-cells", rejected.bad_cells, "TQX", "2020-02-26 15:33", Client.OUTLOOK,
           "Bad phone, missing filing number, duplicate row, empty contact", "电话位数不够、缺备案号、重复行、联系人空着"),
    _story("accepted-jpg", accepted.jpg, "QFX", "2020-02-27 08:41", Client.QQ_WEB,
           "The right seal now, scan as JPG", "改盖公章后重报，扫描件是JPG图片"),
    _story("accepted-xls", accepted.xls, "NLX", "2020-02-27 09:03", Client.NETEASE,
           "An old .xls workbook, the page agrees now", "电子表是旧格式xls，与扫描件一致"),
    _story("workbook-alone scan-follows", threads.in_two_mails, "HLQ", "2020-02-26 16:05", Client.FOXMAIL,
           "The workbook came without its scan", "只发了电子表，缺盖章扫描件",
           "The scan came in a second mail and completes it", "第二封邮件补齐了扫描件"),
    _story("wrong-seal", rejected.wrong_seal, "FX", "2020-02-27 10:20", Client.OUTLOOK,
           "Stamped by another county", "盖的是别的县区的公章"),
    _story("nil-return", accepted.nil_return, "GYQ", "2020-02-27 11:08", Client.THUNDERBIRD,
           "Uses no app and says so", "没有使用任何APP，零报告"),
    _story("to-be-corrected corrected", threads.corrected, "SFQ", "2020-02-27 11:30", Client.QQ_WEB,
           "Accepted, later superseded", "受理，后被更正件取代",
           "A corrected return in the same thread supersedes the first", "同一邮件往来里的更正件，取代前一份"),
    _story("no-seal", rejected.no_seal, "TQX", "2020-02-27 15:12", Client.OUTLOOK,
           "The cells are mended, but the page is not stamped", "表格改好了，但首页没有盖章"),
    _story("restricted-app", accepted.restricted, "JKQ", "2020-02-27 16:26", Client.FOXMAIL,
           "A functional zone with its 社会事业局 seal; uses 抖音, which brings a reminder",
           "功能区，盖社会事业局章；用了抖音，提醒直播严禁打赏"),
    _story("junk-unfiled-app", accepted.unfiled, "TQX", "2020-02-28 09:55", Client.NETEASE,
           "Found in Junk: in order, but one app is not filed", "在垃圾箱里找到：材料合格，但有一个APP未备案"),
    _story("black-and-white", rejected.black_and_white, "QFX", "2020-02-28 10:30", Client.QQ_WEB,
           "A scan without colour: a person must look", "黑白扫描件，分不清是不是印泥，转人工核对"),
    _story("complaint", others.complaint, "PYX", "2020-02-28 13:45", Client.NETEASE,
           "A parent's complaint: a confidential task for staff", "家长举报，转工作人员保密处理"),
    _story("vacation-reply", others.vacation, "NLX", "2020-02-28 14:00", Client.QQ_WEB,
           "A vacation reply: never answered", "自动回复，不予答复"),
    _story("bounce", others.bounce, "PYX", "2020-02-28 14:20", Client.NETEASE,
           "A bounce: never answered", "系统退信，不予答复"),
    _story("junk-newsletter", others.newsletter, "PYX", "2020-02-28 15:00", Client.THUNDERBIRD,
           "A newsletter: never answered", "订阅邮件，不予答复"),
    _story("late", accepted.late, "FX", "2020-03-02 09:30", Client.OUTLOOK,
           "The right seal now, but after the deadline", "改盖本县公章后重报，已逾期"),
)  # fmt: skip


def main() -> None:
    """Write the mails in order of receipt, and their labels."""
    named = [pair for number, story in enumerate(STORIES) for pair in _planned(number, story)]
    made = build([plan for _, plan, _ in named])
    lines = sorted(zip(named, made, strict=True), key=lambda line: line[1].received_at)
    folder = FOLDER / "mails"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.eml"):
        old.unlink()
    labels = []
    for number, ((name, _, says), mail) in enumerate(lines, 1):
        path = folder / f"{number:02d}-{name}.eml"
        path.write_bytes(mail.raw)
        labels.append(_label(path.name, mail, says))
    text = json.dumps({"mails": labels}, ensure_ascii=False, indent=1)
    (FOLDER / "expected.json").write_text(text + "\n", encoding="utf-8")
    print(f"{len(labels)} mails, {sum(len(mail.raw) for mail in made) / 1e6:.1f} MB")


def _planned(number: int, story: Story) -> list[tuple[str, Plan, tuple[str, str]]]:
    when = datetime.fromisoformat(story.at).replace(tzinfo=BEIJING)
    desk = Desk(
        rng=random.Random(f"samples {story.names[0]}"),
        style=STYLE,
        county=county(story.county),
        received_at=when,
        client=story.client,
        case=number,
        folder=story.folder,
    )
    names = (name.removeprefix("junk-") for name in story.names)
    return list(zip(names, story.kind(desk), zip(story.english, story.chinese, strict=True), strict=True))


def _label(file: str, mail: Labelled, says: tuple[str, str]) -> dict[str, object]:
    expected = mail.expected
    return {
        "file": file,
        "folder": mail.folder,
        "received_at": mail.received_at.isoformat(),
        "disposition": expected.disposition,
        "state": expected.states[0] if expected.states else None,
        "states": list(expected.states),
        "final_state": expected.final or (expected.states[0] if expected.states else None),
        "codes": sorted(expected.codes),
        "codes_may": sorted(expected.maybe),
        "reporter": expected.reporter,
        "row_count": expected.row_count,
        "altered": expected.altered,
        "case": mail.case,
        "english": says[0],
        "chinese": says[1],
    }


if __name__ == "__main__":
    main()
