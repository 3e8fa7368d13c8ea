"""Any number of labelled mails from a seed: every kind in turn, every county, every mail program."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone

from samples.maker import accepted, others, rejected, threads
from samples.maker.cases import Plan
from samples.maker.content import COUNTIES
from samples.maker.desk import Desk, Kind, Style
from samples.maker.mails import Client

BEIJING = timezone(timedelta(hours=8))
OPENS = datetime(2020, 2, 26, 8, 0, tzinfo=BEIJING)
DEADLINE = datetime(2020, 2, 28, 23, 59, 59, tzinfo=BEIJING)

KINDS: tuple[tuple[int, Kind], ...] = (
    (8, accepted.pdf),
    (3, accepted.jpg),
    (1, accepted.tif),
    (2, accepted.xls),
    (2, accepted.turned),
    (2, accepted.photo),
    (2, accepted.long_table),
    (2, accepted.late),
    (2, accepted.unfiled),
    (1, accepted.restricted),
    (1, accepted.irregular_number),
    (1, accepted.service_phone),
    (2, accepted.nil_return),
    (2, rejected.bad_cells),
    (2, rejected.bad_phone),
    (1, rejected.bad_number),
    (1, rejected.unexpected_number),
    (1, rejected.bad_yes_no),
    (1, rejected.foreign_unit),
    (1, rejected.sample_row),
    (1, rejected.bad_date),
    (4, rejected.wrong_seal),
    (3, rejected.no_seal),
    (2, rejected.finance_seal),
    (6, rejected.altered_digit),
    (4, rejected.altered_name),
    (3, rejected.row_added),
    (2, rejected.black_and_white),
    (2, rejected.born_digital),
    (1, rejected.encrypted),
    (1, rejected.truncated),
    (1, rejected.wrong_form),
    (2, threads.in_two_mails),
    (2, threads.corrected),
    (1, others.question),
    (1, others.complaint),
    (1, others.vacation),
    (1, others.newsletter),
    (1, others.bounce),
)
"""How often each kind comes among the others."""


def plans(count: int, *, seed: int, style: Style) -> list[Plan]:
    """At least `count` plans (a story of two mails is never cut). Each case stands for itself: judge it on an empty
    store, its mails in order. The kinds come in their shares whatever the count; what is in them is drawn by `seed`."""
    rng = random.Random(seed)
    deck = [kind for share, kind in KINDS for _ in range(share)]
    rng.shuffle(deck)
    made: list[Plan] = []
    case = 0
    while len(made) < count:
        kind = deck[case % len(deck)]
        made += kind(_desk(rng, style, kind, case))
        case += 1
    return made


def _desk(rng: random.Random, style: Style, kind: Kind, case: int) -> Desk:
    start = DEADLINE + timedelta(hours=rng.uniform(9, 200)) if kind is accepted.late else OPENS
    return Desk(
        rng=random.Random(rng.randrange(2**63)),
        style=style,
        county=rng.choice(COUNTIES),
        received_at=(start + timedelta(minutes=rng.randrange(36 * 60))).replace(microsecond=0),
        client=rng.choice(tuple(Client)),
        case=case,
    )
