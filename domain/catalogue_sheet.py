"""Problems of the workbook as a whole: the file, and what stands above the table."""

from __future__ import annotations

from domain.catalogue_entry import Entry, Words
from domain.problems import Severity

_E, _W, _R = Severity.ERROR, Severity.WARNING, Severity.REVIEW

_FILE = (
    Entry(
        code="sheet.missing",
        severity=_E,
        name="缺电子表",
        when="邮件里没有电子表（或等待时间已过仍没有）",
        words=Words(message="没有收到电子表。", advice="请把填好的Excel电子表作为普通附件发来。"),
        variants={
            "precheck": Words(message="这次没有附电子表。", advice="正式报送时请把填好的Excel电子表一并发来。"),
            "inside": Words(
                message="没有单独收到电子表，可能就在“{inside}”里。",
                advice="请按该附件的说明处理后，把填好的Excel电子表作为普通附件发来。",
            ),
        },
    ),
    Entry(
        code="sheet.unreadable",
        severity=_E,
        name="电子表打不开",
        when="文件损坏，不是电子表格，工作表太多（超过500张），或同一封邮件里读不完的附件太多",
        words=Words(
            message="电子表打不开，文件可能已损坏，或不是Excel文件。",
            advice="请在电脑上打开检查，另存为Excel工作簿（.xlsx）后重新发送。",
        ),
        variants={
            "empty": Words(
                message="电子表是空文件，里面没有内容，可能是没有保存完，或上传时中断了。",
                advice="请在电脑上打开原来的表，确认内容还在，保存并关闭后重新添加附件发送。",
            ),
            "cut": Words(
                message="电子表不完整，后面缺了一截，可能是上传或下载时中断了。",
                advice="请在电脑上打开原来的表，确认内容完整，另存为Excel工作簿（.xlsx）后重新发送。",
            ),
            "unbegun": Words(
                message="这封邮件里的附件太多，或有的附件长时间读不完，这个文件没有读。",
                advice="请另发一封邮件，只附填好的电子表（.xlsx）和它的盖章扫描件。",
            ),
            "foreign": Words(
                message="这个文件不是Excel能打开的电子表格，无法读取。",
                advice="请用制作它的软件（如WPS表格）打开，点“文件—另存为”，文件类型选“Excel工作簿（*.xlsx）”"
                "（WPS里叫“Microsoft Excel文件（*.xlsx）”），再重新发送。",
            ),
            "sheets": Words(
                message="电子表里的工作表（或表格）太多，无法全部读取；为免漏掉数据，整份没有读取。",
                advice="请把要上报的行合并到一张工作表里，删去多余的工作表，另存为Excel工作簿（.xlsx）后重新发送。",
            ),
        },
    ),
    Entry(
        code="sheet.encrypted",
        severity=_E,
        name="电子表有密码",
        when="工作簿设了打开密码",
        words=Words(
            message="电子表设了打开密码，无法读取。",
            advice="请先取消密码，保存后再重新发送：Excel点“文件—信息—保护工作簿—用密码进行加密”，清空密码；WPS点“文件—文档加密—密码加密”，清空密码。",
        ),
    ),
    Entry(
        code="sheet.wrong_form",
        severity=_E,
        name="不是规定的表",
        when="找不到规定表格的全部列（会写出缺哪些列）",
        words=Words(
            message="电子表不是通知规定的表格。",
            advice="请用所附空白表填写，不要改动表头各列的名称，再重新打印、盖章、扫描，一并发来。",
        ),
        variants={
            "columns": Words(
                message="电子表与规定的表格不符，缺少这些列：{columns}。",
                advice="请用所附空白表填写，各列都要保留，再重新打印、盖章、扫描，一并发来。",
            )
        },
    ),
    Entry(
        code="sheet.no_rows",
        severity=_E,
        name="表中没有数据",
        when="表头下没有一行数据，也没有写零报告",
        words=Words(
            message="电子表里没有数据行。", advice="请从表头下一行起逐行填写，再重新打印、盖章、扫描，一并发来。"
        ),
        variants={
            "nil": Words(
                message="电子表里没有数据行。",
                advice="请从表头下一行起逐行填写；若确实没有可报的，请在第一行“{column}”一栏填{words}"
                "（其余各栏留空），填好填报单位和填报时间，同样打印、盖章、扫描上报。",
            )
        },
    ),
    Entry(
        code="sheet.odd_format",
        severity=_W,
        name="不是标准的Excel文件",
        when="是.et、.ods、CSV，或网页、XML冒充的Excel，但整张表能读出",
        words=Words(
            message="电子表是{format}格式，不是标准的Excel工作簿，这次已按内容读取。",
            advice="下次请另存为Excel工作簿（.xlsx）再发。",
        ),
    ),
    Entry(
        code="sheet.hidden_rows",
        severity=_W,
        name="有隐藏的行或列",
        when="隐藏或被筛选掉的行里有数据，有数据的列是隐藏的，或只有隐藏的工作表里有规定的表",
        words=Words(
            message="电子表有隐藏或被筛选掉的行（第{rows}行），其中的数据也计入上报。",
            advice="如不应上报，请删除这些行；如应上报，请取消隐藏和筛选。",
        ),
        variants={
            "columns": Words(
                message="电子表里{columns}是隐藏的列，其中的数据也计入上报，但打印出来看不到。",
                advice="请取消隐藏这些列；首页上没有打印出来的，请重新打印、盖章、扫描。",
            ),
            "sheet": Words(
                message="规定的表只在隐藏的工作表“{sheet}”里找到，其中的内容计入上报。",
                advice="如应上报，请取消隐藏这张工作表；如不应上报，请把要上报的内容填在看得见的工作表里，"
                "连同扫描件重新发送。",
            ),
        },
    ),
    Entry(
        code="sheet.left_out",
        severity=_W,
        name="有的工作表没有计入",
        when="另一张工作表里有像是要上报的行，但它是隐藏的、叫“示例”、缺列或没有表头",
        words=Words(
            message="工作表“{sheet}”是隐藏的，其中的行没有计入。",
            advice="如应上报，请取消隐藏，连同扫描件重新发送；如不应上报，不必理会。",
        ),
        variants={
            "example": Words(
                message="工作表“{sheet}”看名称是示例，其中的行没有计入。",
                advice="如应上报，请给它换一个名称，连同扫描件重新发送；如不应上报，不必理会。",
            ),
            "columns": Words(
                message="工作表“{sheet}”缺少这些列：{columns}，其中的行没有计入。",
                advice="如应上报，请把列补齐，连同扫描件重新发送；如不应上报，不必理会。",
            ),
            "headless": Words(
                message="工作表“{sheet}”里有像是要上报的行，但上面没有各列的名称，没有计入。",
                advice="如应上报，请把这些行移到“{main}”的表里，或在上面补上表头，连同扫描件重新发送；"
                "如不应上报，不必理会。",
            ),
        },
    ),
    Entry(
        code="sheet.ambiguous",
        severity=_E,
        name="有几份不同的电子表",
        when="一封邮件里同一单位有几份内容不同的电子表，扫描件也不能说明以哪份为准",
        words=Words(
            message="同一封邮件里有几份内容不同的电子表（{files}），不知以哪份为准。",
            advice="请只发一份电子表，连同它打印盖章后的扫描件，重新发送。",
        ),
        variants={
            "halves": Words(
                message="同一封邮件里有几份本单位的电子表（{files}），各有不同的行，像是分开填报的。",
                advice="请把所有的行合并到一份电子表，打印首页、盖章、扫描，两件一并发来。",
            )
        },
    ),
    Entry(
        code="sheet.macros",
        severity=_W,
        name="有宏",
        when="工作簿里有宏（从不运行）",
        words=Words(
            message="电子表里有宏；宏不会运行，只读取了单元格的内容。",
            advice="下次请另存为不带宏的Excel工作簿（.xlsx）。",
        ),
    ),
)

_HEADER = (
    Entry(
        code="header.unit_missing",
        severity=_E,
        name="没有填报单位",
        when="填报单位没有填",
        words=Words(message="没有填{field}。", advice="请在“{field}：”后填本单位名称，如“{example}”。"),
        variants={
            "no_label": Words(message="表格上方没有{field}。", advice="请在表格上方写明“{field}：{example}”。"),
        },
    ),
    Entry(
        code="header.unit_unknown",
        severity=_E,
        name="填报单位不在名单",
        when="填报单位不是应报送的单位，也不是市直学校",
        words=Words(
            message="{field}“{value}”不在本次应报送的单位之列。",
            advice="请填单位全称，如“{example}”。学校请通过所在县区统一上报。",
        ),
    ),
    Entry(
        code="header.date_missing",
        severity=_E,
        name="没有填报时间",
        when="填报时间没有填",
        words=Words(message="没有填{field}。", advice="请在“{field}：”后填写日期，如“{example}”。"),
        variants={
            "no_label": Words(message="表格上方没有{field}。", advice="请在表格上方写明“{field}：{example}”。"),
        },
    ),
    Entry(
        code="header.date_invalid",
        severity=_E,
        name="填报时间不对",
        when="不是存在的日期，或晚于收到的日期",
        words=Words(
            message="{field}“{value}”不是一个完整、存在的日期。", advice="请改为实际填表的日期，如“{example}”。"
        ),
        variants={
            "future": Words(
                message="{field}“{value}”晚于我们收到邮件的日期（{received}）。",
                advice="请改为实际填表的日期，不晚于发送当天，如“{example}”。",
            )
        },
    ),
    Entry(
        code="header.placeholder",
        severity=_E,
        name="表头留着示例",
        when="标题、填报单位或填报时间里还是空白表的“XX”",
        words=Words(
            message="{field}“{value}”是空白表里的示例，没有改成实际内容。",
            advice="请把其中的“X”改成实际内容，如“{example}”。",
        ),
    ),
    Entry(
        code="header.conflict",
        severity=_E,
        name="表头前后不一致",
        when="标题里的单位与填报单位不是同一个，或另一张计入的工作表写的是别的单位；"
        "它的填报时间不同、表头还是示例的，只作提示（warning）",
        words=Words(
            message="标题里的单位是“{title}”，{field}却是“{value}”，不是同一个单位。",
            advice="请把标题和{field}改成同一个单位，如“{example}”。",
        ),
        variants={
            "sheet": Words(
                message="工作表“{sheet}”写的单位是“{value}”，与工作表“{main}”的“{title}”不是同一个单位。",
                advice="同一个单位的，请都写成“{example}”；不是本单位的，请另作一个文件报送，或删除这张工作表。",
            ),
            "sheet_date": Words(
                message="工作表“{sheet}”的{field}“{value}”与工作表“{main}”的“{title}”不同；"
                "工作表“{sheet}”里的{rows}行也已计入。",
                advice="如不应上报（如是以前的表），请删除这张工作表，连同扫描件重新发送；如应上报，不必理会。",
            ),
            "sheet_blank": Words(
                message="工作表“{sheet}”的{field}“{value}”还是空白表里的示例；工作表“{sheet}”里的{rows}行也已计入。",
                advice="如不应上报，请删除这张工作表，连同扫描件重新发送；如应上报，不必重新发送，下次请改成实际内容。",
            ),
        },
    ),
    Entry(
        code="header.unit_unlisted",
        severity=_R,
        name="名单外的市直学校",
        when="不在名单，但各行都是市直，且公章与填报单位一致：可能是没有列入的市直学校",
        words=Words(
            message="“{value}”不在报送名单里，但各行单位都是“{row_unit}”，将由人工确认是否为{row_unit}学校。",
            advice="如果是{row_unit}学校，不必重新发送，等候人工核对即可；如果不是，请通过所在县区统一上报。",
        ),
    ),
)

SHEET_ENTRIES: tuple[Entry, ...] = (*_FILE, *_HEADER)
