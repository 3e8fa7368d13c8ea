"""Why each rule of typed cells, totals and further tables is asked, with an example right and wrong.

Examples are written as those of the other rows are (`domain.catalogue_reasons_rows`).
"""

from __future__ import annotations

from domain.catalogue_entry import Reason

VALUE_REASONS: dict[str, Reason] = {
    "row.number_invalid": Reason(
        why="带了单位或文字的格不能相加，汇总表里就少算这一格。",
        right="120",
        wrong="约120人",
    ),
    "row.number_range": Reason(
        why="超出范围的数，多半是多打、少打了一位，或填错了格。",
        right="120",
        wrong="-5",
    ),
    "row.date_invalid": Reason(
        why="写不全或不存在的日期，没法排序，也没法计算先后。",
        right="2020年2月20日",
        wrong="2020年2月30日",
    ),
    "row.date_range": Reason(
        why="比规定的日期早或晚，多半是写错了年份。",
        right="2020年2月20日",
        wrong="1020年2月20日",
    ),
    "row.choice_invalid": Reason(
        why="同一个意思有几种写法，就没法按类统计，所以只能从规定的词里选。",
        right="小学",
        wrong="完小",
    ),
    "row.identity_invalid": Reason(
        why="身份证号错一位就是别人，或者谁也不是。最后一位是校验码，错一位就能查出来。",
        right="11010519491231002X",
        wrong="110105194912310021",
    ),
    "row.credit_code_invalid": Reason(
        why="统一社会信用代码用来认定单位，错一位就对不上；最后一位是校验码，错一位就能查出来。",
        right="91350100M000100Y43",
        wrong="91350100M000100Y44",
    ),
    "row.code_unknown": Reason(
        why="各单位按同一张代码表填，才能与其他数据对上。",
        right="4101001",
        wrong="4109999（代码表里没有）",
    ),
    "row.code_name": Reason(
        why="代码与名称必有一个写错，不知道以哪个为准。",
        right="学校代码：4101001；学校名称：乙县第一小学（代码表里这个代码是乙县第一小学）",
        wrong="学校代码：4101001；学校名称：乙县第三小学（代码表里这个代码是乙县第一小学）",
    ),
    "row.pattern_invalid": Reason(
        why="这类号码都有固定的写法，写法不对的，多半是抄漏或抄错了。",
        right="G4109",
        wrong="4109（漏写了开头的字母）",
    ),
    "header.value_missing": Reason(
        why="表头的每一项都说明整张表的情况，空着就不知道这些数怎么看。",
        right="在校生总数：2318",
        wrong="在校生总数：（空）",
    ),
    "header.value_invalid": Reason(
        why="表头的每一项都说明整张表的情况，填得不对，整张表都会看错。",
        right="在校生总数：2318",
        wrong="在校生总数：很多",
    ),
    "table.totals_missing": Reason(
        why="合计是填报单位自己算的，与各行加起来的对得上，才放心没有漏行。",
        right="最后一行写“合计”，各栏填合计数",
        wrong="各行下面没有合计行",
    ),
    "table.totals_mismatch": Reason(
        why="合计与各行加起来的不同，不是合计没有改，就是有一行填错了。",
        right="两行是60和58，合计填118",
        wrong="两行是60和58，合计填120",
    ),
    "table.missing": Reason(
        why="两张表互相印证，缺一张，另一张也没法核对。",
        right="两张表都在同一个电子表里，各占一张工作表",
        wrong="只填了第一张，删去了附表",
    ),
}
