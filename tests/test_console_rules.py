"""The console's page of rules: every code with why and examples, an anchor for each, and the way there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.accounts import Role
from domain.catalogue import CATALOGUE
from tests.builders import NOTICE
from tests.console_desk import Desk, desk
from tests.parts import scan, workbook


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
