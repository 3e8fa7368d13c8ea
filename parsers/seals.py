"""Find every seal on a straightened colour page, measure it, and read what stands round its rim."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from domain.cover import Box, Seal, SealKind
from parsers.ocr import LineReader
from parsers.seal_blots import find_blots
from parsers.seal_foot import is_hidden
from parsers.seal_forgery import drawn_sign
from parsers.seal_geometry import Ring, clearness, find_rings, plausible
from parsers.seal_grey import has_grey_ring
from parsers.seal_marks import FAINT, InkMap, Map, Rgb8, ink_map, paper_colour
from parsers.seal_oval import followed
from parsers.seal_reading import SealText, is_legible, letter_count, read_texts
from parsers.seal_star import star_rings, surrounded
from parsers.seal_unroll import MIDDLE_INKED, Disc, disc, star_share, without_rims, written_share

MM_PER_INCH = 25.4
_SEARCH_DPI = 80.0
_SEARCH_SIDE = 940
"""Longer side in pixels of the picture that is searched when the scale is unknown (A4 at _SEARCH_DPI)."""
_RADII_MM = (14.0, 31.0)
"""Seals of 38–45 mm with a scan scale that errs by 15 %, and room for special seals."""
_RADII_SHARE = (0.045, 0.24)
"""The same as a share of the page's shorter side, for photographs without scale."""
_DIAMETER_MM = (30.0, 54.0)
"""Outside this nothing is an official seal: 38–45 mm, 15 % of scan error, and some for measuring."""
_CLEAR_RIM = 0.6
"""Share of a rim that must be inked for it to count without any text or star."""
_LEAST_LETTERS = 5
"""Letters from which a broken rim counts without a star: fewer are words that happen to stand in a bow."""
_SEEN = 0.15
_WRITTEN = 0.03
"""Inked share of the band of the name below which a ring has no name: of 79 drawn seals, 20 of them faint or worn, the least
had 0.065; of 27 circles, badges and rings drawn by hand 14 had 0.027 at most."""
_NEARLY_ALL, _STRONG = 0.999, 0.3
"""A page is searched for ink that is hardly there only where all but one pixel in a thousand have less density than this: of
five such seals the strongest had 0.22, a seal pressed well has 0.45."""
_ALIKE = 0.6
"""Share of the letters that two readings of one name have in common at least."""
_FULL_STAR = 0.3
"""The same from which it surely is a star: large letters leave more of it blank."""
_VISIBLE = 0.85
"""Share of a rim that lies on the page from which a star alone tells of a seal, and its absence of none."""
_SAME = 0.5
"""Share of the radius within which a ring's centre and a star belong to one seal."""
_TWICE = 0.2
"""The same for two rings that are one seal found twice: seals pressed twice lie farther apart, or cannot be read."""
_MOVED = 0.03
"""Share of the radius from which a ring round the star is another place to read than the ring as found."""
_SHORT_SIDE_MM = (120.0, 330.0)
"""A page whose shorter side is said to be outside this has a wrong scale (a photograph's 72 dpi), so none."""


@dataclass(frozen=True, kw_only=True)
class _Search:
    """The shrunk page that is searched, its ink, its paper colour, and how much smaller than the page it is."""

    small: Rgb8
    ink: InkMap
    paper: Map
    scale: float
    radii: tuple[float, float]
    dpi: float | None


@dataclass(frozen=True, kw_only=True)
class _Attempt:
    """A ring on the searched picture, the disc cut out there, and what was read on it."""

    ring: Ring
    of: Disc
    text: SealText


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A seal as read, its ring on the searched picture, and the direction of its foot if that was found."""

    ring: Ring
    down: float | None
    seal: Seal


def read_seals(rgb: Rgb8, *, dpi: float | None, page: int, recogniser: LineReader) -> tuple[Seal, ...]:
    """Every seal on the page (H×W×3 uint8, straightened), surest first; `page` is its number, `dpi` None if unknown."""
    search = _searched(rgb, dpi)
    if search is None:
        return ()
    seals = _seals(rgb, search, page=page, recogniser=recogniser)
    if seals or np.quantile(search.ink.density, _NEARLY_ALL) > _STRONG:
        return seals
    faint = replace(search, ink=replace(search.ink, floor=FAINT))
    return _seals(rgb, faint, page=page, recogniser=recogniser)


def _seals(rgb: Rgb8, search: _Search, *, page: int, recogniser: LineReader) -> tuple[Seal, ...]:
    """The seals that can be followed, then what may be seals but is too poor to follow."""
    stars = [followed(search.ink, star) for star in star_rings(search.ink, *search.radii)]
    rings = [followed(search.ink, ring) for ring in find_rings(search.ink, *search.radii)]
    places = _places(sorted(rings, key=clearness, reverse=True), stars)
    read: list[_Read] = []
    for ring in places:
        attempt = _attempted(rgb, ring, search, rings=places, stars=stars, recogniser=recogniser)
        seal = _seal(rgb, attempt, search, page)
        if seal is not None and not _near(attempt.ring, [other.ring for other in read], _TWICE):
            read.append(_Read(ring=attempt.ring, down=attempt.text.down, seal=seal))
    known = [each.ring for each in read]
    worn = [star for star in stars if not _near(star, known, 1.0) and surrounded(search.ink, star)]
    blots = find_blots(search.ink, *search.radii, [*known, *worn])
    unread = (_unread(each.scaled(1 / search.scale), rgb.shape, page) for each in (*worn, *blots))
    return (*_doubted(read, search.small.shape), *unread)


def _doubted(read: Sequence[_Read], shape: tuple[int, ...]) -> Iterator[Seal]:
    """The seals with what could not be seen of them: letters under another one, and a line under the star, where nothing shows which
    way is down, and which a seal that lies on a special one of the same name may have as well."""
    for each in read:
        others = [other for other in read if other is not each]
        across = [other for other in others if _crosses(each.ring, other.ring)]
        over = any(other.seal.bottom and _alike(each.seal, other.seal) for other in across)
        hidden = each.down is None or is_hidden(each.ring, each.down, [other.ring for other in others], shape)
        yield replace(each.seal, foot_hidden=over or hidden, crossed=bool(across))


def _alike(one: Seal, other: Seal) -> bool:
    """Whether two seals share most of their letters: the same name, read twice."""
    return len(set(one.text) & set(other.text)) >= _ALIKE * len(set(one.text))


def shows_grey_seal(rgb: Rgb8, *, dpi: float | None) -> bool:
    """Whether the rim of a seal stands on the page in black or grey, as on a copy."""
    search = _searched(rgb, dpi)
    return search is not None and has_grey_ring(search.small, search.paper, search.radii)


def _searched(rgb: Rgb8, dpi: float | None) -> _Search | None:
    height, width = rgb.shape[:2]
    if dpi and not _SHORT_SIDE_MM[0] <= min(height, width) / dpi * MM_PER_INCH <= _SHORT_SIDE_MM[1]:
        dpi = None
    scale = _SEARCH_DPI / dpi if dpi else _SEARCH_SIDE / max(height, width)
    size = (round(width * scale), round(height * scale))
    if min(size) < 40 or max(size) > 8 * _SEARCH_SIDE:
        return None
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    paper = paper_colour(small, 64)
    if dpi:
        radii = (_RADII_MM[0] / MM_PER_INCH * _SEARCH_DPI, _RADII_MM[1] / MM_PER_INCH * _SEARCH_DPI)
    else:
        radii = (_RADII_SHARE[0] * min(size), _RADII_SHARE[1] * min(size))
    return _Search(small=small, ink=ink_map(small, paper), paper=paper, scale=scale, radii=radii, dpi=dpi)


def _places(rings: Sequence[Ring], stars: Sequence[Ring]) -> tuple[Ring, ...]:
    """The rings as found, those round a star where they are clearer, and those that only a star shows; no two the same."""
    better = [max([ring, *_near(ring, stars, _SAME)], key=clearness) for ring in rings]
    alone = [star for star in stars if plausible(star) and star.coverage >= _CLEAR_RIM and star.visible > _VISIBLE]
    kept: list[Ring] = []
    for ring in (*better, *(star for star in alone if not _near(star, rings, _SAME))):
        if not _near(ring, kept, _TWICE):
            kept.append(ring)
    return tuple(kept)


def _attempted(
    rgb: Rgb8, ring: Ring, search: _Search, *, rings: Sequence[Ring], stars: Sequence[Ring], recogniser: LineReader
) -> _Attempt:
    """The seal in a ring, read in the ring as found and, unless that is sure, as its star and other seals suggest."""
    best = _read(rgb, ring, search, recogniser)
    for star in _near(ring, stars, _SAME):
        moved = math.hypot(star.x - ring.x, star.y - ring.y) > _MOVED * ring.radius
        if not best.text.sure and (moved or abs(star.radius / ring.radius - 1) > _MOVED):
            best = max(best, _read(rgb, star, search, recogniser), key=lambda each: each.text.sureness)
    across = [other for other in rings if _crosses(best.ring, other)]
    if across and not best.text.sure:
        bare = without_rims(rgb, best.ring.scaled(1 / search.scale), [each.scaled(1 / search.scale) for each in across])
        best = max(best, _read(bare, best.ring, search, recogniser), key=lambda each: each.text.sureness)
    if best.text.sure or not letter_count(best.text.rim.text):
        return best
    again = read_texts(best.of, recogniser, again=True)
    return replace(best, text=again) if again.sureness >= best.text.sureness else best


def _near(ring: Ring, others: Sequence[Ring], share: float) -> list[Ring]:
    """The others whose centre lies within `share` of the ring's radius."""
    return [each for each in others if math.hypot(each.x - ring.x, each.y - ring.y) <= share * ring.radius]


def _crosses(ring: Ring, other: Ring) -> bool:
    return _SAME * ring.radius < math.hypot(other.x - ring.x, other.y - ring.y) < ring.radius + other.radius


def _read(rgb: Rgb8, ring: Ring, search: _Search, recogniser: LineReader) -> _Attempt:
    of = disc(rgb, ring.scaled(1 / search.scale), _paper_at(search, ring))
    return _Attempt(ring=ring, of=of, text=read_texts(of, recogniser))


def _paper_at(search: _Search, ring: Ring) -> Map:
    height, width = search.paper.shape[:2]
    colour: Map = search.paper[min(max(int(ring.y), 0), height - 1), min(max(int(ring.x), 0), width - 1)]
    return colour


def _seal(rgb: Rgb8, attempt: _Attempt, search: _Search, page: int) -> Seal | None:
    """None where red marks happen to lie on a circle."""
    ring, of, text = attempt.ring, attempt.of, attempt.text
    on_page = ring.scaled(1 / search.scale)
    named = is_legible(text.rim) and letter_count(text.rim.text) >= _LEAST_LETTERS
    if ring.coverage < _CLEAR_RIM and not named and not _has_star(of):
        return None
    diameter = round(2 * on_page.radius * of.outer / search.dpi * MM_PER_INCH, 1) if search.dpi else None
    return Seal(
        page=page,
        box=_box(on_page, of.outer, rgb.shape),
        diameter_mm=diameter,
        kind=_kind(of, ring, text, diameter),
        text=text.rim.text,
        bottom=text.foot.text if text.foot else "",
        confidence=round(text.rim.confidence, 4),
        rim=text.rim,
        under_star=text.place,
        unread_foot=text.unread_foot,
        legible=is_legible(text.rim),
        suspect=drawn_sign(rgb, on_page, _paper_at(search, ring)),
    )


def _kind(of: Disc, ring: Ring, text: SealText, diameter: float | None) -> SealKind:
    """The form alone: whose it is, and which bottom words matter, is for the judge.

    A ring is called unofficial only where a star would have been seen: ink is strong and the middle lies on the page.
    """
    if diameter is not None and not _DIAMETER_MM[0] <= diameter <= _DIAMETER_MM[1]:
        return SealKind.OTHER
    rim, foot = text.rim, text.foot
    if foot is not None and rim.confidence > 0.5 and (foot.confidence > 0.7 or letter_count(foot.text) >= 3):
        return SealKind.SPECIAL
    middle, _ = star_share(of)
    seen = of.strength > _SEEN and ring.visible > _VISIBLE
    if is_legible(rim):  # only a star or an emblem makes it official
        return SealKind.SPECIAL if seen and middle <= MIDDLE_INKED else SealKind.OFFICIAL
    if seen and written_share(of) < _WRITTEN and not _has_star(of):
        return SealKind.OTHER
    clear = of.strength > 0.3 and ring.visible > _VISIBLE
    return SealKind.OTHER if clear and middle <= MIDDLE_INKED and not letter_count(rim.text) else SealKind.OFFICIAL


def _unread(blot: Ring, shape: tuple[int, ...], page: int) -> Seal:
    """What may be a seal, too poor to follow: for a person to see."""
    box = _box(blot, 1.0, shape)
    return Seal(page=page, box=box, diameter_mm=None, kind=SealKind.OFFICIAL, text="", confidence=0.0, legible=False)


def _has_star(of: Disc) -> bool:
    """Ink in the middle with blank paper round it."""
    middle, about = star_share(of)
    return middle > _FULL_STAR and about < 0.35 * middle


def _box(ring: Ring, grow: float, shape: tuple[int, ...]) -> Box:
    """The ring's bounding box in shares of the page, cut off at its edges."""
    half_x = grow * math.hypot(ring.a * math.cos(ring.tilt), ring.b * math.sin(ring.tilt))
    half_y = grow * math.hypot(ring.a * math.sin(ring.tilt), ring.b * math.cos(ring.tilt))
    height, width = shape[:2]
    return Box(
        x0=float(max(ring.x - half_x, 0) / width),
        y0=float(max(ring.y - half_y, 0) / height),
        x1=float(min(ring.x + half_x, width) / width),
        y1=float(min(ring.y + half_y, height) / height),
    )
