"""Which notice a mail falls under: by evidence, whatever the order of the notices."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.choosing import Evidence, choose, told_by
from domain.notice import Notice
from tests.builders import NOTICE, RECEIVED
from tests.documents import SAFETY

ROSTER = replace(
    NOTICE,
    id="roster-2020",
    short="JS20",
    number="濮教人〔2020〕7号",
    title="关于报送教职工名册的通知",
    form=replace(
        NOTICE.form, title_template="{unit}教职工统计备案表", title_pattern=r"(?P<unit>[^\n]{0,60}?)教职工统计备案表",
        columns=NOTICE.form.columns[:6],
    ),
)  # fmt: skip
STATISTICS = replace(
    ROSTER,
    id="statistics-2020",
    short="TJ20",
    number="濮教统〔2020〕9号",
    title="关于报送统计备案表的通知",
    form=replace(ROSTER.form, title_template="{unit}统计备案表", title_pattern=r"(?P<unit>[^\n]{0,60}?)统计备案表"),
)
ALL = (NOTICE, SAFETY, ROSTER, STATISTICS)
IDS = {"apps": NOTICE.id, "safety": SAFETY.id, "roster": ROSTER.id, "statistics": STATISTICS.id}


def chosen(*, among: tuple[Notice, ...] = ALL, **evidence: Any) -> str:
    return choose(among, Evidence(received_at=RECEIVED, **evidence)).id


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ({"fitting": frozenset({IDS["roster"]})}, "roster"),
        ({"fitting": frozenset({IDS["roster"]}), "thread": IDS["safety"]}, "roster"),  # the form is surer than the thread
        ({"near": frozenset({IDS["roster"]}), "thread": IDS["safety"]}, "safety"),  # what it may be is less sure
        ({"near": frozenset({IDS["roster"]}), "subject": "校园安全自查报告"}, "roster"),
        ({"tables": frozenset({IDS["apps"], IDS["roster"]}), "thread": IDS["roster"]}, "roster"),
        ({"tables": frozenset({IDS["apps"]}), "subject": "校园安全自查报告"}, "apps"),
        ({"titles": ("濮阳县校园安全自查报告",), "thread": IDS["apps"]}, "safety"),
        ({"titles": ("濮阳县教职工统计备案表",)}, "roster"),  # 统计备案表 is in it, and no title of its own
        ({"titles": ("濮阳县统计备案表",)}, "statistics"),
        ({"titles": ("关于报送濮阳县教职工统计备案表的函",), "subject": "校园安全自查报告"}, "safety"),  # a letter, no title
        ({"fitting": frozenset({IDS["roster"], IDS["statistics"]}), "titles": ("濮阳县统计备案表",)}, "statistics"),
        ({"thread": IDS["safety"], "subject": "JS20-PYX-20200227-01"}, "safety"),
        ({"subject": "Re: 【退回】名册（回执 JS20-PYX-20200227-01）", "text": "校园安全自查报告"}, "roster"),
        ({"subject": "濮教安[2026]12号 材料"}, "safety"),
        ({"subject": "濮阳县校园安全自查报告"}, "safety"),
        ({"subject": "教职工统计备案表"}, "roster"),
        ({"subject": "AQ26 报送"}, "safety"),
        ({"subject": "材料", "text": "现报送我县校园安全自查报告，请查收。"}, "safety"),
        ({"subject": "校园安全自查报告", "text": "教职工统计备案表另发"}, "safety"),
    ],
)  # fmt: skip
def test_the_surest_evidence_decides_whatever_the_order(evidence: dict[str, Any], expected: str) -> None:
    assert {chosen(among=order, **evidence) for order in permutations(ALL)} == {IDS[expected]}


@pytest.mark.parametrize("evidence", [{}, {"subject": "报送"}, {"subject": "SPY510 XAQ26X"}, {"thread": "gone-2019"}])
def test_without_evidence_it_is_the_first(evidence: dict[str, Any]) -> None:
    for order in permutations(ALL):
        assert chosen(among=order, **evidence) == order[0].id
        assert told_by(order, Evidence(received_at=RECEIVED, **evidence)) == ()


def test_of_rounds_that_share_a_form_the_one_that_is_open_is_meant() -> None:
    rounds = [
        replace(
            NOTICE, id=f"apps-{at}", opens=RECEIVED + timedelta(days=30 * at - 10),
            deadline=RECEIVED + timedelta(days=30 * at + 5),
        )
        for at in (-1, 0, 1)
    ]  # fmt: skip
    for order in permutations(rounds):
        assert chosen(among=order) == "apps-0"
        assert chosen(among=order, fitting=frozenset(one.id for one in rounds)) == "apps-0"
        assert choose(order, Evidence(received_at=RECEIVED + timedelta(days=12))).id == "apps-0"
        assert choose(order, Evidence(received_at=RECEIVED - timedelta(days=90))).id == "apps--1"


_WORDS = st.lists(
    st.sampled_from(["AQ26", "JS20", "校园安全自查报告", "教职工统计备案表", "统计备案表", "请查收", NOTICE.number])
)
_SOME = st.frozensets(st.sampled_from(sorted(IDS.values())), max_size=3)


@given(
    order=st.permutations(ALL), fitting=_SOME, near=_SOME, thread=st.sampled_from([None, *IDS.values()]),
    subject=_WORDS, text=_WORDS, titles=_WORDS,
)  # fmt: skip
def test_the_order_matters_only_where_there_is_no_evidence(order: list[Notice], **given_: Any) -> None:
    words = {key: " ".join(given_[key]) for key in ("subject", "text")}
    evidence = Evidence(received_at=RECEIVED, **(given_ | words | {"titles": tuple(given_["titles"])}))
    if told_by(ALL, evidence):
        assert choose(order, evidence) == choose(ALL, evidence)
    else:
        assert choose(order, evidence) == order[0]
    assert choose(order, evidence).id in (given_["fitting"] or IDS.values())
