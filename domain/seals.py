"""Whose seal is it? Asks of each name that could stand on the rim: does the rim say *this*?

The question is put to the recogniser's own output (CTC forced alignment), not to its best guess. "Cannot tell" is never
"no": only a sure reading that fits another name, or is far from every allowed one, counts against the sender.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from statistics import median

from domain.alignment import letters
from domain.cover import Lattice, Seal, SealKind, TextReading
from domain.notice import Reporter
from domain.seal_finding import SealFinding
from domain.special_seals import may_be_special, special_name, special_word
from domain.text import chinese, edit_distance

_FITS = -6.5
"""Natural log of how much less likely a name may be than the best reading and still count as what the rim says. Of 120 tuning seals
whose name differs from an own one in one letter two had more, -4.8 and -6.2, and in both that letter was sure (`_contradicted`)."""
_MARGIN = 3.0
"""By how much one's own name must fit better than any other's, and the other way round."""
_SURE_NOT = -9.0
"""Below this the rim surely does not say the name: about one character that the recogniser rules out."""
_SURE_READING = 0.9
"""Mean character confidence above which a reading may count against the sender."""
_SURE_LETTER = 0.95
"""Probability of every single letter from which one letter alone may speak against the sender. Of 260 drawn seals, most at
150 dpi, the 8 own ones with a letter misread had 0.88 at most in their least sure letter, 26 of 31 strange names 0.96 and
more."""
_PER_EDIT = -6.0
"""Stands for one wrong character where no lattice was kept."""
_SPELLS = -0.5
"""Score of a reading that says the name to the letter, or hardly says anything else."""
_NEAR = 3
"""Names more edits away than this are not aligned: they cannot fit."""
_NEUTRAL, _LONG_NAME = "市和", 7
"""Letters without which a name of so many letters still names the same unit: 东阳北安县教育局, 教育体育局."""
_SPELT, _SPELT_SURE = 2, 0.85
"""Letters by which a rim must differ from every own name for another reporter's name to count by its spelling, and the mean
confidence that is enough for it then."""
_CLOSE = -4.0
"""Score from which a name's own letter was close behind the one that was read. Of 92 seals on tuning crops whose name differs from
an own one in one letter, the nearest had -4.8."""
_LEAST_LETTERS = 5
"""Fewer letters name no unit; the seal may be cut off."""


@dataclass(frozen=True, kw_only=True)
class SealVerdict:
    """What one seal amounts to. `named`: the name on it, with the special words; `score`: log ratio of the own name, ≤ 0;
    `other`: that of the best other reporter's name."""

    kind: SealFinding
    named: str | None = None
    score: float = 0.0
    other: float = 2 * _SURE_NOT


@dataclass(frozen=True, kw_only=True)
class _Fit:
    name: str
    score: float
    edits: int
    nearest: float
    """The score of the reading that fits best; `score` is the mean of all."""


def judge_seal(
    seal: Seal, reporter: Reporter | None, others: Sequence[Reporter], special_words: Sequence[str]
) -> SealVerdict:
    """What the seal amounts to for `reporter` (None: unknown); `others` may hold the reporter too."""
    if seal.kind is SealKind.OTHER:
        return SealVerdict(kind=SealFinding.UNOFFICIAL)
    rim = chinese(seal.text)
    if not seal.legible or not rim:
        return SealVerdict(kind=SealFinding.UNREADABLE)
    own_names = _names([reporter] if reporter else [])
    other_names = [name for name in _names(_without(others, reporter)) if name not in own_names]
    word = special_word(seal, special_words)
    reading = _reading(seal)
    if word and rim.endswith(word):  # the kind stands on the rim, after the name
        own_names = [name + word for name in own_names]
        other_names = [name + word for name in other_names]
    rims = _rims(reading)
    own = _best(rims, reading, own_names)
    other = _best(rims, reading, other_names)
    lined = seal.kind is SealKind.SPECIAL or len(chinese(seal.bottom)) >= 2
    lined = lined or may_be_special(seal, special_words)
    full = {chinese(name) + end for name in (reporter.seal_names if reporter else ()) for end in ("", word)}
    # A 市 that the reader may have lost was not where it read a letter more (东阳丘东阳县教育局).
    replaced = own is not None and own.name not in full and len(rim) > len(own.name)
    verdict = _weighed(seal, rim, own, other, word, _foreign(rim, own_names), doubted=lined or replaced)
    verdict = replace(verdict, other=other.score if other else 2 * _SURE_NOT)
    if verdict.kind is SealFinding.SPECIAL and verdict.named:
        return replace(verdict, named=special_name(verdict.named, seal, word, special_words))
    return verdict


def _weighed(
    seal: Seal, rim: str, own: _Fit | None, other: _Fit | None, word: str, foreign: int, *, doubted: bool
) -> SealVerdict:
    """`word`: the special word on the seal; `doubted`: there may be a line under the star, or another letter in the own name; `foreign`
    as `_foreign`."""
    own_score = own.score if own else 2 * _SURE_NOT
    own_nearest = own.nearest if own else 2 * _SURE_NOT
    other_score = other.score if other else 2 * _SURE_NOT
    if own and own_score >= _FITS and own_score >= other_score + _MARGIN:
        if word:
            return SealVerdict(kind=SealFinding.SPECIAL, named=own.name, score=own_score)
        # A line under the star that no list explains: an official seal has none but a number. Of a name under another seal
        # letters may be missing (温阳县 read as 县), so there each must have been read.
        if doubted or (seal.crossed and own_score < _SPELLS) or _contradicted(own.name, _reading(seal)):
            return SealVerdict(kind=SealFinding.UNREADABLE, named=own.name, score=own_score)
        return SealVerdict(kind=SealFinding.THEIRS, named=own.name, score=own_score)
    # The line under the star takes letters off the rim's ends; its own words say what kind of seal it is.
    nearest = own is not None and own.edits <= _NEAR and own_score >= other_score
    if word and word not in rim and nearest and own is not None and len(rim) >= _LEAST_LETTERS:
        return SealVerdict(kind=SealFinding.SPECIAL, named=own.name, score=own_score)
    if own is not None and own.name in rim and own.name != rim:  # 河南省 before the county's name makes no other unit
        return SealVerdict(kind=SealFinding.UNREADABLE, named=own.name, score=own_score)
    sure = seal.confidence >= _SURE_READING and len(rim) >= _LEAST_LETTERS and own_nearest <= _SURE_NOT
    # With letters lost, 东阳市北安县教育局 could leave 县教育局东阳: then only a reading from its first letter is sure.
    told_apart = foreign > 0 or (other is not None and rim == other.name)
    # A rim that says another's name, and no own one but for several letters, needs less sureness.
    spelt = (
        other is not None and other_score >= _CLOSE and own is not None and own.edits >= _SPELT and foreign >= _SPELT
    )
    spelt = spelt and seal.confidence >= _SPELT_SURE and own_nearest <= _SURE_NOT
    if other and (spelt or (sure and other_score >= _FITS and told_apart)):
        return SealVerdict(kind=SealFinding.ANOTHERS, named=other.name, score=own_score)
    if sure and own and own.edits >= _NEAR and foreign >= max(_NEAR, 0.4 * len(rim)):
        return SealVerdict(kind=SealFinding.ANOTHERS, named=rim, score=own_score)
    # 安阳市教育局 has one letter that 东阳市教育局 cannot explain: enough where no letter of the reading is in doubt.
    if sure and own and foreign and _least_sure(_reading(seal)) >= _SURE_LETTER:
        return SealVerdict(kind=SealFinding.ANOTHERS, named=rim, score=own_score)
    return SealVerdict(kind=SealFinding.UNREADABLE, score=own_score)


def _least_sure(reading: TextReading) -> float:
    """Probability of the reading's least sure letter (0–1); 0 without a lattice."""
    return min((sure for _, sure in letters(reading.lines[:1])), default=0.0)


def _foreign(rim: str, own_names: Iterable[str]) -> int:
    """How many letters of the rim none of one's own names can explain, in whatever order they were read."""
    letters = Counter(rim)
    return min((len(rim) - (letters & Counter(name)).total() for name in own_names), default=len(rim))


def _names(reporters: Iterable[Reporter]) -> list[str]:
    """The letters of all names, also without one of those that part no two units: the reader loses a narrow 市 now and then."""
    full = dict.fromkeys(chinese(name) for each in reporters for name in each.seal_names)
    shorter = (
        name[:at] + name[at + 1 :]
        for name in full
        if len(name) >= _LONG_NAME
        for at, letter in enumerate(name)
        if letter in _NEUTRAL
    )
    return list(dict.fromkeys([*full, *shorter]))


def _without(others: Sequence[Reporter], reporter: Reporter | None) -> Iterator[Reporter]:
    return (other for other in others if reporter is None or other.code != reporter.code)


def _rims(reading: TextReading) -> tuple[str, ...]:
    """The letters of each reading of the rim; of the text alone where no lattice was kept."""
    read = tuple(chinese("".join(letter for letter, _ in letters((lattice,)))) for lattice in reading.lines)
    return read or (chinese(reading.text),)


def _reading(seal: Seal) -> TextReading:
    return seal.rim or TextReading(text=seal.text, confidence=seal.confidence)


def _best(rims: Sequence[str], reading: TextReading, names: Sequence[str]) -> _Fit | None:
    """The name that fits best; `rims` are the letters of each reading.

    The rim is a circle, so each reading may begin at any letter. Names that are many letters off every reading are not
    aligned.
    """
    best: _Fit | None = None
    for name in sorted(names, key=lambda each: min(_apart(rim, each) for rim in rims)):
        if best is not None and min(_apart(rim, name) for rim in rims) > best.edits + 1:
            break
        turned = [min((edit_distance(rim, turn), turn) for turn in _turns(name)) for rim in rims]
        edits = min(distance for distance, _ in turned)
        likely = best is None or edits <= best.edits + 1
        scores = _scores(reading, turned) if edits <= _NEAR and likely else [_PER_EDIT * max(edits, 1)]
        score = _agreed(scores)
        if best is None or (score, -edits) > (best.score, -best.edits):
            best = _Fit(name=name, score=score, edits=edits, nearest=max(scores))
    return best


def _agreed(scores: Sequence[float]) -> float:
    """The mean of the readings' scores; where most spell the name, or the surest does, others do not count: one may have been
    opened in its midst, or have lost its last letter."""
    spelt = max(median(scores), scores[0])
    return spelt if spelt >= _SPELLS else sum(scores) / len(scores)


def _contradicted(name: str, reading: TextReading) -> bool:
    """Most readings surely have a letter that the name has not, there: 局出 where a line stands under the star unseen.

    One letter read for another is none where the name's own was close behind (员 for 局).
    """
    strange = 0
    for lattice in reading.lines:
        read = [(letter, sure) for letter, sure in letters((lattice,)) if chinese(letter)]
        text = "".join(letter for letter, _ in read)
        turn = min(_turns(name), key=lambda turn: edit_distance(text, turn))
        close = _aligned(lattice, turn, reading.floor) >= _CLOSE
        matched = SequenceMatcher(None, turn, text, autojunk=False).get_opcodes()
        doubted = [
            sure
            for kind, a, b, c, d in matched
            if kind != "equal" and not (close and kind == "replace" and b - a == d - c)
            for _, sure in read[c:d]
        ]
        strange += max(doubted, default=0.0) >= _SURE_READING
    return 2 * strange > len(reading.lines)


def _apart(one: str, other: str) -> int:
    """A lower bound of the edit distance, whatever the order of letters."""
    return max(len(one), len(other)) - (Counter(one) & Counter(other)).total()


def _turns(name: str) -> Iterator[str]:
    return (name[start:] + name[:start] for start in range(max(len(name), 1)))


def _scores(reading: TextReading, turned: Sequence[tuple[int, str]]) -> list[float]:
    """For each reading the name's log-likelihood less that of the best path, ≤ 0."""
    if not reading.lines:
        return [_PER_EDIT * turned[0][0]]
    return [
        0.0 if edits == 0 else _aligned(lattice, turn, reading.floor)
        for lattice, (edits, turn) in zip(reading.lines, turned, strict=True)
    ]


def _aligned(lattice: Lattice, name: str, floor: float) -> float:
    best = sum(step[0][1] for step in lattice if step)
    return min(_forced(lattice, name, floor) - best, 0.0)


def _forced(lattice: Lattice, text: str, floor: float) -> float:
    """Log probability of the likeliest CTC path that spells `text` (Graves et al. 2006, section 4.1, with max for sum)."""
    labels = [""]
    for letter in text:
        labels += [letter, ""]
    impossible = float("-inf")
    paths = [0.0] + [impossible] * (len(labels) - 1)
    first = True
    for step in lattice:
        chances = dict(step)
        moved = []
        for place, label in enumerate(labels):
            came = paths[place]
            if place and (not first or place == 1):
                came = max(came, paths[place - 1])
            if place > 1 and label and label != labels[place - 2] and not first:
                came = max(came, paths[place - 2])
            moved.append(came + chances.get(label, floor))
        paths, first = moved, False
    return max(paths[-2:])
