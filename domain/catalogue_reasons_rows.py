"""Why each rule of the rows is asked, with an example right and wrong.

An example is what one cell holds, or `栏名：内容；栏名：内容` where several cells make it; （空） is an empty one, and other words
in brackets at the end are a remark. A test puts each into a form and asks the checks.
"""

from __future__ import annotations

from domain.catalogue_entry import Reason

ROW_REASONS: dict[str, Reason] = {
    "row.required": Reason(
        why="空着的格没法汇总，也没法据此联系学校；“同上”换了顺序、筛选以后就不知道指哪一行。",
        right="甲县第一中学",
        wrong="同上",
    ),
    "row.unit_mismatch": Reason(
        why="汇总表按单位一栏分组，写成别的单位，这一行就算到别人名下了。",
        right="甲县",
        wrong="乙县",
    ),
    "row.phone_invalid": Reason(
        why="上级核实情况、催办整改都要打这个电话，少一位就找不到人。电话一栏请先设为文本格式，否则Excel会显示成1.39E+10。",
        right="13912345678",
        wrong="1391234567",
    ),
    "row.phone_unusual": Reason(
        why="服务号码是公司客服，找不到学校的联系人。",
        right="13912345678",
        wrong="400-810-1234",
    ),
    "row.filed_invalid": Reason(
        why="是否备案要按“是”“否”统计，写成别的就不知道算哪一边。",
        right="是",
        wrong="正在备案",
    ),
    "row.filing_number_missing": Reason(
        why="填了“是”，就要有备案号才能与备案名单核对。",
        right="是否备案：是；备案号：教APP备4100001号",
        wrong="是否备案：是；备案号：（空）",
    ),
    "row.filing_number_invalid": Reason(
        why="备案号要与备案名单逐个核对，ICP备案号、许可证号不是同一回事。",
        right="教APP备4100001号",
        wrong="京ICP备10000123号",
    ),
    "row.filing_number_unexpected": Reason(
        why="“否”与备案号互相矛盾，必有一处填错，只有填表人知道是哪一处。",
        right="是否备案：否；备案号：（空）",
        wrong="是否备案：否；备案号：教APP备4100001号",
    ),
    "row.filing_number_irregular": Reason(
        why="写法统一了才便于核对和检索。看得出是哪个号的照收，只提醒下次照公布的写法填。",
        right="教APP备4100001号",
        wrong="教APP备4100001",
    ),
    "row.duplicate": Reason(
        why="同一所学校的同一个APP报两次，统计数就多了。",
        right="学校：甲县第一小学；使用APP名称：智学网（上一行是甲县第一中学的智学网）",
        wrong="学校：甲县第一中学；使用APP名称：智学网（上一行也是甲县第一中学的智学网）",
    ),
    "row.multiple_apps": Reason(
        why="每个APP的主办者和备案号都不同，合在一格里没法逐个核对。",
        right="智学网",
        wrong="智学网、钉钉",
    ),
    "row.placeholder": Reason(
        why="空白表里的示例是告诉您怎么填的，留着它，这一格就等于没有填。",
        right="甲县第一中学",
        wrong="XX学校",
    ),
    "row.formula_error": Reason(
        why="公式引用了别的文件或已删除的格，换一台电脑就算不出来，收到的只是一串错误符号。",
        right="13912345678",
        wrong="#REF!",
    ),
    "policy.unfiled_app": Reason(
        why="通知不许使用未备案的APP。如实填报的照收，列出来供处理，所以照实填就好。",
        right="是否备案：是；备案号：教APP备4100001号",
        wrong="是否备案：否；备案号：（空）",
    ),
    "policy.blacklisted": Reason(
        why="列入黑名单的主办者在解除以前不得再提供服务，学校要尽快知道并停用。",
        right="乙教育科技有限公司",
        wrong="甲网络科技有限公司（已列入黑名单）",
    ),
    "policy.not_in_register": Reason(
        why="备案号在主管部门公布的名单里查不到，可能抄错了，也可能并没有备案。",
        right="教APP备4100001号（名单里有这个号）",
        wrong="教APP备4199999号（名单里没有这个号）",
    ),
    "policy.register_mismatch": Reason(
        why="号是真的，却是另一个APP的，多半是抄错了行或借用了别人的号。",
        right="使用APP名称：智学网；备案号：教APP备4100001号（名单里这个号是智学网）",
        wrong="使用APP名称：乙课堂；备案号：教APP备4100001号（名单里这个号是智学网）",
    ),
    "policy.restricted_app": Reason(
        why="通知没有禁止使用，但提出了专门的要求，报送时顺便提醒学校落实。",
        right="智学网",
        wrong="抖音",
    ),
}
