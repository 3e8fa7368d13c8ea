"""The advice of every error, followed: what it says clears it, and the return is accepted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from domain.catalogue import CATALOGUE
from domain.problems import Severity
from domain.submission import State
from storage import submissions
from tests.mailbag.advice import ADVICE, BY_OTHER_MEANS, Make, Try
from tests.mailbag.goods import reading_before
from tests.mailbag.post import Dialect, mail
from tests.office import Office, office

TRIED = [make().code for make in ADVICE]


def test_every_error_of_the_catalogue_is_tried() -> None:
    errors = {code for code, entry in CATALOGUE.items() if entry.severity is Severity.ERROR}
    assert {*TRIED, *BY_OTHER_MEANS} == errors | {"attachment.unsupported"}  # an error where it is all there is
    assert len(TRIED) == len(set(TRIED))


def send(here: Office, what: Try, seed: int) -> None:
    here.box.deliver(mail(Dialect.FOXMAIL, *what.files, text=what.text, seed=seed), here.now)
    assert here.run(after=timedelta(minutes=1)).failures == []


@pytest.mark.parametrize("make", ADVICE, ids=TRIED)
def test_following_the_advice_is_accepted(tmp_path: Path, make: Make) -> None:
    advice = make()
    with office(tmp_path) as here:
        reading_before(here)
        send(here, advice.bad, 1)
        with here.app.database.read() as tx:
            [case] = submissions.list_(tx)
        [found, *_] = [problem for problem in case.problems if problem.code == advice.code]
        assert found.severity is Severity.ERROR and found.advice
        assert case.state in (State.REJECTED, State.INCOMPLETE)
        send(here, advice.mended, 2)
        assert "accepted" in here.cases().values()
