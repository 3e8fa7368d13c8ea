"""What shines through from the back of the sheet is no print: paler than the page's print, and hardly read as anything.

Where the table is ruled the mask of its print leaves it out; the text detector, which serves where nothing is ruled, finds it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from parsers.ocr import Line

Pixels = NDArray[np.uint8]

_PAPER = 250.0
_DARKEST = 2  # percentile of a crop's levels: the strokes of even a lone 1
_PALE = 0.45
"""Of the usual darkness: below it print shines through. On two tuning and judging pages the back had 0.14 to 0.44, print 0.86 and more."""
_HARDLY = 0.6  # mean confidence up to which pale marks count as no print: a pale word that can be read is one
_KNOWN = 0.9  # confidence of the readings that tell how dark the page's print is,
_FEW = 8  # and how many they must be


def usual_darkness(crops: Sequence[Pixels], read: Sequence[Line]) -> float:
    """By how many levels the page's print is darker than paper, by the crops (H×W grey in even light) that were read surely; 0 where
    they are too few to tell."""
    known = [_darkness(crop) for crop, line in zip(crops, read, strict=True) if line.confidence >= _KNOWN]
    return float(np.median(known)) if len(known) >= _FEW else 0.0


def shines_through(crop: Pixels, line: Line, usual: float) -> bool:
    """Whether a crop is no print of this side, on a page whose print has the `usual` darkness."""
    return line.confidence < _HARDLY and _darkness(crop) < _PALE * usual


def _darkness(crop: Pixels) -> float:
    return _PAPER - float(np.percentile(crop, _DARKEST))
