"""The campaign: episodes of kills and of faults on one world, each with its recovery and its audit."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bench.faults import audit, conversations, disasters
from bench.faults.kills import Killer
from bench.faults.letters import LetterBook
from bench.faults.mails import Made, accepted, mails
from bench.faults.midst import Disaster
from bench.faults.report import Result, Tally
from bench.faults.rules import Rule
from bench.faults.teams import Teams
from bench.faults.world import SENT, World

KILLS_AN_EPISODE = 8
BURSTS, BURST = 0.15, 18
"""So often many mails come at once before an episode of kills."""
WHOLE_SETS = 0.06
"""After so many episodes of kills, a return with its scan comes, as long as there are samples of it."""
TEAMS = 0.4
"""On a server, after so many episodes of kills two processes share the work and one of them is killed."""
TEAM_MAILS = 6
_AHEAD = (660.0, 660.0, 1860.0, 3660.0, 3660.0, 3 * 3600.0 + 60)
"""By how many seconds the clock is put forward before each pass of a recovery: leases and pauses have then ended. The
last one is repeated."""
MOST_PASSES = 10
NO_FAULT = "no fault"

Fault = tuple[str, Callable[[], None]]
"""Its kind, and what makes it."""


@dataclass(kw_only=True)
class Campaign:
    """`seed` decides everything but what the clock does to random instants."""

    world: World
    seed: int
    long: bool = True
    tallies: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    latest: list[str] = field(default_factory=list)
    """What was wrong in the last episode."""
    kills: int = 0
    faults: int = 0

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.book = LetterBook(sink=self.world.sink, records=self.world.records)
        self.killer = Killer(world=self.world, rng=self.rng)
        self.teams = Teams(world=self.world, rng=self.rng)
        self._mails = mails(self.seed)
        self._sets = accepted()
        self._quick = mails(self.seed, quick=True)
        self._audited = self._letters_before = 0
        self._told: set[str] = set()
        self._deck: list[Fault] = []
        self.world.after_run = self.book.run_ended

    def prepare(self) -> None:
        """Two quiet passes: the schema, the folders, and which steps there are."""
        self.world.passed()
        self._arrive(3)
        self.killer.survey()
        self._recover(NO_FAULT)

    def episode_of_kills(self, most: int) -> int:
        """Workers are killed one after the other, mails coming in between. → how many were."""
        kinds: list[str] = []
        self._keep_or_not()
        if self.rng.random() < BURSTS:
            self.burst()
        for _ in range(KILLS_AN_EPISODE * 2):
            if len(kinds) == min(most, KILLS_AN_EPISODE):
                break
            self._arrive(self.rng.choice((0, 1, 1)))
            kind = self.killer.kill()
            if kind:
                kinds.append(kind)
        self.kills += len(kinds)
        self._recover(*kinds or [NO_FAULT])
        return len(kinds)

    def episode_of_faults(self, most: int = 1) -> None:
        """One fault, now and then several in a row before there is peace again."""
        if not self._deck:
            self._deck = self._shuffled()
        count = min(most, len(self._deck), self.rng.choice((1, 1, 1, 1, 3)))
        self._strikes([self._deck.pop() for _ in range(count)])

    def each_kind(self, at_once: int) -> None:
        """Every kind of fault once, so many between two recoveries."""
        chosen = sorted(dict(self._shuffled()).items())
        self.rng.shuffle(chosen)
        for begin in range(0, len(chosen), at_once):
            self._strikes(chosen[begin : begin + at_once])

    def these_kinds(self, *kinds: str) -> None:
        """Faults of these kinds, with one recovery."""
        named = dict(self._shuffled())
        self._strikes([(kind, named[kind]) for kind in kinds])

    def _strikes(self, chosen: Sequence[Fault]) -> None:
        self._keep_or_not()
        kinds: list[str] = []
        for kind, strike in chosen:
            self._arrive(self.rng.choice((1, 1, 2)))
            self.world.met = True
            strike()
            if self.world.met:
                kinds.append(kind)
        self.faults += len(kinds)
        self._recover(*kinds or [NO_FAULT])

    def whole_set(self) -> None:
        """A return with its scan, in a pass that is killed while it is read."""
        mail = next(self._sets, None)
        if mail is None:
            return
        self.world.deliver(mail)
        run = self.world.start()
        if not self.world.workers.wait(run, self.rng.uniform(2.0, 6.0)):
            run.kill()
        killed = self.world.finish().killed
        self.kills += killed
        self._recover("killed while a scan is read" if killed else NO_FAULT)

    def team(self, kind: str | None = None) -> None:
        """Two processes share the work, and one of them is killed, in any way or in this one."""
        self._keep_or_not()
        self._arrive(TEAM_MAILS)
        killed = self.teams.kill_one(kind)
        self.kills += killed is not None
        self._recover(killed or NO_FAULT)

    def _shuffled(self) -> list[Fault]:
        """All faults in random order; for every two that break a conversation one of another kind, where there are servers, which
        have many kinds, for every one."""
        talks = [self._talk(each) for each in conversations.broken()]
        self.rng.shuffle(talks)
        strikes = [(each.kind, self._strike(each)) for each in disasters.disasters(self.world)]
        every = 2
        if self.world.server or self.world.objects:
            self.rng.shuffle(strikes)
            every = 1
        deck: list[Fault] = []
        for at, talk in enumerate(talks):
            deck.append(talk)
            if at % every == every - 1:
                deck.append(strikes[at // every % len(strikes)])
        rare = [self._talk(each) for each in conversations.silences()] if self.long else []
        rare += [(each.kind, self._strike(each)) for each in disasters.long_disasters(self.world)] if self.long else []
        for each in rare:
            deck.insert(self.rng.randrange(len(deck)), each)
        return deck

    def _talk(self, broken: conversations.Broken) -> Fault:
        def strike() -> None:
            book = self.world.imap if broken.server == "imap" else self.world.smtp
            nth = self.rng.choice((1, 1, 2))
            times = 1000 if broken.often else 1
            book.arm(Rule(verb=broken.verb, action=broken.action, reply=broken.reply, nth=nth, times=times))
            self.world.passed()
            self.world.met = book.fired > 0
            book.arm(None)

        return broken.kind, strike

    def _strike(self, disaster: Disaster) -> Callable[[], None]:
        return lambda: disaster.strike(self.world, self.rng)

    def _keep_or_not(self) -> None:
        """Some providers keep what was sent, some do not."""
        keeps = self.rng.random() < 0.5
        self.world.sink.keep = (lambda raw: self.world.account.append(raw, folder=SENT)) if keeps else None

    def burst(self) -> None:
        """More mails at once than get files of their own: they go through the spool of the archive."""
        for _, mail in zip(range(BURST), self._quick, strict=False):
            self.world.deliver(mail)

    def _arrive(self, count: int) -> None:
        for _ in range(count):
            self.world.deliver(next(self._mails))

    def _recover(self, *kinds: str) -> None:
        """Passes without a fault until nothing is left to do; then the mails and letters of the episode are looked at."""
        passes = self._passes()
        wrong = [line for line in self._wrong() if line not in self._told]
        self._told.update(wrong)  # what stays wrong is told once
        repeats, doubled = self.book.repeats(self._letters_before)
        self._letters_before = len(self.world.sink.accepted)
        for kind in kinds:
            tally = self.tallies[kind]
            tally.tried += 1
            tally.recovered += not wrong and not doubled
            tally.passes = max(tally.passes, passes)
        self.tallies[kinds[0]].repeats += repeats
        self.tallies[kinds[0]].wrong += [*wrong, *doubled]
        self.latest = [f"{kinds[0]}: {line}" for line in (*wrong, *doubled)]

    def _passes(self) -> int:
        for number in range(MOST_PASSES):
            self.world.turn_clock(self.world.ahead + _AHEAD[min(number, len(_AHEAD) - 1)])
            self.world.passed()
            if self.world.records.left().nothing:
                return number + 1
        return MOST_PASSES + 1

    def _wrong(self) -> Iterator[str]:
        fresh: Sequence[Made] = self.world.delivered[self._audited :]
        self._audited = len(self.world.delivered)
        yield from audit.of_mails(self.world, self.book, fresh)
        yield from audit.of_state(self.world)
        yield from self.teams.wrong
        self.teams.wrong.clear()
        self.world.hung.clear()
        self.world.unforeseen.clear()

    def close(self) -> list[str]:
        """The last audit, of everything. → what is wrong."""
        world = self.world
        return [
            *audit.of_mails(world, self.book, world.delivered),
            *audit.of_archive(world),
            *audit.of_server(world),
            *audit.of_state(world),
            *audit.of_ledger(world),
            *self.book.repeats()[1],
        ]

    def result(self) -> Result:
        found = self.close()
        repeats, doubled = self.book.repeats()
        return Result(
            seed=self.seed,
            kills=self.kills,
            faults=self.faults,
            mails=len(self.world.delivered),
            letters=len({letter.message_id for letter in self.world.sink.accepted}),
            lost=sum(1 for line in found if ": lost" in line),
            doubled=len(doubled),
            repeats=repeats,
            steps={name: f"{name}#1" not in self.killer.unmet() for name in self.killer.steps},
            left=audit.leftovers(self.world),
            disk=self.world.own_disk,
            stores=self.world.stores,
            left_out=disasters.left_out(self.world),
            tallies=dict(self.tallies),
            found=tuple(found),
        )


def run(world: World, *, seed: int, kills: int, faults: int, ends: float, tell: Callable[[str], None]) -> Result:
    """Kills and faults in turn, so that a run cut short by `ends` (monotonic seconds) has of both."""
    campaign = Campaign(world=world, seed=seed)
    campaign.prepare()
    while (campaign.kills < kills or campaign.faults < faults) and time.monotonic() < ends:
        kills_behind = campaign.kills * faults <= campaign.faults * kills
        if campaign.kills < kills and (kills_behind or campaign.faults >= faults):
            campaign.episode_of_kills(kills - campaign.kills)
            if campaign.rng.random() < WHOLE_SETS:
                campaign.whole_set()
            if world.server and campaign.rng.random() < TEAMS:
                campaign.team()
        else:
            campaign.episode_of_faults(faults - campaign.faults)
        tell("\n    ".join([f"{campaign.kills} kills, {campaign.faults} faults", *campaign.latest]))
    return campaign.result()
