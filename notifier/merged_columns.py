"""The columns of the merged workbook's sheets, with what stands above them. Those behind the printed ones tell where it is from."""

from __future__ import annotations

from dataclasses import dataclass

from notifier.merged_sheet import Head


@dataclass(frozen=True, kw_only=True)
class Table:
    """`printed`: so many of the columns are printed, the others are for looking things up."""

    name: str
    title: str
    note: str
    columns: tuple[Head, ...]
    printed: int


SOURCE = (
    Head(name="报送单位", width=16),
    Head(name="回执", width=27),
    Head(name="版本", width=7),
    Head(name="来信时间", width=18),
    Head(name="电子表", width=24),
    Head(name="工作表", width=12),
    Head(name="行", width=7),
    Head(name="扫描件", width=24),
    Head(name="页", width=6),
    Head(name="在扫描页（摆正后）上的位置", width=30),
)
"""Of the table, behind the columns of the form."""
PAGE = Head(name="核对页", width=44)
"""Behind these, where people reach the console."""
STATUS = Table(
    name="报送情况",
    title="报送情况",
    note="",
    columns=(
        Head(name="序号", width=7),
        Head(name="单位", width=26),
        Head(name="情况", width=10, across=True),
        Head(name="迟报", width=8, across=True),
        Head(name="版本", width=8),
        Head(name="行数", width=8),
        Head(name="收到时间", width=18),
        Head(name="回执", width=28),
        Head(name="说明", width=24),
    ),
    printed=9,
)
PROBLEMS = Table(
    name="问题",
    title="现有材料的全部问题",
    note="每个单位已受理的材料，以及更新的待核、待补、已退回材料的问题。同类问题最多列50处，最后一处注明共有多少处。",
    columns=(
        Head(name="单位", width=16),
        Head(name="情况", width=8, across=True),
        Head(name="程度", width=7, across=True),
        Head(name="问题", width=17),
        Head(name="单元格", width=8, across=True),
        Head(name="栏目", width=12),
        Head(name="问题说明", width=42),
        Head(name="怎样修改", width=38),
        Head(name="同类共有", width=9),
        Head(name="回执", width=27),
        Head(name="文件", width=24),
        Head(name="工作表", width=12),
    ),
    printed=9,
)
BREACHES = Table(
    name="违规",
    title="违反规定的情况和关注事项",
    note="如实上报、已经受理，但不符合规定的，请督促整改；类别为“关注”的不违规，按通知要求提醒。",
    columns=(
        Head(name="单位", width=16),
        Head(name="学校", width=28),
        Head(name="使用APP", width=22),
        Head(name="主办者", width=34),
        Head(name="情况", width=16),
        Head(name="类别", width=7, across=True),
        Head(name="说明", width=36),
        Head(name="回执", width=27),
        Head(name="工作表", width=12),
        Head(name="单元格", width=9, across=True),
    ),
    printed=7,
)
SOURCES = Table(
    name="来源文件",
    title="来源文件",
    note="按回执可以从汇总表的任何一行查到原始来信和文件。SHA-256是文件的指纹，可用 sha256sum 等工具核对。",
    columns=(
        Head(name="单位", width=16),
        Head(name="回执", width=27),
        Head(name="版本", width=7),
        Head(name="来信时间", width=18),
        Head(name="类别", width=12, across=True),
        Head(name="文件", width=30),
        Head(name="字节数", width=11),
        Head(name="扫描件上的印章", width=26),
        Head(name="文件的SHA-256", width=68),
        Head(name="来信的SHA-256", width=68),
    ),
    printed=8,
)
