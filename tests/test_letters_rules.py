"""Letters that name the bureau's page of rules: one line at the end, and in HTML a link at each problem."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lxml import html as lxml_html

from config.settings import SettingsError, load_settings
from domain.catalogue import CATALOGUE
from domain.letter import Letter
from notifier.letters import Rendered, render
from tests.builders import NOTICE
from tests.letter_samples import HEAD, samples
from tests.office import office, text_of
from tests.parts import workbook
from tests.test_letters import words_of

GOLDEN = Path(__file__).parent / "golden"
UPDATE = bool(os.environ.get("BAOSONG_UPDATE_GOLDEN"))
RULES = "https://www.example.cn/baosong/rules.html"
LINE = f"各条规则的说明和例子：{RULES}"
LETTERS = samples()
WITH_PROBLEMS = ("rejected", "accepted-warnings", "incomplete-cover", "review", "precheck-rejected")


def shown(made: Letter, rules_url: str = RULES) -> Rendered:
    return render(made, NOTICE, head_number=HEAD[0], head_hash=HEAD[1], rules_url=rules_url)


def links(made: Rendered) -> list[str]:
    return [str(href) for href in lxml_html.document_fromstring(made.html).xpath("//a/@href")]


@pytest.mark.parametrize("name", WITH_PROBLEMS)
def test_golden(name: str) -> None:
    made = shown(LETTERS[name])
    for suffix, content in (("txt", f"{made.subject}\n\n{made.text}"), ("html", made.html)):
        path = GOLDEN / f"{name}-with-rules.{suffix}"
        if UPDATE:
            path.write_text(content, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == content


def test_every_golden_file_has_its_letter() -> None:
    assert {path.stem for path in GOLDEN.glob("*-with-rules.*")} == {f"{name}-with-rules" for name in WITH_PROBLEMS}


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_names_the_page_where_it_tells_of_problems_and_nowhere_else(name: str) -> None:
    bare, made = shown(LETTERS[name], ""), shown(LETTERS[name])
    told = [line for line in bare.text.splitlines() if line.startswith("  1. ")]
    assert made.text.splitlines().count(LINE) == len(told)
    assert RULES not in bare.text + bare.html
    assert made.text.replace(f"{LINE}\n", "").split() == bare.text.split(), "nothing else is said otherwise"


@pytest.mark.parametrize("name", LETTERS)
def test_text_and_html_say_the_same(name: str) -> None:
    made = shown(LETTERS[name])
    assert words_of(made.html) == "".join(made.text.split())


@pytest.mark.parametrize("name", WITH_PROBLEMS)
def test_each_problem_leads_to_its_own_entry(name: str) -> None:
    made = shown(LETTERS[name])
    found = links(made)
    assert found[-1] == RULES
    told = sum(line[:5].strip().rstrip(".").isdigit() for line in made.text.splitlines() if line.startswith("  "))
    assert len(found) == told + 1
    codes = {address.removeprefix(f"{RULES}#") for address in found[:-1]}
    assert codes <= set(CATALOGUE) & {problem.code for problem in LETTERS[name].problems}


@pytest.mark.parametrize(
    "address", ["rules.html", "https://www.example.cn/rules.html#a", "ftp://a.cn/", "javascript:x"]
)
def test_an_address_that_is_no_page_is_refused(address: str, tmp_path: Path) -> None:
    file = tmp_path / "baosong.toml"
    file.write_text(f'[replies]\nrules_url = "{address}"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"replies\.rules_url"):
        load_settings(file, {})


def test_the_address_of_the_settings_is_in_what_goes_out(tmp_path: Path) -> None:
    with office(tmp_path, replies={"return_workbook": False, "rules_url": RULES}) as here:
        here.mail("m1", workbook({"phone": ""}, label="bad"))
        here.run()
        [(raw, _)] = here.letters.taken
        assert LINE in text_of(raw).splitlines()
