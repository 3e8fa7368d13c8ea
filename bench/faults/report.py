"""The fault report: a table of at most 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

FEW = 8
"""So many steps are named at which no worker was killed, and so many kinds of faults that other stores have."""


@dataclass(kw_only=True)
class Tally:
    """A row of the report."""

    tried: int = 0
    recovered: int = 0
    passes: int = 0
    """The most that a recovery took."""
    repeats: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of one campaign. `steps`: names of steps → whether a worker was killed there; `found` by the last audit."""

    seed: int
    kills: int
    faults: int
    mails: int
    letters: int
    lost: int
    doubled: int
    repeats: int
    steps: dict[str, bool]
    left: tuple[int, int]
    disk: bool
    stores: tuple[str, str]
    left_out: tuple[str, ...]
    """Kinds of faults that other stores have."""
    tallies: dict[str, Tally]
    found: tuple[str, ...]

    @property
    def wrong(self) -> bool:
        return bool(self.found) or any(tally.wrong for tally in self.tallies.values())


def lines(results: Sequence[Result], seconds: float) -> Iterator[str]:
    """What was tried in all worlds, and what came of it."""
    kills, faults, mails, letters = (
        sum(getattr(each, name) for each in results) for name in ("kills", "faults", "mails", "letters")
    )
    yield f"{kills} kills, {faults} faults, {mails} mails, {letters} letters; {' and '.join(results[0].stores)}"
    yield f"in {seconds / 60:.0f} min, seeds {', '.join(str(each.seed) for each in results)}"
    lost, doubled, repeats = (sum(getattr(each, name) for each in results) for name in ("lost", "doubled", "repeats"))
    others = sum(len(each.found) for each in results) - lost - doubled
    yield f"lost {lost}, doubled {doubled}, unavoidable repeats {repeats}, other findings {others}"
    steps = {name for each in results for name in each.steps}
    met = {name for each in results for name, killed in each.steps.items() if killed}
    yield f"killed at {len(met)} of {len(steps)} steps"
    yield from (f"  not at: {name}" for name in sorted(steps - met)[:FEW])
    if not all(each.disk for each in results):
        yield "no disk was filled: that takes root, to mount one"
    if left_out := results[0].left_out:
        yield f"left out, being of other stores: {len(left_out)} kinds"
        yield from (f"  {kind}" for kind in left_out[:FEW])
    orphans, aside = (sum(each.left[at] for each in results) for at in (0, 1))
    yield f"left in the archive: {orphans} files that nothing names, {aside} in tmp that never got their name"
    yield ""
    yield f"{'':<36}{'tried':>7}{'recovered':>11}{'passes':>8}{'repeats':>9}{'wrong':>7}"
    tallies = merged(results)
    yield from (_row(kind, tally) for kind, tally in sorted(tallies.items()))
    yield ""
    for kind, tally in sorted(tallies.items()):
        yield from (f"WRONG: {kind}: {line}" for line in tally.wrong)
    yield from (f"WRONG at the end, seed {each.seed}: {line}" for each in results for line in each.found)


def merged(results: Sequence[Result]) -> dict[str, Tally]:
    """The tables of all worlds in one."""
    rows: dict[str, Tally] = {}
    for result in results:
        for kind, tally in result.tallies.items():
            row = rows.setdefault(kind, Tally())
            row.tried += tally.tried
            row.recovered += tally.recovered
            row.repeats += tally.repeats
            row.passes = max(row.passes, tally.passes)
            row.wrong += [f"seed {result.seed}: {line}" for line in tally.wrong]
    return rows


def _row(kind: str, tally: Tally) -> str:
    return f"{kind:<36}{tally.tried:>7}{tally.recovered:>11}{tally.passes:>8}{tally.repeats:>9}{len(tally.wrong):>7}"
