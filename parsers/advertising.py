"""Tells advertising that no header gives away from what people write: by two signs at least, and by none of a return.

Whoever is taken for an advertiser gets no answer and stands in one line a day for staff, so a clerk must never be: words of
a return, of an office or of a polite question outweigh all signs, and a mail that is about a case is never asked.
"""

from __future__ import annotations

import re

from parsers.recognise import Signs

_LEAST = 2
"""Signs that make an advertisement. One alone stands in people's mail too: 微信同号 below a name, 报名费 in a question."""
_MOST_TEXT = 5_000

_PLAIN = re.compile(
    r"(?:代开|代办|出售|长期开|可开).{0,8}发票|发票.{0,4}(?:代开|代办|出售)"
    r"|刷单|日结.{0,4}兼职|兼职.{0,6}日结|日赚\d|日入[上过]?[百千万]"
    r"|彩金|博彩|百家乐|六合彩|时时彩|开户.{0,2}送|首存|裸聊|约炮|成人(?:视频|直播)|网赚"
)
"""Words that say it alone."""
_WORDS = (
    re.compile(
        r"[加扫](?:我|本人|下|一下)?(?:微信|威信|薇信|v信|vx|企鹅|qq|扣扣)|微信(?:同号|咨询|号:)|vx:|扫码(?:添加|加|领|咨询)",
        re.IGNORECASE,
    ),
    re.compile(r"(?:信用|抵押|无抵押|低息|快速)贷|贷款(?:利率|额度|热线|咨询)|信用卡(?:套现|提额|代还)|当天放款|秒批"),
    re.compile(
        r"限时(?:优惠|特[价惠]|抢购|折扣)|优惠(?:券|活动|大酬宾)|特价|促销|秒杀|清仓|包邮|[低仅]至?[\d一二三四五六七八九]+折"
        r"|免费(?:领取|试用|试听|体验|赠送)"
    ),
    re.compile(r"立即(?:购买|抢购|领取|报名|注册|下单|咨询)|点击(?:购买|领取|报名|注册|下单|下方|链接|此处|这里)|抢购|下单"),
    re.compile(r"总裁班|研修班|公开课(?:邀请|报名)|企业内训|参会费|会务费|培训费"),
    re.compile(
        r"诚招|招商加盟|加盟(?:热线|电话|商)|厂家直[销供]|批发价?|量大从优|欢迎(?:来电|致电|咨询|洽谈|选购)|网站建设|seo|群发"
        r"|邮件营销|代理商",
        re.IGNORECASE,
    ),
    re.compile(r"退订|取消订阅|不想再收到|如不需要.{0,8}(?:回复|勿扰)|打扰.{0,6}见谅|unsubscribe", re.IGNORECASE),
)  # fmt: skip
"""Kinds of words; each kind is one sign, however often it stands."""
_OF_OURS = re.compile(
    r"备案表|报送|填报|上报|盖章|公章|扫描件|电子表|回执|[〔\[(（]20\d\d[〕\])）]\d+号|预检|撤回|退回|贵[局中]|我[县区校局园]|本[县区校局]|我们(?:县|区|校|学校|单位|局)"
    r"|教[育体]局|教体局|请问|请教|咨询一下|想问|学校|家长|老师|教师|学生|孩子|反映|强制|违规"
)
"""A clerk, a school, a parent or a polite question: then it is answered whatever else it says."""
_SENDER = re.compile(
    r"(?:edm|mkt|marketing|newsletters?|promo(?:tions?)?|offers?|deals|advert\w*|subscri\w+)[\d._+-]*@"
    r"|@(?:[\w-]+\.)*(?:edm|mkt|marketing|newsletter|promo)\d*\.",
    re.IGNORECASE,
)
_MAILERS = (
    "x-sendcloud",
    "x-edm",
    "x-mc-user",
    "x-mandrill",
    "x-sg-eid",
    "x-csa-complaints",
    "x-campaign",
    "feedback-id",
)
"""Beginnings of fields that services for mass mail write."""
_YES = re.compile(r"\s*(?:yes|true|spam)\b|\*{5}", re.IGNORECASE)
_FLAGS = ("x-spam-flag", "x-spam", "x-spam-status", "x-spam-level")


def is_advertising(signs: Signs, *, asks: bool = False) -> bool:
    """Whether at least two signs say so and nothing speaks for a person who wants something of the bureau. `asks`: it asks
    something, as advertisements do too, so that it takes one sign more."""
    words = re.sub(r"\s+", "", f"{signs.subject}\n{signs.text}"[:_MOST_TEXT]).replace("：", ":")
    if _OF_OURS.search(words):
        return False
    count = _LEAST if _PLAIN.search(words) else 0
    count += sum(1 for kind in _WORDS if kind.search(words))
    count += bool(_SENDER.search(signs.sender)) + _by_mass_mailer(signs) + _flagged(signs)
    return count >= _LEAST + asks


def _by_mass_mailer(signs: Signs) -> bool:
    return any(name.startswith(_MAILERS) for name in signs.headers)


def _flagged(signs: Signs) -> bool:
    """Some filter on the way took it for spam. Who wrote that is not known, and filters err: it is one sign among others."""
    return any(_YES.match(signs.header(name)) for name in _FLAGS)
