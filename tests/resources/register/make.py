"""Writes the invented lists of this folder: `python tests/resources/register/make.py`."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl

FOLDER = Path(__file__).parent
APPS = (
    ("教APP备3400001号", "清溪课堂", "合肥清溪教育科技股份有限公司"),
    ("教APP备 3400002 号", "清溪作业", "合肥清溪教育科技股份有限公司"),
    ("教ＡＰＰ备１１００１７３号", "云杉学堂", "北京云杉互联网教育科技有限公司"),
    ("教APP备4100012号", "豫学在线", "河南豫学数字出版有限公司"),
    ("教APP备33000215号", "小舟口算", "杭州小舟智能科技有限公司"),
    ("教APP备4400307号", "蓝鲸家校", "深圳市蓝鲸通信技术有限公司"),
    ("教APP备3100044号", "听潮英语", "上海听潮文化传播有限公司"),
)


def workbook() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["教育移动互联网应用程序备案名单（虚构）"])
    sheet.append(["说明：以下内容均为虚构，仅供测试。"])
    sheet.append([])
    sheet.append(["序号", "单位名称", "教育APP名称", "备注", "备案号"])
    for number, (code, app, operator) in enumerate((*APPS, APPS[3]), 1):
        sheet.append([number, operator, app, None, code])
    sheet["B6"] = None
    sheet.merge_cells("B5:B6")
    sheet.append(["合计", "共7款", None, None, None])
    book.save(FOLDER / "list.xlsx")


def plain() -> None:
    with (FOLDER / "list.csv").open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["备案号", "应用名称", "主办者"])
        writer.writerows(APPS)
    with (FOLDER / "other.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["应用名称", "主办者"], *(row[1:] for row in APPS)])


if __name__ == "__main__":
    workbook()
    plain()
