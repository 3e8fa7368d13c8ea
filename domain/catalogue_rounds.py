"""Problems of a collection that comes again: what differs from the round before."""

from __future__ import annotations

from domain.catalogue_entry import Entry, Words
from domain.problems import Severity

_W = Severity.WARNING

ROUND_ENTRIES = (
    Entry(
        code="round.missing_row",
        severity=_W,
        name="上期有、本期没有",
        when="上一期已受理的材料里有，这一期没有（通知的 rounds.compare 写了 missing: true 时）",
        words=Words(
            message="上期（{before}）有、本期没有：{names}。",
            advice="确已撤并或不再上报的，不用改；漏报的，请补上后重新报送。",
        ),
        variants={
            "counted": Words(
                message="与上期（{before}）已受理的材料相比，有{count}项本期没有。",
                advice="请与上期的表核对：确已撤并或不再上报的，不用改；漏报的，请补上后重新报送。",
            ),
        },
    ),
    Entry(
        code="round.jump",
        severity=_W,
        name="与上期相差较大",
        when="与上一期已受理的数相差超过通知定的百分比（rounds.compare 的 jumps）",
        words=Words(
            message="上期{old}，本期{new}，{change}，请核对。",
            advice="数字属实的，不用改；填错的，请改正后重新报送。",
        ),
        variants={
            "untold": Words(
                message="“{value}”与上期相差超过{percent}%，请核对。",
                advice="数字属实的，不用改；填错的，请改正后重新报送。",
            ),
        },
    ),
    Entry(
        code="round.not_current",
        severity=_W,
        name="报的不是正在报送的这一期",
        when="材料写明是另一期，收到时正在报送的不是那一期",
        words=Words(
            message="这份材料写的是{named}，按{named}办理；收到时正在报送的是{running}。",
            advice="确是补报或更正{named}的，不用改；要报{running}的，请改正标题后重新报送。",
        ),
    ),
)
