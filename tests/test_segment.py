"""What a search finds a text by: whatever stands in it finds it, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.segment import PART, fold, grams, hash_identifier, identifiers, keys, literals, message_identifier, snippet

LETTERS = st.text(alphabet="濮阳县教育局第一中学李明139８ＡaPp0-（）· 　\n龘𠮷é", max_size=30)


def finds(query: str, folded: str) -> bool:
    """As the databases do it: all grams, then the words themselves."""
    words, stored = literals(query), set(grams(folded))
    return all(set(word.grams) <= stored and word.text in folded for word in words)


@settings(deadline=None)
@given(LETTERS, st.data())
def test_every_piece_of_a_text_finds_it(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    for part in folded.split(PART):
        if not any(map(str.isalnum, part)):
            continue
        start = data.draw(st.integers(0, len(part) - 1))
        piece = part[start : data.draw(st.integers(start + 1, len(part)))]
        if any(map(str.isalnum, piece)):
            assert finds(piece, folded)


@settings(deadline=None)
@given(LETTERS, st.text(alphabet="濮阳县教育局第一中学李明1390aApP", min_size=1, max_size=4))
def test_nothing_else_finds_it(text: str, query: str) -> None:
    folded = fold(text)
    assert finds(query, folded) == (fold(query) in folded)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_a_folded_text_stays_as_it_is(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(deadline=None)
@given(LETTERS)
def test_one_gram_says_it_all_where_it_is_the_word(text: str) -> None:
    """Of a word that is its own gram the text need not be looked at."""
    folded = fold(text)
    for gram in grams(folded):
        [word] = literals(gram)
        assert word.exact
        assert gram in folded


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("濮", {"濮": ("濮",)}),
        ("濮阳", {"濮阳": ("濮阳",)}),
        ("濮阳县", {"濮阳县": ("濮阳", "阳县")}),
        ("ＡＰＰ", {"app": ("app",)}),
        ("1391", {"1391": ("139", "391")}),
        ("教APP备4100001号", {"教app备4100001号": ("教", "app", "备", "410", "100", "000", "001", "号")}),
        ("智学网 139", {"智学网": ("智学", "学网"), "139": ("139",)}),
        ("0393-123", {"0393-123": ("039", "393", "123")}),
        ("row.phone_invalid", {"row.phone_invalid": ("row", "pho", "hon", "one", "inv", "nva", "val", "ali", "lid")}),
    ],
)  # fmt: skip
def test_words_of_a_query(query: str, words: dict[str, tuple[str, ...]]) -> None:
    assert {word.text: word.grams for word in literals(query)} == words


@pytest.mark.parametrize("query", ["", "  ", "。", "—— ·", "x" * 201])
def test_what_cannot_be_looked_for(query: str) -> None:
    with pytest.raises(ValueError, match="query"):
        literals(query)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("李明\n139 1234 5678\n是", {"13912345678"}),
        ("0393-1234567转801", {"03931234567转801", "1234567"}),
        ("教ＡＰＰ备4100001号", {"教app备4100001号", "4100001"}),
        ("PY51-PYX-20200227-03", {"py51pyx2020022703", "20200227"}),
        ("联系电话13912345678，请回复。" + "正文" * 60, {"13912345678"}),
        ("第3中学", set()),
    ],
)
def test_numbers_that_name_a_text(text: str, names: set[str]) -> None:
    assert identifiers(fold(text)) == names


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("13912345678", "13912345678"), ("139-1234-5678", "13912345678"), ("+86 139 1234 5678", "13912345678"),
        ("008613912345678", "13912345678"), ("0393-1234567", "（0393）1234567"), ("教APP备4100001号", "教APP备 4100001 号"),
        ("4100001", "教APP备4100001号"), ("py51-pyx-20200227-03", "PY51-PYX-20200227-03"),
    ],
)  # fmt: skip
def test_a_whole_number_is_known_however_it_is_written(query: str, text: str) -> None:
    assert set(keys(query).whole) & identifiers(fold(text))


def test_hashes_and_message_ids() -> None:
    digest = "9f2c" * 16
    assert all(hash_identifier(digest).startswith(start) for start in keys(digest[:8].upper()).beginnings)
    assert keys(digest[:8]).beginnings
    assert keys(digest[:7]).beginnings == ()  # may be a number, or a word
    assert message_identifier("<Ab.1@qq.com>") in keys("ab.1@QQ.com").whole
    assert message_identifier("<ab.1@qq.com>") in keys("<ab.1@qq.com>").whole


@pytest.mark.parametrize(
    ("text", "query", "shown", "marked"),
    [
        ("濮阳县\n第一中学\n智学网", "第一", "濮阳县 | 第一中学 | 智学网", ["第一"]),
        ("用ＡＰＰ的", "app", "用ＡＰＰ的", ["ＡＰＰ"]),
        ("李 明 和李明", "李明", "李 明 和李明", ["李 明", "李明"]),
        ("长" * 60 + "目标" + "尾" * 60, "目标", "…" + "长" * 12 + "目标" + "尾" * 34 + "…", ["目标"]),
        ("甲\n乙", "甲 乙", "甲 | 乙", ["甲", "乙"]),
    ],
)
def test_snippets(text: str, query: str, shown: str, marked: list[str]) -> None:
    found = snippet(text, literals(query))
    assert found.text == shown
    assert [found.text[a:b] for a, b in found.marks] == marked


@settings(deadline=None)
@given(LETTERS, st.text(alphabet="濮阳县教1aP", min_size=1, max_size=3), st.integers(4, 60))
def test_a_snippet_marks_what_was_asked_for(text: str, query: str, width: int) -> None:
    found = snippet(text, literals(query), width=width)
    assert len(found.text) <= width + 2
    for a, b in found.marks:
        assert fold(query).startswith(fold(found.text[a:b].rstrip("…")))
