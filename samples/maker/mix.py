"""Any number of labelled mails from a seed: every kind in turn, every county, every mail program."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone

from samples.maker import kinds, others
from samples.maker.cases import Plan
from samples.maker.content import COUNTIES
from samples.maker.desk import Desk, Style
from samples.maker.kinds import Kind
from samples.maker.mails import Client

BEIJING = timezone(timedelta(hours=8))
OPENS = datetime(2020, 2, 26, 8, 0, tzinfo=BEIJING)
DEADLINE = datetime(2020, 2, 28, 23, 59, 59, tzinfo=BEIJING)

KINDS: tuple[tuple[int, Kind], ...] = (
    (8, kinds.accepted),
    (3, kinds.accepted_jpg),
    (1, kinds.accepted_tif),
    (2, kinds.accepted_xls),
    (2, kinds.turned),
    (2, kinds.photo),
    (2, kinds.long_table),
    (2, kinds.late),
    (2, kinds.unfiled),
    (1, kinds.restricted),
    (1, kinds.irregular_number),
    (1, kinds.service_phone),
    (2, kinds.nil_return),
    (2, kinds.bad_cells),
    (2, kinds.bad_phone),
    (1, kinds.bad_number),
    (1, kinds.unexpected_number),
    (1, kinds.bad_yes_no),
    (1, kinds.foreign_unit),
    (1, kinds.sample_row),
    (1, kinds.bad_date),
    (4, kinds.wrong_seal),
    (3, kinds.no_seal),
    (2, kinds.finance_seal),
    (6, kinds.altered_digit),
    (4, kinds.altered_name),
    (3, kinds.row_added),
    (2, kinds.black_and_white),
    (2, kinds.born_digital),
    (1, kinds.encrypted),
    (1, kinds.truncated),
    (1, kinds.wrong_form),
    (2, kinds.in_two_mails),
    (2, kinds.corrected),
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
    start = DEADLINE + timedelta(hours=rng.uniform(9, 200)) if kind is kinds.late else OPENS
    return Desk(
        rng=random.Random(rng.randrange(2**63)),
        style=style,
        county=rng.choice(COUNTIES),
        received_at=(start + timedelta(minutes=rng.randrange(36 * 60))).replace(microsecond=0),
        client=rng.choice(tuple(Client)),
        case=case,
    )
