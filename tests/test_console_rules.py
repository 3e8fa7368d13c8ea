"""The console's page of rules: every code with why and examples, an anchor for each, and the way there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest

from domain.accounts import Role
from domain.catalogue import CATALOGUE
from tests import test_values
from tests.builders import NOTICE
from tests.console_desk import Desk, desk
from tests.parts import scan, workbook
from web.rule_words import link, own


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as made:
        yield made


@pytest.mark.parametrize("role", list(Role))
def test_the_page_tells_every_rule_to_every_role(there: Desk, role: Role) -> None:
    page = there.log_in(role).get("/rules").text
    for code, entry in CATALOGUE.items():
        assert page.count(f'id="{code}"') == 1, code
        for words in (entry.name, entry.when, entry.why, entry.right, entry.wrong):
            assert words in page, code
    assert f'id="{NOTICE.id}"' in page
    anchors = re.findall(r'id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(anchors)


def test_nobody_sees_it_who_is_not_logged_in(there: Desk) -> None:
    assert there.browser().get("/rules").status_code == 303


def test_the_pages_of_a_case_and_of_a_notice_lead_there(there: Desk) -> None:
    bad = workbook({"phone": "139"}, label="bad")
    there.here.mail("m1", bad, scan(bad))
    there.here.run()
    [receipt] = there.here.cases()
    browser = there.log_in(Role.STAFF)
    assert 'href="/rules#row.phone_invalid"' in browser.get(f"/cases/{receipt}").text
    assert f'href="/rules#{NOTICE.id}"' in browser.get(f"/notices/{NOTICE.id}").text
    assert 'href="/rules"' in browser.get("/notices").text


def test_a_notices_own_rules_stand_there_by_name_with_what_they_ask(there: Desk) -> None:
    app = there.here.app
    app.notices = (*app.notices, test_values.NOTICE)
    page = there.log_in(Role.STAFF).get("/rules").text
    assert test_values.NOTICE.own_rules
    for shown in own(test_values.NOTICE):
        assert page.count(f'id="{shown.anchor}"') == 1
        for words in (shown.name, shown.counts, shown.when, shown.why, shown.right, shown.wrong):
            assert escape(words) in page
    [sum_] = [shown for shown in own(test_values.NOTICE) if shown.code == "rule.sum"]
    assert sum_.when == "在校生数等于男生数＋女生数"
    assert link("rule.sum", test_values.NOTICE.id) == f"/rules#{sum_.anchor}"
    assert link("row.required", test_values.NOTICE.id) == "/rules#row.required"
