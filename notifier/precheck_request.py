"""Whether a subject asks for a pre-check (预检, 请先预检一下), or only speaks of one (预检已通过, 非预检).

Each clause is read by itself. In doubt it asks: then nothing is filed, and the reply says so and how to file.
"""

from __future__ import annotations

import re

_WORD = re.compile("预检")
_CLAUSE = re.compile(r"[,.;:!?|/()\[\]{}<>\"'~_+*-]")
"""What parts clauses in normalised text."""
_WHOM = (
    r"(?:您|你|贵|市|县|区|局|中心|信息|教育|老师|领导|工作人员|帮|忙|给|予|以|我们?|我[县区局校]"
    r"|先|行|再|次|重新|协助|抽空|尽快|进行|做|个|一?下|的)*"
)
_NOT = r"(?<![不无勿未没别免非已曾])(?<!不用)(?<!不必)(?<!无需)(?<!无须)(?<!不要)"
_ASKS = re.compile(rf"{_NOT}(?:(?<!申)请求?|(?<!请)求|申请|麻烦|烦请?|劳烦|帮忙?|希望|恳请|望){_WHOM}$")
"""In front of the word: somebody shall do it, whatever follows (请预检修改稿)."""
_ANEW = re.compile(rf"{_NOT}(?:先行?|再次?|再行?|重新|另行|二次|需要?|想要?|拟){_WHOM}$")
_SPOKEN_OF = re.compile(
    r"(?:已经?|业已|早已|曾经?|经过?|通过|完成|做过|过了|上次|前次|上一?[回轮]|之前|此前|先前|前期|按照?|根据|依据|依照|对照|参照"
    r"|并非|不是|不属于?|[非未没不勿别免]|没有|无需|无须|不需要?|不用|不必|不再|不做|不要|取消|不同于)"
    r"(?:于|在|昨[天日]|今[天日]|前[天日]|您|贵|市|局|中心|信息|申请|要求|需要?|进行|做|作|过|经|的|了|先|再|行|来信|回信|\d+[月日号时])*$"
)
"""In front of the word: it was done, or shall not be."""
_DONE = re.compile(
    r"(?:一下|时|中|后)?(?:的)?(?:材料|表|件)?(?:已经?|均已?|都已?|全部|全|皆|也)?(?:获得?|被)?"
    r"(?:通过|合格|无误|没有?(?:通过|问题|过|发现)|无问题|未(?:通过|过|发现)|不(?:通过|合格)|有误|完[成毕了]|结束|过[了关]|成功|ok|pass"
    r"|意见|反馈|结果|回复|回信|发现|提出|提示|指出|所列|问题)(?!后?了?(?:再|请再))"
    r"|后?(?:修改|整改|改正|更正|改)(?:后|版|稿|好|完|了|过|件)"
    r"|后(?:的)?(?:正式|报送|上报|提交|定稿|终稿|重新|重报|报)",
    re.IGNORECASE,
)
"""Behind the word: what came of it, and what is done on that. 通过后再正式报送 is still to come."""


def asks(normalised: str) -> bool:
    """Whether any clause that holds the word asks for it."""
    return any(
        _is_request(clause[: found.start()], clause[found.end() :])
        for clause in _CLAUSE.split(normalised)
        for found in _WORD.finditer(clause)
    )


def _is_request(before: str, after: str) -> bool:
    if _ASKS.search(before):
        return True
    if _DONE.match(after):
        return False
    return bool(_ANEW.search(before)) or not _SPOKEN_OF.search(before)
