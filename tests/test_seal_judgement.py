"""Whose seal it is: a sure other name counts against the sender, doubt never does."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cover import Box, Lattice, Seal, SealKind, TextReading
from domain.notice import Reporter
from domain.seal_finding import SealFinding
from domain.seals import judge_seal
from domain.text import edit_distance

ENDINGS = ("教育局", "教育体育局", "教体局", "教育和体育局")
WORDS = ("财务专用章", "合同专用章", "办公室")


def county(code: str, place: str) -> Reporter:
    names = tuple(place + ending for ending in ENDINGS)
    return Reporter(code=code, name=place, names=(place,), seal_names=(*names, *("濮阳市" + name for name in names)))


OWN = county("QF", "清丰县")
ALL = (OWN, county("NL", "南乐县"), county("FX", "范县"), county("PYX", "濮阳县"))


def lattice(text: str, doubts: dict[int, tuple[tuple[str, float], ...]] | None = None) -> Lattice:
    """One letter a step with a blank after each; `doubts` replaces the alternatives (letter, probability) at a place."""
    steps: list[tuple[tuple[str, float], ...]] = []
    for place, letter in enumerate(text):
        chances = (doubts or {}).get(place, ((letter, 0.99),))
        steps += [tuple((one, math.log(chance)) for one, chance in chances), (("", math.log(0.99)),)]
    return tuple(steps)


def seal(
    text: str,
    *,
    bottom: str = "",
    confidence: float = 0.97,
    legible: bool = True,
    kind: SealKind = SealKind.OFFICIAL,
    doubts: dict[int, tuple[tuple[str, float], ...]] | None = None,
    kept: bool = True,
    under: Lattice = (),
    hidden: bool = False,
    crossed: bool = False,
    unread: bool = False,
) -> Seal:
    rim = TextReading(text=text, confidence=confidence, lines=(lattice(text, doubts),)) if kept else None
    return Seal(
        page=1,
        box=Box(x0=0.1, y0=0.1, x1=0.3, y1=0.3),
        diameter_mm=42.0,
        kind=kind,
        text=text,
        bottom=bottom,
        confidence=confidence,
        rim=rim,
        under_star=TextReading(text="", confidence=0.5, lines=(under,)) if under else None,
        foot_hidden=hidden,
        crossed=crossed,
        unread_foot=unread,
        legible=legible,
    )


NEARLY = {2: (("具", 0.7), ("县", 0.28))}
JUDGED = [
    ("own name", seal("清丰县教育局"), SealFinding.THEIRS),
    ("own name without lattice", seal("清丰县教育局", kept=False), SealFinding.THEIRS),
    ("own name with the city", seal("濮阳市清丰县教育体育局"), SealFinding.THEIRS),
    ("read from another letter of the circle", seal("教育局清丰县"), SealFinding.THEIRS),
    ("number beside the name", seal("清丰县教育局4109"), SealFinding.THEIRS),
    ("look-alike, own letter close behind", seal("清丰具教育局", doubts={2: (("具", 0.7), ("县", 0.28))}), SealFinding.THEIRS),
    ("look-alike, own letter ruled out", seal("清丰市教育局"), SealFinding.UNREADABLE),
    ("neighbour", seal("南乐县教育局"), SealFinding.ANOTHERS),
    ("neighbour, spelt to the letter", seal("南乐县教育局", confidence=0.86), SealFinding.ANOTHERS),
    ("neighbour, one letter doubtful, less surely read", seal("南乐具教育局", confidence=0.86, doubts=NEARLY), SealFinding.ANOTHERS),
    ("neighbour, poorly read", seal("南乐县教育局", confidence=0.8), SealFinding.UNREADABLE),
    ("neighbour, one letter doubtful", seal("南乐具教育局", doubts={2: (("具", 0.7), ("县", 0.28))}), SealFinding.ANOTHERS),
    ("far away bureau", seal("郑州市金水区教育局"), SealFinding.ANOTHERS),
    ("company", seal("河南万象网络科技有限公司"), SealFinding.ANOTHERS),
    ("company, poorly read", seal("河南万象网络科技有限公司", confidence=0.8), SealFinding.UNREADABLE),
    ("the city's own bureau is on no list", seal("濮阳市教育局"), SealFinding.UNREADABLE),
    ("part of the own name", seal("县教育体"), SealFinding.UNREADABLE),
    ("own name, first letters lost", seal("育体局清丰县"), SealFinding.UNREADABLE),
    ("end of a name that all share", seal("教育体育局"), SealFinding.UNREADABLE),
    ("not legible", seal("清丰县教育局", legible=False), SealFinding.UNREADABLE),
    ("nothing read", seal(""), SealFinding.UNREADABLE),
    ("logo", seal("清丰县教育局", kind=SealKind.OTHER), SealFinding.UNOFFICIAL),
    ("finance seal", seal("清丰县教育局", bottom="财务专用章", kind=SealKind.SPECIAL), SealFinding.SPECIAL),
    ("finance seal, one letter misread", seal("清丰县教育局", bottom="财务专用彰", kind=SealKind.SPECIAL), SealFinding.SPECIAL),
    ("kind on the rim", seal("清丰县教育局办公室"), SealFinding.SPECIAL),
    ("line under the star that no list explains", seal("清丰县教育局", bottom="甲乙丙", kind=SealKind.SPECIAL), SealFinding.UNREADABLE),
    ("special word that may stand under the star", seal("清丰县教育局", under=lattice("合同专用早")), SealFinding.UNREADABLE),
    ("foot under another seal", seal("清丰县教育局", hidden=True), SealFinding.UNREADABLE),
    ("foot under ink that looks like 专用", seal("清丰县教育局", bottom="专用", hidden=True), SealFinding.UNREADABLE),
    ("another seal on it, each letter read", seal("清丰县教育局", crossed=True), SealFinding.THEIRS),
    ("another seal on it, a letter unsure", seal("清丰具教育局", crossed=True, doubts=NEARLY), SealFinding.UNREADABLE),
    ("neighbour, foot under another seal", seal("南乐县教育局", hidden=True), SealFinding.ANOTHERS),
    ("unread ink under the star, like no special word", seal("清丰县教育局", unread=True, under=lattice("中心小学")), SealFinding.THEIRS),
    ("the same, another seal on it", seal("清丰县教育局", unread=True, crossed=True, under=lattice("中心小学")), SealFinding.UNREADABLE),
    ("unread ink under the star, of which nothing is known", seal("清丰县教育局", unread=True), SealFinding.UNREADABLE),
    ("unread ink under the star, near a word", seal("清丰县教育局", unread=True, under=lattice("合同甲乙章")), SealFinding.UNREADABLE),
    ("unread ink under the star that is a word", seal("清丰县教育局", unread=True, under=lattice("合同专用章")), SealFinding.SPECIAL),
    ("print under the star", seal("清丰县教育局", under=lattice("中心小学")), SealFinding.THEIRS),
    ("line not told apart, but read", seal("清丰县教育局", kind=SealKind.SPECIAL, under=lattice("合同专用章")), SealFinding.SPECIAL),
    ("line not told apart, badly read", seal("清丰县教育局", kind=SealKind.SPECIAL, under=lattice("今问")), SealFinding.UNREADABLE),
    ("neighbour's finance seal", seal("南乐县教育局", bottom="财务专用章", kind=SealKind.SPECIAL), SealFinding.ANOTHERS),
]  # fmt: skip


@pytest.mark.parametrize(("found", "expected"), [case[1:] for case in JUDGED], ids=[case[0] for case in JUDGED])
def test_verdict(found: Seal, expected: SealFinding) -> None:
    assert judge_seal(found, OWN, ALL, WORDS).kind is expected


def test_verdict_names_what_it_saw() -> None:
    assert judge_seal(seal("清丰县教育局"), OWN, ALL, WORDS).named == "清丰县教育局"
    assert judge_seal(seal("南乐县教育局"), OWN, ALL, WORDS).named == "南乐县教育局"
    assert judge_seal(seal("清丰县教育局", bottom="财务专用章"), OWN, ALL, WORDS).named == "清丰县教育局财务专用章"


@pytest.mark.parametrize("owner", ALL, ids=lambda each: each.name)
def test_every_allowed_name_is_theirs_and_nobody_elses(owner: Reporter) -> None:
    for name in owner.seal_names:
        findings = {other.name: judge_seal(seal(name), other, ALL, WORDS).kind for other in ALL}
        assert findings == {other.name: SealFinding.THEIRS if other is owner else SealFinding.ANOTHERS for other in ALL}


def test_unknown_reporter_is_never_theirs_and_a_listed_name_is_anothers() -> None:
    assert judge_seal(seal("南乐县教育局"), None, ALL, WORDS).kind is SealFinding.ANOTHERS
    assert judge_seal(seal("濮阳市油田第一中学"), None, ALL, WORDS).kind is SealFinding.UNREADABLE


@given(st.sampled_from(OWN.seal_names).flatmap(st.permutations), st.integers(1, 14), st.floats(0, 1))
def test_no_rest_of_the_own_name_is_anothers(letters: list[str], kept: int, confidence: float) -> None:
    """Whatever letters of an allowed name are read, in whatever order, the seal may be the reporter's."""
    listed = (OWN, county("NL", "南乐县"))
    found = seal("".join(letters[:kept]), confidence=confidence)
    assert judge_seal(found, OWN, listed, WORDS).kind is not SealFinding.ANOTHERS


@given(st.text(alphabet="甲乙丙", max_size=6), st.text(alphabet="甲乙丙", max_size=6))
def test_edit_distance_is_a_metric(one: str, other: str) -> None:
    distance = edit_distance(one, other)
    assert distance == edit_distance(other, one)
    assert (distance == 0) == (one == other)
    assert abs(len(one) - len(other)) <= distance <= max(len(one), len(other))


@pytest.mark.parametrize(("sure", "expected"), [(0.99, SealFinding.ANOTHERS), (0.85, SealFinding.UNREADABLE)])
def test_one_strange_letter_counts_only_where_every_letter_is_sure(sure: float, expected: SealFinding) -> None:
    """安阳市教育局 has one letter that 濮阳市清丰县教育局 has not; the recogniser may have misread that one."""
    read = seal("安阳市教育局", confidence=0.99, doubts={0: (("安", sure),)})
    assert judge_seal(read, OWN, ALL, WORDS).kind is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("濮阳濮阳县教育局", SealFinding.THEIRS), ("濮阳丘濮阳县教育局", SealFinding.UNREADABLE)]
)
def test_a_letter_that_may_have_been_lost_was_not_where_another_was_read(text: str, expected: SealFinding) -> None:
    own = county("PYX", "濮阳县")
    read = seal(text, confidence=0.95, doubts={2: (("丘", 0.88), ("", 0.005))} if "丘" in text else None)
    assert judge_seal(read, own, (own, OWN), WORDS).kind is expected


def several(*texts: str) -> Seal:
    """A seal whose rim was read in several ways, the surest first."""
    rim = TextReading(text=texts[0], confidence=0.97, lines=tuple(lattice(text) for text in texts))
    return replace(seal(texts[0]), rim=rim)


SEVERAL = [
    ("all say the same", ("清丰县教育局", "清丰县教育局"), SealFinding.THEIRS),
    ("one opened at another letter", ("清丰县教育局", "教育局清丰县"), SealFinding.THEIRS),
    ("one of three misread", ("清丰县教育局", "清丰县教育局", "清半县教育局"), SealFinding.THEIRS),
    ("one of three opened in the midst of a letter", ("清丰县教育局", "清丰县教育局", "县教育局"), SealFinding.THEIRS),
    ("a letter of another line behind the name", ("清丰县教育局出", "清丰县教育局出"), SealFinding.UNREADABLE),
    ("one letter differs in all", ("清半县教育局", "清半县教育局"), SealFinding.ANOTHERS),
    ("one letter differs in most", ("清半县教育局", "清半县教育局", "清丰县教育局"), SealFinding.UNREADABLE),
    ("neighbour in all", ("南乐县教育局", "南乐县教育局"), SealFinding.ANOTHERS),
    ("a neighbour's name and one's own", ("南乐县教育局", "清丰县教育局"), SealFinding.UNREADABLE),
]


@pytest.mark.parametrize(("texts", "expected"), [case[1:] for case in SEVERAL], ids=[case[0] for case in SEVERAL])
def test_readings_of_one_rim_are_judged_together(texts: tuple[str, ...], expected: SealFinding) -> None:
    assert judge_seal(several(*texts), OWN, ALL, WORDS).kind is expected


@given(st.sampled_from(OWN.seal_names), st.data())
def test_a_name_that_differs_in_one_sure_letter_is_never_theirs(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(name) - 1))
    other = name[:place] + data.draw(st.sampled_from("安滑内封长新辉卫鹤浚淇林")) + name[place + 1 :]
    readings = data.draw(st.integers(1, 4))
    assert judge_seal(several(*[other] * readings), OWN, ALL, WORDS).kind is not SealFinding.THEIRS


def test_verdict_tells_how_well_the_best_other_name_fits() -> None:
    verdict = judge_seal(seal("南乐县教育局"), OWN, ALL, WORDS)
    assert verdict.other == 0.0
    assert verdict.score < -9.0


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("财务", "专用章"), "清丰县教育局财务专用章"),
        (("财务专用章", "财务", "专用章"), "清丰县教育局财务专用章"),
        (("办公室", "专用章"), "清丰县教育局专用章"),
    ],
)
def test_a_special_seal_is_named_with_its_words(words: tuple[str, ...], named: str) -> None:
    found = seal("清丰县教育局", bottom="财务专用章", kind=SealKind.SPECIAL)
    assert judge_seal(found, OWN, ALL, words).named == named


def under(word: str, probability: float) -> Lattice:
    """The word, with one letter that was read as 口 and has this probability itself."""
    return lattice(word, {0: (("口", 0.9), (word[0], probability))})


@pytest.mark.parametrize(
    ("word", "probability", "kind", "expected"),
    [
        ("财务", 0.003, SealKind.OFFICIAL, SealFinding.UNREADABLE),  # 2.9 nats a letter
        ("财务", 0.002, SealKind.OFFICIAL, SealFinding.THEIRS),  # 3.1
        ("办公室", 0.00015, SealKind.OFFICIAL, SealFinding.UNREADABLE),  # 2.9
        ("办公室", 0.0001, SealKind.OFFICIAL, SealFinding.THEIRS),  # 3.03
        ("财务", 0.35, SealKind.SPECIAL, SealFinding.SPECIAL),  # 0.47
        ("财务", 0.3, SealKind.SPECIAL, SealFinding.UNREADABLE),  # 0.55
    ],
)
def test_how_surely_a_special_word_must_stand_under_the_star(
    word: str, probability: float, kind: SealKind, expected: SealFinding
) -> None:
    found = seal("清丰县教育局", kind=kind, under=under(word, probability))
    assert judge_seal(found, OWN, ALL, ("财务", "办公室")).kind is expected


def test_the_surest_reading_that_spells_the_name_is_enough() -> None:
    """Opened at its foot a rim may lose its last letter to the foot's edge, where opened at the next gap it does not."""
    found = seal("教育局清丰县")
    lost = tuple(lattice("清丰县教育") for _ in range(3))
    assert found.rim is not None
    several = replace(found, rim=replace(found.rim, lines=(lattice("教育局清丰县"), *lost)))
    assert judge_seal(several, OWN, ALL, WORDS).kind is SealFinding.THEIRS
    none_spells = replace(found, rim=replace(found.rim, lines=lost))
    assert judge_seal(none_spells, OWN, ALL, WORDS).kind is SealFinding.UNREADABLE
