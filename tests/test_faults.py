"""A short campaign of the fault bench: twenty kills and every kind of fault once, but those that take half a minute each.

The long one is `python -m bench.faults`; its figures stand in docs/benchmarks.md.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.faults.campaign import Campaign
from bench.faults.teams import IN_A_JOB
from bench.faults.world import world

KILLS = 20
KILLS_ON_A_SERVER = 3
FAULTS_OF_SERVERS = ("its connections ended", "answers to PUTs lost")
TEAMS_AT_MOST = 3
"""The first worker may get no mail that comes to the step at which it is to die."""
AT_ONCE = 7
FAULTS = 18
"""Of some thirty kinds. One at a command that the pass did not come to, for what the kills before had left to do, is no fault."""
SEED = 20

pytestmark = pytest.mark.timeout(900)  # on an idle machine it takes less than a minute


@pytest.fixture(scope="module")
def campaign() -> Iterator[Campaign]:
    with world() as made:
        campaign = Campaign(world=made, seed=SEED, long=False)
        campaign.prepare()
        campaign.burst()
        while campaign.kills < KILLS:
            campaign.episode_of_kills(KILLS - campaign.kills)
        campaign.each_kind(AT_ONCE)
        yield campaign


@pytest.mark.sqlite
def test_no_mail_is_lost_and_none_answered_twice_whatever_goes_wrong(campaign: Campaign) -> None:
    assert [f"{kind}: {line}" for kind, tally in campaign.tallies.items() for line in tally.wrong] == []
    assert campaign.close() == []
    assert campaign.kills == KILLS
    assert campaign.faults >= FAULTS
    assert len(campaign.world.delivered) > KILLS


@pytest.mark.sqlite
def test_the_audit_sees_what_is_lost_and_what_went_out_twice(campaign: Campaign) -> None:
    """Spoils the world of the test before it, which leaves no doubt that an empty list means something."""
    spoilt = campaign.world
    lost, altered = spoilt.delivered[0], spoilt.delivered[1]
    blobs = spoilt.archive_folder / "blobs"
    (blobs / lost.sha256[:2] / lost.sha256).unlink()
    (blobs / altered.sha256[:2] / altered.sha256).write_bytes(b"x")
    spoilt.sink.accepted.append(spoilt.sink.accepted[0])
    found = campaign.close()
    assert sum("lost: not in the archive" in line for line in found) == 2
    assert sum("again in run" in line for line in found) == 1
    assert any(line.startswith("audit verify") for line in found)


@pytest.mark.postgresql
def test_nothing_is_lost_or_doubled_on_a_server_and_in_a_bucket() -> None:
    """What the kernel closes for a process that is killed, and what the server then rolls back, is not what SQLite's file does; and
    a worker of the queue that dies in the midst of a job leaves it to who leads."""
    with world("postgresql", "s3") as made:
        campaign = Campaign(world=made, seed=SEED, long=False)
        campaign.prepare()
        while campaign.kills < KILLS_ON_A_SERVER:
            campaign.episode_of_kills(KILLS_ON_A_SERVER - campaign.kills)
        campaign.teams.steps.update({"pipeline.judge_sets: to be committed": 1})
        for _ in range(TEAMS_AT_MOST):
            if not campaign.tallies[IN_A_JOB].tried:
                campaign.team(IN_A_JOB)
        campaign.these_kinds(*FAULTS_OF_SERVERS)
        assert [f"{kind}: {line}" for kind, tally in campaign.tallies.items() for line in tally.wrong] == []
        assert campaign.close() == []
        assert campaign.tallies[IN_A_JOB].tried == 1
        assert campaign.faults >= len(FAULTS_OF_SERVERS) // 2  # a pass may end before the command comes
