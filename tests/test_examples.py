"""The shipped example notices and their mails, all in one mailbox, beside the first notice: real reader, each decided as its label
says, under its own notice and round."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.notices import load_notices, shipped_notices
from domain.submission import Submission
from ingest.app import build
from ingest.passes import PassReport
from ingest.replaying import replay
from samples.examples import FOLDER, LABELS_FILE
from storage import submissions
from tests.office import settings

LABELS: list[dict[str, Any]] = json.loads(LABELS_FILE.read_text(encoding="utf-8"))["mails"]
EXAMPLES = ("safety-inspection", "staff-roster", "students-monthly")


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What became of each mail, by file name."""

    dispositions: dict[str, str]
    cases: dict[str, Submission]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("examples")
    now = [datetime.fromisoformat(LABELS[0]["received_at"])]
    made = settings(folder, notices={"active": ["puyang-2020-51", *EXAMPLES]})
    dispositions, cases = {}, {}
    with build(made, clock=lambda: now[0], pace_sending=False) as app:
        app.database.upgrade()
        for label in LABELS:
            now[0] = datetime.fromisoformat(label["received_at"]) + timedelta(seconds=20)
            report = PassReport()
            [found] = replay(app, [FOLDER / label["file"]], now[0] - timedelta(seconds=20), report)
            assert report.failures == []
            dispositions[label["file"]] = found.disposition
            for receipt, _ in found.cases:
                with app.database.read() as tx:
                    case = submissions.load(tx, receipt)
                assert case is not None
                cases[label["file"]] = case
    return Ran(dispositions=dispositions, cases=cases)


def test_the_examples_are_those_shipped_beside_the_first_notice() -> None:
    assert set(shipped_notices()) == {"puyang-2020-51", *EXAMPLES}
    assert {label["notice"] for label in LABELS} <= {one.id for name in EXAMPLES for one in load_notices(name)}


@pytest.mark.parametrize("label", LABELS, ids=[label["file"] for label in LABELS])
def test_each_mail_is_decided_as_its_label_says(ran: Ran, label: dict[str, Any]) -> None:
    assert ran.dispositions[label["file"]] == label["disposition"]
    if label["state"] is None:
        assert label["file"] not in ran.cases
        return
    case = ran.cases[label["file"]]
    assert (case.notice, case.reporter, str(case.state), case.row_count) == (
        label["notice"], label["reporter"], label["state"], label["row_count"],
    )  # fmt: skip
    assert {problem.code for problem in case.problems} - {"mail.unknown_sender"} == set(label["codes"]) - {
        "mail.unknown_sender"
    }
