"""Why each rule of the workbook and of what stands above its table is asked, with an example right and wrong.

Examples of `header.*` are written `标题：内容；填报单位：内容`, as those of the rows are (`domain.catalogue_reasons_rows`).
"""

from __future__ import annotations

from domain.catalogue_entry import Reason

SHEET_REASONS: dict[str, Reason] = {
    "sheet.missing": Reason(
        why="扫描件证明盖了章，电子表才能汇总和统计，两件缺一不可。",
        right="一封邮件附两个文件：甲县.xlsx、甲县扫描.pdf",
        wrong="只附了甲县扫描.pdf",
    ),
    "sheet.unreadable": Reason(
        why="打不开的文件里有什么，谁也不知道，只能请您重发。发送前自己打开看一眼最保险。",
        right="保存并关闭以后，再添加为附件",
        wrong="上传到一半就发送的文件，或把别的文件改名成.xlsx",
    ),
    "sheet.encrypted": Reason(
        why="设了密码的文件没有密码读不出来，密码写在邮件里也不会去试。",
        right="不设打开密码的甲县.xlsx",
        wrong="要输入密码才能打开的甲县.xlsx",
    ),
    "sheet.wrong_form": Reason(
        why="各单位的表列名一致，才能合成一张汇总表；少一列就少一项内容。",
        right="用通知所附的空白表填写，各列名称不动",
        wrong="自己另画一张表，少了“备案号”一列",
    ),
    "sheet.no_rows": Reason(
        why="一张空表分不清是忘了填，还是确实没有可报的，所以没有可报的也要写明。",
        right="第一行写“无”或“零报告”，照样盖章报送",
        wrong="表头下面一行也没有",
    ),
    "sheet.odd_format": Reason(
        why="不是标准的Excel工作簿，换一个软件打开，格式和内容可能走样。",
        right="另存为“Excel工作簿（*.xlsx）”",
        wrong="甲县.et、甲县.csv",
    ),
    "sheet.hidden_rows": Reason(
        why="隐藏的行打印不出来，却在电子表里，盖章的人看不到自己报了什么。",
        right="报送以前取消隐藏、清除筛选",
        wrong="用筛选藏起几行就保存发送",
    ),
    "sheet.left_out": Reason(
        why="有几张工作表时，不是规定表格的那一张不会计入，怕您以为已经报了。",
        right="要报的行都填在一张工作表里",
        wrong="一半的行填在名叫“示例”的工作表里",
    ),
    "sheet.ambiguous": Reason(
        why="两份不同的表只能有一份作数，以哪份为准，要由填报单位说。",
        right="一封邮件只附一份电子表",
        wrong="同时附上“甲县.xlsx”和“甲县（修改）.xlsx”",
    ),
    "sheet.macros": Reason(
        why="宏是程序，可能带病毒，我们从不运行；有些邮箱会直接拦下带宏的文件。",
        right="甲县.xlsx",
        wrong="甲县.xlsm",
    ),
    "header.unit_missing": Reason(
        why="不写填报单位，就不知道这份表是谁的，也没法与公章核对。",
        right="填报单位：甲县教育局",
        wrong="填报单位：（空）",
    ),
    "header.unit_unknown": Reason(
        why="只收通知名单里的单位，写了别的名称，登记不到任何一家。",
        right="填报单位：甲县教育局",
        wrong="填报单位：丙县教育局",
    ),
    "header.date_missing": Reason(
        why="填报时间说明数据是哪一天的，日后核对要用。",
        right="填报时间：2020年2月26日",
        wrong="填报时间：（空）",
    ),
    "header.date_invalid": Reason(
        why="不存在的日期，或比收到邮件还晚的日期，一定是写错了。",
        right="填报时间：2020年2月26日",
        wrong="填报时间：2020年2月30日",
    ),
    "header.placeholder": Reason(
        why="“XX县”是空白表里的示例，留着它就等于没有写单位。",
        right="填报单位：甲县教育局",
        wrong="填报单位：XX县教育局",
    ),
    "header.conflict": Reason(
        why="标题写一个单位、填报单位写另一个，多半是拿别人的表改的，有一处没改到。",
        right="标题：甲县；填报单位：甲县教育局",
        wrong="标题：乙县；填报单位：甲县教育局",
    ),
    "header.unit_unlisted": Reason(
        why="名单可能漏列了直属学校，所以不退回，由人确认以后再登记。",
        right="填报单位：甲市第一中学（在名单里）",
        wrong="填报单位：甲市第二中学（不在名单里，但各行的单位都是市直，公章也一致）",
    ),
}
