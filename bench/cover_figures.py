"""The figures of the cover bench from its records: goals with intervals, and a row a class of page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.cover_records import LEAST_PRINT, AlteredScore, PageRecord
from bench.intervals import Share
from domain.notice import Notice

REPEATED_FIELDS = ("单位", "是否备案", "主要功能", "使用APP名称", "APP主办者", "备案号")
"""Columns in which counties repeat the same value from row to row."""
_LEAST_ALTERED = 500
_LEAST_REPEATED = 150


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One goal: `share` must be at least `least` or at most `most`; `enough`: how many there must be to judge by."""

    name: str
    share: Share
    least: float | None = None
    most: float | None = None
    enough: int = 1

    @property
    def met(self) -> bool:
        """False too where there were too few to judge by."""
        value = self.share.value
        if value is None or self.share.of < self.enough:
            return False
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        wanted = f">= {self.least:.1%}" if self.least is not None else f"<= {self.most or 0:.1%}"
        few = f" (of at least {self.enough})" if self.share.of < self.enough else ""
        return f"{'ok  ' if self.met else 'MISS'}  {self.name:<58}{self.share!s:>36}  {wanted}{few}"


def goals(records: Sequence[PageRecord], notice: Notice) -> list[Goal]:
    """What must hold on the whole; where of no page, a goal is not met."""
    return [*_seal_goals(records, notice), *_altered_goals(records), _sharing_goal(records), *_pair_goals(records)]


def _seal_goals(records: Sequence[PageRecord], notice: Notice) -> Iterator[Goal]:
    read = [each for each in records if each.owner and each.seal_readable and each.legible and each.colour]
    official = [each for each in read if each.official]
    strange = [each for each in records if each.colour and not _stamped(each)]
    yield Goal(name="seal present and legible: found", share=_share(read, lambda r: r.found), least=0.995)
    right = _share(official, lambda r: _named_right(r, notice))
    wrong = _share(official, lambda r: _named_wrong(r, notice))
    yield Goal(name="official seal: reporter named rightly", share=right, least=0.99)
    yield Goal(name="official seal: another reporter named", share=wrong, most=0.001)
    stamped = _share(strange, lambda r: r.called_stamped)
    yield Goal(name="no official seal of theirs in ink, in colour: called stamped", share=stamped, most=0.002)


def _stamped(record: PageRecord) -> bool:
    """Their official seal lies in ink on the paper that was scanned or photographed."""
    return record.official and record.owner == record.county and not record.on_screen


def _named_right(record: PageRecord, notice: Notice) -> bool:
    if record.owner == record.county:
        return record.finding == "theirs"
    owner = notice.reporter(record.owner)
    names = owner.seal_names if owner else ()
    return any(seal.finding == "anothers" and seal.named in names for seal in record.seals)


def _named_wrong(record: PageRecord, notice: Notice) -> bool:
    if record.owner == record.county:
        return record.finding == "anothers"
    strangers = [each.seal_names for each in notice.reporters if each.code != record.owner]
    named = {seal.named for seal in record.seals if seal.finding == "anothers"}
    return record.finding == "theirs" or any(named & set(names) for names in strangers)


def _altered_goals(records: Sequence[PageRecord]) -> Iterator[Goal]:
    altered = [each for record in records if record.legible for each in record.altered]
    headers = [each for each in altered if each.kind == "header"]
    yield Goal(name="altered title, unit or date: accepted", share=_counted(headers, _accepted), most=0.0)
    for name, chosen in _altered_sets([each for each in altered if each.kind != "header"]):
        enough = _LEAST_REPEATED if "repeated" in name or "paper" in name else _LEAST_ALTERED
        accepted = Goal(name=f"altered, {name}: accepted", share=_counted(chosen, _accepted), most=0.0, enough=enough)
        yield accepted
        yield Goal(name=f"altered, {name}: the cell itself passed", share=_counted(chosen, _passed), most=0.0)
        if name == "all":
            yield Goal(
                name="altered, all: the right cell named and no other", share=_counted(chosen, _named), least=0.98
            )


def _sharing_goal(records: Sequence[PageRecord]) -> Goal:
    """Pages printed from an altered workbook were read twice, with repeated print shared and with every crop read."""
    twice = [each for each in records if each.legible and each.unlike is not None]
    cells = sum(each.compared for each in twice)
    differing = sum(len(each.unlike or ()) for each in twice)
    return Goal(
        name="another verdict where repeated print is read once", share=Share(good=differing, of=cells), most=0.001
    )


def _altered_sets(scores: Sequence[AlteredScore]) -> Iterator[tuple[str, list[AlteredScore]]]:
    yield "all", list(scores)
    yield "digits", [each for each in scores if each.kind.startswith("digit")]
    yield "characters", [each for each in scores if each.kind.startswith("letter")]
    yield "repeated columns", [each for each in scores if each.repeated and each.field in REPEATED_FIELDS]
    yield "on paper", [each for each in scores if each.on_paper]


def _accepted(score: AlteredScore) -> bool:
    return score.accepted


def _passed(score: AlteredScore) -> bool:
    return score.passed


def _named(score: AlteredScore) -> bool:
    return score.named


def _pair_goals(records: Sequence[PageRecord]) -> Iterator[Goal]:
    true = [each for each in records if each.acceptable and each.legible]
    scans = [each for each in true if not each.photo]
    photos = [each for each in true if "scan: photo" in each.classes]
    large = [each for each in scans if not each.small_print]
    for name, chosen, least, most in (
        ("scans", scans, 0.98, 0.002),
        (f"scans, print from {LEAST_PRINT:.0f} px", large, 0.98, 0.002),
        ("phone photos", photos, 0.9, 0.005),
    ):
        accepted, rejected = (
            _share(chosen, lambda r: r.state == "accepted"),
            _share(chosen, lambda r: r.state == "rejected"),
        )
        yield Goal(name=f"true pairs, legible {name}: accepted without a person", share=accepted, least=least)
        yield Goal(name=f"true pairs, legible {name}: falsely rejected", share=rejected, most=most)
    yield Goal(name="accepted with printed cells not compared", share=_share(true, _skipping), most=0.0)


def _skipping(record: PageRecord) -> bool:
    """Accepted though filled cells of the printed rows were never compared: there, an alteration would pass unseen."""
    return record.state == "accepted" and record.compared < record.cells_printed


def _share(records: Sequence[PageRecord], good: Callable[[PageRecord], bool]) -> Share:
    return Share(good=sum(map(good, records)), of=len(records))


def _counted(scores: Sequence[AlteredScore], good: Callable[[AlteredScore], bool]) -> Share:
    return Share(good=sum(map(good, scores)), of=len(scores))


def class_rows(records: Sequence[PageRecord]) -> Iterator[str]:
    """A header and a line a class: true pairs that need no person by state, altered pairs, seals found."""
    yield f"{'class':<36}{'pages':>6} | {'true':>5}{'acc.':>6}{'review':>7}{'rej.':>5}  {'accepted, 95 %':<36}review, 95 %"
    labels = sorted({label for record in records for label in (*record.classes, record.print_class)})
    for label in [*labels, "legible", "not legible", "all"]:
        chosen = [each for each in records if _is_of(each, label)]
        if chosen:
            yield _class_row(label, chosen)


def altered_rows(records: Sequence[PageRecord]) -> Iterator[str]:
    """A header and a line a kind and a column: altered pairs on legible pages."""
    yield f"{'altered, on legible pages':<36}{'pairs':>6}{'accepted':>10}{'passed':>8}{'named':>7}  named, 95 %"
    scores = [each for record in records if record.legible for each in record.altered]
    for label in sorted({each.kind for each in scores}) + sorted({each.field for each in scores}):
        chosen = [each for each in scores if label in (each.kind, each.field)]
        named = _counted(chosen, _named)
        accepted, passed = sum(map(_accepted, chosen)), sum(map(_passed, chosen))
        yield f"{label:<36}{len(chosen):>6}{accepted:>10}{passed:>8}{named.good:>7}  {named}"


def _is_of(record: PageRecord, label: str) -> bool:
    if label in ("legible", "not legible"):
        return record.legible == (label == "legible")
    if label.startswith("print: "):
        return record.legible and record.print_class == label
    return label == "all" or label in record.classes


def _class_row(label: str, records: Sequence[PageRecord]) -> str:
    true = [each for each in records if each.acceptable]
    states = [sum(each.state == state for each in true) for state in ("accepted", "review", "rejected")]
    accepted, review = (Share(good=count, of=len(true)) for count in states[:2])
    counts = f"{len(true):>5}{states[0]:>6}{states[1]:>7}{states[2]:>5}"
    return f"{label:<36}{len(records):>6} | {counts}  {accepted!s:<36}{review}"


def seal_rows(records: Sequence[PageRecord]) -> Iterator[str]:
    """A header and a line a class of mark: what the seals of colour pages amount to."""
    findings = ("theirs", "unreadable", "special", "anothers", "unofficial", "")
    yield f"{'on paper (colour pages)':<28}{'pages':>6} " + "".join(f"{each or 'no seal':>11}" for each in findings)
    for label in sorted({each.mark for each in records}):
        chosen = [each for each in records if each.mark == label and each.colour]
        counts = [sum(each.finding == finding for each in chosen) for finding in findings]
        yield f"{label:<28}{len(chosen):>6} " + "".join(f"{count:>11}" for count in counts)


def faults(record: PageRecord) -> Iterator[str]:
    """What went wrong on a page, for a reader who wants to mend it."""
    head = f"{record.seed} {record.file} {', '.join(record.classes)}; {record.dpi} dpi q{record.quality} {record.skew}°"
    if record.acceptable and record.legible and record.state != "accepted":
        yield f"{head}: true pair {record.state} {' '.join(record.codes)}"
        for cell in record.doubts:
            if cell.verdict != "match":
                yield (
                    f"    {cell.verdict} {cell.address} {cell.field}: {cell.expected} read {cell.read} "
                    f"({cell.score}, {cell.confidence}, {cell.letter})"
                )
    for each in record.altered:
        if record.legible and (each.passed or not each.named):
            seen = f"{each.cell.read} ({each.cell.verdict} {each.cell.score})" if each.cell else "not compared"
            what = "ACCEPTED" if each.accepted else "passed" if each.passed else f"also told {' '.join(each.extra)}"
            where = "on paper" if each.on_paper else "in the workbook"
            yield f"{head}: {each.kind} {where} {each.field} {each.before} > {each.after}: {what}, read {seen}"
    if record.legible and record.colour and record.seal_readable and record.owner == record.county and record.official:
        if record.finding != "theirs":
            seals = [(each.kind, each.text, each.finding) for each in record.seals]
            yield f"{head}: own seal is {record.finding or 'not found'} {seals}"
    elif record.colour and record.called_stamped and record.owner != record.county:
        yield f"{head}: called stamped"
