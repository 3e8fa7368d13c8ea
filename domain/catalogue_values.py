"""Problems of typed cells, totals and further tables: what any notice may ask without code."""

from __future__ import annotations

from domain.catalogue_entry import Entry, Words
from domain.problems import Severity

_E = Severity.ERROR

_CELLS = (
    Entry(
        code="row.number_invalid",
        severity=_E,
        name="应填数",
        when="要填数的一格不是数，或者不是整数、小数位数多了",
        words=Words(
            message="“{value}”不是数。",
            advice="请只填数字，如{example}，不要带单位或文字；没有的填0，或按表上的说明填写。",
        ),
        variants={
            "integer": Words(message="“{value}”不是整数。", advice="请填整数，如{example}。"),
            "decimals": Words(
                message="“{value}”的小数位数多了。", advice="小数点后最多{decimals}位，请四舍五入后填写。"
            ),
            "unit": Words(message="“{value}”除了数还有别的字。", advice="请只填数字，如{example}，单位不用写。"),
        },
    ),
    Entry(
        code="row.number_range",
        severity=_E,
        name="数太大或太小",
        when="数不在通知规定的范围内",
        words=Words(message="“{value}”不在允许的范围内。", advice="{field}应{range}，请核对后改正。"),
    ),
    Entry(
        code="row.date_invalid",
        severity=_E,
        name="应填日期",
        when="要填日期的一格不是日期，或者没有这一天",
        words=Words(message="“{value}”不是日期，或者没有这一天。", advice="请写明年、月、日，如{example}。"),
    ),
    Entry(
        code="row.date_range",
        severity=_E,
        name="日期太早或太晚",
        when="日期不在通知规定的范围内",
        words=Words(message="{value}不在允许的日期内。", advice="{field}应{range}，请核对后改正。"),
    ),
    Entry(
        code="row.choice_invalid",
        severity=_E,
        name="不在可选的内容里",
        when="只能从几个词里选的一格，填了别的内容",
        words=Words(message="“{value}”不在可选的内容里。", advice="{field}请从这些里选一个填写：{choices}。"),
        variants={
            "near": Words(
                message="“{value}”不在可选的内容里。", advice="是不是“{near}”？{field}请从这些里选一个填写：{choices}。"
            )
        },
    ),
    Entry(
        code="row.identity_invalid",
        severity=_E,
        name="身份证号不对",
        when="不是18位的公民身份号码，或者出生日期、校验码不对",
        words=Words(message="“{shown}”不是18位的身份证号。", advice="请按证件填写18位身份证号。"),
        variants={
            "old": Words(message="“{shown}”是15位的旧号码。", advice="请填写18位身份证号。"),
            "signs": Words(
                message="“{shown}”里有身份证号不该有的字符。",
                advice="前17位应是数字，最后一位是数字或X，请按证件核对。",
            ),
            "rounded": Words(
                message="“{shown}”的后几位已经丢失，变成了0。",
                advice="Excel把长号码当成了数：请先把这一格设为“文本”格式，再重新填写18位身份证号。",
            ),
            "region": Words(message="“{shown}”的前两位不是省级代码。", advice="请按证件核对。"),
            "day": Words(message="“{shown}”里的出生日期不存在，或者还没有到。", advice="请按证件核对第7到14位。"),
            "check": Words(message="“{shown}”的校验码不对，号码里至少有一位写错了。", advice="请按证件逐位核对。"),
        },
    ),
    Entry(
        code="row.credit_code_invalid",
        severity=_E,
        name="统一社会信用代码不对",
        when="不是18位的统一社会信用代码，或者校验码不对",
        words=Words(message="“{value}”不是18位的统一社会信用代码。", advice="请按法人证书或营业执照填写18位代码。"),
        variants={
            "signs": Words(
                message="“{value}”里有统一社会信用代码不该有的字符。",
                advice="代码里只有数字和大写字母，没有I、O、S、V、Z，请按证照核对。",
            ),
            "rounded": Words(
                message="“{value}”的后几位已经丢失，变成了0。",
                advice="Excel把长代码当成了数：请先把这一格设为“文本”格式，再重新填写18位代码。",
            ),
            "check": Words(message="“{value}”的校验码不对，代码里至少有一位写错了。", advice="请按证照逐位核对。"),
        },
    ),
    Entry(
        code="row.code_unknown",
        severity=_E,
        name="代码不在代码表里",
        when="要按代码表填的一格，填了代码表里没有的代码",
        words=Words(message="“{value}”不在“{list}”里。", advice="请按“{list}”填写代码。"),
        variants={
            "named": Words(message="“{value}”不在“{list}”里。", advice="“{called}”的代码是{known}，请核对后改正。")
        },
    ),
    Entry(
        code="row.code_name",
        severity=_E,
        name="代码与名称不符",
        when="代码表里这个代码是别的名称",
        words=Words(
            message="“{value}”与代码{known}不符，代码表里{known}是“{listed}”。",
            advice="请核对代码和名称，改正填错的一个。",
        ),
    ),
    Entry(
        code="row.pattern_invalid",
        severity=_E,
        name="写法不对",
        when="通知规定了写法的一格，写成了别的样子",
        words=Words(message="“{value}”不是{called}的写法。", advice="请填写{called}，如{example}。"),
    ),
    Entry(
        code="header.value_missing",
        severity=_E,
        name="表头没有填",
        when="表头里除填报单位、填报时间以外的项目空着",
        words=Words(message="表头的{field}没有填。", advice="请填写{field}。"),
        variants={
            "no_label": Words(message="表头里没有找到“{field}”。", advice="请用原来的空白表填写，不要删去“{field}”。")
        },
    ),
    Entry(
        code="header.value_invalid",
        severity=_E,
        name="表头填得不对",
        when="表头里除填报单位、填报时间以外的项目，填得不合规定",
        words=Words(message="表头的{field}填得不对（{told}）。", advice="{mend}。"),
    ),
)

_TABLES = (
    Entry(
        code="table.totals_missing",
        severity=_E,
        name="没有合计行",
        when="通知要求表下有合计行，没有找到",
        words=Words(message="表下没有合计行。", advice="请在最后一行下面加一行“{word}”，填写{columns}的合计。"),
    ),
    Entry(
        code="table.totals_mismatch",
        severity=_E,
        name="合计不对",
        when="合计行的数与各行加起来的不同",
        words=Words(
            message="{field}的合计填的是“{value}”，各行加起来是{sum}。", advice="请核对各行和合计，改正填错的一个。"
        ),
        variants={"empty": Words(message="合计行没有填{field}的合计。", advice="各行加起来是{sum}，请核对后填写。")},
    ),
    Entry(
        code="table.missing",
        severity=_E,
        name="缺附表",
        when="电子表里没有找到通知要求的另一张表",
        words=Words(
            message="没有找到“{table}”这张表。",
            advice="请用原来的空白表填写：“{table}”单独占一张工作表，要有{columns}这几列。",
        ),
        variants={"empty": Words(message="“{table}”这张表没有填。", advice="请填写“{table}”。")},
    ),
)

VALUE_ENTRIES: tuple[Entry, ...] = (*_CELLS, *_TABLES)
