"""Advertisements get no answer; whoever may be a clerk, a school or a citizen with a question always does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.mail import Intent, MailKind
from parsers.advertising import is_advertising
from parsers.recognise import Signs
from tests.mail_making import opened


def signs(text: str, subject: str = "", sender: str = "a@ads.example.net", **headers: str) -> Signs:
    named = {name.replace("_", "-").lower(): (value,) for name, value in headers.items()}
    return Signs(
        sender=sender, sender_name="", envelope_sender=sender, subject=subject, message_id=None, headers=named, types=(), text=text
    )  # fmt: skip


ADVERTISEMENTS = [
    signs("我司可代开各类增值税专用发票，验证后付款。"),
    signs("发 票 代 开，电话13800000000"),
    signs("注册就送彩金", "亚洲第一"),
    signs("兼职刷单，日赚500"),
    signs("办公用品厂家直销，限时优惠，欢迎来电。"),
    signs("无抵押贷款，当天放款，加微信了解。"),
    signs("还在为缺资金发愁吗？信用贷利率低，立即咨询"),
    signs("2020高级总裁班火热开班，点击报名", "诚邀参加"),
    signs("本期特价：签字笔低至5折", sender="edm@shop.example.net"),
    signs("您的专属优惠券到了", X_Spam_Flag="YES"),
    signs("New spring collection", X_SendCloud_Id="1", sender="x@edm.shop.example.net"),
    signs("网站建设、SEO优化，如不需要请回复勿扰"),
]
PEOPLE = [
    signs("请问教学点使用的APP也要填吗？"),
    signs("我校老师收到代开发票的短信，这种情况要填报吗？"),
    signs("请问家长加微信群报名、点击链接立即报名的APP算不算？"),
    signs("你好，表格打不开了，电话和微信同号13800000000"),
    signs("收到，谢谢！"),
    signs("", ""),
    signs("附件是我们县的表", X_Spam_Flag="YES"),
    signs("有一个问题不明白，能不能打电话给我？", X_Spam_Flag="YES"),
    signs("濮阳县教育局报送材料，限时优惠，加微信，退订回T", X_Spam_Status="Yes, score=9"),
    signs("我公司的APP被列入了贵市的名单，怎样才能更正？"),
    signs("去年的培训有没有发票"),
    signs("班里让大家加微信下单买课，老师天天催"),
    signs("孩子学校要求买的学习机有优惠活动，这样做合规吗？"),
    signs("培训费能不能报销？"),
    signs("x", sender="marketing@school.example.cn"),
    signs("x", Feedback_ID="1:2"),
    signs("x", X_Spam_Status="No, score=0.1", sender="edm@x.example.cn"),
]


@pytest.mark.parametrize("made", ADVERTISEMENTS, ids=range(len(ADVERTISEMENTS)))
def test_two_signs_make_an_advertisement(made: Signs) -> None:
    assert is_advertising(made)


@pytest.mark.parametrize("made", PEOPLE, ids=range(len(PEOPLE)))
def test_in_doubt_it_is_none(made: Signs) -> None:
    assert not is_advertising(made)


@given(
    st.lists(
        st.sampled_from(["代开发票", "加微信", "限时优惠", "报送", "我县", "盖章", "请问", "退订", "。"]), max_size=8
    )
)
def test_words_of_a_return_outweigh_everything(pieces: list[str]) -> None:
    ours = {"报送", "我县", "盖章", "请问"} & set(pieces)
    assert not (ours and is_advertising(signs("".join(pieces))))


@pytest.mark.parametrize(
    ("headers", "text", "intent"),
    [
        ("", "代开发票，加微信", Intent.ADVERTISE),
        ("", "代开发票，是不是真的？", Intent.QUESTION),
        ("", "还缺资金吗？信用贷利率低，当天放款，立即咨询，加微信", Intent.ADVERTISE),
        ("In-Reply-To: <a@b.cn>\r\n", "代开发票，加微信", Intent.NONE),
        ("", "举报某公司代开发票", Intent.COMPLAINT),
        ("", "请撤回，刚才发的是代开发票的广告，加微信", Intent.WITHDRAW),
    ],
)
def test_what_a_mail_wants(headers: str, text: str, intent: Intent) -> None:
    raw = f"From: <a@ads.example.net>\r\nContent-Type: text/plain; charset=utf-8\r\n{headers}\r\n{text}".encode()
    facts = opened(raw).facts
    assert (facts.kind, facts.intent) == (MailKind.HUMAN, intent)
