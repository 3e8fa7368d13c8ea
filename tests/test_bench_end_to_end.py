"""The bench of the whole job runs on three mails, its table has every stage, and its arithmetic and verdict hold."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.end_to_end import COVER, STAGES, Share, table
from bench.stages import Clock, Probe, Record, probed, summary

ROOT = Path(__file__).parents[1]
WIDTH = 80


@pytest.fixture(scope="module")
def printed() -> list[str]:
    command = [sys.executable, "-m", "bench.end_to_end", "--count", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


def _counts(lines: list[str]) -> dict[str, int]:
    """Stage as printed → how often it occurred."""
    head = next(place for place, line in enumerate(lines) if line.startswith("stage"))
    rows = lines[head + 1 : lines.index("", head)]
    return {row[:17].strip(): int(row[17:21]) for row in rows}


def test_every_stage_is_in_the_table_and_occurred(printed: list[str]) -> None:
    counts = _counts(printed)
    expected = [name for stage, parts in STAGES.items() for name in (stage, *parts)]
    assert list(counts) == expected
    seen = {name for name, count in counts.items() if count}
    # Models are loaded while warming up. Everything else must meet a mail, or its row measures nothing.
    assert seen == set(expected) - {"load models"}


def test_every_mail_is_counted_once_a_stage(printed: list[str]) -> None:
    counts = _counts(printed)
    one_a_mail = ("fetch", "archive", "open mail", "hand over", "compare", "judge", "store", "letters", "send", "file")
    assert {counts[stage] for stage in one_a_mail} == {3}
    assert printed[0].startswith("3 mails, 3 of them submissions, 3 replies in ")
    assert not [line for line in printed if line.startswith("failure")]


def test_it_fits_a_terminal(printed: list[str]) -> None:
    assert [line for line in printed if len(line) > WIDTH] == []


def test_nested_stages_are_taken_off_the_outer() -> None:
    ticks = iter((0.0, 1.0, 4.0, 10.0))
    clock = Clock(cpu=lambda: next(ticks))
    with clock.stage("outer", key="mail 1"), clock.stage("inner"):
        pass
    assert [(record.stage, record.cpu, record.key) for record in clock.records] == [
        ("inner", 3.0, "mail 1"),
        ("outer", 7.0, "mail 1"),
    ]


def test_a_batch_is_shared_evenly_and_an_overhead_only_adds_to_the_sum() -> None:
    ticks = iter((0.0, 6.0, 6.0, 9.0))
    clock = Clock(cpu=lambda: next(ticks))
    with clock.stage("fetch", count=3):
        pass
    with clock.stage("fetch", count=0):
        pass
    row = summary(clock.records, "fetch")
    assert (row.count, row.cpu.total, row.cpu.mean, row.cpu.median) == (3, 9.0, 3.0, 2.0)


def test_records_of_one_mail_are_added_up() -> None:
    records = [
        Record(stage="letters", wall=1.0, cpu=0.5, key="mail 1"),
        Record(stage="letters", wall=2.0, cpu=0.5, key="mail 1", memory=7),
        Record(stage="letters", wall=5.0, cpu=2.0, key="mail 2"),
        Record(stage="letters", wall=4.0, cpu=1.0),
    ]
    row = summary(records, "letters")
    assert (row.count, row.wall.median, row.wall.p95, row.cpu.total, row.memory) == (3, 4.0, 5.0, 4.0, 7)


def test_probes_are_taken_away_and_a_lost_function_is_told() -> None:
    before = time.sleep
    clock = Clock()
    with probed(clock, [Probe(owner="time", name="sleep", stage="rest")]):
        time.sleep(0)
    assert time.sleep is before
    assert [record.stage for record in clock.records] == ["rest"]
    with pytest.raises(AttributeError), probed(clock, [Probe(owner="os", name="no_such_call", stage="rest")]):
        os.getpid()


def _shares(**walls: float) -> dict[str, Share]:
    records = [Record(stage=name.replace("_", " "), wall=wall, cpu=wall) for name, wall in walls.items()]
    return {share.row.stage: share for share in table(records)}


@pytest.mark.parametrize(
    ("stage", "wall", "heavy"),
    [
        ("store", 10.0, False),
        ("store", 10.2, True),
        ("read_cover", 80.0, False),
        ("decode_cover", 80.0, False),
        ("marked_workbook", 10.2, False),  # a part: its stage is told
        ("letters", 10.2, True),
    ],
)
def test_a_stage_beside_the_cover_may_take_a_tenth(stage: str, wall: float, heavy: bool) -> None:
    cover = {"read_cover": 100.0 - wall} if stage != "read_cover" else {"decode_cover": 100.0 - wall}
    shares = _shares(**{stage: wall}, **cover)
    assert shares[stage.replace("_", " ")].heavy is heavy


def test_the_marked_workbook_counts_as_part_of_the_letters() -> None:
    shares = _shares(marked_workbook=6.0, letters=5.0, read_cover=89.0)
    assert shares["letters"].wall == pytest.approx(0.11)
    assert shares["letters"].heavy
    assert set(STAGES) >= COVER


def test_parts_of_the_cover_are_not_counted_twice() -> None:
    shares = _shares(read_cover=90.0, recognise=80.0, judge=10.0)
    assert shares["read cover"].wall == pytest.approx(0.9)
    assert shares["recognise"].wall == pytest.approx(0.8)
