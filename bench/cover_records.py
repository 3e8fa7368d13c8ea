"""What the cover bench keeps of each page: labels of its maker, what was read and decided, scores of every doubt.

One JSON line a page, so that figures and pictures can be made again without reading a page again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PRINT_SIZES = (12, 16, 20, 28)
LEAST_PRINT = 16.0


@dataclass(frozen=True, kw_only=True)
class CellScore:
    """One compared value that was not simply read as expected. `score` is minus the deficit in nats, `confidence` the
    reading's mean, `letter` the least probability among the letters that contradict the workbook (1 where none does)."""

    address: str
    field: str
    expected: str
    read: str
    verdict: str
    score: float
    confidence: float
    letter: float


@dataclass(frozen=True, kw_only=True)
class AlteredScore:
    """One altered pair. `on_paper`: the page was printed so; else the workbook was altered after reading.

    `accepted`: nothing of the comparison asks for a person or rejects. `passed`: the altered cell itself counts as the
    same, whatever becomes of the page. `named`: the altered cell is told, and no other that the true pair is not told of.
    """

    on_paper: bool
    kind: str
    field: str
    repeated: bool
    before: str
    after: str
    accepted: bool
    passed: bool
    named: bool
    extra: tuple[str, ...]
    """Addresses told beside the right one."""
    cell: CellScore | None


@dataclass(frozen=True, kw_only=True)
class SealScore:
    """One seal as read. `finding` for the county of the cover, `score` of its own names, `other` the best of any other
    reporter's, `letter` the reading's least sure letter, `special` how far the nearest special word is from what stands under
    the star (nats a letter)."""

    kind: str
    text: str
    bottom: str
    legible: bool
    suspect: str
    confidence: float
    finding: str
    named: str
    score: float
    other: float
    letter: float
    special: float


@dataclass(frozen=True, kw_only=True)
class PageRecord:
    """One page. The first part is the maker's word (see `samples.maker.covers`), the second what came of it."""

    seed: int
    classes: tuple[str, ...]
    county: str
    mark: str
    owner: str
    official: bool
    seal_readable: bool
    legible: bool
    photo: bool
    colour: bool
    acceptable: bool
    dpi: int
    quality: int
    skew: float
    print_px: float
    """Height of most print as scanned, in pixels an em."""
    cells_printed: int
    """Filled cells of the rows that stand on the page."""
    file: str

    state: str
    codes: tuple[str, ...]
    seals: tuple[SealScore, ...]
    compared: int
    """How many of them were compared."""
    matched: int
    doubts: tuple[CellScore, ...]
    altered: tuple[AlteredScore, ...]
    unlike: tuple[str, ...] | None
    """Cells of which another verdict came of reading repeated print every time; None where that was not tried."""
    seconds: float
    """CPU time of decoding and reading."""
    memory_mb: int
    """Greatest resident size so far of the process that read and judged it,"""
    decoder_mb: int
    """and of the one that decoded its file."""

    @property
    def print_class(self) -> str:
        """Label of the size of its print."""
        low = max((each for each in PRINT_SIZES if each <= self.print_px), default=0)
        high = min((each for each in PRINT_SIZES if each > self.print_px), default=0)
        return (
            f"print: {low}-{high} px" if low and high else f"print: from {low} px" if low else f"print: below {high} px"
        )

    @property
    def small_print(self) -> bool:
        """Smaller than the smallest standard raster in which every common character has its strokes (GB 5199: 15 × 16 dots)."""
        return self.print_px < LEAST_PRINT

    @property
    def on_screen(self) -> bool:
        """No sheet was photographed, but a screen."""
        return "scan: screen" in self.classes

    @property
    def found(self) -> bool:
        """A seal of official or special form was found."""
        return any(seal.kind != "other" for seal in self.seals)

    @property
    def finding(self) -> str:
        """What the seals amount to, best first; "" for none."""
        found = {seal.finding for seal in self.seals}
        order = ("theirs", "unreadable", "special", "anothers", "unofficial")
        return next((each for each in order if each in found), "")

    @property
    def called_stamped(self) -> bool:
        """The checks take the page as stamped with the reporter's seal."""
        return self.finding == "theirs" and not {"cover.colourless", "cover.seal_suspect"} & set(self.codes)


def write(path: Path, records: Iterable[PageRecord]) -> None:
    """Adds a line a record."""
    with path.open("a", encoding="utf-8") as out:
        for record in records:
            out.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")


def read(path: Path) -> Iterator[PageRecord]:
    """The records of a file, of several lines of one seed the last; nothing when there is no file."""
    if not path.exists():
        return
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    last = {line["seed"]: line for line in lines}
    yield from (_record(line) for line in last.values())


def _record(line: dict[str, Any]) -> PageRecord:
    altered = tuple(
        AlteredScore(**{**each, "extra": tuple(each["extra"]), "cell": _cell(each["cell"])}) for each in line["altered"]
    )
    return PageRecord(
        **{
            **line,
            "classes": tuple(line["classes"]),
            "codes": tuple(line["codes"]),
            "unlike": None if line["unlike"] is None else tuple(line["unlike"]),
            "seals": tuple(SealScore(**each) for each in line["seals"]),
            "doubts": tuple(CellScore(**each) for each in line["doubts"]),
            "altered": altered,
        }
    )


def _cell(value: dict[str, Any] | None) -> CellScore | None:
    return CellScore(**value) if value else None
