"""A stamped cover as read: pages, their printed cells with the recogniser's alternatives, and seals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

Step = tuple[tuple[str, float], ...]
Lattice = tuple[Step, ...]
"""The recogniser's output, pruned: per time step the candidates (character, natural log probability), best first.

"" is the CTC blank. Steps where blank alone is likely are kept as one candidate. A character that is not listed at a
step has a probability below the reading's `floor`.
"""
LEGIBLE_QUALITY = 0.5
"""From this page quality on, what is not seen on a page is not there (`parsers.quality`: where a person guesses). Below it
nothing contradicts the workbook: on a photograph at 150 dpi of quality 0.26, 授 was read as 投 with 0.99 and 试 as 议 with 0.94."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle in fractions (0–1) of the page as received, origin top left."""

    x0: float
    y0: float
    x1: float
    y1: float


def around(boxes: Iterable[Box | None]) -> Box | None:
    """The smallest box round all that are known; None round nothing."""
    known = [box for box in boxes if box]
    if not known:
        return None
    return Box(
        x0=min(box.x0 for box in known),
        y0=min(box.y0 for box in known),
        x1=max(box.x1 for box in known),
        y1=max(box.y1 for box in known),
    )


@dataclass(frozen=True, kw_only=True)
class TextReading:
    """Text read from one crop: best `text`, mean `confidence` 0–1, and what the recogniser thought of other texts.

    `lines` has one lattice a printed line, top to bottom (a wrapped cell has several).
    """

    text: str
    confidence: float
    lines: tuple[Lattice, ...] = ()
    floor: float = -12.0


@dataclass(frozen=True, kw_only=True)
class PageCell:
    """A cell of the printed table: grid `row` and `column` (0-based; row 0 may be a title inside the frame)."""

    row: int
    column: int
    box: Box
    reading: TextReading
    column_span: int = 1
    under_seal: bool = False
    upright: Box | None = None
    """`box` on the straightened page, in fractions of that: what stands on one row does so here."""


@dataclass(frozen=True, kw_only=True)
class TextLine:
    """A line of print outside the table."""

    box: Box
    reading: TextReading
    upright: Box | None = None
    """`box` on the straightened page, in fractions of that."""


class SealKind(StrEnum):
    OFFICIAL = "official"  # round, star or emblem, name round the rim
    SPECIAL = "special"  # its own bottom text says 财务专用章 or the like
    OTHER = "other"  # red, but no official form


@dataclass(frozen=True, kw_only=True)
class Seal:
    """A seal found on a page. `text` is the rim left to right, `bottom` the line under the star.

    `suspect` names why it looks drawn, pasted or printed rather than inked (`parsers.seal_forgery`), or `screen`: no paper
    was before the camera (`parsers.screen_photo`).
    `diameter_mm` is None without a scale. `legible` is the reader's judgement that rim text could be read at all.
    """

    page: int
    box: Box
    diameter_mm: float | None
    kind: SealKind
    text: str
    bottom: str = ""
    confidence: float
    rim: TextReading | None = None
    under_star: TextReading | None = None
    """All that stands where a special seal has its line, read as one, be it print: may it say a special word?"""
    unread_foot: bool = False
    """Ink stands where such a line would, and was not read as one: print, ruling, or a line that is worn."""
    foot_hidden: bool = False
    """Another seal or the page's edge lies there, so that such a line could not be seen."""
    crossed: bool = False
    """Another seal lies on it, so that letters of its name may not be seen."""
    legible: bool
    suspect: str | None = None
    upright: Box | None = None
    """`box` on the straightened page, in fractions of that."""
    picture: str | None = None
    """SHA-256 of its crop from the straightened page, a JPEG."""
    rim_picture: str | None = None
    """SHA-256 of the unrolled rim as it was read, a PNG."""


class PageKind(StrEnum):
    SCAN = "scan"  # one raster fills the page
    BORN_DIGITAL = "born_digital"  # drawn text, no raster of the page
    PASTED = "pasted"  # drawn text with a picture of a seal


@dataclass(frozen=True, kw_only=True)
class PageOrigin:
    """The file and the page of it (`number` from 1) that a page of a cover in several files came from."""

    file: str
    sha256: str
    number: int


@dataclass(frozen=True, kw_only=True)
class CoverPage:
    """One page: `number` from 1, going on from file to file where a cover came in several. `colour` False: nothing on
    it has colour, or the only seal on it is black or grey as on a copy. `quality` 0–1, see `parsers.quality`."""

    number: int
    kind: PageKind
    colour: bool
    quality: float
    dpi: float | None
    photo: bool
    turned: int
    """Quarter turns (degrees clockwise) that were undone to read the page."""
    skew_degrees: float
    columns: int
    ruled: bool = True
    """False where the page shows no ruling, or traces of it: which print is one cell is a guess, which contradicts nothing."""
    cells: tuple[PageCell, ...] = ()
    lines: tuple[TextLine, ...] = ()
    """Print above and below the table, top to bottom: title, header fields, notes."""
    seals: tuple[Seal, ...] = ()
    origin: PageOrigin | None = None
    """Set where the page stands in another file than the cover's first."""
    picture: str | None = None
    """SHA-256 of the straightened page, a JPEG; None for a blank page, and for one read before pictures were kept."""
    form_code: str | None = None
    """What the code of a blank form of ours says that stands on it (`domain.form_code`); None for a page without one, and for one
    read before codes were."""

    @property
    def pictures(self) -> tuple[str, ...]:
        """SHA-256 of every picture of the page and its seals, the page's first."""
        of_seals = (name for seal in self.seals for name in (seal.picture, seal.rim_picture))
        return tuple(dict.fromkeys(name for name in (self.picture, *of_seals) if name))


@dataclass(frozen=True, kw_only=True)
class Cover:
    """A scan as read. `file` and `sha256` are of its first file; `page_count` counts the pages of all its files, also
    those that belong to the cover of another workbook, and those that were not read."""

    file: str
    sha256: str
    pages: tuple[CoverPage, ...]
    page_count: int
    unread: int = 0
    """How many pages lie beyond the limit of pages."""
    signed: bool = False
    """The file carries an electronic signature (a signed PDF, an OFD)."""

    @property
    def seals(self) -> tuple[Seal, ...]:
        """The seals of all pages, in their order."""
        return tuple(seal for page in self.pages for seal in page.seals)

    @property
    def pictures(self) -> tuple[str, ...]:
        """SHA-256 of every picture kept of it, in the order of the pages."""
        return tuple(dict.fromkeys(name for page in self.pages for name in page.pictures))


@dataclass(frozen=True, kw_only=True)
class ReadCover:
    """A cover as read, and the bytes of the pictures it names, by their SHA-256."""

    cover: Cover
    pictures: Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True)
class CoverFailure:
    """A file that should be the cover but cannot be used: `code` is a problem code (`cover.encrypted`, …)."""

    file: str
    sha256: str
    code: str
    cause: str = ""
    """Of `cover.unreadable`, which words tell it: `unbegun`, else ""."""
    detail: str = ""
