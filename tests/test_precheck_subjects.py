"""Subjects of pre-checks: who asks for one, and that answering our letter never does by our own words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.subjects import asks_precheck, subject
from tests.letter_samples import LETTERS_OF_PRECHECK

words = st.text(st.sampled_from("预检请（）【】[]：: -再濮阳县Re回复通过未\u200b\u3000"), max_size=14)


@given(words)
def test_an_answer_to_our_letter_never_asks_by_our_own_words(original: str) -> None:
    for made in LETTERS_OF_PRECHECK:
        ours = subject(replace(made, subject=original))
        assert ours.startswith("Re: 【预检】")
        assert not asks_precheck(ours)
        assert not asks_precheck(f"[外部] 回复：{ours}")
        assert subject(replace(made, subject=f"回复：{ours}")) == ours


@pytest.mark.parametrize(
    ("original", "asks"),
    [
        ("预检", True), ("【预检】濮阳县备案表", True), ("濮阳县备案表（预检）", True), ("请预 检一下", True),
        ("Re: 【退回】濮阳县备案表（回执 PY51-PYX-20200227-03）预检", True), ("濮阳县备案表", False),
        ("Re: 【预检】通过：濮阳县备案表", False), ("答复: Re: 【预检】未通过：表", False),
        ("Re: [预检]缺件: 表", False), ("Re: 【预检】存疑：预检表", True),
        ("濮阳县备案表预检稿", True), ("申请预检", True), ("先预检一下", True), ("请市教育信息中心先预检", True), ("再次预检", True),
        ("预检，合格后再正式报送", True), ("先预检，没问题再正式报送", True), ("预检通过后再正式报送", True), ("请预检修改稿", True),
        ("这是预检，不是正式报送", True), ("上次预检未通过，请再预检", True), ("麻烦帮忙预检", True),
        ("需要预检", True), ("能否预检", True),
        ("已按预检意见改好（预检）", True), ("已预检，改了一处，再预检一次", True), ("预检后请回复", True),
        ("烦请贵中心预检一下", True),
        ("预检通过，现正式报送", False), ("预检已通过", False), ("【预检已通过】濮阳县备案表", False), ("已预检", False),
        ("濮阳县备案表（已预检）", False), ("预检合格后正式报送", False), ("非预检", False),
        ("不是预检", False), ("不是预检，正式报送", False),
        ("（非预检）濮阳县备案表", False), ("无需预检", False), ("不用再预检", False), ("已经预检过，正式报送", False),
        ("经预检无误，正式报送", False), ("按预检意见修改后报送", False), ("预检修改后正式报送", False), ("预检后正式报送", False),
        ("预检没有问题，正式上报", False), ("通过预检，正式报送", False), ("预检OK 正式报送", False), ("已于昨天预检", False),
        ("请勿预检", False),
        ("不需要预检", False), ("回复：预检结果已改好", False), ("已申请预检并通过", False), ("预检未通过，改好重报", False),
    ],
)  # fmt: skip
def test_who_asks_for_a_pre_check(original: str, asks: bool) -> None:
    assert asks_precheck(original) is asks


@pytest.mark.parametrize(
    ("original", "bare"),
    [
        ("预检：濮阳县备案表", "濮阳县备案表"), ("【预检】濮阳县备案表", "濮阳县备案表"), ("濮阳县备案表（预检）", "濮阳县备案表"),
        ("濮阳县备案表-请预检一下", "濮阳县备案表"), ("预检", "报送材料"), ("回复：【预检】：表", "表"),
        ("预检 濮阳县备案表", "濮阳县备案表"), ("濮阳县备案表，预检", "濮阳县备案表"),
        ("改好了，请再预检", "改好了，请再预先检查"),
        ("濮阳县备案表，已按预检意见改好（预检）", "濮阳县备案表，已按预检意见改好"),
        ("请预 检濮阳县备案表", "请预先检查濮阳县备案表"),
    ],
)  # fmt: skip
def test_our_subject_leaves_out_the_word_that_asked(original: str, bare: str) -> None:
    assert subject(replace(LETTERS_OF_PRECHECK[0], subject=original)).endswith(f"：{bare}")
