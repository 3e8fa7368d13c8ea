"""Problems of the rows: their cells, and what they say against the policy."""

from __future__ import annotations

from domain.catalogue_entry import Entry, Words
from domain.problems import Severity

_E, _W = Severity.ERROR, Severity.WARNING

_ROWS = (
    Entry(
        code="row.required",
        severity=_E,
        name="必填项空着",
        when="必填的单元格是空的，或只有“同上”“/”之类，没有写明内容",
        words=Words(message="没有填{field}。", advice="请填写{field}。"),
        variants={
            "above": Words(message="“{value}”没有写明{field}。", advice="请写出具体的{field}，每一行都要写全。"),
            "sign": Words(message="“{value}”不是{field}，等于没有填。", advice="请填写{field}。"),
            "nothing_used": Words(
                message="“{value}”不是{field}，等于没有填。", advice="请填写{field}；该校没有使用的，请删除这一行。"
            ),
        },
    ),
    Entry(
        code="row.unit_mismatch",
        severity=_E,
        name="单位一栏不对",
        when="县区表里的单位不是本县区；市直学校表里的单位不是“市直”",
        words=Words(
            message="“{value}”与填报单位（{reporter}）不符。",
            advice="请改为“{expected}”；不属于本单位上报的行请删除。",
        ),
        variants={"nothing": Words(message="“{value}”没有写明单位。", advice="请改为“{expected}”，每一行都要写。")},
    ),
    Entry(
        code="row.phone_invalid",
        severity=_E,
        name="电话不对",
        when="不是大陆手机号，也不是固定电话",
        words=Words(
            message="“{shown}”不是有效的电话号码。",
            advice="请填11位手机号，或固定电话，如{example}。",
        ),
        variants={
            "short": Words(message="“{shown}”位数不够。", advice="请填11位手机号，或固定电话，如{example}。"),
            "long": Words(message="“{shown}”位数多了。", advice="请填11位手机号，或固定电话，如{example}。"),
            "several": Words(
                message="“{shown}”不止一个号码。", advice="请只填一个：11位手机号，或固定电话，如{example}。"
            ),
            "scientific": Words(
                message="“{shown}”是科学计数法，看不出完整的号码。",
                advice="请把这一格设为文本格式，重新填写11位手机号，或固定电话，如{example}。",
            ),
            "words": Words(
                message="“{shown}”除了号码还有别的字。", advice="请只填号码：11位手机号，或固定电话，如{example}。"
            ),
            "above": Words(
                message="“{shown}”没有写明号码。",
                advice="请写出号码，每一行都要写：11位手机号，或固定电话，如{example}。",
            ),
        },
    ),
    Entry(
        code="row.phone_unusual",
        severity=_W,
        name="电话是服务号码",
        when="填的是400、800或95开头的服务号码",
        words=Words(
            message="“{value}”是服务号码，可能找不到联系人本人。",
            advice="最好改填联系人的手机号或固定电话；不改也可以。",
        ),
    ),
    Entry(
        code="row.filed_invalid",
        severity=_E,
        name="是否备案填得不对",
        when="不是“是”或“否”",
        words=Words(
            message="“{value}”既不是“是”，也不是“否”。",
            advice="请只填“是”或“否”：已在教育部备案的填“是”，还没有的填“否”。",
        ),
        variants={
            "number": Words(
                message="“{value}”是{number}，填错了格。",
                advice="这一格请填“{yes}”，把{number}填在{number_cell}。",
            ),
            "plain": Words(message="“{value}”既不是“是”，也不是“否”。", advice="请只填“是”或“否”。"),
            "above": Words(message="“{value}”没有写明“是”或“否”。", advice="请填“是”或“否”，每一行都要写。"),
        },
    ),
    Entry(
        code="row.filing_number_missing",
        severity=_E,
        name="缺备案号",
        when="是否备案填了“是”，备案号是空的",
        words=Words(
            message="{filed}填了“是”，但没有填{field}。",
            advice="请填教育部备案号，如{hint}；若未备案，请在{filed_cell}填“否”。",
        ),
    ),
    Entry(
        code="row.filing_number_invalid",
        severity=_E,
        name="备案号不对",
        when="不符合教育部备案号的格式",
        words=Words(
            message="“{value}”不是教育部备案号的写法。",
            advice="请按备案信息填写，如{hint}；若未备案，请在{filed_cell}填“否”，{field}留空。",
        ),
        variants={
            "province": Words(
                message="“{value}”里的省级代码“{province}”不存在。",
                advice="请按备案信息核对，如{hint}；若未备案，请在{filed_cell}填“否”，{field}留空。",
            ),
            "digits": Words(
                message="“{value}”里的数字有{count}位，应为{digits}位。",
                advice="请按备案信息核对，如{hint}；若未备案，请在{filed_cell}填“否”，{field}留空。",
            ),
            "above": Words(
                message="“{value}”没有写明备案号。",
                advice="请写出备案号，如{hint}，每一行都要写；若未备案，请在{filed_cell}填“否”，{field}留空。",
            ),
            "icp": Words(
                message="“{value}”不是教育部备案号（可能是ICP备案号或许可证号）。",
                advice="请填教育部备案号，如{hint}；若未在教育部备案，请在{filed_cell}填“否”，{field}留空。",
            ),
        },
    ),
    Entry(
        code="row.filing_number_unexpected",
        severity=_E,
        name="未备案却有备案号",
        when="是否备案填了“否”，却填了备案号",
        words=Words(
            message="{filed}填了“否”，{field}却填了“{value}”。",
            advice="若已备案，请在{filed_cell}填“是”；若未备案，请把{field}清空。",
        ),
    ),
    Entry(
        code="row.filing_number_irregular",
        severity=_W,
        name="备案号写法不规范",
        when="看得出是哪个号，但与公布的写法不同（全角、空格、缺“号”等）",
        words=Words(message="“{value}”写法不规范。", advice="应写作“{right}”，下次请照此填写。"),
        variants={
            "digits": Words(
                message="“{value}”里的数字有{count}位，一般是{digits}位。",
                advice="请与备案信息核对；确实如此的，不必修改。",
            )
        },
    ),
    Entry(
        code="row.duplicate",
        severity=_E,
        name="重复的行",
        when="同一学校同一APP填了两次；一张工作表有一半以上的行与另一张重复的，只说一次",
        words=Words(message="与{earlier}重复（{what}）。", advice="请删除其中一行；如果不是同一个，请改正{columns}。"),
        variants={
            "copied_sheet": Words(
                message="这张工作表有{count}行与工作表“{main}”重复（如这一行与“{main}”第{earlier}行，都是{what}），像是复制后又改过的同一张表。",
                advice="请只留一张：把改动并到要上报的那一张里，删除另一张工作表，再重新打印、盖章、扫描；"
                "如果各行都要上报，请改正重复的{columns}。",
            )
        },
    ),
    Entry(
        code="row.multiple_apps",
        severity=_W,
        name="一格里有几个APP",
        when="APP名称一格里看得出是几个APP（用顿号、逗号、分号、斜线、换行隔开，或写“等”）",
        words=Words(
            message="“{value}”像是几个APP填在了一格里。",
            advice="是几个的，请分成几行，每行一个APP，各列都填；本来就是一个APP名称的，不必修改。",
        ),
    ),
    Entry(
        code="row.placeholder",
        severity=_E,
        name="留着示例",
        when="空白表的示例行或示例内容没有删改",
        words=Words(message="“{value}”是空白表里的示例，没有改成实际内容。", advice="请改成实际的{field}。"),
        variants={
            "row": Words(message="第{row}行是空白表里的示例行。", advice="请删除这一行，或改成实际内容。"),
        },
    ),
    Entry(
        code="row.formula_error",
        severity=_E,
        name="公式出错",
        when="单元格是“#REF!”之类，或公式没有算出结果",
        words=Words(message="公式出错，显示为“{value}”。", advice="请直接填写实际内容，不用公式。"),
        variants={
            "no_value": Words(
                message="单元格是公式，但没有存下计算结果。",
                advice="请直接填写实际内容；或在Excel中打开、重新保存后再发。",
            )
        },
    ),
)


def _breach(code: str, name: str, when: str, message: str, advice: str, **others: str) -> Entry:
    """Truthful data that breaks the rules: taken as it is. In a pre-check nothing was taken yet. `others`: messages of
    particular causes, with the same advice."""
    taken = f"如实上报已收。{advice}"
    return Entry(
        code=code,
        severity=_W,
        name=name,
        when=when,
        words=Words(message=message, advice=taken),
        variants={"precheck": Words(message=message, advice=f"如实填报即可。{advice}")}
        | {variant: Words(message=text, advice=taken) for variant, text in others.items()},
    )


_POLICY = (
    _breach(
        "policy.unfiled_app",
        "使用未备案APP",
        "是否备案填“否”：如实上报，照收，列为违规",
        "“{app}”未经教育部备案。",
        "通知要求严禁使用未经教育部备案的APP，请停止使用并督促整改。",
    ),
    _breach(
        "policy.blacklisted",
        "主办者在黑名单",
        "APP主办者列入本市黑名单，还没有解除；名称相近的，说明相近之处，请人核对",
        "“{operator}”自{since}起列入黑名单，解除以前不得使用其提供的任何APP。",
        "请立即停止使用；经核对不是同一主办者的，请回复本邮件说明。",
        registered="备案名单里这个备案号的主办者是“{operator}”，自{since}起列入黑名单，解除以前不得使用其提供的任何APP。",
        app="“{app}”列在黑名单里（主办者“{operator}”，{since}列入），解除以前不得使用。",
        likeness="“{value}”与黑名单里的“{operator}”（{since}列入）相近（{why}），可能是同一主办者。",
    ),
    _breach(
        "policy.not_in_register",
        "备案名单中查不到",
        "已导入教育部备案名单，其中没有这个备案号",
        "教育部备案名单（{register_date}）里查不到“{value}”。",
        "请向APP主办者核实备案号。",
        named="教育部备案名单（{register_date}）里查不到“{value}”；名单里“{registered}”（{owner}）的备案号是{number}。",
    ),
    _breach(
        "policy.register_mismatch",
        "与备案名单不符",
        "备案名单里这个号是别的APP或主办者",
        "备案名单（{register_date}）里“{number}”是“{registered}”（{owner}），与所填“{app}”（{operator}）不符。",
        "请向APP主办者核实备案号、APP名称和主办者。",
        app="备案名单（{register_date}）里“{number}”是“{registered}”，与所填APP名称“{app}”不符。",
        operator="备案名单（{register_date}）里“{number}”的主办者是“{owner}”，与所填“{operator}”不符。",
    ),
    Entry(
        code="policy.restricted_app",
        severity=_W,
        name="提醒",
        when="用了通知点名的APP：不违规，只提醒",
        words=Words(message="使用了“{value}”。提醒：{reminder}。", advice="不必修改，请按通知要求落实。"),
    ),
)

ROW_ENTRIES: tuple[Entry, ...] = (*_ROWS, *_POLICY)
