"""Signs that a seal is a printer's picture: its ink lies on a lattice, and the paper about it does not.

A stamp leaves ink where fibres take it, without period. A laser printer makes red of magenta and yellow dots or lines on a
lattice of 100 to 212 a inch, which a scan shows as it is or, too coarse for it, as slower waves: one wave all over the seal.
What the paper shows as well is not the seal's: a tinted cell under real ink, a screen that was photographed, a scanner's
stripes. An inkjet scatters its droplets; of that nothing is left in a scan, and a picture of pure red is printed solid.
So nothing seen proves no stamp.
"""

from __future__ import annotations

import numpy as np

from parsers.lattice import Mask, grain, near, standing_out, strongest
from parsers.seal_marks import Rgb8

_PRINTED = 20.0
"""How far a wave stands out that no grain of ink makes."""
_SHARED = 8.0
"""How far it stands out of the paper where it is not the seal's own."""
_LEAST_INKED, _LEAST_BARE = 1500, 1500
"""Pixels of ink, and of bare paper, below which neither tells."""


def is_printed(part: Rgb8, inked: Mask, bare: Mask) -> bool:
    """Whether the ink of a seal's surroundings (H×W×3, its inked and its bare pixels) surely lies on a printer's lattice.

    Red light passes red ink whatever its strength, so there the ink's own grain hardly shows, while JPEG's shared brightness
    brings the dots along; without JPEG they show in green.
    """
    if inked.sum() < _LEAST_INKED or bare.sum() < _LEAST_BARE:
        return False
    for channel in (part[..., 0].astype(np.float32), part[..., 1].astype(np.float32)):
        wave = strongest(standing_out(grain(channel, inked)))
        if wave.height > _PRINTED and near(standing_out(grain(channel, bare)), wave) < _SHARED:
            return True
    return False
